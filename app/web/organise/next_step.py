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
from app.running.samples import Tested, tested
from app.web.organise.door import me

_LOOKING = (CheckState.ASKED, CheckState.RUNNING)


class NextStep(NamedTuple):
    """What is to be done next with a campaign."""

    url: str
    button: str
    why: str
    sends_test: bool = False
    """Whether it is a test mail to themselves, which the page of the check sends by one press."""


def next_step(session: Session, campaign: Campaign) -> NextStep | None:
    """What the member who asks does next; none where the campaign is open, over, or changed elsewhere."""
    if campaign.of_files or not may(me().role, Permission.CAMPAIGNS):
        return None

    if has_unpublished(session, campaign.slug):
        return _unpublished(campaign)
    return _towards_opening(session, campaign) if campaign.state is CampaignState.DRAFT else None


def _unpublished(campaign: Campaign) -> NextStep:
    url = url_for("organise.build", slug=campaign.slug)
    if campaign.state is CampaignState.DRAFT:
        return NextStep(url, _("Go on: build it"), _("Something that was written does not count yet."))
    return NextStep(url, _("Look at the changes"), _("Something was changed that supporters do not see yet."))


def _towards_opening(session: Session, campaign: Campaign) -> NextStep:
    """What a draft still lacks: its check, a second person's word, a test; or nothing but to be opened."""
    slug = campaign.slug
    check = url_for("organise.check", slug=slug)
    if why := _needs_check(session, campaign):
        return NextStep(check, _("Go on: check it"), why)
    approval = newest_of(session, campaign.id)
    if approval and approval.state is ApprovalState.ASKED and not lapsed(approval):
        why = _("It waits for a second person to approve it.")
        return NextStep(url_for("organise.run", slug=slug), _("See how it stands"), why)
    test = tested(session, campaign)
    if test is Tested.NO:
        why = _("It is written and checked. See how a letter arrives before anybody else does.")
        return NextStep(check, _("Go on: send yourself a test"), why, sends_test=True)
    why = _("A test is on its way to you. Read it, then open the campaign.")
    if test is Tested.SENT:
        why = _("It is written and checked, and a test was sent. If the test reads well, open the campaign.")
    return NextStep(url_for("organise.launch", slug=slug), _("Open or schedule it"), why)


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
