"""The mailbox of protected answers: what comes to it is a bounce, an answer, or nothing of ours."""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy.orm import Session

from app.actions.links import Links
from app.delivery.tracking import receive
from app.mail.answers import IncomingAnswer, read_answer
from app.mail.bounces import read_bounce
from app.mail.reports import Report, ReportKind
from app.mail.verp import marked_address
from app.replies.relay import Taken, take_in


class Sorted(enum.StrEnum):
    """What else a mail may be; see also `app.replies.relay.Taken`."""

    BOUNCE = "bounces"
    UNREADABLE = "unreadable"


ARRIVED = (Taken.PASSED_ON, Taken.AUTOMATIC)
"""Whoever, or whatever, has answered a letter has got it."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """Takes mails in."""

    links: Links
    own: Collection[str]
    """Our own addresses."""
    random: Random

    def take_in(self, session: Session, raw: bytes, recipient: str, now: datetime) -> Taken | Sorted:
        """Take one mail in, and say what it was. Nothing of what it holds is raised or logged."""
        mail = read_answer(raw, self.links.reply_mark, recipient=recipient)
        if mail is None:
            return Sorted.UNREADABLE
        if reports := read_bounce(raw, self.links.mark, now, recipient=self._bounced_to(mail)):
            receive(session, reports, now, self.random)
            return Sorted.BOUNCE
        taken = take_in(session, mail, raw, self.own, now)
        if taken in ARRIVED:
            arrived = Report(ReportKind.DELIVERED, now, mail.delivery_id, "", "answered")
            receive(session, [arrived], now, self.random)
        return taken

    def _bounced_to(self, mail: IncomingAnswer) -> str:
        """The bounce address of the letter that a mail came to the answers of: it names the same delivery."""
        number = mail.delivery_id
        return "" if number is None else marked_address("b@localhost", number, self.links.mark(number))
