"""The check of a campaign before it opens: the verdict, what was found, a sample, and test mails to oneself."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.actions.rehearsal import WRITER
from app.actions.text import LETTER_LANGUAGE
from app.campaigns.models import Campaign
from app.drafts.places import Step
from app.letters.findings import Level
from app.roles import Permission, may
from app.running.checks import ask_for_check, is_of_now, last_check, report_of
from app.running.models import Check, CheckState
from app.running.reports import Found, KeptReport, Sample
from app.running.samples import PER_HOUR, TooManyTestsError, send_samples
from app.web.organise.building.sample import replies_of_sample
from app.web.organise.campaigns import campaign_here, head_of
from app.web.organise.door import blueprint, me, ring
from app.web.organise.next_step import next_step
from app.web.organise.run_forms import TestForm
from app.web.organise.run_words import domain_words, level_words, mend_campaign, mend_letter, verdict_of
from app.web.organise.sign_in import UNPROCESSABLE, note_stale
from app.web.organise.targets.lists import verified_now
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.forms import add_error
from app.web.public.letters import LetterView
from app.web.routing import localized

LOOK_AGAIN_SECONDS = 2
_GRAVEST_FIRST = list(Level)


@localized(blueprint, "/organise/campaigns/<slug:slug>/check", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.CAMPAIGNS)
def check(slug: str) -> ResponseReturnValue:
    """Show what the last check found, or how far the one under way is."""
    with platform().sessions.read() as session:
        campaign = campaign_here(session, slug)
        found = last_check(session, campaign)
        response = make_response(_page(session, campaign, TestForm(formdata=None, data={"number": "2"})))
    if found is not None and _under_way(found):
        response.headers["Refresh"] = str(LOOK_AGAIN_SECONDS)  # without a script; the page says so
    return response


@localized(blueprint, "/organise/campaigns/<slug:slug>/check/ask", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.CAMPAIGNS)
def check_now(slug: str) -> ResponseReturnValue:
    """Let a worker look."""
    site = platform()
    with site.sessions.write() as session:
        ask_for_check(session, campaign_here(session, slug).id, me().id, site.clock())
    return redirect(url_for("organise.check", slug=slug), 303)


@localized(blueprint, "/organise/campaigns/<slug:slug>/check/test", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.CAMPAIGNS)
def send_tests(slug: str) -> ResponseReturnValue:
    """Send sample letters to who asks, and to nobody else."""
    form, site = TestForm(request.form), platform()
    ids: list[int] = []
    with site.sessions.write() as session:
        campaign = campaign_here(session, slug)
        report = report_of(last_check(session, campaign))
        if form.validate() and report is not None:
            try:
                ids = send_samples(session, campaign, me(), report.sample[: form.number.number], site.clock())
            except TooManyTestsError:
                add_error(form.number, _("You have had %(max)d within the hour. Please wait a while.", max=PER_HOUR))
        if form.errors:
            note_stale(form)
            return _page(session, campaign, form), UNPROCESSABLE
    for delivery_id in ids:
        ring(delivery_id)
    return redirect(url_for("organise.check", slug=slug, sent=len(ids)), 303)


def _under_way(found: Check) -> bool:
    return found.state in (CheckState.ASKED, CheckState.RUNNING)


def _page(session: Session, campaign: Campaign, form: TestForm) -> str:
    found = last_check(session, campaign)
    report = report_of(found)
    return render_template(
        "organise/check.html",
        campaign=head_of(campaign),
        next_step=next_step(session, campaign),
        form=form,
        under_way=found is not None and _under_way(found),
        failed=found is not None and found.state is CheckState.FAILED,
        looked_at=0 if found is None else found.letters,
        finished_at=None if found is None else found.finished_at,
        changed=report is not None and not is_of_now(found, campaign),
        own_address=me().email,
        sent=request.args.get("sent", 0, int),
        verified=verified_now(),
        report=None if report is None else _shown(report, campaign),
    )


def _shown(report: KeptReport, campaign: Campaign) -> dict[str, Any]:
    """A report as the page shows it."""
    found = [(one, mend_letter(one), _where(campaign, one, Step.LETTER)) for one in report.letter_findings]
    # What was found in words of its page is quoted.
    steps = [Step.ASK if one.examples else Step.WHO for one in report.campaign_findings]
    found += [
        (one, mend_campaign(one), _where(campaign, one, step))
        for one, step in zip(report.campaign_findings, steps, strict=True)
    ]
    found.sort(key=lambda each: _GRAVEST_FIRST.index(each[0].level))
    return {
        "verdict": verdict_of(report),
        "letters": report.letters,
        "texts": report.texts,
        "findings": [
            {"found": one, "level": level_words(one.level), "mend": mend, "where": where} for one, mend, where in found
        ],
        "domain": [{"look": domain_words(part), "sentence": part.sentence} for part in report.domain],
        "sample": [_sheet(one, report, folded=number > 0) for number, one in enumerate(report.sample)],
    }


def _where(campaign: Campaign, found: Found, step: Step) -> str:
    """The page where it is put right, which is that step if no other; empty where there is none for the member."""
    if "DNS" in found.sentence:
        return ""
    if step is Step.ASK:
        return url_for("organise.build_step", slug=campaign.slug, step=step.value)
    if "not verified" in found.sentence:
        return url_for("organise.vouch", slug=campaign.slug) if may(me().role, Permission.TARGETS) else ""
    if "greeting" in found.where or any(word in found.sentence for word in ("address", "mailed", "election")):
        return url_for("organise.targets") if may(me().role, Permission.TARGETS) else ""
    return url_for("organise.build_step", slug=campaign.slug, step=step.value)


def _sheet(sample: Sample, report: KeptReport, *, folded: bool) -> LetterView:
    return LetterView(
        to_name=sample.recipient,
        to_organisation=sample.organisation,
        from_name=WRITER,
        reply_to=replies_of_sample(protected=report.protected),
        subject=sample.subject,
        text=sample.text,
        readers=1,
        folded=folded,
        language=LETTER_LANGUAGE,
    )
