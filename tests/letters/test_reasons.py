"""Reasons in a letter: where they stand, whatever its writer has changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.letters.compose import ActionText, Recipient, TemplateParts, compose, draft
from app.letters.reasons import Reason, transplanted

BOB = Recipient("Cllr Bob Sample", "Zedmere Council", "Dear Cllr Sample")
PARTS = TemplateParts(
    subject="First",
    opening="{{ salutation }},",
    body="I write to you.\n\n{% if reasons %}\nMy reasons:\n\n{{ reasons }}\n{% endif %}\n\nPlease act.",
    closing="{{ supporter.name }}",
    more_subjects=("Second", "Third from {{ area.name }}"),
    reasons=(Reason("home", "Home", "I live in {{ area.name }}."), Reason("work", "Work", "I work there.")),
)
ALICE = ActionText("Alice", "", "", None, None, {"area": {"name": "Canalside"}})


def middle(action: ActionText, parts: TemplateParts = PARTS) -> list[str]:
    letter = compose(parts, action, BOB)
    return letter.text[letter.common].split("\n\n")


def test_reasons_stand_where_the_letter_has_a_place_for_them_in_its_own_order() -> None:
    chosen = replace(ALICE, reasons=("work", "home"))
    reasons = ["My reasons:", "I live in Canalside.", "I work there."]
    assert middle(chosen) == ["I write to you.", *reasons, "Please act."]
    assert middle(replace(chosen, own_words="Hello.")) == ["Hello.", "I write to you.", *reasons, "Please act."]


def test_without_a_reason_the_letter_leads_to_none() -> None:
    assert middle(ALICE) == ["I write to you.", "Please act."]
    assert middle(replace(ALICE, reasons=("unknown",))) == ["I write to you.", "Please act."]


def test_the_draft_to_edit_has_no_reasons_in_it() -> None:
    assert draft(PARTS, replace(ALICE, reasons=("home",))).body == "I write to you.\n\nPlease act."


def test_a_letter_without_a_place_has_its_reasons_before_its_middle() -> None:
    parts = replace(PARTS, body="I write to you.\n\nPlease act.")
    chosen = replace(ALICE, reasons=("work",), own_words="Hello.")
    assert middle(chosen, parts) == ["Hello.", "I work there.", "I write to you.", "Please act."]
    assert middle(replace(chosen, body="Act now."), parts) == ["Hello.", "I work there.", "Act now."]


@pytest.mark.parametrize(
    ("edited", "read"),
    [
        ("I write to you.\n\nPlease act today.", ["I write to you.", "*", "Please act today."]),
        ("I write.\n\nBut why?\n\nPlease act.", ["I write.", "But why?", "*", "Please act."]),
        ("All of it is new.\n\nReally.", ["*", "All of it is new.", "Really."]),
    ],
)
def test_in_an_edited_middle_reasons_keep_to_the_paragraph_beside_them(edited: str, read: list[str]) -> None:
    said = middle(replace(ALICE, reasons=("work",), body=edited))
    place = read.index("*")
    assert said == [*read[:place], "My reasons:", "I work there.", *read[place + 1 :]]


@pytest.mark.parametrize(("variant", "subject"), [(0, "First"), (1, "Second"), (2, "Third from Canalside")])
def test_the_subject_is_the_one_that_the_supporter_began_with(variant: int, subject: str) -> None:
    begun = replace(ALICE, subject_variant=variant)
    assert compose(PARTS, begun, BOB).subject == draft(PARTS, begun).subject == subject
    assert compose(PARTS, replace(begun, subject="Mine"), BOB).subject == "Mine"


def test_the_same_frozen_parts_make_the_same_letter_and_others_another_one() -> None:
    chosen = replace(ALICE, reasons=("work",), subject_variant=1)
    digests = [compose(PARTS, action, BOB).digest for action in (chosen, replace(chosen), ALICE)]
    assert digests[0] == digests[1] != digests[2]


_PARAGRAPHS = st.lists(st.sampled_from("abcdef"), max_size=6)


@given(_PARAGRAPHS, _PARAGRAPHS, st.lists(st.sampled_from("xyz"), min_size=1, max_size=3), _PARAGRAPHS)
def test_no_paragraph_is_lost_and_those_that_are_added_stay_together(
    head: list[str], tail: list[str], added: list[str], edited: list[str]
) -> None:
    before, after = "\n\n".join(head + tail), "\n\n".join(head + added + tail)
    said = transplanted("\n\n".join(edited), before, after).split("\n\n")
    places = [number for number, text in enumerate(said) if text in "xyz"]
    assert [said[number] for number in places] == added
    assert places == list(range(places[0], places[0] + len(added)))
    assert [text for text in said if text not in "xyz"] == edited
