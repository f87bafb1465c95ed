"""Two letters at once: one of three councillors is supportive already, and reads a letter of her own."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from sqlalchemy import func, select

from app.actions.models import Action, ActionPart
from app.actions.review_models import Review
from app.campaigns.matching import Who
from app.campaigns.models import Campaign, LetterTemplate
from app.campaigns.targeting import Segment, Targeting
from app.delivery.review_desk import release_review
from app.targets.models import Target
from tests.web.reading import Page
from tests.web.site import Site, address_of, link_in
from tests.web.visitor import Visitor
from tests.web.ways import (
    CHANGE,
    EMAIL,
    NAME,
    OWN_WORDS,
    PLEDGE,
    READ_IT,
    WARD,
    Way,
    to_confirm,
    to_letter,
    to_own,
    to_preview,
)

ADAEZE, SHIRIN, TOMASZ = WARD.recipients
STANDS_BY_US = "Thank you for what you have said in the council."
TEXTS = {
    "subject": "Please oppose reporting",
    "body": "First, to all.\n\nSecond, to all.",
    "subject-supportive": "Thank you",
    "body-supportive": "You have stood by us.\n\nPlease speak up again.",
}
OTHER_LETTERS = (
    "Those you write to do not read the same letters any more. Please read them once more below. "
    "What you wrote is still here."
)


LONGEST = {"body": "𐍈" * 8000, "subject": "𐍈" * 150}
MORE = ("one", "two", "three", "four")


def let_be_supportive(site: Site, *names: str, way: Way = WARD) -> None:
    """Let these read the letter to who is supportive already; the first time it is written."""
    with site.change() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == way.slug)).one()
        segments = (Segment("supportive", Who.of({"name": names})),) if names else ()
        campaign.targeting = Targeting(segments=segments)
        if any(template.audience == "supportive" for template in campaign.templates):
            return
        letter = LetterTemplate(
            language="en",
            audience="supportive",
            version=1,
            subject="Thank you for opposing reporting",
            opening="{{ salutation }},",
            body=STANDS_BY_US,
            closing="With thanks,\n\n{{ supporter.name }}",
            created_at=site.clock(),
        )
        campaign.templates.append(letter)


@pytest.fixture
def divided(site: Site) -> Site:
    """A site whose campaign to councillors thanks one of them."""
    let_be_supportive(site, SHIRIN)
    return site


@pytest.fixture
def alice(divided: Site) -> Visitor:
    return divided.visitor()


def sections(page: Page) -> list[str]:
    """The headings of the letters that can be edited."""
    return [heading.text for heading in page.root.all("h2") if heading.attrs.get("id", "").startswith("rest")]


def texts_of(sheets: Iterable[object]) -> list[str]:
    return [sheet.text for sheet in sheets]


def test_each_letter_is_edited_under_a_heading_that_says_who_reads_it(alice: Visitor) -> None:
    page = to_letter(alice, WARD)
    assert page.status == 200
    assert sections(page) == [
        f"The rest of your letter to {ADAEZE} and {TOMASZ}",
        f"The rest of your letter to {SHIRIN}",
    ]
    assert page.form.value("body-supportive") == STANDS_BY_US
    assert page.form.value("subject-supportive") == "Thank you for opposing reporting"
    assert "immigration reporting and GPS ankle tags" in page.form.value("body")
    assert "What you write here comes first in each of your letters." in page.text
    assert page.text.count("With thanks,") == 1
    assert [name for name in page.form.names if name.partition("-")[0] == "own_words"] == ["own_words"]


def test_both_letters_stand_open_in_the_preview_with_the_same_own_words(alice: Visitor) -> None:
    page = to_preview(alice, WARD)
    to_adaeze, to_tomasz, to_shirin = texts_of(page.letters)
    assert STANDS_BY_US in to_shirin
    assert STANDS_BY_US not in to_adaeze + to_tomasz
    for letter in (to_adaeze, to_tomasz, to_shirin):
        assert " ".join(OWN_WORDS.split()) in letter
    folded = [sheet.one("article")["aria-label"] for sheet in page.root.all("details") if sheet.all("article")]
    assert folded == [f"Letter to {TOMASZ}"]


def test_what_is_typed_for_each_reaches_those_it_is_for(divided: Site, alice: Visitor) -> None:
    previewed = texts_of(to_preview(alice, WARD, **TEXTS).letters)
    alice.press(WARD.hand_in)
    page = alice.open(link_in(divided.deliver()[0]))
    assert texts_of(page.letters) == previewed
    assert [button.text for button in page.form.buttons] == ["Send to 3 councillors"]
    page = alice.press(WARD.send)
    assert [heading.text for heading in page.root.all("h2")[:3]] == [ADAEZE, TOMASZ, SHIRIN]
    with divided.change() as session:  # next to nothing is left of the campaign's letters, so somebody reads them first
        release_review(session, session.scalars(select(Review)).one(), divided.clock())
    mails = {address_of(mail): mail for mail in divided.deliver()}
    for name in ("adaeze.okoro-finch", "tomasz.bellwether"):
        mail = mails[f"{name}@zedmere.example"]
        assert mail.subject == TEXTS["subject"]
        assert TEXTS["body"] in mail.text
    mail = mails["shirin.vale-amini@zedmere.example"]
    assert mail.subject == TEXTS["subject-supportive"]
    assert f"{OWN_WORDS}\n\n{TEXTS['body-supportive']}\n\nWith thanks,\n\n{NAME}" in mail.text


def test_a_letter_left_as_it_was_is_kept_as_the_templates_own(divided: Site, alice: Visitor) -> None:
    to_preview(alice, WARD, **{"body-supportive": "Mine."})
    alice.press(WARD.hand_in)
    with divided.platform.sessions.read() as session:
        action, part = session.scalars(select(Action)).one(), session.scalars(select(ActionPart)).one()
    assert (action.subject, action.body) == (None, None)
    assert (part.subject, part.body) == (None, "Mine.")


def test_changing_the_letters_after_the_preview_finds_everything_as_it_was(alice: Visitor) -> None:
    to_preview(alice, WARD, **TEXTS)
    page = alice.press(CHANGE)
    assert page.status == 200
    assert {name: page.form.value(name) for name in TEXTS} == TEXTS


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("subject-supportive", "", f"To {SHIRIN}: Please give the letter a subject."),
        ("body-supportive", "x" * 8001, f"To {SHIRIN}: This is too long. Please use at most 8000 characters."),
        ("subject", "two\nlines", f"To {ADAEZE} and {TOMASZ}: Please write this on one line."),
    ],
)
def test_what_is_wrong_with_one_letter_stands_beside_it_and_nothing_is_lost(
    divided: Site, alice: Visitor, name: str, typed: str, message: str
) -> None:
    page = to_preview(alice, WARD, **TEXTS | {name: typed})
    assert page.status == 422
    assert page.summary_texts == [message]
    assert page.error_beside(name) == message
    assert page.wrong_fields == {name}
    assert page.summary is not None
    assert page.summary.one("a")["href"] == f"#{name}"
    for other, text in TEXTS.items():
        if other != name:
            assert page.form.value(other) == text
    assert divided.count(Action) == 0


@pytest.mark.parametrize("supportive", [(), WARD.recipients])
def test_with_one_audience_the_page_is_as_it_always_was(divided: Site, alice: Visitor, supportive: tuple[str]) -> None:
    let_be_supportive(divided, *supportive)
    page = to_letter(alice, WARD)
    assert sections(page) == ["The rest of your letter"]
    assert (STANDS_BY_US in page.html) is bool(supportive)
    assert "What you write here comes first in your letter." in page.text
    own = to_own(divided, divided.visitor(), WARD)
    assert own.text.count("Your letter waits for its turn") == 3
    with divided.platform.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(ActionPart)) == 0


@pytest.mark.parametrize("button", [READ_IT, WARD.hand_in])
def test_who_becomes_supportive_meanwhile_gets_no_letter_that_the_supporter_has_not_seen(
    divided: Site, alice: Visitor, button: str
) -> None:
    let_be_supportive(divided)
    typed = {"body": TEXTS["body"], "name": NAME, "email": EMAIL, "own_words": OWN_WORDS}
    to_letter(alice, WARD)
    page = alice.press(READ_IT, **typed) if button == WARD.hand_in else alice.page
    let_be_supportive(divided, SHIRIN)
    page = alice.press(button, **({} if button == WARD.hand_in else typed))
    assert page.status == 422
    assert page.summary_texts == [OTHER_LETTERS]
    assert page.form.value("body") == TEXTS["body"]
    assert page.form.value("body-supportive") == STANDS_BY_US
    assert divided.count(Action) == 0
    assert len(alice.press(READ_IT).letters) == 3


def test_what_was_typed_for_an_audience_that_is_gone_stays_on_the_page(divided: Site, alice: Visitor) -> None:
    to_letter(alice, WARD)
    let_be_supportive(divided, *WARD.recipients)
    page = alice.press(READ_IT, name=NAME, email=EMAIL, **TEXTS)
    assert page.status == 200, "all that they read, the supporter has seen"
    page = alice.press(CHANGE)
    assert page.form.value("body-supportive") == TEXTS["body-supportive"]
    assert "What you wrote" in page.text
    assert "First, to all." in page.text
    let_be_supportive(divided)
    page = alice.press(READ_IT)
    assert page.status == 200
    assert all("Second, to all." in letter.text for letter in page.letters)


def test_only_the_letter_that_is_gone_was_seen(divided: Site, alice: Visitor) -> None:
    let_be_supportive(divided)
    to_letter(alice, WARD)
    let_be_supportive(divided, *WARD.recipients)
    page = alice.press(READ_IT, name=NAME, email=EMAIL, body=TEXTS["body"])
    assert page.status == 422
    assert page.summary_texts == [OTHER_LETTERS]
    assert "First, to all." in page.text
    assert page.form.value("body-supportive") == STANDS_BY_US


def test_when_the_postcode_is_not_clear_any_more_every_letter_is_carried_on(alice: Visitor) -> None:
    to_letter(alice, WARD)
    page = alice.press(READ_IT, name=NAME, email=EMAIL, forged={"postcode": "ZZ7 7ZZ"}, **TEXTS)
    assert page.status == 422
    assert {name: page.form.value(name) for name in TEXTS} == TEXTS


def test_a_letter_to_nobody_here_is_not_checked(divided: Site, alice: Visitor) -> None:
    let_be_supportive(divided, "Somebody else")
    page = to_preview(alice, WARD)
    assert page.status == 200
    page = alice.press(CHANGE, forged={"body-supportive": "x" * 9000, "subject-supportive": "\x00"})
    assert alice.press(READ_IT).status == 200


def test_two_behind_one_mailbox_of_whom_one_is_supportive_read_the_letter_to_everybody(
    divided: Site, alice: Visitor
) -> None:
    for name in (SHIRIN, TOMASZ):
        share(divided, name)
    page = to_letter(alice, WARD)
    assert sections(page) == ["The rest of your letter"]
    assert STANDS_BY_US not in page.html


def share(site: Site, name: str) -> None:
    with site.change() as session:
        session.scalars(select(Target).where(Target.name == name)).one().email = "members@zedmere.example"


def test_a_pledge_may_say_something_else_to_a_segment_and_still_has_no_letter_to_edit(site: Site) -> None:
    let_be_supportive(site, *PLEDGE.recipients, way=PLEDGE)
    visitor = site.visitor()
    page = to_letter(visitor, PLEDGE)
    assert not [name for name in page.form.names if name.startswith(("subject", "body"))]
    [letter] = to_preview(visitor, PLEDGE).letters
    assert STANDS_BY_US in letter.text


def test_five_letters_of_the_longest_in_the_longest_letters_are_taken(site: Site) -> None:
    with site.change() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == WARD.slug)).one()
        campaign.targeting = Targeting(segments=tuple(Segment(name, Who.of({"name": ["Nobody"]})) for name in MORE))
    visitor = site.visitor()
    to_letter(visitor, WARD)
    texts = {f"{field}{more}": text for field, text in LONGEST.items() for more in ("", *(f"-{name}" for name in MORE))}
    page = visitor.press(READ_IT, name=NAME, email=EMAIL, own_words="字" * 3000, forged=texts)
    assert page.status == 200
    assert {name: page.form.value(name) for name in texts} == texts


def test_in_arabic_the_headings_and_messages_are_arabic(alice: Visitor) -> None:
    alice.open(f"/ar/c/{WARD.slug}")
    page = alice.press(next(button.text for button in alice.page.form.buttons), postcode="ZZ1 1AA")
    assert sections(page) == [f"بقية رسالتكم إلى {ADAEZE} و{TOMASZ}", f"بقية رسالتكم إلى {SHIRIN}"]
    page = alice.press(page.form.buttons[0].text, name=NAME, email=EMAIL, **{"subject-supportive": ""})
    assert page.wrong_fields == {"subject-supportive"}
    assert page.summary_texts[0].startswith(f"إلى {SHIRIN}: ")


def test_the_confirmation_shows_both_letters_open(divided: Site, alice: Visitor) -> None:
    page = to_confirm(divided, alice, WARD)
    folded = [sheet.one("article")["aria-label"] for sheet in page.root.all("details") if sheet.all("article")]
    assert folded == [f"Letter to {TOMASZ}"]
