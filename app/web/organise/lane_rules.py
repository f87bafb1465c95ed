"""How fast, and when, letters leave for one mail domain, where it asks for something else than the house does."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import Field, StringField
from wtforms.validators import Optional, ValidationError

from app.delivery.lane_desk import set_hours, set_pace
from app.hours import Hours, HoursFormatError
from app.queue.lanes import NOTICES
from app.queue.models import Lane
from app.roles import Permission
from app.staff.audit import Deed, record
from app.web.organise.door import blueprint, me, ring
from app.web.organise.letter_forms import LARGEST_ID
from app.web.organise.run_forms import whole
from app.web.organise.sign_in import UNPROCESSABLE, note_stale
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.forms import at_most, strip
from app.web.routing import localized

LARGEST_PACE = 999_999
"""Letters an hour; as many as `flask lanes set` takes."""
LONGEST_HOURS = 40


def _some_hours(_form: FlaskForm, field: Field) -> None:
    try:
        Hours.parse(field.data)
    except HoursFormatError:
        raise ValidationError(_l("Please write hours like “mon-fri 08:00-18:00”, or “always”.")) from None


class LaneRulesForm(FlaskForm):
    """A lane's own pace and hours; what is empty is the house's."""

    pace = StringField(
        _l("Letters an hour, at most"),
        filters=[strip],
        validators=[Optional(), whole(0, LARGEST_PACE, _l("Please write a whole number below a million."))],
    )
    hours = StringField(_l("Hours"), filters=[strip], validators=[Optional(), at_most(LONGEST_HOURS), _some_hours])


@localized(blueprint, "/organise/letters/lanes/<int:lane_id>", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.LANES)
def lane_rules(lane_id: int) -> ResponseReturnValue:
    """Show the pace and the hours that a lane has of its own."""
    with platform().sessions.read() as session:
        lane = _lane_or_404(session, lane_id)
        pace = "" if lane.pace is None else str(lane.pace)
        return _page(lane, LaneRulesForm(formdata=None, pace=pace, hours=lane.hours or ""))


@localized(blueprint, "/organise/letters/lanes/<int:lane_id>", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.LANES)
def set_lane_rules(lane_id: int) -> ResponseReturnValue:
    """Give a lane a pace and hours of its own, or the house's again."""
    form, site = LaneRulesForm(request.form), platform()
    with site.sessions.write() as session:
        lane = _lane_or_404(session, lane_id)
        if not form.validate():
            note_stale(form)
            return _page(lane, form), UNPROCESSABLE
        before = {"pace": lane.pace, "hours": lane.hours}
        set_pace(session, lane.key, int(form.pace.data) if form.pace.data else None)
        set_hours(session, lane.key, form.hours.data or None)
        after = {"pace": lane.pace, "hours": lane.hours}
        if after != before:
            record(session, me().id, Deed("lane.set", lane_id, before=before, after=after), site.clock())
    ring(0)
    return redirect(url_for("organise.lanes"), 303)


def _lane_or_404(session: Session, lane_id: int) -> Lane:
    """The lane; that of our own mails has neither pace nor hours."""
    lane = session.get(Lane, lane_id) if lane_id <= LARGEST_ID else None
    if lane is None or lane.key == NOTICES:
        abort(404)
    return lane


def _page(lane: Lane, form: LaneRulesForm) -> str:
    rules = platform().config.lanes
    return render_template(
        "organise/lane.html", form=form, lane={"id": lane.id, "key": lane.key}, pace=rules.pace, hours=rules.hours
    )
