"""How many postcodes in use lie in which areas: what coverage is counted by. Derived from the blocks of all sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.targets.area_groups import best_of, groups_of, members_of
from app.targets.postcode_blocks import Block, unpack
from app.targets.postcode_models import AreaGroupMember, PostcodeBlock, PostcodeCount, PostcodeSource


@dataclass(frozen=True, slots=True)
class GroupCount:
    """Areas by their ids, and how many postcodes in use lie in exactly these; no areas where they lie nowhere."""

    area_ids: frozenset[int]
    live: int


def groups_with_counts(session: Session) -> list[GroupCount]:
    """Return every set of areas that postcodes in use lie in, each postcode as `app.targets.postcodes.find` tells it.

    No postcode is counted twice, however many sources have it. Invented places are among them.
    """
    rows = session.execute(
        select(PostcodeCount.group_id, PostcodeCount.live, AreaGroupMember.area_id)
        .outerjoin(AreaGroupMember, AreaGroupMember.group_id == PostcodeCount.group_id)
        .order_by(PostcodeCount.group_id)
    )
    return [
        GroupCount(frozenset(row.area_id for row in members if row.area_id is not None), members[0].live)
        for members in (list(rows) for _, rows in groupby(rows, key=itemgetter(0)))
    ]


def recount(session: Session) -> None:
    """Count again, after the blocks or the claims of sources have changed."""
    counted = _settled(session, _tellings(session))
    session.execute(delete(PostcodeCount))
    if counted:
        rows = [{"group_id": group, "live": live} for group, live in sorted(counted.items())]
        session.execute(insert(PostcodeCount), rows)


def _tellings(session: Session) -> Counter[tuple[int, ...]]:
    """Count the postcodes in use by the groups that sources give them, the better claim first."""
    counted: Counter[tuple[int, ...]] = Counter()
    for blocks in _by_outward(session):
        if len(blocks) == 1:
            counted.update({(group,): live for group, live in blocks[0].live_groups().items()})
        else:
            counted.update(_merged(blocks))
    return counted


def _by_outward(session: Session) -> Iterator[Sequence[Block]]:
    """Yield the blocks of each outward code, that of the source with the better claim first."""
    sources = session.scalars(select(PostcodeSource).order_by(PostcodeSource.id))
    ranked = sorted(sources, key=lambda source: source.claim, reverse=True)
    rank = {source.id: place for place, source in enumerate(ranked)}
    rows = session.execute(
        select(PostcodeBlock.outward, PostcodeBlock.source_id, PostcodeBlock.entries)
        .order_by(PostcodeBlock.outward)
        .execution_options(yield_per=500)
    )
    for _, blocks in groupby(rows, key=itemgetter(0)):
        yield [unpack(row.entries) for row in sorted(blocks, key=lambda row: rank[row.source_id])]


def _merged(blocks: Iterable[Block]) -> Iterator[tuple[int, ...]]:
    """Yield the groups of each postcode whose best source says that it is in use."""
    told: dict[int, tuple[tuple[int, bool], ...]] = {}
    for block in blocks:
        for number, telling in block.groups().items():
            told[number] = (*told.get(number, ()), telling)
    for tellings in told.values():
        if not tellings[0][1]:
            yield tuple(group for group, _ in tellings)


def _settled(session: Session, counted: Counter[tuple[int, ...]]) -> Counter[int]:
    """Count by the one group that the tellings of several sources come to."""
    several = [groups for groups in counted if len(groups) > 1]
    members = members_of(session, {group for groups in several for group in groups})
    sets = {groups: frozenset(area.id for area in best_of([members[one] for one in groups])) for groups in several}
    ids = groups_of(session, set(sets.values())) if sets else {}
    settled: Counter[int] = Counter()
    for groups, live in counted.items():
        settled[groups[0] if len(groups) == 1 else ids[sets[groups]]] += live
    return settled
