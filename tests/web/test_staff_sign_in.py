"""Staff at the door: invited, signing in, forgetting their password, and what strangers learn, which is nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import structlog
from sqlalchemy import select

from app.roles import Role
from app.staff.links import make_link
from app.staff.models import LinkKind, StaffLink, StaffMember
from app.staff.people import Newcomer, Personnel, Position
from app.staff.sign_in import TRIES_PER_ADDRESS, Caller
from tests.support.staff import ADA, BEN, OTHER_PASSWORD, PASSWORD, SECRET, code_at
from tests.web.site import Site, link_in
from tests.web.staff import add_member, add_second_factor, signed_in
from tests.web.visitor import Visitor

SIGN_IN = "/organise/sign-in"
HTTPS = "https://letters.example.org"


def enter(visitor: Visitor, email: str = ADA, password: str = PASSWORD) -> None:
    if visitor.address.partition("?")[0] != SIGN_IN:
        visitor.open(SIGN_IN)
    visitor.press("Sign in", email=email, password=password)


@pytest.fixture
def invited(site: Site) -> str:
    """The link of an invitation that has just arrived."""
    with site.change() as session:
        personnel = Personnel(session, site.platform.config.field_keys, None, site.clock())
        personnel.invite(Newcomer(ADA, "Ada Admin", "en", Position(Role.ADMIN)))
    (mail,) = site.deliver_to(ADA)
    return link_in(mail)


def test_an_invitation_leads_to_a_password_and_into_the_house(site: Site, invited: str) -> None:
    ada = site.visitor()
    ada.open(invited)
    assert ada.page.heading == "Welcome"
    ada.press("Join", password="too short")
    assert (ada.page.status, "at least 12 characters" in ada.page.text) == (422, True)
    ada.press("Join", password="ada@staff.example")
    assert "guessed quickly" in ada.page.text
    assert 'value="ada@staff.example" dir' not in ada.response.get_data(as_text=True)
    ada.press("Join", password=PASSWORD)
    assert ada.page.heading == "Overview"
    again = site.visitor()
    again.open(invited)
    assert (again.page.status, again.page.heading) == (410, "This link does not work any more")
    enter(again)
    assert again.page.heading == "Overview"


def test_opening_an_invitation_changes_nothing(site: Site, invited: str) -> None:
    before = site.everything()
    for address in (invited, invited, invited[:-1], "/organise/invitation/forged"):
        site.visitor().open(address)
    assert site.everything() == before


def test_a_link_of_one_kind_is_none_of_another(site: Site, invited: str) -> None:
    token = invited.rpartition("/")[2]
    for kind in ("password", "demo"):
        assert site.visitor().open(f"/organise/{kind}/{token}").status == 410


def test_signing_in_and_out(site: Site) -> None:
    add_member(site)
    ada = site.visitor()
    enter(ada)
    assert ada.page.heading == "Overview"
    ada.open(SIGN_IN)
    assert ada.page.heading == "Overview", "who is in does not sign in"
    ada.press("Sign out")
    assert ada.page.heading == "Sign in"
    ada.open("/organise")
    assert ada.page.heading == "Sign in"


def test_signing_in_leads_to_the_page_that_was_asked_for(site: Site) -> None:
    add_member(site)
    ada = site.visitor()
    ada.open("/organise/people")
    enter(ada)
    assert ada.page.heading == "Staff"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example/organise", "/\\evil.example", "/c/x", "/organise\n/x", "organise"],
)
def test_signing_in_leads_nowhere_else(site: Site, elsewhere: str) -> None:
    add_member(site)
    ada = site.visitor()
    page = ada.open(SIGN_IN)
    data = {**page.form.values, "email": ADA, "password": PASSWORD}
    answer = ada.client.post(SIGN_IN, query_string={"next": elsewhere}, data=data)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/organise")


@pytest.mark.parametrize(("email", "password"), [(ADA, OTHER_PASSWORD), (BEN, PASSWORD), ("nonsense", "x")])
def test_whatever_is_wrong_the_page_is_the_same(site: Site, email: str, password: str) -> None:
    add_member(site)
    somebody = site.visitor()
    enter(somebody, email, password)
    assert somebody.page.status == 422
    assert "do not belong together" in somebody.page.text
    assert somebody.page.form.value("email") == email, "what was typed is still there"
    assert not somebody.page.form.value("password")


def test_nothing_typed_is_a_mistake_and_no_try(site: Site) -> None:
    somebody = site.visitor()
    enter(somebody, "", "")
    assert somebody.page.status == 422
    assert "Please write your password." in somebody.page.text


def test_after_too_many_tries_the_page_says_when_to_come_back(site: Site) -> None:
    add_member(site)
    for email in (ADA, BEN):
        somebody = site.visitor()
        for _ in range(TRIES_PER_ADDRESS):
            site.platform.porter.sign_in(email, "wrong", Caller("198.51.100.7", ""), site.clock())
        enter(somebody, email)
        assert somebody.page.status == 429
        assert "Please try again after 09:45." in somebody.page.text
    site.clock.forward(timedelta(minutes=15))
    enter(somebody)
    assert somebody.page.heading == "Overview"


def test_a_form_without_its_token_is_asked_for_once_more(site: Site) -> None:
    add_member(site)
    ada = site.visitor()
    ada.open(SIGN_IN)
    ada.press("Sign in", email=ADA, password=PASSWORD, forged={"csrf_token": "stale"})
    assert (ada.page.status, "press the button once more" in ada.page.text) == (422, True)
    assert ada.open("/organise").heading == "Sign in"


def test_a_browsers_tokens_end_with_its_signing_in(site: Site) -> None:
    add_member(site)
    ada = site.visitor()
    before = ada.open(SIGN_IN).form.value("csrf_token")
    enter(ada)
    assert ada.client.post("/organise/sign-out", data={"csrf_token": before}).status_code == 400


@pytest.mark.parametrize("kind", ["site", "production"])
def test_the_cookie_is_kept_from_scripts_and_from_other_sites(kind: str, request: pytest.FixtureRequest) -> None:
    site: Site = request.getfixturevalue(kind)
    base = "http://localhost" if kind == "site" else HTTPS
    add_member(site, role=Role.LEAD)
    client = site.app.test_client()
    page = client.get(SIGN_IN, base_url=base).get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    data = {"csrf_token": token[1], "email": ADA, "password": PASSWORD}
    answer = client.post(SIGN_IN, data=data, base_url=base)
    (cookie,) = [line for line in answer.headers.getlist("Set-Cookie") if "staff=" in line]
    name, *flags = cookie.split("; ")
    assert name.startswith("staff=" if kind == "site" else "__Host-staff=")
    assert set(flags) == {"HttpOnly", "Path=/", "SameSite=Lax", *(["Secure"] if kind == "production" else [])}
    assert answer.headers["Cache-Control"] == "no-store"


# The second factor


def test_the_second_factor_comes_after_the_password(site: Site) -> None:
    add_second_factor(site, add_member(site), SECRET, code_at(site.clock()))
    site.clock.forward(timedelta(minutes=1))
    ada = site.visitor()
    ada.open("/organise/people")
    enter(ada)
    assert ada.page.heading == "Your second factor"
    half_way = ada.address
    ada.open("/organise/people")
    assert ada.page.heading == "Sign in", "half the door is no door"
    ada.open(half_way)
    ada.press("Sign in", code="000000")
    assert (ada.page.status, "not right" in ada.page.text) == (422, True)
    ada.press("Sign in", code=code_at(site.clock()))
    assert ada.page.heading == "Staff"


def test_a_recovery_code_opens_too(site: Site) -> None:
    codes = add_second_factor(site, add_member(site), SECRET, code_at(site.clock()))
    ada = site.visitor()
    enter(ada)
    ada.press("Sign in", code=codes[0])
    assert ada.page.heading == "Overview"


def test_a_role_that_must_have_one_can_do_nothing_before(make_site: Callable[..., Site]) -> None:
    site = make_site(STAFF_SECOND_FACTOR="admin,organiser")
    ada = signed_in(site, add_member(site))
    for address in ("/organise", "/organise/people", "/organise/audit"):
        assert ada.open(address).heading == "Add a second factor"
    assert "Your role asks for a second factor" in ada.page.text
    assert ada.open("/organise/account").heading == "Your account"
    ada.open("/organise")
    secret = ada.page.form_with("secret").value("secret") or ""
    ada.press("Add the app", code=code_at(site.clock(), secret))
    ada.follow("I have them, go on")
    assert ada.page.heading == "Overview"
    answer = ada.client.get("/organise/account/second-factor").get_data(as_text=True)
    assert "Remove the app" not in answer
    lead = signed_in(site, add_member(site, BEN, Role.LEAD))
    assert lead.open("/organise").heading == "Overview"


# A forgotten password


def test_a_forgotten_password_is_replaced_by_mail(site: Site) -> None:
    member_id = add_member(site)
    site.deliver()
    elsewhere, ada = signed_in(site, member_id), site.visitor()
    ada.open(SIGN_IN)
    ada.follow("I have forgotten my password")
    ada.press("E-mail me the link", email=ADA.upper())
    assert ada.page.heading == "Look at your e-mail"
    (mail,) = site.deliver_to(ADA)
    ada.open(link_in(mail))
    ada.press("Set the password", password=OTHER_PASSWORD)
    assert ada.page.heading == "Sign in"
    assert elsewhere.open("/organise").heading == "Sign in"
    (told,) = site.deliver_to(ADA)
    assert "has changed" in told.subject
    enter(ada, password=OTHER_PASSWORD)
    assert ada.page.heading == "Overview"


def test_who_asks_for_another_address_learns_nothing(site: Site) -> None:
    add_member(site)
    site.deliver()
    answers = []
    for email in (ADA, BEN):
        somebody = site.visitor()
        somebody.open("/organise/forgotten")
        somebody.press("E-mail me the link", email=email)
        answers.append((somebody.page.status, somebody.page.text))
    assert answers[0] == answers[1]
    assert len(site.deliver()) == 1


def test_too_old_a_link_leads_to_the_page_that_says_so(site: Site) -> None:
    add_member(site)
    site.deliver()
    ada = site.visitor()
    ada.open("/organise/forgotten")
    ada.press("E-mail me the link", email=ADA)
    link = link_in(*site.deliver())
    ada.open(link)
    site.clock.forward(timedelta(hours=2))
    ada.press("Set the password", password=OTHER_PASSWORD)
    assert (ada.page.status, ada.page.heading) == (410, "This link does not work any more")


# The demonstration


def test_the_link_of_the_demonstration_signs_in_once(site: Site) -> None:
    member_id = add_member(site)
    with site.change() as session:
        link = make_link(session, session.get_one(StaffMember, member_id), LinkKind.DEMO, site.clock())
        address = site.platform.links.staff(link.kind, link.public_id, "en")
    ada = site.visitor()
    ada.open(address)
    ada.press("Sign in")
    assert ada.page.heading == "Overview"
    assert site.visitor().open(address).status == 410
    with site.platform.sessions.read() as session:
        assert session.scalars(select(StaffLink.used_at).where(StaffLink.id == link.id)).one() == site.clock()


# What is left behind


def test_no_address_of_a_page_and_no_line_of_the_log_tells_of_anybody(site: Site, invited: str) -> None:
    ada = site.visitor()
    with structlog.testing.capture_logs() as logs:
        ada.open(invited)
        ada.press("Join", password=PASSWORD)
        for room in ("/organise/people", "/organise/people/1", "/organise/account", "/organise/audit"):
            ada.open(room)
        enter(site.visitor(), ADA, "wrong")
    met = " ".join([*ada.addresses, *map(str, logs)])
    for words in (ADA, "Ada", PASSWORD, "Firefox"):
        assert words not in met


def test_pages_of_staff_are_for_no_search_engine_and_ask_for_nothing_forbidden(site: Site) -> None:
    ada = signed_in(site, add_member(site))
    for room in (
        "",
        "/people",
        "/people/invite",
        "/people/1",
        "/account",
        "/account/password",
        "/account/second-factor",
        "/audit",
    ):
        page = ada.open(f"/organise{room}")
        assert page.status == 200, room
        assert page.document.one("meta", name="robots")["content"] == "noindex"
        assert page.root.all("style", "iframe", "object", "embed", "base") == []
        assert [e.tag for e in page.root.walk() if "style" in e or any(name.startswith("on") for name in e.attrs)] == []
