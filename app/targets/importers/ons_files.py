"""How ONS postcode files come: one CSV or several, plain or in the published zip with its folder of code lists."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from app.targets.importers.code_lists import is_code_list
from app.targets.importers.ons import is_ons
from app.targets.importers.parsed import NotThisFormatError

_PARTS_FOLDER = "multi_csv"
"""Where a zip has the country once more, cut up by postcode area."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file, plain or in a zip."""

    name: str
    size: int
    """Its bytes, unpacked."""
    open: Callable[[], IO[bytes]]

    def read(self) -> bytes:
        """All of it."""
        with self.open() as raw:
            return raw.read()

    def header(self) -> list[str]:
        """The cells of its first line; none where that is no text."""
        try:
            with self.open() as raw, _text(raw) as lines:
                return next(csv.reader(lines), [])
        except csv.Error:
            return []
        except RuntimeError as error:  # how zipfile says that it cannot unpack, or has no password
            raise NotThisFormatError(f"The zip cannot be unpacked: {error}.") from None


@dataclass(slots=True)
class Parts:
    """What was found in the files: those with postcodes, and code lists that came with them."""

    postcodes: list[Part] = field(default_factory=list)
    code_lists: list[Part] = field(default_factory=list)


@contextmanager
def parts_of(files: Sequence[Path]) -> Iterator[Parts]:
    """Find what is to be read of files that together are one edition; their zips are open while the block runs.

    Raises:
        NotThisFormatError: a zip is damaged, or has no postcodes in it.
        OSError: a file cannot be read.
    """
    found, archives = Parts(), []
    try:
        for file in files:
            if zipfile.is_zipfile(file):
                archives.append(zipfile.ZipFile(file))
                _look_into(archives[-1], file, found)
            else:
                found.postcodes.append(plain_part(file))
        yield found
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise NotThisFormatError(f"The zip is damaged: {error}.") from None
    finally:
        for archive in archives:
            archive.close()


@contextmanager
def text_of(part: Part) -> Iterator[tuple[IO[str], Callable[[], int]]]:
    """Open a part as text; the second tells how many of its bytes have been read."""
    with part.open() as raw, _text(raw) as lines:
        yield lines, raw.tell


def _look_into(archive: zipfile.ZipFile, file: Path, found: Parts) -> None:
    """Add what a zip has. The whole country in one file is read if it is there, else all of its parts."""
    whole, cut_up = list[Part](), list[Part]()
    for info in archive.infolist():
        if info.is_dir() or not info.filename.lower().endswith(".csv"):
            continue
        part = Part(info.filename.rpartition("/")[2], info.file_size, lambda info=info: archive.open(info))  # type: ignore[misc]
        header = part.header()
        if is_ons(header):
            (cut_up if _PARTS_FOLDER in info.filename.lower() else whole).append(part)
        elif is_code_list(header):
            found.code_lists.append(part)
    if not whole and not cut_up:
        raise NotThisFormatError(f"{file.name} has no CSV file in it that is a postcode file of ONS.")
    found.postcodes += whole or cut_up


def plain_part(file: Path) -> Part:
    """A file that is no zip."""
    return Part(file.name, file.stat().st_size, lambda: file.open("rb"))


@contextmanager
def _text(raw: IO[bytes]) -> Iterator[IO[str]]:
    lines = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="")
    try:
        yield lines
    finally:
        lines.detach()
