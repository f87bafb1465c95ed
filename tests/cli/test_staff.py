"""Staff by commands: the first admin, and the way back in."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.bootstrap import build_platform
from app.config import Config
from app.queue.states import Purpose
from app.staff.models import AuditEntry, MemberState, StaffMember
from app.staff.sign_in import LOCKED_FOR
from tests.cli.conftest import House, running
from tests.support.staff import ADA, BEN


def members(house: House) -> list[StaffMember]:
    with house.platform.sessions.read() as session:
        return list(session.scalars(select(StaffMember).order_by(StaffMember.id)))


def make_active(house: House, email: str = ADA) -> None:
    house.says("staff", "invite", email, "--name", "Ada Admin")
    with house.platform.sessions.write() as session:
        newest = session.scalars(select(StaffMember).order_by(StaffMember.id.desc())).first()
        assert newest is not None
        newest.state, newest.password = MemberState.ACTIVE, "stored"


def test_the_first_admin_is_invited_by_mail_and_the_terminal_shows_no_link(house: House) -> None:
    said = house.says("staff", "invite", ADA, "--name", "Ada Admin")
    assert re.fullmatch(r"delivery \d+ takes the invitation to them; it works for seven days\n", said)
    assert len(house.platform.doorbell.rings) == 1  # type: ignore[attr-defined]
    house.deliver()
    [message] = house.transport.to(ADA)
    assert "/organise/invitation/" in message.text
    assert house.says("staff", "list") == f"1 Ada Admin <{ADA}>, admin: invited, without a second factor\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["not an address", "--name", "X"], "must be a lasting e-mail address"),
        (["x@mailinator.com", "--name", "X"], "must be a lasting e-mail address"),
        ([BEN, "--name", "Ben", "--role", "partner"], "Give --partner with the role partner"),
        ([BEN, "--name", "Ben", "--role", "lead", "--partner", "Tenants"], "Give --partner with the role partner"),
        ([ADA.upper(), "--name", "Ada"], "That address is a member's already."),
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused(house: House, arguments: list[str], words: str) -> None:
    house.says("staff", "invite", ADA, "--name", "Ada Admin")
    assert words in house.refuses("staff", "invite", *arguments)
    assert len(members(house)) == 1


def test_a_partner_belongs_to_an_organisation(house: House) -> None:
    house.says("staff", "invite", BEN, "--name", "Ben", "--role", "partner", "--partner", "Tenants", "--language", "ar")
    assert "partner of Tenants: invited" in house.says("staff", "list")
    house.deliver()
    assert "/ar/organise/invitation/" in house.transport.to(BEN)[0].text


def test_what_is_decided_by_commands(house: House) -> None:
    make_active(house)
    make_active(house, BEN)
    with house.platform.sessions.write() as session:
        ben = session.get_one(StaffMember, 2)
        ben.locked_until, ben.totp_secret = house.platform.clock() + LOCKED_FOR, "A" * 32
    assert "locked out, with a second factor" in house.says("staff", "list")
    assert house.says("staff", "unlock", BEN.upper()) == "unlocked\n"
    assert "until they add another" in house.says("staff", "reset-second-factor", BEN)
    assert house.says("staff", "role", BEN, "lead") == "lead from now on\n"
    assert house.says("staff", "deactivate", BEN) == "deactivated\n"
    assert "lead: deactivated, without" in house.says("staff", "list")
    assert house.says("staff", "activate", BEN) == "activated\n"
    with house.platform.sessions.read() as session:
        entries = session.execute(select(AuditEntry.action, AuditEntry.actor_id).order_by(AuditEntry.id)).all()
    assert [row.action for row in entries[2:]] == [
        "staff.unlocked",
        "staff.second_factor_reset",
        "staff.role_changed",
        "staff.deactivated",
        "staff.activated",
    ]
    assert {row.actor_id for row in entries} == {None}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["deactivate", ADA], "They are the only admin"),
        (["role", ADA, "lead"], "They are the only admin"),
        (["unlock", ADA], "They are not locked out."),
        (["reset-second-factor", ADA], "They have no second factor."),
        (["invite-again", ADA], "They are active."),
        (["activate", ADA], "They are active."),
        (["unlock", BEN], "Nobody of staff has that address."),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(house: House, arguments: list[str], words: str) -> None:
    make_active(house)
    refused = house.refuses("staff", *arguments)
    assert words in refused
    assert refused.count("\n") == 1


def test_an_invitation_can_be_sent_again(house: House) -> None:
    house.says("staff", "invite", ADA, "--name", "Ada Admin")
    house.deliver()
    assert house.says("staff", "invite-again", ADA) == "invited again\n"
    house.deliver()
    first, second = house.transport.to(ADA)
    assert first.text != second.text
    assert house.scene.states(Purpose.STAFF_INVITATION) == ["sent", "sent"]


def test_a_developer_gets_a_link_and_an_invented_admin(house: House) -> None:
    links = {house.says("staff", "demo-link") for _ in range(2)}
    assert len(links) == 2
    assert all(re.fullmatch(r"http://localhost:8000/organise/demo/\S+\n", link) for link in links)
    [admin] = members(house)
    assert (admin.email, admin.password) == ("admin@solidarity-post.example", "")


def test_there_is_no_such_link_in_production(make_config: Callable[..., Config], sqlite_url: str) -> None:
    production = {
        "APP_ENV": "production",
        "BASE_URL": "https://letters.example.org",
        "CONTACT_EMAIL": "help@example.org",
        "MAIL_FROM": "letters@example.org",
        "MAIL_TRANSPORT": "smtp",
        "SMTP_HOST": "smtp.example.org",
        "TRUSTED_PROXIES": "1",
    }
    platform = build_platform(make_config(DATABASE_URL=sqlite_url, **production))
    done = running(platform)("staff", "demo-link")
    assert done.exit_code == 1
    assert "no demonstration in production" in done.output
    with platform.sessions.read() as session:
        assert session.scalars(select(StaffMember)).all() == []
    platform.sessions.engine.dispose()
