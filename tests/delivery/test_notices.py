"""What our own mails say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from app.delivery.notices import Facts, Notice, already_written, confirmation, thank_you

LINK = "https://letters.example.org/confirm/token"
FACTS = Facts(
    protected=False,
    language="en",
    organisation="Solidarity Post",
    supporter_name="Alice Adams",
    campaign_title="Abolish reporting",
    recipients=["Cllr Bob Sample", "Cllr Carla Verde"],
    unreachable=[],
    pledge=False,
    link=LINK,
    until=date(2026, 12, 1),
)
NOTICES = [confirmation, already_written, thank_you]
Write = Callable[[Facts], Notice]


def first_line(notice: Notice) -> str:
    return notice.text.splitlines()[0]


def test_a_confirmation_says_first_that_nothing_was_sent() -> None:
    assert first_line(confirmation(FACTS)) == "Your letter has not been sent yet."


def test_a_confirmation_of_a_pledge_says_first_that_nobody_has_joined() -> None:
    notice = confirmation(replace(FACTS, pledge=True))
    assert first_line(notice) == "You have not joined yet."
    assert "your letter" not in notice.text.casefold()
    assert notice.subject == "Please confirm that you want to join: Abolish reporting"


def test_a_confirmation_says_to_whom_and_until_when() -> None:
    notice = confirmation(FACTS)
    assert "to Cllr Bob Sample and Cllr Carla Verde." in notice.text
    assert "until 1 December 2026." in notice.text
    assert notice.subject == "Please confirm your letter: Abolish reporting"
    assert "If you did not ask for this, you need do nothing" in notice.text


def test_three_recipients_are_listed_as_people_write_them() -> None:
    facts = replace(FACTS, recipients=["Bob", "Carla", "Dan"])
    assert "to Bob, Carla and Dan." in confirmation(facts).text


def test_who_has_taken_part_is_told_so_first() -> None:
    assert (
        first_line(already_written(FACTS))
        == "You have already taken part in “Abolish reporting”. Nothing new was sent."
    )


@pytest.mark.parametrize(
    ("pledge", "expected"),
    [
        (False, "Thank you. You have confirmed your letter to Cllr Bob Sample and Cllr Carla Verde."),
        (True, "Thank you. You have joined “Abolish reporting”."),
    ],
)
def test_thanks_come_first(*, pledge: bool, expected: str) -> None:
    assert first_line(thank_you(replace(FACTS, pledge=pledge))) == expected


@pytest.mark.parametrize("pledge", [False, True])
@pytest.mark.parametrize("write", NOTICES)
def test_every_notice_greets_links_and_signs(write: Write, *, pledge: bool) -> None:
    notice = write(replace(FACTS, pledge=pledge))
    paragraphs = notice.text.split("\n\n")
    assert ("Hello," if write is confirmation else "Hello Alice Adams,") in paragraphs
    assert LINK in paragraphs, "the link stands on a line of its own"
    assert paragraphs[-1] == "Solidarity Post\n"
    assert "\n" not in notice.subject


@pytest.mark.parametrize("pledge", [False, True])
@pytest.mark.parametrize("write", NOTICES)
def test_every_notice_speaks_arabic(write: Write, *, pledge: bool) -> None:
    english = write(replace(FACTS, pledge=pledge))
    arabic = write(replace(FACTS, pledge=pledge, language="ar"))
    assert arabic.subject != english.subject
    for ours, theirs in zip(english.text.split("\n\n"), arabic.text.split("\n\n"), strict=True):
        assert ours == theirs if ours in (LINK, "Solidarity Post\n") else ours != theirs


@pytest.mark.parametrize("write", NOTICES)
def test_a_per_cent_sign_in_a_name_is_only_that(write: Write) -> None:
    facts = replace(FACTS, supporter_name="100% Alice %(link)s", campaign_title="50% now", recipients=["%s"])
    notice = write(facts)
    assert ("100% Alice %(link)s" in notice.text) is (write is not confirmation)
    assert "50% now" in notice.subject


@pytest.mark.parametrize("pledge", [False, True])
def test_a_campaigns_own_words_stand_below_the_first_sentence_and_the_link(*, pledge: bool) -> None:
    paragraphs = confirmation(replace(FACTS, pledge=pledge, confirmation="One.\n\nTwo.")).text.split("\n\n")
    assert paragraphs[0].endswith("yet.")
    assert paragraphs.index(LINK) < paragraphs.index("One.") == paragraphs.index("Two.") - 1
    assert paragraphs[paragraphs.index("Two.") + 1].startswith("If you did not ask for this")


def test_a_campaigns_own_thanks_stand_below_the_greeting() -> None:
    paragraphs = thank_you(replace(FACTS, thanks="We meet on Monday.")).text.split("\n\n")
    assert paragraphs[1:3] == ["Hello Alice Adams,", "We meet on Monday."]
