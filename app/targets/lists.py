"""Target lists in the database: a list is replaced as a whole, and who left it is archived."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.targets.areas import area_id, area_ids
from app.targets.changes import Changes, Stored, compare, tell, write
from app.targets.models import ListOwner, Target, TargetList
from app.targets.records import Provenance, TargetRecord


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
    owner: ListOwner
    provenance: Provenance
    demo: bool = False


def store_list(
    session: Session,
    head: ListHead,
    records: Iterable[TargetRecord],
    now: datetime,
    *,
    keep: Collection[str] = (),
) -> Changes:
    """Make a list hold exactly these targets, in a fixed number of statements.

    A target that left is archived as of `now`, one that is back is archived no more. `keep` are the external ids of
    targets that stay as they are though no record has them. A new address is not verified by what was said of the old
    one: only words of verification that were not stored before verify it.

    Raises:
        ListOwnedError: the list belongs to another owner.
        UnknownAreaError: a record's area is not in the registry.
    """
    list_id, changes = _store_head(session, head)
    ids = area_ids(session)
    stored = _stored(session, list_id)
    wanted = {
        record.external_id: _values(record, list_id, ids, stored.get(record.external_id), now) for record in records
    }
    difference = compare(stored, wanted)
    write(session, Target, difference)
    leaving = {key: row for key, row in difference.missing.items() if key not in keep}
    return changes + tell(difference, _archive(session, leaving.values(), now))


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
    values: dict[str, Any] = {"name": head.name, "demo": head.demo, **asdict(head.provenance)}
    row = session.scalar(select(TargetList).where(TargetList.slug == head.slug))
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


def _values(
    record: TargetRecord, list_id: int, ids: dict[str, int], stored: Stored | None, now: datetime
) -> dict[str, Any]:
    """Return the columns that the record's row is to have."""
    values: dict[str, Any] = asdict(record)
    code, words = values.pop("area_code"), values.pop("verified")
    return {
        **values,
        "role": record.role.value,
        "list_id": list_id,
        "area_id": area_id(ids, code) if code else None,
        "archived_at": None,
        **_verification(record.email, words, stored, now),
    }


def _verification(email: str, words: str, stored: Stored | None, now: datetime) -> dict[str, Any]:
    """Return what is known of an address: as before if it is the same, else only what new words say.

    The words of an address that changed stay in the row, so that the same words do not verify the new one tomorrow.
    """
    before: Mapping[str, Any] = stored.values if stored else {"email": email, "verified_at": None, "verified_how": ""}
    same_address = before["email"].casefold() == email.casefold()
    if same_address and before["verified_at"]:
        return {"verified_at": before["verified_at"], "verified_how": before["verified_how"]}
    if words and words != before["verified_how"]:
        return {"verified_at": now, "verified_how": words}
    return {"verified_at": None, "verified_how": before["verified_how"]}


def _archive(session: Session, targets: Iterable[Stored], now: datetime) -> list[str]:
    """Archive those of the targets that are not archived yet, and return their names."""
    leaving = [target for target in targets if target.values["archived_at"] is None]
    if leaving:
        session.execute(update(Target), [{"id": target.id, "archived_at": now} for target in leaving])
    return [target.values["name"] for target in leaving]
