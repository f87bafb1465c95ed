"""Every table of the reports, for programs: the rows of the pages, under the same names (docs/reports.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from app.reporting.report import CAMPAIGN, HOUSE, Inquiry, Kind
from app.reporting.scope import Scope, everything
from app.staff.token_models import Scope as TokenScope
from app.web.api.campaigns import OPENED_STATES, public_campaign
from app.web.api.tables import Ask, Row, Schema, Table, declare
from app.web.platform import platform

_TEXT: Schema = {"type": "string"}
_WORDS = frozenset(
    {
        *("campaign", "title", "state", "stage", "lane", "way", "refuses_since", "said", "start", "source"),
        *("target", "organisation", "party", "area", "council", "tier", "language", "subject"),
    }
)
"""Columns that hold words; all others hold numbers."""
_ABOUT = {"house": "all campaigns that have opened", "campaign": "one campaign"}
_TELLS: Mapping[str, str] = {
    "campaign": "The campaign's slug.",
    "title": "The campaign's title in English.",
    "refuses_since": "When the receiver began to turn letters away; empty while it does not.",
    "said": "What the receiver said then.",
    "start": "When the period begins, by the campaign's clock.",
}


def _schema(column: str) -> Schema:
    if column in _WORDS:
        return {**_TEXT, **({"description": _TELLS[column]} if column in _TELLS else {})}
    if column in ("rate", "share") or column.endswith(("_rate", "_low", "_high")):
        told = "A share from 0 to 1; null where it cannot be told."
        return {"type": ["number", "null"], "minimum": 0, "description": told}
    return {"type": ["integer", "null"], "minimum": 0, "description": "null where a small number is withheld."}


def _house(session: Session, _: Ask) -> Scope:
    """All campaigns that have opened. Nobody could write in the others yet, so no letter is missing from any sum."""
    scope = everything(session, None)
    return replace(scope, campaigns=[campaign for campaign in scope.campaigns if campaign.state in OPENED_STATES])


def _one(session: Session, ask: Ask) -> Scope:
    return Scope([public_campaign(session, ask.path["slug"])])


def _reader(kind: Kind, scope_of: Callable[[Session, Ask], Scope]) -> Callable[[Session, Ask], Sequence[Row]]:
    def read(session: Session, ask: Ask) -> Sequence[Row]:
        table = kind.make(Inquiry(session, scope_of(session, ask), platform().lane_rules, ask.now))
        rows = [Row(place, record) for place, record in enumerate(table.records, 1)]
        return rows[ask.after : ask.after + ask.limit]

    return read


def _declare(kinds: Mapping[str, Kind], path: str, of: str, scope_of: Callable[[Session, Ask], Scope]) -> None:
    for name, kind in kinds.items():
        declare(
            Table(
                name=f"{of}_report_{name}",
                path=f"{path}/report/{name}",
                scope=TokenScope.REPORTS,
                summary=f"The table `{name}` of the report on {_ABOUT[of]}",
                columns={column: _schema(column) for column in kind.columns},
                read=_reader(kind, scope_of),
            )
        )


_declare(HOUSE, "", "house", _house)
_declare(CAMPAIGN, "/campaigns/<slug:slug>", "campaign", _one)
