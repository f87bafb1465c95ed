"""Claimed deliveries into mails: the only place where rows, templates and words of ours meet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.actions.consent import given_with
from app.actions.models import Action, ActionState, ActionTarget, Letter, LetterAddressee
from app.actions.review_models import Review
from app.campaigns.models import Campaign, CampaignKind, CampaignState
from app.delivery.address_mail import prepare_address_checks
from app.delivery.letters import prepare_letters
from app.delivery.notice_mail import notice_mail
from app.delivery.notices import (
    Facts,
    Notice,
    already_written,
    confirmation,
    rejected,
    sent_back,
    thank_you,
    unreachable,
    won,
)
from app.delivery.prepared import Address, DeliveryFact, Prepared, Unsendable
from app.delivery.staff_mail import prepare_staff_mail
from app.delivery.suppressions import suppressed_among
from app.mail.message import Message
from app.queue.models import Delivery
from app.queue.states import DeliveryState, Purpose
from app.ready import ReadyObjects, one_of_given
from app.statements import among

UNREACHED = frozenset({DeliveryState.FAILED, DeliveryState.BOUNCED, DeliveryState.SUPPRESSED})
"""States of a letter of which its writer is told that it could not be delivered."""


Claimed: TypeAlias = Sequence[tuple[Delivery, Action]]
Prepare: TypeAlias = Callable[[Session, Claimed, Address, str], Iterable[Message | Unsendable]]
"""Makes the mails of one purpose of claimed deliveries with their actions, for a room above this one: the last two say
who sends them. Whom we must not mail was taken out before."""

TO_CONFIRM = frozenset({Purpose.CONFIRMATION, Purpose.SENT_BACK})
"""Notices whose link leads to where a letter is confirmed; that of all others leads to the supporter's own page."""


_NO_LETTERS = ReadyObjects(
    lambda dialect: (
        select(Delivery)
        .where(one_of_given(dialect, Delivery.id), Delivery.purpose != Purpose.LETTER)
        .order_by(Delivery.id)
    )
)


@dataclass(frozen=True, slots=True)
class Renderer:
    """Makes the mails of a batch."""

    sender: Address
    organisation: str
    further: Mapping[Purpose, Prepare] = field(default_factory=dict)
    """Who makes the mails to supporters that are not this room's own."""

    def prepare(self, session: Session, ids: Collection[int], now: datetime) -> Prepared:
        """Render the claimed deliveries `ids`.

        Args:
            session: only read from.
            ids: deliveries in state SENDING (or, to see what would go next, QUEUED).
            now: the time, by which a target's data may be stale.

        Raises:
            UndecryptableError: no key of the ring reads a row.
            TemplateFault: a template asks for what an action does not have.
        """
        prepared, letters = Prepared(), Prepared()
        prepare_letters(session, ids, self.sender, letters, now=now)
        if others := set(ids).difference(letters.facts):
            self._prepare_notices(session, others, prepared, now)
        prepared.add(letters)  # behind the notices: a confirmation is waited for
        return prepared

    def _prepare_notices(self, session: Session, ids: Collection[int], prepared: Prepared, now: datetime) -> None:
        deliveries: Sequence[Delivery] = _NO_LETTERS.all(session, ids=sorted(ids))
        of_actions = [(delivery, delivery.action_id) for delivery in deliveries if delivery.action_id is not None]
        checks = [delivery for delivery in deliveries if delivery.purpose is Purpose.ADDRESS_CHECK]
        if checks:
            prepare_address_checks(session, checks, self.sender, self.organisation, prepared, now=now)
        if to_staff := [
            delivery
            for delivery in deliveries
            if delivery.action_id is None and delivery.purpose is not Purpose.ADDRESS_CHECK
        ]:
            prepare_staff_mail(session, to_staff, self.sender, self.organisation, prepared)
        if not of_actions:
            return
        actions = _actions(session, {action_id for _, action_id in of_actions})
        notes = _notes(session, of_actions)
        suppressed = suppressed_among(session, {action.supporter.email for action in actions.values()})
        thanked = {delivery.action_id for delivery in deliveries if delivery.purpose is Purpose.THANK_YOU}
        consented = (
            given_with(session, {number for number in thanked if number is not None}) if thanked else frozenset()
        )
        others: defaultdict[Purpose, list[tuple[Delivery, Action]]] = defaultdict(list)
        for delivery, action_id in of_actions:
            prepared.facts[delivery.id] = DeliveryFact(
                at_most_once=delivery.purpose.at_most_once,
                attempts=delivery.attempts,
                lane_id=delivery.lane_id,
                campaign_id=delivery.campaign_id,
                action_id=action_id,
            )
            action = actions[action_id]
            if obstacle := _obstacle(delivery, action, suppressed):
                prepared.take(obstacle)
            elif delivery.purpose in self.further:
                others[delivery.purpose].append((delivery, action))
            else:
                prepared.take(
                    self._notice(delivery, action, notes.get(action_id, ""), consented=action_id in consented)
                )
        for purpose, pairs in others.items():
            for made in self.further[purpose](session, pairs, self.sender, self.organisation):
                prepared.take(made)

    def _notice(self, delivery: Delivery, action: Action, note: str, *, consented: bool) -> Message | Unsendable:
        if delivery.purpose is Purpose.WON and action.campaign.state is not CampaignState.WON:
            return Unsendable(delivery.id, DeliveryState.FAILED, "not_won")
        facts = self._facts(delivery, action, note, consented=consented)
        if delivery.purpose is Purpose.UNREACHABLE and not facts.unreachable:
            return Unsendable(delivery.id, DeliveryState.FAILED, "nobody_unreached")
        return notice_mail(delivery, action, _NOTICES[delivery.purpose](facts), self.sender, self.organisation)

    def _facts(self, delivery: Delivery, action: Action, note: str, *, consented: bool) -> Facts:
        pending = delivery.purpose in TO_CONFIRM
        links = self.sender.links
        link = links.confirm if pending else links.own
        page = action.campaign.page_in(action.language)
        targets = [choice.target.name for choice in action.choices]
        return Facts(
            language=action.language,
            organisation=self.organisation,
            supporter_name=action.name,
            campaign_title=page.title,
            recipients=[name for letter in action.letters for name in names_of(letter)] or targets,
            unreachable=[
                name for letter in action.letters if letter.delivery.state in UNREACHED for name in names_of(letter)
            ],
            pledge=action.campaign.kind is CampaignKind.PLEDGE,
            protected=action.protected,
            link=link(action.public_id, action.language),
            stop_link=links.stop(action.public_id, action.language) if consented else "",
            # The day before: the link dies in the middle of its last day, and nobody should count on that one.
            until=(action.expires_at - timedelta(days=1)).date(),
            note=note,
            won=page.won,
            confirmation=page.confirmation,
            thanks=page.thanks,
        )


_NOTICES: dict[Purpose, Callable[[Facts], Notice]] = {
    Purpose.CONFIRMATION: confirmation,
    Purpose.ALREADY_WRITTEN: already_written,
    Purpose.THANK_YOU: thank_you,
    Purpose.UNREACHABLE: unreachable,
    Purpose.SENT_BACK: sent_back,
    Purpose.REJECTED: rejected,
    Purpose.WON: won,
}

_STATES = {
    Purpose.CONFIRMATION: ActionState.PENDING,
    Purpose.SENT_BACK: ActionState.PENDING,
    Purpose.REJECTED: ActionState.WITHDRAWN,
}
"""In which state of its action a notice still makes sense; `confirmed` for all others."""


def _obstacle(delivery: Delivery, action: Action, suppressed: frozenset[str]) -> Unsendable | None:
    """Why a notice must not be sent any more; none when it still makes sense."""
    if action.state is not _STATES.get(delivery.purpose, ActionState.CONFIRMED):
        return Unsendable(delivery.id, DeliveryState.FAILED, f"action_{action.state}")
    if action.supporter.email in suppressed:
        return Unsendable(delivery.id, DeliveryState.SUPPRESSED, "suppressed_address")
    return None


def _notes(session: Session, deliveries: Collection[tuple[Delivery, int]]) -> dict[int, str]:
    """What a person says of letters that they have read, by action; most batches have none, and cost no statement."""
    back = {action_id for delivery, action_id in deliveries if delivery.purpose is Purpose.SENT_BACK}
    away = {action_id for delivery, action_id in deliveries if delivery.purpose is Purpose.REJECTED}
    if not (back or away):
        return {}
    reviews = session.scalars(select(Review).where(Review.next_action_id.in_(back) | Review.action_id.in_(away)))
    return {
        action_id: review.note or ""
        for review in reviews
        for action_id in (review.next_action_id, review.action_id)
        if action_id in back | away
    }


def names_of(letter: Letter) -> list[str]:
    """Those whom a letter names; several are joined by who writes to the supporter, in the supporter's language."""
    if not letter.shared:
        return [letter.recipient.name]
    return [letter.target.name, *sorted(addressee.target.name for addressee in letter.addressees)]


def _actions(session: Session, ids: Collection[int]) -> dict[int, Action]:
    rows = session.scalars(
        select(Action)
        .where(among(session, Action.id, ids))
        .options(
            joinedload(Action.supporter),
            joinedload(Action.campaign).selectinload(Campaign.pages),
            selectinload(Action.choices).joinedload(ActionTarget.target),
            selectinload(Action.letters).joinedload(Letter.delivery),
        )
    )
    actions = {action.id: action for action in rows}
    _load_addressees(session, [letter.id for action in actions.values() for letter in action.letters if letter.shared])
    return actions


def _load_addressees(session: Session, letter_ids: Collection[int]) -> None:
    """Fetch who else stands behind the mailboxes of shared letters; most batches have none, and cost no statement."""
    if not letter_ids:
        return
    shared = select(Letter).where(among(session, Letter.id, letter_ids))
    behind = selectinload(Letter.addressees).joinedload(LetterAddressee.target)
    session.scalars(shared.options(joinedload(Letter.target), behind)).all()
