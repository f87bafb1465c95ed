"""The check of a campaign before it opens: the verdict, what was found, a sample, and test mails to oneself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.campaigns.lifecycle import UNDER_WAY
from app.campaigns.models import Campaign, CampaignState
from app.letters.findings import Level
from app.mail.sending_domain import State
from app.roles import Permission
from app.running.checks import ask_for_check, is_of_now, last_check, report_of, targets_changed_since
from app.running.models import Check, CheckState
from app.running.reports import KeptReport
from app.running.samples import AT_ONCE, PER_HOUR, TooManyTestsError, last_asked, send_samples
from app.web.headers import with_our_script
from app.web.organise.campaigns import campaign_here, head_of
from app.web.organise.door import blueprint, me, ring
from app.web.organise.how_it_goes import how_it_goes
from app.web.organise.mending import Mending
from app.web.organise.next_step import next_step
from app.web.organise.run_forms import TestForm
from app.web.organise.run_words import domain_words, level_words, verdict_of
from app.web.organise.running import approvals_in
from app.web.organise.sheets import sheets_of
from app.web.organise.sign_in import UNPROCESSABLE, note_stale
from app.web.organise.targets.frame import verified_now
from app.web.outbox import keeps_mail, page_of
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.forms import add_error
from app.web.routing import localized

_GRAVEST_FIRST = list(Level)
_TOLD = timedelta(days=1)
"""How long the page tells of a test."""
_WATCHED = timedelta(minutes=2)
"""How long the page looks by itself whether a test has left."""


@localized(blueprint, "/organise/campaigns/<slug:slug>/check", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.CAMPAIGNS)
def check(slug: str) -> ResponseReturnValue:
    """Show what the last check found, or how far the one under way is."""
    with platform().sessions.read() as session:
        campaign = campaign_here(session, slug)
        return with_our_script(_page(session, campaign, _untouched(session, campaign)), asks=True)


@localized(blueprint, "/organise/campaigns/<slug:slug>/check/ask", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.CAMPAIGNS)
def check_now(slug: str) -> ResponseReturnValue:
    """Let a worker look."""
    site = platform()
    with site.sessions.write() as session:
        ask_for_check(session, campaign_here(session, slug).id, me().id, site.clock())
    ring(0)
    return redirect(url_for("organise.check", slug=slug), 303)


@localized(blueprint, "/organise/campaigns/<slug:slug>/check/test", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.CAMPAIGNS)
def send_tests(slug: str) -> ResponseReturnValue:
    """Send sample letters to who asks, and to nobody else."""
    form, site = TestForm(request.form), platform()
    ids: list[int] = []
    with site.sessions.write() as session:
        campaign = campaign_here(session, slug)
        found = last_check(session, campaign)
        report = report_of(found)
        if form.validate() and not is_of_now(found, campaign):
            form.form_errors.append(_("The campaign has changed since. Check it again first."))
        elif form.validate() and report is not None:
            try:
                ids = send_samples(session, campaign, me(), report.sample[: form.number.number], site.clock())
            except TooManyTestsError:
                add_error(form.number, _("You have had %(max)d within the hour. Please wait a while.", max=PER_HOUR))
        if form.errors or form.form_errors:
            note_stale(form)
            return with_our_script(_page(session, campaign, form), UNPROCESSABLE, asks=True)
    for delivery_id in ids:
        ring(delivery_id)
    return redirect(url_for("organise.check", slug=slug), 303)


def _untouched(session: Session, campaign: Campaign) -> TestForm:
    """The form as nobody has touched it: as many letters as show each text once."""
    report = report_of(last_check(session, campaign))
    tests = 1 if report is None else min(len(report.texts), len(report.sample), AT_ONCE)
    return TestForm(formdata=None, data={"number": str(max(1, tests))})


def _page(session: Session, campaign: Campaign, form: TestForm) -> str:
    found = last_check(session, campaign)
    report = report_of(found)
    under_way = found is not None and found.state in (CheckState.ASKED, CheckState.RUNNING)
    failed = found is not None and found.state is CheckState.FAILED
    due = "" if under_way or failed else _due(session, campaign, found, report)
    return render_template(
        "organise/check.html",
        campaign=head_of(campaign),
        next_step=next_step(session, campaign),
        form=form,
        under_way=under_way,
        failed=failed,
        due=due,
        at_once=bool(due) and campaign.state is CampaignState.DRAFT and not campaign.of_files,
        looked_at=0 if found is None else found.letters,
        finished_at=None if found is None else found.finished_at,
        own_address=me().email,
        test=_test(session, campaign),
        parts=how_it_goes(campaign),
        address=url_for("public.campaign", slug=campaign.slug, _external=True),
        verified=verified_now(),
        published="published" in request.args and not campaign.of_files,
        is_open=campaign.state is CampaignState.LIVE,
        approved_to=_approved_to(session, campaign),
        report=None if report is None else _shown(report, Mending(session, campaign)),
    )


def _test(session: Session, campaign: Campaign) -> dict[str, Any] | None:
    """What became of the test that the member asked for last; where mail stays here, with the pages to read it on."""
    asked = last_asked(session, campaign, me().id)
    site = platform()
    if asked is None or site.clock() - asked.at > _TOLD:
        return None
    here = keeps_mail()
    opens = campaign.state is CampaignState.DRAFT
    pages = [page_of(one, campaign.slug, opens=opens) for one in asked.delivery_ids] if here else []
    return {
        "number": len(asked.delivery_ids),
        "at": asked.at,
        "on_its_way": asked.on_their_way,
        "watched": asked.on_their_way and site.clock() - asked.at < _WATCHED,
        "failed": asked.failed,
        "here": here,
        "mails": [page for page in pages if page],
    }


def _approved_to(session: Session, campaign: Campaign) -> int:
    """Up to how many letters an open campaign may go as it is now, where that is fewer than there are to be; or 0."""
    letters = max(campaign.letter_count, campaign.letters_expected or 0)
    approvals = approvals_in(session)
    if campaign.of_files or campaign.state not in UNDER_WAY or approvals.enough(campaign, letters):
        return 0
    return approvals.allowed(campaign) or 0


def _due(session: Session, campaign: Campaign, found: Check | None, report: KeptReport | None) -> str:
    """Why it has to be looked at once more; empty where what was found holds."""
    if found is None or report is None:
        return _("Nobody has looked at it yet.")
    if not is_of_now(found, campaign):
        return _("The campaign has changed since.")
    if (report.stops or report.warns) and targets_changed_since(session, found):
        return _("Something about those who are written to has changed since.")
    return ""


def _shown(report: KeptReport, mending: Mending) -> dict[str, Any]:
    """A report as the page shows it."""
    found = [(one, mending.of_letter(one)) for one in report.letter_findings]
    found += [(one, mending.of_campaign(one)) for one in report.campaign_findings]
    found.sort(key=lambda each: _GRAVEST_FIRST.index(each[0].level))
    return {
        "verdict": verdict_of(report),
        "stops": report.stops,
        "letters": report.letters,
        "texts": report.texts,
        "findings": [{"found": one, "level": level_words(one.level), "mend": way} for one, way in found],
        "domain": [{"look": domain_words(part), "sentence": part.sentence} for part in report.domain],
        "domain_wrong": any(part.state is State.WRONG for part in report.domain),
        "sample": sheets_of(report),
    }
