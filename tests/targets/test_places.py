"""The areas that a published file names, found in the registry."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db import Sessions
from app.targets.areas import area_ids, plain, store_areas
from app.targets.fields import FieldError
from app.targets.importers.parsed import Place
from app.targets.models import Area, AreaAlias, AreaKind
from app.targets.places import NotFoundError, Places
from app.targets.records import AreaRecord, Council

DAY = date(2026, 11, 1)
WARD, DIVISION, COUNCIL, COUNTY = AreaKind.WARD, AreaKind.DIVISION, AreaKind.COUNCIL, AreaKind.COUNTY
CONSTITUENCY = AreaKind.CONSTITUENCY
COUNTRY = (
    AreaRecord("Z10000001", "Zedshire", COUNTY),
    AreaRecord("Z07000001", "Alderley", COUNCIL, "Z10000001"),
    AreaRecord("Z07000002", "Zedshire", COUNCIL, "Z10000001"),
    AreaRecord("Z09000001", "Zedmere", COUNCIL),
    AreaRecord("Z09000009", "Old Zedmere", COUNCIL),
    AreaRecord("Z05000001", "Canalside", WARD, "Z09000001"),
    AreaRecord("Z09000001:canalside", "Canalside", WARD, "Z09000001"),
    AreaRecord("Z05000002", "St Peter's & Quay", WARD, "Z09000001"),
    AreaRecord("Z05000003", "Hilltop", WARD, "Z09000001"),
    AreaRecord("Z05000004", "Hilltop", WARD, "Z09000001"),
    AreaRecord("Z05000005", "Hilltop", WARD, "Z07000001"),
    AreaRecord("Z09000001:moorside", "Moorside", WARD, "Z09000001"),
    AreaRecord("Z58000001", "Hilltop", DIVISION, "Z10000001"),
    AreaRecord("Z14000001", "Zedmere and Thornby", CONSTITUENCY),
    AreaRecord("Z14000002", "Alderley", CONSTITUENCY),
)


@pytest.fixture
def country(sessions: Sessions) -> Sessions:
    """Two tiers and one, wards with codes and without, an old council and an old ward, and other names."""
    with sessions.write() as session:
        for tier in (COUNTRY[:1], COUNTRY[1:5], COUNTRY[5:]):
            store_areas(session, tier)
        end(session, "Z05000004", date(2020, 5, 1))
        end(session, "Z09000009", date(2020, 4, 1))
        ids = area_ids(session)
        names = {"Z09000001": "ZED", "Z07000001": "Borough of Alderley", "Z09000009": "OZD"}
        session.add_all([AreaAlias(alias=plain(name), area_id=ids[code]) for code, name in names.items()])
    return sessions


def end(session: Session, code: str, day: date) -> None:
    session.execute(update(Area).where(Area.code == code).values(ended_on=day))


def found(sessions: Sessions, place: Place, council: Council | None = None, day: date = DAY) -> str:
    with sessions.read() as session:
        return Places(session, council, day).find(place).code


@pytest.mark.parametrize(
    ("place", "code"),
    [
        (Place(WARD, code="Z05000005"), "Z05000005"),
        (Place(WARD, "Canalside", council="Zedmere"), "Z05000001"),
        (Place(WARD, "CANAL-SIDE", "Z05000001"), "Z05000001"),
        (Place(WARD, "st peters and quay", council="zed"), "Z05000002"),
        (Place(WARD, "Canalside Ward", council="Z09000001"), "Z05000001"),
        (Place(WARD, "Hilltop", council="ZED"), "Z05000003"),
        (Place(WARD, "Hilltop", council="borough of alderley"), "Z05000005"),
        (Place(WARD, "Moorside", council="Zedmere"), "Z09000001:moorside"),
        (Place(WARD, "Moorside", "Z05999999", council="Zedmere"), "Z09000001:moorside"),
        (Place(DIVISION, "Hilltop", council="Zedshire"), "Z58000001"),
        (Place(WARD, "Hilltop", council="Z10000001"), "Z58000001"),
        (Place(CONSTITUENCY, "Zedmere & Thornby"), "Z14000001"),
        (Place(CONSTITUENCY, "Whatever it is called", "Z14000002"), "Z14000002"),
        (Place(COUNCIL, "Zedmere"), "Z09000001"),
        (Place(COUNTY, "Zedshire"), "Z10000001"),
        (Place(COUNCIL, "Zedshire"), "Z07000002"),
    ],
)
def test_a_place_is_found_by_its_code_or_by_names(country: Sessions, place: Place, code: str) -> None:
    assert found(country, place) == code


@pytest.mark.parametrize(
    ("place", "why"),
    [
        (Place(WARD, "Canalside", council="Nowhere"), "no council 'Nowhere'"),
        (Place(WARD, "Canalside"), "does not say which council"),
        (Place(WARD, code="Z05999999", council="Zedmere"), "no ward Z05999999"),
        (Place(WARD, council="Zedmere"), "no ward is named"),
        (Place(WARD, "–", council="Zedmere"), "the ward has no name"),
        (Place(WARD, "Canalside", council="OZD"), "the council 'OZD' ceased to exist on 2020-04-01"),
        (Place(WARD, code="Z14000001"), "Z14000001 is the constituency Zedmere and Thornby, not a ward"),
        (Place(CONSTITUENCY, "Nowhere"), "no constituency 'Nowhere'"),
        (Place(CONSTITUENCY, "Alderley", "Z14999999"), "no constituency 'Z14999999'"),
        (Place(COUNCIL, "Canalside"), "no council 'Canalside'"),
    ],
)
def test_a_place_that_is_not_there_is_told(country: Sessions, place: Place, why: str) -> None:
    with pytest.raises(FieldError, match=why):
        found(country, place)


def test_a_council_that_ended_later_than_the_files_day_was_still_there(country: Sessions) -> None:
    with country.write() as session:
        places = Places(session, None, date(2019, 6, 1))
        assert places.council("OZD").code == "Z09000009"


def test_of_two_places_of_one_name_none_is_taken(country: Sessions) -> None:
    with country.write() as session:
        end_nothing = update(Area).where(Area.code == "Z05000004").values(ended_on=None)
        session.execute(end_nothing)
    with pytest.raises(NotFoundError, match="the ward 'Hilltop' of Zedmere may be any of Z05000003, Z05000004"):
        found(country, Place(WARD, "Hilltop", council="Zedmere"))


def test_a_ward_that_a_known_council_does_not_have_is_new(country: Sessions) -> None:
    with country.read() as session:
        places = Places(session, None, DAY)
        assert places.find(Place(WARD, "Quarry", council="ZED")).code == "Z09000001:quarry"
        assert places.find(Place(WARD, "quarry!", council="ZED")).code == "Z09000001:quarry"
        assert places.find(Place(WARD, "Kiln", "Z05000077", council="ZED")).code == "Z05000077"
        assert places.find(Place(WARD, "Kiln", council="Z10000001")).kind is DIVISION
        assert places.new == [
            AreaRecord("Z09000001:quarry", "Quarry", WARD, "Z09000001"),
            AreaRecord("Z05000077", "Kiln", WARD, "Z09000001"),
            AreaRecord("Z10000001:kiln", "Kiln", DIVISION, "Z10000001"),
        ]


def test_the_council_that_a_file_is_about_is_for_places_that_name_none(country: Sessions) -> None:
    zedmere = Council("Z09000001", "Another name")
    assert found(country, Place(WARD, "Canalside"), zedmere) == "Z05000001"
    assert found(country, Place(WARD, "Hilltop", council="Alderley"), zedmere) == "Z05000005"
    with country.read() as session:
        assert Places(session, zedmere, DAY).new == []


@pytest.mark.parametrize(("code", "kind"), [("Z09000005", COUNCIL), ("Z10000005", COUNTY)])
def test_a_council_that_is_new_comes_with_the_import(sessions: Sessions, code: str, kind: AreaKind) -> None:
    with sessions.read() as session:
        assert Places(session, Council(code, "Thornby"), DAY).new == [AreaRecord(code, "Thornby", kind)]


def test_a_council_by_the_code_of_something_else_is_refused(country: Sessions) -> None:
    with pytest.raises(NotFoundError, match="Z05000001 is the ward Canalside, not a council"):
        found(country, Place(WARD, "Canalside"), Council("Z05000001", "Canalside"))


def test_looking_changes_nothing(country: Sessions, now: datetime) -> None:
    del now
    with country.write() as session:
        before = session.scalars(select(Area.code)).all()
        Places(session, None, DAY).find(Place(WARD, "Quarry", council="ZED"))
        assert session.scalars(select(Area.code)).all() == before
