"""Postcodes in the database: each source's set is replaced as a whole, in bulk.

A postcode belongs to one source. Where two sources have it, the one that describes the later day keeps it, the earlier
comer where the days are equal, and a real source goes before an invented one. So the outcome does not depend on which
set happens to be written last, and a start that syncs the files does not take back what staff have imported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TypeVar

from sqlalchemy import delete, func, insert, or_, select
from sqlalchemy.orm import Session

from app.db import insert_or
from app.targets.areas import area_id, area_ids
from app.targets.changes import Changes
from app.targets.models import AreaGroup, AreaGroupMember, Postcode, PostcodeSource
from app.targets.postcodes import postcode_key
from app.targets.records import PostcodeRecord, Progress, Provenance, no_progress

T = TypeVar("T")

BATCH = 5000
"""How many rows one statement writes; progress is told after each."""


@dataclass(frozen=True, slots=True)
class SourceHead:
    """Where a set of postcodes comes from, by the slug that stays the same when the set is published again."""

    slug: str
    provenance: Provenance
    demo: bool = False


@dataclass(frozen=True, slots=True)
class SetChanges(Changes):
    """What replacing a set did."""

    kept_elsewhere: int = 0
    """Postcodes that stay with another source, which has the better claim to them."""


def gather(records: Iterable[PostcodeRecord]) -> dict[int, frozenset[str]]:
    """Return the area codes of each postcode, by the postcode's key, from a stream of records.

    A postcode that several records name lies in the areas of all of them. Equal sets of codes are kept once.
    """
    codes: dict[int, frozenset[str]] = {}
    sets: dict[frozenset[str], frozenset[str]] = {}
    for record in records:
        key = postcode_key(record.postcode)
        both = codes.get(key, frozenset()) | record.area_codes
        codes[key] = sets.setdefault(both, both)
    return codes


def store_postcodes(
    session: Session, head: SourceHead, codes: Mapping[int, frozenset[str]], progress: Progress = no_progress
) -> SetChanges:
    """Make a source hold exactly these postcodes, save those that another source has the better claim to.

    Args:
        session: writes, and ends with its caller.
        head: the source.
        codes: the codes of each postcode's areas, as `gather` returns them.
        progress: is told of postcodes that are done.

    Raises:
        UnknownAreaError: an area is not in the registry.
    """
    source = _store_source(session, head)
    wanted = _wanted(session, codes)
    total, held = len(wanted), 0
    changed, gone = 0, []
    for key, group_id in _held(session, source):
        held += 1
        if key not in wanted:
            gone.append(key)
        elif wanted[key] == group_id:
            del wanted[key]
        else:
            changed += 1
    unchanged = held - changed - len(gone)
    progress(unchanged, total)
    _remove(session, gone)
    for batch in _batches(wanted.items()):
        _put(session, source, batch)
        progress(len(batch), total)
    added = _count(session, source) - (held - len(gone))
    return SetChanges(added, changed, unchanged, len(gone), kept_elsewhere=len(wanted) - changed - added)


def _store_source(session: Session, head: SourceHead) -> PostcodeSource:
    """Add the source or bring its provenance up to date."""
    source = session.scalar(select(PostcodeSource).where(PostcodeSource.slug == head.slug))
    if source is None:
        source = PostcodeSource(slug=head.slug)
        session.add(source)
    source.source, source.as_of = head.provenance.source, head.provenance.as_of
    source.licence, source.demo = head.provenance.licence, head.demo
    session.flush()
    return source


def _wanted(session: Session, codes: Mapping[int, frozenset[str]]) -> dict[int, int]:
    """Return the group of each postcode by the postcode's key."""
    ids = area_ids(session)
    members = {names: frozenset(area_id(ids, name) for name in names) for names in set(codes.values())}
    groups = _groups(session, set(members.values()))
    return {key: groups[members[names]] for key, names in codes.items()}


def _groups(session: Session, sets: Collection[frozenset[int]]) -> Mapping[frozenset[int], int]:
    """Return the id of the group that has exactly these members, for each set; missing groups are added."""
    by_signature = {" ".join(map(str, sorted(members))): members for members in sets}
    known = dict(session.execute(select(AreaGroup.signature, AreaGroup.id)).all())
    missing = [{"signature": signature} for signature in by_signature if signature not in known]
    if missing:
        added = session.execute(insert(AreaGroup).returning(AreaGroup.signature, AreaGroup.id), missing)
        new = dict(added.all())
        known |= new
        session.execute(
            insert(AreaGroupMember),
            [
                {"group_id": group, "area_id": area}
                for signature, group in new.items()
                for area in by_signature[signature]
            ],
        )
    return {members: known[signature] for signature, members in by_signature.items()}


def _held(session: Session, source: PostcodeSource) -> Iterator[tuple[int, int]]:
    """Stream the keys and groups of the postcodes that the source has now."""
    rows = select(Postcode.key, Postcode.group_id).where(Postcode.source_id == source.id)
    yield from session.execute(rows.execution_options(yield_per=BATCH))


def _remove(session: Session, keys: Iterable[int]) -> None:
    for batch in _batches(keys):
        session.execute(
            delete(Postcode).where(Postcode.key.in_(batch)), execution_options={"synchronize_session": False}
        )


def _put(session: Session, source: PostcodeSource, batch: Collection[tuple[int, int]]) -> None:
    """Write postcodes for the source, over its own rows and those of sources with the lesser claim."""
    put = insert_or(session, Postcode)
    yields = [Postcode.source_id == other for other in [source.id, *_lesser(session, source)]]
    put = put.on_conflict_do_update(
        index_elements=[Postcode.key],
        set_={"group_id": put.excluded.group_id, "source_id": put.excluded.source_id},
        where=or_(*yields),
    )
    session.execute(put, [{"key": key, "group_id": group, "source_id": source.id} for key, group in batch])


def _lesser(session: Session, source: PostcodeSource) -> list[int]:
    """Return the sources whose postcodes this one may take."""
    others = session.scalars(select(PostcodeSource).where(PostcodeSource.id != source.id))
    return [other.id for other in others if _claim(other) < _claim(source)]


def _claim(source: PostcodeSource) -> tuple[bool, date]:
    return not source.demo, source.as_of


def _count(session: Session, source: PostcodeSource) -> int:
    return session.scalars(select(func.count()).where(Postcode.source_id == source.id)).one()


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    """Yield the items in lists of `BATCH` and a rest."""
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        yield batch
