"""The figures at the head of the letters desk: from the counters, and by short looks into an index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.campaigns.models import FALLBACK_LANGUAGE, Campaign, CampaignPage
from app.delivery.find import COUNTED, number_at_most
from app.queue.models import Lane, StateCount
from app.queue.states import DeliveryState
from app.targets.models import Target

HELD_FOR = (
    "review",
    "unverified_target",
    "stale_target",
    "target_paused",
    "target_archived",
    "no_address",
    "no_reply_address",
    "mailbox_parted",
    "text_changed",
)
"""Why a letter may be held; see `app.delivery.obstacles` and `app.actions.review`."""

MOST_CALLED = 20
LANES_OFFERED = 2000


def by_state(session: Session) -> Counter[DeliveryState]:
    """How many deliveries are in each state, as the ledger's counters say."""
    rows = session.execute(select(StateCount.state, func.sum(StateCount.count)).group_by(StateCount.state))
    return Counter({state: int(number) for state, number in rows})


def held_by_reason(session: Session) -> dict[str, int]:
    """How many are held for which reason, `COUNTED` at the most; reasons for which none is are left out."""
    numbers = {reason: number_at_most(session, DeliveryState.HELD, reason, COUNTED) for reason in HELD_FOR}
    return {reason: number for reason, number in numbers.items() if number}


def campaigns(session: Session, language: str) -> Mapping[int, str]:
    """Every campaign's id and its title in the language, or in English, in the order of the first page."""
    titles = select(CampaignPage.campaign_id, CampaignPage.language, CampaignPage.title).join(Campaign)
    wanted = titles.where(CampaignPage.language.in_((FALLBACK_LANGUAGE, language)))
    rows = session.execute(wanted.order_by(Campaign.position, Campaign.id, CampaignPage.language == language)).all()
    return {row.campaign_id: row.title for row in rows}  # a later title takes the place of an earlier one


def lanes(session: Session) -> Sequence[tuple[int, str]]:
    """The lanes' ids and keys, by key."""
    rows = session.execute(select(Lane.id, Lane.key).order_by(Lane.key).limit(LANES_OFFERED))
    return [(row.id, row.key) for row in rows]


def targets_called(session: Session, words: str) -> Sequence[tuple[int, str, str]]:
    """Targets whose name has these words in it, with id, name and organisation; archived ones too: letters wait."""
    called = Target.name.icontains(words, autoescape=True)
    wanted = select(Target.id, Target.name, Target.organisation).where(called).order_by(Target.name, Target.id)
    return [(row.id, row.name, row.organisation) for row in session.execute(wanted.limit(MOST_CALLED))]


def target_name(session: Session, target_id: int) -> str | None:
    """A target's public name; none where there is no such target."""
    return session.scalar(select(Target.name).where(Target.id == target_id))
