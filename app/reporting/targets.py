"""Those who were written to: what came of their letters, and how many they answered; by each, by council, party, tier.

Where the targets follow from where supporters live, a small number of letters tells who lives there. Such campaigns'
tables go through `app.reporting.cells`, each column for itself, all tables of a campaign together.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.campaigns.models import Campaign, TargetRule
from app.queue.models import LETTERS, TargetCount
from app.reporting.cells import Leaf, Protected
from app.reporting.chances import Interval, interval
from app.reporting.overview import ARRIVED, CAME_BACK, HANDED_OVER
from app.reporting.replies import answered
from app.reporting.tables import Cell, Table, rate
from app.targets.models import COUNCILS, Area, Target
from app.targets.tiers import tier_of

GROUPS = ("party", "council", "tier")
"""By what targets are put together, in the order in which they should rather lose company than each other's."""
_COUNTED: Mapping[str, Sequence[str]] = {
    "letters": (LETTERS,),
    "handed_over": HANDED_OVER,
    "arrived": ARRIVED,
    "came_back": CAME_BACK,
}
"""The columns, and what of the counters is in each."""
_NUMBERS = (*_COUNTED, "replies")
FIGURES = (*_NUMBERS, "arrived_rate", "came_back_rate", "reply_rate", "reply_rate_low", "reply_rate_high")
"""The columns of what came of the letters; in the table of a group they stand after its name."""
TARGETS = ("target", "organisation", "party", "area", "council", "tier", *FIGURES)
"""The columns of the table of targets."""


@dataclass(frozen=True, slots=True)
class WrittenTo:
    """One target with what came of a campaign's letters to them."""

    target_id: int
    name: str
    organisation: str
    party: str
    area_id: int | None
    area: str
    council: str
    tier: str
    counts: Counter[str]
    """By what is counted: letters, and those in each state outside the house."""
    replies: int
    """To how many of them an answer is known."""

    def number(self, column: str) -> int:
        """What stands in a column."""
        if column == "replies":
            return self.replies
        counts = self.counts
        return sum([counts[what] for what in _COUNTED[column]])


@dataclass(frozen=True, slots=True)
class TargetTables:
    """The tables of a campaign's targets, which are made together."""

    targets: Table
    groups: Sequence[Table]


def written_to(session: Session, campaign: Campaign) -> list[WrittenTo]:
    """Everybody whom the campaign has a letter to, by council and name."""
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    wanted = select(TargetCount.target_id, TargetCount.what, TargetCount.count)
    for target_id, what, number in session.execute(wanted.where(TargetCount.campaign_id == campaign.id)):
        counts[target_id][what] = number
    replied = answered(session, campaign)
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
        .where(Target.id.in_(select(TargetCount.target_id).where(TargetCount.campaign_id == campaign.id)))
    )
    found = []
    for target_id, name, organisation, party, area_id, *places in session.execute(people):
        area, council, tier = _places(*places)
        found.append(
            WrittenTo(
                target_id,
                name,
                organisation,
                party,
                area_id,
                area,
                council,
                tier,
                counts[target_id],
                replied.get(target_id, 0),
            )
        )
    return sorted(found, key=lambda one: (one.council, one.name, one.target_id))


def target_tables(session: Session, campaign: Campaign) -> TargetTables:
    """Each target, and the targets by party, council and tier."""
    people = written_to(session, campaign)
    shown = _protected(people, _NUMBERS) if by_place(campaign) else _plain(people, _NUMBERS)
    rows = [
        (one.name, one.organisation, one.party, one.area, one.council, one.tier, *_numbers(shown, place))
        for place, one in enumerate(people)
    ]
    targets = Table("targets", TARGETS, rows)
    return TargetTables(targets, [_grouped(table, group, shown) for table, group in enumerate(GROUPS)])


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
    sums: Callable[[int], Mapping[Hashable, int | None]]


def _leaves(people: Sequence[WrittenTo], column: str) -> list[Leaf]:
    return [Leaf(one.number(column), one.area_id, (one.party, one.council, one.tier)) for one in people]


def _protected(people: Sequence[WrittenTo], columns: Sequence[str]) -> dict[str, _Shown]:
    base = Protected(_leaves(people, columns[0]))
    others = {column: Protected(_leaves(people, column), base) for column in columns[1:]}
    return {column: _Shown(each.leaf, each.sums) for column, each in {columns[0]: base, **others}.items()}


def _plain(people: Sequence[WrittenTo], columns: Sequence[str]) -> dict[str, _Shown]:
    return {column: _unprotected(_leaves(people, column)) for column in columns}


def _unprotected(leaves: Sequence[Leaf]) -> _Shown:
    def sums(table: int) -> Mapping[Hashable, int | None]:
        totals: Counter[Hashable] = Counter()
        for leaf in leaves:
            totals[leaf.groups[table]] += leaf.value
        return totals

    return _Shown(lambda place: leaves[place].value, sums)


def _grouped(table: int, group: str, shown: Mapping[str, _Shown]) -> Table:
    by_column = {column: each.sums(table) for column, each in shown.items()}
    names = sorted(by_column["letters"], key=str)
    rows = [(str(name), *_with_rates({column: sums[name] for column, sums in by_column.items()})) for name in names]
    return Table(group, (group, *FIGURES), rows)


def _numbers(shown: Mapping[str, _Shown], place: int) -> list[Cell]:
    return _with_rates({column: each.leaf(place) for column, each in shown.items()})


def _with_rates(numbers: Mapping[str, int | None]) -> list[Cell]:
    """The numbers of one row and their shares; how many answered is told with its interval, or not at all."""
    handed_over, replies = numbers["handed_over"], numbers["replies"]
    cells: list[Cell] = [*numbers.values()]
    cells += [rate(numbers["arrived"], handed_over), rate(numbers["came_back"], numbers["letters"])]
    if replies is None or handed_over is None or (known := _sure(replies, handed_over)) is None:
        return [*cells, None, None, None]
    return [*cells, rate(replies, handed_over), round(known.low, 4), round(known.high, 4)]


def _sure(replies: int, handed_over: int) -> Interval | None:
    """The interval of a reply rate. Letters in doubt may be answered, so there may be more than were handed over."""
    return interval(replies, max(replies, handed_over)) if handed_over else None
