"""The areas that a published file names, found in the registry: by GSS code, or by the names of council and ward.

Names are compared in the form of `plain`: capitals, accents and punctuation make no difference. An area that is there
now goes before one that has ceased to exist, and a ward with a GSS code before one that is known by its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.targets.areas import council_record, plain, ward_code, ward_name
from app.targets.fields import FieldError
from app.targets.gss import has_form
from app.targets.importers.parsed import Place
from app.targets.models import COUNCILS, WARDS, Area, AreaAlias, AreaKind
from app.targets.records import AreaRecord, Council

_SUFFIX = re.compile("-(ward|division|electoral-division|ed)$")


class NotFoundError(FieldError):
    """The registry has no such place, or more than one; the message completes a sentence that begins with the row."""


@dataclass(frozen=True, slots=True)
class Known:
    """An area of the registry, or one that this import adds."""

    code: str
    name: str
    kind: AreaKind
    parent: str = ""
    """The code of a ward's council, a division's or a district's county."""
    ended_on: date | None = None

    @property
    def coded(self) -> bool:
        """Whether its code is a GSS code."""
        return has_form(self.code)


class Places:
    """The registry's areas, to be found as a file names them."""

    def __init__(self, session: Session, council: Council | None, day: date) -> None:
        """Read the registry.

        Args:
            session: reads.
            council: the one that the whole file is about, for places that name none; it is added where it is new.
            day: the day that the file describes.
        """
        self.day = day
        self._by_code: dict[str, Known] = {}
        self._by_name: dict[tuple[str, str], list[Known]] = {}
        """By the code of its council (or nothing) and its plain name."""
        self._new: dict[str, Known] = {}
        for known in _areas(session):
            self._learn(known)
        for alias, code in session.execute(select(AreaAlias.alias, Area.code).join(Area, Area.id == AreaAlias.area_id)):
            self._by_name.setdefault(("", alias), []).append(self._by_code[code])
        self._default = self._import_council(council) if council else None

    @property
    def new(self) -> list[AreaRecord]:
        """What has been found to be missing in the registry: wards, and the import's own council."""
        return [AreaRecord(known.code, known.name, known.kind, known.parent) for known in self._new.values()]

    def name_of(self, code: str) -> str:
        """Return what the area with this code is called; nothing where there is none."""
        return self._by_code[code].name if code in self._by_code else ""

    def find(self, place: Place) -> Known:
        """Return the area; a ward that its council does not have yet is a new one of that name.

        Raises:
            NotFoundError: there is none, or more than one, that can be meant.
            FieldError: the ward's name cannot be one.
        """
        if place.kind in COUNCILS:
            return self.council(place.code or place.name or place.council, place.kind)
        if place.code in self._by_code:
            return self._of_kind(self._by_code[place.code], place)
        if place.kind is AreaKind.CONSTITUENCY:
            # One of the same name and another code has other boundaries, and perhaps another member.
            named = [] if place.code else self._by_name.get(("", plain(place.name)), [])
            return self._one(_kinds(named, [place.kind]), f"constituency {place.code or place.name!r}")
        return self._ward(place)

    def council(self, words: str, kind: AreaKind = AreaKind.COUNCIL) -> Known:
        """Return the council that is called so: by a code, a name, or another name; the import's own without words.

        Where a county and a district go by one name, `kind` decides.

        Raises:
            NotFoundError: there is none, it has ceased to exist, or more than one can be meant.
        """
        if not words:
            if self._default is None:
                raise NotFoundError("the file does not say which council, and nor does the import")
            return self._default
        coded = [self._by_code[words]] if words in self._by_code else self._by_name.get(("", plain(words)), [])
        found = _kinds(coded, COUNCILS)
        there = [one for one in found if one.ended_on is None or self.day < one.ended_on]
        if found and not there:
            raise NotFoundError(f"the council {words!r} ceased to exist on {found[0].ended_on}")
        return self._one(_kinds(there, (kind,)) or there, f"council {words!r}")

    def council_code(self, words: str) -> str | None:
        """Return the code of the council that is called so; none where `council` would say that there is none."""
        try:
            return self.council(words).code
        except NotFoundError:
            return None

    def _ward(self, place: Place) -> Known:
        tier = AreaKind.COUNTY if place.kind is AreaKind.DIVISION else AreaKind.COUNCIL
        council = self.council(place.council, tier)
        if not place.name:
            raise NotFoundError(f"the registry has no {place.kind} {place.code}" if place.code else "no ward is named")
        name = ward_name(place.name)
        for called in (plain(name), _SUFFIX.sub("", plain(name))):
            if found := _kinds(self._by_name.get((council.code, called), []), WARDS):
                return self._one(found, f"{place.kind} {name!r} of {council.name}")
        kind = AreaKind.DIVISION if council.kind is AreaKind.COUNTY else AreaKind.WARD
        code = place.code if has_form(place.code) else ward_code(Council(council.code, council.name), name)
        return self._add(Known(code, name, kind, council.code))

    def _of_kind(self, known: Known, place: Place) -> Known:
        if known.kind is place.kind or {known.kind, place.kind} == {*WARDS}:
            return known
        raise NotFoundError(f"{place.code} is the {known.kind} {known.name}, not a {place.kind}")

    def _one(self, found: list[Known], what: str) -> Known:
        """Return the one that goes before the others."""
        ranked = sorted({one.code: one for one in found}.values(), key=_rank)
        if not ranked:
            raise NotFoundError(f"the registry has no {what}")
        if len(ranked) > 1 and _rank(ranked[0]) == _rank(ranked[1]):
            codes = ", ".join(one.code for one in ranked if _rank(one) == _rank(ranked[0]))
            raise NotFoundError(f"the {what} may be any of {codes}")
        return ranked[0]

    def _import_council(self, council: Council) -> Known:
        known = self._by_code.get(council.code)
        if known is None:
            return self._add(Known(council.code, council.name, council_record(council).kind))
        if known.kind not in COUNCILS:
            raise NotFoundError(f"{known.code} is the {known.kind} {known.name}, not a council")
        return known

    def _add(self, known: Known) -> Known:
        self._new[known.code] = known
        self._learn(known)
        return known

    def _learn(self, known: Known) -> None:
        self._by_code[known.code] = known
        within = known.parent if known.kind in WARDS else ""
        self._by_name.setdefault((within, plain(known.name)), []).append(known)


def _areas(session: Session) -> list[Known]:
    rows = session.execute(select(Area.id, Area.code, Area.name, Area.kind, Area.parent_id, Area.ended_on)).all()
    codes = {row.id: row.code for row in rows}
    return [Known(row.code, row.name, row.kind, codes.get(row.parent_id, ""), row.ended_on) for row in rows]


def _kinds(found: Iterable[Known], kinds: Iterable[AreaKind]) -> list[Known]:
    return [one for one in found if one.kind in kinds]


def _rank(known: Known) -> tuple[bool, bool]:
    return known.ended_on is not None, not known.coded
