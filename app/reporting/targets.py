"""Those who were written to: what came of their letters, how many they answered; by each, council, party, tier, area.

Where the targets follow from where supporters live, a small number of letters tells who lives there. Such campaigns'
tables are made of what was published (`app.reporting.publication`) and go through `app.reporting.cells`, each column
for itself, all tables of a campaign together. Whom no number is told of is not named: that somebody is in the table
would say that there is a letter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.campaigns.models import Campaign, TargetRule
from app.reporting.cells import SLACK, Leaf, Protected, coarse
from app.reporting.chances import Interval, interval
from app.reporting.counters import Counters, Numbers
from app.reporting.outcomes import COUNTED
from app.reporting.publication import BY_TARGET, column_name, of_targets
from app.reporting.tables import Cell, LazyRows, Row, Table, rate
from app.statements import among
from app.targets.models import COUNCILS, Area, Target
from app.targets.tiers import tier_of

GROUPS = ("party", "council", "tier", "area")
"""By what targets are put together, in the order in which they should rather lose company than each other's."""
_NUMBERS = (*COUNTED, "replies")
FIGURES = (*_NUMBERS, "arrived_rate", "came_back_rate", "reply_rate", "reply_rate_low", "reply_rate_high")
"""The columns of what came of the letters; in the table of a group they stand after its name."""
TARGETS = ("target", "organisation", "party", "area", "council", "tier", *FIGURES)
"""The columns of the table of targets."""
_Members: TypeAlias = Mapping[Hashable, Sequence[int]]


@dataclass(frozen=True, slots=True)
class WrittenTo:
    """One target that a campaign's letters went to."""

    target_id: int
    name: str
    organisation: str
    party: str
    area_id: int | None
    area: str
    council: str
    tier: str
    groups: tuple[str, ...] = field(init=False)
    """What they are put together by, as `GROUPS` names it. Two councils may have wards of one name."""

    def __post_init__(self) -> None:
        """Put the groups together, once for all columns."""
        area = f"{self.area}, {self.council}" if self.area and self.council else self.area or self.council
        object.__setattr__(self, "groups", (self.party, self.council, self.tier, area))


@dataclass(frozen=True, slots=True)
class TargetTables:
    """The tables of a campaign's targets, which are made together."""

    targets: Table
    groups: Sequence[Table]


def written_to(session: Session, columns: Mapping[str, Numbers]) -> list[WrittenTo]:
    """Everybody of whom there is a number in one of the columns, by council and name."""
    keys = {int(key) for numbers in columns.values() for key, number in numbers.items() if number}
    parent = aliased(Area)
    people = (
        select(
            Target.id,
            Target.name,
            Target.organisation,
            Target.party,
            Target.area_id,
            Area.name,
            Area.code,
            Area.kind,
            parent.name,
            parent.code,
            parent.kind,
        )
        .outerjoin(Area, Area.id == Target.area_id)
        .outerjoin(parent, parent.id == Area.parent_id)
        .where(among(session, Target.id, keys))
    )
    found = []
    for target_id, name, organisation, party, area_id, *places in session.execute(people):
        area, council, tier = _places(*places)
        found.append(WrittenTo(target_id, name, organisation, party, area_id, area, council, tier))
    return sorted(found, key=lambda one: (one.council, one.name, one.target_id))


def target_tables(counters: Counters) -> TargetTables:
    """Each target of the one campaign, and the targets by party, council, tier and area."""
    [campaign] = counters.scope.campaigns
    columns = target_columns(counters, _NUMBERS)
    people = written_to(counters.session, columns)
    places = by_place(campaign)
    shown = _protected(people, columns) if places else _plain(people, columns)
    slack = SLACK if places else 0

    def row(place: int) -> Row:
        one = people[place]
        told = _numbers(shown, place, slack)
        return (one.name, one.organisation, one.party, one.area, one.council, one.tier, *told)

    named = [place for place in range(len(people)) if shown["letters"].leaf(place) is not None]
    targets = Table("targets", TARGETS, LazyRows(named, row))
    return TargetTables(targets, [_grouped(table, people, shown, slack) for table in range(len(GROUPS))])


def numbers_of(counters: Counters, names: Sequence[str]) -> Iterator[tuple[WrittenTo, Mapping[str, int | None]]]:
    """Some columns of everybody who was written to, the letters first; none for a number that is withheld."""
    [campaign] = counters.scope.campaigns
    columns = target_columns(counters, names)
    people = written_to(counters.session, columns)
    shown = _protected(people, columns) if by_place(campaign) else _plain(people, columns)
    for place, one in enumerate(people):
        yield one, {column: each.leaf(place) for column, each in shown.items()}


def target_columns(counters: Counters, names: Sequence[str]) -> Mapping[str, Numbers]:
    """Some columns by target: as they were published where targets tell of places, else as they stand."""
    [campaign] = counters.scope.campaigns
    found = counters.published if by_place(campaign) else dict(of_targets(counters))
    return {name: found.get(column_name(name, BY_TARGET), {}) for name in names}


def by_place(campaign: Campaign) -> bool:
    """Whether a target of the campaign tells where those live who write to it."""
    return campaign.target_rule is TargetRule.AREA


def _places(*places: object) -> tuple[str, str, str]:
    """A target's area, its council, and the council's tier, each as far as there is one."""
    area, code, kind, above, above_code, above_kind = places
    if kind in COUNCILS:
        return "", str(area), _tier(str(code))
    if above_kind in COUNCILS:
        return str(area), str(above), _tier(str(above_code))
    return str(area or ""), "", ""


def _tier(code: str) -> str:
    found = tier_of(code)
    return "" if found is None else found.value


@dataclass(frozen=True, slots=True)
class _Shown:
    """What may be shown of one column."""

    leaf: Callable[[int], int | None]
    sum: Callable[[int, Hashable], int | None]
    """Of a group of one of the coarser tables, by the table's place in `GROUPS`."""


def _protected(people: Sequence[WrittenTo], columns: Mapping[str, Numbers]) -> dict[str, _Shown]:
    """The first column's blocks hold for the others too."""
    shown, base = {}, None
    for name, numbers in columns.items():
        leaves = zip(people, _in_order(people, numbers), strict=True)
        protected = Protected([Leaf(number, one.area_id, one.groups) for one, number in leaves], base)
        shown[name], base = _coarse(protected), base or protected
    return shown


def _coarse(each: Protected) -> _Shown:
    return _Shown(lambda place: coarse(each.leaf(place)), lambda table, group: coarse(each.sum(table, group)))


def _plain(people: Sequence[WrittenTo], columns: Mapping[str, Numbers]) -> dict[str, _Shown]:
    members = [_members(people, table) for table in range(len(GROUPS))]
    return {name: _unprotected(_in_order(people, numbers), members) for name, numbers in columns.items()}


def _unprotected(numbers: Sequence[int], members: Sequence[_Members]) -> _Shown:
    return _Shown(numbers.__getitem__, lambda table, group: sum(map(numbers.__getitem__, members[table][group])))


def _in_order(people: Sequence[WrittenTo], numbers: Numbers) -> list[int]:
    return [numbers.get(str(one.target_id), 0) for one in people]


def _members(people: Sequence[WrittenTo], table: int) -> _Members:
    """Who is in each group, by their places."""
    members: dict[Hashable, list[int]] = defaultdict(list)
    for place, one in enumerate(people):
        members[one.groups[table]].append(place)
    return members


def _grouped(table: int, people: Sequence[WrittenTo], shown: Mapping[str, _Shown], slack: int) -> Table:
    groups = {one.groups[table] for one in people}
    told = sorted(group for group in groups if shown["letters"].sum(table, group) is not None)

    def row(place: int) -> Row:
        return (told[place], *_with_rates({name: each.sum(table, told[place]) for name, each in shown.items()}, slack))

    return Table(GROUPS[table], (GROUPS[table], *FIGURES), LazyRows(range(len(told)), row))


def _numbers(shown: Mapping[str, _Shown], place: int, slack: int) -> list[Cell]:
    return _with_rates({column: each.leaf(place) for column, each in shown.items()}, slack)


def _with_rates(numbers: Mapping[str, int | None], slack: int) -> list[Cell]:
    """The numbers of one row and their shares; how many answered is told with its interval, or not at all.

    Columns that were published on different days may be at odds: no share is over one. `slack`: how far each number may
    be from what it was; the interval is wider for it.
    """
    handed_over, replies = numbers["handed_over"], numbers["replies"]
    cells: list[Cell] = [*numbers.values()]
    cells += [_share(numbers["arrived"], handed_over), _share(numbers["came_back"], numbers["letters"])]
    if replies is None or handed_over is None or (known := _sure(replies, handed_over, slack)) is None:
        return [*cells, None, None, None]
    return [*cells, _share(replies, handed_over), round(known.low, 4), round(known.high, 4)]


def _share(part: int | None, whole: int | None) -> float | None:
    return None if part is None or whole is None else rate(min(part, whole), whole)


def _sure(replies: int, handed_over: int, slack: int) -> Interval | None:
    """The interval of a reply rate. Letters in doubt may be answered, so there may be more than were handed over."""
    fewest, most = max(0, replies - slack), replies + slack
    low = interval(fewest, max(fewest, handed_over + slack))
    high = interval(most, max(most, handed_over - slack))
    if not handed_over or low is None or high is None or interval(0, handed_over) is None:
        return None
    return Interval(low.low, high.high)
