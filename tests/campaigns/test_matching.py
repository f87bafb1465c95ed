"""Which targets a description fits."""

from __future__ import annotations

import fnmatch
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.campaigns.matching import Who, fits_pattern
from app.campaigns.targeting import EVERYBODY, CampaignTier, Exclusion, Segment, Targeting

texts = st.text(st.sampled_from("ab *"), max_size=8)
words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=12)
facts = st.dictionaries(st.sampled_from(["party", "posts", "name"]), st.lists(words, max_size=3))
descriptions = st.dictionaries(
    st.sampled_from(["party", "posts", "name"]), st.lists(words, min_size=1, max_size=3)
).map(Who.of)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("Leader of the Council", "leader of the  council"),
        ("*leader*", "Deputy Leader of the Council"),
        ("Cabinet Member for *", "Cabinet member for Housing"),
        ("* (Chair)", "Housing Committee (Chair)"),
        ("*", ""),
        ("Straße", "STRASSE"),
        ("Ynys Môn", "Ynys Mo\u0302n"),
        ("a*b*c", "a-b-b-c"),
        ("Why [not]?", "why [NOT]?"),
    ],
)
def test_a_pattern_fits_whatever_the_capitals_and_anything_at_its_stars(pattern: str, text: str) -> None:
    assert fits_pattern(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("Leader of the Council", "Deputy Leader of the Council"),
        ("leader", ""),
        ("", "leader"),
        ("a*a", "a"),
        ("[ab]", "a"),
        ("lea?er", "leader"),
        ("*leader", "leader of the council"),
        ("a*bc*c", "abc"),
    ],
)
def test_a_pattern_fits_nothing_else(pattern: str, text: str) -> None:
    assert not fits_pattern(pattern, text)


@given(texts, texts)
def test_stars_mean_what_they_mean_in_names_of_files(pattern: str, text: str) -> None:
    tidy, plain = " ".join(pattern.split()), " ".join(text.split())
    assert fits_pattern(tidy, plain) is bool(re.match(fnmatch.translate(tidy), plain))


@given(words)
def test_a_text_fits_itself(text: str) -> None:
    assert fits_pattern(text, text)
    assert fits_pattern(text.swapcase(), text) or text.swapcase().casefold() != text.casefold()


@given(facts)
def test_no_description_means_everybody(known: dict[str, list[str]]) -> None:
    assert Who().fits(known)


@given(descriptions, facts)
def test_every_key_must_hold_and_any_of_its_patterns_will_do(who: Who, known: dict[str, list[str]]) -> None:
    by_key = [
        any(fits_pattern(pattern, text) for pattern in patterns for text in known.get(key, []))
        for key, patterns in who.wanted
    ]
    assert who.fits(known) is all(by_key)


@given(descriptions, facts, words)
def test_one_more_pattern_never_takes_anybody_away(who: Who, known: dict[str, list[str]], more: str) -> None:
    wider = Who.of({key: [*patterns, more] for key, patterns in who.wanted})
    assert wider.fits(known) or not who.fits(known)


@given(
    st.builds(
        Targeting,
        tier=st.sampled_from(CampaignTier),
        most=st.integers(1, 100),
        who=descriptions,
        exclude=st.lists(st.builds(Exclusion, key=words, who=descriptions), max_size=2).map(tuple),
        fallback=st.lists(words, max_size=2).map(tuple),
        segments=st.lists(st.builds(Segment, audience=words, who=descriptions), max_size=2).map(tuple),
    )
)
def test_what_is_stored_is_read_back(targeting: Targeting) -> None:
    assert Targeting.of(targeting.as_json()) == targeting


def test_what_says_nothing_is_the_default() -> None:
    assert Targeting.of({}) == Targeting()
    assert str(Targeting()) == "plain"


def test_the_first_exclusion_that_fits_gives_the_reason() -> None:
    green, all_of_them = Who.of({"party": ["Green Party"]}), Who.of({"party": ["*"]})
    targeting = Targeting(exclude=(Exclusion("friends", green), Exclusion("others", all_of_them)))
    assert targeting.excluded_by({"party": ["green party"]}) == "friends"
    assert targeting.excluded_by({"party": ["Blue Party"]}) == "others"
    assert targeting.excluded_by({"name": ["No Party"]}) is None


def test_the_first_segment_that_fits_says_which_letter_is_read() -> None:
    green, leader = Who.of({"party": ["Green Party"]}), Who.of({"posts": ["*leader*"]})
    segments = (
        Segment("supportive", green),
        Segment("leaders", leader),
        Segment("supportive", Who.of({"name": ["Ann"]})),
    )
    targeting = Targeting(segments=segments)
    assert targeting.audience_of({"party": ["Green Party"], "posts": ["Leader"]}) == "supportive"
    assert targeting.audience_of({"posts": ["Deputy Leader"], "name": ["Ann"]}) == "leaders"
    assert targeting.audience_of({"name": ["Ann"]}) == "supportive"
    assert targeting.audience_of({"name": ["Bob"]}) == EVERYBODY
    assert targeting.audiences == ("supportive", "leaders")
    assert str(targeting).startswith("letter supportive (party Green Party); letter leaders (")
