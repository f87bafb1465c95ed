"""Postcodes: their form, the number that a row is keyed by, and the areas that one lies in.

The form is that of BS 7666 as Royal Mail's Postcode Address File uses it: an outward code A9, A99, A9A, AA9, AA99 or
AA9A, and an inward code 9AA. The first letter is none of Q, V, X; the second none of I, J, Z; the third, where it is a
letter, one of ABCDEFGHJKPSTUW; the fourth one of ABEHMNPRVWXY; the inward letters none of C, I, K, M, O, V. No district
of two figures begins with 0. GIR 0AA stands outside the pattern and is in use. One area is allowed beyond the standard:
ZZ, which can never be given out, so that invented places have postcodes that are nobody's.
"""

from __future__ import annotations

import itertools
import re
import unicodedata

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.targets.models import Area, AreaGroupMember, AreaKind, Postcode

_FORM = re.compile(
    r"""(
        (?: [A-PR-UWYZ]           (?: [0-9] | [1-9][0-9] | [1-9][A-HJKPSTUW] )
          | [A-PR-UWYZ][A-HK-Y]   (?: [0-9] | [1-9][0-9] | [1-9][ABEHMNPRVWXY] )
          | ZZ                    (?: [0-9] | [1-9][0-9] )
          | GIR (?=0AA) )
    )([0-9][ABD-HJLNP-UW-Z]{2})""",
    re.VERBOSE,
)
_SHORTEST, _LONGEST = 5, 7
_LONGEST_TYPED = 40
_SEPARATORS = frozenset("-‐‑‒–—―−._,'\"()")
_MISTAKEN = {"O": "O0", "0": "0O", "I": "I1", "1": "1I"}
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class NotAPostcode(ValueError):  # noqa: N818 - it says what the text is, and reads so where it is caught
    """The text has not the form of a United Kingdom postcode. The message does not repeat the text."""


def normalise(text: str) -> str:
    """Return the postcode as it is written on an envelope, in capitals with one space: "ZZ1 1AA".

    Spaces, hyphens, stops and invisible marks are dropped; figures of any script count as figures. O typed for 0, I for
    1, and the reverse, are put right where exactly one reading is a postcode; a text that is one already stays so.

    Raises:
        NotAPostcode: no reading of the text has the form, or more than one has.
    """
    if len(text) > _LONGEST_TYPED:  # before normalising, whose cost grows with the square of the length
        raise NotAPostcode("A postcode has five to seven letters and figures.")
    bare = "".join(_bare(character) for character in unicodedata.normalize("NFKC", text)).upper()
    if not _SHORTEST <= len(bare) <= _LONGEST:
        raise NotAPostcode("A postcode has five to seven letters and figures.")
    match = _FORM.fullmatch(bare) or _only_reading(bare)
    if match is None:
        raise NotAPostcode("This has not the form of a United Kingdom postcode, such as SW1A 1AA.")
    return f"{match[1]} {match[2]}"


def postcode_key(postcode: str) -> int:
    """Return the number that `Postcode.key` holds: the characters of a normalised postcode read in base 36.

    No two postcodes share a number, because none begins with 0.
    """
    return int(postcode.replace(" ", ""), 36)


def postcode_of(key: int) -> str:
    """Return the normalised postcode whose key is `key`; `postcode_key` turned round."""
    characters = []
    while key:
        key, digit = divmod(key, 36)
        characters.append(_DIGITS[digit])
    bare = "".join(reversed(characters))
    return f"{bare[:-3]} {bare[-3:]}"


def areas_of(session: Session, postcode: str) -> list[Area]:
    """Return every area that a normalised postcode lies in, by kind and name, each with its parent.

    The list is empty when the postcode is not in the registry.
    """
    of_postcode = (
        select(Area)
        .join(AreaGroupMember, AreaGroupMember.area_id == Area.id)
        .join(Postcode, Postcode.group_id == AreaGroupMember.group_id)
        .where(Postcode.key == postcode_key(postcode))
        .order_by(Area.kind, Area.name, Area.code)
        .options(joinedload(Area.parent))
    )
    return list(session.scalars(of_postcode))


def areas_of_kind(session: Session, postcode: str, kind: AreaKind) -> list[Area]:
    """Return the areas of one kind that a normalised postcode lies in: none, one, or several when it straddles."""
    return [area for area in areas_of(session, postcode) if area.kind is kind]


def _bare(character: str) -> str:
    """Return what counts of a typed character: a figure in ASCII, nothing for separators, else the character."""
    if character.isspace() or character in _SEPARATORS or unicodedata.category(character) == "Cf":
        return ""
    return str(unicodedata.decimal(character, character))


def _only_reading(bare: str) -> re.Match[str] | None:
    """Return the match of the one postcode that differs from `bare` by O and 0, I and 1 only, if there is just one."""
    readings = ("".join(choice) for choice in itertools.product(*(_MISTAKEN.get(c, c) for c in bare)))
    matches = [match for reading in readings if (match := _FORM.fullmatch(reading))]
    return matches[0] if len(matches) == 1 else None
