"""The world changes while somebody writes: campaigns stop, targets leave, sessions end. The letter is never lost."""

from __future__ import annotations

import pytest

from app.actions.models import Action, Letter
from app.campaigns.models import CampaignState
from tests.web.reading import Page
from tests.web.site import Site
from tests.web.visitor import Visitor
from tests.web.ways import (
    ALL,
    CHOOSE,
    EMAIL,
    LETTERS,
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
    to_preview,
)

NOT_OPEN = (
    "This campaign takes no letters at the moment, so yours was not sent. What you wrote is still here: "
    "you may copy it and keep it."
)
PRESS_AGAIN = "Please press the button once more. If you see this again, allow cookies for this site."
SHUT = [CampaignState.PAUSED, CampaignState.CLOSED, CampaignState.WON]


def assert_letter_kept(page: Page) -> None:
    """Everything is there to be seen and copied, not in hidden fields."""
    assert page.form.value("own_words") == OWN_WORDS
    assert page.form.value("name") == NAME
    assert page.form.value("email") == EMAIL
    assert page.form.controls("own_words")[0].tag == "textarea"


@pytest.mark.parametrize("state", SHUT)
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_campaign_that_stops_before_the_letter_is_begun(
    site: Site, alice: Visitor, way: Way, state: CampaignState
) -> None:
    alice.open(f"/c/{way.slug}")
    site.move(way.slug, state)
    page = alice.press(way.begin, **way.start)
    assert page.status == 422
    assert page.summary_texts == [NOT_OPEN]


@pytest.mark.parametrize("state", SHUT)
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_campaign_that_stops_while_the_letter_is_written(
    site: Site, alice: Visitor, way: Way, state: CampaignState
) -> None:
    to_letter(alice, way)
    site.move(way.slug, state)
    page = alice.press(READ_IT, name=NAME, email=EMAIL, own_words=OWN_WORDS)
    assert page.status == 422
    assert page.summary_texts == [NOT_OPEN]
    assert_letter_kept(page)


@pytest.mark.parametrize("state", SHUT)
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_campaign_that_stops_before_the_letter_is_handed_in(
    site: Site, alice: Visitor, way: Way, state: CampaignState
) -> None:
    to_preview(alice, way)
    site.move(way.slug, state)
    page = alice.press(way.hand_in)
    assert page.status == 422
    assert page.summary_texts == [NOT_OPEN]
    assert_letter_kept(page)
    assert site.count(Action) == 0
    assert site.deliver() == []


@pytest.mark.parametrize("state", [CampaignState.CLOSED, CampaignState.WON])
def test_a_campaign_that_ends_before_the_confirmation_sends_nothing(
    site: Site, alice: Visitor, state: CampaignState
) -> None:
    to_confirm(site, alice, WARD)
    site.move(WARD.slug, state)
    page = alice.press(WARD.send)
    assert page.status == 410
    assert page.heading == "This campaign has ended"
    assert site.count(Letter) == 0


def test_a_campaign_that_pauses_before_the_confirmation_keeps_the_letter_waiting(site: Site, alice: Visitor) -> None:
    to_confirm(site, alice, WARD)
    site.move(WARD.slug, CampaignState.PAUSED)
    page = alice.press(WARD.send)
    assert page.status == 200
    assert page.text.count("The campaign rests for now. Your letter goes out when it goes on.") == 3
    assert site.deliver_to("tomasz.bellwether@zedmere.example") == []
    site.move(WARD.slug, CampaignState.LIVE)
    assert len(site.deliver_to("tomasz.bellwether@zedmere.example")) == 1


@pytest.mark.parametrize("state", SHUT)
def test_a_campaign_that_has_stopped_has_a_page_without_a_form(
    site: Site, alice: Visitor, state: CampaignState
) -> None:
    for way in WAYS:
        site.move(way.slug, state)
        page = alice.open(f"/c/{way.slug}")
        assert page.status == 200
        assert page.forms == []


def test_a_councillor_who_leaves_before_the_handing_in_gets_no_letter(site: Site, alice: Visitor) -> None:
    to_preview(alice, WARD)
    site.archive("Tomasz Bellwether")
    alice.press(WARD.hand_in)
    page = alice.open(site.delivered_link())
    assert len(page.letters) == 2
    alice.press("Send to 2 councillors")
    assert site.count(Letter) == 2


def test_a_councillor_who_leaves_before_the_confirmation_gets_no_letter(site: Site, alice: Visitor) -> None:
    to_confirm(site, alice, WARD)
    site.archive("Tomasz Bellwether")
    page = alice.press(WARD.send)
    assert page.status == 200
    assert "Tomasz Bellwether" not in page.text
    assert site.count(Letter) == 2


@pytest.mark.parametrize("step", ["letter", "preview"])
def test_the_chosen_one_who_leaves_is_asked_for_again_and_the_letter_is_kept(
    site: Site, alice: Visitor, step: str
) -> None:
    to_letter(alice, CHOOSE)
    if step == "preview":
        alice.press(READ_IT, name=NAME, email=EMAIL, own_words=OWN_WORDS)
        site.archive("Radio Thornby")
        page = alice.press(CHOOSE.hand_in)
    else:
        site.archive("Radio Thornby")
        page = alice.press(READ_IT, name=NAME, email=EMAIL, own_words=OWN_WORDS)
    assert page.status == 422
    assert page.error_beside("target") == "Please choose who to write to."
    page = alice.press(CHOOSE.begin, target="Vale Wire")
    assert page.status == 200
    assert_letter_kept(page)


@pytest.mark.parametrize("way", [ALL, PLEDGE], ids=str)
def test_the_only_one_who_leaves_takes_no_letter_with_them(site: Site, alice: Visitor, way: Way) -> None:
    to_preview(alice, way)
    site.archive(*way.recipients)
    page = alice.press(way.hand_in)
    assert page.status == 422
    assert page.summary_texts == ["There is nobody to write to at the moment. Please come back later."]
    assert OWN_WORDS in page.root.one("main").raw


def test_the_last_of_a_list_who_leaves_takes_no_letter_with_them(site: Site, alice: Visitor) -> None:
    page = to_preview(alice, CHOOSE)
    body = page.form.value("body") or ""
    everybody = ["Radio Thornby", "The Evening Quill", "The Zedmere Courier", "Vale Wire", "Zed News Television"]
    site.archive(*everybody)
    page = alice.press(CHOOSE.hand_in)
    assert page.status == 422
    assert OWN_WORDS in page.root.one("main").raw
    assert body in page.root.one("main").raw


def test_all_of_them_who_leave_before_the_confirmation_are_said(site: Site, alice: Visitor) -> None:
    to_confirm(site, alice, WARD)
    site.archive(*WARD.recipients)
    page = alice.press(WARD.send)
    assert page.status == 410
    assert page.heading == "They can no longer be written to"
    assert site.count(Letter) == 0


@pytest.mark.parametrize("token", [None, "", "forged", "ImFiYyI.aSJ3Ng.0000000000000000000000000000"])
@pytest.mark.parametrize("way", [WARD, PLEDGE], ids=str)
def test_a_stale_token_keeps_the_letter_and_the_next_press_works(
    site: Site, alice: Visitor, way: Way, token: str | None
) -> None:
    to_letter(alice, way)
    page = alice.press(READ_IT, name=NAME, email=EMAIL, own_words=OWN_WORDS, forged={"csrf_token": token})
    assert page.status == 422
    assert page.summary_texts == [PRESS_AGAIN]
    assert_letter_kept(page)
    page = alice.press(READ_IT)
    assert page.status == 200
    page = alice.press(way.hand_in, forged={"csrf_token": token})
    assert page.status == 422
    assert_letter_kept(page)
    assert site.count(Action) == 0
    alice.press(READ_IT)
    alice.press(way.hand_in)
    assert site.count(Action) == 1


def test_a_lost_cookie_keeps_the_letter_and_the_next_press_works(site: Site, alice: Visitor) -> None:
    to_preview(alice, WARD)
    alice.client.delete_cookie("session")
    page = alice.press(WARD.hand_in)
    assert page.status == 422
    assert page.summary_texts == [PRESS_AGAIN]
    assert_letter_kept(page)
    alice.press(READ_IT)
    page = alice.press(WARD.hand_in)
    assert page.heading == "Now look in your e-mail"
    assert site.count(Action) == 1


def test_the_token_of_somebody_elses_session_does_not_work(site: Site, alice: Visitor) -> None:
    bob = site.visitor()
    to_preview(bob, WARD)
    stolen = bob.page.form.values["csrf_token"]
    to_preview(alice, WARD)
    page = alice.press(WARD.hand_in, forged={"csrf_token": stolen})
    assert page.status == 422
    assert site.count(Action) == 0


def test_a_form_posted_from_another_site_does_nothing(site: Site, alice: Visitor) -> None:
    to_preview(alice, WARD)
    values = {name: value for name, value in alice.page.form.values.items() if name != "csrf_token"}
    assert site.visitor().send(f"/c/{WARD.slug}/submit", values).status == 422
    assert site.count(Action) == 0


@pytest.mark.parametrize("way", LETTERS, ids=str)
def test_two_tabs_that_hand_in_the_same_letter_send_it_once(site: Site, alice: Visitor, way: Way) -> None:
    to_mail(alice, way)
    first = site.delivered_link()
    to_mail(alice, way)
    second = site.delivered_link()
    assert first != second
    tab = site.visitor()
    tab.open(second)
    alice.open(first)
    alice.press(way.send)
    own = alice.address
    page = tab.press(way.send)
    assert page.status == 200
    assert page.heading == "You have already sent this letter"
    tab.follow("See what became of it")
    assert tab.address == own
    assert site.count(Letter) == len(way.recipients)
