"""Confirming: the one moment at which letters come to be. Nothing a supporter did not see leaves after it."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.actions.activity import Step, count_act, count_sameness
from app.actions.frozen import frozen_recipients
from app.actions.mailboxes import Mailbox, mailboxes_of
from app.actions.models import Action, ActionPart, ActionState, ActionTarget, Letter, LetterAddressee, Supporter
from app.actions.picking import count_turns
from app.actions.review import hold_for_review
from app.actions.text import parts_of, text_of
from app.actions.throttle import Gate
from app.announcements.announce import announce
from app.announcements.milestones import note_milestone
from app.announcements.models import Happening
from app.campaigns.models import Campaign, CampaignState
from app.letters.compose import ActionText, Recipient, TemplateParts, compose, middle
from app.letters.likeness import sameness
from app.queue.lanes import lanes_of, notices_lane
from app.queue.rows import Parcel, put
from app.queue.states import Purpose

OPEN_STATES = frozenset({CampaignState.LIVE, CampaignState.PAUSED})
"""A paused campaign still takes the confirmation of a letter handed in before; the letter waits with the others."""


class Standing(enum.StrEnum):
    """How an action stands towards being confirmed."""

    READY = "ready"
    CONFIRMED = "confirmed"
    """Confirmed before, by this action or another of the same supporter in the campaign."""
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    NOBODY_LEFT = "nobody_left"
    """Everybody it was written to has left office, or has no address any more."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a confirmation came to."""

    standing: Standing
    delivery_ids: Sequence[int] = ()
    """What was queued by this confirmation; empty when it was not the first."""


def standing_of(action: Action, now: datetime) -> Standing:
    """Whether the action can be confirmed now."""
    match action.state:
        case ActionState.CONFIRMED:
            return Standing.CONFIRMED
        case ActionState.WITHDRAWN:
            return Standing.WITHDRAWN
        case ActionState.EXPIRED:
            return Standing.EXPIRED
        case ActionState.PENDING:
            if action.expires_at <= now:
                return Standing.EXPIRED
            if action.campaign.state not in OPEN_STATES:
                return Standing.CLOSED
            return Standing.READY if coming_letters(action) else Standing.NOBODY_LEFT


@dataclass(frozen=True, slots=True)
class ComingLetter:
    """A letter that confirming a pending action would make."""

    action: Action
    part: ActionPart | None
    mailbox: Mailbox

    @property
    def template(self) -> TemplateParts:
        """The letter's template."""
        return parts_of((self.part or self.action).template)

    @property
    def text(self) -> ActionText:
        """What the action says in it."""
        return text_of(self.action, self.part)


def coming_letters(action: Action) -> list[ComingLetter]:
    """The letters of a pending action: to the targets it was shown, less who has left since.

    Those of the action's first audience come first, each audience by name. Two who are found behind one mailbox now
    and were shown different letters get both: neither letter was written to both.
    """
    here = [choice for choice in action.choices if choice.target.email and choice.target.archived_at is None]
    return [
        ComingLetter(action, part, mailbox)
        for part in (None, *action.parts)
        for mailbox in mailboxes_of(choice.target for choice in here if choice.part is part)
    ]


def earlier_act(session: Session, action: Action) -> Action | None:
    """Another action by which the same supporter has already taken part in the campaign."""
    return session.scalars(
        select(Action).where(
            Action.campaign_id == action.campaign_id,
            Action.supporter_id == action.supporter_id,
            Action.state == ActionState.CONFIRMED,
            Action.id != action.id,
        )
    ).one_or_none()


def confirm_action(session: Session, gate: Gate, action: Action, now: datetime) -> Confirmation:
    """Freeze one letter for each mailbox and queue their deliveries and the thank-you, once.

    Two presses, two tabs or two servers at the same moment: the row is read again under a lock, so that they follow
    each other, and the second finds what the first made. Another action of the same supporter in the campaign is
    stopped by the unique index on confirmed actions.
    """
    session.refresh(action, ["state"], with_for_update=True)
    standing = standing_of(action, now)
    if standing is not Standing.READY:
        return Confirmation(standing)
    coming = coming_letters(action)
    same = _sameness(coming[0])
    # One update and no second: PostgreSQL would look at the supporter's row again, and lock it before the site's count.
    confirmed = update(Action).where(Action.id == action.id)
    try:
        with session.begin_nested():
            session.execute(confirmed.values(state=ActionState.CONFIRMED, confirmed_at=now, ask_at=now, sameness=same))
    except IntegrityError:
        return Confirmation(Standing.CONFIRMED)
    count_act(session, action, Step.CONFIRMED, now)
    count_sameness(session, action.campaign_id, same)
    return Confirmation(Standing.CONFIRMED, _freeze(session, gate, action, coming, now))


def _sameness(first: ComingLetter) -> int:
    """How much of the letter to the first audience is the campaign's own text."""
    offered = replace(first.text, own_words="", body=None)
    return sameness(middle(first.template, first.text), middle(first.template, offered))


def _freeze(session: Session, gate: Gate, action: Action, coming: Sequence[ComingLetter], now: datetime) -> list[int]:
    # What takes time comes before the counts of the campaign and of the site, for which everybody else waits.
    queued = put(session, _parcels(session, action, coming), now)
    letters = queued[: len(coming)]
    _keep_letters(session, action, dict(zip(letters, coming, strict=True)))
    people = session.scalars(
        update(Campaign)
        .where(Campaign.id == action.campaign_id)
        .values(confirmed_count=Campaign.confirmed_count + 1, letter_count=Campaign.letter_count + len(coming))
        .returning(Campaign.confirmed_count)
        .execution_options(synchronize_session=False)
    ).one()
    _tell(session, action, letters=len(coming), people=people, now=now)
    count_turns(session, action.campaign, [target.id for each in coming for target in each.mailbox.targets])
    # The site's count before the supporter's row, as in submitting: two orders of locks would wait for each other.
    gate.release(session, now)
    # The name on the letter is the one its writer has just stood by; what a stranger typed with the address is not.
    session.execute(update(Supporter).where(Supporter.id == action.supporter_id).values(name=action.name))
    # The delivery of the thank-you comes last and leaves in any case: it says what was confirmed.
    hold_for_review(session, gate.keys, action, letters, now)
    return queued


def _keep_letters(session: Session, action: Action, letters: Mapping[int, ComingLetter]) -> None:
    """Keep each letter under its delivery's number; from now on they say whom the action is to."""
    recipients = frozen_recipients(session, {coming.mailbox.recipient for coming in letters.values()})
    session.add_all(_letter(number, coming, recipients) for number, coming in letters.items())
    session.flush()
    session.execute(delete(ActionTarget).where(ActionTarget.action_id == action.id))
    session.expire(action, ["choices"])


def _tell(session: Session, action: Action, *, letters: int, people: int, now: datetime) -> None:
    """Tell who wants to know; nothing of it says who the supporter is, or whom they wrote to."""
    figures = {"action_id": action.id, "letters": letters, "people": people}
    announce(session, Happening.ACTION_CONFIRMED, action.campaign_id, figures, now)
    note_milestone(session, action.campaign_id, people, action.campaign.goal, now)


def _parcels(session: Session, action: Action, coming: Sequence[ComingLetter]) -> list[Parcel]:
    targets = [each.mailbox.targets[0] for each in coming]
    lanes = lanes_of(session, {target.email for target in targets})
    return [
        *(
            Parcel(Purpose.LETTER, action.campaign_id, action.id, lanes[target.email], target_id=target.id)
            for target in targets
        ),
        Parcel(Purpose.THANK_YOU, action.campaign_id, action.id, notices_lane(session)),
    ]


def _letter(number: int, coming: ComingLetter, recipients: Mapping[Recipient, int]) -> Letter:
    recipient, first, *others = coming.mailbox.recipient, *coming.mailbox.targets
    return Letter(
        id=number,
        action_id=coming.action.id,
        target=first,
        part_id=coming.part.id if coming.part else None,
        shared=bool(others),
        addressees=[LetterAddressee(target_id=target.id) for target in others],
        recipient_id=recipients[recipient],
        text_hash=compose(coming.template, coming.text, recipient).digest,
    )
