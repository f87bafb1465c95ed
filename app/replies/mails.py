"""Claimed deliveries about replies into mails, for `app.delivery.render`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.actions.models import Action, Letter
from app.delivery.notice_mail import notice_mail
from app.delivery.prepared import Address, Unsendable
from app.delivery.render import Claimed, Prepare, names_of
from app.mail.message import Message
from app.queue.models import Delivery
from app.queue.states import DeliveryState, Purpose
from app.replies.attachments import read_kept
from app.replies.models import Answer, RelayedMail
from app.replies.notices import AnswerFacts, SurveyFacts, answer, survey
from app.replies.standing import answers_to
from app.replies.telling import REACHED
from app.statements import among

SILENT = {"X-Auto-Response-Suppress": "All"}
"""Asks the supporter's mail program for no absence note (Exchange's sign, beside Auto-Submitted): one that went to the
Reply-To would show their address to whoever has answered."""


def prepare_answers(
    session: Session, claimed: Claimed, sender: Address, organisation: str
) -> Iterator[Message | Unsendable]:
    """The mails that pass answers on; one whose answer was deleted meanwhile is not sent."""
    kept = _kept(session, [delivery.id for delivery, _action in claimed])
    for delivery, action in claimed:
        mail = kept.get(delivery.id)
        if mail is None:
            yield Unsendable(delivery.id, DeliveryState.FAILED, "answer_deleted")
            continue
        letter = session.get_one(Letter, mail.reply.letter_id)
        notice = answer(_answer_facts(letter, action, mail, sender, organisation))
        made = notice_mail(delivery, action, notice, sender, f"{letter.recipient.name} ({organisation})")
        yield _answered_to(mail, letter, replace(made, headers={**made.headers, **SILENT}))


def prepare_surveys(
    session: Session, claimed: Claimed, sender: Address, organisation: str
) -> Iterator[Message | Unsendable]:
    """The mails that ask who has answered; not to who has said meanwhile that they do not want to be asked."""
    for delivery, action in claimed:
        letters = _unanswered(session, action)
        if action.supporter.unasked_since is not None:
            yield Unsendable(delivery.id, DeliveryState.CANCELLED, "not_to_be_asked")
        elif not letters:
            yield Unsendable(delivery.id, DeliveryState.CANCELLED, "all_answered")
        else:
            yield _survey_mail(delivery, action, letters, sender, organisation)


PREPARES: dict[Purpose, Prepare] = {Purpose.REPLY: prepare_answers, Purpose.REPLY_SURVEY: prepare_surveys}


def _kept(session: Session, delivery_ids: list[int]) -> dict[int, RelayedMail]:
    rows = session.scalars(
        select(RelayedMail)
        .where(among(session, RelayedMail.delivery_id, delivery_ids))
        .options(joinedload(RelayedMail.reply))
    )
    return {row.delivery_id: row for row in rows}


def _answered_to(mail: RelayedMail, letter: Letter, made: Message) -> Message:
    if not mail.from_address:
        return made
    return replace(made, reply_to=mail.from_address, reply_to_name=mail.from_name or letter.recipient.name)


def _answer_facts(letter: Letter, action: Action, mail: RelayedMail, sender: Address, organisation: str) -> AnswerFacts:
    return AnswerFacts(
        language=action.language,
        organisation=organisation,
        supporter_name=action.name,
        campaign_title=action.campaign.page_in(action.language).title,
        target_name=letter.recipient.name,
        from_address=mail.from_address,
        elsewhere=_domain(mail.from_address) != _domain(letter.target.email),
        subject=mail.subject,
        text=mail.text,
        attachments=read_kept(mail.attachments),
        cut=mail.cut,
        automatic=mail.reply.answer is Answer.AUTOMATIC,
        protected=action.protected,
        link=sender.links.own(action.public_id, action.language),
    )


def _unanswered(session: Session, action: Action) -> list[Letter]:
    """The letters that may have been read and of which no person's answer is known."""
    reached = [letter for letter in action.letters if letter.delivery.state in REACHED]
    answers = answers_to(session, [letter.id for letter in reached])
    return [letter for letter in reached if answers.get(letter.id) is not Answer.ANSWERED]


def _survey_mail(
    delivery: Delivery, action: Action, letters: list[Letter], sender: Address, organisation: str
) -> Message:
    link = sender.links.answers(action.public_id, action.language)
    facts = SurveyFacts(
        language=action.language,
        organisation=organisation,
        supporter_name=action.name,
        campaign_title=action.campaign.page_in(action.language).title,
        recipients=[name for letter in letters for name in names_of(letter)],
        link=link,
    )
    made = notice_mail(delivery, action, survey(facts), sender, organisation)
    return replace(made, headers={**made.headers, "List-Unsubscribe": f"<{link}>"})


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
