"""What supporters see of subjects, reasons, goals, images, thanks and the nudge to write a few words."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select

from app.actions.models import Action
from app.campaigns.goals import FEWEST
from app.campaigns.images import put_image
from app.campaigns.models import Campaign
from app.web.public.sitting import DRAWS
from tests.support.pictures import opened, photograph
from tests.web.site import Site, link_in
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
    to_letter,
    to_mail,
    to_own,
    to_preview,
)

SUBJECTS = ["Please speak up for {{ area.name }}", "No more reporting", "Nobody should live in fear"]
REASONS = [
    {"key": "neighbours", "label": "My neighbours", "text": "My neighbours in {{ area.name }} are afraid."},
    {"key": "council", "label": "The council", "text": "The council speaks for all of us."},
]
ADD = "Add a few words"


def change(site: Site, slug: str = WARD.slug, **columns: object) -> None:
    """Change a campaign behind the site's back; columns of its pages and letters too, of all alike."""
    with site.change() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == slug)).one()
        rows = [campaign, *campaign.pages, *campaign.templates]
        for name, value in columns.items():
            for row in rows:
                if name in row.__table__.columns:
                    setattr(row, name, value)


@pytest.fixture
def rich(site: Site) -> Site:
    """The site, whose first campaign has three subjects and two reasons."""
    change(site, subject=SUBJECTS[0], more_subjects=SUBJECTS[1:], reasons=REASONS)
    return site


def shown_subject(visitor: Visitor) -> str:
    return visitor.page.form_with("subject").value("subject") or ""


@pytest.mark.parametrize("number", range(1, 6))
def test_a_draw_is_even_for_every_number_of_subjects(number: int) -> None:
    assert set(Counter(draw % number for draw in range(DRAWS)).values()) == {DRAWS // number}


def test_supporters_are_shown_different_subjects(rich: Site) -> None:
    rich.platform.random.seed(1)
    seen = Counter()
    for _ in range(30):
        to_letter(visitor := rich.visitor())
        seen[shown_subject(visitor)] += 1
    assert len(seen) == 3
    assert min(seen.values()) > 3
    assert not any("{{" in subject for subject in seen)


def test_a_supporter_keeps_their_subject_on_all_steps_and_it_is_recorded(rich: Site) -> None:
    for seed in range(6):
        rich.platform.random.seed(seed)
        alice = rich.visitor()
        to_preview(alice)
        alice.press(CHANGE)
        subject = shown_subject(alice)
        alice.press(READ_IT, name="")
        assert shown_subject(alice) == subject, "a mistake is no new draw"
        page = alice.press(READ_IT, name=NAME, email=f"alice{seed}@supporter.example")
        assert page.letters[0].one("dl").text.count(subject) == 1
        alice.press(WARD.hand_in)
        page = alice.open(rich.delivered_link())
        assert page.letters[0].one("dl").text.count(subject) == 1
        with rich.platform.sessions.read() as session:
            action = session.scalars(select(Action).order_by(Action.id.desc()).limit(1)).one()
            assert action.subject is None, "it is still the template's own"
            assert SUBJECTS[action.subject_variant].replace("{{ area.name }}", "Canalside") == subject


@pytest.mark.parametrize("draw", ["", "-1", "60", "a lot", "9" * 50, None])
@pytest.mark.usefixtures("rich")
def test_a_draw_that_is_none_is_drawn_anew(alice: Visitor, draw: str | None) -> None:
    to_letter(alice)
    page = alice.press(READ_IT, name=NAME, email=EMAIL, forged={"draw": draw})
    assert page.status == 200
    assert int(page.form_with("draw").value("draw") or "") in range(DRAWS)


def test_reasons_that_are_ticked_stand_in_the_letter_on_every_step(rich: Site, alice: Visitor) -> None:
    page = to_letter(alice)
    assert "My neighbours in Canalside" not in page.text
    alice.press(READ_IT, name=NAME, email=EMAIL, reason=("My neighbours", "The council"))
    said = "My neighbours in Canalside are afraid.\n\nThe council speaks for all of us."
    assert [sheet.text.count("My neighbours in Canalside are afraid.") for sheet in alice.page.letters] == [1, 1, 1]
    page = alice.press(CHANGE)
    assert page.form_with("reason").held("reason") == ["neighbours", "council"]
    assert "are afraid" not in (page.form_with("body").value("body") or "")
    alice.press(READ_IT)
    alice.press(WARD.hand_in)
    page = alice.open(rich.delivered_link())
    assert page.letters[0].text.count("The council speaks for all of us.") == 1
    alice.press(WARD.send)
    letters = [mail for mail in rich.deliver() if mail.reply_to]
    assert len(letters) == 3
    assert all(said in mail.text for mail in letters)


def test_nobody_has_to_have_a_reason_and_only_those_that_are_offered_count(rich: Site, alice: Visitor) -> None:
    to_letter(alice)
    page = alice.press(READ_IT, name=NAME, email=EMAIL, forged={"reason": "made-up"})
    assert page.status == 200
    assert "are afraid" not in page.text
    alice.press(WARD.hand_in)
    with rich.platform.sessions.read() as session:
        assert session.scalars(select(Action)).one().reasons is None


@pytest.mark.usefixtures("rich")
def test_reasons_survive_a_mistake_and_a_way_back_to_the_first_question(alice: Visitor) -> None:
    to_letter(alice)
    page = alice.press(READ_IT, name="", email=EMAIL, reason=("The council",))
    assert page.status == 422
    assert page.form_with("reason").held("reason") == ["council"]
    page = alice.press(READ_IT, name=NAME, forged={"postcode": "ZZ9 9ZZ"})
    assert page.status == 422
    page = alice.press("Find my councillors", postcode="ZZ1 1AA")
    assert page.form_with("reason").held("reason") == ["council"]


def test_reasons_are_called_what_the_page_calls_them_and_else_as_the_letter_does(rich: Site, alice: Visitor) -> None:
    with rich.change() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == WARD.slug)).one()
        campaign.page_in("ar").reason_labels = {"council": "المجلس"}
    alice.open(f"/ar/c/{WARD.slug}")
    page = alice.send(f"/ar/c/{WARD.slug}/write", {**alice.page.form.values, "postcode": "ZZ1 1AA"})
    labels = [page.root.one("label", for_=f"reason{end}").one("bdi") for end in ("", "-2")]
    assert [(label.text, label.lang) for label in labels] == [("My neighbours", "en"), ("المجلس", "ar")]


def test_a_letter_without_a_word_of_ones_own_is_asked_for_two_sentences_once_and_never_stopped(
    site: Site, alice: Visitor
) -> None:
    page = to_preview(alice, own_words="")
    assert "Two sentences of your own make it count" in page.text
    page = alice.press(ADD)
    assert page.heading == "Write your letter"
    page = alice.press(READ_IT)
    page = alice.press(WARD.hand_in)
    assert page.heading == "Now look in your e-mail"
    assert len(site.deliver()) == 1


@pytest.mark.usefixtures("rich")
def test_reasons_alone_are_no_words_of_ones_own(alice: Visitor) -> None:
    to_letter(alice)
    page = alice.press(READ_IT, name=NAME, email=EMAIL, reason=("The council",))
    assert "Two sentences of your own make it count" in page.text


@pytest.mark.parametrize(
    ("way", "typed"),
    [
        (WARD, {"own_words": OWN_WORDS}),
        (WARD, {"own_words": "", "subject": "My own"}),
        (WARD, {"own_words": "", "body": "All of this is mine."}),
        (PLEDGE, {"own_words": ""}),
    ],
)
def test_nobody_else_is_asked(alice: Visitor, way: Way, typed: dict[str, str]) -> None:
    page = to_preview(alice, way, **typed)
    assert "Two sentences of your own" not in page.text
    assert ADD not in [button.text for form in page.forms for button in form.buttons]


def test_the_campaigns_thanks_stand_on_ones_own_page_until_one_withdraws(site: Site, alice: Visitor) -> None:
    change(site, thanks="We meet on Monday.\n\nhttps://acme.example/<b>", confirmation="A few minutes are enough.")
    to_mail(alice)
    (mail,) = site.deliver()
    assert mail.text.startswith("Your letter has not been sent yet.\n\n")
    assert "A few minutes are enough." in mail.text
    alice.open(link_in(mail))
    page = alice.press(WARD.send)
    note = page.root.one("div", class_="note")
    assert "We meet on Monday." in note.text
    assert "<b>" in note.text
    page = alice.press("Withdraw what has not been sent")
    assert "We meet on Monday." not in page.text


def test_without_thanks_there_is_no_empty_note(site: Site, alice: Visitor) -> None:
    change(site, thanks="")
    assert to_own(site, alice).root.all("div", class_="note") == []


@pytest.mark.parametrize(
    ("goal", "count", "words", "value"),
    [
        (None, 900, "900 people have written", None),
        (1000, 99, "99 people have written", None),
        (10, FEWEST - 1, f"{FEWEST - 1} people have written", None),
        (1000, 100, "100 people have written. The goal is 1,000.", "100"),
        (1000, 1200, "1,200 people have written. The goal of 1,000 is reached.", "1000"),
    ],
)
def test_a_goal_is_shown_once_it_would_encourage(
    site: Site, alice: Visitor, *, goal: int | None, count: int, words: str, value: str | None
) -> None:
    change(site, goal=goal, confirmed_count=count)
    page = alice.open(f"/c/{WARD.slug}")
    hero = page.root.one("div", class_="hero")
    assert words in hero.text
    assert ("The goal" in hero.text) is (value is not None)
    assert [bar["value"] for bar in page.root.all("progress")] == [value] * (value is not None)


def with_image(site: Site) -> None:
    with site.change() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == WARD.slug)).one()
        put_image(session, campaign, photograph())
        for page in campaign.pages:
            page.image_alt = {"en": "A door", "ar": "باب"}[page.language]


def test_an_image_is_ours_in_every_width_and_says_what_it_shows(site: Site, alice: Visitor) -> None:
    with_image(site)
    for address, alt in ((f"/c/{WARD.slug}", "A door"), (f"/ar/c/{WARD.slug}", "باب")):
        image = alice.open(address).root.one("main").one("img")
        assert (image["alt"], image["width"], image["height"]) == (alt, "400", "225")
        widths = dict(part.split() for part in image["srcset"].split(", "))
        assert list(widths.values()) == ["400w", "800w", "1200w"]
        assert image["src"] == next(iter(widths))
    for url, width in widths.items():
        answer = alice.client.get(url)
        assert answer.content_type == "image/webp"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Set-Cookie" not in answer.headers
        assert f"{opened(answer.data).width}w" == width


def test_there_is_no_image_where_there_is_none(alice: Visitor) -> None:
    assert alice.open(f"/c/{WARD.slug}").root.one("main").all("img") == []
    for digest in ("0" * 64, "x" * 64):
        assert alice.client.get(f"/images/{digest}").status_code == 404
    assert alice.client.get("/images/0").status_code == 404


def test_with_an_image_a_page_is_light_for_a_phone(site: Site, alice: Visitor) -> None:
    with_image(site)
    page = alice.open(f"/c/{WARD.slug}")
    image = alice.client.get(page.root.one("main").one("img")["src"])
    assert len(image.data) <= 24_000
    assert page.root.one("main").one("img")["loading"] == "lazy"
