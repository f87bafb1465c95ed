"""What the pages of the room share: its tabs, who did what by name, and pages of long lists."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from app.registrar.address_checks import READER
from app.registrar.desk import Registrar
from app.staff.people import everybody
from app.targets.list_values import FILE_SAYS
from app.targets.models import Target, TargetList
from app.targets.verify import STAFF
from app.web.organise.door import me
from app.web.organise.home import Room
from app.web.organise.sign_in import UNPROCESSABLE, note_stale
from app.web.platform import platform

LARGEST_ID = 2**31 - 1
A_PAGE = 50
_MEMBER = re.compile(r"staff (\d{1,9})")


def tabs() -> list[Room]:
    """The pages that the others are reached from."""
    return [
        Room(url_for("organise.targets"), _("Lists"), ""),
        Room(url_for("organise.corrections"), _("Corrections"), ""),
        Room(url_for("organise.coverage"), _("Coverage"), ""),
        Room(url_for("organise.suppressions"), _("Not mailed"), ""),
    ]


def verified_now() -> int:
    """How many addresses the member has just vouched for, as the address of the page says that follows."""
    return min(max(0, request.args.get("verified", 0, int)), LARGEST_ID)


def show(page: str, **context: Any) -> str:
    """One page of the room."""
    return render_template(f"organise/targets/{page}.html", tabs=tabs(), **context)


def refused(page: str, form: FlaskForm, problem: str | None = None, **context: Any) -> tuple[str, int]:
    """The page once more with what is wrong, all that was typed still there."""
    note_stale(form)
    if problem:
        form.form_errors.append(problem)
    return show(page, form=form, **context), UNPROCESSABLE


def registrar(session: Session) -> Registrar:
    """Acts for the member who asks. Rows name them by their number: names of staff are not for everybody to read."""
    return Registrar(session, me().id, f"staff {me().id}", platform().clock())


class People:
    """The names behind what the registry's rows say of who it was."""

    def __init__(self, session: Session) -> None:
        self._names = {member.id: member.name for member in everybody(session)}

    def who(self, by: str) -> str:
        """Return a person's name, or the words for what was no person."""
        if found := _MEMBER.fullmatch(by):
            return self._names.get(int(found[1]), by)
        fixed = {
            READER: _("whoever reads the address"),
            FILE_SAYS: _("the list’s file"),
            STAFF: _("the command line"),
        }
        return fixed.get(by, by)


def list_or_404(session: Session, list_id: int) -> TargetList:
    """The list of that id."""
    found = session.get(TargetList, list_id) if list_id <= LARGEST_ID else None
    if found is None:
        abort(404)
    return found


def target_or_404(session: Session, target_id: int) -> Target:
    """The target of that id."""
    found = session.get(Target, target_id) if target_id <= LARGEST_ID else None
    if found is None:
        abort(404)
    return found


class Pages(NamedTuple):
    """Where one is in a long list."""

    number: int
    """Which page, from 1."""
    total: int
    """How many things there are."""

    @property
    def offset(self) -> int:
        """How many stand before this page."""
        return (self.number - 1) * A_PAGE

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // A_PAGE))
