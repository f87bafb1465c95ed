"""Campaigns and target lists as files, into the database: all of them or, when any file has a mistake, none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.described import description_problem
from app.actions.readiness import warnings
from app.campaigns.content import ContentRefusedError, sync_campaigns
from app.campaigns.files import CampaignFiles, load_campaigns
from app.campaigns.models import Campaign, CampaignState
from app.config import Config, MailTransport
from app.db import Sessions
from app.letters.findings import Level
from app.problems import FileProblem
from app.targets.changes import by_mark
from app.targets.datasets import Holds
from app.targets.files import read_datasets
from app.targets.freshness import day_of
from app.targets.lists import ListOwnedError
from app.targets.models import TargetList
from app.targets.sync import SyncReport, sync_datasets


class ContentProblemsError(Exception):
    """Files have mistakes; `problems` are all of them, by file and line."""

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def sync_content(sessions: Sessions, config: Config, now: datetime, *, check: bool) -> list[str]:
    """Make the database hold what `targets/` and `letter_templates/` say; invented lists in development only.

    Args:
        sessions: opens one transaction that writes.
        config: where the folders are.
        now: the time that rows are stamped with.
        check: whether to change nothing and only tell what would change.

    Returns:
        What changed (or would), a line each; and, where mail reaches people, whom letters of live campaigns would not.

    Raises:
        ContentProblemsError: a file has a mistake; nothing was changed.
    """
    datasets, problems = read_datasets(config.targets_dir)
    with (sessions.trial if check else sessions.write)() as session:
        known = {dataset.head.slug for dataset in datasets if dataset.head.holds is Holds.TARGETS}
        campaigns, found = load_campaigns(config.content_dir, known | _stored_lists(session))
        if problems or found:
            raise ContentProblemsError([*problems, *found])
        try:
            reports = sync_datasets(session, datasets, now, include_demo=config.development)
            campaigns_report = sync_campaigns(session, campaigns, now)
            _check_descriptions(session, campaigns)
        except ContentRefusedError as error:
            raise ContentProblemsError(error.problems) from None
        except ListOwnedError as error:
            raise ContentProblemsError([FileProblem(config.targets_dir, 1, str(error))]) from None
        warned = [] if config.mail_transport is MailTransport.OUTBOX else _warnings(session, now)
    lines = [line for report in reports for line in _describe(report, would=check)]
    return lines + campaigns_report.describe(would=check) + warned


def _warnings(session: Session, now: datetime) -> list[str]:
    live = session.scalars(select(Campaign).where(Campaign.state == CampaignState.LIVE).order_by(Campaign.slug)).all()
    today = day_of(now)
    return [
        f"warning: {campaign.slug}: {finding}"
        for campaign in live
        for finding in warnings(session, campaign, today)
        if finding.level is not Level.NOTE
    ]


def _check_descriptions(session: Session, campaigns: Sequence[CampaignFiles]) -> None:
    """Look whether each campaign that writes to one target describes exactly one.

    Raises:
        ContentRefusedError: a description fits nobody on the campaign's lists, or several.
    """
    problems = [problem for files in campaigns if (problem := description_problem(session, files))]
    if problems:
        raise ContentRefusedError(problems)


def _stored_lists(session: Session) -> set[str]:
    return set(session.scalars(select(TargetList.slug)))


def _describe(report: SyncReport, *, would: bool) -> list[str]:
    changes = report.changes
    verb = "would be " if would else ""
    counts = (
        f"{report.slug}: {verb}{changes.added} added, {changes.changed} changed, {changes.gone} gone, "
        f"{changes.unchanged} unchanged"
    )
    return [counts, *(f"  {line}" for line in by_mark(changes.lines))] if changes else []
