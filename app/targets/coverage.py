"""What the registry has of each council: seats, addresses, age, and where wards and councillors do not fit together.

Councils that were abolished and wards that were drawn anew show as wards without councillors and as councillors without
wards. The House of Commons counts as one more council, its constituencies as wards.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.targets.freshness import HOUSE_OF_COMMONS, is_stale
from app.targets.models import COUNCILS, Area, AreaKind, Target, TargetList, Vacancy
from app.targets.records import TargetRole

ELECTED = (TargetRole.COUNCILLOR, TargetRole.MP)
"""The roles that somebody is elected to, for an area."""


class Lost(enum.StrEnum):
    """Why no postcode leads to somebody who is elected."""

    NO_WARD = "no_ward"
    """The list names no ward."""
    NO_COUNCIL = "no_council"
    """It is not known which council the ward is of."""
    COUNCIL_ENDED = "council_ended"
    WARD_ENDED = "ward_ended"
    NO_POSTCODE = "no_postcode"
    """No postcode lies in the ward, though some lie in other wards of the council: one of the two is out of date."""


@dataclass(frozen=True, slots=True)
class LostCouncillors:
    """Those of one ward whom no postcode leads to, and who took the place of the ward or of the council, by name."""

    ward: str
    number: int
    why: Lost
    successors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CouncilCoverage:
    """What there is of one council; without a code for those whose council is not known."""

    code: str
    name: str
    ended_on: date | None
    wards: int
    """Those that exist, and have postcodes where postcodes of the council are known."""
    councillors: int
    with_email: int
    vacancies: int
    as_of: date | None
    """The day that the oldest of its lists describes; none where there is none."""
    age_days: int | None
    stale: bool
    bounces: int
    """Councillors whose address has sent mail back, or must not be mailed."""
    empty_wards: tuple[str, ...]
    lost: tuple[LostCouncillors, ...]

    @property
    def seats(self) -> int:
        """Councillors and vacancies."""
        return self.councillors + self.vacancies


class _Place(NamedTuple):
    id: int
    code: str
    name: str
    kind: AreaKind
    parent_id: int | None
    ended_on: date | None
    successors: str


class _Seats(NamedTuple):
    area_id: int | None
    councillors: int
    with_email: int
    as_of: date
    stale_from: date | None


_COMMONS = _Place(0, HOUSE_OF_COMMONS, "House of Commons", AreaKind.COUNCIL, None, None, "")
_NOBODYS = _Place(-1, "", "", AreaKind.COUNCIL, None, None, "")
"""Stands for the council of those whose council is not known. No area has the id of either."""


@dataclass(frozen=True, slots=True)
class _Ground:
    """All that is counted, by the id of the area."""

    today: date
    places: Mapping[int, _Place]
    codes: Mapping[str, _Place]
    seats: Mapping[int, _Seats]
    vacancies: Mapping[int, int]
    bounced: Mapping[int, int]
    in_use: frozenset[int]

    def ended(self, place: _Place) -> bool:
        return place.ended_on is not None and place.ended_on <= self.today

    def exists(self, ward: _Place, used: Collection[int]) -> bool:
        """Whether there is such a ward still; `used` are those of its council that postcodes lie in, if any do."""
        return not self.ended(ward) and (not used or ward.id in used)

    def successors(self, place: _Place) -> tuple[str, ...]:
        """The names of what exists in the place's stead; of what has ended too, the successors of that."""
        names: dict[str, str] = {}
        waiting, seen = place.successors.split(), {place.code}
        while waiting:
            code = waiting.pop(0)
            one = self.codes.get(code)
            if code in seen or one is None:
                continue
            seen.add(code)
            if self.ended(one) and one.successors:
                waiting += one.successors.split()
            else:
                names[code] = one.name
        return tuple(names.values())


def by_council(
    session: Session, today: date, *, in_use: Collection[int] = (), bounced: Mapping[int | None, int] | None = None
) -> list[CouncilCoverage]:
    """What there is of every council that exists, or has councillors here, by name, in a fixed number of statements.

    Args:
        session: only read from.
        today: the day by which data are stale, and councils have ended.
        in_use: the areas that postcodes lie in; empty where this is not known.
        bounced: how many councillors of each area have an address that sends mail back.
    """
    ground = _read(session, today, in_use, bounced or {})
    wards: dict[int, list[_Place]] = defaultdict(list)
    for place in ground.places.values():
        if place.kind not in COUNCILS:
            wards[_body_of(place)].append(place)
    bodies = [place for place in ground.places.values() if place.kind in COUNCILS]
    rows = [_council(ground, body, wards[body.id]) for body in (*bodies, _COMMONS, _NOBODYS)]
    shown = [row for row in rows if row.seats or (row.code and row.ended_on is None)]
    return sorted(shown, key=lambda row: (row.name.casefold(), row.code))


def _read(session: Session, today: date, in_use: Collection[int], bounced: Mapping[int | None, int]) -> _Ground:
    places = {row.id: _Place(*row) for row in session.execute(_PLACES)}
    vacancies = session.execute(select(Vacancy.area_id, func.sum(Vacancy.seats)).group_by(Vacancy.area_id))
    seats = [_Seats(*row) for row in session.execute(_SEATS)]
    return _Ground(
        today=today,
        places=places,
        codes={place.code: place for place in places.values()},
        seats={_NOBODYS.id if one.area_id is None else one.area_id: one for one in seats},
        vacancies=dict(vacancies.all()),
        bounced={_NOBODYS.id if area is None else area: number for area, number in bounced.items()},
        in_use=frozenset(in_use),
    )


_PLACES = select(Area.id, Area.code, Area.name, Area.kind, Area.parent_id, Area.ended_on, Area.successors)
_SEATS = (
    select(
        Target.area_id,
        func.count(),
        func.sum(case((Target.email != "", 1), else_=0)),
        func.min(TargetList.as_of),
        func.min(Target.stale_from),
    )
    .join(Target.list)
    .where(Target.role.in_(ELECTED), Target.archived_at.is_(None))
    .group_by(Target.area_id)
)
"""The columns of `_Seats`."""


def _body_of(ward: _Place) -> int:
    if ward.kind is AreaKind.CONSTITUENCY:
        return _COMMONS.id
    return _NOBODYS.id if ward.parent_id is None else ward.parent_id


def _council(ground: _Ground, body: _Place, wards: Sequence[_Place]) -> CouncilCoverage:
    used = ground.in_use.intersection(ward.id for ward in wards)
    existing = [] if ground.ended(body) else [ward for ward in wards if ground.exists(ward, used)]
    areas = [body.id, *(ward.id for ward in wards)]
    seats = [ground.seats[area] for area in areas if area in ground.seats]
    as_of = min((one.as_of for one in seats), default=None)
    return CouncilCoverage(
        code=body.code,
        name=body.name,
        ended_on=body.ended_on if ground.ended(body) else None,
        wards=len(existing),
        councillors=sum(one.councillors for one in seats),
        with_email=sum(one.with_email for one in seats),
        vacancies=sum(ground.vacancies.get(area, 0) for area in areas),
        as_of=as_of,
        age_days=None if as_of is None else (ground.today - as_of).days,
        stale=any(is_stale(one.stale_from, ground.today) for one in seats),
        bounces=sum(ground.bounced.get(area, 0) for area in areas),
        empty_wards=tuple(sorted(ward.name for ward in existing if _is_empty(ground, ward))),
        lost=tuple(_lost(ground, body, wards, used)),
    )


def _is_empty(ground: _Ground, ward: _Place) -> bool:
    return ward.id not in ground.seats and not ground.vacancies.get(ward.id)


def _lost(ground: _Ground, body: _Place, wards: Iterable[_Place], used: Collection[int]) -> Iterator[LostCouncillors]:
    if own := ground.seats.get(body.id):
        yield LostCouncillors("", own.councillors, Lost.NO_WARD)
    for ward in sorted(wards, key=lambda ward: (ward.name, ward.code)):
        seats = ground.seats.get(ward.id)
        if seats and (why := _why_lost(ground, body, ward, used)):
            ended = body if why is Lost.COUNCIL_ENDED else ward
            yield LostCouncillors(ward.name, seats.councillors, why, ground.successors(ended))


def _why_lost(ground: _Ground, body: _Place, ward: _Place, used: Collection[int]) -> Lost | None:
    if body is _NOBODYS:
        return Lost.NO_COUNCIL
    if ground.ended(body):
        return Lost.COUNCIL_ENDED
    if ground.ended(ward):
        return Lost.WARD_ENDED
    return Lost.NO_POSTCODE if used and ward.id not in used else None
