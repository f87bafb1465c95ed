"""Words that somebody should see before a letter leaves."""

from __future__ import annotations

import pytest

from app.letters.abuse import abuse_in


@pytest.mark.parametrize(
    "text",
    [
        "You are a bastard.",
        "YOU BASTARD!",
        "What a load of shit!",
        "The bastard's letter",
        "f.u.c.k off",
        "f u c k you all",
        "f**k this",
        "f***ing disgrace",
        "fuuuuuck",
        "b\u0430stard",  # a Cyrillic a
        "ba\u200bstard",  # a space of no width
        "b\u00e1st\u00e4rd",
        "\uff22\uff21\uff33\uff34\uff21\uff32\uff24",  # wide letters
        "b4st@rd",
        "sh1t",
        "5h!t",
        "I will kill you",
        "I know where you live.",
        "you SHOULD\nbe shot",
    ],
)
def test_abuse_is_found_however_it_is_written(text: str) -> None:
    assert abuse_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "I live in Scunthorpe, near Penistone, and my sister in Cockermouth.",
        "She moved from Twatt in Orkney to Slut's Hole Lane in Norfolk.",
        "Cllr Dick Hancock, Fanny Cummings and Mr Cocks sit on the committee.",
        "The grapes of Assam are classic; pass the shiitake and the spices, and Shitterton is in Dorset.",
        "They call sex workers whores; I am queer and proud, and rape is a crime.",
        "See the note* below, and **this** too. 1234 people, 55 %, £8.88.",
        "A chink in the armour, a spade, a bloody nuisance, damn it.",
        "U.K. and U.S.A. and e.g. a b c",
        "Kill the bill before it kills your budget.",
        "ويقول جاري إنه يخاف من الرسائل",
        "",
    ],
)
def test_places_names_and_the_subject_itself_are_no_abuse(text: str) -> None:
    assert abuse_in(text) == []


def test_each_word_is_told_once_as_it_is_written() -> None:
    assert abuse_in("Shit, shit and sh1t") == ["shit", "sh1t"]
