"""The starting letter takes what is wrong, and what is asked for, from the page, until somebody words it otherwise."""

from __future__ import annotations

import pytest

from app.campaigns.document import Document
from app.campaigns.models import FALLBACK_LANGUAGE
from app.drafts.blank import ASK_OF_LETTER, STORY_PROMISES, WRONG, blank
from app.drafts.following import follow_page, follows_page
from app.letters.blanks import first_blank

STORY = "Mould makes children ill.\n\nIt has been so for years."


def saved(document: Document, **page: str) -> None:
    """Somebody saves the first step."""
    before = Document.of(document.write({}))
    document.pages[FALLBACK_LANGUAGE].update(page)
    follow_page(document, before)


def body(document: Document, part: str = FALLBACK_LANGUAGE) -> str:
    return str(document.letters[part]["body"])


def story(reasons: str) -> str:
    return "\n\n".join((reasons, *STORY_PROMISES))


def test_a_letter_is_complete_when_the_page_is() -> None:
    document = blank("Warm homes")
    assert first_blank(body(document)) == WRONG
    saved(document, ask="Ask your councillors to have damp homes repaired", body=story(STORY))
    assert not first_blank(body(document))
    assert f"\n\n{STORY}\n\nI ask you to have damp homes repaired.\n\nI would be glad" in body(document)
    assert STORY_PROMISES[0] not in body(document)
    assert follows_page(document, FALLBACK_LANGUAGE)


def test_what_the_page_lacks_the_letter_lacks() -> None:
    document = blank("Warm homes")
    saved(document, ask="Ask them to help.")
    assert first_blank(body(document)) == WRONG
    saved(document, ask="", body=story(STORY))
    assert (first_blank(body(document)) in ASK_OF_LETTER, STORY in body(document)) == (True, True)
    saved(document, body=story(WRONG))
    assert WRONG in body(document), "what was taken away from the page is missing in both"
    assert not follows_page(document, FALLBACK_LANGUAGE)


def test_a_letter_follows_until_somebody_words_it_otherwise() -> None:
    document = blank("Warm homes")
    saved(document, ask="House families near their schools", body=story(STORY))
    assert "This is what I ask of you: House families near their schools." in body(document)
    saved(document, ask="Tell the council to house families near schools!")
    assert "\n\nPlease do what you can so that our council will house families near schools!\n\n" in body(document)
    document.letters["en.leaders"] = dict(document.letters[FALLBACK_LANGUAGE])
    own = body(document).replace(
        "Please do what you can so that our council will house families near schools!",
        "Please house us near our schools.",
    )
    document.letters[FALLBACK_LANGUAGE]["body"] = own
    saved(document, ask="Something else.", body=story("Families are sent far away."))
    assert "Please house us near our schools." in body(document)
    assert "Something else" not in body(document)
    assert "\n\nFamilies are sent far away.\n\n" in body(document), "the other paragraph was not changed"
    assert "This is what I ask of you: Something else." in body(document, "en.leaders")


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("## Why\n\nMould makes **us** _ill_: [see](https://x.example).\n\nMore.", "Mould makes us ill: see."),
        (story("> It is `cold`\n> at night\n\n- damp\n- dark"), "It is cold\nat night\n\ndamp\ndark"),
        (story("See snake_case, {{ supporter.name }} and 2 < 3."), "See snake_case,  supporter.name  and 2 < 3."),
        (story("Long. " * 200 + "\n\n" + "Longer. " * 200), ("Long. " * 200).strip()),
    ],
)  # fmt: skip
def test_a_story_comes_without_its_signs(written: str, taken: str) -> None:
    document = blank("Warm homes")
    saved(document, body=written)
    assert f"\n\n{taken}\n\nI ask you to [[" in body(document)


def test_a_letter_in_another_language_and_one_without_a_page_stay() -> None:
    document = blank("Warm homes")
    document.letters["ar"] = dict(document.letters[FALLBACK_LANGUAGE])
    saved(document, ask="Ask your councillors to help.", body=story(STORY))
    assert WRONG in body(document, "ar")
    assert not follows_page(document, "ar")
    assert not follows_page(document, "en.nobody")
