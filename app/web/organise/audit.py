"""Who did what, when, to what: to read, to sift, and to take away as a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.campaigns.models import Campaign
from app.roles import Permission
from app.spreadsheet import line
from app.staff.audit import Entry, Sought, all_entries, entries, kinds
from app.staff.people import everybody
from app.web.organise.deed_words import deed_words, kind_words
from app.web.organise.door import blueprint
from app.web.organise.forms import SoughtForm
from app.web.organise.sign_in import UNPROCESSABLE
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized

SHOWN = 50
_COLUMNS = ("at", "actor_id", "actor", "action", "kind", "object_id", "before", "after", "note")


@localized(blueprint, "/organise/audit", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.AUDIT)
def audit() -> ResponseReturnValue:
    """Show the newest entries, or the next older ones."""
    form = SoughtForm(request.args)
    valid = form.validate()
    sought = _sought(form) if valid else Sought()
    with platform().sessions.read() as session:
        found = entries(session, sought, before=form.before.data if valid else None, limit=SHOWN + 1)
        members, known = everybody(session), kinds(session)
        names, titles = {member.id: member.name for member in members}, _titles(session, found)
    page = render_template(
        "organise/audit.html",
        form=form,
        entries=[_shown(entry, names, titles) for entry in found[:SHOWN]],
        older_url=_address("organise.audit", before=found[SHOWN - 1].id) if len(found) > SHOWN else None,
        export_url=_address("organise.audit_table"),
        people=[{"id": member.id, "name": member.name} for member in members],
        kinds=[{"id": kind, "name": kind_words(kind)} for kind in known],
    )
    return page, (200 if valid else UNPROCESSABLE)


@localized(blueprint, "/organise/audit.csv", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.AUDIT)
def audit_table() -> ResponseReturnValue:
    """Give every entry that is asked for, as CSV, line by line."""
    form = SoughtForm(request.args)
    sought = _sought(form) if form.validate() else Sought()
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return Response(_lines(sought), content_type="text/csv; charset=utf-8", headers=headers)


def _sought(form: SoughtForm) -> Sought:
    return Sought(actor_id=form.actor.data, kind=form.kind.data or None, day=form.day.data)


def _address(endpoint: str, **more: Any) -> str:
    """A page that asks for the same entries."""
    asked: dict[str, Any] = {name: value for name in ("actor", "kind", "day") if (value := request.args.get(name))}
    return url_for(endpoint, **asked, **more)


def _lines(sought: Sought) -> Iterator[str]:
    sessions = platform().sessions

    def write() -> Iterator[str]:
        yield line(_COLUMNS)
        with sessions.read() as session:
            for entry in all_entries(session, sought):
                yield line(_cells(entry))

    return write()


def _cells(entry: Entry) -> tuple[str, ...]:
    return (
        entry.at.isoformat(timespec="seconds"),
        "" if entry.actor_id is None else str(entry.actor_id),
        entry.actor,
        entry.action,
        entry.kind,
        "" if entry.object_id is None else str(entry.object_id),
        json.dumps(entry.before, ensure_ascii=False, sort_keys=True),
        json.dumps(entry.after, ensure_ascii=False, sort_keys=True),
        entry.note,
    )


def _titles(session: Session, found: Sequence[Entry]) -> dict[int, str]:
    """What the campaigns that entries speak of are called, by the ids of the entries.

    A small database gives the id of a draft that was thrown away to the next one: what is older does not speak of that.
    """
    ids = {entry.object_id for entry in found if entry.kind == "campaign"}
    spoken_of = select(Campaign).where(Campaign.id.in_(ids)).options(selectinload(Campaign.pages))
    there = {one.id: one for one in session.scalars(spoken_of)}
    pairs = [(entry, there.get(entry.object_id or 0)) for entry in found if entry.kind == "campaign"]
    return {entry.id: one.page_in(g.language).title for entry, one in pairs if one and one.created_at <= entry.at}


def _shown(entry: Entry, members: Mapping[int, str], titles: Mapping[int, str]) -> dict[str, Any]:
    whom = members.get(entry.object_id or 0, "") if entry.kind == "staff" else titles.get(entry.id, "")
    return {
        "at": entry.at,
        "actor": entry.actor,
        "words": deed_words(entry.action),
        "whom": "" if entry.kind == "staff" and entry.object_id == entry.actor_id else whom,
        "object": f"{entry.kind} {entry.object_id}" if entry.object_id is not None and not whom else "",
        "changes": [
            (name, entry.before.get(name), entry.after.get(name)) for name in sorted({**entry.before, **entry.after})
        ],
        "note": entry.note,
    }
