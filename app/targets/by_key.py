"""One target, by the list that it is on and its stable key there: how staff name it."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager

from app.targets.models import Target, TargetList
from app.targets.turn import take_turn


class UnknownTargetError(LookupError):
    """No list has such a target."""


def target_by_key(session: Session, list_slug: str, external_id: str) -> Target:
    """Return the target, archived or not.

    Raises:
        UnknownTargetError: there is no such target on that list, or no such list.
    """
    return _only(session, _named(list_slug, external_id), list_slug, external_id)


def target_to_change(session: Session, list_slug: str, external_id: str) -> Target:
    """Return the target, archived or not, with nobody else changing it until the transaction ends, imports included.

    Raises:
        UnknownTargetError: there is no such target on that list, or no such list.
    """
    take_turn(session)
    fresh = _to_change(_named(list_slug, external_id))
    return _only(session, fresh, list_slug, external_id)


def target_by_id_to_change(session: Session, target_id: int) -> Target:
    """Return the same by its id.

    Raises:
        UnknownTargetError: there is no such target.
    """
    take_turn(session)
    found = select(Target).join(Target.list).where(Target.id == target_id).options(contains_eager(Target.list))
    target = session.scalar(_to_change(found))
    if target is None:
        raise UnknownTargetError(f"There is no target {target_id}.")
    return target


def list_called(session: Session, slug: str) -> TargetList:
    """Return a list.

    Raises:
        UnknownTargetError: there is none of that name.
    """
    found = session.scalar(select(TargetList).where(TargetList.slug == slug))
    if found is None:
        raise UnknownTargetError(f"There is no list {slug!r}; `flask targets lists` names them.")
    return found


def _named(list_slug: str, external_id: str) -> Select[Target]:
    return (
        select(Target)
        .join(Target.list)
        .where(TargetList.slug == list_slug, Target.external_id == external_id)
        .options(contains_eager(Target.list))
    )


def _to_change(query: Select[Target]) -> Select[Target]:
    """Lock the row as an UPDATE does: letters to the target are confirmed meanwhile."""
    return query.with_for_update(of=Target, key_share=True).execution_options(populate_existing=True)


def _only(session: Session, query: Select[Target], list_slug: str, external_id: str) -> Target:
    target = session.scalar(query)
    if target is None:
        raise UnknownTargetError(f"There is no target {external_id!r} on a list {list_slug!r}.")
    return target
