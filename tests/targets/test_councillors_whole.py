"""Whole files of councillors as they are published: Trafford's, and one in ModernGov's shape with all its dirt."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from app.targets.importers import moderngov, trafford
from app.targets.importers.formats import guess
from app.targets.importers.parsed import Parsed, Place, TargetRow, VacantSeat
from app.targets.models import AreaKind
from app.targets.records import Rejected, TargetRole

pytestmark = pytest.mark.realdata

QUAYSIDE = Place(AreaKind.WARD, "Harbour & Quayside")
MOORSIDE = Place(AreaKind.WARD, "Moorside")


def test_trafford_has_its_62_councillors_in_21_wards_each_with_an_address(real_data: Path) -> None:
    raw = (real_data / "councillors" / "trafford" / "councillors.csv").read_bytes()
    assert guess(raw) is trafford.FORMAT
    parsed = trafford.parse(raw)
    assert (len(parsed.rows), parsed.rejected, parsed.remarks, parsed.vacancies) == (62, (), (), ())
    assert len({row.place for row in parsed.rows}) == 21
    assert all(row.email.endswith("@trafford.gov.uk") and row.party and row.source_url for row in parsed.rows)
    for row in parsed.rows:
        assert row.salutation == f"Dear Cllr {row.name.split()[-1]}"
        assert not row.name.startswith(("Councillor", "Mrs"))


def test_the_synthetic_moderngov_file_comes_out_exactly_right(real_data: Path) -> None:
    raw = (real_data / "councillors" / "moderngov_synthetic" / "CouncillorsByWard.xml").read_bytes()
    assert guess(raw) is moderngov.FORMAT
    assert moderngov.parse(raw) == Parsed(
        rows=(
            TargetRow(
                line="line 8",
                external_id="1001",
                role=TargetRole.COUNCILLOR,
                name="Ada Example",
                salutation="Dear Cllr Example",
                place=QUAYSIDE,
                email="ada.example@council.example",
                address="Town Hall / HX1 1UJ",
                party="Independent",
                attributes={"posts": ["Leader of the Council"]},
                valid_from=date(2026, 5, 8),
            ),
            TargetRow(
                line="line 22",
                external_id="1002",
                role=TargetRole.COUNCILLOR,
                name="Bola Sample-Okoro",
                salutation="Dear Cllr Dr Sample-Okoro",
                place=QUAYSIDE,
                email="bola.sample@council.example",
                party="Labour & Co-operative",
                valid_from=date(2026, 5, 8),
                valid_to=date(2030, 5, 6),
            ),
            TargetRow(
                line="line 31",
                external_id="1003",
                role=TargetRole.COUNCILLOR,
                name="Cerys O'Test",
                salutation="Dear Cllr O'Test",
                place=QUAYSIDE,
                email="cerys.otest@council.example",
                party="Green Party",
            ),
            TargetRow(
                line="line 51",
                external_id="1005",
                role=TargetRole.COUNCILLOR,
                name="Dafydd Prawf",
                salutation="Dear Cllr Prawf",
                place=MOORSIDE,
                email="dafydd.prawf@council.example",
                party="Plaid Cymru",
            ),
        ),
        rejected=(),
        remarks=(
            Rejected("line 22", "the e-mail address is that of the home address", "1002"),
            Rejected("line 22", "further addresses are left out: bola@party.example", "1002"),
            Rejected("line 31", "words beside the address are left out: 'for ward matters'", "1003"),
            Rejected("line 51", "the address was in capitals", "1005"),
            Rejected("line 60", "Emptied Ward has no councillor"),
        ),
        vacancies=(VacantSeat("line 44", MOORSIDE),),
    )
