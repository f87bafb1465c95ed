"""What nobody learns: who has written, and anything personal from addresses, logs or cookies."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.actions.models import Action, Consent
from app.queue.models import Delivery
from app.queue.states import Purpose
from app.web.breaks import breakable
from tests.web.site import Site
from tests.web.visitor import Visitor
from tests.web.ways import (
    EMAIL,
    NAME,
    OWN_WORDS,
    PLEDGE,
    READ_IT,
    WARD,
    WAYS,
    Way,
    to_confirm,
    to_letter,
    to_mail,
    to_own,
    to_preview,
)

PERSONAL = (
    NAME,
    "Adeyemi",
    EMAIL,
    "alice@",
    "alice%40",
    "ZZ1 1AA",
    "ZZ11AA",
    "ZZ1+1AA",
    "ZZ1%201AA",
    "My neighbour",
    "My+neighbour",
)
TOKEN = re.compile(r'name="csrf_token" value="[^"]*"')


def test_the_page_is_the_same_whether_or_not_the_address_has_written(site: Site, alice: Visitor) -> None:
    to_own(site, alice, WARD)
    site.deliver()
    answers = []
    for email in (EMAIL, "new@supporter.example"):
        browser = site.visitor()
        to_preview(browser, WARD, email=email)
        values = browser.page.form.values
        answer = browser.client.post(f"/c/{WARD.slug}/submit", data=values)
        page = browser.client.get(answer.headers["Location"])
        headers = [(name, value) for name, value in answer.headers if name != "Set-Cookie"]
        answers.append((answer.status_code, headers, answer.data, page.status_code, list(page.headers), page.data))
    known, unknown = answers
    assert known == unknown
    assert known[0] == 303


def test_the_preview_is_the_same_whether_or_not_the_address_has_written(site: Site, alice: Visitor) -> None:
    to_own(site, alice, WARD)
    pages = []
    for email in (EMAIL, "other@supporter.example"):
        site.platform.random.seed(1)  # the subject that is drawn for them
        browser = site.visitor()
        page = to_preview(browser, WARD, email=email)
        pages.append(TOKEN.sub("", page.html).replace(str(breakable(email)), "an address").replace(email, "an address"))
    assert pages[0] == pages[1]


def test_who_has_written_before_is_told_by_mail_alone(site: Site, alice: Visitor) -> None:
    to_own(site, alice, WARD)
    own = alice.address
    site.deliver()
    to_mail(site.visitor(), WARD, email="Alice@Supporter.Example", name="Somebody else")
    (mail,) = site.deliver()
    assert mail.text.startswith("You have already taken part in")
    assert own in mail.text
    assert "Somebody else" not in mail.text
    with site.platform.sessions.read() as session:
        assert len(session.scalars(select(Action)).all()) == 1
        assert Purpose.ALREADY_WRITTEN in session.scalars(select(Delivery.purpose)).all()


def test_who_has_written_in_one_campaign_may_write_in_another(site: Site, alice: Visitor) -> None:
    to_own(site, alice, WARD)
    site.deliver()
    to_mail(alice, PLEDGE)
    (mail,) = site.deliver()
    assert mail.text.startswith("You have not joined yet.")


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_nothing_personal_stands_in_an_address_or_a_log(
    site: Site, alice: Visitor, way: Way, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    alice.open("/")
    to_own(site, alice, way)
    site.deliver()
    alice.open(alice.address)
    to_mail(alice, way)
    site.deliver()
    to_letter(alice, way)
    alice.press(READ_IT, name="", email=EMAIL, own_words=OWN_WORDS)
    met = "\n".join(alice.addresses)
    assert f"/c/{way.slug}" in met
    logged = "\n".join([record.getMessage() + str(record.args) + (record.exc_text or "") for record in caplog.records])
    for secret in PERSONAL:
        assert secret.casefold() not in met.casefold()
        assert secret.casefold() not in logged.casefold()


def test_no_address_carries_a_query_but_those_of_files_and_the_link_to_share(site: Site, alice: Visitor) -> None:
    to_own(site, alice, WARD)
    asking = [address for address in alice.addresses if "?" in address]
    assert [one for one in asking if not (one.startswith("/static/") or one.endswith("?via=share"))] == []


def test_the_cookie_holds_nothing_but_the_form_token(site: Site, alice: Visitor) -> None:
    to_own(site, alice, WARD)
    cookie = alice.client.get_cookie("session")
    assert cookie is not None
    serializer = site.app.session_interface.get_signing_serializer(site.app)
    assert serializer is not None
    assert list(serializer.loads(cookie.value)) == ["csrf_token"]


def test_nobody_gets_a_cookie_for_reading(alice: Visitor) -> None:
    for address in ("/", "/privacy", "/colours.css", "/static/site.css", "/ar/"):
        assert "Set-Cookie" not in alice.client.get(address).headers


@pytest.mark.parametrize("ticked", [True, False])
@pytest.mark.parametrize("way", [WARD, PLEDGE], ids=str)
def test_the_answer_about_hearing_from_the_organisers_is_kept_as_given(
    site: Site, alice: Visitor, way: Way, *, ticked: bool
) -> None:
    page = to_preview(alice, way)
    assert page.form.value("consent") is None, "the box is never ticked beforehand"
    (box,) = page.form.controls("consent")
    label = page.form.label_of(box)
    if ticked:
        alice.press(way.hand_in, consent="yes")
    else:
        alice.press(way.hand_in)
    with site.platform.sessions.read() as session:
        consent = session.scalars(select(Consent)).one()
    assert consent.given is ticked
    assert consent.wording
    assert label.startswith(consent.wording)
    assert consent.at == site.clock()


def test_the_box_is_not_ticked_by_an_earlier_answer_or_a_mistake(alice: Visitor) -> None:
    to_preview(alice, WARD)
    alice.press("Change my letter", consent="yes")
    page = alice.press(READ_IT)
    assert page.form.value("consent") is None


def test_fields_tell_the_browser_what_they_are_for(alice: Visitor) -> None:
    page = alice.open("/c/abolish-reporting")
    assert page.form.controls("postcode")[0]["autocomplete"] == "postal-code"
    page = to_letter(alice, WARD)
    assert page.form.controls("name")[0]["autocomplete"] == "name"
    assert page.form.controls("email")[0]["autocomplete"] == "email"
    assert page.form.controls("email")[0]["type"] == "email"


def test_every_field_that_is_seen_has_a_label(alice: Visitor) -> None:
    for way in WAYS:
        pages = [alice.open(f"/c/{way.slug}"), to_letter(alice, way), to_preview(alice, way)]
        for page in pages:
            for name in page.form.names:
                for control in page.form.controls(name):
                    if control.attrs.get("type") != "hidden":
                        assert page.form.label_of(control)


def test_a_mailbox_that_had_its_share_gets_no_more_mail_and_nobody_learns_of_it(make_site: Callable[..., Site]) -> None:
    site = make_site(LIMIT_ADDRESS_PER_DAY="2")
    pages = [to_mail(site.visitor(), WARD).html for _ in range(2)]
    assert len(site.deliver()) == 2
    pages += [to_mail(site.visitor(), WARD).html, to_mail(site.visitor(), WARD, email="alice+2@supporter.example").html]
    assert pages == [pages[0]] * 4
    assert site.deliver() == []
    assert site.count(Action) == 2
    site.clock.forward(timedelta(days=1))
    to_mail(site.visitor(), WARD)
    assert len(site.deliver()) == 1


def test_too_many_letters_from_one_network_are_told_when_to_come_back_and_kept(make_site: Callable[..., Site]) -> None:
    site = make_site(LIMIT_NETWORK_PER_HOUR="1")
    to_mail(site.visitor(), WARD)
    bob = site.visitor()
    to_preview(bob, WARD, email="bob@supporter.example")
    page = bob.press(WARD.hand_in)
    assert page.status == 429
    assert page.summary_texts == [
        "A lot was sent from here in a short time. Please try again after 10:00. What you wrote is still here."
    ]
    assert page.form.value("own_words") == OWN_WORDS
    assert page.form.value("email") == "bob@supporter.example"
    assert site.count(Action) == 1
    site.clock.forward(timedelta(hours=1))
    bob.press(READ_IT)
    assert bob.press(WARD.hand_in).heading == "Now look in your e-mail"


def test_too_many_letters_that_nobody_confirms_stop_the_site_for_an_hour(make_site: Callable[..., Site]) -> None:
    site = make_site(LIMIT_UNCONFIRMED_PER_HOUR="1")
    alice = site.visitor()
    to_confirm(site, alice, WARD)
    bob = site.visitor()
    to_preview(bob, WARD, email="bob@supporter.example")
    assert bob.press(WARD.hand_in).status == 429
    alice.press(WARD.send)
    bob.press(READ_IT)
    assert bob.press(WARD.hand_in).heading == "Now look in your e-mail"


def test_a_known_address_meets_the_same_limits_as_an_unknown_one(make_site: Callable[..., Site]) -> None:
    pages: dict[bool, list[tuple[int, str]]] = {True: [], False: []}
    for known in (True, False):
        site = make_site(LIMIT_ADDRESS_PER_DAY="2", LIMIT_NETWORK_PER_HOUR="100")
        email = "known@supporter.example" if known else "unknown@supporter.example"
        if known:
            to_own(site, site.visitor(), WARD, email=email)
        for _ in range(4):
            page = to_mail(site.visitor(), WARD, email=email)
            pages[known].append((page.status, page.html))
    assert pages[True] == pages[False]
