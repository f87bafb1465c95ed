"""`flask targets coverage`: what there is of each council, and whom a campaign's supporters would find."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.readiness import reached_by, warnings
from app.bootstrap import Platform
from app.campaigns.models import Campaign
from app.cli.refusals import refusals
from app.delivery.returned import bounced_by_area
from app.targets.coverage import CouncilCoverage, Lost, LostCouncillors, by_council
from app.targets.freshness import day_of
from app.targets.postcode_counts import groups_with_counts

COLUMNS = (
    "code",
    "name",
    "wards",
    "seats",
    "with_email",
    "vacancies",
    "as_of",
    "age_days",
    "stale",
    "bounces",
    "empty_wards",
    "lost",
)
WIDTH = 140
"""Characters of a line: enough for the longest name of a council, so that no cell is broken."""
_WHY = {
    Lost.NO_WARD: "the list names no ward",
    Lost.NO_COUNCIL: "their council is not known",
    Lost.COUNCIL_ENDED: "the council ended",
    Lost.WARD_ENDED: "the ward ended",
    Lost.NO_POSTCODE: "no postcode lies in the ward",
}


def add_coverage(group: AppGroup, platform: Platform) -> None:
    """Add `coverage` to the commands of `flask targets`."""

    @group.command("coverage")
    @click.option("--council", "code", help="Only this council, by its GSS code; K02000001 is the House of Commons.")
    @click.option("--campaign", "slug", help="Whom the supporters of this campaign would find.")
    @click.option("--csv", "as_csv", is_flag=True, help="As a table for other programs.")
    def coverage(code: str | None, slug: str | None, *, as_csv: bool) -> None:
        """Show by council what there is: wards, seats, addresses, vacancies, age, mail that came back, what is lost."""
        with refusals(), platform.sessions.read() as session:
            if slug is not None:
                for line in _campaign_lines(session, slug, platform):
                    click.echo(line)
                return
            rows = _rows(session, platform, code)
        if as_csv:
            click.echo(_csv(rows), nl=False)
        elif code is not None:
            click.echo("\n".join(line for row in rows for line in _story(row)))
        else:
            _print_table(rows)


def _rows(session: Session, platform: Platform, code: str | None) -> list[CouncilCoverage]:
    in_use = {area for group in groups_with_counts(session) for area in group.area_ids}
    rows = by_council(session, day_of(platform.clock()), in_use=in_use, bounced=bounced_by_area(session))
    wanted = [row for row in rows if code is None or row.code == code]
    if not wanted and code is not None:
        raise click.ClickException(f"There is no council {code}.")
    return wanted


def _campaign_lines(session: Session, slug: str, platform: Platform) -> Iterator[str]:
    campaign = session.scalars(select(Campaign).where(Campaign.slug == slug)).one_or_none()
    if campaign is None:
        raise click.ClickException(f"There is no campaign {slug}.")
    share = reached_by(session, campaign)
    if share is None:
        yield "The campaign asks for no postcode: everybody finds the same targets."
    elif share.percent is None:
        yield "No postcodes are known."
    else:
        yield f"{share.percent:.1f} % of the postcodes find somebody to write to: {share.found} of {share.all}."
    yield from map(str, warnings(session, campaign, day_of(platform.clock())))


def _csv(rows: Iterable[CouncilCoverage]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_cells(row) for row in rows)
    return text.getvalue()


def _cells(row: CouncilCoverage) -> list[object]:
    """The row's values in the order of `COLUMNS`."""
    return [
        row.code,
        row.name,
        row.wards,
        row.seats,
        row.with_email,
        row.vacancies,
        row.as_of or "",
        "" if row.age_days is None else row.age_days,
        "yes" if row.stale else "no",
        row.bounces,
        "; ".join(row.empty_wards),
        "; ".join(map(_lost_words, row.lost)),
    ]


def _print_table(rows: Iterable[CouncilCoverage]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in (
        "council",
        "",
        "wards",
        "seats",
        "e-mail",
        "vacant",
        "as of",
        "days",
        "",
        "bounces",
        "empty",
        "lost",
    ):
        table.add_column(heading, justify="left" if heading in ("council", "") else "right")
    for row in rows:
        cells = _cells(row)[:8]
        lost = sum(one.number for one in row.lost)
        stale = "stale" if row.stale else ""
        table.add_row(*map(str, cells), stale, str(row.bounces), str(len(row.empty_wards)), str(lost))
    console = Console(file=io.StringIO(), width=WIDTH, color_system=None, markup=False, highlight=False)
    console.print(table)
    assert isinstance(console.file, io.StringIO)  # noqa: S101 - given above
    click.echo("\n".join(line.rstrip() for line in console.file.getvalue().splitlines()))


def _story(row: CouncilCoverage) -> Iterator[str]:
    ended = f", ended on {row.ended_on}" if row.ended_on else ""
    yield f"{row.name} ({row.code}{ended})"
    yield f"  wards: {row.wards}; seats: {row.seats}; vacant: {row.vacancies}"
    yield f"  with an e-mail address: {row.with_email} of {row.councillors}; of these send mail back: {row.bounces}"
    if row.as_of is None:
        yield "  no list has anybody of it"
    else:
        stale = ", older than its last election" if row.stale else ""
        yield f"  as of {row.as_of}, {row.age_days} days ago{stale}"
    for ward in row.empty_wards:
        yield f"  without councillors: {ward}"
    for one in row.lost:
        yield f"  without a ward: {_lost_words(one)}"


def _lost_words(one: LostCouncillors) -> str:
    successors = f", now {', '.join(one.successors)}" if one.successors else ""
    return f"{one.number} of {one.ward or 'no ward'} ({_WHY[one.why]}{successors})"
