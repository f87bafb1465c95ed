"""Staff's pages of those who are written to: lists, cards, addresses, overrides, removal."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.registrar.address_checks import LASTS, MOST_A_DAY
from app.registrar.models import AddressCheck
from app.roles import Role
from app.staff.models import AuditEntry
from app.targets.models import Target, TargetList, TargetOverride
from tests.support.staff import BEN
from tests.web.site import Site, address_of
from tests.web.staff import add_member, signed_in
from tests.web.visitor import Visitor

COUNCILLOR = "Shirin Vale-Amini"


@pytest.fixture
def olu(site: Site) -> Visitor:
    """An organiser who has just signed in."""
    visitor = signed_in(site, add_member(site, BEN, Role.ORGANISER, "Olu Organiser"))
    site.deliver()
    return visitor


def target(site: Site, name: str = COUNCILLOR) -> Target:
    with site.platform.sessions.read() as session:
        return session.scalars(select(Target).where(Target.name == name)).one()


def list_id(site: Site, slug: str = "demo-councillors") -> int:
    with site.platform.sessions.read() as session:
        return session.scalars(select(TargetList.id).where(TargetList.slug == slug)).one()


def card(site: Site, name: str = COUNCILLOR) -> str:
    return f"/organise/targets/{site.target_id(name)}"


def unverify(site: Site, slug: str = "demo-councillors") -> None:
    with site.change() as session:
        session.execute(update(Target).where(Target.list_id == list_id(site, slug)).values(verified_at=None))


def audited(site: Site, action: str) -> list[AuditEntry]:
    with site.platform.sessions.read() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)))


# Lists


def test_the_room_shows_each_list_with_its_source_and_what_it_lacks(site: Site, olu: Visitor) -> None:
    olu.open("/organise")
    olu.follow("Targets")
    assert olu.page.heading == "Targets"
    unverify(site)
    with site.platform.sessions.read() as session:
        (of,) = session.scalars(select(TargetList).where(TargetList.slug == "demo-councillors"))
    olu.open("/organise/targets")
    assert of.name in olu.page.text
    assert of.source in olu.page.text
    assert "addresses not verified" in olu.page.text
    olu.follow(of.name)
    assert olu.page.heading == of.name
    assert COUNCILLOR in olu.page.text


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("text=shirin", True),
        ("text=VALE-AMINI", True),
        ("text=nobody-of-that-name", False),
        ("text=%25", False),
        ("shown=unverified", False),
        ("shown=no_address", False),
        ("shown=stale", False),
        ("shown=archived", False),
        ("shown=removed", False),
        ("shown=current&page=1", True),
        ("page=2", False),
    ],
)
def test_who_is_on_a_list_is_sifted(site: Site, olu: Visitor, asked: str, *, there: bool) -> None:
    page = olu.open(f"/organise/targets/lists/{list_id(site)}?{asked}")
    assert page.status == 200
    assert (COUNCILLOR in page.text) is there


def test_those_are_sifted_whose_address_nobody_has_checked(site: Site, olu: Visitor) -> None:
    site.forget_verification()
    assert COUNCILLOR in olu.open(f"/organise/targets/lists/{list_id(site)}?shown=unverified").text


@pytest.mark.parametrize("asked", ["shown=everybody", "page=0", "page=x", "text=" + "x" * 101, "page=99999999999"])
def test_a_list_is_shown_whatever_is_asked_of_it(site: Site, olu: Visitor, asked: str) -> None:
    page = olu.open(f"/organise/targets/lists/{list_id(site)}?{asked}")
    assert page.status == 422
    assert COUNCILLOR in page.text


def test_a_list_is_taken_away_as_a_table_that_no_spreadsheet_reckons_with(site: Site, olu: Visitor) -> None:
    with site.change() as session:
        session.execute(update(Target).where(Target.name == COUNCILLOR).values(party="=HYPERLINK(1)"))
    answer = olu.client.get(f"/organise/targets/lists/{list_id(site)}/table.csv?text=shirin")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    header, row = csv.reader(io.StringIO(answer.get_data(as_text=True)))
    assert row[header.index("name")] == COUNCILLOR
    assert row[header.index("party")] == "'=HYPERLINK(1)"


@pytest.mark.parametrize(
    "path",
    [
        "/organise/targets/99999",
        "/organise/targets/99999999999999999999",
        "/organise/targets/lists/99999",
        "/organise/targets/lists/99999999999999999999/verify",
        "/organise/targets/99999/override",
        "/organise/targets/corrections/7",
        "/organise/targets/uploads/7",
        "/organise/targets/coverage/councils/E09999999",
        "/organise/targets/coverage/campaigns/none",
    ],
)
def test_what_is_not_there_is_not_there(olu: Visitor, path: str) -> None:
    assert olu.open(path).status == 404


# A whole list


def test_the_addresses_of_a_list_are_vouched_for_as_they_are_now(site: Site, olu: Visitor) -> None:
    unverify(site)
    olu.open(f"/organise/targets/lists/{list_id(site)}")
    olu.follow("Say that the published addresses of this list are right")
    (button,) = [b.text for form in olu.page.forms for b in form.buttons if b.text.startswith("I have checked")]
    olu.press(button, how=" ")
    assert olu.page.error_beside("how") == "Please say how it was checked."
    assert not target(site).verified
    olu.press(button, how="compared with the council's page")
    assert "Real mail to them is held" not in olu.page.text
    found = target(site)
    assert found.verified
    assert found.verified_how == "compared with the council's page"
    (entry,) = audited(site, "target_list.verified")
    assert (entry.object_id, entry.note) == (list_id(site), "compared with the council's page")
    assert entry.after["addresses"] > 1


def test_addresses_that_nobody_has_looked_at_are_not_vouched_for(site: Site, olu: Visitor) -> None:
    unverify(site)
    olu.open(f"/organise/targets/lists/{list_id(site)}/verify")
    (button,) = [b.text for form in olu.page.forms for b in form.buttons if b.text.startswith("I have checked")]
    with site.change() as session:
        session.execute(update(Target).where(Target.name == COUNCILLOR).values(email="other@zedmere.example"))
    olu.press(button, how="compared")
    assert olu.page.status == 422
    assert "look at its addresses once more" in olu.page.summary_texts[0]
    assert not target(site).verified
    olu.press(button, how="compared")
    assert target(site).verified


# One address


def test_an_address_is_verified_by_a_note(site: Site, olu: Visitor) -> None:
    unverify(site)
    olu.open(card(site))
    assert "Address not verified" in olu.page.text
    olu.follow("Verify the address")
    olu.press("It is right", how="")
    assert olu.page.error_beside("how") == "Please say how it was checked."
    olu.press("It is right", how="rang the office")
    assert olu.page.heading == COUNCILLOR
    assert "Address verified" in olu.page.text
    assert "Olu Organiser: rang the office" in olu.page.text
    (entry,) = audited(site, "target.verified")
    assert (entry.object_id, entry.note) == (site.target_id(COUNCILLOR), "rang the office")


def mailed(site: Site, olu: Visitor) -> str:
    """The text of the mail with the code."""
    olu.open(f"{card(site)}/verify")
    button = "Send another code" if "Send another code" in olu.page.text else "Send a code to the address"
    olu.press(button)
    (mail,) = site.deliver()
    assert address_of(mail) == target(site).email
    return mail.text


def code_in(text: str) -> str:
    return text.partition("code: ")[2].partition("\n")[0]


def test_an_address_is_verified_by_the_code_of_a_mail_to_it(site: Site, olu: Visitor) -> None:
    unverify(site)
    text = mailed(site, olu)
    assert COUNCILLOR in text
    olu.open(f"{card(site)}/verify")
    olu.press("Check the code", code="0000 0001")
    assert olu.page.error_beside("code") == "This is not the code of the last mail."
    assert not target(site).verified
    olu.press("Check the code", code=f" {code_in(text)} ")
    assert target(site).verified_how == "the code of a mail to the address was given back"
    assert "Address verified" in olu.page.text


def test_the_link_of_the_mail_shows_first_and_acts_when_its_button_is_pressed(site: Site, olu: Visitor) -> None:
    unverify(site)
    link = next(word for word in mailed(site, olu).split() if word.startswith("http"))
    reader = site.visitor()
    reader.open(link)
    assert (reader.page.heading, target(site).verified) == ("Is this the right address?", False)
    reader.press("Yes, it is right")
    assert reader.page.heading == "Thank you"
    assert target(site).verified
    assert reader.open(link).status == 410
    olu.open(card(site))
    assert "whoever reads the address" in olu.page.text


def test_an_answer_says_nothing_of_another_address_or_after_its_time(site: Site, olu: Visitor) -> None:
    unverify(site)
    link = next(word for word in mailed(site, olu).split() if word.startswith("http"))
    reader = site.visitor()
    with site.change() as session:
        session.execute(update(Target).where(Target.name == COUNCILLOR).values(email="new@zedmere.example"))
    assert reader.open(link).status == 410
    link = next(word for word in mailed(site, olu).split() if word.startswith("http"))
    reader.open(link)
    site.clock.forward(LASTS)
    reader.press("Yes, it is right")
    assert reader.page.status == 410
    assert not target(site).verified


def test_a_code_cannot_be_guessed_and_a_mailbox_not_filled(site: Site, olu: Visitor) -> None:
    unverify(site)
    text = mailed(site, olu)
    olu.open(f"{card(site)}/verify")
    for _ in range(10):
        olu.press("Check the code", code="12345678")
    olu.press("Check the code", code=code_in(text))
    assert olu.page.error_beside("code") == "No code is waited for any more. Please send a new one."
    for _ in range(MOST_A_DAY - 1):
        mailed(site, olu)
    olu.open(f"{card(site)}/verify")
    olu.press("Send another code")
    assert olu.page.status == 422
    assert site.deliver() == []
    assert site.count(AddressCheck) == MOST_A_DAY


def test_one_mailbox_is_not_filled_by_asking_many_targets(site: Site, olu: Visitor) -> None:
    with site.change() as session:
        targets = session.scalars(select(Target).where(Target.archived_at.is_(None)).limit(MOST_A_DAY + 1)).all()
        for place, one in enumerate(targets):
            one.email = "Somebody@elsewhere.example" if place % 2 else "somebody@elsewhere.example"
        ids = [one.id for one in targets]
    site.deliver()
    for target_id in ids:
        olu.open(f"/organise/targets/{target_id}/verify")
        olu.press("Send a code to the address")
    assert olu.page.status == 422
    assert len(site.deliver()) == MOST_A_DAY


def test_the_link_cannot_be_made_of_another(site: Site) -> None:
    visitor = site.visitor()
    for path in ("/address/forged", "/ar/address/forged"):
        assert visitor.open(path).status == 410
    assert visitor.client.post("/address/forged").status_code in (400, 410)


# Overrides, removal


def test_a_value_is_put_over_the_sources_for_a_time_and_lifted(site: Site, olu: Visitor) -> None:
    olu.open(card(site))
    olu.follow("Put something right")
    olu.press("Put it right", field="E-mail address", value="no address", why="the council's page")
    assert "e-mail address is not one" in olu.page.error_beside("value")
    olu.press("Put it right", field="E-mail address", value="new@zedmere.example", until="2026-01-01", why="its page")
    assert olu.page.error_beside("value").startswith("The day must be after today")
    olu.press("Put it right", field="E-mail address", value="new@zedmere.example", until="2027-01-31", why="its page")
    assert olu.page.heading == COUNCILLOR
    assert "Put right by staff until" in olu.page.text
    assert "Olu Organiser" in olu.page.text
    assert target(site).email == "new@zedmere.example"
    assert not target(site).verified
    (entry,) = audited(site, "target.overridden")
    assert entry.after == {"email": "new@zedmere.example", "until": "2027-01-31"}
    olu.press("Let the source’s value count again (E-mail address)")
    assert target(site).email != "new@zedmere.example"
    assert len(audited(site, "target.override_ended")) == 1
    with site.platform.sessions.read() as session:
        assert session.scalars(select(TargetOverride.made_by)).one().startswith("staff ")


def test_a_target_is_taken_off_its_list_and_put_there_again(site: Site, olu: Visitor) -> None:
    olu.open(card(site))
    olu.follow("Take off the list")
    olu.press("Take off the list", why="")
    assert olu.page.error_beside("why") == "Please say why."
    olu.press("Take off the list", why="resigned in October")
    assert "Removed by staff" in olu.page.text
    assert target(site).removed_at is not None
    olu.open(f"/organise/targets/lists/{list_id(site)}?shown=removed")
    assert COUNCILLOR in olu.page.text
    olu.follow(COUNCILLOR)
    olu.press("Put on the list again")
    assert target(site).removed_at is None
    assert [len(audited(site, f"target.{deed}")) for deed in ("removed", "restored")] == [1, 1]
    assert "Took a target off its list" in olu.page.text


def test_what_somebody_else_has_done_meanwhile_is_shown_and_not_done_twice(site: Site, olu: Visitor) -> None:
    olu.open(f"{card(site)}/remove")
    with site.change() as session:
        row = session.scalars(select(Target).where(Target.name == COUNCILLOR)).one()
        row.removed_at = row.archived_at = site.clock() - timedelta(days=1)
        row.removed_by, row.removed_why = "somebody else", "before"
    olu.press("Take off the list", why="resigned")
    assert olu.page.heading == COUNCILLOR
    assert target(site).removed_why == "before"
    assert audited(site, "target.removed") == []
