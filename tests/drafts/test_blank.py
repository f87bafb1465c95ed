"""Our promises stand below a story, and are no part of what its writer types."""

from __future__ import annotations

import pytest

from app.campaigns.models import FALLBACK_LANGUAGE
from app.drafts.blank import STORY_PROMISES, WRONG, blank, split_promises, with_promises

OWN = "Mould makes children ill.\n\nIt has been so for years."


def test_a_story_is_typed_without_them_and_kept_with_them() -> None:
    assert split_promises(str(blank("Warm homes").pages[FALLBACK_LANGUAGE]["body"])) == (WRONG, True)
    kept = with_promises(OWN)
    assert kept.endswith("\n\n".join(STORY_PROMISES))
    assert split_promises(kept) == split_promises(f"{kept}\n") == (OWN, True)
    assert with_promises(split_promises(kept)[0]) == kept


@pytest.mark.parametrize(
    "story",
    [OWN, f"{OWN}\n\n{STORY_PROMISES[1]}", f"{with_promises(OWN)} And more.", f"Or: {with_promises('x')[3:]}"],
    ids=["none", "half of them", "more after them", "in the middle of a paragraph"],
)
def test_whoever_words_them_otherwise_keeps_their_words(story: str) -> None:
    assert split_promises(story) == (story, False)


def test_where_nothing_is_written_there_is_nothing_to_stand_below() -> None:
    assert with_promises("") == ""
    assert split_promises("") == ("", True), "they stand below what is written next"
