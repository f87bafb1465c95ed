"""Sets of postcodes: gathered from a stream without a database, then put in the place of what their source had.

Every source keeps its own set, packed into one row for each outward code. So a set is replaced by writing some three
thousand rows at the most, in a transaction that takes seconds for a whole country.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.statements import insert_or
from app.targets.area_groups import groups_of
from app.targets.areas import area_id, area_ids
from app.targets.changes import Changes
from app.targets.postcode_blocks import Block, block_of, unpack
from app.targets.postcode_counts import recount
from app.targets.postcode_models import PostcodeBlock, PostcodeSource
from app.targets.postcodes import split
from app.targets.records import PostcodeRecord, Provenance


@dataclass(frozen=True, slots=True)
class SourceHead:
    """Where a set of postcodes comes from, by the slug that stays the same when the set is published again."""

    slug: str
    provenance: Provenance
    demo: bool = False


@dataclass(frozen=True, slots=True)
class PostcodeSet:
    """Postcodes by outward code. The groups of the blocks are places in `sets`, which holds sets of areas' codes."""

    sets: tuple[frozenset[str], ...]
    blocks: Mapping[str, Block]

    def __len__(self) -> int:
        return sum(len(block.numbers) for block in self.blocks.values())

    def renamed(self, codes: Mapping[str, str]) -> PostcodeSet:
        """The same postcodes where areas have other codes."""
        return replace(self, sets=tuple(frozenset(codes.get(code, code) for code in one) for one in self.sets))


class Gathering:
    """Takes postcodes one by one, in any order, in six bytes each; `finish` makes a set of them."""

    def __init__(self) -> None:
        self._places: dict[frozenset[str], int] = {}
        self._sets: list[frozenset[str]] = []
        self._rows: dict[str, tuple[array[int], array[int]]] = {}

    def set_of(self, codes: frozenset[str]) -> int:
        """Return what `add` wants for a set of areas' codes."""
        place = self._places.setdefault(codes, len(self._sets))
        if place == len(self._sets):
            self._sets.append(codes)
        return place

    def add(self, outward: str, number: int, place: int, *, terminated: bool = False) -> None:
        """Take a postcode: its outward code, the number of its inward code, and its areas by `set_of`."""
        rows = self._rows.get(outward)
        if rows is None:
            rows = self._rows[outward] = array("H"), array("I")
        rows[0].append(number)
        rows[1].append(place << 1 | terminated)

    def finish(self) -> PostcodeSet:
        """Return the set. A postcode that was told twice lies in the areas of both, and is in use if one says so."""
        blocks = {outward: self._block(*rows) for outward, rows in self._rows.items()}
        return PostcodeSet(tuple(self._sets), blocks)

    def _block(self, numbers: array[int], rows: array[int]) -> Block:
        told: dict[int, int] = {}
        for number, row in zip(numbers, rows, strict=True):
            told[number] = row if number not in told else self._both(told[number], row)
        live = {number: row >> 1 for number, row in told.items() if not row & 1}
        return block_of(live, {number: row >> 1 for number, row in told.items() if row & 1})

    def _both(self, one: int, other: int) -> int:
        return self.set_of(self._sets[one >> 1] | self._sets[other >> 1]) << 1 | (one & other & 1)


def gather(records: Iterable[PostcodeRecord]) -> PostcodeSet:
    """Return the set of these postcodes, all of them in use."""
    gathering = Gathering()
    for record in records:
        gathering.add(*split(record.postcode), gathering.set_of(record.area_codes))
    return gathering.finish()


def store_postcodes(session: Session, head: SourceHead, postcodes: PostcodeSet) -> Changes:
    """Make a source hold exactly these postcodes.

    Raises:
        UnknownAreaError: an area is not in the registry.
    """
    source, same_claim = _store_source(session, head)
    ids = area_ids(session)
    members = [frozenset(area_id(ids, code) for code in codes) for codes in postcodes.sets]
    groups = groups_of(session, set(members))
    wanted = {
        outward: block.with_groups(lambda place: groups[members[place]]) for outward, block in postcodes.blocks.items()
    }
    changes = _write(session, source, wanted)
    source.live = sum(block.live for block in wanted.values())
    source.terminated = sum(block.terminated for block in wanted.values())
    session.flush()
    if changes or not same_claim:
        recount(session)
    return changes


def _store_source(session: Session, head: SourceHead) -> tuple[PostcodeSource, bool]:
    """Add the source or bring its provenance up to date; also tell whether its claim is what it was."""
    source = session.scalar(select(PostcodeSource).where(PostcodeSource.slug == head.slug))
    if source is None:
        source = PostcodeSource(slug=head.slug, demo=head.demo, as_of=head.provenance.as_of)
        session.add(source)
    before = source.claim
    source.source, source.as_of = head.provenance.source, head.provenance.as_of
    source.licence, source.demo = head.provenance.licence, head.demo
    session.flush()
    return source, source.claim == before


def _write(session: Session, source: PostcodeSource, wanted: Mapping[str, Block]) -> Changes:
    """Write the blocks that differ and remove those that are wanted no more; what changed, by postcodes."""
    rows = session.execute(
        select(PostcodeBlock.outward, PostcodeBlock.entries).where(PostcodeBlock.source_id == source.id)
    )
    held = {row.outward: row.entries for row in rows}
    packed = {outward: block.pack() for outward, block in wanted.items()}
    changes = Changes()
    for outward in held.keys() | packed.keys():
        changes += _difference(held.get(outward), packed.get(outward))
    differing = {outward: entries for outward, entries in packed.items() if entries != held.get(outward)}
    if held.keys() - packed.keys():
        gone = PostcodeBlock.source_id == source.id, PostcodeBlock.outward.in_(held.keys() - packed.keys())
        session.execute(delete(PostcodeBlock).where(*gone), execution_options={"synchronize_session": False})
    if differing:
        put = insert_or(session, PostcodeBlock)
        put = put.on_conflict_do_update(index_elements=["outward", "source_id"], set_={"entries": put.excluded.entries})
        rows_to_put = [{"outward": o, "source_id": source.id, "entries": entries} for o, entries in differing.items()]
        session.execute(put, rows_to_put)
    return changes


def _difference(old: bytes | None, new: bytes | None) -> Changes:
    """Count the postcodes of one outward code that were added, changed, left and removed."""
    before = unpack(old).groups() if old is not None else {}
    if old == new:
        return Changes(unchanged=len(before))
    after = unpack(new).groups() if new is not None else {}
    both = before.keys() & after.keys()
    unchanged = len(before.items() & after.items())
    return Changes(len(after) - len(both), len(both) - unchanged, unchanged, len(before) - len(both))
