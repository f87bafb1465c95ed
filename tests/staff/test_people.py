"""Who may sign in and as what, what they may do, and what the audit keeps of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from app.campaigns.models import Campaign
from app.config import ROOT
from app.roles import PERMISSIONS, Permission, Role, may
from app.staff.account import LinkUsedError
from app.staff.audit import Deed, Sought, all_entries, entries, kinds, record
from app.staff.links import LIFETIMES, find_link, forget_links, make_link
from app.staff.models import LinkKind, MemberState, PartnerCampaign, StaffLink, StaffMember
from app.staff.people import (
    AlreadyStaffError,
    LastAdminError,
    Newcomer,
    Position,
    WrongStateError,
    everybody,
    sees_campaign,
)
from tests.staff.conftest import House
from tests.support.builders import make_scene
from tests.support.dumps import raw_bytes
from tests.support.staff import ADA, BEN, PASSWORD


def member(session: Session, member_id: int) -> StaffMember:
    return session.get_one(StaffMember, member_id)


def test_names_addresses_and_secrets_cannot_be_read_in_the_database(house: House) -> None:
    member_id = house.join()
    codes = house.add_second_factor(member_id)
    token = house.sign_in()
    heap = raw_bytes(house.sessions.engine)
    assert token is not None
    for secret in (ADA, "Ada Admin", PASSWORD, token, "Firefox on a phone", *codes):
        assert secret.encode() not in heap
    assert house.member(member_id).totp_secret.encode() not in heap  # type: ignore[union-attr]


def test_an_address_is_one_members_however_it_is_spelled(house: House) -> None:
    house.invite()
    with pytest.raises(AlreadyStaffError):
        house.invite(ADA.upper())


def test_an_invitation_is_accepted_once_and_only_the_newest_one(house: House) -> None:
    member_id = house.invite()
    first = house.link(member_id, LinkKind.INVITATION)
    with house.personnel() as personnel:
        personnel.invite_again(member(personnel.session, member_id))
    link = house.link(member_id, LinkKind.INVITATION)
    with house.sessions.read() as session:
        assert find_link(session, first.public_id, LinkKind.INVITATION, house.clock.now) is None
        assert find_link(session, link.public_id, LinkKind.PASSWORD, house.clock.now) is None
        assert find_link(session, link.public_id, LinkKind.INVITATION, house.clock.now) is not None
    with house.account(member_id) as account:
        account.accept(link, "stored")
    with pytest.raises(LinkUsedError), house.account(member_id) as account:
        account.accept(link, "stored otherwise")
    assert (house.member(member_id).state, house.member(member_id).password) == (MemberState.ACTIVE, "stored")
    with pytest.raises(WrongStateError), house.personnel() as personnel:
        personnel.invite_again(member(personnel.session, member_id))


@pytest.mark.parametrize("kind", list(LinkKind))
def test_links_end_by_themselves_and_are_forgotten_later(sqlite_house: House, kind: LinkKind) -> None:
    house = sqlite_house
    member_id = house.invite() if kind is LinkKind.INVITATION else house.join()
    with house.account(member_id) as account:
        public_id = make_link(account.session, account.member, kind, account.now).public_id
    house.clock.advance(LIFETIMES[kind])
    with house.sessions.write() as session:
        assert find_link(session, public_id, kind, house.clock.now) is None
        forget_links(session, house.clock.now)
        assert session.scalars(select(StaffLink)).all() != []
        forget_links(session, house.clock.now + timedelta(days=40))
        assert session.scalars(select(StaffLink)).all() == []


def test_another_role_holds_at_once(house: House) -> None:
    house.join()
    ben = house.join(BEN, Role.LEAD)
    token = house.sign_in(BEN)
    with house.personnel() as personnel:
        personnel.place(member(personnel.session, ben), Position(Role.PARTNER, "Tenants of Zedmere"))
    assert house.session_of(token) is None
    with house.sessions.read() as session:
        ada, changed = everybody(session)
    assert (changed.role, changed.partner.name) == (Role.PARTNER, "Tenants of Zedmere")  # type: ignore[union-attr]
    deed = house.deeds()[-1]
    assert deed == ("staff.role_changed", ben, {"role": "lead"}, {"role": "partner", "partner": "Tenants of Zedmere"})
    with house.personnel() as personnel:
        personnel.place(member(personnel.session, ben), Position(Role.ORGANISER))
    assert house.member(ben).partner_id is None
    assert ada.role is Role.ADMIN


def test_the_last_admin_stays_one(house: House) -> None:
    ada, ben = house.join(), house.join(BEN, Role.ORGANISER)
    with pytest.raises(LastAdminError), house.personnel() as personnel:
        personnel.place(member(personnel.session, ada), Position(Role.LEAD))
    with pytest.raises(LastAdminError), house.personnel() as personnel:
        personnel.deactivate(member(personnel.session, ada))
    with house.personnel() as personnel:
        personnel.place(member(personnel.session, ben), Position(Role.ADMIN))
        personnel.deactivate(member(personnel.session, ada))
    assert house.member(ada).state is MemberState.DEACTIVATED


def test_who_was_deactivated_can_come_back(sqlite_house: House) -> None:
    house = sqlite_house
    house.join()
    ben, cleo = house.join(BEN), house.invite("cleo@staff.example")
    for member_id, state in ((ben, MemberState.ACTIVE), (cleo, MemberState.INVITED)):
        with house.personnel() as personnel:
            personnel.deactivate(member(personnel.session, member_id))
        with pytest.raises(WrongStateError), house.personnel() as personnel:
            personnel.deactivate(member(personnel.session, member_id))
        with house.personnel() as personnel:
            mailed = personnel.activate(member(personnel.session, member_id))
        assert house.member(member_id).state is state
        assert (mailed is not None) == (state is MemberState.INVITED)


def test_a_lost_second_factor_is_taken_away_with_its_codes(sqlite_house: House) -> None:
    house = sqlite_house
    member_id = house.join()
    with pytest.raises(WrongStateError), house.personnel() as personnel:
        personnel.reset_second_factor(member(personnel.session, member_id))
    house.add_second_factor(member_id)
    with house.personnel() as personnel:
        personnel.reset_second_factor(member(personnel.session, member_id))
    entered = house.session_of(house.sign_in())
    assert entered is not None
    assert not entered.owes_factor


# Roles


def test_roles_are_a_table() -> None:
    allowed = {role: "".join("x" if may(role, permission) else "." for permission in Permission) for role in Role}
    # account, overview, statistics, campaigns, letters, lanes,
    # targets, approval, people, audit, supporters, connections
    assert allowed == {
        Role.ADMIN: "xxxxxxxxxxxx",
        Role.ORGANISER: "xxxxx.xx..x.",
        Role.PARTNER: "xxxx........",
        Role.LEAD: "xxx.........",
    }
    assert set(PERMISSIONS) == set(Role)


def test_a_partner_sees_the_campaigns_of_their_organisation_only(house: House) -> None:
    scene = make_scene(house.sessions, house.clock.now)
    theirs, others = house.join(ADA, Role.PARTNER, "Tenants"), house.join(BEN, Role.PARTNER, "Renters")
    lead = house.join("cleo@staff.example", Role.LEAD)
    with house.sessions.write() as session:
        partner_id = session.get_one(StaffMember, theirs).partner_id
        session.add(PartnerCampaign(partner_id=partner_id, campaign_id=session.get_one(Campaign, scene.campaign_id).id))
    with house.sessions.read() as session:
        sees = {
            member_id: sees_campaign(session, session.get_one(StaffMember, member_id), scene.campaign_id)
            for member_id in (theirs, others, lead)
        }
    assert sees == {theirs: True, others: False, lead: True}


def test_a_partner_has_an_organisation_and_nobody_else_has(house: House) -> None:
    ada = house.join()
    with pytest.raises(IntegrityError), house.account(ada) as account:
        account.member.role = Role.PARTNER


# The audit


def test_every_decision_is_written_down_with_its_actor_and_without_names(house: House) -> None:
    ada = house.join()
    with house.personnel(ada) as personnel:
        ben = personnel.invite(Newcomer(BEN, "Ben Bold", "en", Position(Role.LEAD)))[0].id
    with house.personnel(ada) as personnel:
        personnel.deactivate(member(personnel.session, ben))
    with house.sessions.read() as session:
        newest, older, *_first = entries(session, Sought(), limit=10)
    assert (newest.actor, newest.actor_id, newest.action, newest.object_id) == (
        "Ada Admin",
        ada,
        "staff.deactivated",
        ben,
    )
    assert (newest.before, newest.after) == ({"state": "invited"}, {"state": "deactivated"})
    assert (older.action, older.after) == ("staff.invited", {"role": "lead"})
    assert BEN.encode() not in raw_bytes(house.sessions.engine)


def test_the_audit_is_sifted_by_actor_kind_and_day(house: House) -> None:
    ada = house.join()
    with house.sessions.write() as session:
        record(session, ada, Deed("campaign.paused", 7, note="the council asked"), house.clock.now + timedelta(days=1))
        first = [entry.action for entry in entries(session, Sought(), limit=1)]
        assert first == ["campaign.paused"]
        assert kinds(session) == ["campaign", "staff"]
        assert [entry.action for entry in all_entries(session, Sought(kind="campaign"))] == first
        assert [entry.action for entry in all_entries(session, Sought(actor_id=ada))] == [*first, "staff.joined"]
        day = house.clock.now.date()
        assert [entry.action for entry in all_entries(session, Sought(day=day))] == ["staff.joined", "staff.invited"]
        [older] = entries(session, Sought(), before=2, limit=5)
        assert older.action == "staff.invited"


@pytest.mark.parametrize("change", ["UPDATE audit_entry SET note = 'nothing happened'", "DELETE FROM audit_entry"])
def test_the_database_itself_refuses_to_change_what_is_written(house: House, change: str) -> None:
    house.join()
    before = house.deeds()
    with pytest.raises(DBAPIError, match="append-only"), house.sessions.write() as session:
        session.execute(text(change))
    assert house.deeds() == before
    assert len(before) > 1


def test_no_code_of_ours_asks_it_to() -> None:
    written = " ".join(path.read_text() for path in (ROOT / "app").rglob("*.py"))
    for verb in ("update", "delete"):
        assert not re.search(rf"\b{verb}\(\s*AuditEntry\b", written)
    assert re.search(r"\binsert\(\s*AuditEntry\b", written)
