"""Commands for campaigns."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.readiness import warnings
from app.bootstrap import Platform
from app.campaigns.find import UnknownCampaignError, campaign_called
from app.campaigns.folder import folder_at
from app.campaigns.lifecycle import move_campaign
from app.campaigns.models import Campaign, CampaignState
from app.cli.preflight import add_preflight
from app.cli.refusals import refusals
from app.drafts.desk import DraftDesk
from app.drafts.export import exported, imported, write_files
from app.drafts.work import find_work
from app.letters.findings import Level
from app.targets.freshness import day_of


def campaigns(platform: Platform) -> AppGroup:
    """Give `flask campaigns`."""
    group = AppGroup("campaigns", help="Campaigns and their states.")

    @group.command("list")
    def show() -> None:
        """Print every campaign with its state and how many have taken part."""
        with refusals(), platform.sessions.read() as session:
            for campaign in session.scalars(select(Campaign).order_by(Campaign.position)):
                click.echo(f"{campaign.state:9} {campaign.confirmed_count:7} {campaign.slug}")

    @group.command("move")
    @click.argument("slug")
    @click.argument("state", type=click.Choice([state.value for state in CampaignState]))
    def move(slug: str, state: str) -> None:
        """Move a campaign to another state: open it, pause it, close it, or say that it is won.

        Nobody's approval is asked for here: whoever has this command has the whole house.
        """
        with refusals(), platform.sessions.write() as session:
            campaign = campaign_called(session, slug)
            moved = move_campaign(session, campaign, CampaignState(state), platform.clock())
            if campaign.state is CampaignState.LIVE:
                _forget_past_end(campaign, platform.clock())
                _warn(session, campaign, platform)
        click.echo(f"{slug} is {state}" + ("" if moved else " already"))

    @group.command("export")
    @click.argument("slug")
    @click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
    def export(slug: str, folder: Path) -> None:
        """Write a campaign's files into FOLDER, such as letter_templates/<slug>."""
        with refusals(), platform.sessions.read() as session:
            work = find_work(session, slug)
            if work is None:
                raise UnknownCampaignError(f"There is no campaign {slug}.")
            files = exported(work)
        try:
            write_files(files, folder)
        except OSError as error:
            raise click.ClickException(f"{folder} cannot be written: {error.strerror}.") from None
        click.echo(f"{slug}: {len(files)} files in {folder}")

    @group.command("import")
    @click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
    def bring(folder: Path) -> None:
        """Begin a draft with the files of FOLDER; what is wrong in them can be put right on staff's pages."""
        with refusals():
            texts, image = imported(folder_at(folder.resolve()))
            with platform.sessions.write() as session:
                draft = DraftDesk(session, None, None, platform.clock()).begin(
                    folder.resolve().name, texts, "files", image
                )
                slug, complete = draft.slug, draft.campaign is not None
        click.echo(f"{slug}: a draft" + ("" if complete else ", not complete yet"))

    add_preflight(group, platform)
    return group


def _forget_past_end(campaign: Campaign, now: datetime) -> None:
    """Whoever opens it again means it: it would close by itself within seconds."""
    if campaign.closes_at is not None and campaign.closes_at <= now:
        campaign.closes_at = None


def _warn(session: Session, campaign: Campaign, platform: Platform) -> None:
    """Say whom its letters would not reach; everything else is for `preflight` to say."""
    for finding in warnings(session, campaign, day_of(platform.clock())):
        if finding.level is not Level.NOTE:
            click.echo(f"warning: {finding}", err=True)
