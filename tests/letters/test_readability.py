"""Reading time and reading age."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.letters.readability import FEWEST_WORDS, YOUNGEST, Measure, measure, syllables

SYLLABLES = {
    1: "the I we cake asked helped please home homes strength through eight year years league straight",
    2: "council table tables little people wanted safety lawyer being doing create poem science",
    3: "councillor opposing government beautiful everything idea area family minister",
    4: "community alternative constituent immigration appreciation",
    5: "constituency representation opportunity",
}
"""By the CMU Pronouncing Dictionary."""


@pytest.mark.parametrize(
    ("word", "number"),
    [(word, number) for number, words in SYLLABLES.items() for word in words.split()],
)
def test_syllables_are_counted_by_the_spelling(word: str, number: int) -> None:
    assert syllables(word) == number
    assert syllables(word.upper()) == number


@given(st.text())
def test_every_text_has_a_measure_and_it_never_shrinks_with_more(text: str) -> None:
    found = measure(text)
    assert (found.words == 0) == (found.sentences == 0) == (found.syllables == 0)
    assert found.sentences <= found.words <= found.syllables
    more = measure(f"{text}\n\nOne more.")
    assert more == found + Measure(2, 1, 2)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", 0),
        ("One. Two! Three? Four", 4),
        ("He said “no.” (She did not.) End.", 3),
        ("Cllr. Sample met Mrs. Verde, i.e. Dr. B. Moss.", 1),
        ("It costs £3.50 at www.zedmere.example today.", 1),
        ("Wait … what? ... Oh.", 3),
        ("I ask you\nto act\nnow.", 1),
        ("I ask you:\n\n- to act\n- to answer\n\n1. One\n(b) Two", 5),
        ("I live in Flat B.", 1),
    ],
)
def test_sentences_end_where_a_reader_would_stop(text: str, sentences: int) -> None:
    assert measure(text).sentences == sentences


def test_the_reading_age_is_the_grade_of_flesch_and_kincaid_and_five_years() -> None:
    # 100 words, 5 sentences, 140 syllables: 0.39 * 20 + 11.8 * 1.4 - 15.59 = 8.73
    assert Measure(100, 5, 140).reading_age == 14
    # 100 words, 4 sentences, 180 syllables: 0.39 * 25 + 11.8 * 1.8 - 15.59 = 15.4
    assert Measure(100, 4, 180).reading_age == 20


def test_a_short_text_has_no_reading_age_and_no_text_is_for_toddlers() -> None:
    assert Measure(FEWEST_WORDS - 1, 1, 200).reading_age is None
    assert measure("I see a cat. " * 20).reading_age == YOUNGEST


def test_long_words_and_long_sentences_ask_for_older_readers() -> None:
    plain = "We ask you to help. The home is cold. Please act now. " * 6
    stiff = "Consideration of the accommodation's inadequacies necessitates immediate administrative intervention, " * 6
    assert (measure(plain).reading_age or 0) < 10
    assert (measure(stiff).reading_age or 0) > 20


@pytest.mark.parametrize(("words", "minutes"), [(1, 1), (238, 1), (400, 2), (1190, 5)])
def test_a_text_takes_a_minute_at_the_least(words: int, minutes: int) -> None:
    assert Measure(words, 1, words).minutes == minutes
