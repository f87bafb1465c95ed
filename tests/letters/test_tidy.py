"""The one form in which text is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.letters.tidy import normalise_subject, normalise_text

texts = st.text(max_size=300)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a  \t\nb ", "a\nb"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("a\n \n\t\n\u00a0\nb", "a\n\nb"),
        ("\n\n a\n\n", "a"),
        ("a\u2028b\u2029c\vd", "a\nb\nc\nd"),
        ("e\u0301", "\u00e9"),
        ("a\ud83d\ude00b", "a😀b"),
        ("a\ud83db", "a\ufffdb"),
        ("two  spaces, a\u00a0hard one", "two  spaces, a\u00a0hard one"),
        ("", ""),
    ],
)
def test_text_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert normalise_text(typed) == kept


def test_a_subject_is_kept_on_one_line() -> None:
    assert normalise_subject(" Please\r\n  help \n\n now ") == "Please help now"


@given(texts)
def test_normalising_twice_changes_nothing(typed: str) -> None:
    kept = normalise_text(typed)
    assert normalise_text(kept) == kept
    assert normalise_subject(normalise_subject(typed)) == normalise_subject(typed)
    kept.encode()


@given(texts)
def test_normalising_loses_blanks_only(typed: str) -> None:
    assert "".join(normalise_text(typed).split()) == "".join(normalise_text("x" + typed).split())[1:]
