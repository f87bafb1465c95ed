"""Which mail domain takes our letters, which blocks us and what it said; and the stops that staff put on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.delivery import desk_figures
from app.delivery.bulk import begin, plan
from app.delivery.bulk_models import BulkDeed
from app.delivery.find import Sought
from app.delivery.lane_desk import forget_troubles, let_try
from app.delivery.lane_report import LaneReport, LaneStanding, lane_reports
from app.hours import ALWAYS
from app.queue.brakes import brakes_listed, put_on, take_off
from app.queue.lanes import NOTICES
from app.queue.models import BrakeScope, Lane
from app.queue.states import DeliveryState
from app.roles import Permission, may
from app.staff.audit import Deed, record
from app.web.organise.door import blueprint, me, ring
from app.web.organise.letter_forms import LARGEST_ID, StopForm
from app.web.organise.letter_words import scope_words, standing_words
from app.web.organise.letters import address_of
from app.web.organise.sign_in import UNPROCESSABLE, note_stale
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized

BLOCKED = "blocked"
_FREE = frozenset({BrakeScope.EVERYTHING, BrakeScope.LETTERS})
"""Scopes that have no subject."""


@localized(blueprint, "/organise/letters/lanes", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.LETTERS)
def lanes() -> ResponseReturnValue:
    """Show every lane, those that have trouble first."""
    site = platform()
    hours = site.config.lanes.hours if site.transport.reaches_people else ALWAYS
    with site.sessions.read() as session:
        reports = list(lane_reports(session, site.lane_rules, hours, site.clock()))
    troubled = [_shown(one) for one in reports if one.troubled_since is not None]
    others = [_shown(one) for one in reports if one.troubled_since is None]
    return render_template("organise/lanes.html", troubled=troubled, others=others)


@localized(blueprint, "/organise/letters/lanes/<int:lane_id>/try", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.LETTERS)
def try_lane(lane_id: int) -> ResponseReturnValue:
    """Let one letter try a way that rests."""
    return _change(lane_id, "lane.tried", let_try)


@localized(blueprint, "/organise/letters/lanes/<int:lane_id>/sound", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.LETTERS)
def sound_lane(lane_id: int) -> ResponseReturnValue:
    """Take a lane for sound again: somebody has spoken with them."""
    return _change(lane_id, "lane.sound", forget_troubles)


@localized(blueprint, "/organise/letters/stops", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.LETTERS)
def stops() -> ResponseReturnValue:
    """Show what is stopped, since when and why, and what else can be."""
    with platform().sessions.read() as session:
        listed = brakes_listed(session)
        campaigns = desk_figures.campaigns(session, g.language)
    on = {(brake.scope, brake.subject_id) for brake in listed}
    return render_template(
        "organise/stops.html",
        stops=[
            {
                "scope": brake.scope.value,
                "subject": brake.subject_id,
                "words": scope_words(brake.scope),
                "called": campaigns[brake.subject_id] if brake.scope is BrakeScope.CAMPAIGN else brake.called,
                "why": brake.why,
                "at": brake.at,
            }
            for brake in listed
        ],
        letters_stopped=(BrakeScope.LETTERS, 0) in on or (BrakeScope.EVERYTHING, 0) in on,
        everything_stopped=(BrakeScope.EVERYTHING, 0) in on,
        campaigns=[
            {"name": title, "url": url_for("organise.stop", scope=BrakeScope.CAMPAIGN.value, subject=key)}
            for key, title in campaigns.items()
            if (BrakeScope.CAMPAIGN, key) not in on
        ],
    )


@localized(blueprint, "/organise/letters/stop", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.LETTERS)
def stop() -> ResponseReturnValue:
    """Say what would be stopped, and ask why."""
    form = StopForm(formdata=None, scope=request.args.get("scope"), subject=request.args.get("subject", type=int))
    return _stop_page(form)


@localized(blueprint, "/organise/letters/stop", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.LETTERS)
def stop_now() -> ResponseReturnValue:
    """Stop it. It bites within two seconds; letters are still accepted, and wait."""
    form, site = StopForm(request.form), platform()
    if not form.validate():
        note_stale(form)
        return _stop_page(form), UNPROCESSABLE
    scope, subject_id = BrakeScope(form.scope.data or ""), form.subject.data or 0
    with site.sessions.write() as session:
        if _called(session, scope, subject_id) is None:
            abort(404)
        if put_on(session, scope, subject_id, form.why.data or "", site.clock()):
            record(session, me().id, _deed("stop.put_on", scope, subject_id, form.why.data or ""), site.clock())
    return redirect(url_for("organise.stops"), 303)


@localized(blueprint, "/organise/letters/stops/<scope>/<int:subject_id>/take-off", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.LETTERS)
def take_off_stop(scope: str, subject_id: int) -> ResponseReturnValue:
    """Let it go on; letters that were held meanwhile for a recipient are let go by the worker."""
    site = platform()
    if scope not in list(BrakeScope) or subject_id > LARGEST_ID:
        abort(404)
    with site.sessions.write() as session:
        was = take_off(session, BrakeScope(scope), subject_id)
        if was:
            record(session, me().id, _deed("stop.taken_off", BrakeScope(scope), subject_id, ""), site.clock())
        if was and scope == BrakeScope.TARGET:
            _let_go(session, subject_id)
    ring(0 if was else None)
    return redirect(url_for("organise.stops"), 303)


def _let_go(session: Session, target_id: int) -> None:
    """Release what was held while its recipient was paused; there may be tens of thousands."""
    held = Sought(DeliveryState.HELD, "target_paused", target_id=target_id)
    wanted = plan(session, BulkDeed.RELEASE, held)
    begin(session, wanted, "the target goes on", me().id, platform().clock())


def _change(lane_id: int, deed: str, change: Callable[[Session, str], None]) -> ResponseReturnValue:
    site = platform()
    with site.sessions.write() as session:
        lane = session.get(Lane, lane_id) if lane_id <= LARGEST_ID else None
        if lane is None:
            abort(404)
        change(session, lane.key)
        record(session, me().id, Deed(deed, lane_id), site.clock())
    ring(0)
    return redirect(url_for("organise.lanes"), 303)


def _deed(action: str, scope: BrakeScope, subject_id: int, why: str) -> Deed:
    return Deed(action, subject_id or None, after={"scope": scope.value}, note=why)


def _stop_page(form: StopForm) -> str:
    if form.scope.data not in list(BrakeScope):
        abort(404)
    scope = BrakeScope(form.scope.data)
    with platform().sessions.read() as session:
        called = _called(session, scope, form.subject.data or 0)
    if called is None:
        abort(404)
    return render_template("organise/stop.html", form=form, words=scope_words(scope), called=called)


def _called(session: Session, scope: BrakeScope, subject_id: int) -> str | None:
    """What a stop's subject is called; empty for what has none, and none where there is no such thing."""
    if scope in _FREE:
        return "" if subject_id == 0 else None
    if not 0 < subject_id <= LARGEST_ID:
        return None
    if scope is BrakeScope.CAMPAIGN:
        return desk_figures.campaigns(session, g.language).get(subject_id)
    if scope is BrakeScope.LANE:
        lane = session.get(Lane, subject_id)
        return None if lane is None else lane.key
    return desk_figures.target_name(session, subject_id)


def _rules_url(report: LaneReport) -> str:
    """Where its pace and hours are set; empty for who may not, and for our own mails, which have none."""
    may_set = report.key != NOTICES and may(me().role, Permission.LANES)
    return url_for("organise.lane_rules", lane_id=report.id) if may_set else ""


def _shown(report: LaneReport) -> dict[str, Any]:
    words = standing_words(report.standing)
    return {
        "id": report.id,
        "key": _("Our own mails") if report.key == NOTICES else report.key,
        "standing": words,
        "until": report.rests_until if report.standing is LaneStanding.RESTS else None,
        "paused": report.paused,
        "waiting": report.waiting,
        "waiting_url": address_of(Sought(DeliveryState.QUEUED, lane_id=report.id)),
        "held": report.held,
        "held_url": address_of(Sought(DeliveryState.HELD, lane_id=report.id)),
        "blocked_url": address_of(Sought(DeliveryState.BOUNCED, BLOCKED, lane_id=report.id)),
        "pace": report.pace,
        "hours": report.hours,
        "since": report.troubled_since,
        "said": report.said,
        "rules_url": _rules_url(report),
        "stop_url": url_for("organise.stop", scope=BrakeScope.LANE.value, subject=report.id),
    }
