"""The lists, who is on each, and vouching for a whole list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.delivery.release import release_all_verified
from app.roles import Permission
from app.spreadsheet import line
from app.targets.census import lists_counted
from app.targets.freshness import day_of, is_stale
from app.targets.models import Target, TargetList
from app.targets.search import Shown, Sought, number_sought, targets_sought
from app.targets.verify import NothingToVerifyError, OtherAddressesError, mark_of, unverified
from app.web.organise.door import blueprint, ring
from app.web.organise.targets.forms import HowForm, SoughtForm
from app.web.organise.targets.frame import A_PAGE, Pages, list_or_404, refused, registrar, show, verified_now
from app.web.organise.targets.words import keeper_words, role_of_target, shown_words
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized

SAMPLE = 10
"""How many of the addresses that are vouched for are shown."""
_COLUMNS = (
    "external_id",
    "role",
    "name",
    "salutation",
    "organisation",
    "registration",
    "email",
    "address",
    "party",
    "area",
    "area_code",
    "source_url",
    "verified_at",
    "stale_from",
    "archived_at",
)


@localized(blueprint, "/organise/targets", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.TARGETS)
def targets() -> ResponseReturnValue:
    """Show the lists."""
    with platform().sessions.read() as session:
        return show("lists", lists=lists_counted(session, _today()))


@localized(blueprint, "/organise/targets/lists/<int:list_id>", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.TARGETS)
def target_list(list_id: int) -> ResponseReturnValue:
    """Show who is on a list."""
    form, today = SoughtForm(request.args), _today()
    valid = form.validate()
    with platform().sessions.read() as session:
        of = list_or_404(session, list_id)
        sought = _sought(form, of, today) if valid else Sought(of.id, today)
        pages = Pages(form.page.data or 1 if valid else 1, number_sought(session, sought))
        found = targets_sought(session, sought, offset=pages.offset, limit=A_PAGE)
        page = show(
            "list",
            form=form,
            of=of,
            keeper=keeper_words(of),
            targets=[_row(target, today) for target in found],
            pages=pages,
            address=_address,
            waiting=len(unverified(session, of)),
            verified=verified_now(),
            kinds=[{"id": shown.value, "name": shown_words(shown)} for shown in Shown],
        )
    return page, (200 if valid else 422)


@localized(blueprint, "/organise/targets/lists/<int:list_id>/table.csv", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.TARGETS)
def target_list_table(list_id: int) -> ResponseReturnValue:
    """Give those who are shown as CSV."""
    form, today = SoughtForm(request.args), _today()
    with platform().sessions.read() as session:
        of = list_or_404(session, list_id)
        sought = _sought(form, of, today) if form.validate() else Sought(of.id, today)
        text = "".join(_lines(session, sought))
    headers = {"Content-Disposition": f'attachment; filename="targets-{of.id}.csv"'}
    return Response(text, content_type="text/csv; charset=utf-8", headers=headers)


@localized(blueprint, "/organise/targets/lists/<int:list_id>/verify", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.TARGETS)
def verify_list(list_id: int) -> ResponseReturnValue:
    """Show the addresses that are vouched for, and ask how they were checked."""
    with platform().sessions.read() as session:
        of = list_or_404(session, list_id)
        return show("verify_list", form=HowForm(formdata=None), **_waiting(session, of))


@localized(blueprint, "/organise/targets/lists/<int:list_id>/verify", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.TARGETS)
def verify_list_now(list_id: int) -> ResponseReturnValue:
    """Keep that they were checked, and let go the letters that waited for it."""
    form, site, problem = HowForm(request.form), platform(), None
    if form.validate():
        try:
            with site.sessions.write() as session:
                of = list_or_404(session, list_id)
                number = registrar(session).verify_list(of, form.how.data or "", seen=form.seen.data or "")
            released = release_all_verified(site.sessions, site.clock())
            ring(released[0] if released else None)
            return redirect(url_for("organise.target_list", list_id=list_id, verified=number), 303)
        except OtherAddressesError:
            problem = _("The list has changed meanwhile. Please look at its addresses once more.")
        except NothingToVerifyError:
            problem = _("No address of this list waits to be verified.")
    with site.sessions.read() as session:
        return refused("verify_list", form, problem, **_waiting(session, list_or_404(session, list_id)))


def _waiting(session: Session, of: TargetList) -> dict[str, Any]:
    waiting = unverified(session, of)
    return {
        "of": of,
        "number": len(waiting),
        "sample": [email for _id, email in waiting[:SAMPLE]],
        "mark": mark_of(waiting),
    }


def _today() -> date:
    return day_of(platform().clock())


def _sought(form: SoughtForm, of: TargetList, today: date) -> Sought:
    return Sought(of.id, today, Shown(form.shown.data or Shown.CURRENT), form.text.data or "")


def _address(endpoint: str, list_id: int, **more: Any) -> str:
    """A page that shows the same targets."""
    asked: dict[str, Any] = {name: value for name in ("text", "shown") if (value := request.args.get(name))}
    return url_for(endpoint, list_id=list_id, **asked, **more)


def _row(target: Target, today: date) -> dict[str, Any]:
    """A target as a list shows them."""
    area = target.area
    return {
        "url": url_for("organise.target", target_id=target.id),
        "name": target.name,
        "role": role_of_target(target.role),
        "organisation": "" if target.organisation == target.name else target.organisation,
        "area": "" if area is None else area.name,
        "email": target.email,
        "notes": list(_notes(target, today)),
    }


def _notes(target: Target, today: date) -> Iterator[str]:
    if target.removed_at:
        yield shown_words(Shown.REMOVED)
    elif target.archived_at:
        yield shown_words(Shown.ARCHIVED)
    if not target.email:
        yield shown_words(Shown.NO_ADDRESS)
    elif not target.verified:
        yield shown_words(Shown.UNVERIFIED)
    if is_stale(target.stale_from, today):
        yield shown_words(Shown.STALE)


def _lines(session: Session, sought: Sought) -> Iterator[str]:
    yield line(_COLUMNS)
    for target in targets_sought(session, sought):
        area = target.area
        yield line(
            (
                *(getattr(target, name) for name in _COLUMNS[:9]),
                "" if area is None else area.name,
                "" if area is None else area.code,
                target.source_url,
                *(_day(value) for value in (target.verified_at, target.stale_from, target.archived_at)),
            )
        )


def _day(value: date | None) -> str:
    return "" if value is None else f"{value:%Y-%m-%d}"
