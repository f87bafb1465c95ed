"""What a new draft begins with: an empty page, and a letter that greets and signs as most do."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from app.campaigns.document import Document
from app.campaigns.fields import LONGEST_SLUG
from app.campaigns.models import FALLBACK_LANGUAGE, CampaignKind, CampaignState, TargetRule

COLOUR = "#a3172b"
POSITION = 100
OPENING = "{{ salutation }},"
CLOSING = "Yours sincerely,\n\n{{ supporter.name }}"
CLOSING_BY_PLACE = f"{CLOSING}\n{{{{ supporter.postcode }}}}"

_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")


def blank(title: str) -> Document:
    """A campaign that writes to the supporter's councillors, for most do; everything can be changed."""
    return Document(
        settings={
            "kind": CampaignKind.LETTER.value,
            "state": CampaignState.DRAFT.value,
            "colour": COLOUR,
            "position": POSITION,
            "targets": {"rule": TargetRule.AREA.value, "role": "councillor", "area": "ward"},
        },
        pages={FALLBACK_LANGUAGE: {"title": title, "body": ""}},
        letters={FALLBACK_LANGUAGE: blank_letter()},
    )


def blank_letter() -> dict[str, Any]:
    """A letter without a middle."""
    return {"opening": OPENING, "closing": CLOSING_BY_PLACE, "body": ""}


def copied(document: Document, title: str) -> Document:
    """A copy that is a draft again; `title` is its English title unless that is empty."""
    document.settings["state"] = CampaignState.DRAFT.value
    document.settings.pop("dates", None)
    for page in document.pages.values():
        page.pop("won", None)
    if title:
        document.pages.setdefault(FALLBACK_LANGUAGE, {})["title"] = title
    return document


def slug_for(title: str) -> str:
    """An address for a title: its letters without accents, its digits, and hyphens; empty when it has neither."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().casefold()
    return _NOT_IN_A_SLUG.sub("-", plain).strip("-")[: LONGEST_SLUG - 3].strip("-")
