"""Who said that we may write to them, and who has taken that back.

Only what a confirmed action says counts: anybody could type somebody else's address and tick a box. The newest word
counts, and it counts no more once the whole action was withdrawn.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.actions.models import Action, ActionState, Consent, Supporter
from app.campaigns.models import Campaign
from app.db import Sessions
from app.statements import among

BATCH = 1000

Suppressed = Callable[[Session, Collection[str]], frozenset[str]]
"""Those of some addresses that must not be mailed."""


class Standing(enum.StrEnum):
    """Which supporters are asked for."""

    OPTED_IN = "opted_in"
    """We may write to them."""
    WITHDRAWN = "withdrawn"
    """They once said that we may, and have taken it back, or withdrawn what they said it with."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which supporters are asked for; what is none does not matter."""

    standing: Standing = Standing.OPTED_IN
    campaign_id: int | None = None
    """Those who took part in this campaign."""
    since: datetime | None = None
    """Those whose word has come, or was taken back, at this time or later."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A supporter, and the word of theirs that counts."""

    id: int
    name: str = field(repr=False)
    email: str = field(repr=False)
    language: str
    at: datetime
    """When they said it."""
    since: datetime
    """Since when it counts: when they confirmed it, or took it back."""
    wording: str
    campaign: str
    """The slug of the campaign that they said it in."""
    suppressed: bool = False
    """Whether their address must not be mailed, whatever they said: it is dead, or they complained."""


def contacts(sessions: Sessions, sought: Sought, suppressed: Suppressed | None = None) -> Iterator[Contact]:
    """Everybody who is asked for, in the order of their ids; read in batches, each in a transaction of its own.

    Args:
        sessions: reads.
        sought: who is asked for.
        suppressed: says whose address must not be mailed; without it, nobody is marked so.
    """
    last = 0
    while True:
        with sessions.read() as session:
            some = contacts_after(session, sought, last, BATCH)
            if suppressed is not None:
                some = marked(session, some, suppressed)
        yield from some
        if len(some) < BATCH:
            return
        last = some[-1].id


def contacts_after(session: Session, sought: Sought, last: int, limit: int) -> Sequence[Contact]:
    """Some of those who are asked for, whose ids come after `last`."""
    wanted = _wanted(sought).where(Supporter.id > last).order_by(Supporter.id).limit(limit)
    return [
        Contact(
            id=supporter.id,
            name=supporter.name,
            email=supporter.email,
            language=action.language,
            at=consent.at,
            since=_since(consent, action),
            wording=consent.wording,
            campaign=slug,
        )
        for supporter, consent, action, slug in session.execute(wanted)
    ]


def marked(session: Session, some: Sequence[Contact], suppressed: Suppressed) -> list[Contact]:
    """The same, with a mark on those whose address must not be mailed."""
    never = suppressed(session, [one.email for one in some])
    return [replace(one, suppressed=one.email in never) for one in some]


def count_contacts(session: Session, sought: Sought) -> int:
    """How many are asked for."""
    return (
        session.scalar(select(func.count()).select_from(_wanted(sought).with_only_columns(Supporter.id).subquery()))
        or 0
    )


def may_write(session: Session, supporter_id: int) -> bool:
    """Whether a supporter's word, as it stands, is that we may write to them."""
    wanted = _wanted(Sought()).where(Supporter.id == supporter_id).with_only_columns(Supporter.id)
    return session.scalar(wanted) is not None


def given_with(session: Session, action_ids: Collection[int]) -> frozenset[int]:
    """Those of the actions with which consent was given, whatever was said later."""
    return frozenset(
        session.scalars(select(Consent.action_id).where(among(session, Consent.action_id, action_ids), Consent.given))
    )


def take_back(session: Session, action: Action, wording: str, now: datetime) -> bool:
    """Take back the consent of an action's supporter, whichever campaign they gave it in.

    Args:
        session: writes.
        action: from whose page it is taken back.
        wording: what the button said.
        now: when.

    Returns:
        Whether there was one to take back.
    """
    session.execute(select(Supporter.id).where(Supporter.id == action.supporter_id).with_for_update())
    if not may_write(session, action.supporter_id):
        return False
    session.add(Consent(supporter_id=action.supporter_id, action_id=action.id, given=False, wording=wording, at=now))
    return True


def _wanted(sought: Sought) -> Select[Supporter, Consent, Action, str]:
    found = (
        select(Supporter, Consent, Action, Campaign.slug)
        .join(Consent, Consent.supporter_id == Supporter.id)
        .join(Action, Action.id == Consent.action_id)
        .join(Campaign, Campaign.id == Action.campaign_id)
        .where(Action.confirmed_at.is_not(None), ~_newer_word(), _stands(sought.standing))
    )
    if sought.campaign_id is not None:
        found = found.where(_took_part(sought.campaign_id))
    return found if sought.since is None else found.where(_counts_since(sought.since))


def _newer_word() -> ColumnElement[bool]:
    """Whether the supporter has said something since, in an action that they confirmed."""
    later, its_action = aliased(Consent), aliased(Action)
    return exists(
        select(later.id)
        .join(its_action, its_action.id == later.action_id)
        .where(
            later.supporter_id == Consent.supporter_id,
            its_action.confirmed_at.is_not(None),
            or_(later.at > Consent.at, and_(later.at == Consent.at, later.id > Consent.id)),
        )
    )


def _stands(standing: Standing) -> ColumnElement[bool]:
    yes = Consent.given & (Action.state == ActionState.CONFIRMED)
    if standing is Standing.OPTED_IN:
        return yes
    earlier, its_action = aliased(Consent), aliased(Action)
    once_given = exists(
        select(earlier.id)
        .join(its_action, its_action.id == earlier.action_id)
        .where(earlier.supporter_id == Consent.supporter_id, earlier.given, its_action.confirmed_at.is_not(None))
    )
    return ~yes & once_given


def _took_part(campaign_id: int) -> ColumnElement[bool]:
    act = aliased(Action)
    return exists(
        select(act.id).where(
            act.supporter_id == Supporter.id, act.campaign_id == campaign_id, act.confirmed_at.is_not(None)
        )
    )


def _counts_since(since: datetime) -> ColumnElement[bool]:
    whole = (Action.state == ActionState.WITHDRAWN) & (Action.withdrawn_at >= since)
    return or_(Consent.at >= since, Action.confirmed_at >= since, whole)


def _since(consent: Consent, action: Action) -> datetime:
    """When the word began to count; see `_counts_since`."""
    times = (consent.at, action.confirmed_at, action.withdrawn_at if action.state is ActionState.WITHDRAWN else None)
    return max(time for time in times if time is not None)
