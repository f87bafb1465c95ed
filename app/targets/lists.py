"""Target lists in the database: a list is replaced as a whole, and who left it is archived."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.statements import among
from app.targets.changes import Changes, Difference, Stored, compare, tell, write
from app.targets.list_values import fetched_at, target_values, verification, verification_as_stored
from app.targets.models import Area, ListOwner, Target, TargetList
from app.targets.overlay import Overlay
from app.targets.records import Provenance, Rejected, TargetRecord
from app.targets.shrinking import refuse_shrinking, refuse_unclear


class ListOwnedError(Exception):
    """A list of that name is kept by somebody else: the files of `targets/`, or an import."""

    def __init__(self, slug: str, owner: ListOwner) -> None:
        keeper = "the files of targets/" if owner is ListOwner.FILES else "an import"
        super().__init__(f"The list {slug!r} is kept by {keeper}. Give this one another name.")


@dataclass(frozen=True, slots=True)
class ListHead:
    """A list without its targets."""

    slug: str
    name: str
    """Empty: it keeps the name that it has, or is called by its slug."""
    owner: ListOwner
    provenance: Provenance
    demo: bool = False
    format: str = ""
    """The published format that it was read from; empty for the files of `targets/`."""


@dataclass(frozen=True, slots=True)
class _Areas:
    """The registry's areas: ids by code, and by id what a line calls an area and the council that it belongs to."""

    ids: dict[str, int]
    names: dict[int, str]
    codes: dict[int, str]
    councils: dict[int, str]


def store_list(
    session: Session,
    head: ListHead,
    records: Iterable[TargetRecord],
    now: datetime,
    *,
    rejected: Sequence[Rejected] = (),
    allow_shrink: bool = True,
) -> Changes:
    """Make a list hold exactly these targets, in a fixed number of statements.

    A target that left is archived as of `now`, one that is back is archived no more, and one that staff have removed
    stays as it is, which a note says. One that a rejected row names stays as it is too. Overrides in force stand, with
    what the source says now kept beside them. A new address is not verified by what was said of the old one: only words
    of verification that were not stored before verify it. Where the source tells nothing of an address that can be
    read, the one that it had before stays.

    Raises:
        ListOwnedError: the list belongs to another owner.
        UnknownAreaError: a record's area is not in the registry.
        WouldShrinkError: so many would be archived that the file seems cut off, or some would of whom a rejected row
            may speak, and `allow_shrink` does not say that they have left.
    """
    list_id, changes = _store_head(session, head)
    areas, stored, overlay = _areas(session), _stored(session, list_id), Overlay(session, list_id)
    published = {key: overlay.published(row) for key, row in stored.items() if row.values["removed_at"] is None}
    taken = {one.external_id: _with_known_address(one, published.get(one.external_id)) for one in records}
    removed = [stored[key] for key in taken if key in stored and key not in published]
    read_at = fetched_at(head.owner, head.provenance, now)
    wanted = {
        key: {
            **target_values(record, list_id, areas.ids),
            **_verification(record, published.get(key), overlay, now),
            "fetched_at": published[key].values["fetched_at"] if key in published else read_at,
        }
        for key, record in taken.items()
        if key in published or key not in stored
    }
    difference = compare(published, wanted)
    named = {row.external_id for row in rejected}
    leaving = _current(row for key, row in difference.missing.items() if key not in named)
    if not allow_shrink:
        refuse_unclear([row.values["name"] for row in leaving], [row for row in rejected if row.nameless])
        refuse_shrinking(head.slug, _current(published.values()), leaving, areas.councils, len(difference.added))
    stood = overlay.stand(difference, now)
    more = [*_moved(difference, published, areas), *stood]
    write(session, Target, difference)
    _keep_fetched_at(session, [published[key] for key in wanted if key in published], read_at)
    done = tell(difference, _archive(session, leaving, now), more=more)
    return changes + done + Changes(notes=tuple(map(_stays_removed, removed)))


def archive_lists_except(session: Session, slugs: Collection[str], now: datetime) -> dict[str, Changes]:
    """Archive whoever is still on a list of the files that is none of `slugs`; what changed, by list."""
    rows = session.execute(
        select(TargetList.slug, Target.id, Target.name, Target.archived_at)
        .join(Target.list)
        .where(TargetList.owner == ListOwner.FILES, Target.archived_at.is_(None))
        .order_by(TargetList.slug, Target.name)
    )
    leaving: dict[str, list[Stored]] = {}
    for row in rows:
        if row.slug not in slugs:
            leaving.setdefault(row.slug, []).append(Stored(row.id, row._asdict()))
    changes = {}
    for slug, targets in leaving.items():
        names = _archive(session, targets, now)
        changes[slug] = Changes(gone=len(names), lines=tuple(f"- {name}" for name in names))
    return changes


def _store_head(session: Session, head: ListHead) -> tuple[int, Changes]:
    """Add the list or bring its name and provenance up to date; its id, and a line where something differed."""
    row = session.scalar(select(TargetList).where(TargetList.slug == head.slug))
    name = head.name or (row.name if row else head.slug)
    values: dict[str, Any] = {"name": name, "demo": head.demo, "format": head.format, **asdict(head.provenance)}
    if row is None:
        added = insert(TargetList).values(slug=head.slug, owner=head.owner, **values).returning(TargetList.id)
        return session.scalars(added).one(), Changes()
    if row.owner is not head.owner:
        raise ListOwnedError(head.slug, row.owner)
    fields = [name for name, value in values.items() if getattr(row, name) != value]
    for name in fields:
        setattr(row, name, values[name])
    session.flush()
    return row.id, Changes(lines=(f"~ the list itself: {', '.join(fields)}",) if fields else ())


def _stored(session: Session, list_id: int) -> dict[str, Stored]:
    rows = session.execute(select(*Target.__table__.columns).where(Target.list_id == list_id))
    return {row.external_id: Stored(row.id, row._asdict()) for row in rows}


def _areas(session: Session) -> _Areas:
    rows = session.execute(select(Area.id, Area.code, Area.name, Area.parent_id)).all()
    names = {row.id: row.name for row in rows}
    return _Areas(
        ids={row.code: row.id for row in rows},
        names=names,
        codes={row.id: row.code for row in rows},
        councils={row.id: names[row.parent_id] for row in rows if row.parent_id},
    )


def _verification(record: TargetRecord, stored: Stored | None, overlay: Overlay, now: datetime) -> dict[str, Any]:
    """Return what is known of the target's address. The source cannot verify one that staff put over its own."""
    if stored and "email" in overlay.of(stored):
        return verification_as_stored(stored.values)
    return verification(record, stored, now)


def _moved(difference: Difference, stored: Mapping[str, Stored], areas: _Areas) -> list[str]:
    """Take the targets' area out of what differs, and return a line for each that has moved."""
    lines = []
    for key, row in difference.changed.items():
        if "area_id" in difference.fields[key]:
            difference.fields[key].remove("area_id")
            before, after = stored[key].values["area_id"], row.values["area_id"]
            names = areas.names if areas.names.get(before) != areas.names.get(after) else areas.codes
            lines.append(
                f"> {row.values['name']}: from {names.get(before, 'nowhere')} to {names.get(after, 'nowhere')}"
            )
    return lines


def _current(targets: Iterable[Stored]) -> list[Stored]:
    return [target for target in targets if target.values["archived_at"] is None]


def _stays_removed(target: Stored) -> str:
    values = target.values
    return f"stays removed: {values['name']}, because {values['removed_why']}"


def _keep_fetched_at(session: Session, targets: Iterable[Stored], at: datetime) -> None:
    """Keep that the source still has these targets, in one statement; it is no change of theirs."""
    ids = [target.id for target in targets if target.values["fetched_at"] != at]
    session.execute(
        update(Target)
        .where(among(session, Target.id, ids))
        .values(fetched_at=at)
        .execution_options(synchronize_session=False)
    )


def _archive(session: Session, targets: Iterable[Stored], now: datetime) -> list[str]:
    """Archive those of the targets that are not archived yet, and return their names."""
    leaving = _current(targets)
    if leaving:
        session.execute(update(Target), [{"id": target.id, "archived_at": now} for target in leaving])
    return [target.values["name"] for target in leaving]


def _with_known_address(record: TargetRecord, published: Stored | None) -> TargetRecord:
    """Return the record; with the address that its source had before, where the one it has now cannot be read."""
    if record.email_untold and published:
        return replace(record, email=published.values["email"])
    return record
