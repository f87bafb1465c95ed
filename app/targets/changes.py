"""What a set of rows changes in the database: worked out in memory, written in bulk, and told in numbers and lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from app.columns import Base

SHOWN = 20
"""How many lines of a kind are told; the rest is a number."""
LONGEST_TOLD = 120
"""Characters of a value; of a longer one the beginning is told."""
_VERIFICATION = "verification"
_CALLED = {
    "area_id": "area",
    "archived_at": "back on the list",
    "attributes": "posts and committees",
    "parent_id": "council",
    "registration": "registered number",
    "source_url": "page",
    "valid_from": "term of office",
    "valid_to": "term of office",
    "verified_at": _VERIFICATION,
    "verified_by": _VERIFICATION,
    "verified_how": _VERIFICATION,
}
"""What columns are called where people read of them, unless by their own name."""


@dataclass(frozen=True, slots=True)
class Changes:
    """How many rows were added, changed, left as they were, and taken away (archived or removed), with a line each.

    Sets too large to be told row by row have numbers only.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What was left as it is although the source says otherwise: no change."""

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(self.added or self.changed or self.gone or self.lines)

    def __add__(self, other: Changes) -> Changes:
        """Return both together."""
        return Changes(
            self.added + other.added,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.gone + other.gone,
            self.lines + other.lines,
            self.notes + other.notes,
        )


def cut(lines: Iterable[object], of: int = 0, *, shown: int = SHOWN) -> list[str]:
    """Return the first lines, and one that says how many more there are, unless that is one alone.

    `of` is their number where not all are at hand.
    """
    every = list(map(str, lines))
    kept = every if max(of, len(every)) == shown + 1 == len(every) else every[:shown]
    more = max(of, len(every)) - len(kept)
    return [*kept, *([f"and {more} more"] if more else [])]


def by_mark(lines: Iterable[str], *, shown: int = SHOWN) -> list[str]:
    """Return the first lines of each kind: of what was added, what changed, and so on, each with a mark of its own."""
    kinds: dict[str, list[str]] = {}
    for line in lines:
        kinds.setdefault(line[0], []).append(line)
    return [line for kind in kinds.values() for line in cut(kind, shown=shown)]


@dataclass(frozen=True, slots=True)
class Stored:
    """A row as the database has it: its id, and the values that are compared."""

    id: int
    values: Mapping[str, Any]


@dataclass(slots=True)
class Difference:
    """What has to be written for the database to hold the wanted rows, by the rows' own keys."""

    added: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    changed: dict[str, Stored] = field(default_factory=dict)
    """Rows with the values that they are to have."""
    fields: dict[str, list[str]] = field(default_factory=dict)
    """Which values of a changed row differ."""
    before: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """The values that a changed row has now."""
    unchanged: int = 0
    missing: dict[str, Stored] = field(default_factory=dict)
    """Rows of the database that nobody wants."""


def compare(stored: Mapping[str, Stored], wanted: Mapping[str, Mapping[str, Any]]) -> Difference:
    """Return what has to change for the stored rows to become the wanted ones."""
    difference = Difference(missing={key: row for key, row in stored.items() if key not in wanted})
    for key, values in wanted.items():
        row = stored.get(key)
        if row is None:
            difference.added[key] = values
        elif fields := [name for name, value in values.items() if row.values[name] != value]:
            difference.changed[key] = Stored(row.id, values)
            difference.fields[key] = fields
            difference.before[key] = row.values
        else:
            difference.unchanged += 1
    return difference


def write(session: Session, model: type[Base], difference: Difference) -> None:
    """Insert what is added and update what is changed: one statement each, whatever the number of rows."""
    if difference.added:
        session.execute(insert(model), [dict(values) for values in difference.added.values()])
    if difference.changed:
        session.execute(update(model), [{"id": row.id, **row.values} for row in difference.changed.values()])


def tell(difference: Difference, gone: Iterable[str] = (), *, more: Iterable[str] = ()) -> Changes:
    """Return the numbers and lines of a difference of rows that have a name.

    `gone` names those taken away; `more` are lines of changes whose fields are none of the difference's any more.
    """
    lines = [f"+ {values['name']}" for values in difference.added.values()]
    for key, row in difference.changed.items():
        if fields := difference.fields[key]:
            lines.append(f"~ {row.values['name']}: {_words(fields, difference.before[key], row.values)}")
    lines += more
    names = list(gone)
    lines += [f"- {name}" for name in names]
    return Changes(len(difference.added), len(difference.changed), difference.unchanged, len(names), tuple(lines))


def _words(columns: Iterable[str], before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return what columns are called where people read of them; of texts also what they said and what they will say."""
    return ", ".join(dict.fromkeys(_told(column, before[column], after[column]) for column in columns))


def _told(column: str, old: object, new: object) -> str:
    called = _CALLED.get(column, column)
    if called == _VERIFICATION or not all(isinstance(value, str | None) for value in (old, new)):
        return called
    return f"{called} “{_shortened(old)}” → “{_shortened(new)}”"


def _shortened(value: object) -> str:
    text = str(value or "")
    return text if len(text) <= LONGEST_TOLD else f"{text[:LONGEST_TOLD]} …"
