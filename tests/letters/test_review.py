"""The rules by which a letter waits for a person, and what that person is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.letters.changes import Change, changes_between
from app.letters.compose import ActionText, TemplateParts, draft
from app.letters.likeness import essence, share_kept
from app.letters.review import Hit, Rule, hits_in

BODY = """I am writing to ask you to end reporting in our borough. Every two weeks my neighbours queue for hours.

Please say so in public, and vote for the motion in December. The facts are at https://council.example/motion and in
your own report."""
PARTS = TemplateParts("End reporting", "{{ salutation }},", BODY, "Yours sincerely\n{{ supporter.name }}")


def said(**changes: str | None) -> ActionText:
    told = {"name": "Alice Adams", "postcode": "", "own_words": "", "subject": None, "body": None, **changes}
    return ActionText(**told, variables={"campaign": {"title": "Abolish reporting"}})  # type: ignore[arg-type]


def hits(**changes: str | None) -> list[Hit]:
    text = said(**changes)
    return hits_in(PARTS, draft(PARTS, text), text)


def test_the_campaigns_own_letter_trips_nothing() -> None:
    assert hits() == []


def test_who_adds_their_story_and_takes_sentences_out_is_not_held() -> None:
    shorter = BODY.split("\n\n", maxsplit=1)[0] + "\n\n" + "My own child asks why. " * 40
    assert hits(own_words="I have lived here for eleven years.", body=shorter, subject="Please end it") == []


def test_abuse_is_found_in_all_that_the_supporter_wrote() -> None:
    assert hits(own_words="You bastards") == [Hit(Rule.ABUSE, "bastards")]
    assert hits(subject="Shit") == [Hit(Rule.ABUSE, "shit")]
    assert hits(body=f"{BODY}\n\nwanker") == [Hit(Rule.ABUSE, "wanker")]
    assert hits(name="Mr Wanker") == [Hit(Rule.ABUSE, "wanker")]


def test_abuse_of_the_campaigns_own_is_its_own_business() -> None:
    parts = TemplateParts("End it", "", "They called my neighbour a paki.", "")
    text = said()
    assert hits_in(parts, draft(parts, text), text) == []


def test_links_that_the_campaign_does_not_give_are_named() -> None:
    own = "See www.COUNCIL.example/motion/ and https://shop.example/buy?x=1."
    assert hits(own_words=own) == [Hit(Rule.LINKS, "https://shop.example/buy?x=1")]


def test_a_letter_that_is_another_one_altogether_is_told() -> None:
    other = "Buy our watches. They are cheap and good, and you will find none like them in any shop. " * 3
    assert hits(body=other) == [Hit(Rule.REPLACED)]
    assert hits(own_words="Please help.", body="As above.") == [Hit(Rule.REPLACED)]


def test_of_a_short_letter_nobody_can_tell_what_is_left() -> None:
    assert share_kept("Please end it now.", "Buy watches.") is None


def test_how_much_is_kept() -> None:
    assert share_kept(BODY, BODY) == 1
    assert share_kept(BODY, "") == 0
    assert share_kept(BODY, BODY.upper().replace(",", "")) == 1
    half = share_kept(BODY, BODY[: len(BODY) // 2])
    assert half is not None
    assert 0.4 < half < 0.6


def test_what_is_short_is_not_compared_with_others() -> None:
    assert essence("Please help my neighbours.") == ""
    long = "I have lived here for eleven years and nobody ever asked me what I think of it."
    assert essence(long, "") == essence("", long.upper().replace(" ", "  ") + "!") != ""


def test_changes_are_words() -> None:
    before, after = "Please end it now.\nThank you.", "Please end reporting now.\nThank you."
    assert [(piece.change, piece.text) for piece in changes_between(before, after)] == [
        (Change.SAME, "Please end"),
        (Change.REMOVED, " it"),
        (Change.ADDED, " reporting"),
        (Change.SAME, " now.\nThank you."),
    ]


@pytest.mark.parametrize("change", [Change.ADDED, Change.REMOVED])
@given(st.text(alphabet="ab \n", max_size=60), st.text(alphabet="ab \n", max_size=60))
def test_both_texts_can_be_read_in_the_changes(change: Change, before: str, after: str) -> None:
    pieces = changes_between(before, after)
    text = "".join(piece.text for piece in pieces if piece.change in (Change.SAME, change))
    assert text.split() == (after if change is Change.ADDED else before).split()


def test_a_very_long_letter_is_compared_in_no_time() -> None:
    before, after = "one two three " * 3000, "three two one " * 3000
    assert [piece.change for piece in changes_between(before, after)] == [Change.REMOVED, Change.ADDED]
