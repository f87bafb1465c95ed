"""Where areas lie, and what they are: the same whatever tells of them first, a county with a district in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from itertools import permutations
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.db import Sessions
from app.targets.area_imports import import_code_lists
from app.targets.areas import council_record, store_areas, ward_record
from app.targets.councils import store_councils
from app.targets.datasets import Dataset, Holds
from app.targets.elections import store_elections
from app.targets.importers.elections import ElectionRow
from app.targets.importers.local_authorities import CouncilRecord, Councils
from app.targets.importers.parsed import Parsed, Place, TargetRow
from app.targets.models import Area, AreaKind, Target
from app.targets.postcode_imports import read_ons, read_wards, store_edition
from app.targets.postcode_sets import SourceHead
from app.targets.postcodes import areas_of
from app.targets.records import AreaRecord, Council, TargetRole
from app.targets.sync import sync_datasets
from tests.targets.examples import ALICE, SOURCE, head, load, targets

WARD, DIVISION, COUNCIL, COUNTY = AreaKind.WARD, AreaKind.DIVISION, AreaKind.COUNCIL, AreaKind.COUNTY
THORNSHIRE, WEIRDALE = Council("Z10000001", "Thornshire"), Council("Z07000001", "Weirdale")
AREAS = (
    AreaRecord(THORNSHIRE.code, "Thornshire", COUNTY),
    AreaRecord(WEIRDALE.code, "Weirdale", COUNCIL, THORNSHIRE.code),
)
ONS = "pcds,doterm,laua,ward,ced,cty\nZZ2 1AA,,Z07000001,Z05000101,Z58000001,Z10000001\n"
NAMES = (
    "LAD25CD,LAD25NM,CTY25CD,CTY25NM\nZ07000001,Weirdale,Z10000001,Thornshire\n",
    "WD25CD,WD25NM,LAD25CD,LAD25NM\nZ05000101,Weir End,Z07000001,Weirdale\n",
    "CED25CD,CED25NM,CTY25CD,CTY25NM\nZ58000001,Lower Thorn,Z10000001,Thornshire\n",
)
EVERYTHING = {
    (THORNSHIRE.code, COUNTY, ""),
    (WEIRDALE.code, COUNCIL, THORNSHIRE.code),
    ("Z05000101", WARD, WEIRDALE.code),
    ("Z58000001", DIVISION, THORNSHIRE.code),
}

Step = Callable[[Session, datetime, Path], object]


def register(session: Session, _now: datetime, _folder: Path) -> None:
    """The register of councils."""
    told = Councils(tuple(CouncilRecord(area, None, (), frozenset()) for area in AREAS))
    store_councils(session, told, SOURCE)


def files(session: Session, now: datetime, _folder: Path) -> None:
    """The files of `targets/`, which name the councils alone."""
    sync_datasets(session, [Dataset(head("places", Holds.AREAS), areas=AREAS)], now, include_demo=True)


def district(session: Session, now: datetime, _folder: Path) -> None:
    """The councillors of the district, whose wards are named."""
    load(session, now, Parsed((councillor("weir", "Weir End", WARD),)), council=WEIRDALE, list_slug="district")


def county(session: Session, now: datetime, _folder: Path) -> None:
    """The councillors of the county, whose divisions are named."""
    load(session, now, Parsed((councillor("thorn", "Lower Thorn", DIVISION),)), council=THORNSHIRE, list_slug="county")


def ward_names(session: Session, _now: datetime, folder: Path) -> None:
    """A file of the district's postcodes with the names of its wards, and one of the county's with its divisions."""
    for council, ward in ((WEIRDALE, "Weir End"), (THORNSHIRE, "Lower Thorn")):
        file = folder / f"{council.code}.csv"
        file.write_text(f"Postcode,Ward\nZZ2 1AB,{ward}\n", encoding="utf-8")
        store_edition(session, read_wards(file, council), SourceHead(f"postcodes-{council.code}", SOURCE))


def ons(session: Session, _now: datetime, folder: Path) -> None:
    """An edition of ONS with its lists of names."""
    (folder / "ons.csv").write_text(ONS, encoding="utf-8")
    store_edition(session, read_ons([folder / "ons.csv"], name_files(folder)), SourceHead("ons", SOURCE))


def names(session: Session, _now: datetime, folder: Path) -> None:
    """The lists of names alone."""
    import_code_lists(session, name_files(folder))


STEPS: tuple[Step, ...] = (register, files, district, county, ward_names, ons, names)


def _order(steps: tuple[Step, ...]) -> str:
    return " ".join(step.__name__ for step in steps)


def name_files(folder: Path) -> list[Path]:
    paths = [folder / f"names-{number}.csv" for number in range(len(NAMES))]
    for path, text in zip(paths, NAMES, strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def councillor(external_id: str, place: str, kind: AreaKind) -> TargetRow:
    return TargetRow(
        "line 2",
        external_id,
        TargetRole.COUNCILLOR,
        "Fay Weir",
        "Dear Cllr Weir",
        Place(kind, place),
        email="f@w.example",
    )


def take(sessions: Sessions, now: datetime, folder: Path, *steps: Step) -> None:
    """Take steps, each in a transaction of its own."""
    for step in steps:
        with sessions.write() as session:
            step(session, now, folder)


def areas(sessions: Sessions) -> set[tuple[str, AreaKind, str]]:
    """The areas that have not ended: code, kind, parent's code."""
    with sessions.read() as session:
        rows = session.scalars(select(Area).where(Area.ended_on.is_(None)).options(joinedload(Area.parent)))
        return {(row.code, row.kind, row.parent.code if row.parent else "") for row in rows}


@pytest.mark.parametrize("seed", range(20))
def test_whatever_comes_first_all_is_the_same_in_the_end(
    sessions: Sessions, now: datetime, tmp_path: Path, seed: int
) -> None:
    steps = Random(seed).sample(STEPS, len(STEPS))  # noqa: S311 - chance, not secrecy
    take(sessions, now, tmp_path, *steps)
    assert areas(sessions) == EVERYTHING, _order(tuple(steps))
    with sessions.read() as session:
        seats = dict(session.execute(select(Target.external_id, Area.code).join(Area, Area.id == Target.area_id)).all())
        assert seats == {"weir": "Z05000101", "thorn": "Z58000001"}
        assert {area.code for area in areas_of(session, "ZZ2 1AA")} == {code for code, _, _ in EVERYTHING}


@pytest.mark.parametrize("steps", list(permutations([register, district, county, ward_names])), ids=_order)
def test_without_codes_of_wards_too(
    sqlite_sessions: Sessions, now: datetime, tmp_path: Path, steps: tuple[Step, ...]
) -> None:
    take(sqlite_sessions, now, tmp_path, *steps)
    assert areas(sqlite_sessions) == {
        (THORNSHIRE.code, COUNTY, ""),
        (WEIRDALE.code, COUNCIL, THORNSHIRE.code),
        (f"{WEIRDALE.code}:weir-end", WARD, WEIRDALE.code),
        (f"{THORNSHIRE.code}:lower-thorn", DIVISION, THORNSHIRE.code),
    }


@pytest.mark.parametrize("again", STEPS, ids=lambda step: step.__name__)
def test_nothing_takes_away_what_another_source_has_told(
    sqlite_sessions: Sessions, now: datetime, tmp_path: Path, again: Step
) -> None:
    take(sqlite_sessions, now, tmp_path, *STEPS, again)
    assert areas(sqlite_sessions) == EVERYTHING


def test_a_council_that_only_its_name_is_known_of_stays_in_its_county(sessions: Sessions) -> None:
    with sessions.write() as session:
        store_areas(session, AREAS)
        assert not store_areas(session, [council_record(WEIRDALE), council_record(THORNSHIRE)])
    assert areas(sessions) == {(area.code, area.kind, area.parent_code) for area in AREAS}


def test_a_countys_wards_are_divisions() -> None:
    assert ward_record(THORNSHIRE, "Lower Thorn").kind is DIVISION
    assert ward_record(WEIRDALE, "Weir End").kind is WARD


def test_names_that_tell_a_wards_council_tell_whether_its_councillors_are_stale(
    sessions: Sessions, now: datetime, tmp_path: Path
) -> None:
    with sessions.write() as session:
        store_areas(session, [*AREAS, AreaRecord("Z05000101", "Weir End", WARD)])
        store_elections(session, [ElectionRow("line 2", WEIRDALE.code, date(2026, 11, 20))], "Invented for a test")
        listed = targets("there", replace(ALICE, area_code="Z05000101"))
        sync_datasets(session, [listed], now, include_demo=True)
        assert session.scalars(select(Target.stale_from)).all() == [None]
    take(sessions, now, tmp_path, names)
    with sessions.read() as session:
        assert session.scalars(select(Target.stale_from)).all() == [date(2026, 11, 20)]
