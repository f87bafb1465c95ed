"""Campaign files into rows. Syncing twice changes nothing the second time; if anything is wrong, nothing is synced."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from app.campaigns.files import CampaignFiles
from app.campaigns.images import put_image, remove_image
from app.campaigns.lifecycle import move_campaign, move_problem
from app.campaigns.models import FALLBACK_LANGUAGE, Campaign, CampaignPage, CampaignState, LetterTemplate
from app.campaigns.settings import Settings
from app.campaigns.targeting import EVERYBODY
from app.campaigns.texts import LetterFile, PageFile
from app.db import Base
from app.letters.sanitise import page_html
from app.problems import FileProblem


class ContentRefusedError(Exception):
    """The content files have mistakes; `problems` has all of them, by file and line."""

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class CampaignNote:
    """What a sync did to one campaign, in plain lines."""

    slug: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did to all campaigns."""

    added: tuple[CampaignNote, ...]
    changed: tuple[CampaignNote, ...]
    gone: tuple[CampaignNote, ...]
    """Campaigns whose folder is no longer there; they are closed, for their actions and letters stay."""
    unchanged: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(self.added or self.changed or self.gone)

    def describe(self, *, would: bool = False) -> list[str]:
        """The report in lines; with `would`, as what a sync would do (its session is going to be rolled back)."""
        done = ("would be added", "would change", "would be closed") if would else ("added", "changed", "closed")
        lines = []
        for words, notes in zip(done, (self.added, self.changed, self.gone), strict=True):
            for note in notes:
                lines += [f"{note.slug}: {words}", *(f"  {line}" for line in note.lines)]
        return [*lines, f"campaigns: {len(self.unchanged)} unchanged"]


def sync_campaigns(session: Session, campaigns: Sequence[CampaignFiles], now: datetime) -> SyncReport:
    """Make the database hold these campaigns, and close every other one that came from files.

    To see what it would do, roll the session back. When two syncs run at once on PostgreSQL, one of them may fail on a
    named unique constraint; it can be run again.

    Args:
        session: an open writing session.
        campaigns: all that `app.campaigns.files.load_campaigns` found, and it found nothing wrong.
        now: the time that new rows are dated with.

    Raises:
        ContentRefusedError: a file moves its campaign to a state that it cannot go to; nothing was written.
    """
    stored = {campaign.slug: campaign for campaign in session.scalars(_everything())}
    problems = [problem for files in campaigns if (problem := _illegal_move(files, stored.get(files.slug)))]
    if problems:
        raise ContentRefusedError(problems)
    added = [_add(session, files, now) for files in campaigns if files.slug not in stored]
    seen = [_update(session, stored[files.slug], files, now) for files in campaigns if files.slug in stored]
    gone = list(_close_missing(session, stored.values(), {files.slug for files in campaigns}))
    session.flush()
    return SyncReport(
        added=tuple(added),
        changed=tuple(note for note in seen if note.lines),
        gone=tuple(gone),
        unchanged=tuple(note.slug for note in seen if not note.lines),
    )


def _everything() -> Select[Campaign]:
    return (
        select(Campaign)
        .options(selectinload(Campaign.pages), selectinload(Campaign.templates), selectinload(Campaign.images))
        .order_by(Campaign.slug)
    )


def _illegal_move(files: CampaignFiles, campaign: Campaign | None) -> FileProblem | None:
    if campaign is None or campaign.files_state is files.settings.state:
        return None
    message = move_problem(campaign.state, files.settings.state)
    return files.source.problem(message, "state") if message else None


def _add(session: Session, files: CampaignFiles, now: datetime) -> CampaignNote:
    settings = files.settings
    campaign = Campaign(
        slug=files.slug,
        state=settings.state,
        files_state=settings.state,
        created_at=now,
        pages=[CampaignPage(language=page.language, **_page_columns(page)) for page in files.pages],
        templates=[_version(letter, 1, now) for letter in files.letters],
        **_campaign_columns(settings),
    )
    session.add(campaign)
    if files.image is not None:
        put_image(session, campaign, files.image)
    pages = ", ".join(page.language for page in files.pages)
    letters = ", ".join(map(_letter_name, files.letters))
    return CampaignNote(files.slug, (f"{settings.state} {settings.kind}; pages: {pages}; letters: {letters}",))


def _update(session: Session, campaign: Campaign, files: CampaignFiles, now: datetime) -> CampaignNote:
    opened = campaign.opens_at
    lines = [
        *_apply(campaign, _campaign_columns(files.settings)),
        *_apply_state(session, campaign, files.settings.state),
        *_apply_pages(session, campaign, files),
        *_apply_letters(campaign, files.letters, now),
        *_apply_image(session, campaign, files.image),
    ]
    if campaign.opens_at != opened:
        campaign.opening_held = None  # another time is a person's word
    return CampaignNote(files.slug, tuple(lines))


def _apply_state(session: Session, campaign: Campaign, state: CampaignState) -> Iterator[str]:
    """Follow the file only where it says something new: a campaign that staff have paused stays so."""
    if campaign.files_state is state:
        return
    before, campaign.files_state = campaign.state, state
    moved = move_campaign(session, campaign, state)
    yield f"state: {before} → {state}" if moved else f"state: is {state} already"


def _apply_pages(session: Session, campaign: Campaign, files: CampaignFiles) -> Iterator[str]:
    stored = {page.language: page for page in campaign.pages}
    for page in files.pages:
        row = stored.pop(page.language, None)
        if row is None:
            campaign.pages.append(CampaignPage(language=page.language, **_page_columns(page)))
            yield f"page.{page.language}: added"
        else:
            changes = [line.partition(":")[0] for line in _apply(row, _page_columns(page))]
            if changes:
                yield f"page.{page.language}: {', '.join(changes)} changed"
    for language, row in stored.items():
        session.delete(row)
        session.flush()
        session.expire(campaign, ["pages"])
        yield f"page.{language}: removed"


def _apply_letters(campaign: Campaign, letters: Sequence[LetterFile], now: datetime) -> Iterator[str]:
    """Add a version of each letter that says something new. Versions are never deleted, since actions were written from
    them: a letter whose file is gone says what the English one to the same audience says, and that of an audience which
    is gone stays as it is, for nobody is written to with it.
    """
    newest = {(row.audience, row.language): row for row in sorted(campaign.templates, key=lambda row: row.version)}
    files = {(letter.audience, letter.language): letter for letter in letters}
    audiences = {letter.audience for letter in letters}
    for audience, language in sorted({*files, *newest}, key=lambda key: (key[0] != EVERYBODY, key)):
        if audience not in audiences:
            continue
        english = files[audience, FALLBACK_LANGUAGE]
        letter = files.get((audience, language)) or replace(english, language=language)
        row = newest.get((audience, language))
        if row is None or row.parts != letter.parts:
            version = row.version + 1 if row else 1
            campaign.templates.append(_version(letter, version, now))
            note = "" if (audience, language) in files else " (as in English)"
            yield f"letter.{_letter_name(letter)}: version {version}{note}"


def _apply_image(session: Session, campaign: Campaign, image: bytes | None) -> Iterator[str]:
    if image is None:
        if remove_image(session, campaign):
            yield "image: removed"
    else:
        before = bool(campaign.images)
        if put_image(session, campaign, image):
            yield "image: changed" if before else "image: added"


def _letter_name(letter: LetterFile) -> str:
    """The language and, unless it is to everybody, the audience of a letter, as its file's name has them."""
    return letter.language if letter.audience == EVERYBODY else f"{letter.language}.{letter.audience}"


def _close_missing(session: Session, stored: Collection[Campaign], kept: Collection[str]) -> Iterator[CampaignNote]:
    for campaign in stored:
        if campaign.slug in kept or campaign.files_state is None:
            continue
        before, campaign.files_state = campaign.state, None
        move_campaign(session, campaign, CampaignState.CLOSED)
        yield CampaignNote(campaign.slug, (f"its folder is gone; it was {before}",))


def _apply(row: Base, columns: Mapping[str, Any]) -> list[str]:
    """Set the columns that differ; a line for each."""
    lines = []
    for name, value in columns.items():
        before = getattr(row, name)
        if before != value:
            setattr(row, name, value)
            lines.append(f"{name}: {before or 'none'} → {value or 'none'}")
    return lines


def _campaign_columns(settings: Settings) -> dict[str, Any]:
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


def _page_columns(page: PageFile) -> dict[str, Any]:
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


def _version(letter: LetterFile, version: int, now: datetime) -> LetterTemplate:
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
    )
