"""The whole of Edinburgh as it was published early in 2023: read, stored, found again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from app.db import Sessions
from app.targets.find import areas_with_targets, by_council, targets_for_area
from app.targets.importers.edinburgh import FORMAT, parse_councillors
from app.targets.importers.parsed import Parsed
from app.targets.imports import TargetImport, import_targets
from app.targets.models import AreaKind
from app.targets.postcode_imports import PostcodeImport, read_wards, store_edition
from app.targets.postcode_models import PostcodeSource
from app.targets.postcode_sets import SourceHead
from app.targets.postcodes import normalise
from app.targets.records import Council, Provenance
from tests.support.looking import areas_of_kind

pytestmark = pytest.mark.realdata

EDINBURGH = Council("S12000036", "City of Edinburgh")
SOURCE = Provenance("GitHub NateWr/edinburgh-councillors", date(2023, 2, 1), "MIT")

Import = Callable[[Parsed], tuple[TargetImport, PostcodeImport]]


@pytest.fixture
def folder(real_data: Path) -> Path:
    return real_data / "councillors" / "edinburgh"


@pytest.fixture
def parsed(folder: Path) -> Parsed:
    return parse_councillors((folder / "councillors.json").read_bytes())


@pytest.fixture
def import_all(sessions: Sessions, folder: Path, now: datetime) -> Import:
    """Import both files in one transaction."""
    edition = read_wards(folder / "postcodes.csv", EDINBURGH)

    def import_all(parsed: Parsed) -> tuple[TargetImport, PostcodeImport]:
        with sessions.write() as session:
            people = import_targets(
                session,
                parsed,
                form=FORMAT,
                council=EDINBURGH,
                list_slug="edinburgh",
                provenance=SOURCE,
                now=now,
            )
            codes = store_edition(session, edition, SourceHead("edinburgh", SOURCE))
        return people, codes

    return import_all


def test_every_councillor_is_greeted_by_surname(parsed: Parsed) -> None:
    assert parsed.rejected == ()
    assert len(parsed.rows) == 63
    greetings = {row.name: row.salutation for row in parsed.rows}
    several = {name: greeting for name, greeting in greetings.items() if name.count(" ") > 1}
    assert sorted(several.values()) == ["Dear Cllr Cameron", "Dear Cllr Graham", "Dear Cllr Mattos Coelho"]
    for name, greeting in greetings.items():
        assert name in several or greeting == f"Dear Cllr {name.split()[1]}"
    assert "Dear Cllr McNeese-Mechan" in greetings.values()


def test_every_councillor_has_a_key_an_address_a_party_and_a_ward(parsed: Parsed) -> None:
    assert len({row.external_id for row in parsed.rows}) == 63
    assert all(row.email.endswith("@edinburgh.gov.uk") and row.party for row in parsed.rows)
    assert len({row.place for row in parsed.rows}) == 17
    assert (parsed.remarks, parsed.vacancies) == ((), ())


def test_the_whole_city_is_stored_and_a_postcode_leads_to_its_councillors(
    sessions: Sessions, import_all: Import, parsed: Parsed
) -> None:
    people, codes = import_all(parsed)
    assert (people.areas.added, people.targets.added, people.rejected) == (18, 63, ())
    assert (bool(codes.areas), codes.postcodes.added, codes.rejections.count) == (False, 19_298, 0)
    with sessions.read() as session:
        assert session.scalars(select(PostcodeSource.live)).one() == 19_298
        ((council, wards),) = by_council(areas_with_targets(session, "councillor", AreaKind.WARD))
        assert (council, len(wards)) == ("City of Edinburgh", 17)
        (ward,) = areas_of_kind(session, normalise("eh11ad"), AreaKind.WARD)
        assert (ward.name, ward.code) == ("City Centre", "S12000036:city-centre")
        assert len(targets_for_area(session, "councillor", ward)) == 4


def test_the_same_files_again_change_nothing(import_all: Import, parsed: Parsed) -> None:
    import_all(parsed)
    people, codes = import_all(parsed)
    assert not people.areas
    assert not people.targets
    assert not codes.postcodes
    assert (people.targets.unchanged, codes.postcodes.unchanged) == (63, 19_298)


def test_a_councillor_who_is_missing_from_a_later_file_is_archived(
    sessions: Sessions, import_all: Import, parsed: Parsed
) -> None:
    import_all(parsed)
    leaver = next(row for row in parsed.rows if row.place and row.place.name == "City Centre")
    people, _ = import_all(replace(parsed, rows=tuple(row for row in parsed.rows if row is not leaver)))
    assert (people.targets.gone, people.targets.unchanged) == (1, 62)
    with sessions.read() as session:
        (ward,) = areas_of_kind(session, "EH1 1AD", AreaKind.WARD)
        names = [target.name for target in targets_for_area(session, "councillor", ward)]
    assert len(names) == 3
    assert leaver.name not in names
