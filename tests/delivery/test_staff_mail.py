"""Mail to staff leaves by the same door as every other, and belongs to no campaign."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.delivery.desk import lines
from app.delivery.figures import Kind, read_figures
from app.delivery.ledger import differences, totals
from app.delivery.suppressions import suppressed_among
from app.delivery.tracking import receive
from app.mail.reports import Report, ReportKind
from app.mail.transport import Uncertain
from app.privacy.keys import FieldKeys
from app.queue.brakes import put_on, take_off
from app.queue.models import BrakeScope
from app.queue.states import DeliveryState, Purpose
from app.roles import Role
from app.staff.links import forget_links, use_link
from app.staff.mails import mail_change, mail_link
from app.staff.models import LinkKind, MemberState, StaffLink, StaffMember
from app.staff.people import Newcomer, Personnel, Position
from tests.delivery.conftest import LINKS, UNPACED, Office
from tests.support.fakes import Steady, accept
from tests.support.staff import ADA


def invite(office: Office, keys: FieldKeys, language: str = "en") -> int:
    """Ada is invited; her id."""
    with office.scene.sessions.write() as session:
        personnel = Personnel(session, keys, None, office.clock.now)
        return personnel.invite(Newcomer(ADA, "Ada Admin", language, Position(Role.ADMIN)))[0].id


def link_of(office: Office) -> StaffLink:
    with office.scene.sessions.read() as session:
        return session.scalars(select(StaffLink).order_by(StaffLink.id.desc()).limit(1)).one()


def test_an_invitation_arrives_with_its_link(office: Office, keys: FieldKeys) -> None:
    invite(office, keys)
    assert office.deliver() == 1
    [message] = office.transport.to(ADA)
    link = link_of(office)
    assert message.subject == "You are invited to work with Solidarity Post"
    assert message.text == (
        "You are invited to work with Solidarity Post.\n\nHello Ada Admin,\n\nOpen this page and choose a password:\n\n"
        f"https://letters.example.org/organise/invitation/{LINKS.staff_token('invitation', link.public_id)}\n\n"
        "The link works once, until 1 December 2026, 09:30.\n\n"
        "If you did not expect this, you need do nothing.\n"
    )
    assert message.headers == {"Auto-Submitted": "auto-generated"}
    assert (message.from_name, message.to_name, message.reply_to) == ("Solidarity Post", "", None)
    assert LINKS.read_staff_token("invitation", message.text.split("/invitation/")[1].split("\n")[0]) == link.public_id


def test_a_mail_is_in_its_readers_language(sqlite_office: Office, keys: FieldKeys) -> None:
    invite(sqlite_office, keys, "ar")
    sqlite_office.deliver()
    [message] = sqlite_office.transport.to(ADA)
    assert "/ar/organise/invitation/" in message.text
    assert message.language == "ar"


def test_the_other_mails(sqlite_office: Office, keys: FieldKeys) -> None:
    office = sqlite_office
    member_id = invite(office, keys)
    office.deliver()
    with office.scene.sessions.write() as session:
        member = session.get_one(StaffMember, member_id)
        member.state = MemberState.ACTIVE
        mail_link(session, member, Purpose.STAFF_PASSWORD, office.clock.now)
        mail_change(session, member, office.clock.now)
    office.deliver()
    _invitation, reset, change = office.transport.to(ADA)
    assert "/organise/password/" in reset.text
    assert reset.text.startswith("You can choose another password now.\n")
    assert "/organise/" not in change.text
    assert "was changed on 24 November 2026, 09:30" in change.text


def test_in_doubt_it_is_sent_again_with_the_same_link(office: Office, keys: FieldKeys) -> None:
    invite(office, keys)
    office.transport.answer = lambda _message: Uncertain("broken off")
    office.deliver()
    office.transport.answer = accept
    office.deliver(after=timedelta(minutes=5))
    first, second = office.transport.to(ADA)
    assert (first.text, first.message_id) == (second.text, second.message_id)


def test_it_counts_as_a_notice_and_the_ledger_still_adds_up(office: Office, keys: FieldKeys) -> None:
    office.scene.confirmed()
    invite(office, keys)
    with office.scene.sessions.read() as session:
        figures = read_figures(session, UNPACED, office.clock.now)
        assert list(differences(session)) == []
        assert figures.deliveries[Kind.NOTICE, DeliveryState.QUEUED] == 3
    office.deliver()
    with office.scene.sessions.read() as session:
        assert list(differences(session)) == []
        assert set(totals(session)) == {"abolish-reporting"}


def test_staff_see_it_in_lists_without_its_address(office: Office, keys: FieldKeys) -> None:
    invite(office, keys)
    delivery = office.only(Purpose.STAFF_INVITATION)
    with office.scene.sessions.read() as session:
        [line] = lines(session, [delivery.id])
    assert (line.campaign, line.recipient, line.lane) == ("", "", "notices")


def test_a_link_that_was_used_or_replaced_is_not_sent(office: Office, keys: FieldKeys) -> None:
    member_id = invite(office, keys)
    with office.scene.sessions.write() as session:
        assert use_link(session, session.get_one(StaffLink, link_of(office).id), office.clock.now)
    office.deliver()
    assert office.scene.states(Purpose.STAFF_INVITATION) == [DeliveryState.FAILED]
    with office.scene.sessions.write() as session:
        mail_link(session, session.get_one(StaffMember, member_id), Purpose.STAFF_INVITATION, office.clock.now)
    with office.scene.sessions.write() as session:
        forget_links(session, office.clock.now + timedelta(days=40))
    office.deliver()
    assert office.scene.states(Purpose.STAFF_INVITATION) == [DeliveryState.FAILED, DeliveryState.FAILED]
    assert office.transport.messages == []


def test_only_a_pause_of_everything_stops_it(office: Office, keys: FieldKeys) -> None:
    invite(office, keys)
    with office.scene.sessions.write() as session:
        put_on(session, BrakeScope.EVERYTHING, 0, "a test", office.clock.now)
    assert office.deliver() == 0
    with office.scene.sessions.write() as session:
        take_off(session, BrakeScope.EVERYTHING, 0)
        put_on(session, BrakeScope.LETTERS, 0, "a test", office.clock.now)
    assert office.deliver() == 1


@pytest.mark.parametrize("kind", [ReportKind.BOUNCED, ReportKind.COMPLAINED])
def test_an_address_that_is_dead_or_complains_is_not_written_to_again(
    office: Office, keys: FieldKeys, kind: ReportKind
) -> None:
    member_id = invite(office, keys)
    office.deliver()
    report = Report(kind, office.clock.now, office.only(Purpose.STAFF_INVITATION).id, "", "550 5.1.1 nobody here")
    with office.scene.sessions.write() as session:
        receive(session, [report], office.clock.now, Steady())
    with office.scene.sessions.write() as session:
        assert suppressed_among(session, {ADA}) == {ADA}
        mail_link(session, session.get_one(StaffMember, member_id), Purpose.STAFF_INVITATION, office.clock.now)
    office.deliver()
    assert office.scene.states(Purpose.STAFF_INVITATION)[-1] is DeliveryState.SUPPRESSED
    assert link_of(office).kind is LinkKind.INVITATION
