"""Campaign files into rows. Syncing twice changes nothing the second time; if anything is wrong, nothing is synced."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload, undefer

from app.campaigns.columns import campaign_columns, letter_version, page_columns
from app.campaigns.dates import Dates
from app.campaigns.files import CampaignFiles
from app.campaigns.images import put_image, remove_image
from app.campaigns.lifecycle import move_campaign, move_problem
from app.campaigns.models import FALLBACK_LANGUAGE, Campaign, CampaignPage, CampaignState
from app.campaigns.targeting import EVERYBODY
from app.campaigns.texts import LetterFile
from app.columns import Base
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
    added = [_add(session, _new(files, now), files) for files in campaigns if files.slug not in stored]
    seen = [_update(session, stored[files.slug], files, now) for files in campaigns if files.slug in stored]
    gone = list(_close_missing(session, stored.values(), {files.slug for files in campaigns}, now))
    session.flush()
    return SyncReport(
        added=tuple(added),
        changed=tuple(note for note in seen if note.lines),
        gone=tuple(gone),
        unchanged=tuple(note.slug for note in seen if not note.lines),
    )


def _everything() -> Select[Campaign]:
    whole = (
        selectinload(Campaign.pages),
        selectinload(Campaign.templates),
        selectinload(Campaign.images),
        undefer(Campaign.files),
    )
    return select(Campaign).options(*whole).order_by(Campaign.slug)


def _illegal_move(files: CampaignFiles, campaign: Campaign | None) -> FileProblem | None:
    if campaign is None or campaign.files_state is files.settings.state:
        return None
    message = move_problem(campaign.state, files.settings.state)
    return files.source.problem(message, "state") if message else None


def publish(
    session: Session, files: CampaignFiles, campaign: Campaign | None, now: datetime, author_id: int | None
) -> tuple[Campaign, CampaignNote]:
    """Make the rows of one campaign say what its draft does. A new one is a draft; states and dates are moved by staff.

    Args:
        session: an open writing session.
        files: the draft, without a mistake.
        campaign: the campaign that it is of; none for a new one.
        now: the time that new rows are dated with.
        author_id: the member of staff who did it.
    """
    if campaign is None:
        campaign = _new(files, now, author_id)
        campaign.state, campaign.files_state = CampaignState.DRAFT, None
        note = _add(session, campaign, files)
        session.flush()
        return campaign, note
    won = {page.language: page.won for page in campaign.pages}
    kept = replace(
        files,
        settings=replace(files.settings, dates=Dates(campaign.opens_at, campaign.closes_at)),
        pages=tuple(replace(page, won=won.get(page.language, "")) for page in files.pages),
    )
    note = CampaignNote(files.slug, tuple(_follow(session, campaign, kept, now, author_id)))
    session.flush()
    return campaign, note


def _add(session: Session, campaign: Campaign, files: CampaignFiles) -> CampaignNote:
    session.add(campaign)
    if files.image is not None:
        put_image(session, campaign, files.image)
    settings = files.settings
    pages = ", ".join(page.language for page in files.pages)
    letters = ", ".join(map(_letter_name, files.letters))
    return CampaignNote(files.slug, (f"{settings.state} {settings.kind}; pages: {pages}; letters: {letters}",))


def _new(files: CampaignFiles, now: datetime, author_id: int | None = None) -> Campaign:
    settings = files.settings
    return Campaign(
        slug=files.slug,
        state=settings.state,
        files_state=settings.state,
        files=dict(files.texts),
        created_at=now,
        pages=[CampaignPage(language=page.language, **page_columns(page)) for page in files.pages],
        templates=[letter_version(letter, 1, now, author_id) for letter in files.letters],
        **campaign_columns(settings),
    )


def _update(session: Session, campaign: Campaign, files: CampaignFiles, now: datetime) -> CampaignNote:
    opened = campaign.opens_at
    lines = [*_follow(session, campaign, files, now), *_apply_state(session, campaign, files.settings.state, now)]
    if campaign.opens_at != opened:
        campaign.opening_held = None  # another time is a person's word
    return CampaignNote(files.slug, tuple(lines))


def _follow(
    session: Session, campaign: Campaign, files: CampaignFiles, now: datetime, author_id: int | None = None
) -> Iterator[str]:
    """Everything but the state."""
    yield from _apply(campaign, campaign_columns(files.settings))
    yield from _apply_pages(session, campaign, files)
    yield from _apply_letters(campaign, files.letters, now, author_id)
    yield from _apply_image(session, campaign, files.image)
    if campaign.files != files.texts:
        campaign.files = dict(files.texts)


def _apply_state(session: Session, campaign: Campaign, state: CampaignState, now: datetime) -> Iterator[str]:
    """Follow the file only where it says something new: a campaign that staff have paused stays so."""
    if campaign.files_state is state:
        return
    before, campaign.files_state = campaign.state, state
    moved = move_campaign(session, campaign, state, now)
    yield f"state: {before} → {state}" if moved else f"state: is {state} already"


def _apply_pages(session: Session, campaign: Campaign, files: CampaignFiles) -> Iterator[str]:
    stored = {page.language: page for page in campaign.pages}
    for page in files.pages:
        row = stored.pop(page.language, None)
        if row is None:
            campaign.pages.append(CampaignPage(language=page.language, **page_columns(page)))
            yield f"page.{page.language}: added"
        else:
            changes = [line.partition(":")[0] for line in _apply(row, page_columns(page))]
            if changes:
                yield f"page.{page.language}: {', '.join(changes)} changed"
    for language, row in stored.items():
        session.delete(row)
        session.flush()
        session.expire(campaign, ["pages"])
        yield f"page.{language}: removed"


def _apply_letters(
    campaign: Campaign, letters: Sequence[LetterFile], now: datetime, author_id: int | None
) -> Iterator[str]:
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
            campaign.templates.append(letter_version(letter, version, now, author_id))
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


def _close_missing(
    session: Session, stored: Collection[Campaign], kept: Collection[str], now: datetime
) -> Iterator[CampaignNote]:
    for campaign in stored:
        if campaign.slug in kept or campaign.files_state is None:
            continue
        before, campaign.files_state = campaign.state, None
        move_campaign(session, campaign, CampaignState.CLOSED, now)
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
