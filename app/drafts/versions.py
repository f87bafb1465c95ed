"""The versions of a campaign's letters: who wrote which, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.campaigns.models import Campaign, LetterTemplate
from app.campaigns.targeting import EVERYBODY
from app.staff.models import StaffMember

PARTS = ("subject", "opening", "body", "reasons", "closing")


@dataclass(frozen=True, slots=True)
class Version:
    """One version, and who wrote it; empty where it came from files."""

    row: LetterTemplate
    author: str

    @property
    def number(self) -> int:
        """Counted from 1."""
        return self.row.version

    @property
    def at(self) -> datetime:
        """When it was written."""
        return self.row.created_at

    def values(self) -> dict[str, Any]:
        """What it says, as the letter's file has it."""
        parts = self.row.parts
        more = {"reasons": [reason.as_json() for reason in parts.reasons]} if parts.reasons else {}
        subject = list(parts.subjects) if parts.more_subjects else parts.subject
        return {"subject": subject, "opening": parts.opening, "body": parts.body, "closing": parts.closing, **more}

    def texts(self) -> dict[str, str]:
        """What it says, part by part, as people read it."""
        parts = self.row.parts
        reasons = "\n\n".join(f"{reason.label}:\n{reason.text}" for reason in parts.reasons)
        subjects = "\n".join(parts.subjects)
        each = (subjects, parts.opening, parts.body, reasons, parts.closing)
        return dict(zip(PARTS, each, strict=True))


def letters_of(session: Session, campaign: Campaign) -> dict[str, list[Version]]:
    """All versions of each letter, newest first; letters by `<language>` or `<language>.<audience>`."""
    rows = session.execute(
        select(LetterTemplate, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == LetterTemplate.author_id)
        .where(LetterTemplate.campaign_id == campaign.id)
        .order_by(LetterTemplate.version.desc())
    )
    letters: dict[str, list[Version]] = {}
    for row, author in rows:
        letters.setdefault(part_of(row), []).append(Version(row, author or ""))
    return dict(sorted(letters.items()))


def part_of(row: LetterTemplate) -> str:
    """The letter as its file's name has it."""
    return row.language if row.audience == EVERYBODY else f"{row.language}.{row.audience}"
