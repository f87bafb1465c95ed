"""Saying that a target's address is its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.db import Sessions
from app.targets.by_key import UnknownTargetError, list_called, target_to_change
from app.targets.find import targets_of_lists
from app.targets.overrides import override
from app.targets.sync import sync_datasets
from app.targets.verify import (
    NothingToVerifyError,
    OtherAddressesError,
    mark_of,
    unverified,
    verify,
    verify_list,
)
from tests.targets.examples import ALICE, BOB, CHARLIE, places, targets


@pytest.fixture
def registry(sessions: Sessions, now: datetime) -> Sessions:
    with sessions.write() as session:
        sync_datasets(session, [places(), targets("people", ALICE, BOB, CHARLIE)], now, include_demo=True)
    return sessions


def test_who_checked_an_address_when_and_how_is_kept(registry: Sessions, now: datetime) -> None:
    for when, how in ((now, "rang the office"), (now + timedelta(days=9), " read on the website ")):
        with registry.write() as session:
            verify(target_to_change(session, "people", "c-1"), how, when, by=" Dana ")
    with registry.read() as session:
        alice, bob, _ = targets_of_lists(session, ["people"])
        assert (alice.verified_at, alice.verified_how) == (now + timedelta(days=9), "read on the website")
        assert alice.verified_by == "Dana"
        assert not bob.verified


@pytest.mark.parametrize(("slug", "external_id"), [("people", "c-9"), ("others", "c-1")])
def test_a_target_that_is_not_there_is_named(registry: Sessions, now: datetime, slug: str, external_id: str) -> None:
    with registry.write() as session, pytest.raises(UnknownTargetError, match=f"{external_id}.*{slug}"):
        verify(target_to_change(session, slug, external_id), "rang the office", now)


def test_a_target_without_an_address_cannot_be_verified(registry: Sessions, now: datetime) -> None:
    with registry.write() as session, pytest.raises(NothingToVerifyError, match="no e-mail address"):
        verify(target_to_change(session, "people", "c-3"), "rang the office", now)


def test_how_it_was_checked_has_to_be_said(registry: Sessions, now: datetime) -> None:
    with registry.write() as session, pytest.raises(NothingToVerifyError, match="Say how"):
        verify(target_to_change(session, "people", "c-1"), "  ", now)


# A whole list


def vouch(sessions: Sessions, now: datetime, how: str = "compared with the council's page", **options: str) -> int:
    with sessions.write() as session:
        return verify_list(session, list_called(session, "people"), how, now, by="Dana", **options)


def verified_of(sessions: Sessions) -> dict[str, bool]:
    with sessions.read() as session:
        return {one.external_id: one.verified for one in targets_of_lists(session, ["people"])}


def test_every_published_address_of_a_list_is_vouched_for(registry: Sessions, now: datetime) -> None:
    with registry.write() as session:
        verify(target_to_change(session, "people", "c-1"), "rang the office", now - timedelta(days=1), by="Ann")
    assert vouch(registry, now) == 1
    with registry.read() as session:
        alice, bob, charlie = targets_of_lists(session, ["people"])
    assert (alice.verified_how, alice.verified_by) == ("rang the office", "Ann")
    assert (bob.verified_at, bob.verified_how, bob.verified_by) == (now, "compared with the council's page", "Dana")
    assert not charlie.verified


def test_addresses_that_come_later_or_change_are_not_covered(registry: Sessions, now: datetime) -> None:
    vouch(registry, now)
    changed = replace(ALICE, email="alice.sample@zedmere.example")
    new = replace(BOB, external_id="c-9", name="Dana New", email="dana@zedmere.example")
    with registry.write() as session:
        sync_datasets(session, [places(), targets("people", changed, BOB, CHARLIE, new)], now, include_demo=True)
    assert verified_of(registry) == {"c-1": False, "c-2": True, "c-3": False, "c-9": False}


def test_what_staff_put_over_the_source_is_not_vouched_for_with_it(registry: Sessions, now: datetime) -> None:
    with registry.write() as session:
        alice = target_to_change(session, "people", "c-1")
        until = now + timedelta(days=9)
        override(session, alice, "email", "a@zedmere.example", why="rang", by="Ann", now=now, expires_at=until)
    assert vouch(registry, now) == 1
    assert verified_of(registry)["c-1"] is False


def test_only_what_was_seen_is_vouched_for(registry: Sessions, now: datetime) -> None:
    with registry.read() as session:
        seen = mark_of(unverified(session, list_called(session, "people")))
    with registry.write() as session:
        target_to_change(session, "people", "c-2").email = "other@zedmere.example"
    with pytest.raises(OtherAddressesError):
        vouch(registry, now, seen=seen)
    assert not any(verified_of(registry).values())
    with registry.read() as session:
        seen = mark_of(unverified(session, list_called(session, "people")))
    assert vouch(registry, now, seen=seen) == 2


def test_a_list_is_not_vouched_for_without_words_nor_twice(registry: Sessions, now: datetime) -> None:
    with pytest.raises(NothingToVerifyError, match="Say how"):
        vouch(registry, now, how=" ")
    vouch(registry, now)
    with pytest.raises(NothingToVerifyError, match="No address of the list 'people' waits"):
        vouch(registry, now)
    with registry.read() as session, pytest.raises(UnknownTargetError, match="no list 'others'"):
        list_called(session, "others")
