"""The valve before a service: shut for a while after a failure, and never more than so many questions."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from app.atlas.valve import MOST_A_MINUTE, PAUSE_SECONDS, Valve


@dataclass
class Seconds:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def valve(seconds: Seconds) -> Valve:
    return Valve(seconds)


def test_nobody_asks_for_a_minute_after_a_failure(valve: Valve, seconds: Seconds) -> None:
    assert valve.enter()
    valve.failed()
    seconds.now = PAUSE_SECONDS - 1
    assert not valve.enter()
    seconds.now = PAUSE_SECONDS
    assert valve.enter()


def test_one_asks_first_when_the_minute_is_over_and_all_do_once_it_was_answered(valve: Valve, seconds: Seconds) -> None:
    assert valve.enter()
    valve.failed()
    seconds.now = PAUSE_SECONDS
    assert [valve.enter() for _ in range(3)] == [True, False, False]
    valve.answered()
    assert [valve.enter() for _ in range(3)] == [True, True, True]


def test_a_dead_service_costs_one_question_a_minute(valve: Valve, seconds: Seconds) -> None:
    asked = 0
    for seconds.now in range(600):
        if valve.enter():
            asked += 1
            valve.failed()
    assert asked == 10


def test_no_more_than_so_many_questions_are_asked_in_a_minute(valve: Valve, seconds: Seconds) -> None:
    assert sum(valve.enter() for _ in range(500)) == MOST_A_MINUTE
    seconds.now = PAUSE_SECONDS
    assert valve.enter()
