"""A campaign's files as one structured document, and back: what a draft is edited as.

A file that nobody has changed keeps its text to the byte. One that was changed is written in one canonical way, so that
what is exported, imported and exported again is the same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import tomli_w

from app.campaigns.source import BODY, FENCE

SETTINGS = "campaign.toml"
PAGE, LETTER = "page", "letter"

Values = dict[str, Any]
"""The TOML of one file and, under `body`, what stands after it."""

_ORDER = """kind state colour position time_zone goal
    rule role area tier lists most fallback who exclude segment
    title ask summary invitation won image_alt confirmation thanks
    key audience label text subject opening closing"""
_PLACES = {key: place for place, key in enumerate(_ORDER.split())}


@dataclass(slots=True)
class Document:
    """The settings; the pages by language; the letters by language or, with an audience, `<language>.<audience>`."""

    settings: Values = field(default_factory=dict)
    pages: dict[str, Values] = field(default_factory=dict)
    letters: dict[str, Values] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> Document:
        """The document that these files hold; a file that cannot be read holds nothing."""
        document = cls()
        for name, text in texts.items():
            kind, _, part = name.removesuffix(".md").partition(".")
            if name == SETTINGS:
                document.settings = _toml(text)
            elif kind == PAGE:
                document.pages[part] = read_values(text)
            elif kind == LETTER:
                document.letters[part] = read_values(text)
        return document

    def write(self, before: Mapping[str, str]) -> dict[str, str]:
        """The files, by name.

        Args:
            before: what they were; those that say the same still keep their text.
        """
        known = dict(Document.of(before).files())
        return {
            name: before[name] if known.get(name) == values else _text_of(name, values) for name, values in self.files()
        }

    def files(self) -> Iterator[tuple[str, Values]]:
        """The values of each file, by its name."""
        yield SETTINGS, self.settings
        for language, page in sorted(self.pages.items()):
            yield f"{PAGE}.{language}.md", page
        for part, letter in sorted(self.letters.items()):
            yield f"{LETTER}.{part}.md", letter


def _text_of(name: str, values: Values) -> str:
    return toml_text(values) if name == SETTINGS else fenced_text(values)


def toml_text(values: Mapping[str, Any]) -> str:
    """The values as TOML, in an order of their own; texts of several lines keep their lines."""
    ordered = _ordered(values)
    text = tomli_w.dumps(ordered, multiline_strings=True)
    if any(line.rstrip() == FENCE for line in text.split("\n")):
        # A line of a text that looks like the fence would end the settings: such texts are written on one line.
        return tomli_w.dumps(ordered)
    return text


def fenced_text(values: Mapping[str, Any]) -> str:
    """The values between two fences, and their body after them."""
    settings = {key: value for key, value in values.items() if key != BODY}
    return f"{FENCE}\n{toml_text(settings)}{FENCE}\n{values.get(BODY, '')}\n"


def read_values(text: str) -> Values:
    """What `fenced_text` wrote, or a person; nothing where there are no fences."""
    lines = text.split("\n")
    fences = [number for number, line in enumerate(lines) if line.rstrip() == FENCE]
    if len(fences) < 2 or fences[0] != 0:  # noqa: PLR2004 - one before and one after
        return {}
    values = _toml("\n".join(lines[1 : fences[1]]))
    return {**values, BODY: "\n".join(lines[fences[1] + 1 :]).strip()}


def _toml(text: str) -> Values:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _ordered(values: Mapping[str, Any]) -> Values:
    """Known keys in the order in which people read them, the others after them by the alphabet."""
    keys = sorted(values, key=lambda key: (_PLACES.get(key, len(_PLACES)), key))
    return {key: _inner(values[key]) for key in keys if values[key] is not None}


def _inner(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _ordered(value)
    return [_inner(each) for each in value] if isinstance(value, list) else value
