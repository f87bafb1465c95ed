"""How many postcodes in use lie in which areas, all sources taken together."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select

from app.db import Sessions
from app.targets.datasets import Dataset
from app.targets.models import Area
from app.targets.postcode_counts import groups_with_counts
from app.targets.postcode_imports import read_ons, store_edition
from app.targets.postcode_sets import SourceHead
from app.targets.postcodes import find
from app.targets.sync import sync_datasets
from tests.targets.examples import SOURCE, places, postcodes


def counts(sessions: Sessions) -> dict[str, int]:
    """Live postcodes by the codes of the areas that they lie in."""
    with sessions.read() as session:
        codes = dict(session.execute(select(Area.id, Area.code)).all())
        return {
            " ".join(sorted(codes[area] for area in group.area_ids)): group.live
            for group in groups_with_counts(session)
        }


def sync(sessions: Sessions, now: datetime, *datasets: Dataset) -> None:
    with sessions.write() as session:
        sync_datasets(session, [places(), *datasets], now, include_demo=True)


def test_postcodes_in_use_are_counted_by_their_areas(sessions: Sessions, tmp_path: Path) -> None:
    file = tmp_path / "edition.csv"
    rows = ["ZZ1 1AA,,Z05000001", "ZZ1 1AB,,Z05000001", "ZZ2 1AA,,Z05000001", "ZZ1 1AD,200001,Z05000001", "ZZ1 1AE,,"]
    file.write_text("\n".join(["pcds,doterm,ward", *rows]), encoding="utf-8")
    with sessions.write() as session:
        store_edition(session, read_ons([file]), SourceHead("ons", SOURCE))
    assert counts(sessions) == {"Z05000001": 3, "": 1}


def test_a_postcode_that_two_sources_have_counts_once_and_as_it_is_found(sessions: Sessions, now: datetime) -> None:
    wards = {"ZZ1 1AA": "Z05000001", "ZZ1 1AB": "Z05000003", "ZZ2 1AA": "Z05000001"}
    seats = {"ZZ1 1AA": "Z14000001", "ZZ1 1AB": "Z14000001 Z05000001", "ZZ3 1AA": "Z14000001"}
    sync(sessions, now, postcodes("wards", wards), postcodes("seats", seats, as_of=date(2020, 1, 1)))
    assert counts(sessions) == {
        "Z05000001 Z14000001": 1,
        "Z05000003 Z14000001": 1,
        "Z05000001": 1,
        "Z14000001": 1,
    }
    with sessions.read() as session:
        for postcode in {*wards, *seats}:
            found = find(session, postcode)
            assert found is not None
            assert " ".join(sorted(area.code for area in found.areas)) in counts(sessions)


def test_counts_follow_each_new_edition_and_each_new_day_of_a_source(sessions: Sessions, now: datetime) -> None:
    old, new = date(2020, 1, 1), date(2026, 1, 1)
    other = postcodes("other", {"ZZ1 1AA": "Z05000003"}, as_of=date(2023, 1, 1))
    sync(sessions, now, postcodes("codes", {"ZZ1 1AA": "Z05000001", "ZZ1 1AB": "Z05000001"}, as_of=new), other)
    assert counts(sessions) == {"Z05000001": 2}
    sync(sessions, now, postcodes("codes", {"ZZ1 1AA": "Z05000001", "ZZ1 1AB": "Z05000001"}, as_of=old), other)
    assert counts(sessions) == {"Z05000001": 1, "Z05000003": 1}
    sync(sessions, now, postcodes("codes", {"ZZ1 1AB": "Z14000001"}, as_of=new), other)
    assert counts(sessions) == {"Z14000001": 1, "Z05000003": 1}
