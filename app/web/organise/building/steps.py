"""The steps of the builder: each shows what it asks for, and saves whatever was typed."""

from __future__ import annotations

import enum

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import StringField

from app.campaigns.fields import slug_problem
from app.campaigns.models import FALLBACK_LANGUAGE
from app.campaigns.pictures import PictureRefusedError, kept_picture
from app.drafts.desk import FilesOwnError, SlugFixedError, SlugTakenError, StaleError
from app.drafts.places import Place, Step
from app.drafts.work import Work, check
from app.i18n import LANGUAGES
from app.roles import Permission
from app.running.checks import ask_for_check, is_of_now, last_check
from app.web.organise.building import ask, delivery, letter, look, mails, who
from app.web.organise.building.asked import Change, Typed
from app.web.organise.building.begin import LARGEST_UPLOAD
from app.web.organise.building.here import (
    desk,
    problems_at,
    waiting_addresses,
    work_here,
)
from app.web.organise.building.step_page import step_page, step_preview, way_on
from app.web.organise.door import blueprint, me, ring
from app.web.organise.sign_in import note_stale
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized

LONGEST_PART = 60


class Kept(enum.Enum):
    """Says that nothing was said."""

    AS_IT_IS = enum.auto()


class StepForm(FlaskForm):
    """The token, and the mark of what was seen; the fields of each step are its own."""

    seen = StringField()
    go_on = StringField()


@localized(blueprint, "/organise/campaigns/<slug:slug>/build/<step>", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.CAMPAIGNS)
def build_step(slug: str, step: str) -> ResponseReturnValue:
    """Show one step, as it was saved."""
    place = _place(step)
    with platform().sessions.read() as session:
        work = work_here(session, slug)
        if work.owned_by_files:
            return redirect(url_for("organise.build", slug=slug), 303)
        return step_page(session, work, place, work.document, saved="saved" in request.args)


@localized(blueprint, "/organise/campaigns/<slug:slug>/build/<step>", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.CAMPAIGNS)
def save_step(slug: str, step: str) -> ResponseReturnValue:
    """Save one step, whatever is wrong with it, and go on or say what is."""
    request.max_content_length = LARGEST_UPLOAD
    place, form, typed = _place(step), StepForm(request.form), Typed(request.form)
    image, refused = _uploaded()
    change = _change(place, typed)
    with platform().sessions.read() as session:
        work_here(session, slug)
    problem = _save(form, slug, place, change, image)
    moved = slug
    if place.step is Step.LOOK and problem is None:
        moved, refused = _rename(slug, typed)
    with platform().sessions.read() as session:
        work = work_here(session, moved)
        if problem is not None:
            document = work.document
            change(document)
            return step_page(session, work, place, document, problem=problem, typed=typed)
        checked = check(session, work)
        if refused or (problems_at(checked, place) and form.go_on.data):
            return step_page(session, work, place, work.document, saved=True, refused=refused, typed=typed)
        waiting = waiting_addresses(session, work) if place.step is Step.WHO else 0
        following = way_on(work, place, checked, go_on=bool(form.go_on.data), waiting=waiting)
        leads_to_check = following == url_for("organise.check", slug=work.slug)
        unchecked = _unchecked(session, work) if leads_to_check else None
    if unchecked is not None:  # so that the check is under way, and not to be begun by one press more
        with platform().sessions.write() as session:
            ask_for_check(session, unchecked, me().id, platform().clock())
        ring(0)
    return redirect(following, 303)


def _unchecked(session: Session, work: Work) -> int | None:
    """The campaign's id, where it was not looked at as it is now."""
    campaign = work.campaign
    return None if campaign is None or is_of_now(last_check(session, campaign), campaign) else campaign.id


@localized(blueprint, "/organise/campaigns/<slug:slug>/build/<step>/preview", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.CAMPAIGNS)
def preview_step(slug: str, step: str) -> ResponseReturnValue:
    """Show what was typed as supporters and recipients will see it; nothing is saved."""
    place = _place(step)
    with platform().sessions.read() as session:
        work = work_here(session, slug)
        document = work.document
        _change(place, Typed(request.form))(document)
        return render_template("organise/build_preview.html", **step_preview(session, work, place, document))


def _place(step: str) -> Place:
    part = request.args.get("part", FALLBACK_LANGUAGE)
    if step not in list(Step) or len(part) > LONGEST_PART or not _is_part(Step(step), part):
        abort(404)
    return Place(Step(step), part)


def _is_part(step: Step, part: str) -> bool:
    language, dot, audience = part.partition(".")
    known = language in LANGUAGES or language.replace("-", "").isalpha()
    if step is Step.LETTER:
        return known and (not dot or slug_problem(audience) is None)
    return part == FALLBACK_LANGUAGE or (step in (Step.ASK, Step.MAILS) and known and not dot)


def _change(place: Place, typed: Typed) -> Change:
    match place.step:
        case Step.ASK:
            return ask.change(typed, place.part)
        case Step.WHO:
            return who.change(typed)
        case Step.LETTER:
            return letter.change(typed, place.part)
        case Step.MAILS:
            return mails.change(typed, place.part)
        case Step.DELIVERY:
            return delivery.change(typed)
        case Step.LOOK:
            return look.change(typed)


def _uploaded() -> tuple[bytes | Kept | None, str]:
    """The image that was chosen, or none where it is to go, or that all stays as it is; and why it cannot be used."""
    upload = request.files.get("image")
    if upload is None or not upload.filename:
        return (None if request.form.get("no_image") else Kept.AS_IT_IS), ""
    try:
        return kept_picture(upload.stream.read()), ""
    except PictureRefusedError as refused:
        return Kept.AS_IT_IS, _("Image: it cannot be used. It %(why)s.", why=str(refused))


def _save(form: StepForm, slug: str, place: Place, change: Change, image: bytes | Kept | None) -> str | None:
    """Save it; why it could not be, if so."""
    if not form.validate():
        note_stale(form)
        return str(form.form_errors[0]) if form.form_errors else _("Please press the button once more.")
    try:
        with platform().sessions.write() as session:
            desk(session).save(slug, place, form.seen.data or "", change)
            if place.step is Step.ASK and not isinstance(image, Kept):
                desk(session).set_image(slug, image)
    except StaleError as stale:
        return _(
            "%(name)s saved this step at %(time)s, while you were writing. What you typed is below, not saved yet."
            " Look at theirs in another tab; if you save now, yours takes its place.",
            name=stale.name or _("Somebody"),
            time=format_datetime(stale.at, "short"),
        )
    except FilesOwnError:
        return _("This campaign is kept as files now, and can only be changed there.")
    return None


def _rename(slug: str, typed: Typed) -> tuple[str, str]:
    """Give it the address that was typed: the one that it has now, and why it is not the new one."""
    wished = typed.get("slug", slug).strip()
    if wished == slug:
        return slug, ""
    if slug_problem(wished):
        return slug, _("Address: please use small letters, digits and single hyphens, such as “our-streets”.")
    try:
        with platform().sessions.write() as session:
            desk(session).rename(slug, wished)
    except SlugTakenError:
        return slug, _("Address: another campaign has this one.")
    except SlugFixedError:
        return slug, _("Address: people have written in this campaign, so it stays where their links lead.")
    return wished, ""
