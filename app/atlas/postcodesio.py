"""postcodes.io, or a server of one's own that answers like it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.atlas.fetch import Server
from app.atlas.port import LiveArea, NoAnswerError

_FIELDS = ("admin_ward", "admin_district", "admin_county", "ced")
_CONSTITUENCY = re.compile(r"parliamentary_constituency(?:_([0-9]{4}))?")
"""There is one for each set of boundaries, those without a year being the first."""


class PostcodesIoAtlas:
    """Asks postcodes.io. The postcode travels in the body, so that it stands in nobody's log of addresses."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def look_up(self, postcode: str) -> tuple[LiveArea, ...] | None:
        """See `Atlas.look_up`."""
        said = self._server.ask("/postcodes", {"postcodes": [postcode]})
        try:
            (one,) = said["result"]
            result = one["result"]
            return None if result is None else _areas(result, result["codes"])
        except (KeyError, TypeError, ValueError):
            raise NoAnswerError("an answer of another form") from None


def _areas(names: Mapping[str, Any], codes: Mapping[str, Any]) -> tuple[LiveArea, ...]:
    """Return the areas that have a code, each with its name."""
    years = [match for field in codes if (match := _CONSTITUENCY.fullmatch(field)) and codes[field]]
    newest = [max(years, key=lambda match: int(match[1] or 0))[0]] if years else []
    fields = [field for field in (*_FIELDS, *newest) if isinstance(codes.get(field), str)]
    return tuple(LiveArea(codes[field], str(names.get(field) or codes[field])) for field in fields)
