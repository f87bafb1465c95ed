"""The campaigns that a member of staff sees, and the head of each one's pages."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from app.campaigns.find import UnknownCampaignError, campaign_called
from app.campaigns.models import Campaign, CampaignState
from app.drafts.models import CampaignDraft
from app.drafts.work import sees_draft, title_in
from app.roles import SEES_ALL_CAMPAIGNS, Permission, may
from app.staff.models import PartnerCampaign, StaffMember
from app.staff.people import sees_campaign
from app.web.organise.door import blueprint, me
from app.web.organise.home import Room
from app.web.organise.next_step import next_step
from app.web.organise.words import campaign_state_words
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.pages import SHOWN_STATES
from app.web.routing import localized


@dataclass(frozen=True, slots=True)
class CampaignHead:
    """What every page about one campaign begins with."""

    slug: str
    title: str
    state: str
    url: str
    people: int
    letters: int
    public_url: str
    """Its page for supporters; empty while there is none."""
    tabs: tuple[Room, ...]
    is_draft: bool = True
    """Whether nobody but staff can see it."""


@localized(blueprint, "/organise/campaigns", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.STATISTICS)
def campaigns() -> ResponseReturnValue:
    """List the campaigns that the member sees."""
    with platform().sessions.read() as session:
        found = session.scalars(_seen_by(me())).all()
        heads = [head_of(campaign) for campaign in found]
        drafts = _drafts(session) if may(me().role, Permission.CAMPAIGNS) else []
    may_begin, gone = may(me().role, Permission.CAMPAIGNS), "gone" in request.args
    return render_template("organise/campaigns.html", campaigns=heads, drafts=drafts, may_begin=may_begin, gone=gone)


@localized(blueprint, "/organise/campaigns/<slug:slug>", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.STATISTICS)
def campaign(slug: str) -> ResponseReturnValue:
    """Show how a campaign stands, and the way to all that can be done with it."""
    with platform().sessions.read() as session:
        found = campaign_here(session, slug)
        return render_template("organise/campaign.html", campaign=head_of(found), next_step=next_step(session, found))


def campaign_here(session: Session, slug: str) -> Campaign:
    """The campaign of that slug, whatever its state; 404 for who must not know whether there is one."""
    try:
        found = campaign_called(session, slug)
    except UnknownCampaignError:
        abort(404)
    if not sees_campaign(session, me(), found.id):
        abort(404)
    return found


def head_of(campaign: Campaign) -> CampaignHead:
    """The head of a campaign's pages, for the member who asks."""
    return CampaignHead(
        slug=campaign.slug,
        title=campaign.page_in(g.language).title,
        state=campaign_state_words(campaign.state),
        url=url_for("organise.campaign", slug=campaign.slug),
        people=campaign.confirmed_count,
        letters=campaign.letter_count,
        public_url=url_for("public.campaign", slug=campaign.slug) if campaign.state in SHOWN_STATES else "",
        tabs=tuple(_tabs(campaign.slug, me())),
        is_draft=campaign.state is CampaignState.DRAFT,
    )


def _tabs(slug: str, member: StaffMember) -> list[Room]:
    """The pages about one campaign that a member may enter, in the order of their tabs."""
    tabs = [
        (Permission.STATISTICS, Room(url_for("organise.campaign", slug=slug), _("How it stands"), "")),
        (Permission.CAMPAIGNS, Room(url_for("organise.build", slug=slug), _("Build"), "")),
        (Permission.CAMPAIGNS, Room(url_for("organise.check", slug=slug), _("Check"), "")),
        (Permission.CAMPAIGNS, Room(url_for("organise.run", slug=slug), _("Run"), "")),
        (Permission.STATISTICS, Room(url_for("organise.campaign_report", slug=slug), _("Figures"), "")),
        (Permission.CAMPAIGNS, Room(url_for("organise.replies", slug=slug), _("Replies"), "")),
        (Permission.CAMPAIGNS, Room(url_for("organise.versions", slug=slug), _("Versions of the letter"), "")),
    ]
    return [room for permission, room in tabs if may(member.role, permission)]


def _drafts(session: Session) -> list[Room]:
    """What is being written and is no campaign yet."""
    drafts = session.scalars(
        select(CampaignDraft).where(CampaignDraft.campaign_id.is_(None)).order_by(CampaignDraft.saved_at.desc())
    )
    return [
        Room(url_for("organise.build", slug=draft.slug), title_in(draft.files) or draft.slug, "")
        for draft in drafts
        if sees_draft(me(), draft)
    ]


def _seen_by(member: StaffMember) -> Select[Campaign]:
    wanted = select(Campaign).options(selectinload(Campaign.pages)).order_by(Campaign.position, Campaign.slug)
    if member.role in SEES_ALL_CAMPAIGNS:
        return wanted
    theirs = select(PartnerCampaign.campaign_id).where(PartnerCampaign.partner_id == member.partner_id)
    return wanted.where(Campaign.id.in_(theirs))
