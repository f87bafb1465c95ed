"""When a lane is open: days and hours in a campaign's time zone. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

ALWAYS = "always"
HOUSE_ZONE = ZoneInfo("Europe/London")
"""Whose clock staff go by; letters go by their campaign's."""
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FORM = re.compile(r"(?:([a-z]{3})-([a-z]{3}) )?(\d\d):(\d\d)-(\d\d):(\d\d)")


class HoursFormatError(ValueError):
    """The text is neither `always` nor like `mon-fri 08:00-18:00`."""


@dataclass(frozen=True, slots=True)
class Hours:
    """From which day to which, from which time to which."""

    days: frozenset[int] = frozenset(range(7))
    """0 is Monday."""
    start: time = time.min
    end: time = time.max

    @classmethod
    def parse(cls, text: str) -> Hours:
        """Read `always`, `08:00-18:00` or `mon-fri 08:00-18:00`; 24:00 is the day's end.

        Raises:
            HoursFormatError: the text has another form, or ends before it begins.
        """
        if text.strip().lower() == ALWAYS:
            return cls()
        form = _FORM.fullmatch(text.strip().lower())
        if form is None:
            raise HoursFormatError(text)
        try:
            days = _days(form[1] or "mon", form[2] or "sun")
            start, end = time(int(form[3]), int(form[4])), _end(int(form[5]), int(form[6]))
        except ValueError:
            raise HoursFormatError(text) from None
        if start >= end:
            raise HoursFormatError(text)
        return cls(days, start, end)

    def open_at(self, now: datetime, zone: ZoneInfo) -> bool:
        """Whether letters may leave at the aware time `now`, seen from `zone`."""
        there = now.astimezone(zone)
        return there.weekday() in self.days and self.start <= there.time() < self.end


def _days(first: str, last: str) -> frozenset[int]:
    start, end = _DAYS.index(first), _DAYS.index(last)
    return frozenset(range(start, end + 1)) if start <= end else frozenset({*range(start, 7), *range(end + 1)})


def _end(hour: int, minute: int) -> time:
    return time.max if (hour, minute) == (24, 0) else time(hour, minute)
