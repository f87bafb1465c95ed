"""The steps of the builder: each shows what it asks for, and saves whatever was typed."""

from __future__ import annotations

import enum
from collections.abc import Collection
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import StringField

from app.actions.reach import Outcome
from app.actions.rehearsal import WRITER
from app.campaigns.colours import is_colour, readable_contrast
from app.campaigns.document import Document
from app.campaigns.fields import slug_problem
from app.campaigns.models import FALLBACK_LANGUAGE
from app.campaigns.pictures import PictureRefusedError, kept_picture
from app.drafts.desk import FilesOwnError, SlugFixedError, SlugTakenError, StaleError, Work, check, slug_is_fixed
from app.drafts.places import Place, Step
from app.drafts.rehearse import coverage_of, sample_of, settings_of, would_be
from app.i18n import LANGUAGES, direction, own_name
from app.letters.placeholders import TemplateFault
from app.letters.sanitise import page_html
from app.roles import Permission
from app.targets.models import TargetList
from app.web.headers import with_our_script
from app.web.organise.building import ask, delivery, letter, look, mails, who
from app.web.organise.building.asked import Asked, Change, Sheet, Typed
from app.web.organise.building.begin import LARGEST_UPLOAD
from app.web.organise.building.here import (
    desk,
    head_for,
    next_step,
    problems_at,
    step_words,
    steps_of,
    title_of,
    work_here,
)
from app.web.organise.building.sample import LetterSample, sample_view
from app.web.organise.door import blueprint
from app.web.organise.sign_in import UNPROCESSABLE, note_stale
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
        return _page(session, work, place, work.document, saved="saved" in request.args)


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
            return _page(session, work, place, document, problem=problem, typed=typed)
        wrong = bool(problems_at(check(session, work), place))
        if refused or (wrong and form.go_on.data):
            return _page(session, work, place, work.document, saved=True, refused=refused, typed=typed)
    return redirect(_way_on(moved, place, go_on=bool(form.go_on.data)), 303)


@localized(blueprint, "/organise/campaigns/<slug:slug>/build/<step>/preview", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.CAMPAIGNS)
def preview_step(slug: str, step: str) -> ResponseReturnValue:
    """Show what was typed as supporters and recipients will see it; nothing is saved."""
    place = _place(step)
    with platform().sessions.read() as session:
        work = work_here(session, slug)
        document = work.document
        _change(place, Typed(request.form))(document)
        return render_template("organise/build_preview.html", **_preview(session, work, place, document))


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


def _way_on(slug: str, place: Place, *, go_on: bool) -> str:
    if not go_on:
        part = None if place.part == FALLBACK_LANGUAGE else place.part
        return url_for("organise.build_step", slug=slug, step=place.step.value, saved=1, part=part)
    following = next_step(place.step)
    if following is None:
        return url_for("organise.build", slug=slug)
    return url_for("organise.build_step", slug=slug, step=following.value)


def _page(
    session: Session,
    work: Work,
    place: Place,
    document: Document,
    *,
    saved: bool = False,
    problem: str | None = None,
    refused: str = "",
    typed: Typed | None = None,
) -> ResponseReturnValue:
    """A step: as saved, or with what could not be saved still in it."""
    checked = check(session, work)
    asked, more = _fields(session, work, place, document)
    sheet = Sheet(asked)
    sheet.tell(problems_at(checked, place), also_missing=saved)
    if problem:
        sheet.form_errors.insert(0, problem)
    if refused and typed is not None:
        own = sheet["slug" if place.step is Step.LOOK else "image"]
        own.data = typed.get(own.name, "")
        own.errors.append(refused)
    following = next_step(place.step)
    page = render_template(
        f"organise/build_{place.step}.html",
        campaign=head_for(work),
        work=work,
        part=place.part,
        step=place.step,
        step_name=step_words(place.step)[0],
        steps=steps_of(work, checked, place.step),
        next_name=step_words(following)[0] if following else "",
        next_url=_way_on(work.slug, place, go_on=True),
        form=sheet,
        saved=saved and problem is None,
        seen=place.mark(work.document),
        **more,
        **_preview(session, work, place, document),
    )
    return with_our_script(page, UNPROCESSABLE if sheet.errors and request.method == "POST" else 200, asks=True)


def _fields(session: Session, work: Work, place: Place, document: Document) -> tuple[list[Asked], dict[str, Any]]:
    """What a step asks for, and what its page needs beside that."""
    match place.step:
        case Step.ASK:
            languages = _languages(work, place, {FALLBACK_LANGUAGE, *LANGUAGES, *document.pages}, document)
            return ask.fields(document, place.part), {"languages_of_step": languages, "has_image": bool(work.image)}
        case Step.WHO:
            asked = who.fields(document)
            shown = {"asked": asked, "rules": who.rules(), "places": who.places(), "tiers": who.tiers()}
            return [*asked], {
                **shown,
                "keys": who.keys(asked),
                "known_lists": _lists(session),
                **_coverage(session, work),
            }
        case Step.LETTER:
            tabs = [_letter_tab(work, part, place) for part in dict.fromkeys([*letter.parts(document), place.part])]
            palette = letter.palette(settings_of(work.slug, work.texts))
            more = [_letter_tab(work, code, place) for code in LANGUAGES if code not in document.letters]
            return letter.fields(document, place.part), {
                "tabs": tabs,
                "palette": palette,
                "more": more,
                "reasons": letter.reason_count(document, place.part),
                "keys": [str(each.get("key", "")) for each in document.letters.get(place.part, {}).get("reasons", [])],
            }
        case Step.MAILS:
            languages = _languages(work, place, {FALLBACK_LANGUAGE, *document.pages}, document)
            return mails.fields(document, place.part), {"languages_of_step": languages}
        case Step.DELIVERY:
            return delivery.fields(document), {"ways": delivery.replies()}
        case Step.LOOK:
            fixed = slug_is_fixed(session, work.draft.campaign_id if work.draft else None)
            fixed = fixed or (work.campaign is not None and slug_is_fixed(session, work.campaign.id))
            colour = str(document.settings.get("colour", ""))
            contrast = readable_contrast(colour) if is_colour(colour) else None
            return look.fields(document, work.slug), {"fixed": fixed, "kinds": look.kinds(), "contrast": contrast}


def _languages(work: Work, place: Place, known: Collection[str], document: Document) -> list[dict[str, Any]]:
    codes = sorted(known, key=lambda code: (code != FALLBACK_LANGUAGE, code))
    return [
        {
            "name": own_name(code),
            "language": code,
            "url": url_for("organise.build_step", slug=work.slug, step=place.step.value, part=code),
            "current": code == place.part,
            "there": code in document.pages,
        }
        for code in codes
    ]


def _letter_tab(work: Work, part: str, place: Place) -> dict[str, Any]:
    url = url_for("organise.build_step", slug=work.slug, step=place.step.value, part=part)
    return {"name": letter.part_words(part), "url": url, "current": part == place.part}


def _lists(session: Session) -> list[dict[str, str]]:
    rows = session.execute(select(TargetList.slug, TargetList.name).order_by(TargetList.name)).all()
    return [{"id": slug, "name": name, "organisation": slug} for slug, name in rows]


def _coverage(session: Session, work: Work) -> dict[str, Any]:
    """Whom the saved rules would write to; nothing while they are not clear."""
    settings = settings_of(work.slug, work.texts)
    if settings is None:
        return {"coverage": None}
    found = coverage_of(session, would_be(work.slug, settings))
    fallback = found.reach.postcodes[Outcome.FALLBACK] if found.reach else 0
    return {"coverage": found, "fallback": fallback}


def _preview(session: Session, work: Work, place: Place, document: Document) -> dict[str, Any]:
    """The story as supporters read it, or the letter as somebody real does."""
    if place.step is Step.ASK:
        body = str(document.pages.get(place.part, {}).get("body", ""))
        return {"story": page_html(body), "story_language": place.part, "story_direction": direction(place.part)}
    if place.step is Step.LETTER:
        return {"sample": _sample(session, work, place.part, document)}
    return {}


def _sample(session: Session, work: Work, part: str, document: Document) -> LetterSample | None:
    settings = settings_of(work.slug, work.texts)
    if settings is None:
        return None
    parts = letter.template_of(document, part)
    campaign = would_be(work.slug, settings)
    sample = sample_of(session, campaign, letter.audience_of(part), title_of(work), parts)
    return LetterSample(fault=str(sample)) if isinstance(sample, TemplateFault) else sample_view(sample, part, WRITER)
