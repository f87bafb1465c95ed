"""The whole way, for each kind of campaign: from its page to what became of the letter."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.actions.models import Action, ActionState, Letter
from app.campaigns.models import Campaign
from app.queue.brakes import put_on
from app.queue.models import BrakeScope, Delivery
from app.queue.states import DeliveryState
from tests.web.site import Site, address_of, link_in
from tests.web.visitor import Visitor
from tests.web.ways import (
    ALL,
    CHANGE,
    CHOOSE,
    CONSTITUENCY,
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
    to_own,
    to_preview,
)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_the_whole_way_of_a_campaign(site: Site, alice: Visitor, way: Way) -> None:
    page = to_letter(alice, way)
    assert page.status == 200
    assert [page.text.count(name) > 0 for name in way.recipients] == [True] * len(way.recipients)

    page = alice.press(READ_IT, name=NAME, email=EMAIL, own_words=OWN_WORDS)
    assert page.status == 200
    assert len(page.letters) == len(way.recipients)
    previewed = [sheet.one("div", class_="letter").text for sheet in page.letters]

    page = alice.press(way.hand_in)
    assert page.heading == "Now look in your e-mail"
    assert site.count(Letter) == 0

    (confirmation,) = site.deliver()
    assert address_of(confirmation) == EMAIL
    assert confirmation.text.splitlines()[0] in ("Your letter has not been sent yet.", "You have not joined yet.")

    page = alice.open(link_in(confirmation))
    assert {sheet.one("div", class_="letter").text for sheet in page.letters} == set(previewed)
    page = alice.press(way.send)
    assert page.heading in ("What became of your letter", "You have joined")
    assert {heading.text for heading in page.root.all("h2")[: len(way.recipients)]} == set(way.recipients)

    mails = site.deliver()
    letters = [mail for mail in mails if address_of(mail) != EMAIL]
    (thanks,) = [mail for mail in mails if address_of(mail) == EMAIL]
    assert len(letters) == len(way.recipients)
    assert {" ".join(mail.text.split()) for mail in letters} == set(previewed)
    for mail in letters:
        assert EMAIL in mail.reply_to
        assert "letters@solidarity-post.example" in mail.sender
        assert NAME in mail.sender
    page = alice.open(link_in(thanks))
    assert page.text.count("Handed over") == len(way.recipients)
    with site.platform.sessions.read() as session:
        assert set(session.scalars(select(Delivery.state))) == {DeliveryState.SENT}


def test_each_councillor_is_greeted_by_their_own_name(alice: Visitor) -> None:
    page = to_preview(alice, WARD)
    shown = [sheet.one("div", class_="letter").text for sheet in page.letters]
    greetings = ["Dear Cllr Okoro-Finch, ", "Dear Cllr Vale-Amini, ", "Dear Cllr Bellwether, "]
    assert [text[: len(greeting)] for text, greeting in zip(shown, greetings, strict=True)] == greetings
    for text in shown:
        assert text.index("My neighbour") < text.index("I live in Canalside (Zedmere)")
        assert text.endswith(f"{NAME} ZZ1 1AA")


def test_the_preview_says_what_they_will_see_of_the_writer(alice: Visitor) -> None:
    page = to_preview(alice, WARD)
    box = page.by_id("seen").parent
    assert box is not None
    assert [item.text for item in box.all("li")] == [NAME, EMAIL, "ZZ1 1AA"]
    page = to_preview(alice, ALL)
    box = page.by_id("seen").parent
    assert box is not None
    assert [item.text for item in box.all("li")] == [NAME, EMAIL]


def test_a_letter_of_ones_own_is_what_they_read(site: Site, alice: Visitor) -> None:
    to_letter(alice, WARD)
    body = f"{alice.page.form_with('body').value('body')}\n\nSecond & <i>last</i>."
    page = alice.press(READ_IT, name=NAME, email=EMAIL, subject="About <b>Lunar House</b>", body=body)
    assert [sheet.one("dl").all("strong")[1].text for sheet in page.letters] == ["About <b>Lunar House</b>"] * 3
    alice.press(WARD.hand_in)
    alice.open(site.delivered_link())
    alice.press(WARD.send)
    letters = [mail for mail in site.deliver() if address_of(mail) != EMAIL]
    assert {mail.subject for mail in letters} == {"About <b>Lunar House</b>"}
    assert {"\n\nSecond & <i>last</i>.\n\n" in mail.text for mail in letters} == {True}


def test_changing_the_letter_after_the_preview_finds_everything_as_it_was(alice: Visitor) -> None:
    to_letter(alice, WARD)
    typed = {
        "name": NAME,
        "email": EMAIL,
        "own_words": OWN_WORDS,
        "subject": "Mine",
        "body": "One.\n\n  Two, with two spaces before.\nThree.",
    }
    alice.press(READ_IT, **typed)
    page = alice.press(CHANGE)
    assert page.status == 200
    assert {name: page.form.value(name) for name in typed} == typed
    assert page.form.value("postcode") == "ZZ1 1AA"
    page = alice.press(READ_IT, name="Bob")
    assert page.letters[0].text.endswith("Two, with two spaces before. Three. Yours sincerely, Bob ZZ1 1AA")


def test_a_letter_left_as_it_was_is_kept_as_the_templates_own(site: Site, alice: Visitor) -> None:
    to_preview(alice, WARD)
    alice.press(CHANGE)
    alice.press(READ_IT)
    alice.press(WARD.hand_in)
    with site.platform.sessions.read() as session:
        action = session.scalars(select(Action)).one()
    assert (action.subject, action.body) == (None, None)
    assert action.own_words == OWN_WORDS
    assert (action.name, action.postcode) == (NAME, "ZZ1 1AA")


def test_a_pledge_asks_for_no_letter(alice: Visitor) -> None:
    page = to_letter(alice, PLEDGE)
    assert {"subject", "body", "postcode"}.isdisjoint(page.form.names)
    page = alice.press(READ_IT, name=NAME, email=EMAIL)
    assert page.status == 200
    assert NAME in page.letters[0].text


def test_a_pledge_cannot_be_made_to_say_something_else(site: Site, alice: Visitor) -> None:
    to_letter(alice, PLEDGE)
    page = alice.press(
        READ_IT, name=NAME, email=EMAIL, forged={"subject": "Buy this", "body": "Buy this at evil.example"}
    )
    assert page.status == 200
    assert "Buy this" not in page.html
    alice.press(PLEDGE.hand_in, forged={"subject": "Buy this", "body": "Buy this"})
    with site.platform.sessions.read() as session:
        action = session.scalars(select(Action)).one()
    assert (action.subject, action.body) == (None, None)


def test_a_won_campaign_takes_no_letters_and_says_what_was_won(alice: Visitor) -> None:
    page = alice.open("/c/justice-for-omisha")
    assert page.status == 200
    assert page.forms == []
    assert "What was won" in page.text


def test_the_start_page_leads_to_every_campaign_and_says_which_postcode_to_try(alice: Visitor) -> None:
    page = alice.open("/")
    posters = [item for item in page.root.all("li") if "poster" in item.classes]
    assert len(posters) == 10
    assert [item.one("a")["href"] for item in posters if "won" in item.classes] == ["/c/justice-for-omisha"]
    assert "ZZ1 1AA" in page.html
    assert [alice.open(item.one("a")["href"]).status for item in posters] == [200] * 10


def test_the_count_of_writers_moves_when_one_confirms_and_when_one_withdraws(site: Site, alice: Visitor) -> None:
    def shown() -> str:
        return re.search(
            r"Be the first to write|\d+ \w+ ha\w+ written", site.visitor().open("/c/bibby-stockholm").text
        )[0]

    assert shown() == "Be the first to write"
    to_mail(alice, CONSTITUENCY)
    assert shown() == "Be the first to write"
    alice.open(site.delivered_link())
    alice.press(CONSTITUENCY.send)
    assert shown() == "1 person has written"
    site.deliver()
    to_own(site, site.visitor(), CONSTITUENCY, email="bob@supporter.example")
    assert shown() == "2 people have written"


@pytest.mark.parametrize("way", LETTERS, ids=str)
def test_opening_the_address_of_a_step_leads_to_the_campaign(alice: Visitor, way: Way) -> None:
    for step in ("write", "preview", "submit"):
        page = alice.open(f"/c/{way.slug}/{step}")
        assert page.status == 200
        assert alice.address == f"/c/{way.slug}"


def test_two_councillors_of_the_same_ward_share_no_mail(site: Site, alice: Visitor) -> None:
    to_own(site, alice, WARD)
    letters = [mail for mail in site.deliver() if address_of(mail) != EMAIL]
    assert sorted(address_of(mail) for mail in letters) == [
        "adaeze.okoro-finch@zedmere.example",
        "shirin.vale-amini@zedmere.example",
        "tomasz.bellwether@zedmere.example",
    ]


def test_who_withdraws_before_anything_went_may_write_again(site: Site, alice: Visitor) -> None:
    to_own(site, alice, WARD)
    page = alice.press("Withdraw what has not been sent")
    assert page.text.count("You withdrew this letter") == 3
    assert [button for form in page.forms for button in form.buttons] == []
    with site.platform.sessions.read() as session:
        assert session.scalars(select(Action.state)).all() == [ActionState.WITHDRAWN]
        assert session.scalars(select(Campaign.confirmed_count).where(Campaign.slug == WARD.slug)).all() == [0]
    assert site.deliver() == [], "nobody is thanked for a letter that does not go"
    page = to_own(site, alice, WARD)
    assert page.text.count("Your letter waits for its turn") == 3


def test_what_has_gone_cannot_be_withdrawn(site: Site, alice: Visitor) -> None:
    own = to_own(site, alice, CHOOSE)
    stale = own.form.values
    address = own.form.element["action"]
    site.deliver()
    page = alice.send(address, stale)
    assert page.status == 200
    assert "Handed over" in page.text
    assert page.forms == []
    with site.platform.sessions.read() as session:
        assert session.scalars(select(Action.state)).all() == [ActionState.CONFIRMED]


def test_a_letter_whose_target_is_paused_says_so_in_both_languages(site: Site, alice: Visitor) -> None:
    target_id = site.target_id("Shirin Vale-Amini")
    with site.change() as session:
        put_on(session, BrakeScope.TARGET, target_id, "on leave", site.clock())
    to_own(site, alice, WARD)
    site.deliver()
    page = alice.open(alice.address)
    assert page.text.count("Handed over") == 2
    assert page.text.count("Letters to them are paused for now. Yours is kept, and goes out when they go on.") == 1
    page = alice.open(f"/ar{alice.address}")
    assert page.text.count("الرسائل إليهم متوقفة حاليًا.") == 1


def test_the_confirmation_names_what_its_button_does(site: Site, alice: Visitor) -> None:
    page = to_confirm(site, alice, WARD)
    assert [button.text for button in page.form.buttons] == ["Send to 3 councillors"]
