"""Composing: the supporter's words survive, letters are reproducible, and nothing that was typed is a template."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import app.letters.compose
import app.letters.placeholders
from app.letters.compose import (
    ActionText,
    ComposedLetter,
    Draft,
    Recipient,
    TemplateParts,
    compose,
    draft,
    edited_or_none,
    placeholders_for,
)
from app.letters.placeholders import TemplateFault
from app.letters.tidy import normalise_subject, normalise_text

PARTS = TemplateParts(
    subject="Please oppose reporting in {{ area.name }}",
    opening="{{ salutation }},",
    body="I live in {{ area.name }}.\n\nPlease act for {{ council.name }}.",
    closing="Yours sincerely,\n\n{{ supporter.name }}\n{{ supporter.postcode }}",
)
ACTION = ActionText(
    name="Alice Example",
    postcode="ZZ1 1AA",
    own_words="",
    subject=None,
    body=None,
    variables={"area": {"name": "Canalside"}, "council": {"name": "Zedmere"}, "campaign": {"title": "Reporting"}},
)
SAMPLE = Recipient(name="Sam Sample", organisation="Zedmere Borough Council", salutation="Dear Cllr Sample")

texts = st.text(max_size=300)
kept_texts = texts.map(normalise_text)


def test_a_letter_is_opening_own_words_middle_and_closing() -> None:
    letter = compose(PARTS, replace(ACTION, own_words="My neighbour reports each month."), SAMPLE)
    assert letter.subject == "Please oppose reporting in Canalside"
    assert letter.text == (
        "Dear Cllr Sample,\n\n"
        "My neighbour reports each month.\n\n"
        "I live in Canalside.\n\nPlease act for Zedmere.\n\n"
        "Yours sincerely,\n\nAlice Example\nZZ1 1AA"
    )


def test_without_own_words_there_is_no_gap() -> None:
    assert "\n\n\n" not in compose(PARTS, ACTION, SAMPLE).text


def test_without_a_postcode_the_letter_ends_with_the_name() -> None:
    assert compose(PARTS, replace(ACTION, postcode=""), SAMPLE).text.endswith("Alice Example")


def test_the_draft_is_what_an_unedited_letter_says() -> None:
    drafted = draft(PARTS, ACTION)
    letter = compose(PARTS, ACTION, SAMPLE)
    assert drafted == Draft("Please oppose reporting in Canalside", "I live in Canalside.\n\nPlease act for Zedmere.")
    assert letter.subject == drafted.subject
    assert drafted.body in letter.text


def test_an_edited_letter_says_what_the_supporter_wrote_instead() -> None:
    letter = compose(PARTS, replace(ACTION, subject="A question", body="Will you help?"), SAMPLE)
    assert letter == ComposedLetter(
        "A question", "Dear Cllr Sample,\n\nWill you help?\n\nYours sincerely,\n\nAlice Example\nZZ1 1AA"
    )


def test_a_middle_that_was_emptied_stays_empty() -> None:
    letter = compose(PARTS, replace(ACTION, own_words="Only mine.", body=""), SAMPLE)
    assert letter.text.startswith("Dear Cllr Sample,\n\nOnly mine.\n\nYours sincerely,")


def test_each_recipient_gets_their_own_salutation() -> None:
    other = replace(SAMPLE, salutation="Dear Lord Mayor")
    assert compose(PARTS, ACTION, other).text.startswith("Dear Lord Mayor,\n")
    assert compose(PARTS, ACTION, other).digest != compose(PARTS, ACTION, SAMPLE).digest


def test_a_recipient_is_no_part_of_what_is_drafted_once() -> None:
    with pytest.raises(TemplateFault, match="salutation"):
        draft(replace(PARTS, body="{{ salutation }}"), ACTION)


def test_a_stored_value_cannot_take_the_place_of_the_supporter() -> None:
    forged = replace(ACTION, variables={**ACTION.variables, "supporter": {"name": "Mallory", "postcode": ""}})
    assert "Mallory" not in compose(PARTS, forged, SAMPLE).text


def test_the_digest_covers_subject_and_text() -> None:
    letter = ComposedLetter("Subject", "Text")
    assert letter.digest == hashlib.sha256(b"Subject\0Text").digest()
    assert letter.digest != ComposedLetter("Subject", "Text ").digest
    assert letter.digest != ComposedLetter("Subject\0", "Text").digest


def test_a_line_end_in_a_value_never_reaches_the_subject() -> None:
    letter = compose(PARTS, replace(ACTION, variables={**ACTION.variables, "area": {"name": "A\r\nBcc: x"}}), SAMPLE)
    assert letter.subject == "Please oppose reporting in A Bcc: x"


def test_what_a_browser_sends_back_unedited_is_not_kept() -> None:
    drafted = draft(PARTS, ACTION)
    returned = "\r\n" + drafted.body.replace("\n", "\r\n") + "  \r\n"
    assert edited_or_none(drafted, drafted.subject + " ", returned) == (None, None)


def test_what_was_edited_is_kept_normalised() -> None:
    drafted = draft(PARTS, ACTION)
    assert edited_or_none(drafted, "My own", drafted.body) == ("My own", None)
    assert edited_or_none(drafted, drafted.subject, "Mine.\r\n") == (None, "Mine.")
    assert edited_or_none(drafted, "", "") == ("", "")


@settings(deadline=None)
@given(own_words=kept_texts, body=st.none() | kept_texts, subject=st.none() | texts.map(normalise_subject))
def test_composing_never_loses_what_the_supporter_wrote(own_words: str, body: str | None, subject: str | None) -> None:
    letter = compose(PARTS, replace(ACTION, own_words=own_words, body=body, subject=subject), SAMPLE)
    assert own_words in letter.text
    assert body is None or body in letter.text
    assert subject is None or letter.subject == subject
    assert letter.text.startswith("Dear Cllr Sample,\n\n")
    assert letter.text.endswith("Yours sincerely,\n\nAlice Example\nZZ1 1AA")


@settings(deadline=None)
@given(
    name=st.sampled_from(["{{ area.name }}", "{% if x %}", "{{", "}}", "{#", "<b>", "O'Brien & Søn"]), words=kept_texts
)
def test_what_a_supporter_types_is_never_a_template(name: str, words: str) -> None:
    typed = normalise_text(words + " {{ supporter.name }} {% if area.name %} {{ 7 * 7 }}")
    letter = compose(PARTS, replace(ACTION, name=name, own_words=typed, body=typed), SAMPLE)
    assert letter.text.count(typed) >= 2
    assert f"\n{name}\n" in letter.text


@pytest.mark.realdata
def test_every_naughty_string_survives_composing(real_data: Path) -> None:
    for typed in json.loads((real_data / "corpora" / "blns.json").read_text(encoding="utf-8")):
        words = normalise_text(typed)
        letter = compose(PARTS, replace(ACTION, own_words=words, body=words, subject=normalise_subject(typed)), SAMPLE)
        assert letter.text.startswith("Dear Cllr Sample,\n\n" + words)
        assert "\n" not in letter.subject
        assert len(letter.digest) == 32


def test_each_rule_has_its_placeholders() -> None:
    fixed = placeholders_for(rule="all", area=None, per_target=False)
    constituency = placeholders_for(rule="area", area="constituency", per_target=False)
    ward = placeholders_for(rule="area", area="ward", per_target=False)
    assert fixed == {"campaign.title"}
    assert placeholders_for(rule="all", area=None, per_target=False, pledge=True) == fixed | {"supporter.name"}
    assert constituency - fixed == {"supporter.postcode", "area.name"}
    assert ward - constituency == {"council.name"}


@pytest.mark.parametrize(
    ("rule", "area"), [("area", "ward"), ("area", "constituency"), ("all", None), ("choose", None)]
)
def test_opening_and_closing_also_know_the_target(rule: str, area: str | None) -> None:
    once = placeholders_for(rule=rule, area=area, per_target=False)
    each = placeholders_for(rule=rule, area=area, per_target=True)
    assert each - once == {"supporter.name", "salutation", "target.name", "target.organisation"}
    assert once < each


def _kept() -> int:
    """How many texts the caches of this room hold."""
    rooms = [*vars(app.letters.compose).values(), *vars(app.letters.placeholders).values()]
    return sum(one.cache_info().currsize for one in rooms if hasattr(one, "cache_info"))


def test_what_is_one_supporters_own_is_kept_nowhere() -> None:
    """A web process lives for weeks, and forgetting somebody does not reach into it."""
    compose(PARTS, ACTION, SAMPLE)
    before = _kept()
    typed = replace(
        ACTION,
        name="Nadia Example",
        postcode="ZZ9 9ZZ",
        own_words=normalise_text("What only Nadia says."),
        subject=normalise_subject("What only Nadia asks"),
        body=normalise_text("What only Nadia wants."),
    )
    assert "Nadia Example" in compose(PARTS, typed, SAMPLE).text
    assert _kept() == before
    compose(PARTS, typed, replace(SAMPLE, salutation="Dear Cllr Another"))
    assert _kept() > before
