"""Sentences of ours: English for logs and the command line, kept by their parts, and said in the reader's language."""

from __future__ import annotations

import json

from app.sentences import Sentence, kept, read, say

NESTED = say(
    "There was an election after the day that our data describe: %(councils)s%(more)s.",
    councils=("Zedmere (2026-05-07)", "Ashmoor (2026-05-07)"),
    more=say(" and %(number)s more", number=1200),
)


def test_a_sentence_is_its_english_text() -> None:
    assert NESTED.endswith("describe: Zedmere (2026-05-07); Ashmoor (2026-05-07) and 1,200 more.")
    assert say("100 % of them") == "100 % of them"
    assert {say("%(n)s links", n=4), say("4 links")} == {"4 links"}, "the same words are the same finding"


def test_a_sentence_survives_being_kept() -> None:
    again = read(json.loads(json.dumps(kept(NESTED))))
    assert isinstance(again, Sentence)
    assert (again, again.template, again.values) == (NESTED, NESTED.template, NESTED.values)
    assert isinstance(again.values["more"], Sentence)


def test_a_text_that_is_no_sentence_is_kept_as_it_is() -> None:
    assert read(json.loads(json.dumps(kept("Kept before there were sentences: 100 %(no)s")))) == (
        "Kept before there were sentences: 100 %(no)s"
    )
