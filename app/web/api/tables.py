"""The tables that programs read. Declaring one makes its route, its check of a token and its page of the document.

A table is a `Table` (or a `Single` thing) with a function that reads rows; `campaigns.py` shows how. Add a module that
declares yours and name it in `app/web/api/__init__.py`: nothing else needs to know of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request, url_for
from sqlalchemy.orm import Session

from app.staff.token_models import Scope
from app.web.api.problems import API_ROOT, problem
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy

blueprint = Blueprint("api", __name__, url_prefix=API_ROOT.rstrip("/"))

MOST, USUAL = 500, 100
"""Rows on one page of a table."""
LARGEST_ID = 2**31 - 1
CURSOR = re.compile(r"after-[0-9]{1,10}")
"""What a cursor looks like; what it stands for is our own business."""

Schema = Mapping[str, Any]
Record = dict[str, Any]


class NotAskedRightError(Exception):
    """Something in the address cannot be read; the text says what."""


class NothingThereError(Exception):
    """There is no such thing, or nobody may know of it."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of a table."""

    path: Mapping[str, str]
    """The parts of the path, by name."""
    after: int
    """The id after which its rows begin."""
    limit: int
    since: datetime | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, and the id that its order goes by."""

    id: int
    record: Record


@dataclass(frozen=True, slots=True)
class Table:
    """A list of records, in pages."""

    name: str
    path: str
    """As Flask writes it, below `/api/v1`."""
    scope: Scope
    summary: str
    columns: Mapping[str, Schema]
    """The JSON Schema of each field of a record; all of them are always there."""
    read: Callable[[Session, Ask], Sequence[Row]]
    """Reads up to `limit` rows whose ids come after `after`, in the order of their ids.

    Raises:
        NothingThereError: a part of the path names nothing.
    """
    since: bool = False
    """Whether it can be asked for what is new since a time."""
    note: Callable[[Session, Ask, int], None] | None = None
    """Writes down that so many rows were taken away, in the transaction that reads them."""


@dataclass(frozen=True, slots=True)
class Single:
    """One record."""

    name: str
    path: str
    scope: Scope
    summary: str
    columns: Mapping[str, Schema]
    read: Callable[[Session, Ask], Record]
    """Reads it.

    Raises:
        NothingThereError: there is none.
    """


@dataclass(slots=True)
class _Declared:
    tables: list[Table | Single] = field(default_factory=list)


_declared = _Declared()


def declared() -> Sequence[Table | Single]:
    """Every table and single thing, in the order in which they were declared."""
    return _declared.tables


def declare(table: Table | Single) -> None:
    """Make a table readable."""
    _declared.tables.append(table)
    answer = _answer_page if isinstance(table, Table) else _answer_single

    @policy(Access.API, Csrf.READ_ONLY, scope=table.scope)
    def view(**path: str) -> Response:
        return _told(lambda: answer(table, path))

    blueprint.add_url_rule(table.path, endpoint=table.name, view_func=view, methods=["GET"])


def _told(answer: Callable[[], Response]) -> Response:
    try:
        return answer()
    except NotAskedRightError as error:
        return problem(400, str(error))
    except NothingThereError:
        return problem(404, "There is no such thing. See /api/v1/openapi.json.")


def _answer_page(table: Any, path: Mapping[str, str]) -> Response:
    ask = _ask(path, since=table.since)
    with platform().sessions.write() if table.note else platform().sessions.read() as session:
        rows = table.read(session, ask)
        if table.note:
            table.note(session, ask, len(rows))
    full = len(rows) == ask.limit
    following = _cursor(rows[-1].id) if full else None
    return _json({"items": [row.record for row in rows], "next": following}, _link(path, following))


def _answer_single(single: Any, path: Mapping[str, str]) -> Response:
    with platform().sessions.read() as session:
        return _json(single.read(session, _ask(path, since=False)))


def _ask(path: Mapping[str, str], *, since: bool) -> Ask:
    return Ask(
        path=path,
        after=_after(request.args.get("cursor")),
        limit=_limit(request.args.get("limit")),
        since=_since(request.args.get("since")) if since else None,
        now=platform().clock(),
    )


def _limit(text: str | None) -> int:
    if text is None:
        return USUAL
    if not (text.isascii() and text.isdigit() and len(text) < len("10000") and 1 <= int(text) <= MOST):
        raise NotAskedRightError(f"limit must be a whole number from 1 to {MOST}.")
    return int(text)


def _cursor(last: int) -> str:
    return f"after-{last}"


def _after(text: str | None) -> int:
    """The id that a cursor stands for; no row has a larger one than the largest."""
    if text is None:
        return 0
    if not CURSOR.fullmatch(text):
        raise NotAskedRightError("cursor must be what `next` of the page before was.")
    return min(int(text.removeprefix("after-")), LARGEST_ID)


def _since(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        since = datetime.fromisoformat(text)
        return (since if since.tzinfo else since.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise NotAskedRightError("since must be a time like 2026-11-24T09:30:00Z.") from None


def _json(record: Record, headers: Mapping[str, str] | None = None) -> Response:
    body = json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"
    return Response(body, 200, dict(headers or {}), content_type="application/json")


def _link(path: Mapping[str, str], following: str | None) -> Mapping[str, str]:
    """The address of the next page, where HTTP has it (RFC 8288)."""
    if following is None or request.endpoint is None:
        return {}
    values: dict[str, Any] = {**path, "cursor": following}
    values |= {name: value for name in ("limit", "since") if (value := request.args.get(name)) is not None}
    address = url_for(request.endpoint, **values)
    return {"Link": f'<{address}>; rel="next"'}
