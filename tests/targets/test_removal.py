"""Taking a target off its list by hand, so that no import brings it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.db import Sessions
from app.targets.by_key import UnknownTargetError, target_by_key
from app.targets.find import targets_of_lists
from app.targets.importers.parsed import Parsed
from app.targets.removal import RemovalError, remove_target, restore_target
from app.targets.sync import sync_datasets
from tests.targets.examples import ALICE as RECORD
from tests.targets.examples import ALICE_ROW, BOB_ROW, load, places, targets

LIST = "zedmere-councillors"


@pytest.fixture
def registry(sessions: Sessions, now: datetime) -> Sessions:
    """Sessions on a registry from which Alice was removed after an import."""
    with sessions.write() as session:
        load(session, now, Parsed((ALICE_ROW, BOB_ROW)))
        remove_target(session, LIST, "115", why=" asked not to be written to ", by="Dana", now=now)
    return sessions


def names(sessions: Sessions) -> list[str]:
    with sessions.read() as session:
        return [target.name for target in targets_of_lists(session, [LIST])]


def test_who_was_removed_is_written_to_no_more(registry: Sessions, now: datetime) -> None:
    assert names(registry) == ["Bob Verde"]
    with registry.read() as session:
        alice = target_by_key(session, LIST, "115")
        assert (alice.archived_at, alice.removed_at, alice.removed_by) == (now, now, "Dana")
        assert alice.removed_why == "asked not to be written to"


def test_no_import_brings_back_or_changes_who_was_removed(registry: Sessions, now: datetime) -> None:
    with registry.write() as session:
        done = load(session, now + timedelta(days=1), Parsed((replace(ALICE_ROW, party="Harbour Party"), BOB_ROW)))
    assert not done.targets
    assert done.targets.notes == ("stays removed: Alice Sample, because asked not to be written to",)
    assert names(registry) == ["Bob Verde"]
    with registry.read() as session:
        alice = target_by_key(session, LIST, "115")
        assert (alice.party, alice.archived_at, alice.fetched_at) == ("Lantern Party", now, now)


def test_no_sync_of_the_files_brings_back_who_was_removed(sessions: Sessions, now: datetime) -> None:
    datasets = [places(), targets(LIST, RECORD)]
    for _ in range(2):
        with sessions.write() as session:
            reports = sync_datasets(session, datasets, now, include_demo=True)
            if names_of := [target.name for target in targets_of_lists(session, [LIST])]:
                assert names_of == ["Alice Sample"]
                remove_target(session, LIST, "c-1", why="left in protest", by="Dana", now=now)
    assert names(sessions) == []
    assert not any(report.changes for report in reports)


def test_who_is_restored_is_on_the_list_as_before_and_the_next_import_decides(
    registry: Sessions, now: datetime
) -> None:
    with registry.write() as session:
        assert restore_target(session, LIST, "115").removed_why == ""
    assert names(registry) == ["Alice Sample", "Bob Verde"]
    with registry.write() as session:
        assert load(session, now, Parsed((BOB_ROW,))).targets.lines == ("- Alice Sample",)
    assert names(registry) == ["Bob Verde"]


def test_a_removal_says_why_and_is_made_once(registry: Sessions, now: datetime) -> None:
    with registry.write() as session:
        with pytest.raises(RemovalError, match="Say why"):
            remove_target(session, LIST, "116", why=" ", by="Dana", now=now)
        with pytest.raises(RemovalError, match="was removed on 2026-11-24 by Dana already: asked not to"):
            remove_target(session, LIST, "115", why="again", by="Dana", now=now)
        with pytest.raises(RemovalError, match="Bob Verde was not removed"):
            restore_target(session, LIST, "116")
        with pytest.raises(UnknownTargetError):
            remove_target(session, LIST, "999", why="gone", by="Dana", now=now)
