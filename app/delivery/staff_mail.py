"""Claimed deliveries to staff into mails. The link's token is made here, each time anew and always the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.actions.rehearsal import WRITER, WRITES_FROM
from app.actions.text import LETTER_LANGUAGE
from app.campaigns.models import Campaign, CampaignState
from app.delivery.digest_notice import Week, digest
from app.delivery.models import Digest, TestLetter
from app.delivery.notices import Notice
from app.delivery.page import mail_page
from app.delivery.prepared import AUTOMATIC, Address, DeliveryFact, Prepared, Unsendable
from app.delivery.staff_notices import (
    StaffFacts,
    approval,
    change,
    decision,
    hook_paused,
    invitation,
    other_password,
    waiting,
)
from app.delivery.suppressions import suppressed_among
from app.mail.message import Message
from app.queue.models import Delivery
from app.queue.states import DeliveryState, Purpose
from app.staff.audit import APPROVAL_GRANTED
from app.staff.models import MemberState, StaffMail
from app.statements import among

_NOTICES: dict[Purpose, Callable[[StaffFacts], Notice]] = {
    Purpose.STAFF_INVITATION: invitation,
    Purpose.STAFF_PASSWORD: other_password,
    Purpose.STAFF_CHANGE: change,
    Purpose.STAFF_HOOK: hook_paused,
    Purpose.STAFF_APPROVAL: approval,
    Purpose.STAFF_DECISION: decision,
    Purpose.STAFF_WAITING: waiting,
}
_WITH_LINK = frozenset({Purpose.STAFF_INVITATION, Purpose.STAFF_PASSWORD})
_ABOUT_A_CAMPAIGN = frozenset(
    {Purpose.STAFF_APPROVAL, Purpose.STAFF_DECISION, Purpose.STAFF_WAITING, Purpose.STAFF_TEST}
)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the mails of a batch stand on."""

    sender: Address
    organisation: str
    suppressed: frozenset[str]
    tests: Mapping[int, TestLetter]
    digests: Mapping[int, Digest]


def prepare_staff_mail(
    session: Session, deliveries: Collection[Delivery], sender: Address, organisation: str, prepared: Prepared
) -> None:
    """Add to `prepared` what becomes of claimed deliveries to staff."""
    mails = _mails(session, [delivery.id for delivery in deliveries])
    suppressed = suppressed_among(session, {mail.member.email for mail in mails.values()})
    ground = _Ground(sender, organisation, suppressed, _tests(session, deliveries), _digests(session, deliveries))
    for delivery in deliveries:
        prepared.facts[delivery.id] = DeliveryFact(
            at_most_once=delivery.purpose.at_most_once,
            attempts=delivery.attempts,
            lane_id=delivery.lane_id,
            campaign_id=delivery.campaign_id,
            action_id=None,
        )
        prepared.take(_mail(delivery, mails[delivery.id], ground))


def _mails(session: Session, ids: Collection[int]) -> dict[int, StaffMail]:
    rows = session.scalars(
        select(StaffMail)
        .where(among(session, StaffMail.delivery_id, ids))
        .options(
            joinedload(StaffMail.member),
            joinedload(StaffMail.link),
            joinedload(StaffMail.deed),
            joinedload(StaffMail.campaign).options(selectinload(Campaign.pages)),
        )
    )
    return {mail.delivery_id: mail for mail in rows}


def _tests(session: Session, deliveries: Collection[Delivery]) -> dict[int, TestLetter]:
    ids = [delivery.id for delivery in deliveries if delivery.purpose is Purpose.STAFF_TEST]
    if not ids:
        return {}
    rows = session.scalars(select(TestLetter).where(among(session, TestLetter.delivery_id, ids)))
    return {letter.delivery_id: letter for letter in rows}


def _digests(session: Session, deliveries: Collection[Delivery]) -> dict[int, Digest]:
    ids = [delivery.id for delivery in deliveries if delivery.purpose is Purpose.STAFF_DIGEST]
    if not ids:
        return {}
    rows = session.scalars(select(Digest).where(among(session, Digest.delivery_id, ids)))
    return {row.delivery_id: row for row in rows}


def _mail(delivery: Delivery, mail: StaffMail, ground: _Ground) -> Message | Unsendable:
    if obstacle := _obstacle(delivery, mail, ground):
        return Unsendable(delivery.id, *obstacle)
    sender, member = ground.sender, mail.member
    test = ground.tests.get(delivery.id)
    notice = _notice(delivery, mail, ground) if test is None else _marked(test)
    language = member.language if test is None else LETTER_LANGUAGE
    message_id, bounce_address = sender.names(delivery.id)
    html = mail_page(notice.text, language)
    return Message(
        id=delivery.id,
        message_id=message_id,
        from_address=sender.mail_from,
        from_name=ground.organisation if test is None else WRITER,
        to_address=member.email,
        to_name="",
        reply_to=None if test is None else _answers_to(mail, sender),
        reply_to_name="" if test is None else WRITER,
        subject=notice.subject,
        text=notice.text,
        html=html,
        language=language,
        headers=AUTOMATIC,
        bounce_address=bounce_address,
    )


def _answers_to(mail: StaffMail, sender: Address) -> str | None:
    """Where answers to a sample letter go: as those to a real one do, but the address names no letter."""
    protected = mail.campaign is not None and mail.campaign.protects_replies
    return (sender.replies_to or None) if protected else WRITES_FROM


def _notice(delivery: Delivery, mail: StaffMail, ground: _Ground) -> Notice:
    facts = _facts(delivery, mail, ground)
    if delivery.purpose is Purpose.STAFF_DIGEST:
        return digest(facts, Week.read(ground.digests[delivery.id].week))
    return _NOTICES[delivery.purpose](facts)


def _obstacle(delivery: Delivery, mail: StaffMail, ground: _Ground) -> tuple[DeliveryState, str] | None:
    if delivery.purpose in _WITH_LINK and (mail.link is None or mail.link.used_at is not None):
        return DeliveryState.FAILED, "link_used"
    if delivery.purpose is Purpose.STAFF_TEST and delivery.id not in ground.tests:
        return DeliveryState.FAILED, "test_forgotten"
    if delivery.purpose in _ABOUT_A_CAMPAIGN and mail.campaign_id is None:
        return DeliveryState.FAILED, "campaign_gone"
    of_work = mail.campaign_id is not None or delivery.purpose is Purpose.STAFF_DIGEST
    if of_work and mail.member.state is not MemberState.ACTIVE:
        return DeliveryState.FAILED, "not_active"
    if mail.member.email in ground.suppressed:
        return DeliveryState.SUPPRESSED, "suppressed_address"
    return None


def _facts(delivery: Delivery, mail: StaffMail, ground: _Ground) -> StaffFacts:
    member, links, campaign = mail.member, ground.sender.links, mail.campaign
    link = "" if mail.link is None else links.staff(mail.link.kind, mail.link.public_id, member.language)
    if delivery.purpose is Purpose.STAFF_HOOK:
        link = links.hooks(member.language)
    if delivery.purpose is Purpose.STAFF_DIGEST:
        link = links.reports(member.language)
    return StaffFacts(
        language=member.language,
        organisation=ground.organisation,
        name=member.name,
        link=link if campaign is None else links.running(campaign.slug, member.language),
        until=delivery.created_at if mail.link is None else mail.link.expires_at,
        campaign="" if campaign is None else campaign.page_in(member.language).title,
        account_link=links.account(member.language),
        granted=None if mail.deed is None else mail.deed.action == APPROVAL_GRANTED,
        said="" if mail.deed is None else mail.deed.note,
        opens_at=None if campaign is None else _opening(campaign),
    )


def _opening(campaign: Campaign) -> datetime | None:
    """When it opens by itself, by its own clock; none where it is not on the schedule."""
    if campaign.state is not CampaignState.SCHEDULED or campaign.opens_at is None:
        return None
    return campaign.opens_at.astimezone(ZoneInfo(campaign.time_zone))


def _marked(test: TestLetter) -> Notice:
    """A sample letter, which nobody can mistake for one of a supporter's."""
    return Notice(f"[Test] {test.subject}", test.text + "\n")
