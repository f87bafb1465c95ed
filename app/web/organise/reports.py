"""What happened, in figures: all campaigns together, and one of them; to read, to watch, and to take away."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Response, abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.reporting.health import distortions
from app.reporting.overview import first_number
from app.reporting.progress import progress_of
from app.reporting.report import CAMPAIGN, HOUSE, Inquiry, make_table, tells_of_people
from app.reporting.scope import Scope, everything
from app.reporting.subjects import differing_subjects
from app.reporting.tables import Table
from app.roles import SEES_ALL_CAMPAIGNS, Permission, may
from app.spreadsheet import line
from app.web.headers import with_our_script
from app.web.organise.campaigns import campaign_here, head_of
from app.web.organise.door import blueprint, me
from app.web.organise.report_tables import NamedCampaign, ShownTable, shown_table
from app.web.organise.report_words import distortion_words, table_words, verdict_words
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized

LIVE = ("funnel", "states")
"""What changes while one watches; the rest is as it was when the page was opened."""
AFTER_HOUSE = ("campaigns", "lanes", "days", "weeks", "sources")
AFTER_CAMPAIGN = (
    "lanes",
    "hours",
    "days",
    "weeks",
    "targets",
    "party",
    "council",
    "tier",
    "area",
    "sources",
    "languages",
    "words",
    "subjects",
)
"""The other tables, in the order in which the page shows them."""
_KINDS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@localized(blueprint, "/organise/reports", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.STATISTICS)
def reports() -> ResponseReturnValue:
    """Show what happened in all campaigns that the member sees."""
    with platform().sessions.read() as session:
        asked = _asked(session, _all(session))
        figures = _figures(asked, AFTER_HOUSE)
    return with_our_script(render_template("organise/reports.html", **figures), asks=True)


@localized(blueprint, "/organise/reports/<name>.<any(csv, json):kind>", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.STATISTICS)
def reports_table(name: str, kind: str) -> ResponseReturnValue:
    """Give one of its tables away."""
    with platform().sessions.read() as session:
        return _file(make_table(_asked(session, _all(session)), name), kind, "all-campaigns")


@localized(blueprint, "/organise/campaigns/<slug:slug>/report", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.STATISTICS)
def campaign_report(slug: str) -> ResponseReturnValue:
    """Show what happened in one campaign."""
    with platform().sessions.read() as session:
        campaign = campaign_here(session, slug)
        asked = _asked(session, Scope([campaign]))
        figures = _figures(asked, AFTER_CAMPAIGN)
        head, verdict = head_of(campaign), verdict_words(differing_subjects(asked.subjects))
    page = render_template(
        "organise/campaign_report.html",
        campaign=head,
        goal=campaign.goal,
        verdict=verdict,
        sheet=_sheet(slug),
        **figures,
    )
    return with_our_script(page, asks=True)


@localized(blueprint, "/organise/campaigns/<slug:slug>/report/<name>.<any(csv, json):kind>", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.STATISTICS)
def campaign_table(slug: str, name: str, kind: str) -> ResponseReturnValue:
    """Give one of its tables away."""
    with platform().sessions.read() as session:
        asked = _asked(session, Scope([campaign_here(session, slug)]))
        return _file(make_table(asked, name), kind, slug)


def _all(session: Session) -> Scope:
    member = me()
    return everything(session, None if member.role in SEES_ALL_CAMPAIGNS else member.partner_id)


def _asked(session: Session, scope: Scope) -> Inquiry:
    return Inquiry(session, scope, platform().lane_rules, platform().clock())


def _figures(asked: Inquiry, after: Sequence[str]) -> dict[str, Any]:
    """What the page shows. Who watches asks again and again for the part that changes, and for no other."""
    only_live = request.args.get("part") == "live"
    session, scope = asked.session, asked.scope
    files = {name: _files(scope, name) for name in (HOUSE if scope.whole else CAMPAIGN)}
    progress = None
    if not scope.whole:
        progress = progress_of(session, scope, asked.stands, asked.rules, asked.now)
    return {
        "first": first_number(asked.counters, asked.now),
        "progress": progress,
        "warnings": [distortion_words(one) for one in distortions(asked.counters, asked.now)],
        "live": [_shown(asked, name, files[name]) for name in LIVE],
        "tables": [] if only_live else [_shown(asked, name, files[name]) for name in after],
        "files": [] if only_live else [{"caption": table_words(name)[0], "files": files[name]} for name in files],
        "lanes_url": url_for("organise.lanes") if may(me().role, Permission.LETTERS) else "",
        "now": asked.now,
        "live_url": url_for(request.endpoint or "", **(request.view_args or {}), part="live"),
    }


def _shown(asked: Inquiry, name: str, files: Mapping[str, str]) -> ShownTable:
    table = make_table(asked, name)
    assert table is not None  # noqa: S101 - the names are ours
    campaigns = _named(asked.scope) if name == "campaigns" else {}
    part, of_people = request.args.get(name, 0, int), tells_of_people(asked.scope, name)
    return shown_table(table, files, part, campaigns, published=of_people)


def _named(scope: Scope) -> Mapping[str, NamedCampaign]:
    """The campaigns by their slugs, each with its title and the way to its report."""
    return {
        one.slug: NamedCampaign(one.page_in(g.language).title, url_for("organise.campaign_report", slug=one.slug))
        for one in scope.campaigns
    }


def _sheet(slug: str) -> Mapping[str, str]:
    """Where the one page is, to look at and as PDF; the latter empty where none can be made."""
    ready = platform().printer.ready
    return {
        "page": url_for("organise.one_page", slug=slug),
        "pdf": url_for("organise.one_page_pdf", slug=slug) if ready else "",
    }


def _files(scope: Scope, name: str) -> Mapping[str, str]:
    """Where a table can be taken from, by the kind of file."""
    if scope.whole:
        return {kind: url_for("organise.reports_table", name=name, kind=kind) for kind in _KINDS}
    slug = scope.campaigns[0].slug
    return {kind: url_for("organise.campaign_table", slug=slug, name=name, kind=kind) for kind in _KINDS}


def _file(table: Table | None, kind: str, whose: str) -> Response:
    if table is None:
        abort(404)
    lines = _csv(table) if kind == "csv" else _json(table)
    headers = {"Content-Disposition": f'attachment; filename="{whose}-{table.name}.{kind}"'}
    return Response(lines, content_type=_KINDS[kind], headers=headers)


def _csv(table: Table) -> Iterator[str]:
    """A withheld number, and a rate that cannot be told, is an empty cell."""
    yield line(table.columns)
    for row in table.rows:
        yield line("" if cell is None else str(cell) for cell in row)


def _json(table: Table) -> Iterator[str]:
    """A withheld number, and a rate that cannot be told, is null."""
    head = json.dumps({"table": table.name, "columns": list(table.columns)})
    yield head[:-1] + ', "rows": [\n'
    for place, record in enumerate(table.records):
        yield ("" if place == 0 else ",\n") + json.dumps(record, ensure_ascii=False)
    yield "\n]}\n"
