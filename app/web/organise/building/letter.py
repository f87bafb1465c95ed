"""The third step: the letter, to everybody and to each segment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from app.campaigns.document import Document
from app.campaigns.models import FALLBACK_LANGUAGE, CampaignKind, TargetRule
from app.campaigns.settings import Settings
from app.campaigns.targeting import EVERYBODY
from app.campaigns.texts import ANY_CHOICE, LONGEST_KEY, MOST_REASONS
from app.drafts.blank import blank_letter, slug_for
from app.i18n import own_name
from app.letters.compose import TemplateParts
from app.letters.reasons import PLACE, Reason
from app.web.organise.building.asked import Asked, Change, Typed, put, text_in, text_of

_KEYS = ("subject", "opening", "body", "closing")


def fields(document: Document, part: str) -> list[Asked]:
    """One letter; one that is not there yet begins as most do, or as that to everybody."""
    letter = document.letters.get(part) or document.letters.get(FALLBACK_LANGUAGE) or blank_letter()
    words = {
        "subject": (
            _("Subject"),
            _("The recipient reads it first. What stands in {{ }} fills itself in."),
        ),
        "opening": (
            _("Opening"),
            _(
                "Each letter greets its own reader here, such as “Dear Cllr Sample,”. It fills itself in;"
                " supporters cannot change it."
            ),
        ),
        "body": (
            _("Middle"),
            _("The letter itself; greeting and name are added. Supporters may change every word of it."),
        ),
        "closing": (
            _("Closing"),
            _(
                "The end: the supporter’s own name comes here by itself, and their postcode where they gave one."
                " Supporters cannot change it."
            ),
        ),
    }
    subjects = _subjects(letter)
    asked = [Asked(key, words[key][0], text_of(letter, key), key, words[key][1]) for key in _KEYS]
    asked[0].data = subjects[0]
    asked.insert(1, _more_subjects(subjects[1:]))
    rows = [*letter.get("reasons", []), {}]
    return asked + [each for number, reason in enumerate(rows) for each in _reason(number, reason)]


def _subjects(letter: Mapping[str, Any]) -> list[str]:
    subject = letter.get("subject", "")
    return [str(each) for each in subject] or [""] if isinstance(subject, list) else [str(subject)]


def _more_subjects(subjects: Sequence[str]) -> Asked:
    hint = _("One for each line, up to four. Each supporter begins with one of them, so that letters look less alike.")
    return Asked("more_subjects", _("More subjects"), "\n".join(subjects), "", hint)


def _reason(number: int, reason: Mapping[str, Any]) -> list[Asked]:
    path = f"reasons.{number}"
    return [
        Asked(f"reason-{number}-label", _("What is ticked"), text_of(reason, "label"), f"{path}.label"),
        Asked(f"reason-{number}-text", _("What the letter says then"), text_of(reason, "text"), f"{path}.text"),
    ]


def reason_count(document: Document, part: str) -> int:
    """How many reasons the page asks for: those that there are, and one more while there may be."""
    letter = document.letters.get(part) or document.letters.get(FALLBACK_LANGUAGE) or {}
    return len(letter.get("reasons", [])) + 1


def lacks_place(document: Document, part: str, settings: Settings | None) -> bool:
    """Whether the letter could say where its writer lives, and does not."""
    body = str(document.letters.get(part, {}).get("body", ""))
    asked = settings is not None and settings.targets.rule is TargetRule.AREA
    return asked and bool(body) and not any(f"{place}.name" in body for place in ("area", "council"))


def change(typed: Typed, part: str) -> Change:
    """Put a letter in; one in which nothing is written is taken away, unless it is the English one to everybody."""

    def put_in(document: Document) -> None:
        letter = dict(document.letters.get(part, {}))
        for key in _KEYS:
            put(letter, key, text_in(typed, key))
        more = [line.strip() for line in text_in(typed, "more_subjects").split("\n") if line.strip()]
        if more:
            letter["subject"] = [letter.get("subject", ""), *more]
        put(letter, "reasons", [*_typed_reasons(typed)])
        letter["body"] = letter.get("body", "")
        if part == FALLBACK_LANGUAGE or any(letter.values()):
            document.letters[part] = letter
        else:
            document.letters.pop(part, None)

    return put_in


def _typed_reasons(typed: Typed) -> Iterator[dict[str, str]]:
    """Those of several rows that something is written in, each with a key of its own."""
    taken: set[str] = set()
    for number in range(MOST_REASONS + 1):
        label, text = (text_in(typed, f"reason-{number}-{name}") for name in ("label", "text"))
        if label or text:
            wished = text_in(typed, f"reason-{number}-was") or slug_for(label)[:LONGEST_KEY].strip("-") or "reason"
            key = next(each for each in (wished, *(f"{wished[:36]}-{n}" for n in range(2, 99))) if each not in taken)
            taken.add(key)
            yield {name: value for name, value in (("key", key), ("label", label), ("text", text)) if value}


def audience_of(part: str) -> str:
    """Who reads the letter."""
    return part.partition(".")[2] or EVERYBODY


def template_of(document: Document, part: str) -> TemplateParts:
    """The letter as it is composed, whatever is wrong with it."""
    letter = document.letters.get(part) or document.letters.get(FALLBACK_LANGUAGE) or blank_letter()
    subject, *more = _subjects(letter)
    opening, body, closing = (text_of(letter, key) for key in ("opening", "body", "closing"))
    reasons = tuple(
        Reason(str(each.get("key", "")), "", str(each.get("text", ""))) for each in letter.get("reasons", [])
    )
    return TemplateParts(subject, opening, body, closing, tuple(more), reasons)


def parts(document: Document) -> list[str]:
    """All letters that there are or should be; those in English first."""
    targets = document.settings.get("targets", {})
    audiences = dict.fromkeys(str(each.get("audience", "")) for each in targets.get("segment", []))
    wanted = [FALLBACK_LANGUAGE, *(f"{FALLBACK_LANGUAGE}.{audience}" for audience in audiences if audience)]
    return list(dict.fromkeys([*wanted, *sorted(document.letters)]))


def part_words(part: str) -> str:
    """What a letter is called."""
    language, _dot, audience = part.partition(".")
    words = _("To “%(audience)s”", audience=audience) if audience else _("To everybody")
    return words if language == FALLBACK_LANGUAGE else f"{words} ({own_name(language)})"


def palette(settings: Settings | None) -> list[dict[str, str | bool]]:
    """The placeholders that the letter may have, each with what it becomes and where it may stand."""
    targets = settings.targets if settings else ANY_CHOICE
    pledge = settings is not None and settings.kind is CampaignKind.PLEDGE
    anywhere = targets.placeholders(per_target=False, pledge=pledge)
    words = {
        "salutation": _("the greeting: “Dear Cllr Sample”"),
        "target.name": _("the recipient’s name"),
        "target.organisation": _("what they belong to; may be empty, so give it a line of its own"),
        "supporter.name": _("the supporter’s name"),
        "supporter.postcode": _("the supporter’s postcode; may be empty, so give it a line of its own"),
        "area.name": _("where the supporter lives: their ward or constituency"),
        "council.name": _(
            "the place whose council the ward belongs to, such as “Zedmere”: write “{{ council.name }} Council”"
        ),
        "campaign.title": _("the title of this campaign"),
        PLACE: _("the reasons that the supporter has ticked; in the middle only, on a line of its own"),
    }
    each = targets.placeholders(per_target=True, pledge=pledge) | (frozenset() if pledge else {PLACE})
    return [
        {"code": f"{{{{ {name} }}}}", "what": words.get(name, ""), "anywhere": name in anywhere or name == PLACE}
        for name in (*words, *sorted(each - set(words)))
        if name in each
    ]
