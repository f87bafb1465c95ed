"""Pages of ours as PDF, by WeasyPrint, which needs the system's Pango. Where that is missing there is no PDF, and
nothing else is amiss. WeasyPrint is imported when the first PDF is asked for, for that takes most of a second.

WeasyPrint sees no network and no file but our own static ones: whatever else a page names is refused.
"""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Callable, Iterable
from ctypes.util import find_library
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from mimetypes import guess_type
from pathlib import Path
from threading import Lock
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-noto-core")
"""What Debian and Ubuntu call what it needs; the fonts have Arabic letters."""
MISSING = f"No Pango here, so no report as PDF. On Debian and Ubuntu: apt-get install {' '.join(PACKAGES)}"
_LIBRARIES = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")
VARIANT = "pdf/ua-1"
"""Tagged, with its language and title, so that it can be read aloud."""
STATIC = Path(__file__).resolve().parent.parent / "static"
_INSIDE = "/static/"
_HERE = "https://static.invalid"
"""Where pages believe themselves to be: an address that leads nowhere, anywhere."""
_KEPT = 8
"""PDFs that are kept, by their pages: who asks twice for the same is given the same."""
_one_at_a_time = Lock()


class TooLongError(Exception):
    """No draft of a page fits on one sheet."""


class RefusedAddressError(ValueError):
    """A page names something that is not one of our static files."""


class Printer(Protocol):
    """Makes PDFs, if it can."""

    @property
    def ready(self) -> bool:
        """Whether it can, here."""
        ...

    def one_sheet(self, drafts: Iterable[Callable[[], str]]) -> bytes:
        """The first of some drafts of a page, the fullest first, that fits on one sheet.

        Raises:
            TooLongError: none does.
        """
        ...


@dataclass(frozen=True, slots=True)
class PangoPrinter:
    """WeasyPrint, with the fonts of the system."""

    @property
    def ready(self) -> bool:
        """Whether all that it needs is there."""
        return _found()

    def one_sheet(self, drafts: Iterable[Callable[[], str]]) -> bytes:
        """The first draft that fits."""
        for draft in drafts:
            if (made := _pdf(draft())) is not None:
                return made
        raise TooLongError


def static_file(url: str) -> Path:
    """The file of ours that an address inside a page means.

    Raises:
        RefusedAddressError: it means none.
    """
    parts = urlsplit(url)
    found = (STATIC / unquote(parts.path.removeprefix(_INSIDE))).resolve()
    ours = f"{parts.scheme}://{parts.netloc}" == _HERE and parts.path.startswith(_INSIDE)
    if not (ours and found.is_relative_to(STATIC) and found.is_file()):
        raise RefusedAddressError(url)
    return found


@lru_cache(1)
def _found() -> bool:
    return find_spec("weasyprint") is not None and all(_loads(name) for name in _LIBRARIES)


def _loads(library: str) -> bool:
    for name in (f"lib{library}.so.0", find_library(library)):
        try:
            if name:
                ctypes.CDLL(name)
                return True
        except OSError:
            continue
    return False


@lru_cache(_KEPT)
def _pdf(page: str) -> bytes | None:
    """A page as PDF; none if it is longer than a sheet."""
    weasyprint = import_module("weasyprint")
    # It tells of every rule of the sheet that is only for browsers.
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    with _one_at_a_time:
        document = weasyprint.HTML(string=page, base_url=_HERE, url_fetcher=_fetcher()).render(pdf_variant=VARIANT)
        if len(document.pages) > 1:
            return None
        written: bytes = document.write_pdf(pdf_variant=VARIANT)
    return written


def _fetcher() -> Any:
    urls = import_module("weasyprint.urls")

    class StaticFetcher(urls.URLFetcher):  # type: ignore[misc, name-defined] # imported late
        """Gives our static files away, and asks nobody for anything."""

        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002 - the signature is WeasyPrint's
            path = static_file(url)
            kind = guess_type(path)[0] or "application/octet-stream"
            return urls.URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    return StaticFetcher()
