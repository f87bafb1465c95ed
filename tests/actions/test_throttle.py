"""How much may be asked of us."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.actions.models import Throttle
from app.actions.throttle import (
    ADDRESS_WINDOW,
    NETWORK_WINDOW,
    ThrottledError,
    forget_windows,
    network_of,
    window_end,
)
from app.config import Limits
from tests.support.builders import ALICE, BOB, CHARLIE, WIDE_LIMITS, Scene
from tests.support.dumps import dump, raw_bytes
from tests.support.threads import together

MIDNIGHT = datetime(2026, 11, 25, tzinfo=UTC)
TEN_O_CLOCK = datetime(2026, 11, 24, 10, tzinfo=UTC)


def limited(scene: Scene, **limits: int) -> Scene:
    """The scene with tighter limits."""
    own = {field: limits.get(field, getattr(WIDE_LIMITS, field)) for field in Limits.__slots__}
    return replace(scene, limits=Limits(**own))


def test_one_address_may_be_written_to_so_many_times_a_day(scene: Scene) -> None:
    scene = limited(scene, address_per_day=2)
    scene.submit(network="192.0.2.1")
    scene.submit(network="198.51.100.1")
    assert scene.submit(network="203.0.113.1") is None, "no mail, and no error that would tell a stranger"
    assert len(scene.deliveries()) == 2
    assert scene.submit(BOB) is not None
    assert scene.submit(now=MIDNIGHT) is not None


@pytest.mark.parametrize("spelling", ["ALICE@supporter.example", "alice+news@supporter.example"])
def test_another_spelling_of_an_address_counts_as_the_same(sqlite_scene: Scene, spelling: str) -> None:
    scene = limited(sqlite_scene, address_per_day=1)
    assert scene.submit("alice@supporter.example") is not None
    assert scene.submit(spelling) is None


def test_a_wide_network_may_ask_for_five_times_as_much(sqlite_scene: Scene) -> None:
    scene = limited(sqlite_scene, network_per_hour=1)
    for number in range(5):
        scene.submit(f"person{number}@supporter.example", network=f"2001:db8:1:{number}::1")
    with pytest.raises(ThrottledError):
        scene.submit(BOB, network="2001:db8:1:99::1")
    scene.submit(BOB, network="2001:db8:2::1")


def test_a_try_of_who_has_written_before_takes_no_room(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    scene = limited(scene, unconfirmed_per_hour=1)
    scene.confirmed(ALICE)
    for _ in range(3):
        assert scene.submit(ALICE) is not None
    assert scene.submit(BOB) is not None


def test_one_network_may_ask_so_many_times_an_hour(scene: Scene) -> None:
    scene = limited(scene, network_per_hour=2)
    scene.submit(ALICE, network="192.0.2.1")
    scene.submit(BOB, network="192.0.2.200")
    with pytest.raises(ThrottledError) as refused:
        scene.submit(CHARLIE, network="192.0.2.77")
    assert refused.value.again_at == TEN_O_CLOCK
    scene.submit(CHARLIE, network="192.0.3.1")
    scene.submit(CHARLIE, network="192.0.2.77", now=TEN_O_CLOCK)


def test_all_together_may_leave_so_many_unconfirmed_in_an_hour(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    scene = limited(scene, unconfirmed_per_hour=2)
    scene.submit(ALICE, network="192.0.2.1")
    scene.submit(BOB, network="198.51.100.1")
    with pytest.raises(ThrottledError) as refused:
        scene.submit(CHARLIE, network="203.0.113.1")
    assert refused.value.again_at == TEN_O_CLOCK
    scene.submit(CHARLIE, network="203.0.113.1", now=TEN_O_CLOCK)


def test_a_letter_that_is_confirmed_makes_room_for_another(scene: Scene) -> None:
    scene = limited(scene, unconfirmed_per_hour=1)
    action_id = scene.pending(ALICE)
    with pytest.raises(ThrottledError):
        scene.submit(BOB)
    scene.confirm(action_id)
    scene.submit(BOB)


def test_confirming_makes_no_room_that_was_never_taken(scene: Scene) -> None:
    scene = limited(scene, unconfirmed_per_hour=1)
    for _ in range(3):
        with scene.sessions.write() as session:
            scene.gate.release(session, scene.now)
    scene.submit(ALICE)
    with pytest.raises(ThrottledError):
        scene.submit(BOB)


@pytest.mark.parametrize("limit", ["network_per_hour", "unconfirmed_per_hour"])
def test_a_refused_try_leaves_no_trace(scene: Scene, limit: str) -> None:
    scene = limited(scene, **{limit: 1})
    scene.submit()
    before = dump(scene.sessions.engine)
    for _ in range(2):
        with pytest.raises(ThrottledError):
            scene.submit()
    assert dump(scene.sessions.engine) == before


def test_tries_at_one_moment_are_all_counted(scene: Scene) -> None:
    scene = limited(scene, address_per_day=3)

    def attempt() -> bool:
        return scene.submit() is not None

    assert sorted(together(*[attempt] * 6)) == [False] * 3 + [True] * 3
    assert len(scene.deliveries()) == 3


def test_neither_address_nor_network_is_written_down(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    scene.submit(network="192.0.2.77")
    heap = raw_bytes(scene.sessions.engine)
    assert b"192.0.2" not in heap
    assert ALICE.encode() not in heap


def test_the_refusal_says_when_and_not_who() -> None:
    assert str(ThrottledError(TEN_O_CLOCK)) == "until 10:00"


def test_counts_are_forgotten_when_their_window_has_ended(scene: Scene) -> None:
    scene.submit()
    with scene.sessions.write() as session:
        forget_windows(session, TEN_O_CLOCK + timedelta(seconds=1))
        assert session.scalars(select(Throttle.window_ends)).all() == [MIDNIGHT]
        forget_windows(session, MIDNIGHT + timedelta(seconds=1))
        assert session.scalar(select(func.count()).select_from(Throttle)) == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::/64"),
        ("", ""),
        ("not an address", "not an address"),
    ],
)
def test_an_address_counts_for_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_an_ipv6_network_is_counted_by_its_64_bits(sqlite_scene: Scene) -> None:
    scene = limited(sqlite_scene, network_per_hour=1)
    scene.submit(ALICE, network="2001:db8:1:2::1")
    with pytest.raises(ThrottledError):
        scene.submit(BOB, network="2001:db8:1:2:ffff::1")
    scene.submit(BOB, network="2001:db8:1:3::1")


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2400, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    st.sampled_from([ADDRESS_WINDOW, NETWORK_WINDOW]),
)
def test_a_window_ends_within_its_own_length_and_has_fixed_ends(now: datetime, window: timedelta) -> None:
    end = window_end(now, window)
    assert now < end <= now + window
    assert end.timestamp() % window.total_seconds() == 0
    assert window_end(end - timedelta(microseconds=1), window) == end


def test_reports_of_wrong_data_are_counted_apart_from_letters(sqlite_scene: Scene) -> None:
    scene = limited(sqlite_scene, corrections_per_hour=2, network_per_hour=1)
    with scene.sessions.write() as session:
        for _ in range(2):
            scene.gate.admit_correction(session, "192.0.2.7", scene.now)
    with scene.sessions.write() as session, pytest.raises(ThrottledError) as refused:
        scene.gate.admit_correction(session, "192.0.2.8", scene.now)
    assert refused.value.again_at == TEN_O_CLOCK
    assert scene.submit(network="192.0.2.7") is not None
    with scene.sessions.write() as session:
        scene.gate.admit_correction(session, "198.51.100.1", scene.now)
        scene.gate.admit_correction(session, "192.0.2.7", scene.now + NETWORK_WINDOW)
