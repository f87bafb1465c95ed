"""Saying that a target's address is its own."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from app.db import Sessions
from app.targets.by_key import UnknownTargetError
from app.targets.find import targets_of_lists
from app.targets.sync import sync_datasets
from app.targets.verify import NothingToVerifyError, verify_target
from tests.targets.examples import ALICE, BOB, CHARLIE, places, targets


@pytest.fixture
def registry(sessions: Sessions, now: datetime) -> Sessions:
    with sessions.write() as session:
        sync_datasets(session, [places(), targets("people", ALICE, BOB, CHARLIE)], now, include_demo=True)
    return sessions


def test_who_checked_an_address_when_and_how_is_kept(registry: Sessions, now: datetime) -> None:
    for when, how in ((now, "rang the office"), (now + timedelta(days=9), " read on the website ")):
        with registry.write() as session:
            assert verify_target(session, "people", "c-1", how, when, by=" Dana ").verified
    with registry.read() as session:
        alice, bob, _ = targets_of_lists(session, ["people"])
        assert (alice.verified_at, alice.verified_how) == (now + timedelta(days=9), "read on the website")
        assert alice.verified_by == "Dana"
        assert not bob.verified


@pytest.mark.parametrize(("slug", "external_id"), [("people", "c-9"), ("others", "c-1")])
def test_a_target_that_is_not_there_is_named(registry: Sessions, now: datetime, slug: str, external_id: str) -> None:
    with registry.write() as session, pytest.raises(UnknownTargetError, match=f"{external_id}.*{slug}"):
        verify_target(session, slug, external_id, "rang the office", now)


def test_a_target_without_an_address_cannot_be_verified(registry: Sessions, now: datetime) -> None:
    with registry.write() as session, pytest.raises(NothingToVerifyError, match="no e-mail address"):
        verify_target(session, "people", "c-3", "rang the office", now)


def test_how_it_was_checked_has_to_be_said(registry: Sessions, now: datetime) -> None:
    with registry.write() as session, pytest.raises(NothingToVerifyError, match="Say how"):
        verify_target(session, "people", "c-1", "  ", now)
