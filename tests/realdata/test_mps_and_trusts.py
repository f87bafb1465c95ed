"""All Members of Parliament and all NHS trusts, as published: every row is used, and what is missing is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.targets.importers import dfe_mps, nhs_trusts
from app.targets.importers.addresses import NO_EMAIL, NO_PLACE

pytestmark = pytest.mark.realdata


def test_all_650_members_are_read_and_the_four_without_an_address_are_told(real_data: Path) -> None:
    parsed = dfe_mps.parse((real_data / "mps" / "dfe_mp_lookup.csv").read_bytes())
    assert (len(parsed.rows), parsed.rejected, parsed.vacancies) == (650, (), ())
    without = [row.external_id for row in parsed.rows if not row.email]
    assert len(without) == 4
    assert [one.external_id for one in parsed.remarks if one.reason == NO_EMAIL] == without
    codes = {row.place.code for row in parsed.rows if row.place}
    assert len(codes) == 650
    assert all(re.fullmatch(r"E14\d{6}|W07\d{6}|S14\d{6}|N05\d{6}", code) for code in codes)
    assert len({row.external_id for row in parsed.rows}) == 650


def test_no_greeting_of_a_member_has_an_honour_or_guesses_a_title(real_data: Path) -> None:
    parsed = dfe_mps.parse((real_data / "mps" / "dfe_mp_lookup.csv").read_bytes())
    assert [row.salutation for row in parsed.rows if re.search(r"\b(Hon|MP|KC)\b", row.salutation)] == []
    titled = [row for row in parsed.rows if row.salutation != f"Dear {row.name}"]
    assert len(titled) == 98
    assert {row.salutation.split()[1] for row in titled} == {"Mr", "Mrs", "Ms", "Dr", "Sir", "Dame"}
    assert all(len(row.salutation.split()) == 3 for row in titled if row.salutation.split()[1] in {"Sir", "Dame"})


def test_all_242_trusts_are_read_with_their_codes_and_addresses(real_data: Path) -> None:
    parsed = nhs_trusts.parse((real_data / "nhs" / "nhs_trusts.csv").read_bytes())
    assert (len(parsed.rows), parsed.rejected) == (242, ())
    assert len({row.registration for row in parsed.rows}) == 242
    assert all(
        row.name != row.name.upper() and re.search(r" / [A-Z0-9]+ [A-Z0-9]+$", row.address) for row in parsed.rows
    )
    closed = [one.reason for one in parsed.remarks if one.external_id]
    assert len(closed) == 8
    assert all(reason.endswith("has the same postcode; one of the two may have closed") for reason in closed)
    assert [one.reason for one in parsed.remarks if not one.external_id] == [NO_PLACE]
