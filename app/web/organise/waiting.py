"""What waits for a member of staff: the things that go no further until a person has looked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from flask import g, url_for
from flask_babel import format_decimal
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.campaigns.models import Campaign, CampaignState
from app.delivery import desk_figures
from app.delivery.find import COUNTED
from app.delivery.review_desk import number_waiting
from app.queue.states import DeliveryState
from app.roles import Permission, may
from app.running.approvals import waiting_for
from app.staff.models import StaffMember
from app.staff.people import sees_campaign
from app.targets.census import lists_counted
from app.targets.corrections import number_open
from app.targets.freshness import day_of
from app.web.platform import platform

TO_BE_READ = "review"
"""Why letters are held that have a page of their own."""


class Todo(NamedTuple):
    """One thing that waits, and the page where it is done."""

    url: str
    what: str
    subject: str = ""
    """What it is about, in somebody's own words."""
    asker: str = ""
    letters: int = 0
    """How many letters are asked for."""
    detail: str = ""


def waits_for(session: Session, member: StaffMember) -> list[Todo]:
    """All that waits for the member, what holds up a campaign first."""
    found = [*_approvals(session, member)]
    if may(member.role, Permission.CAMPAIGNS):
        found += _openings(session, member)
    if may(member.role, Permission.LETTERS):
        found += _letters(session)
    if may(member.role, Permission.TARGETS):
        found += _targets(session)
    return found


def _approvals(session: Session, member: StaffMember) -> Iterator[Todo]:
    for asked in waiting_for(session, member):
        words = _("Approve, or say why not:")
        yield Todo(_run(asked.campaign), words, _title(asked.campaign), asker=asked.asker.name, letters=asked.letters)


def _openings(session: Session, member: StaffMember) -> Iterator[Todo]:
    """The campaigns that the member may run and that did not open by themselves."""
    waits = (Campaign.state == CampaignState.SCHEDULED) & Campaign.opening_held.is_not(None)
    for campaign in session.scalars(select(Campaign).where(waits).order_by(Campaign.position)).all():
        if sees_campaign(session, member, campaign.id):
            yield Todo(_run(campaign), _("It did not open by itself:"), _title(campaign))


def _letters(session: Session) -> Iterator[Todo]:
    if to_read := number_waiting(session):
        words = _("Letters to read: %(number)s", number=_some(to_read))
        yield Todo(url_for("organise.reviews"), words, detail=_("They go when you let them."))
    if unsure := desk_figures.by_state(session)[DeliveryState.UNCERTAIN]:
        words = _("Letters that may have arrived, or not: %(number)s", number=format_decimal(unsure))
        yield Todo(_in_state(DeliveryState.UNCERTAIN), words, detail=_("Find out, and say what became of them."))
    held = sum(number for reason, number in desk_figures.held_by_reason(session).items() if reason != TO_BE_READ)
    if held:
        words = _("Letters that are held: %(number)s", number=_some(held))
        yield Todo(_in_state(DeliveryState.HELD), words, detail=_("Each says what has to be put right first."))


def _targets(session: Session) -> Iterator[Todo]:
    if corrections := number_open(session):
        words = _("Corrections from the public: %(number)s", number=format_decimal(corrections))
        yield Todo(url_for("organise.corrections"), words, detail=_("Somebody says that a target is wrong."))
    stale = [one for one in lists_counted(session, day_of(platform().clock())) if one.stale]
    if stale:
        words = _("Lists older than an election: %(number)s", number=format_decimal(len(stale)))
        only = url_for("organise.target_list", list_id=stale[0].id)
        where = only if len(stale) == 1 else url_for("organise.targets")
        yield Todo(where, words, detail=_("Letters to whoever is on them from before it are held."))


def _some(number: int) -> str:
    """A number of what is not counted to its end."""
    shown: str = format_decimal(number)
    return shown if number < COUNTED else _("%(number)s or more", number=shown)


def _in_state(state: DeliveryState) -> str:
    return url_for("organise.letters", state=state.value)


def _run(campaign: Campaign) -> str:
    return url_for("organise.run", slug=campaign.slug)


def _title(campaign: Campaign) -> str:
    return campaign.page_in(g.language).title
