"""What kind of place a GSS code names, told by its first three characters (ONS, Register of Geographic Codes).

Codes that end in 99999999 are pseudo codes: there is no such area here. Metropolitan counties (E11) and Greater London
(E13) elect nobody that a letter goes to, so they are no areas of ours. The codes that begin with Z are invented.
"""

from __future__ import annotations

import re

from app.targets.models import AreaKind
from app.targets.tiers import Tier, tier_of

_FORM = re.compile(r"[A-Z][0-9]{8}")
_NOWHERE = "99999999"
_KINDS = {
    **dict.fromkeys(("E05", "N08", "S13", "W05", "Z05"), AreaKind.WARD),
    **dict.fromkeys(("E58", "Z58"), AreaKind.DIVISION),
    **dict.fromkeys(("E14", "N05", "N06", "S14", "W07", "Z14"), AreaKind.CONSTITUENCY),
}


def has_form(code: str) -> bool:
    """Return whether a text has the form of a GSS code, whatever it names."""
    return _FORM.fullmatch(code) is not None


def kind_of(code: str) -> AreaKind | None:
    """Return the kind of area that a code names; none for a pseudo code, and for what is no area of ours."""
    if not has_form(code) or code.endswith(_NOWHERE):
        return None
    if tier := tier_of(code):
        return AreaKind.COUNTY if tier is Tier.COUNTY else AreaKind.COUNCIL
    return _KINDS.get(code[:3])


def understood(code: str) -> bool:
    """Return whether a cell is a GSS code or says that there is none; codes of before 2011 are neither."""
    return not code or has_form(code)
