"""Days and hours in a time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.hours import Hours, HoursFormatError

LONDON = ZoneInfo("Europe/London")
MONDAY = 23


def at(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_always_is_always() -> None:
    assert all(Hours.parse(" Always ").open_at(at(day, hour), LONDON) for day in range(20, 28) for hour in range(24))


@pytest.mark.parametrize(
    ("text", "now", "is_open"),
    [
        ("08:00-18:00", at(MONDAY, 7, 59), False),
        ("08:00-18:00", at(MONDAY, 8), True),
        ("08:00-18:00", at(MONDAY, 17, 59), True),
        ("08:00-18:00", at(MONDAY, 18), False),
        ("mon-fri 08:00-18:00", at(MONDAY - 1, 12), False),
        ("fri-mon 08:00-18:00", at(MONDAY - 1, 12), True),
        ("fri-mon 08:00-18:00", at(MONDAY + 1, 12), False),
        ("sun-sun 00:00-24:00", at(MONDAY - 1, 23, 59), True),
        ("08:00-18:00", at(1, 7, 30, month=7), True),  # half past eight in London's summer
        ("08:00-18:00", at(1, 17, 30, month=7), False),
    ],
)
def test_hours_go_by_the_clock_of_the_place(text: str, now: datetime, is_open: bool) -> None:  # noqa: FBT001 - an example
    assert Hours.parse(text).open_at(now, LONDON) is is_open


@pytest.mark.parametrize(
    "text",
    [
        "",
        "noon",
        "8-18",
        "18:00-08:00",
        "08:00-08:00",
        "25:00-26:00",
        "08:60-09:00",
        "mon 08:00-09:00",
        "mon-xyz 08:00-09:00",
    ],
)
def test_what_has_another_form_is_refused(text: str) -> None:
    with pytest.raises(HoursFormatError):
        Hours.parse(text)
