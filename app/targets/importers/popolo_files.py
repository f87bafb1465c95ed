"""The items of a Popolo file by their ids, and the days of its memberships."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.targets.fields import clean_text
from app.targets.importers.parsed import NotThisFormatError

Item = Mapping[str, Any]
_NOTHING: Item = {}
_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?(?:[T ].*)?")
_FOR_EVER = 9999


@dataclass(frozen=True, slots=True)
class Term:
    """The days of a membership, where they are known; a day that is known by its month or year is told widely."""

    begins: date | None
    ends: date | None


class Document:
    """A Popolo file: memberships in their order, and what they refer to, whether inside them or by id.

    Raises:
        NotThisFormatError: the value is no object with lists of persons and of memberships.
    """

    def __init__(self, value: Any) -> None:
        if not isinstance(value, dict) or not isinstance(value.get("persons"), list):
            raise NotThisFormatError("The file has no list of persons, as Popolo JSON has.")
        self._by_id = {
            kind: {text_of(item, "id"): item for item in items_of(value, kind)}
            for kind in ("persons", "organizations", "areas", "posts", "events")
        }
        self.memberships = tuple(_memberships(value))
        if not self.memberships:
            raise NotThisFormatError("The file has no memberships, as Popolo JSON has.")

    @property
    def posts(self) -> tuple[Item, ...]:
        """All posts."""
        return tuple(self._by_id["posts"].values())

    def of(self, item: Item, name: str, kind: str) -> Item:
        """Return what an item refers to: an object at `name`, or one of that kind by `name`_id.

        Of one that the file does not have the id is all that is returned; nothing is referred to by an empty object.
        """
        inside = item.get(name)
        if isinstance(inside, dict):
            return inside
        item_id = text_of(item, f"{name}_id") or text_of(item, name)
        return self._by_id[kind].get(item_id, {"id": item_id}) if item_id else _NOTHING

    def newest(self) -> date | None:
        """Return the newest day on which an event or a membership of the file began."""
        items = (*self._by_id["events"].values(), *(one for one in self.memberships if isinstance(one, dict)))
        return max((day for item in items if (day := first_day(text_of(item, "start_date")))), default=None)

    def term(self, membership: Item) -> Term:
        """Return the days of a membership: its own, or else those of its legislative period."""
        period = self.of(membership, "legislative_period", "events")
        begins = first_day(text_of(membership, "start_date") or text_of(period, "start_date"))
        ends = last_day(text_of(membership, "end_date") or text_of(period, "end_date"))
        following = self._next_period(period)
        return Term(begins, ends or (following - timedelta(days=1) if following else None))

    def _next_period(self, period: Item) -> date | None:
        """Return the day on which the period after this one begins, if there is one."""
        begins = first_day(text_of(period, "start_date"))
        others = (
            day
            for event in self._by_id["events"].values()
            if text_of(event, "classification") == text_of(period, "classification")
            and text_of(event, "organization_id") == text_of(period, "organization_id")
            and (day := first_day(text_of(event, "start_date")))
        )
        return min((day for day in others if begins and day > begins), default=None)


def text_of(item: Item, name: str) -> str:
    """Return a text or a number of an item as a text, cleaned; empty where it is missing, null or anything else."""
    value = item.get(name)
    return clean_text(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def items_of(item: Item, name: str) -> Iterator[Item]:
    """Yield the objects of a list of an item."""
    listed = item.get(name)
    yield from (one for one in (listed if isinstance(listed, list) else []) if isinstance(one, dict))


def first_day(text: str) -> date | None:
    """Return the day, or the first one of the month or year, that a text names; nothing where it names none."""
    found = _DAY.fullmatch(text)
    if not found or int(found[1]) >= _FOR_EVER:
        return None
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return None


def last_day(text: str) -> date | None:
    """Return the day, or the last one of the month or year, that a text names; nothing where it names none."""
    day, parts = first_day(text), text.count("-")
    if day is None or parts > 1:
        return day
    month = day.month if parts else 12
    return date(day.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _memberships(value: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the memberships of the file, or of its persons where they stand there."""
    if isinstance(listed := value.get("memberships"), list):
        yield from listed
        return
    for person in items_of(value, "persons"):
        for membership in items_of(person, "memberships"):
            yield {"person_id": person.get("id"), **membership}
