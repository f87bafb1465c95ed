"""A mail that asks a target's address whether it is the right one leaves by the same door as every other."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.delivery.models import SuppressionReason
from app.delivery.suppressions import suppress, suppressed_among
from app.delivery.tracking import receive
from app.mail.reports import Report, ReportKind
from app.queue.states import DeliveryState, Purpose
from app.registrar.address_checks import LASTS, ask
from app.registrar.desk import Registrar
from app.registrar.models import AddressCheck
from app.staff.models import AuditEntry
from app.targets.by_key import target_to_change
from tests.delivery.conftest import LINKS, Office
from tests.support.fakes import Steady

S = DeliveryState
BOB = ("councillors", "bob-sample")
ADDRESS = "bob.sample@zedmere.example"


def asked(office: Office) -> int:
    """Bob's address is asked; the delivery's id."""
    with office.scene.sessions.write() as session:
        return ask(Registrar(session, None, "Ann", office.clock.now), target_to_change(session, *BOB))


def check(office: Office) -> AddressCheck:
    with office.scene.sessions.read() as session:
        return session.scalars(select(AddressCheck).order_by(AddressCheck.id.desc()).limit(1)).one()


def test_the_mail_says_why_it_comes_and_carries_a_link_and_a_code(office: Office) -> None:
    asked(office)
    assert office.deliver() == 1
    [message] = office.transport.to(ADDRESS)
    public_id, code = check(office).public_id, LINKS.code(check(office).public_id)
    assert message.subject == "Is this the right address? Solidarity Post asks"
    assert message.text == (
        "Is this the right address for letters to Cllr Bob Sample?\n\nHello,\n\n"
        "Through Solidarity Post people write to those who decide. This address is published as that of Cllr Bob "
        "Sample, and we ask before anybody writes to it.\n\n"
        "If it is right, open this page and press the button:\n\n"
        f"https://letters.example.org/address/{LINKS.address_token(public_id)}\n\n"
        f"Or, if one of us has asked you for it, tell them this code: {code[:4]} {code[4:]}\n\n"
        "If it is not right, you need do nothing: then no letter goes to it because of this mail.\n\n"
        f"The link and the code work until {check(office).expires_at:%-d %B %Y}.\n\nSolidarity Post\n"
    )
    assert message.headers == {"Auto-Submitted": "auto-generated"}
    assert LINKS.read_address_token(message.text.split("/address/")[1].split("\n")[0]) == public_id
    with office.scene.sessions.read() as session:
        assert [entry.action for entry in session.scalars(select(AuditEntry))] == ["target.asked"]


def test_a_code_and_a_link_are_of_one_check_alone(sqlite_office: Office) -> None:
    asked(sqlite_office)
    first = check(sqlite_office)
    asked(sqlite_office)
    second = check(sqlite_office)
    assert LINKS.code(first.public_id) != LINKS.code(second.public_id)
    with sqlite_office.scene.sessions.read() as session:
        assert session.get_one(AddressCheck, first.id).ended_at is not None


def test_what_has_lost_its_sense_meanwhile_is_not_mailed(sqlite_office: Office) -> None:
    office = sqlite_office
    late, changed = asked(office), 0
    office.deliver(after=LASTS)
    assert (office.get(late).state, office.get(late).reason) == (S.FAILED, "check_over")
    changed = asked(office)
    office.scene.change_target("bob-sample", email="new@zedmere.example")
    office.deliver()
    assert (office.get(changed).state, office.get(changed).reason) == (S.FAILED, "check_over")
    assert office.transport.to(ADDRESS) == []


def test_an_address_that_must_not_be_mailed_is_not_asked(sqlite_office: Office) -> None:
    with sqlite_office.scene.sessions.write() as session:
        suppress(session, ADDRESS, SuppressionReason.STAFF, "told us", sqlite_office.clock.now)
    delivery_id = asked(sqlite_office)
    sqlite_office.deliver()
    assert sqlite_office.get(delivery_id).state is S.SUPPRESSED


def test_a_mail_that_comes_back_condemns_the_address_that_was_asked(office: Office) -> None:
    delivery_id = asked(office)
    office.deliver()
    later = office.clock.now + timedelta(minutes=1)
    came_back = Report(ReportKind.BOUNCED, later, delivery_id, "", "550 no such user")
    with office.scene.sessions.write() as session:
        receive(session, [came_back], office.clock.now, Steady())
        assert suppressed_among(session, [ADDRESS]) == {ADDRESS}
    assert office.only(Purpose.ADDRESS_CHECK).state is S.BOUNCED
