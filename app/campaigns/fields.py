"""Taking typed values out of a content file's TOML, and saying what is wrong with those that do not fit."""

from __future__ import annotations

import difflib
import enum
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

from app.campaigns.source import CONTROL, Source
from app.problems import FileProblem, Flaw

E = TypeVar("E", bound=enum.StrEnum)

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_SLUG = 80


class Fields:
    """One table of a file. Each method takes one key; `finish` refuses the keys that nobody has asked for.

    What cannot be used is added to `problems`, and an empty value of the right type is given instead, so that one pass
    finds every mistake.
    """

    def __init__(
        self, source: Source, problems: list[FileProblem], table: str = "", values: Mapping[str, Any] | None = None
    ) -> None:
        self._source = source
        self._problems = problems
        self._table = table
        self._values: Mapping[str, Any] = source.values if values is None else values
        self._asked: set[str] = set()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that the table has, for a table whose keys are the author's own."""
        return tuple(self._values)

    def has(self, key: str) -> bool:
        """Whether the key is there at all."""
        self._asked.add(key)
        return key in self._values

    def table(self, key: str, *, required: bool = True) -> Fields:
        """The table that stands under a key; an empty one when it is missing."""
        value = self._value(key, required=required)
        if isinstance(value, Mapping):
            return Fields(self._source, self._problems, self._path(key), value)
        if value is not None:
            self.refuse(key, f"`{key}` must be a table: a line `[{self._path(key)}]` and its keys below")
        # What would be missing in a table that is not there has been said once.
        return Fields(Source(self._source.path, {}, {}), [], key)

    def tables(self, key: str) -> list[Fields]:
        """The tables that stand under a key, none or several."""
        value = self._value(key, required=False)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            self.refuse(key, f"each of `{key}` must be a table: a line `[[{self._path(key)}]]` and its keys below")
            return []
        path = self._path(key)
        return [Fields(self._source, self._problems, f"{path}.{number}", item) for number, item in enumerate(value)]

    def text(self, key: str, *, longest: int, required: bool = True, lines: bool = False) -> str:
        """A text of at most `longest` characters, on one line unless `lines`; empty when it is missing."""
        value = self._value(key, required=required)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.refuse(key, f"`{key}` must be text in quotes")
        elif not value.strip():
            self.refuse(key, f"`{key}` must not be empty", flaw=Flaw.MISSING)
        elif len(value) > longest:
            long = f"`{key}` has {len(value):,} characters; {longest:,} are the most"
            self.refuse(key, long, flaw=Flaw.LONG, bounds=(len(value), longest))
        elif not lines and "\n" in value:
            self.refuse(key, f"`{key}` must be on one line", flaw=Flaw.LINES)
        elif control := CONTROL.search(value):
            self.refuse(key, f"`{key}` holds a control character (U+{ord(control[0]):04X})")
        else:
            return value
        return ""

    def choice(self, key: str, kind: type[E], *, required: bool = True) -> E | None:
        """One of the values of an enum; none when it is missing or another."""
        value = self._value(key, required=required)
        if value is None:
            return None
        if isinstance(value, str) and value in list(kind):
            return kind(value)
        self.refuse(key, f"`{key}` must be one of {', '.join(kind)}{hint(str(value), kind)}", flaw=Flaw.CHOICE)
        return None

    def texts(self, key: str, *, longest: int) -> tuple[str, ...]:
        """One text, or a list of one or more, each on one line and of at most `longest` characters."""
        value = self._value(key, required=True)
        texts = value if isinstance(value, list) else [value]
        if value is None:
            return ()
        if texts and all(_is_line(text) and len(text) <= longest for text in texts):
            return tuple(texts)
        self.refuse(key, f"`{key}` must be a text in quotes or a list of them, each of up to {longest} characters")
        return ()

    def text_or_texts(self, key: str, *, longest: int, most: int) -> tuple[str, ...]:
        """One text as of `text`, or a list of up to `most` different ones; empty when it is missing."""
        if not isinstance(self._values.get(key), list):
            return tuple(filter(None, [self.text(key, longest=longest)]))
        texts = self.texts(key, longest=longest)
        if len(texts) > most:
            self.refuse(key, f"`{key}` has {len(texts)} texts; {most} are the most")
        elif len(set(texts)) < len(texts):
            self.refuse(key, f"`{key}` says the same twice")
        return texts

    def whole(self, key: str, *, most: int, least: int = 0, required: bool = True) -> int:
        """A whole number from `least` to `most`; `least` when it is missing."""
        value = self._value(key, required=required)
        if value is None:
            return least
        if type(value) is int and least <= value <= most:
            return value
        self.refuse(
            key, f"`{key}` must be a whole number from {least} to {most}", flaw=Flaw.NUMBER, bounds=(least, most)
        )
        return least

    def local_time(self, key: str) -> datetime | None:
        """A day and a time of day without a zone, as TOML has it or in quotes; none when it is missing or another."""
        value = self._value(key, required=False)
        if isinstance(value, str):
            with suppress(ValueError):
                value = datetime.fromisoformat(value)
        if value is None or (isinstance(value, datetime) and value.tzinfo is None):
            return value
        self.refuse(key, f"`{key}` must be a day and a time by the campaign's clock, such as 2026-12-01T09:00")
        return None

    def maybe_whole(self, key: str, *, most: int, least: int = 0) -> int | None:
        """A whole number as of `whole`; none when it is missing."""
        number = self.whole(key, most=most, least=least, required=False)
        return number if self._values.get(key) is not None else None

    def slugs(self, key: str, *, required: bool = True) -> tuple[str, ...]:
        """A list of one or more slugs, each of them once."""
        value = self._value(key, required=required)
        if value is None:
            return ()
        if not isinstance(value, list) or not value or not all(_is_slug(item) for item in value):
            wanted = 'a list of one or more slugs in quotes, such as ["demo-companies"]'
            self.refuse(key, f"`{key}` must be {wanted}", flaw=Flaw.LISTS)
        elif len(set(value)) < len(value):
            self.refuse(key, f"`{key}` names a list twice")
        else:
            return tuple(value)
        return ()

    def absent(self, key: str, why: str) -> None:
        """Refuse a key that has no place here; `why` completes the sentence "`key` …"."""
        if self._value(key, required=False) is not None:
            self.refuse(key, f"`{key}` {why}")

    def refuse(
        self,
        key: str,
        message: str,
        *,
        text_line: int = 0,
        flaw: Flaw | None = None,
        bounds: tuple[float, ...] = (),
    ) -> None:
        """Add a problem with a key's value, or with a line (counted from 1) of its text."""
        path = self._path(key)
        self._problems.append(self._source.problem(message, path, text_line=text_line, flaw=flaw, bounds=bounds))

    def finish(self) -> None:
        """Refuse what nobody has asked for."""
        for key in self._values:
            if key not in self._asked:
                self.refuse(key, f"`{key}` is not a key here{hint(key, self._asked)}")

    def _value(self, key: str, *, required: bool) -> Any:
        self._asked.add(key)
        value = self._values.get(key)
        if value is None and required:
            self.refuse(key, f"`{key}` is missing", flaw=Flaw.MISSING)
        return value

    def _path(self, key: str) -> str:
        return f"{self._table}.{key}" if self._table else key


def slug_problem(text: str) -> str | None:
    """What is wrong with a slug, in words; none when it is one."""
    if _is_slug(text):
        return None
    return (
        f"`{text}` is not a slug: small letters a to z, digits, and single hyphens between them, {LONGEST_SLUG} at most"
    )


def _is_line(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and value.isprintable()


def _is_slug(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_SLUG and SLUG.fullmatch(value) is not None


def hint(text: str, known: Iterable[str]) -> str:
    """The end of a sentence that asks whether a known word like this one was meant; empty when none is like it."""
    near = difflib.get_close_matches(text.lower(), sorted(known), n=1)
    return f"; did you mean `{near[0]}`?" if near else ""
