"""Claimed deliveries to staff into mails. The link's token is made here, each time anew and always the same."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.db import among
from app.delivery.notices import Notice
from app.delivery.page import mail_page
from app.delivery.prepared import AUTOMATIC, Address, DeliveryFact, Prepared, Unsendable
from app.delivery.staff_notices import StaffFacts, change, hook_paused, invitation, other_password
from app.delivery.suppressions import suppressed_among
from app.mail.message import Message
from app.queue.models import Delivery
from app.queue.states import DeliveryState, Purpose
from app.staff.models import StaffMail

_NOTICES: dict[Purpose, Callable[[StaffFacts], Notice]] = {
    Purpose.STAFF_INVITATION: invitation,
    Purpose.STAFF_PASSWORD: other_password,
    Purpose.STAFF_CHANGE: change,
    Purpose.STAFF_HOOK: hook_paused,
}
_WITH_LINK = frozenset({Purpose.STAFF_INVITATION, Purpose.STAFF_PASSWORD})


def prepare_staff_mail(
    session: Session, deliveries: Collection[Delivery], sender: Address, organisation: str, prepared: Prepared
) -> None:
    """Add to `prepared` what becomes of claimed deliveries to staff."""
    mails = _mails(session, [delivery.id for delivery in deliveries])
    suppressed = suppressed_among(session, {mail.member.email for mail in mails.values()})
    for delivery in deliveries:
        prepared.facts[delivery.id] = DeliveryFact(
            at_most_once=delivery.purpose.at_most_once,
            attempts=delivery.attempts,
            lane_id=delivery.lane_id,
            campaign_id=delivery.campaign_id,
            action_id=None,
        )
        prepared.take(_mail(delivery, mails[delivery.id], sender, organisation, suppressed))


def _mails(session: Session, ids: Collection[int]) -> dict[int, StaffMail]:
    rows = session.scalars(
        select(StaffMail)
        .where(among(session, StaffMail.delivery_id, ids))
        .options(joinedload(StaffMail.member), joinedload(StaffMail.link))
    )
    return {mail.delivery_id: mail for mail in rows}


def _mail(
    delivery: Delivery, mail: StaffMail, sender: Address, organisation: str, suppressed: frozenset[str]
) -> Message | Unsendable:
    member = mail.member
    if delivery.purpose in _WITH_LINK and (mail.link is None or mail.link.used_at is not None):
        return Unsendable(delivery.id, DeliveryState.FAILED, "link_used")
    if member.email in suppressed:
        return Unsendable(delivery.id, DeliveryState.SUPPRESSED, "suppressed_address")
    facts = _facts(delivery, mail, sender, organisation)
    notice = _NOTICES[delivery.purpose](facts)
    message_id, bounce_address = sender.names(delivery.id)
    html, _ = mail_page(notice.text, member.language)
    return Message(
        id=delivery.id,
        message_id=message_id,
        from_address=sender.mail_from,
        from_name=organisation,
        to_address=member.email,
        to_name="",
        subject=notice.subject,
        text=notice.text,
        html=html,
        language=member.language,
        headers=AUTOMATIC,
        bounce_address=bounce_address,
    )


def _facts(delivery: Delivery, mail: StaffMail, sender: Address, organisation: str) -> StaffFacts:
    member, links = mail.member, sender.links
    link = "" if mail.link is None else links.staff(mail.link.kind, mail.link.public_id, member.language)
    return StaffFacts(
        language=member.language,
        organisation=organisation,
        name=member.name,
        link=links.hooks(member.language) if delivery.purpose is Purpose.STAFF_HOOK else link,
        until=delivery.created_at if mail.link is None else mail.link.expires_at,
    )
