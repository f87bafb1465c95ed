"""How much of a letter is its template's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.letters.likeness import UNCHANGED, sameness


def test_sameness_is_the_share_of_a_text_that_is_its_templates() -> None:
    template = "Please act before the winter comes."
    assert sameness("please ACT, before the winter comes", template) == UNCHANGED, "marks and capitals are no words"
    assert sameness(f"{template} I live here and I am cold.", template) == 100 * 5 // 12
    assert sameness("", template) == 0
    assert sameness("Nothing of it remains", template) == 0
    assert sameness("", "") == UNCHANGED


@given(st.text(), st.text())
def test_only_the_same_words_are_unchanged(text: str, template: str) -> None:
    found = sameness(text, template)
    assert 0 <= found <= UNCHANGED
    assert sameness(template, template) == UNCHANGED
    if found == UNCHANGED:
        assert sameness(template, text) == UNCHANGED
