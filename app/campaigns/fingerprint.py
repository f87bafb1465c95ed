"""What a campaign says and to whom, as one short number: another one means that something of it has changed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from app.campaigns.models import Campaign, LetterTemplate

_NOT_SAID = frozenset({"id", "campaign_id", "created_at"})


def fingerprint_of(campaign: Campaign) -> bytes:
    """SHA-256 of the letters in use, by audience and language, and of everything that decides who gets them.

    Titles and pages are not part of it, nor are dates, pace and colour.
    """
    newest = {(row.audience, row.language): row for row in sorted(campaign.templates, key=lambda row: row.version)}
    said = {
        "kind": campaign.kind.value,
        "rule": campaign.target_rule.value,
        "role": campaign.target_role,
        "area": campaign.target_area,
        "lists": campaign.list_slugs,
        "targeting": campaign.targeting.as_json(),
        "replies": campaign.replies.value,
        "letters": [_letter(newest[key]) for key in sorted(newest)],
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).digest()


def _letter(row: LetterTemplate) -> dict[str, Any]:
    """Every column that says something, also those that are added one day."""
    return {column.key: getattr(row, column.key) for column in row.__table__.columns if column.key not in _NOT_SAID}
