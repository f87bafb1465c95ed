"""A draft as a whole: what is done and what is missing, publishing, taking away, throwing away, and whose it is."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.campaigns.document import Document
from app.campaigns.folder import packed
from app.campaigns.models import FALLBACK_LANGUAGE
from app.drafts.desk import FaultyError, FilesOwnError, StaleError
from app.drafts.export import exported
from app.drafts.places import Place, Step, changed_places
from app.drafts.rehearse import faults_of_changed
from app.drafts.sharing import partners_of, share
from app.drafts.work import Checked, Work, check
from app.i18n import own_name
from app.roles import Permission, may
from app.running.checks import ask_for_check
from app.staff.models import Partner
from app.web.organise.building import letter
from app.web.organise.building.here import (
    desk,
    head_for,
    state_of,
    step_words,
    steps_of,
    waiting_addresses,
    work_here,
)
from app.web.organise.door import blueprint, me, ring
from app.web.organise.run_words import level_words
from app.web.organise.sign_in import UNPROCESSABLE
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized


@localized(blueprint, "/organise/campaigns/<slug:slug>/build", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.CAMPAIGNS)
def build(slug: str) -> ResponseReturnValue:
    """Show the steps, and what can be done with the draft."""
    with platform().sessions.read() as session:
        return _page(session, work_here(session, slug))


@localized(blueprint, "/organise/campaigns/<slug:slug>/build/publish", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.CAMPAIGNS)
def publish_draft(slug: str) -> ResponseReturnValue:
    """Let supporters see what the member has looked at, and have it checked as it is now."""
    revision, site = request.form.get("revision", ""), platform()
    try:
        with site.sessions.write() as session:
            work_here(session, slug)
            campaign = desk(session).publish(slug, int(revision) if revision.isdecimal() else 0)
            ask_for_check(session, campaign.id, me().id, site.clock())
    except StaleError as stale:
        words = _(
            "%(name)s has changed something at %(time)s. Please look at it once more, then publish.",
            name=stale.name or _("Somebody"),
            time=format_datetime(stale.at, "short"),
        )
        return _refuse(slug, words)
    except FaultyError:
        return _refuse(slug, _("Something is missing or wrong. The steps below say what."))
    except FilesOwnError:
        return _refuse(slug, _("This campaign is kept as files now, and can only be changed there."))
    ring(0)
    return redirect(url_for("organise.check", slug=slug, published=1), 303)


@localized(blueprint, "/organise/campaigns/<slug:slug>/build/throw-away", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.CAMPAIGNS)
def throw_away_draft(slug: str) -> ResponseReturnValue:
    """Forget what is not published."""
    try:
        with platform().sessions.write() as session:
            work_here(session, slug)
            left = desk(session).throw_away(slug)
    except FilesOwnError:
        return _refuse(slug, _("This campaign is kept as files now, and can only be changed there."))
    return redirect(url_for("organise.build", slug=slug) if left else url_for("organise.campaigns"), 303)


@localized(blueprint, "/organise/campaigns/<slug:slug>/files.zip", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.CAMPAIGNS)
def campaign_files(slug: str) -> ResponseReturnValue:
    """Give the campaign as the files of `letter_templates/`."""
    with platform().sessions.read() as session:
        archive = packed(slug, exported(work_here(session, slug)))
    headers = {"Content-Disposition": f'attachment; filename="{slug}.zip"'}
    return Response(archive, mimetype="application/zip", headers=headers)


@localized(blueprint, "/organise/campaigns/<slug:slug>/image.webp", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.CAMPAIGNS)
def draft_image(slug: str) -> ResponseReturnValue:
    """Give the image that the draft has."""
    with platform().sessions.read() as session:
        image = work_here(session, slug).image
    if image is None:
        abort(404)
    return Response(image, mimetype="image/webp")


@localized(blueprint, "/organise/campaigns/<slug:slug>/partners", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.PEOPLE)
def share_campaign(slug: str) -> ResponseReturnValue:
    """Say which partners' campaign it is."""
    chosen = {int(text) for text in request.form.getlist("partner") if text.isdecimal() and len(text) < 10}  # noqa: PLR2004 - what a database counts to
    site = platform()
    with site.sessions.write() as session:
        work = work_here(session, slug)
        if work.campaign is None:
            abort(404)
        share(session, work.campaign, chosen, me().id, site.clock())
    return redirect(url_for("organise.build", slug=slug), 303)


def _refuse(slug: str, problem: str) -> ResponseReturnValue:
    with platform().sessions.read() as session:
        return _page(session, work_here(session, slug), problem), UNPROCESSABLE


def _page(session: Session, work: Work, problem: str = "") -> str:
    checked = check(session, work)
    published = work.campaign.files or {} if work.campaign else {}
    admin = may(me().role, Permission.PEOPLE)
    partners = session.scalars(select(Partner).order_by(Partner.name)).all() if admin and work.campaign else []
    steps = steps_of(work, checked, None, waiting_addresses(session, work))
    return render_template(
        "organise/build.html",
        campaign=head_for(work),
        work=work,
        path=f"letter_templates/{work.slug}" if work.owned_by_files else "",
        state=state_of(work),
        steps=steps,
        wrong=sum(step["wrong"] for step in steps),
        faultless=checked.files is not None,
        changed=_changed(work, Document.of(published)) if work.campaign and work.pending else [],
        faults=_faults(session, work, checked),
        saved_by=work.draft.saver.name if work.draft and work.draft.saver else "",
        problem=problem,
        partners=[{"id": one.id, "name": one.name} for one in partners],
        shared_with=partners_of(session, work.campaign) if work.campaign else set(),
    )


def _faults(session: Session, work: Work, checked: Checked) -> list[dict[str, Any]]:
    """What should be looked at in changed letters before supporters get them; of a draft its check tells all."""
    if work.published_at_once or not work.pending or checked.files is None:
        return []
    return [
        {"level": level_words(one.level), "found": one, "part": letter.part_words(part)}
        for part, one in faults_of_changed(session, work, checked.files)
    ]


def _part_words(place: Place) -> str:
    if place.step is Step.LETTER:
        return letter.part_words(place.part)
    return "" if place.part == FALLBACK_LANGUAGE else own_name(place.part)


def _changed(work: Work, published: Document) -> list[dict[str, str]]:
    """Where something is not published yet, each with the page that has it."""
    return [
        {
            "name": step_words(place.step)[0],
            "part": _part_words(place),
            "url": url_for("organise.build_step", slug=work.slug, step=place.step.value, part=place.part),
        }
        for place in changed_places(published, work.document)
    ]
