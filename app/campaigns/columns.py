"""What the files of a campaign say, as the columns of its rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.campaigns.models import LetterTemplate
from app.campaigns.settings import Settings
from app.campaigns.texts import LetterFile, PageFile
from app.letters.sanitise import page_html


def campaign_columns(settings: Settings) -> dict[str, Any]:
    """What the columns of a campaign hold by its settings."""
    targets = settings.targets
    return {
        "kind": settings.kind,
        "colour": settings.colour,
        "position": settings.position,
        "time_zone": settings.time_zone,
        "opens_at": settings.dates.opens,
        "closes_at": settings.dates.closes,
        "replies": settings.delivery.replies,
        "goal": settings.goal,
        "pace": settings.delivery.pace,
        "hours": settings.delivery.hours,
        "target_rule": targets.rule,
        "target_role": targets.role.value if targets.role else None,
        "target_area": targets.area.value if targets.area else None,
        "target_lists": " ".join(targets.lists),
        "targeting": targets.targeting,
    }


def page_columns(page: PageFile) -> dict[str, Any]:
    """What those of a page hold by its file."""
    return {
        "title": page.title,
        "ask": page.ask,
        "summary": page.summary,
        "invitation": page.invitation,
        "won": page.won,
        "excluded": page.excluded,
        "body_html": page_html(page.markdown),
        "image_alt": page.image_alt,
        "confirmation": page.confirmation,
        "thanks": page.thanks,
        "reason_labels": page.reason_labels,
    }


def letter_version(letter: LetterFile, version: int, now: datetime, author_id: int | None) -> LetterTemplate:
    """A letter's file as the row of a new version, by a member of staff or by nobody."""
    parts = letter.parts
    return LetterTemplate(
        language=letter.language,
        audience=letter.audience,
        version=version,
        subject=parts.subject,
        opening=parts.opening,
        body=parts.body,
        closing=parts.closing,
        more_subjects=list(parts.more_subjects),
        reasons=[reason.as_json() for reason in parts.reasons],
        created_at=now,
        author_id=author_id,
    )
