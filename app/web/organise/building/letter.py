"""The third step: the letter, to everybody and to each segment."""

from __future__ import annotations

from flask_babel import gettext as _

from app.campaigns.document import Document
from app.campaigns.models import FALLBACK_LANGUAGE, CampaignKind
from app.campaigns.settings import Settings
from app.campaigns.targeting import EVERYBODY
from app.campaigns.texts import ANY_CHOICE
from app.drafts.blank import blank_letter
from app.i18n import own_name
from app.web.organise.building.asked import Asked, Change, Typed, put, text_in, text_of

_KEYS = ("subject", "opening", "body", "closing")


def fields(document: Document, part: str) -> list[Asked]:
    """One letter; one that is not there yet begins as most do, or as that to everybody."""
    letter = document.letters.get(part) or document.letters.get(FALLBACK_LANGUAGE) or blank_letter()
    words = {
        "subject": (_("Subject"), _("What the recipient reads first. Supporters may change it.")),
        "opening": (_("Opening"), _("The greeting, filled in for each recipient. Supporters cannot change it.")),
        "body": (_("Middle"), _("The letter itself. Supporters may change every word of it.")),
        "closing": (_("Closing"), _("The end, with the supporter’s name. Supporters cannot change it.")),
    }
    return [Asked(key, words[key][0], text_of(letter, key), key, words[key][1]) for key in _KEYS]


def change(typed: Typed, part: str) -> Change:
    """Put a letter in; one in which nothing is written is taken away, unless it is the English one to everybody."""

    def put_in(document: Document) -> None:
        letter = dict(document.letters.get(part, {}))
        for key in _KEYS:
            put(letter, key, text_in(typed, key))
        letter["body"] = letter.get("body", "")
        if part == FALLBACK_LANGUAGE or any(letter.values()):
            document.letters[part] = letter
        else:
            document.letters.pop(part, None)

    return put_in


def audience_of(part: str) -> str:
    """Who reads the letter."""
    return part.partition(".")[2] or EVERYBODY


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
        "council.name": _("the council that the supporter’s ward belongs to"),
        "campaign.title": _("the title of this campaign"),
    }
    each = targets.placeholders(per_target=True, pledge=pledge)
    return [
        {"code": f"{{{{ {name} }}}}", "what": words.get(name, ""), "anywhere": name in anywhere}
        for name in (*words, *sorted(each - set(words)))
        if name in each
    ]
