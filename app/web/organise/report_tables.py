"""Tables of figures as the pages show them: words for names, numbers as the language writes them, and a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from babel.numbers import format_decimal, format_percent
from flask_babel import format_date, format_datetime, get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from app.reporting.tables import Cell, Table
from app.web.organise.charts import Bar, bars, columns
from app.web.organise.report_words import column_words, state_meaning, table_words, value_words

SHORT = 12
"""Rows of a table that a page shows unasked: a whole table, or the beginning of a long one."""
ROWS = 50
"""Rows of a part of a long table, for who asks for more of it."""
COLUMNS = 30
"""The newest periods that a picture shows."""
_RATES = ("rate", "share")
WORDS = frozenset(
    (
        *("stage", "state", "campaign", "title", "lane", "way", "refuses_since", "said", "source", "language"),
        *("subject", "start", "target", "organisation", "party", "area", "council", "tier"),
    )
)
"""Columns that hold words; all others hold numbers."""
_SERIES = ("hours", "days", "weeks")
_FOR_PROGRAMS = ("title",)
"""Columns that pages leave out: there the slug's own cell has the title, in the reader's language."""


@dataclass(frozen=True, slots=True)
class ShownCell:
    """One cell as it is read."""

    text: str
    number: bool = False
    withheld: bool = False
    href: str = ""
    """Where it leads, if anywhere."""


@dataclass(frozen=True, slots=True)
class NamedCampaign:
    """How a page speaks of a campaign for which the tables have the slug."""

    title: str
    url: str


NONE_NAMED: Mapping[str, NamedCampaign] = {}


@dataclass(frozen=True, slots=True)
class ShownTable:
    """One table with all that stands around it."""

    name: str
    caption: str
    note: str
    heads: Sequence[ShownCell]
    rows: Sequence[Sequence[ShownCell]]
    total: int
    """How many rows there are in all."""
    part: int
    """The part of a long table that was asked for; 0 where nobody did, which shows its beginning."""
    parts: int
    files: Mapping[str, str]
    """Where it can be taken from, by the kind of file."""
    charts: Sequence[Markup] = field(default=())
    published: bool = False
    """Whether its numbers are as of a day, and to the nearest five."""

    @property
    def open(self) -> bool:
        """Whether nobody need open it: it is short and has no picture, or more of it was asked for."""
        return self.part > 0 or (not self.charts and self.total <= SHORT)

    @property
    def withholds(self) -> bool:
        """Whether a number that is shown here is withheld."""
        return any(cell.withheld for row in self.rows for cell in row)


def shown_table(
    table: Table,
    files: Mapping[str, str],
    part: int = 0,
    campaigns: Mapping[str, NamedCampaign] = NONE_NAMED,
    *,
    published: bool = False,
) -> ShownTable:
    """A table as a page shows it; of a long one its beginning, or a part. `campaigns` are those that its rows are of,
    by their slugs.
    """
    caption, note = table_words(table.name)
    rows = list(reversed(table.rows)) if table.name in _SERIES else table.rows
    parts = -(-len(rows) // ROWS)
    part = min(max(0, part), parts)
    seen = rows[(part - 1) * ROWS : part * ROWS] if part else rows[:SHORT]
    places = [place for place, column in enumerate(table.columns) if column not in _FOR_PROGRAMS]
    heads = [ShownCell(column_words(table.columns[place]), table.columns[place] not in WORDS) for place in places]
    locale = str(get_locale())  # asked once: a page has thousands of cells
    showing = [(place, _showing(table.columns[place], locale)) for place in places]
    cells = [[show(row[place]) for place, show in showing] for row in seen]
    if campaigns:
        # The table of campaigns begins with their slugs.
        cells = [[_linked(campaigns[str(raw[0])]), *row[1:]] for row, raw in zip(cells, seen, strict=True)]
    if table.name == "states":
        heads.append(ShownCell(_("What it means")))
        cells = [[*row, ShownCell(state_meaning(str(raw[0])))] for row, raw in zip(cells, seen, strict=True)]
    charts = _charts(table)
    return ShownTable(table.name, caption, note, heads, cells, len(rows), part, parts, files, charts, published)


def number(value: int) -> str:
    """A number as the page's language writes it."""
    return _number(value, str(get_locale()))


def _charts(table: Table) -> list[Markup]:
    """The pictures of a table; a withheld number has none."""
    caption = table_words(table.name)[0]
    if table.name in ("funnel", "states", "sources"):
        value = table.columns.index("confirmed") if table.name == "sources" else 1
        rows = [(value_words(table.columns[0], str(row[0])), row[value]) for row in table.rows]
        shown = [Bar(name, count, number(count)) for name, count in rows if isinstance(count, int)]
        return _drawn(bars(caption, tuple(bar for bar in shown if bar.number or table.name == "funnel")))
    if table.name == "words":
        tenths = ((f"{row[0]} %", row[1]) for row in table.rows)
        return _drawn(
            bars(caption, tuple(Bar(name, count, number(count)) for name, count in tenths if isinstance(count, int)))
        )
    if table.name == "days":
        return [chart for series in ("confirmed", "sent") for chart in _drawn(_over_time(table, series))]
    return []


def _over_time(table: Table, series: str) -> Markup:
    caption = f"{table_words(table.name)[0]}: {column_words(series)}"
    newest = zip(table.column("start")[-COLUMNS:], table.column(series)[-COLUMNS:], strict=True)
    return columns(
        caption, tuple(Bar(day_words(str(start)), count) for start, count in newest if isinstance(count, int))
    )


def _drawn(chart: Markup) -> list[Markup]:
    return [chart] if chart else []


def day_words(start: str) -> str:
    """A day without its year."""
    return str(format_date(date.fromisoformat(start), "d MMM"))


def _is_rate(column: str) -> bool:
    return column in _RATES or column.endswith(("_rate", "_rate_low", "_rate_high"))


def _linked(campaign: NamedCampaign) -> ShownCell:
    return ShownCell(campaign.title, href=campaign.url)


def _showing(column: str, locale: str) -> Callable[[Cell], ShownCell]:
    """How the cells of a column are shown."""
    is_rate = _is_rate(column)
    untold = ShownCell("–", number=True, withheld=not is_rate)

    def show(value: Cell) -> ShownCell:
        if value is None:
            return untold
        if isinstance(value, str):
            return ShownCell(_words(column, value))
        if column == "sameness_from":
            return ShownCell(_percent(value / 100, locale), number=True)
        return ShownCell(_percent(value, locale) if is_rate else _number(int(value), locale), number=True)

    return show


def _words(column: str, value: str) -> str:
    if column == "start":
        return _moment(value)
    if column == "refuses_since" and value:
        return str(format_datetime(datetime.fromisoformat(value), "medium"))
    return value_words(column, value) or ("–" if column in ("party", "council", "tier", "area") else "")


def _moment(start: str) -> str:
    """A day, or an hour by the clock that its own offset tells."""
    if "T" not in start:
        return str(format_date(date.fromisoformat(start), "medium"))
    return str(format_datetime(datetime.fromisoformat(start), "d MMM, HH:mm", rebase=False))


@lru_cache(5000)
def _number(value: int, locale: str) -> str:
    return str(format_decimal(value, locale=locale))


@lru_cache(5000)
def _percent(share: float, locale: str) -> str:
    """A share in percent, with a digit behind the point where it is small."""
    return str(format_percent(share, format="#,##0.#%", locale=locale, decimal_quantization=True))
