"""Claimed mails that ask a target's address whether it is the right one. Pure text, and who it goes to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.delivery.notices import Notice
from app.delivery.page import mail_page
from app.delivery.prepared import AUTOMATIC, Address, DeliveryFact, Prepared, Unsendable
from app.delivery.suppressions import suppressed_among
from app.i18n import DEFAULT_LANGUAGE, locale_of, translations
from app.mail.message import Message
from app.queue.models import Delivery
from app.queue.states import DeliveryState
from app.registrar.address_checks import is_good
from app.registrar.models import AddressCheck
from app.statements import among


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """What the mail may speak of."""

    organisation: str
    name: str
    """Whose address it is said to be."""
    code: str
    link: str
    until: date
    """The last day on which an answer counts."""


def address_check(facts: CheckFacts) -> Notice:
    """Asks for a code or a press of a button. What language its reader speaks is not known."""
    _ = translations(DEFAULT_LANGUAGE).gettext
    words = {
        "organisation": facts.organisation,
        "name": facts.name,
        "code": f"{facts.code[:4]} {facts.code[4:]}",
        "until": format_date(facts.until, "long", locale_of(DEFAULT_LANGUAGE)),
    }
    parts = (
        _("Is this the right address for letters to %(name)s?") % words,
        _("Hello,"),
        _(
            "Through %(organisation)s people write to those who decide. This address is published as that of "
            "%(name)s, and we ask before anybody writes to it."
        )
        % words,
        _("If it is right, open this page and press the button:"),
        facts.link,
        _("Or, if one of us has asked you for it, tell them this code: %(code)s") % words,
        _("If it is not right, you need do nothing: then no letter goes to it because of this mail."),
        _("The link and the code work until %(until)s.") % words,
        facts.organisation,
    )
    return Notice(_("Is this the right address? %(organisation)s asks") % words, "\n\n".join(parts) + "\n")


def prepare_address_checks(
    session: Session,
    deliveries: Collection[Delivery],
    sender: Address,
    organisation: str,
    prepared: Prepared,
    *,
    now: datetime,
) -> None:
    """Add to `prepared` what becomes of claimed mails of this kind."""
    rows = session.scalars(
        select(AddressCheck)
        .where(among(session, AddressCheck.delivery_id, [delivery.id for delivery in deliveries]))
        .options(joinedload(AddressCheck.target))
    )
    checks = {check.delivery_id: check for check in rows}
    suppressed = suppressed_among(session, {check.email for check in checks.values()})
    for delivery in deliveries:
        prepared.facts[delivery.id] = DeliveryFact(
            at_most_once=delivery.purpose.at_most_once,
            attempts=delivery.attempts,
            lane_id=delivery.lane_id,
            campaign_id=delivery.campaign_id,
            action_id=None,
        )
        check = checks[delivery.id]
        if not is_good(check, now):
            prepared.take(Unsendable(delivery.id, DeliveryState.FAILED, "check_over"))
        elif check.email in suppressed:
            prepared.take(Unsendable(delivery.id, DeliveryState.SUPPRESSED, "suppressed_address"))
        else:
            prepared.take(_mail(delivery, check, sender, organisation))


def _mail(delivery: Delivery, check: AddressCheck, sender: Address, organisation: str) -> Message:
    links = sender.links
    facts = CheckFacts(
        organisation=organisation,
        name=check.target.name,
        code=links.code(check.public_id),
        link=links.address_check(check.public_id),
        until=check.expires_at.date(),
    )
    notice = address_check(facts)
    message_id, bounce_address = sender.names(delivery.id)
    html = mail_page(notice.text, DEFAULT_LANGUAGE)
    return Message(
        id=delivery.id,
        message_id=message_id,
        from_address=sender.mail_from,
        from_name=organisation,
        to_address=check.email,
        to_name="",
        subject=notice.subject,
        text=notice.text,
        html=html,
        language=DEFAULT_LANGUAGE,
        headers=AUTOMATIC,
        bounce_address=bounce_address,
    )
