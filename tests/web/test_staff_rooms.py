"""Staff's own pages: the account, the other people, the audit."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.campaigns.models import Campaign
from app.delivery.bulk_models import BulkJob
from app.roles import Role
from app.staff.audit import Deed, record
from app.staff.models import MemberState, PartnerCampaign, Passkey, StaffMember, StaffSession
from app.staff.sign_in import LOCKED_FOR
from app.web.organise.words import browser_words
from tests.support.staff import ADA, BEN, OTHER_PASSWORD, PASSWORD, SECRET, code_at
from tests.web.site import Site
from tests.web.staff import add_member, add_second_factor, signed_in
from tests.web.visitor import Visitor
from tests.web.ways import WARD, to_own


def member(site: Site, member_id: int) -> StaffMember:
    with site.platform.sessions.read() as session:
        return session.get_one(StaffMember, member_id)


@pytest.fixture
def ada(site: Site) -> Visitor:
    """An admin who has just signed in."""
    visitor = signed_in(site, add_member(site))
    site.deliver()
    return visitor


# What matters asks for the password again


def test_after_a_while_what_matters_asks_for_the_password_first(site: Site, ada: Visitor) -> None:
    site.clock.forward(timedelta(minutes=20))
    ada.open("/organise/people")
    ada.follow("Invite somebody")
    assert ada.page.heading == "Is it you?"
    ada.press("Go on", password=OTHER_PASSWORD)
    assert (ada.page.status, "not right" in ada.page.text) == (422, True)
    ada.press("Go on", password=PASSWORD)
    assert ada.page.heading == "Invite somebody"


def test_who_types_for_long_loses_nothing(site: Site, ada: Visitor) -> None:
    ada.open("/organise/people/invite")
    site.clock.forward(timedelta(minutes=50))
    ada.press("Invite", name="Ben Bold", email=BEN, role="Lead The figures, and nothing else.")
    assert ada.page.heading == "Ben Bold"


def test_a_button_that_comes_too_late_leads_back_to_its_page(site: Site, ada: Visitor) -> None:
    ben = add_member(site, BEN, Role.LEAD, "Ben Bold")
    ada.open(f"/organise/people/{ben}")
    site.clock.forward(timedelta(hours=1))
    ada.press("Deactivate")
    assert ada.page.heading == "Is it you?"
    ada.press("Go on", password=PASSWORD)
    assert ada.page.heading == "Ben Bold"
    assert member(site, ben).state is MemberState.ACTIVE


def test_a_decision_about_many_letters_asks_for_the_password_and_then_for_the_same_letters(
    site: Site, ada: Visitor
) -> None:
    wanted = "/organise/letters/all?state=held&reason=no_address&deed=cancel"
    site.clock.forward(timedelta(minutes=20))
    ada.open(wanted)
    assert ada.page.heading == "Is it you?"
    ada.press("Go on", password=PASSWORD)
    assert (ada.address, ada.page.heading) == (wanted, "All of them: Cancel")
    site.clock.forward(timedelta(hours=1))
    ada.press("Do it to all 0", why="They moved.")
    assert ada.page.heading == "Is it you?"
    ada.press("Go on", password=PASSWORD)
    assert ada.page.heading == "All of them: Cancel"
    assert all(part in ada.address for part in ("state=held", "reason=no_address", "deed=cancel"))
    assert site.count(BulkJob) == 0


@pytest.mark.parametrize("page", ["run/win", "run/close"])
def test_the_end_of_a_campaign_asks_for_the_password(site: Site, ada: Visitor, page: str) -> None:
    site.clock.forward(timedelta(minutes=20))
    ada.open(f"/organise/campaigns/abolish-reporting/{page}")
    assert ada.page.heading == "Is it you?"
    ada.press("Go on", password=PASSWORD)
    assert ada.address == f"/organise/campaigns/abolish-reporting/{page}"


# One's own account


def test_another_password_is_told_by_mail_and_signs_out_elsewhere(site: Site, ada: Visitor) -> None:
    elsewhere = signed_in(site, 1)
    ada.open("/organise/account")
    ada.follow("Change your password")
    ada.press("Set the password", password="short")
    assert ada.page.error_beside("password").endswith("four or five words, for example.")
    ada.press("Set the password", password=OTHER_PASSWORD)
    assert ada.page.heading == "Your account"
    assert elsewhere.open("/organise").heading == "Sign in"
    (mail,) = site.deliver_to(ADA)
    assert mail.text.startswith("Your password or your second factor was changed on 24 November 2026, 09:30.")


def test_the_weekly_mail_is_switched_on_and_comes_and_is_switched_off(site: Site, ada: Visitor) -> None:
    to_own(site, site.visitor(), WARD)
    site.deliver()
    ada.open("/organise/account")
    ada.press("Send it to me")
    assert ada.page.heading == "Your account"
    assert "On Mondays you get a mail" in ada.page.text
    site.clock.forward(datetime(2026, 11, 30, 8, tzinfo=UTC) - site.clock())
    assert len(site.platform.digest_round.turn(site.clock())) == 1
    (mail,) = site.deliver_to(ADA)
    assert mail.text.startswith("1 person wrote last week.\n\nHello Ada Admin,")
    ada = signed_in(site, 1)
    ada.open("/organise/account")
    ada.press("Send it no more")
    assert "You can have a mail on Mondays" in ada.page.text
    site.clock.forward(timedelta(days=7))
    assert site.platform.digest_round.turn(site.clock()) == []
    assert signed_in(site, 1).open("/organise/audit").text.count("Switched their weekly mail on or off") >= 2


def test_a_second_factor_is_added_with_a_code_and_its_recovery_codes_are_shown_once(site: Site, ada: Visitor) -> None:
    ada.open("/organise")
    ada.follow("Add a second factor")
    secret = ada.page.form_with("secret").value("secret") or ""
    spelled = ada.page.root.one("strong", class_="key").text
    assert spelled.replace(" ", "") == secret
    assert len(ada.page.root.all("svg")) == 1
    ada.press("Add the app", code="000000")
    assert ada.page.error_beside("code").startswith("This code is not right")
    assert ada.page.form_with("secret").value("secret") == secret, "the app has it already"
    ada.press("Add the app", code=code_at(site.clock(), secret))
    assert ada.page.heading == "Your recovery codes"
    assert len(ada.page.root.one("ul", class_="list box codes").all("li")) == 10
    assert member(site, 1).totp_secret == secret
    ada.open("/organise/account")
    assert "10 recovery codes are left" in ada.page.text
    ada.follow("Change your second factor")
    ada.press("Make new recovery codes")
    assert ada.page.heading == "Your recovery codes"
    ada.open("/organise/account/second-factor")
    ada.press("Remove the app")
    assert member(site, 1).totp_secret is None
    assert len(site.deliver_to(ADA)) == 2


def passkey_of(site: Site, member_id: int, name: str) -> None:
    """A passkey that was added before."""
    with site.change() as session:
        key = Passkey(credential_id=name.encode(), public_key=b"x", sign_count=0, name=name, added_at=site.clock())
        owner = session.get_one(StaffMember, member_id)
        owner.passkeys.append(key)


def test_nonsense_is_no_passkey(site: Site, ada: Visitor) -> None:
    ada.open("/organise/account/second-factor")
    ada.press("Add a passkey", name="", forged={"credential": "{}"})
    assert ada.page.error_beside("name") == "Please give it a name."
    for credential in (
        "{}",
        "[]",
        "null",
        "nonsense",
        '{"id": "AA", "rawId": "AA", "response": {}, "type": "public-key"}',
    ):
        ada.open("/organise/account/second-factor")
        ada.press("Add a passkey", name="My phone", forged={"credential": credential})
        assert ada.page.error_beside("name") == "This did not work. Please try again."
    assert member(site, 1).passkeys == []


def test_a_passkey_alone_is_a_second_factor_and_nonsense_does_not_stand_in_for_it(site: Site) -> None:
    member_id = add_member(site)
    passkey_of(site, member_id, "My phone")
    for credential in ("{}", "[]", "nonsense", '{"rawId": "TXkgcGhvbmU"}', '{"rawId": 7}'):
        half = signed_in(site, member_id, owes_factor=True)
        half.open("/organise/second-step")
        half.press("Use a passkey", forged={"credential": credential})
        assert (half.page.status, "not one of yours" in half.page.text) == (422, True)
    half.open("/organise/second-step")
    half.press("Use a passkey", forged={"credential": "{}", "challenge": "forged"})
    assert half.page.status == 422
    assert half.open("/organise").heading == "Sign in"


def test_only_pages_with_passkeys_may_load_a_script_and_only_ours(site: Site, ada: Visitor) -> None:
    ada.open("/organise/account/second-factor")
    (script,) = ada.page.root.all("script")
    assert script["src"].startswith("/static/passkey.js")
    assert script.raw == ""
    assert "script-src 'self';" in ada.response.headers["Content-Security-Policy"]
    ada.open("/organise/account")
    assert "script-src 'none';" in ada.response.headers["Content-Security-Policy"]
    half = signed_in(site, 1, owes_factor=True)
    assert half.open("/organise/second-step").root.all("script") == []


def test_the_last_second_factor_stays_where_the_role_asks_for_one(make_site: Callable[..., Site]) -> None:
    site = make_site(STAFF_SECOND_FACTOR="admin")
    member_id = add_member(site)
    for name in ("one", "two"):
        passkey_of(site, member_id, name)
    add_second_factor(site, member_id, SECRET, code_at(site.clock()))
    ada = signed_in(site, member_id)
    ada.open("/organise/account/second-factor")
    ada.press("Remove the app")
    ada.open("/organise/account/second-factor")
    token = ada.page.form_with("name").value("csrf_token") or ""
    ada.send("/organise/account/passkeys/1/remove", {"csrf_token": token})
    assert [key.name for key in member(site, member_id).passkeys] == ["two"]
    assert ada.client.post("/organise/account/passkeys/2/remove", data={"csrf_token": token}).status_code == 403
    assert ada.client.post("/organise/account/passkeys/9/remove", data={"csrf_token": token}).status_code == 404
    assert "Remove this passkey" not in ada.open("/organise/account/second-factor").text


def test_nobody_removes_somebody_elses_passkey(site: Site, ada: Visitor) -> None:
    ben = add_member(site, BEN, Role.LEAD)
    passkey_of(site, ben, "Bens phone")
    token = ada.open("/organise/account/second-factor").form_with("name").value("csrf_token") or ""
    assert ada.client.post("/organise/account/passkeys/1/remove", data={"csrf_token": token}).status_code == 404
    assert len(member(site, ben).passkeys) == 1


@pytest.mark.parametrize("secret", ["", "SHORT", "not base 32 at all"])
def test_a_forged_secret_is_not_taken(site: Site, ada: Visitor, secret: str) -> None:
    ada.open("/organise/account/second-factor")
    ada.press("Add the app", code="123456", forged={"secret": secret})
    assert ada.page.status == 400
    assert member(site, 1).totp_secret is None


def test_browsers_are_listed_and_each_can_be_signed_out(site: Site, ada: Visitor) -> None:
    one, other = signed_in(site, 1), signed_in(site, 1)
    site.clock.forward(timedelta(minutes=6))
    one.open("/organise")
    ada.open("/organise/account")
    assert "last seen 24/11/2026, 09:36" in ada.page.text
    session_id = next(form for form in ada.page.forms if form.buttons[0].text == "Sign out there").element["action"]
    ada.send(session_id, {"csrf_token": ada.page.forms[0].value("csrf_token") or ""})
    assert {one.open("/organise").heading, other.open("/organise").heading} == {"Sign in", "Overview"}
    ada.press("Sign out everywhere else")
    assert {one.open("/organise").heading, other.open("/organise").heading} == {"Sign in"}
    assert ada.open("/organise").heading == "Overview"


@pytest.mark.parametrize(
    ("browser", "name"),
    [
        ("Mozilla/5.0 (Android 15; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0", "Firefox – Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605 Safari/604.1", "Safari – iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537 Chrome/130.0 Safari/537 Edg/130.0", "Edge – Windows"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)
def test_browsers_are_called_by_names_that_people_know(browser: str, name: str) -> None:
    assert browser_words(browser) == name


def test_nobody_signs_somebody_else_out(site: Site, ada: Visitor) -> None:
    ben = signed_in(site, add_member(site, BEN, Role.LEAD))
    with site.platform.sessions.read() as session:
        theirs = session.scalars(select(StaffSession.id).order_by(StaffSession.id.desc()).limit(1)).one()
    ada.open("/organise/account")
    token = ada.page.forms[0].value("csrf_token") or ""
    ada.send(f"/organise/account/browsers/{theirs}/sign-out", {"csrf_token": token})
    assert ada.page.heading == "Your account"
    assert ben.open("/organise").heading == "Overview"


# The others


def test_an_admin_invites_somebody_who_gets_a_mail(site: Site, ada: Visitor) -> None:
    ada.open("/organise/people/invite")
    ada.press("Invite", name="", email="?", language="العربية")
    assert ada.page.error_beside("name") == "Please write their name."
    assert ada.page.error_beside("email").startswith("Please write a whole e-mail address")
    assert ada.page.error_beside("role") == "Please choose a role."
    assert ada.page.form_with("email").value("language") == "ar"
    partner = "Partner The campaigns of their own organisation, and no others."
    ada.press("Invite", name="Ben Bold", email=BEN, role=partner)
    assert "organisation whose campaigns" in ada.page.error_beside("partner")
    ada.press("Invite", partner="Tenants of Zedmere")
    assert ada.page.heading == "Ben Bold"
    assert "Partner – Tenants of Zedmere – Invited" in ada.page.text
    (mail,) = site.deliver_to(BEN)
    assert "/ar/organise/invitation/" in mail.text
    ada.press("Send the invitation again")
    assert len(site.deliver_to(BEN)) == 1
    ada.open("/organise/people/invite")
    ada.press("Invite", name="Ben", email=BEN.upper(), role=partner, partner="Tenants of Zedmere")
    assert ada.page.error_beside("email") == "Somebody with this address is staff already."


def test_an_admin_decides_about_others(site: Site, ada: Visitor) -> None:
    ben = add_member(site, BEN, Role.LEAD, "Ben Bold")
    add_second_factor(site, ben, SECRET, code_at(site.clock()))
    with site.change() as session:
        session.get_one(StaffMember, ben).locked_until = site.clock() + LOCKED_FOR
    ada.open("/organise/people")
    ada.follow("Ben Bold")
    assert "Lead – Locked out for now – with a second factor" in ada.page.text
    ada.press("Unlock")
    ada.press("Take the second factor away")
    ada.press("Set the role", role="Organiser Campaigns, their letters and the people they are sent to.")
    assert "Organiser – Active – without a second factor" in ada.page.text
    ada.press("Deactivate")
    assert "Organiser – Deactivated" in ada.page.text
    ada.press("Activate again")
    assert "Organiser – Active" in ada.page.text


def test_the_only_admin_stays_one(site: Site, ada: Visitor) -> None:
    ada.open("/organise/people/1")
    ada.press("Deactivate")
    assert (ada.page.status, "They are the only admin." in ada.page.text) == (422, True)
    ada.press("Set the role", role="Lead The figures, and nothing else.")
    assert ada.page.status == 422
    assert member(site, 1).role is Role.ADMIN


def test_a_decision_that_somebody_else_has_taken_is_not_taken_twice(site: Site, ada: Visitor) -> None:
    ben = add_member(site, BEN, Role.LEAD)
    ada.open(f"/organise/people/{ben}")
    with site.change() as session:
        session.get_one(StaffMember, ben).state = MemberState.DEACTIVATED
    ada.press("Deactivate")
    assert (ada.page.status, "Deactivated" in ada.page.text) == (200, True)


def test_a_role_that_nobody_offers_is_not_taken(ada: Visitor) -> None:
    ada.open("/organise/people/1")
    ada.press("Set the role", forged={"role": "emperor"})
    assert ada.page.error_beside("role") == "Please choose a role."


def test_the_overview_counts_what_one_may_see(site: Site) -> None:
    partner = add_member(site, BEN, Role.PARTNER)
    lead = add_member(site, ADA, Role.LEAD)
    with site.change() as session:
        theirs, other = session.scalars(select(Campaign).order_by(Campaign.id).limit(2))
        theirs.confirmed_count, theirs.letter_count, other.confirmed_count, other.letter_count = 1200, 3600, 1, 3
        partner_id = session.get_one(StaffMember, partner).partner_id
        session.add(PartnerCampaign(partner_id=partner_id, campaign_id=theirs.id))
    assert "1,200 people have written. That made 3,600 letters." in signed_in(site, partner).open("/organise").text
    assert "1,201 people have written. That made 3,603 letters." in signed_in(site, lead).open("/organise").text


# The audit


def test_the_audit_tells_who_did_what_and_can_be_sifted(site: Site, ada: Visitor) -> None:
    ben = add_member(site, BEN, Role.LEAD, "Ben Bold")
    ada.open(f"/organise/people/{ben}")
    ada.press("Deactivate")
    with site.change() as session:
        record(session, 1, Deed("campaign.painted", 700, note="the council asked"), site.clock() + timedelta(days=1))
        record(session, 1, Deed("campaign.paused", 1), site.clock())
    ada.open("/organise/audit")
    assert "Paused a campaign: Abolish reporting" in ada.page.text
    assert (
        "Deactivated an account: Ben Bold Ada Admin, 24 Nov 2026, 09:30:00 state: active deactivated" in ada.page.text
    )
    assert "campaign.painted campaign 700" in ada.page.text
    ada.open("/organise/audit?kind=campaign&actor=&day=2026-11-25")
    assert "Deactivated" not in ada.page.text
    assert "the council asked" in ada.page.text
    assert ada.page.form_with("kind").value("kind") == "campaign"
    assert ada.open("/organise/audit?day=yesterday").status == 422


def test_older_entries_are_a_page_away(site: Site, ada: Visitor) -> None:
    with site.change() as session:
        for number in range(70):
            record(session, 1, Deed("campaign.changed", number), site.clock())
    ada.open("/organise/audit?kind=campaign")
    assert "campaign 69" in ada.page.text
    assert "campaign 19" not in ada.page.text
    ada.follow("Older entries")
    assert "campaign 19" in ada.page.text
    assert "campaign 20" not in ada.page.text


def test_the_audit_as_a_table_has_no_cell_that_a_spreadsheet_reckons_with(site: Site, ada: Visitor) -> None:
    with site.change() as session:
        session.get_one(StaffMember, 1).name = "=HYPERLINK(1)"
        record(session, 1, Deed("campaign.paused", 7, {"title": "a"}, {"title": "b"}, "@SUM(A1)"), site.clock())
    answer = ada.client.get("/organise/audit.csv?kind=campaign")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit.csv"'
    head, line = list(csv.reader(io.StringIO(answer.get_data(as_text=True))))
    assert dict(zip(head, line, strict=True)) == {
        "at": "2026-11-24T09:30:00+00:00",
        "actor_id": "1",
        "actor": "'=HYPERLINK(1)",
        "action": "campaign.paused",
        "kind": "campaign",
        "object_id": "7",
        "before": '{"title": "a"}',
        "after": '{"title": "b"}',
        "note": "'@SUM(A1)",
    }


def test_the_whole_audit_is_given_however_long_it_is(site: Site, ada: Visitor) -> None:
    with site.change() as session:
        for number in range(1200):
            record(session, 1, Deed("campaign.changed", number), site.clock())
    lines = ada.client.get("/organise/audit.csv?kind=campaign").get_data(as_text=True).splitlines()
    assert len(lines) == 1201
