"""What a step of the builder asks for, as the macros of forms show it, with what is wrong beside each field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from werkzeug.datastructures import MultiDict

from app.campaigns.document import Document
from app.problems import FileProblem, Flaw
from app.web.organise.building.problem_words import problem_words

Typed = MultiDict[str, str]
Change = Callable[[Document], None]
"""Puts what was typed into a document."""


class Label(NamedTuple):
    """What a field is called."""

    text: str


@dataclass(slots=True)
class Asked:
    """One field: its name in the form, what it is called, what stands in it, and what problems speak of it by."""

    name: str
    words: str
    data: Any = ""
    key: str = ""
    """The key of the file, with those of its tables in front; problems with keys below it are its own too."""
    hint: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """What the page calls it."""
        return self.name

    @property
    def label(self) -> Label:
        """As forms have it."""
        return Label(self.words)

    def is_about(self, key: str) -> bool:
        """Whether a problem with the key is this field's."""
        return bool(self.key) and (key == self.key or key.startswith(f"{self.key}."))


class Sheet:
    """The fields of one step, in their order."""

    def __init__(self, fields: Iterable[Asked]) -> None:
        self._fields = {one.name: one for one in fields}
        self.form_errors: list[str] = []

    def __iter__(self) -> Iterator[Asked]:
        return iter(self._fields.values())

    def __getitem__(self, name: str) -> Asked:
        return self._fields[name]

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    @property
    def names(self) -> list[str]:
        """Of all fields: each stands on the page."""
        return list(self._fields)

    @property
    def errors(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.form_errors) or any(one.errors for one in self)

    def tell(self, problems: Iterable[FileProblem], *, also_missing: bool) -> None:
        """Put problems beside their fields; what nobody has filled in yet is no reproach before it is saved."""
        for problem in problems:
            if problem.flaw in (Flaw.MISSING, Flaw.BLANK) and not also_missing:
                continue
            own = max((one for one in self if one.is_about(problem.key)), key=lambda one: len(one.key), default=None)
            words = problem_words(problem, own.words if own else "")
            told = self.form_errors if own is None else own.errors
            if words not in told:
                told.append(words)


def text_in(typed: Typed, name: str) -> str:
    """A text as it is kept: with LF line ends, without what cannot be seen at its ends."""
    return typed.get(name, "").replace("\r\n", "\n").replace("\r", "\n").strip()


def put(values: dict[str, Any], key: str, value: Any) -> None:
    """Set a key, or take it away where there is nothing to say."""
    if value in ("", [], {}, None):
        values.pop(key, None)
    else:
        values[key] = value


def number_or_text(text: str) -> int | str:
    """A whole number, or what was typed instead."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text  # noqa: PLR2004 - what a database counts to


def text_of(values: Mapping[str, Any], key: str) -> str:
    """What stands under a key, as a field shows it."""
    value = values.get(key, "")
    return value if isinstance(value, str) else str(value)
