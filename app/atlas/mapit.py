"""MapIt, mySociety's or one of one's own.

Its answer has areas by number, and says which of them are the ward and the council: by their number where one council
does everything, as `{"county": …, "district": …}` where there are two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.atlas.fetch import Server
from app.atlas.port import LiveArea, NoAnswerError

_SHORTCUTS = ("ward", "council", "WMC")


class MapItAtlas:
    """Asks MapIt."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def look_up(self, postcode: str) -> tuple[LiveArea, ...] | None:
        """See `Atlas.look_up`."""
        said = self._server.ask(f"/postcode/{postcode.replace(' ', '')}")
        if said is None:
            return None
        try:
            areas, shortcuts = said["areas"], said.get("shortcuts", {})
            return tuple(_areas(areas, _ids(shortcuts)))
        except (AttributeError, KeyError, TypeError):
            raise NoAnswerError("an answer of another form") from None


def _ids(shortcuts: Mapping[str, Any]) -> Iterator[str]:
    """Yield the numbers of the areas that count; a council that covers the place alone has one number."""
    for name in _SHORTCUTS:
        found = shortcuts.get(name)
        for number in found.values() if isinstance(found, dict) else [found]:
            if number is not None:
                yield str(number)


def _areas(areas: Mapping[str, Any], ids: Iterator[str]) -> Iterator[LiveArea]:
    """Yield those of the areas that have a GSS code."""
    for number in ids:
        area = areas[number]
        code = area["codes"].get("gss")
        if isinstance(code, str):
            yield LiveArea(code, str(area["name"]))
