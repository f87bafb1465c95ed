"""The whole way of a letter in a real browser, without JavaScript, on a phone unless it says otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr

import pytest
from playwright.sync_api import ViewportSize, expect

from app.mail.outbox import OutboxMail
from tests.browser.conftest import Arrive
from tests.browser.supporter import Supporter
from tests.support.browser import DESKTOP, PHONE

pytestmark = pytest.mark.browser

FROM = "letters@solidarity-post.example"
WARD = {
    "Adaeze Okoro-Finch": "Dear Cllr Okoro-Finch",
    "Tomasz Bellwether": "Dear Cllr Bellwether",
    "Shirin Vale-Amini": "Dear Cllr Vale-Amini",
}
SUBJECTS = (
    "Canalside: please oppose immigration reporting and ankle tags",
    "Will you speak up against immigration reporting and ankle tags?",
    "Nobody in Canalside should live in fear of reporting",
)


def count_shown(supporter: Supporter, slug: str) -> int:
    """How many the campaign's page says have written."""
    supporter.open_campaign(slug)
    found = re.search(r"(\d+) (?:person has|people have) (?:written|joined)", supporter.page.inner_text(".hero"))
    return int(found[1]) if found else 0


def is_from(mail: OutboxMail, supporter: Supporter) -> None:
    """The letter comes from our own domain in the supporter's name, and its answer goes to them."""
    assert parseaddr(mail.sender) == (supporter.name, FROM)
    assert parseaddr(mail.reply_to) == (supporter.name, supporter.email)


def test_three_councillors_each_get_a_letter_of_their_own(arrive: Arrive) -> None:
    alice = arrive("Alice Example")
    written_before = count_shown(alice, "abolish-reporting")
    alice.give_postcode("zz11aa")
    for name in WARD:
        expect(alice.page.locator(".people")).to_contain_text(name)
    alice.sign("I teach in this ward.\n\nA pupil of mine missed her exam to report.")
    subject, body = alice.field("Subject").input_value(), alice.field("The letter").input_value()
    assert subject in SUBJECTS  # one of them, by lot
    alice.field("Subject").fill("Reporting must end in Canalside")
    alice.field("The letter").fill(body.replace("May I ask you for two things?", "May I ask for two things, soon?"))
    alice.read_it()

    alice.button("Change my letter").click()
    assert alice.field("In your own words").input_value() == (
        "I teach in this ward.\n\nA pupil of mine missed her exam to report."
    )
    assert alice.field("Your name").input_value() == "Alice Example"
    assert alice.field("Your e-mail address").input_value() == alice.email
    assert alice.field("Subject").input_value() == "Reporting must end in Canalside"
    assert "May I ask for two things, soon?" in alice.field("The letter").input_value()
    alice.read_it()

    expect(alice.page.get_by_role("article")).to_have_count(1)  # the others are folded
    for summary in alice.page.locator("details > summary").all():
        summary.click()
    read = [article.inner_text() for article in alice.page.get_by_role("article").all()]
    assert len(read) == 3
    assert not alice.page.get_by_role("checkbox").is_checked()
    alice.hand_in()

    (asked,) = alice.site.notices_to(alice.email, 1)
    assert asked.text.startswith("Your letter has not been sent yet")
    assert count_shown(alice, "abolish-reporting") == written_before
    alice.open_confirmation()
    alice.open_confirmation()
    alice.sees_heading("One last step: send it")
    assert alice.site.letters_of(alice.email, 0) == []
    alice.button("Send to 3 councillors").click()
    alice.sees_heading("What became of your letter")
    alice.reload_until_handed_over(3)

    letters = alice.site.letters_of(alice.email, 3)
    assert {letter.text.split(",")[0] for letter in letters} == set(WARD.values())
    for letter in letters:
        is_from(letter, alice)
        name = next(name for name, greeting in WARD.items() if letter.text.startswith(greeting))
        assert parseaddr(letter.to)[0] == name
        assert letter.subject == "Reporting must end in Canalside"
        (as_read,) = [text for text in read if WARD[name] in text]
        assert " ".join(letter.text.split()) in " ".join(as_read.split())
    assert count_shown(alice, "abolish-reporting") == written_before + 1


@dataclass(frozen=True)
class Way:
    """A campaign, and what its kind asks for before the letter."""

    slug: str
    viewport: ViewportSize
    recipient: str
    greeting: str
    postcode: str = ""


WAYS = [
    Way("bibby-stockholm", PHONE, "Ffion Hartwell-Osei", "Dear Ms Hartwell-Osei", postcode="ZZ1 3AB"),
    Way("climate-and-migrant-justice", DESKTOP, "Ffion Hartwell-Osei", "Dear Ms Hartwell-Osei", postcode="ZZ1 9ZZ"),
    Way("capita-gps-tagging", PHONE, "The Directors of Capita plc", "Dear Directors"),
    Way("clearsprings-housing", DESKTOP, "The Directors of Clearsprings Ready Homes", "Dear Directors"),
    Way("patients-not-passports", PHONE, "Canal Valley University Hospitals NHS Trust", "Dear Chief Executive"),
    Way("truth-in-the-media", DESKTOP, "The Zedmere Courier", "Dear Editor"),
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.slug)
def test_a_letter_reaches_whom_the_campaign_is_about(arrive: Arrive, way: Way) -> None:
    bob = arrive("Bob Example", way.viewport)
    bob.page.goto(bob.site.url)
    bob.page.locator(f"a[href='/c/{way.slug}']").click()
    if way.postcode:
        bob.give_postcode(way.postcode, "Find my MP")
    else:
        choice = bob.page.get_by_label(way.recipient, exact=True)
        if choice.count():
            choice.check()
        bob.button("Write my letter").click()
    bob.sign("This is about my neighbours.")
    bob.read_it()
    bob.hand_in()
    bob.open_confirmation()
    bob.button(f"Send to {way.recipient}").click()
    bob.reload_until_handed_over(1)

    (letter,) = bob.site.letters_of(bob.email, 1)
    is_from(letter, bob)
    assert parseaddr(letter.to)[0] == way.recipient
    assert letter.text.startswith(f"{way.greeting},\n\nThis is about my neighbours.\n\n")
    thanks = bob.site.notices_to(bob.email, 2)[1]
    assert thanks.subject.startswith("Thank you")
    bob.page.goto(bob.link_of_notice(2))
    bob.sees_heading("What became of your letter")


def test_a_pledge_reaches_the_team_with_its_message(arrive: Arrive) -> None:
    charlie = arrive("Charlie Example")
    charlie.open_campaign("solidarity-knows-no-borders")
    charlie.button("Sign up").click()
    charlie.sign("I can cook for forty people.")
    charlie.read_it()
    charlie.page.get_by_role("checkbox").check()
    charlie.hand_in("E-mail me the link to join")
    assert charlie.site.notices_to(charlie.email, 1)[0].text.startswith("You have not joined yet")
    charlie.open_confirmation()
    charlie.button("Join now").click()
    charlie.sees_heading("You have joined")
    (note,) = charlie.site.letters_of(charlie.email, 1)
    assert note.subject == "Charlie Example has joined Solidarity Knows No Borders"
    assert "I can cook for forty people." in note.text


def test_a_campaign_that_was_won_says_so_and_takes_no_letters(arrive: Arrive) -> None:
    alice = arrive("Alice Example")
    alice.page.goto(alice.site.url)
    alice.page.get_by_role("link", name="Justice for Omisha").click()
    expect(alice.page.get_by_role("heading", name="What was won")).to_be_visible()
    expect(alice.page.locator("main")).to_contain_text("The hospital agreed to stop pursuing the family's debt")
    expect(alice.page.locator("form, input, button")).to_have_count(0)


def test_somebody_whose_postcode_is_in_two_wards_says_which(arrive: Arrive) -> None:
    bob = arrive("Bob Example")
    bob.open_campaign("abolish-reporting")
    bob.give_postcode("ZZ1 9ZZ")
    expect(bob.page.get_by_role("alert")).to_contain_text("Please choose the area that you live in.")
    bob.page.get_by_label("Station Road").check()
    bob.button("Find my councillors").click()
    expect(bob.page.locator(".people")).to_contain_text("Gwenllian Marlpit")


def test_somebody_with_an_unknown_postcode_chooses_their_area_from_a_list(arrive: Arrive) -> None:
    bob = arrive("Bob Example")
    bob.open_campaign("abolish-reporting")
    bob.give_postcode("ZZ9 9ZZ")
    bob.page.get_by_role("alert").get_by_role("link").click()
    assert bob.page.evaluate("document.activeElement.name") == "postcode"
    bob.field("Or choose your area from a list").select_option(label="Hilltop")
    bob.button("Find my councillors").click()
    expect(bob.page.locator(".people")).to_contain_text("Kwabena Thistlewood")


def test_the_way_in_arabic_reads_from_the_right_to_the_page_of_ones_own(arrive: Arrive) -> None:
    charlie = arrive("Charlie Example", language="ar")
    charlie.page.goto(charlie.site.url)
    charlie.page.get_by_role("link", name="العربية").click()
    charlie.page.locator("a[href='/ar/c/abolish-reporting']").click()

    def right_to_left() -> None:
        assert charlie.page.locator("html").get_attribute("lang") == "ar"
        assert charlie.page.evaluate("getComputedStyle(document.body).direction") == "rtl"

    right_to_left()
    expect(charlie.page.get_by_role("heading", level=1)).to_have_text("لا للحضور الإلزامي لدى سلطات الهجرة")
    charlie.give_postcode("ZZ1 1AA")
    right_to_left()
    charlie.sign("أعيش هنا منذ سنوات.")
    charlie.read_it()
    right_to_left()
    charlie.hand_in()
    right_to_left()
    asked = charlie.site.notices_to(charlie.email, 1)[0]
    assert asked.text.startswith(charlie.words("Your letter has not been sent yet."))
    assert 'dir="rtl"' in (asked.html or "")
    charlie.open_confirmation()
    right_to_left()
    charlie.press_only_button()
    charlie.sees_heading("What became of your letter")
    charlie.reload_until_handed_over(3)
    right_to_left()
    for letter in charlie.site.letters_of(charlie.email, 3):
        is_from(letter, charlie)
        assert "أعيش هنا منذ سنوات." in letter.text
        assert "May I ask you for two things?" in letter.text
