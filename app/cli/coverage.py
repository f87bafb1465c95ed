"""`flask targets coverage`: what there is of each council, and whom a campaign's supporters would find."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.table import Table
from sqlalchemy.orm import Session

from app.actions.reach import Outcome, Reach, reached_by
from app.actions.readiness import warnings
from app.actions.search import fallback_targets, search_lists
from app.bootstrap import Platform
from app.campaigns.find import campaign_called
from app.campaigns.models import Campaign, TargetRule
from app.cli.refusals import refusals
from app.delivery.returned import councils_covered
from app.spreadsheet import line
from app.targets.changes import SHOWN
from app.targets.coverage import CouncilCoverage, Lost, LostCouncillors
from app.targets.freshness import day_of

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

_OUTCOMES = {
    Outcome.FALLBACK: "more would be offered the campaign's fallback lists",
    Outcome.EXCLUDED: "are told that no letter is needed, for the campaign leaves out everybody there",
    Outcome.ANOTHER_TIER: "are told that they have no council of the tier that the campaign writes to",
    Outcome.NOBODY: "find nobody",
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
    rows = councils_covered(session, day_of(platform.clock()))
    wanted = [row for row in rows if code is None or row.code == code]
    if not wanted and code is not None:
        raise click.ClickException(f"There is no council {code}.")
    return wanted


def _campaign_lines(session: Session, slug: str, platform: Platform) -> Iterator[str]:
    campaign = campaign_called(session, slug)
    reach = reached_by(session, campaign)
    if reach is None:
        yield f"The campaign asks for no postcode. {_listed(session, campaign)}"
    elif not reach.all:
        yield "No postcodes are known: import them with `flask postcodes import`."
    else:
        yield from _reach_lines(reach)
    yield from map(str, warnings(session, campaign, day_of(platform.clock())))


def _reach_lines(reach: Reach) -> Iterator[str]:
    found = _per_cent(reach.found, reach.all)
    yield f"{found} of the postcodes find somebody to write to: {reach.found:,} of {reach.all:,}."
    for outcome, words in _OUTCOMES.items():
        if number := reach.postcodes[outcome]:
            yield f"{_per_cent(number, reach.all)} {words}: {number:,}."


def _per_cent(part: int, whole: int) -> str:
    """The share in words; only all is 100 %, and only none is 0 %."""
    rounded = round(100 * part / whole, 1)
    if part < whole:
        rounded = min(rounded, 99.9)
    return f"{max(rounded, 0.1) if part else rounded} %"


def _listed(session: Session, campaign: Campaign) -> str:
    """Whom supporters find who are asked for no postcode."""
    number, most = len(search_lists(session, campaign).reachable), campaign.targeting.most
    if not number:
        instead = len(fallback_targets(session, campaign))
        return f"Nobody on its lists can be written to; {instead} on its fallback lists can."
    targets = "1 target" if number == 1 else f"{number} targets"
    match campaign.target_rule:
        case TargetRule.CHOOSE:
            return f"Supporters choose up to {min(most, number)} of {targets} with an address."
        case TargetRule.RANDOM | TargetRule.ROTATE:
            how = "by chance" if campaign.target_rule is TargetRule.RANDOM else "in turn"
            return f"Each letter goes to {min(most, number)} of {targets} with an address, {how}."
        case _:
            return f"Everybody writes to {targets} with an address."


def _csv(rows: Iterable[CouncilCoverage]) -> str:
    return "".join(
        line(("" if cell is None else str(cell) for cell in cells), end="\n")
        for cells in (COLUMNS, *(_cells(row) for row in rows))
    )


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
    every = list(rows)
    empty = [row for row in every if not row.seats]
    for row in every if len(empty) <= SHOWN else [row for row in every if row.seats]:
        cells = _cells(row)[:8]
        lost = sum(one.number for one in row.lost)
        stale = "stale" if row.stale else ""
        table.add_row(*map(str, cells), stale, str(row.bounces), str(len(row.empty_wards)), str(lost))
    console = Console(file=io.StringIO(), width=WIDTH, color_system=None, markup=False, highlight=False)
    console.print(table)
    assert isinstance(console.file, io.StringIO)  # noqa: S101 - given above
    click.echo("\n".join(line.rstrip() for line in console.file.getvalue().splitlines()))
    if len(empty) > SHOWN:
        click.echo(f"and {len(empty)} councils that no list has anybody of; --csv names them")


def _story(row: CouncilCoverage) -> Iterator[str]:
    ended = f", ended on {row.ended_on}" if row.ended_on else ""
    yield f"{row.name} ({row.code}{ended})"
    yield f"  wards: {row.wards}; seats: {row.seats}; vacant: {row.vacancies}"
    yield f"  with an e-mail address: {row.with_email} of {row.councillors}; of these send mail back: {row.bounces}"
    if row.as_of is None:
        yield "  no list has anybody of it: `flask targets import` brings one in"
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
