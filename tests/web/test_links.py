"""Links that only their holder knows: opened, forged, cut short, too old, and pressed more than once."""

from __future__ import annotations

import uuid
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from app.actions.models import Action, ActionState, Letter
from app.actions.retention import expire_actions
from app.campaigns.models import Campaign
from app.queue.models import Delivery
from app.queue.states import Purpose
from tests.web.site import Site, link_in
from tests.web.visitor import Visitor
from tests.web.ways import EMAIL, NAME, OWN_WORDS, WARD, to_confirm, to_mail, to_own

FORGED = "This link does not work"
NO_LINKS = [
    "x",
    "x.y",
    ".",
    "a" * 5000,
    "%00",
    "%FF%FE",
    "é",
    "AAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAA.",
    "..%2f..%2fetc",
]


def public_id(site: Site) -> uuid.UUID:
    with site.platform.sessions.read() as session:
        return session.scalars(select(Action.public_id).order_by(Action.id)).all()[-1]


def test_opening_the_link_changes_nothing_however_often_scanners_do_it(site: Site, alice: Visitor) -> None:
    to_mail(alice, WARD)
    link = urlsplit(site.delivered_link()).path
    before = site.everything()
    scanner = site.visitor().client
    for _ in range(3):
        assert scanner.get(link).status_code == 200
        assert scanner.head(link).status_code == 200
        assert scanner.options(link).status_code == 200
    assert site.everything() == before


def test_opening_ones_own_page_changes_nothing(site: Site, alice: Visitor) -> None:
    to_own(site, alice, WARD)
    before = site.everything()
    scanner = site.visitor().client
    assert scanner.get(alice.address).status_code == 200
    assert scanner.head(alice.address).status_code == 200
    assert scanner.get(f"{alice.address}/withdraw").status_code == 405
    assert site.everything() == before


def test_pressing_twice_makes_one_set_of_letters(site: Site, alice: Visitor) -> None:
    page = to_confirm(site, alice, WARD)
    address, values = alice.address, page.form.values
    first = alice.send(address, values)
    own = alice.address
    second = alice.send(address, values)
    assert (first.status, second.status) == (200, 200)
    assert alice.address == own
    with site.platform.sessions.read() as session:
        assert len(session.scalars(select(Letter)).all()) == 3
        purposes = session.scalars(select(Delivery.purpose)).all()
        assert purposes.count(Purpose.LETTER) == 3
        assert purposes.count(Purpose.THANK_YOU) == 1
        assert session.scalars(select(Campaign.confirmed_count).where(Campaign.slug == WARD.slug)).one() == 1


def test_two_tabs_lead_to_the_same_page_and_make_one_set_of_letters(site: Site, alice: Visitor) -> None:
    to_mail(alice, WARD)
    link = site.delivered_link()
    phone, laptop = site.visitor(), site.visitor()
    phone.open(link)
    laptop.open(link)
    phone.press(WARD.send)
    laptop.press(WARD.send)
    assert laptop.address == phone.address
    assert site.count(Letter) == 3
    page = laptop.open(link)
    assert page.heading == "You have already sent this letter"
    assert page.forms == []
    assert laptop.follow("See what became of it").heading == "What became of your letter"


def test_the_later_of_two_letters_to_the_same_campaign_leads_to_the_first(site: Site, alice: Visitor) -> None:
    to_mail(alice, WARD)
    first = site.delivered_link()
    to_mail(alice, WARD, own_words="Another letter.")
    second = site.delivered_link()
    alice.open(second)
    alice.press(WARD.send)
    own = alice.address
    page = alice.open(first)
    assert page.heading == "You have already sent this letter"
    assert page.forms == []
    alice.follow("See what became of it")
    assert alice.address == own
    assert site.count(Letter) == 3


@pytest.mark.parametrize("page", ["confirm", "letters"])
@pytest.mark.parametrize("token", NO_LINKS, ids=lambda token: token[:12])
def test_a_forged_link_says_so(alice: Visitor, page: str, token: str) -> None:
    answer = alice.open(f"/{page}/{token}")
    assert answer.status == 404
    assert answer.heading in (FORGED, "This page is not here")


@pytest.mark.parametrize("page", ["confirm", "own"])
def test_every_way_of_cutting_or_changing_a_link_is_refused(site: Site, alice: Visitor, page: str) -> None:
    to_mail(alice, WARD)
    links = site.platform.links
    link = urlsplit(getattr(links, page)(public_id(site), "en")).path
    assert alice.open(link).heading != FORGED or page == "own"
    start = link.rindex("/") + 1
    spoilt = [link[:length] for length in range(start + 1, len(link))]
    spoilt += [link[:at] + ("A" if link[at] != "A" else "B") + link[at + 1 :] for at in range(start, len(link) - 1)]
    spoilt += [link + "A", link.upper(), link + "/"]
    client = alice.client
    assert {client.get(each).status_code for each in spoilt} <= {404}


def test_a_link_signed_for_no_action_says_so(site: Site, alice: Visitor) -> None:
    stranger = uuid.uuid4()
    for link in (site.platform.links.confirm(stranger, "en"), site.platform.links.own(stranger, "en")):
        page = alice.open(link)
        assert page.status == 404
        assert page.heading == FORGED


def test_one_kind_of_link_does_not_open_the_other(site: Site, alice: Visitor) -> None:
    to_own(site, alice, WARD)
    links, action = site.platform.links, public_id(site)
    assert alice.open(f"/letters/{links.confirm_token(action)}").heading == FORGED
    assert alice.open(f"/confirm/{links.own_token(action)}").heading == FORGED


def test_a_link_made_with_another_key_is_refused(site: Site, alice: Visitor) -> None:
    to_mail(alice, WARD)
    other = type(site.platform.links)(site.platform.config.base_url, "another key that is long enough for a signature")
    assert alice.open(other.confirm(public_id(site), "en")).heading == FORGED


@pytest.mark.parametrize("action", ["confirm", "withdraw"])
def test_a_button_pressed_behind_a_forged_link_does_nothing(site: Site, alice: Visitor, action: str) -> None:
    page = to_confirm(site, alice, WARD)
    before = site.everything()
    address = "/confirm/forged" if action == "confirm" else "/letters/forged/withdraw"
    answer = alice.send(address, page.form.values)
    assert answer.status == 404
    assert answer.heading == FORGED
    assert site.everything() == before


@pytest.mark.parametrize("token", [None, "forged"])
def test_a_confirmation_from_another_site_does_nothing(site: Site, alice: Visitor, token: str | None) -> None:
    to_confirm(site, alice, WARD)
    page = alice.press(WARD.send, forged={"csrf_token": token})
    assert page.status == 400
    assert page.heading == "Please press the button once more"
    assert site.count(Letter) == 0


def test_a_withdrawal_from_another_site_does_nothing(site: Site, alice: Visitor) -> None:
    to_own(site, alice, WARD)
    page = alice.press("Withdraw what has not been sent", forged={"csrf_token": "forged"})
    assert page.status == 400
    with site.platform.sessions.read() as session:
        assert session.scalars(select(Action.state)).one() is ActionState.CONFIRMED


@pytest.mark.parametrize("swept", [False, True])
def test_a_link_that_is_too_old_says_so_and_leads_to_the_campaign(site: Site, alice: Visitor, *, swept: bool) -> None:
    to_confirm(site, alice, WARD)
    site.clock.forward(timedelta(days=7))
    if swept:
        with site.change() as session:
            assert expire_actions(session, site.clock()) == 1
    link = alice.address
    page = alice.press(WARD.send)
    assert (page.status, page.heading) == (410, "This link is too old")
    page = alice.open(link)
    assert (page.status, page.heading) == (410, "This link is too old")
    assert EMAIL not in page.html
    assert OWN_WORDS not in page.root.raw
    assert alice.follow("Go to the campaign").status == 200
    assert site.count(Letter) == 0


def test_a_link_works_until_its_last_minute(site: Site, alice: Visitor) -> None:
    to_confirm(site, alice, WARD)
    site.clock.forward(timedelta(days=7) - timedelta(minutes=1))
    assert alice.press(WARD.send).status == 200
    assert site.count(Letter) == 3


def test_the_link_of_a_withdrawn_letter_says_so(site: Site, alice: Visitor) -> None:
    to_mail(alice, WARD)
    link = site.delivered_link()
    alice.open(link)
    alice.press(WARD.send)
    alice.press("Withdraw what has not been sent")
    page = alice.open(link)
    assert (page.status, page.heading) == (410, "You have withdrawn this letter")


def test_the_page_of_ones_own_shows_neither_address_nor_letter_to_whoever_finds_the_link(
    site: Site, alice: Visitor
) -> None:
    page = to_own(site, alice, WARD)
    for secret in (EMAIL, NAME, "ZZ1 1AA", "My neighbour"):
        assert secret not in page.text


def test_pages_behind_links_are_not_for_search_engines(site: Site, alice: Visitor) -> None:
    page = to_confirm(site, alice, WARD)
    assert page.root.one("meta", name="robots")["content"] == "noindex"
    page = alice.press(WARD.send)
    assert page.root.one("meta", name="robots")["content"] == "noindex"


def test_the_thank_you_leads_to_ones_own_page_and_the_link_to_share_to_the_campaign(site: Site, alice: Visitor) -> None:
    page = to_own(site, alice, WARD)
    (thanks,) = site.deliver_to(EMAIL)
    assert urlsplit(link_in(thanks)).path == alice.address
    share = page.by_id("share").parent
    assert share is not None
    assert share.one("a")["href"] == "http://localhost:8000/c/abolish-reporting?via=share"
