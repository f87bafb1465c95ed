"""Supporters who said that the organisers may write to them: to be taken over into the group's own contact manager."""

from __future__ import annotations

from datetime import UTC, datetime, time

from flask import Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.actions.consent import Sought, Standing, count_contacts
from app.actions.contact_tables import Format, lines
from app.campaigns.models import Campaign
from app.delivery.suppressions import suppressed_among
from app.hours import HOUSE_ZONE
from app.roles import Permission
from app.staff.contact_export import begin_export, exported
from app.web.organise.connection_forms import TakeForm
from app.web.organise.door import blueprint, me
from app.web.organise.sign_in import UNPROCESSABLE, note_stale
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.forms import add_error
from app.web.routing import localized

_TYPES = {Format.CSV: "text/csv; charset=utf-8", Format.JSON: "application/json"}


@localized(blueprint, "/organise/supporters", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.SUPPORTERS)
def supporters() -> ResponseReturnValue:
    """Say how many there are, what is in the table and what is not."""
    form = TakeForm(formdata=None, standing=Standing.OPTED_IN, format=Format.CSV)
    with platform().sessions.read() as session:
        return _page(session, form)


@localized(blueprint, "/organise/supporters/take", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.SUPPORTERS, fresh=True)
def take_supporters() -> ResponseReturnValue:
    """Give the table, bit by bit."""
    form, site = TakeForm(request.form), platform()
    valid = form.validate()
    note_stale(form)
    with site.sessions.write() as session:
        campaign_id = campaign_id_of(session, form.campaign.data)
        if form.campaign.data and campaign_id is None:
            add_error(form.campaign, _("There is no such campaign."))
            valid = False
        if not valid:
            return _page(session, form), UNPROCESSABLE
        sought = _sought(form, campaign_id)
        begin_export(session, me().id, sought, site.clock())
    kind, withdrawn = Format(form.format.data or ""), sought.standing is Standing.WITHDRAWN
    rows = exported(site.sessions, me().id, sought, site.clock, suppressed_among)
    headers = {"Content-Disposition": f'attachment; filename="supporters-{sought.standing}.{kind}"'}
    return Response(lines(rows, kind, withdrawn=withdrawn), content_type=_TYPES[kind], headers=headers)


def campaign_id_of(session: Session, slug: str | None) -> int | None:
    """The campaign that was chosen; none if none was, or there is none of that name."""
    return session.scalar(select(Campaign.id).where(Campaign.slug == slug)) if slug else None


def campaign_choices(session: Session) -> list[dict[str, str]]:
    """All campaigns, to choose from."""
    wanted = select(Campaign).options(selectinload(Campaign.pages)).order_by(Campaign.position, Campaign.slug)
    return [{"id": one.slug, "name": one.page_in(g.language).title} for one in session.scalars(wanted)]


def _page(session: Session, form: TakeForm) -> str:
    return render_template(
        "organise/supporters.html",
        form=form,
        people=count_contacts(session, Sought()),
        withdrawn=count_contacts(session, Sought(Standing.WITHDRAWN)),
        campaigns=campaign_choices(session),
        who=[
            {"id": Standing.OPTED_IN.value, "name": _("Who may be written to")},
            {"id": Standing.WITHDRAWN.value, "name": _("Who has taken that back, to delete them elsewhere")},
        ],
        kinds=[
            {"id": Format.CSV.value, "name": _("A table (CSV), for spreadsheets and contact managers")},
            {"id": Format.JSON.value, "name": _("JSON, for programs")},
        ],
        take_url=url_for("organise.take_supporters"),
    )


def _sought(form: TakeForm, campaign_id: int | None) -> Sought:
    """What is asked for; the day begins by the house's clock."""
    day = form.since.data
    since = None if day is None else datetime.combine(day, time(), HOUSE_ZONE).astimezone(UTC)
    return Sought(Standing(form.standing.data or ""), campaign_id, since)
