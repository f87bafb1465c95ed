"""Announcing: what happened is written down for every hook that wants to know, in the transaction in which it happened.

Announcements are collected while a transaction runs and written by one statement just before it commits. Where nobody
is told, that statement finds no hook and writes nothing. Roll a session back and what it collected is gone with it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, Insert, Text, bindparam, event, insert, literal, or_, select
from sqlalchemy.orm import Session

from app.announcements.models import Announcement, AnnouncementState, Happening, Hook, HookEvent, HookState
from app.ready import GivenTable, Ready

_KEY = "solidarity_announcements"
_GIVEN = GivenTable({"kind": Text(), "campaign_id": BigInteger(), "data": Text()})


class _Told(NamedTuple):
    kind: str
    campaign_id: int
    data: str


class _Waiting(NamedTuple):
    """What one transaction has to tell, and when it happened."""

    told: dict[datetime, list[_Told]]


def announce(
    session: Session, kind: Happening, campaign_id: int, figures: Mapping[str, int | str], now: datetime
) -> None:
    """Tell every hook that wants to know, when the transaction commits. `figures` are ids and numbers, never more."""
    _waiting(session).told.setdefault(now, []).append(_Told(kind.value, campaign_id, as_data(figures)))


def as_data(figures: Mapping[str, int | str]) -> str:
    """What an announcement keeps of its figures: the same text for the same figures."""
    return json.dumps(dict(figures), separators=(",", ":"), sort_keys=True)


def _waiting(session: Session) -> _Waiting:
    if _KEY not in session.info:
        session.info[_KEY] = _Waiting({})
        event.listen(session, "before_commit", _write)
        event.listen(session, "after_rollback", _forget)
    waiting: _Waiting = session.info[_KEY]
    return waiting


def _write(session: Session) -> None:
    if session.in_nested_transaction():
        return
    collected = dict(_waiting(session).told)
    _forget(session)
    for at, told in collected.items():
        _TELLING.run(session, now=at, **_GIVEN.values(session, told))


def _telling(dialect: str) -> Insert:
    columns = Announcement.__table__.c
    each, at = _GIVEN.build(dialect), bindparam("now", type_=columns.at.type)
    source = (
        select(
            Hook.id,
            each.c.kind,
            each.c.campaign_id,
            each.c.data,
            at,
            literal(AnnouncementState.WAITING, columns.state.type),
            literal(0, columns.attempts.type),
            at,
            literal("", columns.said.type),
        )
        .select_from(each)
        .join(HookEvent, HookEvent.kind == each.c.kind)
        .join(Hook, Hook.id == HookEvent.hook_id)
        .where(Hook.state == HookState.ACTIVE, or_(Hook.campaign_id.is_(None), Hook.campaign_id == each.c.campaign_id))
    )
    names = ["hook_id", "kind", "campaign_id", "data", "at", "state", "attempts", "due_at", "said"]
    return insert(Announcement).from_select(names, source)


_TELLING = Ready(_telling)


def _forget(session: Session) -> None:
    _waiting(session).told.clear()
