"""Protected answers: what comes to the address of a letter is passed on to who wrote it.

The mail that passes it on is a delivery like all others. What is kept of the answer until then is encrypted, and is
deleted when it has been handed over (`app.replies.retention`).
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actions.models import Action, ActionState, Letter
from app.mail.answers import IncomingAnswer
from app.privacy.fields import keys_of
from app.queue.lanes import notices_lane
from app.queue.rows import Parcel, put
from app.queue.states import Purpose
from app.replies.attachments import kept
from app.replies.models import Answer, RelayedMail, Reply, ReplyKind
from app.replies.standing import counting

MOST_OF_A_LETTER = 20
"""Replies that are taken in to one letter: more is no conversation, but two machines or a nuisance."""


class Taken(enum.StrEnum):
    """What became of a mail that came to the address of answers."""

    PASSED_ON = "passed on"
    AUTOMATIC = "automatic"
    """A machine wrote it: counted apart; the first to each letter is passed on, and says what it is."""
    REPEATED = "repeated"
    LOOP = "our own"
    """It comes from an address of ours."""
    UNKNOWN = "to no letter"
    TOO_MANY = "too many"
    GONE = "to nobody"
    """Its supporter has withdrawn, or is not known any more."""


def take_in(session: Session, mail: IncomingAnswer, raw: bytes, own: Collection[str], now: datetime) -> Taken:
    """Take an answer in once, and queue the mail that passes it on.

    Args:
        session: writes.
        mail: the answer as read from `raw`.
        raw: the mail, by which one without a Message-ID is known again.
        own: our own addresses: nothing that comes from one of them is passed on.
        now: when it came.
    """
    if _from_us(mail.from_address, own):
        return Taken.LOOP
    letter = _letter(session, mail.delivery_id)
    if letter is None:
        return Taken.UNKNOWN
    if letter.action.state is not ActionState.CONFIRMED or not letter.action.supporter.email:
        return Taken.GONE
    with counting(session, [letter.id]):
        return _keep(session, letter, mail, raw, now)


def _keep(session: Session, letter: Letter, mail: IncomingAnswer, raw: bytes, now: datetime) -> Taken:
    """Keep the reply; its letter is locked, so that one which comes twice at once is seen."""
    fingerprint = _fingerprint(session, mail, raw)
    if session.scalar(select(Reply.id).where(Reply.fingerprint == fingerprint)) is not None:
        return Taken.REPEATED
    earlier = _relayed(session, letter.id)
    if sum(earlier.values()) >= MOST_OF_A_LETTER:
        return Taken.TOO_MANY
    answer = Answer.AUTOMATIC if mail.automatic else Answer.ANSWERED
    reply = Reply(letter_id=letter.id, kind=ReplyKind.RELAYED, answer=answer, fingerprint=fingerprint, at=now)
    session.add(reply)
    session.flush()
    if answer is Answer.ANSWERED or not earlier.get(answer):
        _pass_on(session, letter.action, reply, mail, now)
    return Taken.AUTOMATIC if mail.automatic else Taken.PASSED_ON


def _pass_on(session: Session, action: Action, reply: Reply, mail: IncomingAnswer, now: datetime) -> None:
    [delivery_id] = put(session, [Parcel(Purpose.REPLY, action.campaign_id, action.id, notices_lane(session))], now)
    session.add(
        RelayedMail(
            reply_id=reply.id,
            delivery_id=delivery_id,
            from_name=mail.from_name,
            from_address=mail.from_address,
            subject=mail.subject,
            text=mail.text,
            attachments=kept(mail.attachments),
            cut=mail.cut,
            received_at=now,
        )
    )


def _letter(session: Session, delivery_id: int | None) -> Letter | None:
    return None if delivery_id is None else session.get(Letter, delivery_id)


def _relayed(session: Session, letter_id: int) -> dict[Answer, int]:
    """How many replies to a letter have come through us, by what they are."""
    rows = select(Reply.answer, func.count()).where(Reply.letter_id == letter_id, Reply.kind == ReplyKind.RELAYED)
    return dict(session.execute(rows.group_by(Reply.answer)).all())


def _fingerprint(session: Session, mail: IncomingAnswer, raw: bytes) -> bytes:
    named = f"{mail.delivery_id} {mail.message_id}" if mail.message_id else raw.decode("latin-1")
    return keys_of(session.get_bind().dialect).blind_index("reply.mail", named)


def _from_us(address: str, own: Collection[str]) -> bool:
    """Whether an address is one of ours, marked or not."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}" in {one.lower() for one in own}
