"""A claimed batch on its way: what can be handed over, what cannot and why, and what settling needs to know of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from app.actions.links import Links
from app.mail.message import Message
from app.mail.verp import marked_address
from app.queue.states import DeliveryState

AUTOMATIC = {"Auto-Submitted": "auto-generated"}
"""Marks a mail of our own as a machine's, so that no other machine answers it (RFC 3834). A letter is a person's."""


@dataclass(frozen=True, slots=True)
class Unsendable:
    """A delivery that must not be handed over, and where it goes instead."""

    delivery_id: int
    state: DeliveryState
    reason: str
    address: str = field(default="", repr=False)
    """Where it would have gone; for one that goes back to the queue because that has changed."""


class DeliveryFact(NamedTuple):
    """What settling needs to know of a delivery."""

    at_most_once: bool
    attempts: int
    lane_id: int
    campaign_id: int
    action_id: int | None
    target_id: int | None = None
    with_targets: tuple[int, ...] = ()
    """The further targets behind the letter's mailbox."""

    @property
    def targets(self) -> tuple[int, ...]:
        """All whom the letter is to; a notice is to none of them."""
        return () if self.target_id is None else (self.target_id, *self.with_targets)


@dataclass(slots=True)
class Prepared:
    """A batch ready to be handed over."""

    messages: list[Message] = field(default_factory=list)
    unsendable: list[Unsendable] = field(default_factory=list)
    facts: dict[int, DeliveryFact] = field(default_factory=dict)
    unreadable: list[int] = field(default_factory=list)
    """Deliveries that could not be rendered; the dispatcher puts them here."""

    def take(self, made: Message | Unsendable) -> None:
        """Add what was made of one delivery."""
        if isinstance(made, Message):
            self.messages.append(made)
        else:
            self.unsendable.append(made)

    def add(self, other: Prepared) -> None:
        """Take another batch in."""
        self.messages += other.messages
        self.unsendable += other.unsendable
        self.facts |= other.facts


@dataclass(frozen=True, slots=True)
class Address:
    """Where our mail comes from, and where its bounces go."""

    links: Links
    mail_from: str
    bounces_to: str
    reaches_people: bool
    """Whether the transport hands mail to the world. One that does gets no letter to a target whose address nobody has
    verified."""
    replies_to: str = ""
    """The mailbox that protected answers come to; empty where there is none."""

    def message_id(self, delivery_id: int) -> str:
        """The same for every try of one delivery, so that a receiver can tell a second copy.

        It names nobody, and letters of one supporter cannot be told to belong together by it.
        """
        return self.names(delivery_id)[0]

    def reply_address(self, delivery_id: int) -> str:
        """The address of ours that answers to one letter come to; it names the letter and nobody."""
        return marked_address(self.replies_to, delivery_id, self.links.reply_mark(delivery_id))

    def names(self, delivery_id: int) -> tuple[str, str]:
        """The Message-ID, and the envelope's sender, which names the delivery for when it bounces (VERP)."""
        (named,) = self.names_of([delivery_id])
        return named

    def names_of(self, delivery_ids: Iterable[int]) -> Iterator[tuple[str, str]]:
        """The same for each of many deliveries."""
        mark, domain = self.links.marks(), self.mail_from.rpartition("@")[2]
        for delivery_id in delivery_ids:
            marked = mark(delivery_id)
            yield f"<{delivery_id}.{marked}@{domain}>", marked_address(self.bounces_to, delivery_id, marked)
