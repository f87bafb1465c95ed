"""The text of one content file: its TOML, its body, and on which line each of its values stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.problems import FileProblem, Flaw

LONGEST_FILE = 64 * 1024
"""Bytes; the longest page that is meant to be read has a tenth of that."""

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
"""Characters that no content has: all controls but line feed and tab, and Unicode's own line ends."""

FENCE = "+++"
BODY = "body"
"""What problems call the text after the second fence."""
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_TABLE = re.compile(r"\s*\[\s*([\w.-]+)\s*\]")
_ITEM = re.compile(r"\s*\[\[\s*([\w.-]+)\s*\]\]")
_KEY = re.compile(r"\s*[\"']?([\w.-]+)[\"']?\s*=\s*(\"\"\"|''')?(.*)")
_NO_SECONDS = re.compile(r"^(\s*[\w-]+\s*=\s*\d{4}-\d\d-\d\d[T ]\d\d:\d\d)(?=\s*(?:#.*)?$)", re.MULTILINE)
_TRIPLE_QUOTE = re.compile(r"\"\"\"|'''")


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where a key stands, and where the text of its value begins when it has lines of its own."""

    line: int
    text_line: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One content file, read."""

    path: Path
    values: Mapping[str, Any]
    places: Mapping[str, KeyPlace]
    """By key, with the name of its table in front: `targets.rule`; a table's own name gives the line of its header. The
    tables of an array are told apart by their number, from 0: `targets.exclude.0.key`."""
    body: str = ""
    body_line: int = 1
    text: str = ""
    """All of it."""

    def problem(
        self,
        message: str,
        key: str = "",
        *,
        text_line: int = 0,
        flaw: Flaw | None = None,
        bounds: tuple[float, ...] = (),
    ) -> FileProblem:
        """A problem with a key, or with one line (counted from 1) of its text; without a key, with the whole file.

        A key whose place was not found stands inside the value of what it belongs to. The line is the file's own as
        long as the text's line ends are the file's: an escaped one, or one that is taken away by a backslash, moves the
        lines after it.
        """
        known = f"{key}.0" if f"{key}.0" in self.places else key  # an array of tables has no line of its own
        while known and known not in self.places:
            known = known.rpartition(".")[0]
        place = self.places.get(known, KeyPlace(1))
        line = place.line if place.text_line is None else place.text_line + max(text_line, 1) - 1
        return FileProblem(self.path, line, message, key, flaw, text_line, bounds)

    def body_problem(
        self, message: str, line: int = 0, *, flaw: Flaw | None = None, bounds: tuple[float, ...] = ()
    ) -> FileProblem:
        """A problem with a line of the body, counted from 1, or with all of it."""
        return FileProblem(self.path, self.body_line + max(line, 1) - 1, message, BODY, flaw, line, bounds)


def read_toml(path: Path, raw: bytes, problems: list[FileProblem]) -> Source | None:
    """A file that is TOML throughout; none, and a problem, when it cannot be read.

    Args:
        path: what problems call the file; it need not be there.
        raw: what is in it.
        problems: gets what is wrong.
    """
    text = _text_of(path, raw, problems)
    return None if text is None else _with_toml(path, text, text, problems)


def read_fenced(path: Path, raw: bytes, problems: list[FileProblem]) -> Source | None:
    """A file with TOML between two lines of `+++`, and its body after them; none, and a problem, when it is not so.

    Args: see `read_toml`.
    """
    text = _text_of(path, raw, problems)
    if text is None:
        return None
    lines = text.split("\n")
    fences = [number for number, line in enumerate(lines, 1) if line.rstrip() == FENCE]
    if fences[:1] != [1]:
        problems.append(FileProblem(path, 1, f"the file must begin with a line that is `{FENCE}`"))
        return None
    if len(fences) == 1:
        problems.append(FileProblem(path, 1, f"the `{FENCE}` of this line is never closed by another"))
        return None
    # The opening fence becomes an empty line, so that lines count in the TOML as they do in the file.
    toml, body = "\n".join(["", *lines[1 : fences[1] - 1]]), "\n".join(lines[fences[1] :])
    return _with_toml(path, text, toml, problems, body=body, body_line=fences[1] + 1)


def _with_toml(
    path: Path, text: str, toml: str, problems: list[FileProblem], *, body: str = "", body_line: int = 1
) -> Source | None:
    try:
        values = _values_of(toml)
    except tomllib.TOMLDecodeError as error:
        problems.append(_toml_problem(path, toml, str(error)))
        return None
    return Source(path, values, _find_keys(toml), body, body_line, text)


def _values_of(toml: str) -> dict[str, Any]:
    """What the text holds. TOML 1.1 lets a time go without seconds, which Python's reader does not know yet.

    Raises:
        TOMLDecodeError: it is not TOML.
    """
    try:
        return tomllib.loads(toml)
    except tomllib.TOMLDecodeError:
        with_seconds = _NO_SECONDS.sub(r"\1:00", toml)
        if with_seconds == toml:
            raise
        return tomllib.loads(with_seconds)


def _toml_problem(path: Path, toml: str, said: str) -> FileProblem:
    place = _TOML_PLACE.search(said)
    line = int(place[1]) if place and place[1] else toml.count("\n") + 1
    return FileProblem(path, line, f"this is not TOML: {_TOML_PLACE.sub('', said)}")


def _text_of(path: Path, raw: bytes, problems: list[FileProblem]) -> str | None:
    """A file's text with LF line ends and without a byte order mark."""
    if len(raw) > LONGEST_FILE:
        problems.append(FileProblem(path, 1, f"the file is longer than {LONGEST_FILE // 1024} kB"))
        return None
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problems.append(FileProblem(path, line, "this line is not UTF-8 text: save the file as UTF-8"))
        return None
    control = CONTROL.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        problems.append(FileProblem(path, line, f"this line holds a control character (U+{ord(control[0]):04X})"))
        return None
    return text


def _find_keys(toml: str) -> dict[str, KeyPlace]:
    """Where the keys of a TOML text stand. A plain scan of its lines: it knows tables and texts of several lines, and
    leaves out what stands inside other values.
    """
    places: dict[str, KeyPlace] = {}
    items: dict[str, int] = {}
    table, quote = "", ""
    for number, line in enumerate(toml.split("\n"), 1):
        inside = bool(quote)
        for mark in _TRIPLE_QUOTE.findall(line):
            quote = mark if not quote else "" if mark == quote else quote
        if inside:
            continue
        if header := _ITEM.match(line) or _TABLE.match(line):
            if header.re is _ITEM:
                items[header[1]] = items.get(header[1], -1) + 1
            name = _numbered(header[1], items)
            table = name + "."
            places.setdefault(name, KeyPlace(number))
        elif key := _KEY.match(line):
            places.setdefault(table + key[1], _place(number, key))
    return places


def _numbered(name: str, items: Mapping[str, int]) -> str:
    """The name of a table with the numbers of the arrays that it stands in: each header speaks of the last item."""
    parts, path = name.split("."), ""
    for end, part in enumerate(parts, 1):
        path = f"{path}.{part}" if path else part
        if (item := items.get(".".join(parts[:end]))) is not None:
            path = f"{path}.{item}"
    return path


def _place(number: int, key: re.Match[str]) -> KeyPlace:
    # A line end right after the opening quotes is not part of the text (TOML 1.0, "String").
    return KeyPlace(number, (number if key[3].strip() else number + 1) if key[2] else None)
