"""What staff put over a target's published value: with a reason, for a time, beside what the source goes on saying."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.db import Sessions
from app.targets.by_key import target_by_key, target_to_change
from app.targets.fields import FieldError
from app.targets.importers.parsed import Parsed, Place, TargetRow
from app.targets.imports import TargetImport
from app.targets.models import AreaKind, Target, TargetOverride
from app.targets.overlay import standing
from app.targets.overrides import LONGEST, OverrideError, end_override, expire_overrides, override, overrides_due
from app.targets.sync import sync_datasets
from app.targets.verify import verify
from tests.targets.examples import ALICE as RECORD
from tests.targets.examples import ALICE_ROW, BOB_ROW, load, places, statements, targets

LIST = "zedmere-councillors"
WEEK, DAY = timedelta(days=7), timedelta(days=1)


@pytest.fixture
def registry(sessions: Sessions, now: datetime) -> Sessions:
    """Sessions on a registry into which Alice and Bob were imported."""
    read_again(sessions, now, ALICE_ROW, BOB_ROW)
    return sessions


def read_again(sessions: Sessions, now: datetime, *rows: TargetRow) -> TargetImport:
    with sessions.write() as session:
        return load(session, now, Parsed(rows))


def put_over(
    sessions: Sessions, now: datetime, field: str = "email", value: str = "office@zedmere.example", **changes: Any
) -> None:
    """Override a field of Alice's in a transaction of its own."""
    usual = {"why": "she told us", "by": "Dana", "now": now, "expires_at": now + WEEK}
    with sessions.write() as session:
        override(session, target_to_change(session, LIST, "115"), field, value, **usual | changes)


def alice(sessions: Sessions) -> Target:
    with sessions.read() as session:
        return target_by_key(session, LIST, "115")


def in_force(sessions: Sessions) -> list[tuple[str, str, str]]:
    with sessions.read() as session:
        return [(one.field, one.value, one.published) for one in standing(session)]


def test_an_override_counts_and_keeps_what_the_source_says(registry: Sessions, now: datetime) -> None:
    put_over(registry, now)
    assert alice(registry).email == "office@zedmere.example"
    with registry.read() as session:
        [one] = standing(session)
    assert (one.published, one.why, one.made_by) == ("alice@zedmere.example", "she told us", "Dana")
    assert (one.made_at, one.expires_at) == (now, now + WEEK)
    assert (one.list_slug, one.external_id, one.name) == (LIST, "115", "Alice Sample")


def test_an_import_leaves_an_override_alone_and_says_nothing_while_the_source_says_the_same(
    registry: Sessions, now: datetime
) -> None:
    put_over(registry, now)
    again = read_again(registry, now + DAY, ALICE_ROW, BOB_ROW)
    assert (bool(again.targets), again.targets.unchanged) == (False, 2)
    assert alice(registry).email == "office@zedmere.example"


def test_what_the_source_says_newly_is_kept_beside_the_override_and_told(registry: Sessions, now: datetime) -> None:
    put_over(registry, now)
    moved = replace(ALICE_ROW, email="a.sample@zedmere.example", party="Harbour Party")
    done = read_again(registry, now + DAY, moved, BOB_ROW).targets
    changed, says = done.lines
    assert changed == "~ Alice Sample: party “Lantern Party” → “Harbour Party”"
    assert says == (
        "! Alice Sample: the source now says the email 'a.sample@zedmere.example'; the override of 2026-11-24 by Dana "
        "(she told us) stands over it until 2026-12-01"
    )
    assert (alice(registry).email, alice(registry).party) == ("office@zedmere.example", "Harbour Party")
    assert in_force(registry) == [("email", "office@zedmere.example", "a.sample@zedmere.example")]
    assert not read_again(registry, now + DAY, moved, BOB_ROW).targets


def test_a_source_that_has_nothing_any_more_is_told_so(registry: Sessions, now: datetime) -> None:
    put_over(registry, now)
    done = read_again(registry, now + DAY, replace(ALICE_ROW, email=""), BOB_ROW).targets
    assert (done.changed, done.unchanged) == (0, 2)
    assert done.lines[0].startswith("! Alice Sample: the source now has no email; the override of 2026-11-24")


def test_an_override_ends_when_the_source_has_come_to_say_the_same(registry: Sessions, now: datetime) -> None:
    put_over(registry, now)
    with registry.write() as session:
        verify(target_to_change(session, LIST, "115"), "she wrote back", now)
    done = read_again(registry, now + DAY, replace(ALICE_ROW, email="office@zedmere.example"), BOB_ROW).targets
    [line] = done.lines
    assert line == (
        "= Alice Sample: the source now says the email 'office@zedmere.example' too, so the override of 2026-11-24 by "
        "Dana (she told us) has ended"
    )
    assert in_force(registry) == []
    assert (alice(registry).email, alice(registry).verified) == ("office@zedmere.example", True)


def test_a_newer_override_ends_the_older_and_keeps_what_the_source_says(registry: Sessions, now: datetime) -> None:
    put_over(registry, now)
    put_over(registry, now + DAY, value="desk@zedmere.example")
    assert in_force(registry) == [("email", "desk@zedmere.example", "alice@zedmere.example")]
    with registry.read() as session:
        older, _ = session.scalars(select(TargetOverride).order_by(TargetOverride.id))
        assert (older.value, older.ended_at) == ("office@zedmere.example", now + DAY)


def test_overrides_of_two_fields_stand_side_by_side(registry: Sessions, now: datetime) -> None:
    put_over(registry, now)
    put_over(registry, now, field="salutation", value="Dear Cllr Dr Sample")
    assert [field for field, _, _ in in_force(registry)] == ["email", "salutation"]


def test_what_the_source_says_comes_back_when_the_time_is_over(registry: Sessions, now: datetime) -> None:
    put_over(registry, now)
    put_over(registry, now, field="party", value="")
    put_over(registry, now, field="name", value="Alice B. Sample", expires_at=now + 2 * WEEK)
    with registry.write() as session:
        assert not overrides_due(session, now + WEEK - DAY)
        assert expire_overrides(session, now + WEEK - DAY) == []
        assert overrides_due(session, now + WEEK)
        assert [one.field for one in expire_overrides(session, now + WEEK)] == ["email", "party"]
        assert not overrides_due(session, now + WEEK)
    row = alice(registry)
    assert (row.email, row.party, row.name) == ("alice@zedmere.example", "Lantern Party", "Alice B. Sample")


def test_an_import_begins_by_ending_what_is_over(registry: Sessions, now: datetime) -> None:
    put_over(registry, now)
    done = read_again(registry, now + WEEK, ALICE_ROW, BOB_ROW)
    assert [one.field for one in done.ended] == ["email"]
    assert not done.targets
    assert alice(registry).email == "alice@zedmere.example"


def test_staff_end_an_override_themselves(registry: Sessions, now: datetime) -> None:
    put_over(registry, now)
    with registry.write() as session:
        ended = end_override(session, target_to_change(session, LIST, "115"), "email", now + DAY)
        assert (ended.value, ended.published) == ("office@zedmere.example", "alice@zedmere.example")
    assert alice(registry).email == "alice@zedmere.example"
    with registry.write() as session, pytest.raises(OverrideError, match="no override in force of the email of Alice"):
        end_override(session, target_to_change(session, LIST, "115"), "email", now + DAY)


def test_an_overridden_address_is_verified_only_as_itself(registry: Sessions, now: datetime) -> None:
    with registry.write() as session:
        verify(target_to_change(session, LIST, "115"), "rang the office", now)
    put_over(registry, now, field="party", value="Harbour Party")
    assert alice(registry).verified
    put_over(registry, now)
    assert (alice(registry).verified, alice(registry).verified_by) == (False, "")
    with registry.write() as session:
        verify(target_to_change(session, LIST, "115"), "she wrote back", now)
    read_again(registry, now + DAY, replace(ALICE_ROW, email="a.sample@zedmere.example"), BOB_ROW)
    assert (alice(registry).verified, alice(registry).verified_how) == (True, "she wrote back")
    with registry.write() as session:
        expire_overrides(session, now + WEEK)
    assert (alice(registry).email, alice(registry).verified) == ("a.sample@zedmere.example", False)


def test_capitals_do_not_make_another_address(registry: Sessions, now: datetime) -> None:
    with registry.write() as session:
        verify(target_to_change(session, LIST, "115"), "rang the office", now)
    put_over(registry, now, value="Alice@zedmere.example")
    assert alice(registry).verified


def test_a_files_words_do_not_verify_an_address_that_staff_put_over_its_own(sessions: Sessions, now: datetime) -> None:
    def sync(verified: str) -> None:
        with sessions.write() as session:
            record = replace(RECORD, external_id="115", verified=verified)
            sync_datasets(session, [places(), targets(LIST, record)], now, include_demo=True)

    sync("")
    put_over(sessions, now)
    sync("read on the council's website")
    assert not alice(sessions).verified
    with sessions.write() as session:
        expire_overrides(session, now + WEEK)
    sync("read on the council's website")
    assert alice(sessions).verified_by == "the list's file"


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("email", "not an address", "the e-mail address is not one"),
        ("name", "  ", "name is empty"),
        ("salutation", "Dear Cllr Sample,", "ends with a comma"),
        ("party", "x" * 121, "longer than 120"),
        ("address", "1 High\u2028Street\x07", "cannot be printed"),
    ],
)
def test_a_value_keeps_to_the_rules_of_imports(
    registry: Sessions, now: datetime, field: str, value: str, why: str
) -> None:
    with pytest.raises(FieldError, match=why):
        put_over(registry, now, field, value)
    assert in_force(registry) == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"field": "role"}, "role cannot be overridden; these can: email"),
        ({"value": "alice@zedmere.example"}, "The source says this already"),
        ({"why": " "}, "Say why"),
        ({"by": ""}, "by whom"),
        ({"expires_at": timedelta()}, "has to end within 366 days"),
        ({"expires_at": LONGEST + DAY}, "has to end within 366 days"),
    ],
)
def test_an_override_without_a_reason_or_an_end_is_none(
    registry: Sessions, now: datetime, changes: dict[str, Any], why: str
) -> None:
    if "expires_at" in changes:
        changes = changes | {"expires_at": now + changes["expires_at"]}
    with pytest.raises(OverrideError, match=why):
        put_over(registry, now, **changes)
    assert in_force(registry) == []


def test_many_overrides_end_in_as_many_statements_as_few(sessions: Sessions, now: datetime) -> None:
    counts = []
    for size in (2, 40):
        rows = [replace(ALICE_ROW, external_id=str(number), name=f"Person {number}") for number in range(size)]
        with sessions.write() as session:
            load(session, now, Parsed(tuple(rows)))
            for target in session.scalars(select(Target).where(Target.archived_at.is_(None))).all():
                for field, value in (("email", "office@zedmere.example"), ("party", "")):
                    override(session, target, field, value, why="test", by="Dana", now=now, expires_at=now + WEEK)
        with sessions.write() as session, statements(session) as seen:
            assert len(expire_overrides(session, now + WEEK)) == 2 * size
            counts.append(len(seen))
    assert counts[0] == counts[1]


def test_who_has_an_override_and_moves_ward_only_is_moved(registry: Sessions, now: datetime) -> None:
    put_over(registry, now)
    moved = replace(ALICE_ROW, place=Place(AreaKind.WARD, "Hilltop"))
    assert read_again(registry, now, moved, BOB_ROW).targets.lines == ("> Alice Sample: from Canalside to Hilltop",)
    with registry.read() as session:
        area = target_by_key(session, LIST, "115").area
        assert area is not None
        assert area.name == "Hilltop"
    assert alice(registry).email == "office@zedmere.example"
