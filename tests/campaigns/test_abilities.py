"""What pages, letters and settings can say beside the ask itself: read, refused where it is wrong, and kept in rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import func, select

from app.campaigns.content import SyncReport, sync_campaigns
from app.campaigns.files import load_campaigns
from app.campaigns.images import put_image, remove_image
from app.campaigns.models import Campaign, CampaignImage
from app.campaigns.settings import DeliverySettings
from app.db import Sessions
from app.letters.reasons import Reason
from tests.campaigns.conftest import LETTER, PAGE, SETTINGS, Content
from tests.support.pictures import drawing, encoded, opened, photograph

Said = Callable[..., list[str]]
Sync = Callable[[], SyncReport]
SLUG = "abolish-reporting"
NEIGHBOURS = """\
[[reasons]]
key = "neighbours"
label = "I want my neighbours to live without fear"
text = "I want my neighbours in {{ area.name }} to live without fear."
"""
WORK = '[[reasons]]\nkey = "work"\nlabel = "I work here"\ntext = "I work here."\n'
PLEDGE = SETTINGS.replace('"letter"', '"pledge"')


def with_reasons(*reasons: str, letter: str = LETTER) -> str:
    """The letter with these at the end of its settings."""
    head, fence, body = letter.rpartition("+++\n")
    return head + "".join(reasons) + fence + body


def with_keys(keys: str, text: str = PAGE) -> str:
    """The page or letter with these lines at the end of its settings."""
    head, fence, body = text.rpartition("+++\n")
    return f"{head}{keys}\n{fence}{body}"


@pytest.fixture
def sync(sessions: Sessions, content: Content, now: datetime) -> Sync:
    def run() -> SyncReport:
        campaigns, problems = load_campaigns(content.folder)
        assert problems == []
        with sessions.write() as session:
            return sync_campaigns(session, campaigns, now)

    return run


def test_settings_may_have_a_goal_a_pace_and_hours(content: Content) -> None:
    delivery = '\n[delivery]\npace = 60\nhours = "mon-fri 08:00-18:00"\n'
    content.campaign(settings=SETTINGS.replace("position = 10", "position = 10\ngoal = 5000") + delivery)
    content.campaign("plain")
    (one, plain), problems = load_campaigns(content.folder)
    assert problems == []
    assert (one.settings.goal, one.settings.delivery) == (5000, DeliverySettings(60, "mon-fri 08:00-18:00"))
    assert (plain.settings.goal, plain.settings.delivery) == (None, DeliverySettings())


HOURS = '`hours` must be like "mon-fri 08:00-18:00", "08:00-18:00" or "always"'


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("goal = 0", "5: `goal` must be a whole number from 1 to 10000000"),
        ('goal = "many"', "5: `goal` must be a whole number from 1 to 10000000"),
        ("goal = 2.5", "5: `goal` must be a whole number from 1 to 10000000"),
        ("delivery = 60", "5: `delivery` must be a table: a line `[delivery]` and its keys below"),
        ("[delivery]\npace = 0", "6: `pace` must be a whole number from 1 to 100000"),
        ("[delivery]\nhours = 8", "6: `hours` must be text in quotes"),
        ('[delivery]\nhours = "nine to five"', f"6: {HOURS}"),
        ('[delivery]\nhours = "18:00-08:00"', f"6: {HOURS}"),
        ("[delivery]\nspeed = 60", "6: `speed` is not a key here"),
    ],
)
def test_a_mistake_in_goal_or_delivery_is_named(said: Said, lines: str, problem: str) -> None:
    [line] = said(settings=SETTINGS.replace("position = 10", f"position = 10\n{lines}"))
    assert line == f"campaign.toml:{problem}"


def test_a_letter_may_have_several_subjects_and_reasons(content: Content) -> None:
    first = LETTER.partition("\n")[2].partition("\n")[0]
    several = LETTER.replace(first, 'subject = ["One", "Two for {{ area.name }}"]').replace(
        "Please act.", "{{ reasons }}\n\nPlease act."
    )
    content.campaign(letter=with_reasons(NEIGHBOURS, WORK, letter=several))
    (files,), problems = load_campaigns(content.folder)
    assert problems == []
    parts = files.letters[0].parts
    assert parts.subjects == ("One", "Two for {{ area.name }}")
    assert parts.reasons == (
        Reason(
            "neighbours",
            "I want my neighbours to live without fear",
            "I want my neighbours in {{ area.name }} to live without fear.",
        ),
        Reason("work", "I work here", "I work here."),
    )


LAST = "`council.name`, `supporter.postcode`"
SUBJECT = 'subject = "Please oppose reporting in {{ area.name }}"'


@pytest.mark.parametrize(
    ("subject", "problem"),
    [
        ('["a", "b", "c", "d", "e", "f"]', "`subject` has 6 texts; 5 are the most"),
        ('["a", "a"]', "`subject` says the same twice"),
        ("[]", "`subject` must be a text in quotes or a list of them, each of up to 200 characters"),
        ('["a", ""]', "`subject` must be a text in quotes or a list of them, each of up to 200 characters"),
        (
            '["a", "{{ salutation }}"]',
            "`subject`: `salutation` is not a placeholder here; there are `area.name`, `campaign.title`, " + LAST,
        ),
    ],
)
def test_a_mistake_in_one_of_several_subjects_is_named(said: Said, subject: str, problem: str) -> None:
    assert said(letter=LETTER.replace(SUBJECT, f"subject = {subject}")) == [f"letter.en.md:2: {problem}"]


@pytest.mark.parametrize(
    ("letter", "problems"),
    [
        (with_reasons(WORK.replace("key", "name")), ["9: `key` is missing", "10: `name` is not a key here"]),
        (with_reasons(WORK.replace('"work"', '"My work"')), ["10: `My work` is not a slug"]),
        (with_reasons(WORK, WORK), ["10: `work` is the key of more than one reason", "14: `work` is the key"]),
        (with_reasons(*(WORK.replace('"work"', f'"work-{n}"') for n in range(9))), ["9: there are 9 reasons; 8 are"]),
        (with_reasons(WORK.replace("I work here.", "{{ target.name }}")), ["12: `text`: `target.name` is not a place"]),
        (with_reasons(WORK.replace("I work here.", "{{ reasons }}")), ["12: `text`: `reasons` is not a placeholder"]),
        (LETTER.replace("Please act.", "{{ reasons }}"), ["12: `reasons` is not a placeholder here"]),
        (
            with_reasons(WORK).replace("Please act.", "I say {{ reasons }}"),
            ["16: `reasons` can be empty: put it on a line of its own"],
        ),
    ],
)
def test_a_mistake_in_reasons_is_named(said: Said, letter: str, problems: list[str]) -> None:
    found = [line.removeprefix("letter.en.md:") for line in said(letter=letter)]
    assert len(found) == len(problems), found
    assert all(line.startswith(problem) for line, problem in zip(found, problems, strict=True)), found


def test_the_letter_of_a_pledge_has_one_subject_and_no_reasons(said: Said) -> None:
    letter = with_reasons(WORK, letter=LETTER.replace(SUBJECT, 'subject = ["One", "Two"]'))
    assert said(settings=PLEDGE, letter=letter) == [
        "letter.en.md:2: `subject` must be one: nobody is shown the letter of a pledge to write it",
        "letter.en.md:9: `reasons` has no place in the letter of a pledge, which nobody writes",
    ]


def test_a_page_may_say_what_mails_say_and_call_reasons_by_other_names(content: Content) -> None:
    content.campaign(letter=with_reasons(WORK), page=with_keys('confirmation = "Soon."\nthanks = "One.\\n\\nTwo."'))
    content.write(f"{SLUG}/page.ar.md", with_keys('[reasons]\nwork = "أعمل هنا"'))
    (files,), problems = load_campaigns(content.folder)
    assert problems == []
    arabic, english = files.pages
    assert (english.confirmation, english.thanks, english.reason_labels) == ("Soon.", "One.\n\nTwo.", {})
    assert (arabic.confirmation, arabic.thanks, arabic.reason_labels) == ("", "", {"work": "أعمل هنا"})


@pytest.mark.parametrize(
    ("name", "keys", "problem"),
    [
        ("en", 'image_alt = "A door"', "6: `image_alt` says what an image shows, and there is no image.jpg"),
        ("en", 'confirmation = "See https://acme.example"', "6: `confirmation` must have no link"),
        ("en", 'thanks = ""', "6: `thanks` must not be empty"),
        (
            "en",
            '[reasons]\nwork = "Work"',
            "6: `reasons` has no place here: the labels in English stand in the letters",
        ),
        ("ar", '[reasons]\nwrok = "Work"', "7: `wrok` is not a key here; did you mean `work`?"),
    ],
)
def test_a_mistake_in_a_pages_words_is_named(content: Content, name: str, keys: str, problem: str) -> None:
    content.campaign(letter=with_reasons(WORK))
    content.write(f"{SLUG}/page.{name}.md", with_keys(keys))
    [line] = content.problems()
    assert line.startswith(f"{SLUG}/page.{name}.md:{problem}"), line


def test_an_image_must_be_one_and_every_page_must_say_what_it_shows(content: Content) -> None:
    content.campaign(page=with_keys('image_alt = "A door"'))
    content.write(f"{SLUG}/page.ar.md", PAGE)
    content.write(f"{SLUG}/image.jpg", photograph())
    content.write(f"{SLUG}/image.png", encoded(drawing(400, 300), "PNG"))
    assert content.problems() == [
        f"{SLUG}/image.png:1: there is image.jpg too: a campaign has one image",
        f"{SLUG}/page.ar.md:1: `image_alt` is missing",
    ]


def test_an_image_that_is_none_is_named_once(content: Content) -> None:
    content.campaign(page=with_keys('image_alt = "A door"'))
    content.write(f"{SLUG}/image.webp", b"<svg/>")
    assert content.problems() == [
        f"{SLUG}/image.webp:1: the image is not a JPEG, PNG or WebP image, whatever its name says"
    ]


def test_all_of_it_comes_into_the_rows_and_a_second_sync_changes_nothing(
    sessions: Sessions, content: Content, sync: Sync
) -> None:
    settings = (
        SETTINGS.replace("position = 10", "position = 10\ngoal = 50") + '[delivery]\npace = 6\nhours = "always"\n'
    )
    page = with_keys('image_alt = "A door"\nconfirmation = "Soon."\nthanks = "Thanks."')
    content.campaign(
        settings=settings, page=page, letter=with_reasons(WORK).replace(SUBJECT, 'subject = ["One", "Two"]')
    )
    content.write(f"{SLUG}/image.jpg", photograph())
    assert sync()
    assert not sync()
    with sessions.read() as session:
        campaign = session.scalars(select(Campaign)).one()
        assert (campaign.goal, campaign.pace, campaign.hours) == (50, 6, "always")
        (page_row,), (letter,) = campaign.pages, campaign.templates
        assert (page_row.image_alt, page_row.confirmation, page_row.thanks) == ("A door", "Soon.", "Thanks.")
        assert (letter.subject, letter.more_subjects) == ("One", ["Two"])
        assert letter.reasons == [{"key": "work", "label": "I work here", "text": "I work here."}]
        assert [image.width for image in campaign.images] == [400, 800, 1200]


def test_another_subject_or_reason_is_a_new_version_of_the_letter(content: Content, sync: Sync) -> None:
    content.campaign()
    sync()
    for letter in (LETTER.replace(SUBJECT, 'subject = ["One", "Two"]'), with_reasons(WORK)):
        content.campaign(letter=letter)
        assert "letter.en: version" in "\n".join(sync().describe())


def test_an_image_comes_changes_and_goes(sessions: Sessions, content: Content, sync: Sync) -> None:
    def lines() -> list[str]:
        return [line.strip() for note in sync().changed for line in note.lines]

    content.campaign()
    sync()
    content.campaign(page=with_keys('image_alt = "A door"'))
    content.write(f"{SLUG}/image.jpg", photograph())
    assert lines() == ["page.en: image_alt changed", "image: added"]
    content.write(f"{SLUG}/image.jpg", photograph(800, 600))
    assert lines() == ["image: changed"]
    with sessions.read() as session:
        assert [(one.width, one.height) for one in session.scalars(select(CampaignImage))] == [(400, 300), (800, 600)]
    content.campaign()
    (content.folder / SLUG / "image.jpg").unlink()
    assert lines() == ["page.en: image_alt changed", "image: removed"]
    with sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(CampaignImage)) == 0


def test_a_campaign_of_the_database_may_have_an_image_too(sessions: Sessions, content: Content, sync: Sync) -> None:
    content.campaign()
    sync()
    with sessions.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        assert put_image(session, campaign, photograph())
        assert not put_image(session, campaign, photograph())
        assert put_image(session, campaign, photograph(500, 400))
    with sessions.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        assert [opened(image.content).size for image in campaign.images] == [(400, 320), (500, 400)]
        assert remove_image(session, campaign)
        assert not remove_image(session, campaign)
