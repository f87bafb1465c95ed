"""Every published format that is read here, by its name; and which of them a file is of, by what it holds."""

from __future__ import annotations

import re

from app.targets.importers import edinburgh, lgsf, moderngov, open_council_data, trafford
from app.targets.importers.parsed import Format, NotThisFormatError
from app.targets.importers.reading import decode, read_json
from app.targets.importers.sheets import folded, header_of

_BY_ROOT = {moderngov.ROOT: moderngov.FORMAT}
_BY_KEYS = (
    (frozenset(lgsf.KEYS), lgsf.JSON_FORMAT),
    (frozenset(edinburgh.KEYS), edinburgh.FORMAT),
)
"""Names of the object, or of the first one of the list, that JSON of a format has."""
_BY_COLUMNS = (
    (lgsf.COLUMNS, lgsf.FORMAT),
    (open_council_data.COLUMNS, open_council_data.FORMAT),
    (trafford.COLUMNS, trafford.FORMAT),
)
"""Columns that CSV of a format has. Where a header has those of several, the first counts."""
FORMATS = {
    one.name: one for one in (*_BY_ROOT.values(), *(one for _, one in _BY_KEYS), *(one for _, one in _BY_COLUMNS))
}
_FIRST_ELEMENT = re.compile(r"\s*(?:<[?!][^>]*>\s*)*<(?:[\w.-]+:)?([\w.-]+)")


def guess(raw: bytes) -> Format | None:
    """Return the format that a file seems to be of: by its root element, the names in its JSON, or its columns.

    The rows are not read, so `Format.parse` may still find that it is not.
    """
    try:
        start = decode(raw).text.lstrip()[:2_000]
    except NotThisFormatError:
        return None
    if start.startswith("<"):
        root = _FIRST_ELEMENT.match(start)
        return _BY_ROOT.get(root[1].lower()) if root else None
    if start.startswith(("[", "{")):
        keys = _keys(raw)
        return next((one for wanted, one in _BY_KEYS if wanted <= keys), None)
    header = header_of(raw)
    return next((one for columns, one in _BY_COLUMNS if set(map(folded, columns)) <= header), None)


def _keys(raw: bytes) -> frozenset[str]:
    """Return the names of a file's JSON object, or of the first object in its list."""
    try:
        held, _ = read_json(raw)
    except NotThisFormatError:
        return frozenset()
    entries = held if isinstance(held, list) else [held]
    return frozenset(next((one for one in entries if isinstance(one, dict)), {}))
