"""Greetings that go wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.letters.compose import Recipient
from app.letters.findings import Level
from app.letters.greeting import greeting_findings


def found(salutation: str, name: str = "Cllr Bob Sample") -> list[str]:
    return [f"{one.level}: {one.sentence}" for one in greeting_findings(Recipient(name, "", salutation))]


@pytest.mark.parametrize(
    ("salutation", "name"),
    [
        ("Dear Cllr Sample", "Cllr Bob Sample"),
        ("Dear Cllr Dr Sample-Okoro", "Cllr Dr Alice Sample-Okoro MBE"),
        ("Dear Cllr Sir Bob Verde", "Cllr Sir Bob Verde"),
        ("Dear Mx O'Sample", "Mx Robin O'Sample"),
        ("Dear Alice Sample", "Alice Sample"),
        ("Dear Cllr van Verde", "Cllr Carla van Verde"),
        ("Dear Sir or Madam", "ACME plc"),
        ("Dear Sir", "ACME plc"),
        ("Dear Lord Mayor", "The Lord Mayor of Zedmere"),
        ("Dear Directors", "The Directors"),
        ("Dear friends at the NHS", "Zedmere NHS Trust"),
        ("Good morning", "Zedmere FM"),
        ("Dear Cllr Sample and Cllr Verde", "Cllr Bob Sample and Cllr Carla Verde"),
        ("Dear Councillors", "Cllr Bob Sample, Cllr Carla Verde and 3 others"),
        ("السيدة العضوة", "السيدة العضوة"),
    ],
)
def test_a_greeting_as_one_greets_people_is_fine(salutation: str, name: str) -> None:
    assert found(salutation, name) == []


@pytest.mark.parametrize("salutation", ["", " ", ",", "–", "123"])
def test_a_greeting_without_a_word_greets_nobody(salutation: str) -> None:
    assert found(salutation) == ["stop: The letter greets nobody."]


@pytest.mark.parametrize("salutation", ["Dear", "dear ", "Dear ,", "Dear Cllr", "Dear Cllr Dr.", "Cllr"])
def test_a_greeting_without_a_name_stops_the_campaign(salutation: str) -> None:
    assert found(salutation)[0] == "stop: The greeting ends before a name comes."


@pytest.mark.parametrize(
    ("salutation", "said"),
    [
        ("Dear bob.sample@zedmere.example", "stop: An e-mail address stands in the greeting."),
        ("Dear Cllr Vacant", "stop: The greeting is to a vacant seat."),
        ("Dear Cllr Sample 2", "warn: There are figures in the greeting."),
        ("Dear Cllr SAMPLE", "warn: A name in the greeting is in capitals."),
        ("Dear cllr sample", "warn: The name in the greeting is in small letters."),
        ("Dear Cllr Cllr Sample", "warn: A title stands twice in the greeting."),
        ("Dear Cllr Councillor Sample", "warn: A title stands twice in the greeting."),
        ("Dear Cllr Sample (Lab", "warn: A bracket in the greeting is open."),
        ("Dear Cllr Sample,", "warn: The greeting ends in a comma, and the letter adds its own."),
        ("Dear Cllr Verde", "warn: The greeting has another surname than the recipient's name."),
    ],
)
def test_what_is_odd_about_a_greeting_is_said(salutation: str, said: str) -> None:
    assert said in found(salutation)


def test_what_was_found_shows_the_greeting() -> None:
    [one] = greeting_findings(Recipient("Cllr Bob Sample", "", "Dear Cllr SAMPLE"))
    assert (one.level, one.where, one.quote) == (Level.WARN, "greeting", "Dear Cllr SAMPLE")


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_greeting_is_too_odd_to_be_looked_at(salutation: str, name: str) -> None:
    assert all(one.sentence and one.quote == salutation for one in greeting_findings(Recipient(name, "", salutation)))
