"""Reasons that letters offer, as a page shows them to be ticked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from app.actions.text import LETTER_LANGUAGE
from app.campaigns.models import CampaignPage, LetterTemplate

Offered = Sequence[dict[str, Any]]
"""Of each reason {id: its key, name, language: of its name}."""


def offered_by(templates: Iterable[LetterTemplate], page: CampaignPage) -> Offered:
    """The reasons of these letters, each once, by what the page calls them, or else by what the first letter does."""
    found: dict[str, dict[str, Any]] = {}
    for reason in (reason for template in templates for reason in template.parts.reasons):
        own = page.reason_labels.get(reason.key)
        called = (
            {"name": own, "language": page.language} if own else {"name": reason.label, "language": LETTER_LANGUAGE}
        )
        found.setdefault(reason.key, {"id": reason.key, **called})
    return list(found.values())


def chosen_among(offered: Offered, ticked: Collection[str] | None) -> tuple[str, ...]:
    """The keys of those of them that are ticked, in their order."""
    return tuple(reason["id"] for reason in offered if reason["id"] in (ticked or ()))
