"""Paragraphs with something odd in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.letters.wording import LONGEST_QUOTE, SHORTENERS, links_of, paragraph_findings

PLACEHOLDER = "stop: A placeholder of the template is left."
FILL_IN = "stop: A place that is to be filled in is left."
BRACKETS = "warn: Square brackets: is something to be filled in here?"
BLANK = "warn: A blank to be filled in is left."
DUMMY = "warn: Words that stand in for others are left."
GAP = "warn: A gap: is a word missing?"
SHOUTS = "warn: Words in capitals shout."
MARKS = "warn: More than one exclamation or question mark in a row."
PLAIN_LINK = "warn: A link does not begin with https://."
SHORT_LINK = "warn: A shortened link hides where it leads; mail servers distrust those."
TRACKED = "warn: A link carries a mark by which its reader is followed."
SWINDLER = "warn: A link leads to a bare number or carries a name, as those of swindlers do."


def found(text: str) -> list[str]:
    return [f"{one.level}: {one.sentence}" for one in paragraph_findings(text)]


@pytest.mark.parametrize(
    "text",
    [
        "I live in Canalside (Zedmere), and I am writing to you as one of my councillors.",
        "The NHS, the BBC and the GP met. HM Government and the UNHCR did not.",
        "She said nothing [sic] [1] […].",
        "See <https://zedmere.example/page> or write to <help@zedmere.example>.",
        "Is it fair? I do not think so!",
        "First,\n- this\n- that; and so on … and on.",
        "Two spaces after a stop.  As some were taught.",
        "من فضلك اكتب إلى المجلس اليوم عن هذا الأمر",
        "In 2023 it cost £76,000, i.e. too much (see page 3).",
        "I AM sure that this is NOT right, and I ask you to act.",
    ],
)
def test_a_plain_paragraph_is_fine(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I live in {{ area.name }}.", PLACEHOLDER),
        ("{% if supporter.postcode %}", PLACEHOLDER),
        ("Dear [your councillor's name],", FILL_IN),
        ("I live in [INSERT TOWN].", FILL_IN),
        ("Yours, [Name]", FILL_IN),
        ("Yours, <your name here>", FILL_IN),
        ("Yours, {your name}", FILL_IN),
        ("On [date] I wrote.", FILL_IN),
        ("It [the council] did nothing.", BRACKETS),
        ("My name is ________.", BLANK),
        ("My name is ..........", BLANK),
        ("Lorem ipsum dolor sit amet.", DUMMY),
        ("The meeting is on TBC.", DUMMY),
        ("My postcode is XXX.", DUMMY),
        ("Read <b>this</b>.", "warn: HTML is shown as it is typed."),
    ],
)
def test_what_nobody_filled_in_is_found(text: str, said: str) -> None:
    assert said in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "I live in , Zedmere.",
        "I live in the ward of .",
        "I live in Canalside ( ).",
        "My councillor of “” ward.",
        "Dear Cllr Sample, , and others",
        "I live in  and write to you.",
    ],
)
def test_a_gap_where_a_value_was_is_found(text: str) -> None:
    assert found(text) == [GAP]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("See http://zedmere.example/page.", [PLAIN_LINK]),
        ("See www.zedmere.example.", [PLAIN_LINK]),
        ("See https://bit.ly/3abc", [SHORT_LINK]),
        ("See https://www.tinyurl.com/3abc", [SHORT_LINK]),
        ("See https://zedmere.example/?a=1&utm_source=mail", [TRACKED]),
        ("See https://zedmere.example/?fbclid=", [TRACKED]),
        ("See https://192.0.2.7/page", [SWINDLER]),
        ("See https://zedmere.example@other.example/", [SWINDLER]),
        ("See https://[2001:db8::1]/", [BRACKETS, SWINDLER]),
        ("See https://[zedmere/ now", ["stop: A link is broken."]),
        ("See https://zedmere.example/page?id=7#part", []),
    ],
)
def test_links_that_mail_servers_or_readers_distrust_are_found(text: str, said: list[str]) -> None:
    assert found(text) == said


def test_links_are_found_without_what_stands_behind_them() -> None:
    text = "See https://one.example/a, (http://two.example/b) and www.three.example!"
    assert links_of(text) == ["https://one.example/a", "http://two.example/b", "www.three.example"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("THIS MUST STOP now.", [SHOUTS]),
        ("Stop IT, THEY SHOUTED.", [SHOUTS]),
        ("WE want THIS to STOP and NOT to GO on", [SHOUTS]),
        ("The UK and EU NHS MPs agree.", []),
        ("Stop it!!", [MARKS]),
        ("What ?! No.", [MARKS]),
        ("What???", [MARKS]),
    ],
)
def test_shouting_is_found(text: str, said: list[str]) -> None:
    assert found(text) == said


def test_a_quote_is_short_and_on_one_line() -> None:
    [loud] = paragraph_findings("NOTHING IS EVER SAID IN A LOW VOICE HERE, AND NOBODY LISTENS TO IT ANY MORE")
    assert len(loud.quote) == LONGEST_QUOTE
    assert loud.quote.endswith("…")


def test_the_hosts_of_shortened_links_are_hosts() -> None:
    assert all(host == host.lower() and "." in host and "/" not in host for host in SHORTENERS)


@given(st.text())
def test_every_text_can_be_looked_at(text: str) -> None:
    for one in paragraph_findings(text):
        assert len(one.quote) <= LONGEST_QUOTE
        assert "\n" not in one.quote


@given(st.sampled_from("[{(<_!.A "), st.integers(1, 3000))
def test_long_runs_are_looked_at_in_linear_time(character: str, times: int) -> None:
    paragraph_findings.__wrapped__(character * times)
