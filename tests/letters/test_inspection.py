"""A look at whole letters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.letters.compose import ActionText, Recipient, TemplateParts, compose
from app.letters.inspection import MOST_WORDS, blank_when_empty, figures_of, inspect_letter

BOB = Recipient("Cllr Bob Sample", "Zedmere Borough Council", "Dear Cllr Sample")
ROBIN = ActionText("Robin Sample", "ZZ1 1AA", "", None, None, {"area": {"name": "Canalside"}})
SENTENCE = "I live here and I ask you to act on this for all of us, please. "
PARTS = TemplateParts(
    subject="Please act in {{ area.name }}",
    opening="{{ salutation }},",
    body=f"I live in {{{{ area.name }}}}.\n\n{SENTENCE * 4}".strip(),
    closing="Yours sincerely,\n\n{{ supporter.name }}\n{{ supporter.postcode }}",
)


def found(parts: TemplateParts = PARTS, action: ActionText = ROBIN, recipient: Recipient = BOB) -> list[str]:
    """What a look at the letter finds: the level, the place, and the sentence."""
    letter = compose(parts, action, recipient)
    return [f"{one.level} {one.where}: {one.sentence}" for one in inspect_letter(letter, recipient, parts)]


def test_a_good_letter_has_nothing_odd() -> None:
    assert found() == []
    assert found(action=replace(ROBIN, postcode="")) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"subject": "ACT NOW"}, "warn subject: The whole subject is in capitals."),
        ({"subject": "Act in [town]"}, "stop subject: A place that is to be filled in is left."),
        ({"subject": "Act " * 30}, "note subject: The subject is longer than 78 characters"),
        ({"opening": "{{ salutation }} [your town],"}, "stop opening: A place that is to be filled in is left."),
        ({"body": f"{SENTENCE * 4}\n\nSigned: ____"}, "warn paragraph 2: A blank to be filled in is left."),
        ({"closing": "[Name]"}, "stop closing: A place that is to be filled in is left."),
        ({"body": "Please act."}, "note : The letter has fewer than 40 words."),
        ({"body": SENTENCE * 40}, f"warn : The letter has more than {MOST_WORDS} words."),
        (
            {"body": f"{SENTENCE * 4}\n\nhttps://a.example https://b.example https://c.example https://d.example"},
            "4 li",
        ),
        ({"body": f"{SENTENCE * 4}\n\nAct! Now! Please! Do!"}, "warn : The letter has more than 3 exclamation marks."),
        ({"body": "Responsibility " * 60}, "note : The letter is hard to read: its reading age is over 16."),
    ],
)
def test_what_is_odd_is_told_with_its_place(change: dict[str, str], said: str) -> None:
    said = "warn : The letter has more than 3 links." if said == "4 li" else said
    assert any(line.startswith(said) for line in found(replace(PARTS, **change)))


def test_a_value_can_bring_along_what_is_odd() -> None:
    assert found(action=replace(ROBIN, variables={"area": {"name": "[ward name]"}})) == [
        "stop subject: A place that is to be filled in is left.",
        "stop paragraph 1: A place that is to be filled in is left.",
    ]
    assert found(action=replace(ROBIN, variables={"area": {"name": ""}})) == [
        "warn paragraph 1: A gap: is a word missing?"
    ]


def test_letters_with_the_same_fault_differ_in_the_quote_only() -> None:
    recipients = [replace(BOB, salutation="Dear Cllr SAMPLE"), replace(BOB, salutation="Dear Cllr BOB SAMPLE")]
    [[one], [other]] = [list(inspect_letter(compose(PARTS, ROBIN, who), who, PARTS)) for who in recipients]
    assert one != other
    assert replace(one, quote="") == replace(other, quote="")


def test_a_letter_without_a_subject_and_without_a_middle_is_looked_at_too() -> None:
    bare = ActionText("Robin Sample", "", "", "", "", {"area": {"name": "Canalside"}})
    assert found(action=bare)[0] == "stop subject: The letter has no subject."


def test_a_line_is_blank_where_somebody_has_no_organisation() -> None:
    parts = replace(PARTS, opening="{{ target.name }}\n{{ target.organisation }}\nZedmere\n\n{{ salutation }},")
    assert found(parts) == []
    [line] = found(parts, recipient=replace(BOB, organisation=""))
    assert line.startswith("warn opening: A line is blank where the recipient's organisation would stand")


@pytest.mark.parametrize(
    ("source", "blank"),
    [
        ("a\n{{ target.organisation }}\nb", {"target.organisation"}),
        ("{{ target.organisation }}\nb", set()),
        ("a\n{{ target.organisation }}", set()),
        ("a\n\n{{ target.organisation }}\nb", set()),
        ("a\n{% if target.organisation %}{{ target.organisation }}{% endif %}\nb", set()),
    ],
)
def test_a_placeholder_between_lines_leaves_one_blank(source: str, blank: set[str]) -> None:
    assert blank_when_empty(source) == blank


def test_greeting_and_closing_do_not_count_for_the_figures() -> None:
    figures = figures_of(compose(PARTS, ROBIN, BOB))
    assert figures.words == 4 + 4 * 16
    assert figures.measure.sentences == 5
    assert figures.links == 0
