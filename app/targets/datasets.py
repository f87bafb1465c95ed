"""A dataset of `targets/` as it is in its two files, and the file that says what it is."""

from __future__ import annotations

import enum
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from app.problems import FileProblem
from app.targets.records import AreaRecord, PostcodeRecord, Provenance, TargetRecord


class Holds(enum.StrEnum):
    """What the rows of a dataset are, in the order in which they go into the database."""

    AREAS = "areas"
    POSTCODES = "postcodes"
    TARGETS = "targets"


@dataclass(frozen=True, slots=True)
class DatasetHead:
    """What a dataset holds, its name for people, where it comes from, and whether it is invented."""

    slug: str
    holds: Holds
    name: str
    provenance: Provenance
    demo: bool


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset; two of its three sets of rows are empty."""

    head: DatasetHead
    areas: tuple[AreaRecord, ...] = ()
    postcodes: tuple[PostcodeRecord, ...] = ()
    targets: tuple[TargetRecord, ...] = ()


def read_head(path: Path, problems: list[FileProblem]) -> DatasetHead | None:
    """Read `<slug>.toml`; what is wrong goes to `problems`, and then there is no head."""
    text = path.read_bytes().decode("utf-8-sig", "replace")
    undecodable = [number for number, line in enumerate(text.splitlines(), 1) if "\ufffd" in line]
    if undecodable:
        problems += [FileProblem(path, number, "the line is not UTF-8") for number in undecodable]
        return None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        line = int(at[1]) if at else max(1, len(text.splitlines()))
        problems.append(FileProblem(path, line, f"this is not TOML: {error}"))
        return None
    found = [FileProblem(path, _line_of(text, key), message) for key, message in _faults(path.stem, values)]
    problems += found
    if found:
        return None
    provenance = Provenance(values["source"], values["as_of"], values["licence"], values.get("source_url", ""))
    return DatasetHead(path.stem, Holds(values["holds"]), values["name"], provenance, values["demo"])


def _faults(slug: str, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong: the key that it is about, or nothing, and the message."""
    if not _SLUG.fullmatch(slug):
        yield "", "the file's name must be up to 80 small letters and figures, with single hyphens between them"
    for key in values:
        if key not in _WANTED:
            yield key, f"{key} is unknown; the keys are {', '.join(_WANTED)}"
    for key, (wanted, fits) in _WANTED.items():
        if key not in values and key != "source_url":
            yield "", f"{key} is missing: it must be {wanted}"
        elif key in values and not fits(values[key]):
            yield key, f"{key} must be {wanted}"


def _line_of(text: str, key: str) -> int:
    """Return the line that sets the key, or the first."""
    for number, line in enumerate(text.splitlines(), 1):
        if key and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", line):
            return number
    return 1


def _is_text(longest: int) -> Callable[[Any], bool]:
    """Return a check for a text of one line that the column has room for."""
    return lambda value: isinstance(value, str) and 0 < len(value.strip()) <= longest and value.isprintable()


def _is_web_address(value: Any) -> bool:
    return value == "" or (_is_text(_LONGEST_URL)(value) and value.startswith(("https://", "http://")))


_SLUG = re.compile(r"(?=.{1,80}$)[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_URL = 2000
_WANTED: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "holds": ("areas, postcodes or targets", lambda value: value in list(Holds)),
    "name": ("a line of up to 200 characters", _is_text(200)),
    "source": ("a line that says where the rows come from", _is_text(2000)),
    "source_url": ("a web address, or left out", _is_web_address),
    "as_of": ("the day that the rows describe, such as 2026-11-01", lambda value: type(value) is date),
    "licence": ("the licence of the rows, such as CC0-1.0", _is_text(120)),
    "demo": ("true where the rows are invented, else false", lambda value: isinstance(value, bool)),
}
"""What each key must be, in words and as a check."""
