"""The first step: what is asked, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from app.campaigns.document import Document
from app.campaigns.models import FALLBACK_LANGUAGE
from app.campaigns.texts import LONGEST_SUMMARY
from app.drafts.blank import STORY_PROMISES, split_promises, with_promises
from app.drafts.places import EXCLUDED
from app.letters.blanks import first_blank
from app.web.organise.building.asked import Asked, Change, Typed, put, text_in, text_of

REASONS = "reasons"
PROMISES = "promises"
"""The field that says whether our own promises stand at the end of the story."""
_KEYS = ("title", "ask", "summary", "invitation", "body")


def fields(document: Document, part: str) -> list[Asked]:
    """The page in one language."""
    page = document.pages.get(part, {})
    words = {
        "title": (_("Title"), _("A few words for the poster, such as “No child left outside”.")),
        "ask": (
            _("The ask"),
            _("One sentence: what should supporters ask for, and whom?"),
        ),
        "summary": (
            _("Summary"),
            _("One line for the start page. If you leave it empty, it says what the ask says."),
        ),
        "invitation": (
            _("Invitation"),
            _("What should supporters tell in their own words? A question works best: “What does it mean to you?”"),
        ),
        "body": (
            _("Story"),
            _("Why it matters."),
        ),
    }
    asked = [Asked(key, words[key][0], text_of(page, key), key, words[key][1]) for key in _KEYS]
    if part == FALLBACK_LANGUAGE:
        asked[-1].data, promised = split_promises(asked[-1].data)
        asked.append(_promises(promised=promised))
    asked += [_image(), _alt(page)] if part == FALLBACK_LANGUAGE else [_alt(page)]
    asked += [_label(page, key, label) for key, label in _reasons(document, part).items()]
    return asked + [_reason(document, part, key) for key in _exclusions(document, part)]


def _promises(*, promised: bool) -> Asked:
    words = _("Say below the story what happens with a letter, and what others see of its writer")
    return Asked(PROMISES, words, promised, hint="\n\n".join(STORY_PROMISES))


def _image() -> Asked:
    hint = _("JPEG, PNG or WebP, at least 400 pixels wide. Where and when it was taken is not kept.")
    return Asked("image", _("Image"), "", "image", hint)


def _alt(page: Mapping[str, Any]) -> Asked:
    hint = _("For people who cannot see it: “Two neighbours in front of a boarded-up house”. Needed with an image.")
    return Asked("image_alt", _("What the image shows"), text_of(page, "image_alt"), "image_alt", hint)


def _label(page: Mapping[str, Any], key: str, label: str) -> Asked:
    words = _("The reason “%(english)s”", english=label)
    return Asked(f"label-{key}", words, text_of(page.get(REASONS, {}), key), f"{REASONS}.{key}", _("What is ticked."))


def _reasons(document: Document, part: str) -> dict[str, str]:
    """The reasons of the letters, which are called something in each language."""
    if part == FALLBACK_LANGUAGE:
        return {}
    found = [each for letter in document.letters.values() for each in letter.get(REASONS, [])]
    return {str(each.get("key", "")): str(each.get("label", "")) for each in found if each.get("key")}


def _reason(document: Document, part: str, key: str) -> Asked:
    reasons = document.pages.get(part, {}).get(EXCLUDED, {})
    english = document.pages.get(FALLBACK_LANGUAGE, {}).get(EXCLUDED, {}).get(key, key)
    words = _("Why some are not written to (“%(english)s”)", english=english)
    return Asked(
        f"excluded-{key}", words, text_of(reasons, key), f"{EXCLUDED}.{key}", _("In the language of this page.")
    )


def _exclusions(document: Document, part: str) -> list[str]:
    """Keys whose reasons are asked for here: the English ones are asked for where the exclusion is."""
    targets = document.settings.get("targets", {})
    return [] if part == FALLBACK_LANGUAGE else [str(each.get("key", "")) for each in targets.get("exclude", [])]


def change(typed: Typed, part: str) -> Change:
    """Put a page in; one in which nothing is written is taken away, unless it is the English one."""

    def put_in(document: Document) -> None:
        before = document.pages.get(part, {})
        page = dict(before)
        for key in (*_KEYS, "image_alt"):
            put(page, key, text_in(typed, key))
        if part == FALLBACK_LANGUAGE and text_in(typed, PROMISES):
            page["body"] = with_promises(page.get("body", ""))
        if page.get("summary", "") in ("", before.get("ask")):
            put(page, "summary", _as_summary(page.get("ask", "")) or page.get("summary"))
        if part != FALLBACK_LANGUAGE:
            labels = {key: text_in(typed, f"label-{key}") for key in _reasons(document, part)}
            put(page, REASONS, {key: label for key, label in labels.items() if label})
            reasons = {key: text_in(typed, f"excluded-{key}") for key in _exclusions(document, part)}
            put(page, EXCLUDED, {key: reason for key, reason in reasons.items() if reason})
        if part == FALLBACK_LANGUAGE or any(value for value in page.values()):
            document.pages[part] = {**page, "body": page.get("body", "")}
        else:
            document.pages.pop(part, None)

    return put_in


def _as_summary(ask: str) -> str:
    """The ask as the summary of who writes none; empty where it is not finished, or too long for one."""
    return "" if first_blank(ask) or len(ask) > LONGEST_SUMMARY else ask
