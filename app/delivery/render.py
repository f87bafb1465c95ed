"""Claimed deliveries into mails: the only place where rows, templates and words of ours meet."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta
from html import escape

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.actions.links import Links
from app.actions.models import Action, ActionState, ActionTarget, Letter
from app.actions.text import LETTER_LANGUAGE, parts_of, recipient_of_letter, text_of
from app.campaigns.models import Campaign, CampaignKind
from app.delivery.notices import Facts, Notice, already_written, confirmation, thank_you
from app.i18n import direction
from app.letters.compose import compose
from app.letters.sanitise import plain_html
from app.mail.message import Message
from app.queue.models import Delivery
from app.queue.states import DeliveryState, Purpose

AUTOMATIC = {"Auto-Submitted": "auto-generated"}
"""Marks a notice as a machine's, so that no other machine answers it (RFC 3834). A letter is a person's."""


@dataclass(frozen=True, slots=True)
class Unsendable:
    """A delivery that must not be handed over, and where it goes instead."""

    delivery_id: int
    state: DeliveryState
    reason: str


@dataclass(frozen=True, slots=True)
class DeliveryFact:
    """What settling needs to know of a delivery."""

    at_most_once: bool
    attempts: int


@dataclass(slots=True)
class Prepared:
    """A batch ready to be handed over."""

    messages: list[Message] = field(default_factory=list)
    unsendable: list[Unsendable] = field(default_factory=list)
    facts: dict[int, DeliveryFact] = field(default_factory=dict)
    unreadable: list[int] = field(default_factory=list)
    """Deliveries that could not be rendered; the dispatcher puts them here."""

    def add(self, other: Prepared) -> None:
        """Take another batch in."""
        self.messages += other.messages
        self.unsendable += other.unsendable
        self.facts |= other.facts


@dataclass(frozen=True, slots=True)
class Renderer:
    """Makes the mails of a batch."""

    links: Links
    mail_from: str
    organisation: str

    def prepare(self, session: Session, ids: Collection[int], reaches_people: bool) -> Prepared:  # noqa: FBT001 - the transport's own word
        """Render the claimed deliveries `ids`.

        Args:
            session: only read from.
            ids: deliveries in state SENDING.
            reaches_people: whether the transport hands mail to the world. One that does gets no letter to a target
                whose address nobody has verified.
        """
        prepared = Prepared()
        actions = _actions(session, ids)
        letters = _letters(session, ids)
        for delivery in session.scalars(select(Delivery).where(Delivery.id.in_(ids)).order_by(Delivery.id)):
            prepared.facts[delivery.id] = DeliveryFact(delivery.purpose.at_most_once, delivery.attempts)
            action = actions[delivery.action_id]
            if delivery.letter_id is None:
                made = self._notice(delivery, action)
            else:
                made = self._letter(delivery, action, letters[delivery.letter_id], reaches_people)
            if isinstance(made, Message):
                prepared.messages.append(made)
            else:
                prepared.unsendable.append(made)
        return prepared

    def _letter(
        self,
        delivery: Delivery,
        action: Action,
        letter: Letter,
        reaches_people: bool,  # noqa: FBT001 - as above
    ) -> Message | Unsendable:
        composed = compose(parts_of(action.template), text_of(action), recipient_of_letter(letter))
        target = letter.target
        if composed.digest != letter.text_hash:
            return Unsendable(delivery.id, DeliveryState.HELD, "text_changed")
        if target.archived_at is not None:
            return Unsendable(delivery.id, DeliveryState.HELD, "target_archived")
        if not target.email:
            return Unsendable(delivery.id, DeliveryState.HELD, "no_address")
        if reaches_people and not target.verified:
            return Unsendable(delivery.id, DeliveryState.HELD, "unverified_target")
        return Message(
            id=delivery.id,
            message_id=self._message_id(delivery),
            from_address=self.mail_from,
            from_name=action.name,
            to_address=target.email,
            to_name=letter.target_name,
            reply_to=action.supporter.email,
            reply_to_name=action.name,
            subject=composed.subject,
            text=composed.text + "\n",
            html=mail_html(composed.text, LETTER_LANGUAGE),
            language=LETTER_LANGUAGE,
        )

    def _notice(self, delivery: Delivery, action: Action) -> Message | Unsendable:
        wanted = _NOTICES[delivery.purpose]
        if action.state not in wanted.states:
            return Unsendable(delivery.id, DeliveryState.FAILED, f"action_{action.state}")
        notice = wanted.write(self._facts(delivery, action))
        return Message(
            id=delivery.id,
            message_id=self._message_id(delivery),
            from_address=self.mail_from,
            from_name=self.organisation,
            to_address=action.supporter.email,
            to_name="",
            reply_to=None,
            reply_to_name="",
            subject=notice.subject,
            text=notice.text,
            html=mail_html(notice.text, action.language),
            language=action.language,
            headers=AUTOMATIC,
        )

    def _facts(self, delivery: Delivery, action: Action) -> Facts:
        pending = delivery.purpose is Purpose.CONFIRMATION
        link = self.links.confirm if pending else self.links.own
        targets = [choice.target.name for choice in action.choices]
        return Facts(
            language=action.language,
            organisation=self.organisation,
            supporter_name=action.name,
            campaign_title=action.campaign.page_in(action.language).title,
            recipients=[letter.target_name for letter in action.letters] or targets,
            pledge=action.campaign.kind is CampaignKind.PLEDGE,
            link=link(action.public_id, action.language),
            # The day before: the link dies in the middle of its last day, and nobody should count on that one.
            until=(action.expires_at - timedelta(days=1)).date(),
        )

    def _message_id(self, delivery: Delivery) -> str:
        """The same for every try of one delivery, so that a receiver can tell a second copy.

        It names nobody, and letters of one supporter cannot be told to belong together by it.
        """
        return f"<{delivery.id}.{self.links.mark(delivery.id)}@{self.mail_from.rpartition('@')[2]}>"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """How a notice is written, and in which states of its action it still makes sense."""

    write: Callable[[Facts], Notice]
    states: frozenset[ActionState]


_NOTICES = {
    Purpose.CONFIRMATION: _Wanted(confirmation, frozenset({ActionState.PENDING})),
    Purpose.ALREADY_WRITTEN: _Wanted(already_written, frozenset({ActionState.CONFIRMED})),
    Purpose.THANK_YOU: _Wanted(thank_you, frozenset({ActionState.CONFIRMED})),
}


def mail_html(text: str, language: str) -> str:
    """The HTML part of a mail: the same words, readable on a phone and in either direction. It loads nothing."""
    style = "font: 17px/1.5 Georgia, serif; max-width: 36em; margin: 1em auto; padding: 0 1em"
    return (
        f'<!doctype html>\n<html lang="{escape(language)}" dir="{direction(language)}">'
        f'<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>\n'
        f'<body style="{style}">\n{plain_html(text)}\n</body></html>\n'
    )


def _actions(session: Session, ids: Collection[int]) -> dict[int, Action]:
    wanted = select(Delivery.action_id).where(Delivery.id.in_(ids))
    rows = session.scalars(
        select(Action)
        .where(Action.id.in_(wanted))
        .options(
            joinedload(Action.supporter),
            joinedload(Action.template),
            joinedload(Action.campaign).selectinload(Campaign.pages),
            selectinload(Action.choices).joinedload(ActionTarget.target),
            selectinload(Action.letters),
        )
    )
    return {action.id: action for action in rows}


def _letters(session: Session, ids: Collection[int]) -> dict[int, Letter]:
    wanted = select(Delivery.letter_id).where(Delivery.id.in_(ids))
    rows = session.scalars(select(Letter).where(Letter.id.in_(wanted)).options(joinedload(Letter.target)))
    return {letter.id: letter for letter in rows}
