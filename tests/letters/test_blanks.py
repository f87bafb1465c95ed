"""Marked blanks of starting texts: found, and told from links; a letter with one never passes."""

from __future__ import annotations

import pytest

from app.letters.blanks import first_blank
from app.letters.findings import Level
from app.letters.wording import paragraph_findings


@pytest.mark.parametrize(
    ("text", "blank"),
    [
        ("Please [[do what?]], and [[when]].", "[[do what?]]"),
        ("Please [[mend\nthe roof]].", "[[mend\nthe roof]]"),
        ("[[1]](https://council.example) says so", ""),
        ("a [word] in brackets, [[]] and [[ a [b] ]]", ""),
        ("", ""),
    ],
)
def test_the_first_blank_is_found(text: str, blank: str) -> None:
    assert first_blank(text) == blank


def test_a_letter_with_a_blank_does_not_pass() -> None:
    (finding,) = paragraph_findings("Please [[say what they should do]].")
    assert (finding.level, finding.quote) == (Level.STOP, "[[say what they should do]]")
