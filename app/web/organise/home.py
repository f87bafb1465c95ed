"""The first page behind the sign-in, and the way to the others."""

from __future__ import annotations

from typing import NamedTuple

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.campaigns.models import Campaign
from app.roles import SEES_ALL_CAMPAIGNS, Permission, may
from app.staff.models import PartnerCampaign, StaffMember
from app.web.organise.door import blueprint, me, who_is_there
from app.web.organise.waiting import waits_for
from app.web.organise.words import role_words
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized


class Room(NamedTuple):
    """A page that others are reached from."""

    url: str
    name: str
    what: str


@localized(blueprint, "/organise", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.OVERVIEW)
def home() -> ResponseReturnValue:
    """Show how many have written, and what there is."""
    member = me()
    with platform().sessions.read() as session:
        people, letters = _written(session, member)
        waiting = waits_for(session, member)
    return render_template(
        "organise/home.html",
        member=member,
        role=role_words(member.role),
        people=people,
        letters=letters,
        waiting=waiting,
        may_begin=may(member.role, Permission.CAMPAIGNS),
    )


def rooms_of(member: StaffMember) -> list[Room]:
    """The rooms that a member may enter, in the order of the head of the page."""
    rooms = [
        (Permission.OVERVIEW, Room(url_for("organise.home"), _("Overview"), "")),
        (
            Permission.STATISTICS,
            Room(url_for("organise.campaigns"), _("Campaigns"), _("What is asked, of whom, and how it goes.")),
        ),
        (
            Permission.LETTERS,
            Room(url_for("organise.letters"), _("Letters"), _("What waits, what is held, what came back, and why.")),
        ),
        (
            Permission.TARGETS,
            Room(url_for("organise.targets"), _("Targets"), _("Those who are written to, and whether they can be.")),
        ),
        (
            Permission.STATISTICS,
            Room(url_for("organise.reports"), _("Reports"), _("What happened, in figures you can take away.")),
        ),
        (
            Permission.SUPPORTERS,
            Room(url_for("organise.supporters"), _("Supporters"), _("Who said that we may write to them.")),
        ),
        (
            Permission.CONNECTIONS,
            Room(url_for("organise.tokens"), _("Tokens"), _("Let programs read the figures.")),
        ),
        (
            Permission.CONNECTIONS,
            Room(url_for("organise.hooks"), _("Webhooks"), _("Tell other programs what happens here.")),
        ),
        (Permission.PEOPLE, Room(url_for("organise.people"), _("Staff"), _("Who may sign in, and as what."))),
        (Permission.AUDIT, Room(url_for("organise.audit"), _("Audit"), _("Who did what, and when."))),
        (
            Permission.ACCOUNT,
            Room(
                url_for("organise.account"), _("Your account"), _("Your password, your second factor, your browsers.")
            ),
        ),
    ]
    return [room for permission, room in rooms if may(member.role, permission)]


@blueprint.context_processor
def _rooms() -> dict[str, object]:
    member = who_is_there()
    return {"rooms": [] if member is None else rooms_of(member)}


def _written(session: Session, member: StaffMember) -> tuple[int, int]:
    """How many people have written in the campaigns that the member sees, and how many letters that made."""
    wanted = select(
        func.coalesce(func.sum(Campaign.confirmed_count), 0), func.coalesce(func.sum(Campaign.letter_count), 0)
    )
    if member.role not in SEES_ALL_CAMPAIGNS:
        wanted = wanted.join(PartnerCampaign, PartnerCampaign.campaign_id == Campaign.id).where(
            PartnerCampaign.partner_id == member.partner_id
        )
    people, letters = session.execute(wanted).one()
    return int(people), int(letters)
