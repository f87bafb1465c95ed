"""The way from a campaign that is written to one that is open: what comes next, and where."""

from __future__ import annotations

from typing import NamedTuple

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.campaigns.models import Campaign, CampaignState
from app.drafts.work import has_unpublished
from app.roles import Permission, may
from app.running.approvals import lapsed, newest_of
from app.running.checks import is_of_now, last_check, report_of
from app.running.models import ApprovalState, CheckState
from app.web.organise.door import me

_LOOKING = (CheckState.ASKED, CheckState.RUNNING)


class NextStep(NamedTuple):
    """What is to be done next with a campaign."""

    url: str
    button: str
    why: str


def next_step(session: Session, campaign: Campaign) -> NextStep | None:
    """What the member who asks does next; none where the campaign is open, over, or changed elsewhere."""
    if campaign.of_files or not may(me().role, Permission.CAMPAIGNS):
        return None

    def to(endpoint: str) -> str:
        return url_for(endpoint, slug=campaign.slug)

    if has_unpublished(session, campaign.slug):
        return NextStep(to("organise.build"), _("Go on: build it"), _("Something that was written does not count yet."))
    if campaign.state is not CampaignState.DRAFT:
        return None
    if why := _needs_check(session, campaign):
        return NextStep(to("organise.check"), _("Go on: check it"), why)
    approval = newest_of(session, campaign.id)
    if approval and approval.state is ApprovalState.ASKED and not lapsed(approval):
        return NextStep(to("organise.run"), _("See how it stands"), _("It waits for a second person to approve it."))
    return NextStep(to("organise.launch"), _("Open or schedule it"), _("It is written and checked."))


def _needs_check(session: Session, campaign: Campaign) -> str:
    """Why the page of the check comes next; empty where it has said that nothing stands in the way."""
    found = last_check(session, campaign)
    if found is not None and found.state in _LOOKING:
        return _("The check is under way.")
    report = report_of(found)
    if report is None:
        return _("It is written. Now every letter that it can lead to is looked at; nothing is sent.")
    if not is_of_now(found, campaign):
        return _("The campaign has changed since it was checked.")
    return _("The check has found something that would go wrong.") if report.stops else ""
