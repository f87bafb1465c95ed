"""Postcodes: their form, the number that an answer is keyed by, and the areas that one lies in.

The form is that of BS 7666 as Royal Mail's Postcode Address File uses it: an outward code A9, A99, A9A, AA9, AA99 or
AA9A, and an inward code 9AA. The first letter is none of Q, V, X; the second none of I, J, Z; the third, where it is a
letter, one of ABCDEFGHJKPSTUW; the fourth one of ABEHMNPRVWXY; the inward letters none of C, I, K, M, O, V. No district
of two figures begins with 0. GIR 0AA stands outside the pattern and is in use; six districts of London's W1 stood
outside it until 2000 (W1M, W1N, W1R, W1V, W1X, W1Y), and ONS still lists their postcodes as terminated. One area is
allowed beyond the standard: ZZ, which can never be given out, so that invented places have postcodes that are nobody's.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import bindparam, literal_column, null, select, type_coerce, union_all
from sqlalchemy.orm import Session

from app.asked_often import AskedOften
from app.statements import among
from app.targets.area_groups import best_of
from app.targets.known_areas import KnownArea
from app.targets.models import Area
from app.targets.postcode_blocks import INWARD, postcodes_in, unpack
from app.targets.postcode_models import AreaGroupMember, PostcodeAnswer, PostcodeBlock, PostcodeSource

LIVE = "live look-up"
"""What an answer of a service on the network is called where sources are."""

_FORM = re.compile(
    r"""(
        (?: [A-PR-UWYZ]           (?: [0-9] | [1-9][0-9] | [1-9][A-HJKPSTUW] )
          | [A-PR-UWYZ][A-HK-Y]   (?: [0-9] | [1-9][0-9] | [1-9][ABEHMNPRVWXY] )
          | W1 [MNRVXY]
          | ZZ                    (?: [0-9] | [1-9][0-9] )
          | GIR (?=0AA) )
    )([0-9][ABD-HJLNP-UW-Z]{2})""",
    re.VERBOSE,
)
_SHORTEST, _LONGEST = 5, 7
_LONGEST_TYPED = 40
_SEPARATORS = frozenset("-‐‑‒–—―−._,'\"()")
_MISTAKEN = {"O": "O0", "0": "0O", "I": "I1", "1": "1I"}


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
    """Return the number that `PostcodeAnswer.key` holds: the characters of a normalised postcode read in base 36.

    No two postcodes share a number, because none begins with 0.
    """
    return int(postcode.replace(" ", ""), 36)


def split(postcode: str) -> tuple[str, int]:
    """Return a normalised postcode's outward code, and the number that blocks know its inward code by."""
    outward, _, inward = postcode.partition(" ")
    return outward, INWARD[inward]


@dataclass(frozen=True, slots=True)
class Origin:
    """Who told something of a postcode: a source's slug, or `LIVE`, and the day that it describes."""

    name: str
    as_of: date


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a postcode."""

    areas: tuple[KnownArea, ...]
    """Every area that it lies in, by kind and name; none for one that lies in none of ours, such as in Jersey."""
    terminated: bool
    """Whether Royal Mail has taken it out of use. It still says where somebody lives who keeps using it."""
    origins: tuple[Origin, ...]
    """Who knows it, the one with the best claim first."""


_Row: TypeAlias = Any
"""What is read of an area, by the names of its columns."""


@dataclass(frozen=True, slots=True)
class _Telling:
    """What one source says of a postcode."""

    claim: tuple[bool, date]
    origin: Origin
    group_id: int
    terminated: bool


def find(session: Session, postcode: str) -> Found | None:
    """Return what is known of a normalised postcode; none where nobody has told us of it.

    Where several sources know it, each kind of area comes from the one with the best claim that has any of that kind:
    real before invented, the later day before the earlier one, the earlier comer where days are equal.
    """
    tellings = [*_tellings(session, postcode)]
    if not tellings:
        return None
    tellings.sort(key=lambda telling: telling.claim, reverse=True)
    members = _members(session, {telling.group_id for telling in tellings})
    areas = best_of([members[telling.group_id] for telling in tellings])
    ordered = sorted(areas, key=lambda area: (area.kind, area.name, area.code))
    return Found(tuple(ordered), tellings[0].terminated, tuple(telling.origin for telling in tellings))


def areas_of(session: Session, postcode: str) -> list[KnownArea]:
    """Return every area that a normalised postcode lies in, by kind and name, each with those above it.

    The list is empty when the postcode is not in the registry.
    """
    found = find(session, postcode)
    return list(found.areas) if found else []


def first_postcode(session: Session, source: PostcodeSource) -> str | None:
    """Return the first postcode in use that a source has, if it has any."""
    blocks = select(PostcodeBlock).where(PostcodeBlock.source_id == source.id).order_by(PostcodeBlock.outward)
    for block in session.scalars(blocks):
        for postcode in postcodes_in(block.outward, unpack(block.entries)):
            return postcode
    return None


def _tellings(session: Session, postcode: str) -> Iterator[_Telling]:
    """Yield what each source says, in the order in which they came, then what a service on the network has said."""
    outward, number = split(postcode)
    rows = _TOLD.rows(session, outward=outward, key=postcode_key(postcode))
    for told in sorted(rows, key=lambda row: row.came):
        if told.entries is None:
            as_of = told.fetched_at.date()
            yield _Telling((True, as_of), Origin(LIVE, as_of), told.group_id, terminated=False)
        elif here := unpack(told.entries).find(number):
            yield _Telling((not told.demo, told.as_of), Origin(told.slug, told.as_of), *here)


def _members(session: Session, group_ids: set[int]) -> dict[int, list[KnownArea]]:
    """Return the areas of each group, each with those above it."""
    found = [row for group_id in group_ids for row in _MEMBERS.rows(session, group_id=group_id)]
    rows: dict[int, _Row] = {row.id: row for row in found}
    while above := {row.parent_id for row in rows.values() if row.parent_id is not None} - rows.keys():
        rows |= {row.id: row for row in session.connection().execute(_AREAS.where(among(session, Area.id, above)))}
    areas: dict[int, KnownArea] = {}
    members: dict[int, list[KnownArea]] = {group_id: [] for group_id in group_ids}
    for row in found:
        members[row.group_id].append(_known(row, rows, areas))
    return members


def _known(row: _Row, rows: Mapping[int, _Row], areas: dict[int, KnownArea]) -> KnownArea:
    """Return the area of a row, after those above it: each is made once and kept in `areas`."""
    if row.id not in areas:
        parent = None if row.parent_id is None else _known(rows[row.parent_id], rows, areas)
        areas[row.id] = KnownArea(row.id, row.code, row.name, row.kind, row.parent_id, row.ended_on, parent)
    return areas[row.id]


_LAST = 2**31 - 1
"""Where a service's answer stands among the sources: behind all of them."""
_TOLD = AskedOften(
    union_all(
        select(
            PostcodeSource.id.label("came"),
            PostcodeSource.slug,
            PostcodeSource.as_of,
            PostcodeSource.demo,
            PostcodeBlock.entries,
            type_coerce(null(), PostcodeAnswer.group_id.type).label("group_id"),
            type_coerce(null(), PostcodeAnswer.fetched_at.type).label("fetched_at"),
        )
        .join(PostcodeSource, PostcodeSource.id == PostcodeBlock.source_id)
        .where(PostcodeBlock.outward == bindparam("outward")),
        select(
            literal_column(str(_LAST)),
            null(),
            null(),
            null(),
            null(),
            PostcodeAnswer.group_id,
            PostcodeAnswer.fetched_at,
        ).where(PostcodeAnswer.key == bindparam("key"), PostcodeAnswer.group_id.is_not(None)),
    )
)
_COLUMNS = (Area.id, Area.code, Area.name, Area.kind, Area.parent_id, Area.ended_on)
_AREAS = select(*_COLUMNS)
_MEMBERS = AskedOften(
    select(AreaGroupMember.group_id, *_COLUMNS)
    .join(Area, Area.id == AreaGroupMember.area_id)
    .where(AreaGroupMember.group_id == bindparam("group_id"))
)


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
