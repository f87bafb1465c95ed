"""One campaign on one sheet of paper, for funders and members who ask: as PDF, and as a page that a browser prints.

The pictures have their words outside of the SVG: WeasyPrint sets the letters inside one by one, and Arabic ones join.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, render_template
from flask.typing import ResponseReturnValue

from app.reporting.health import distortions
from app.reporting.overview import first_number
from app.reporting.printer import TooLongError
from app.reporting.report import Inquiry, make_table
from app.reporting.scope import Scope
from app.reporting.tables import Table
from app.reporting.targets import by_place
from app.roles import Permission
from app.web.organise.campaigns import campaign_here, head_of
from app.web.organise.door import blueprint
from app.web.organise.report_tables import COLUMNS, ShownCell, ShownTable, day_words, number, shown_table
from app.web.organise.report_words import distortion_words
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized

ROWS = (6, 3, 0)
"""How many of the councils and of the targets are named: fewer, where more would not fit on the sheet."""
LONGEST_TITLE = 160
_FIGURES = ("letters", "handed_over", "arrived", "came_back", "replies")
_TOPS = {"council": ("council",), "targets": ("target", "council")}
"""The tables of which the sheet has the first rows, with the columns that say whose they are."""


@localized(blueprint, "/organise/campaigns/<slug:slug>/report/one-page", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.STATISTICS)
def one_page(slug: str) -> ResponseReturnValue:
    """Show the sheet, for the browser to print."""
    return render_template("organise/one_page.html", top=ROWS[0], **_figures(slug))


@localized(blueprint, "/organise/campaigns/<slug:slug>/report/one-page.pdf", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.STATISTICS)
def one_page_pdf(slug: str) -> ResponseReturnValue:
    """Give the sheet away as PDF; where none can be made, there is none."""
    printer = platform().printer
    if not printer.ready:
        abort(404)
    figures = _figures(slug)
    try:
        pdf = printer.one_sheet(_draft(figures, top) for top in ROWS)
    except TooLongError:
        abort(404)
    day = figures["now"].date().isoformat()
    headers = {"Content-Disposition": f'attachment; filename="{slug}-{day}.pdf"'}
    return Response(pdf, content_type="application/pdf", headers=headers)


@dataclass(frozen=True, slots=True)
class Lying:
    """One row of a table with its bar."""

    cells: Sequence[ShownCell]
    length: float
    """In percent of the longest."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Bars in the order of time, with what is written around them."""

    heights: Sequence[float]
    """In percent of the highest."""
    highest: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Top:
    """The first rows of a table, by letters."""

    table: ShownTable
    others: int
    """How many rows are not among them."""


def _draft(figures: dict[str, Any], top: int) -> Callable[[], str]:
    return lambda: render_template("organise/one_page.html", top=top, **figures)


def _figures(slug: str) -> dict[str, Any]:
    site = platform()
    with site.sessions.read() as session:
        campaign = campaign_here(session, slug)
        scope = Scope([campaign])
        # By the minute, so that who asks twice in one gets the same sheet.
        now = site.clock().replace(second=0, microsecond=0)
        asked = Inquiry(session, scope, site.lane_rules, now)
        head, funnel = head_of(campaign), _made(asked, "funnel")
        return {
            "title": _shortened(head.title),
            "state": head.state,
            "goal": campaign.goal,
            "first": first_number(asked.counters, now),
            "warnings": [distortion_words(one) for one in distortions(asked.counters, now)],
            "funnel": shown_table(funnel, {}),
            "steps": _lying(funnel),
            "states": shown_table(_without_nought(_made(asked, "states")), {}),
            "days": _standing(_made(asked, "days")),
            "of_places": by_place(campaign),
            "tops": [top for name in _TOPS if (top := _top(_made(asked, name))) is not None],
            "now": now,
        }


def _shortened(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"


def _made(asked: Inquiry, name: str) -> Table:
    table = make_table(asked, name)
    assert table is not None  # noqa: S101 - the names are ours
    return table


def _without_nought(states: Table) -> Table:
    return Table(states.name, states.columns, [row for row in states.rows if row[1]])


def _lying(funnel: Table) -> Sequence[Lying]:
    numbers = [int(cell or 0) for cell in funnel.column("number")]
    longest = max(numbers)
    shares = [100 * one / longest if longest else 0 for one in numbers]
    shown = shown_table(funnel, {}).rows
    return [Lying(cells, round(share, 2)) for cells, share in zip(shown, shares, strict=True)]


def _standing(days: Table) -> Standing | None:
    """How many confirmed on each of the newest days; none where nobody did."""
    numbers = [int(cell or 0) for cell in days.column("confirmed")[-COLUMNS:]]
    highest = max(numbers, default=0)
    if not highest:
        return None
    first, *_between, last = (day_words(str(day)) for day in (*days.column("start")[-COLUMNS:], days.rows[-1][0]))
    return Standing([round(100 * one / highest, 2) for one in numbers], number(highest), first, last)


def _top(table: Table) -> Top | None:
    """The rows with most letters, of those whose letters may be told; none where there are none."""
    place = list(table.columns).index("letters")
    told = [row for row in table.rows if row[place] is not None]
    best = sorted(told, key=lambda row: -int(row[place] or 0))[: ROWS[0]]
    columns = (*_TOPS[table.name], *_FIGURES)
    kept: Sequence[int] = [list(table.columns).index(column) for column in columns]
    if not best:
        return None
    short = Table(table.name, columns, [[row[at] for at in kept] for row in best])
    return Top(shown_table(short, {}), len(table.rows) - len(best))
