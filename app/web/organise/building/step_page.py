"""A step of the builder as its page shows it: fields, problems, and what stands beside them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.reach import Outcome
from app.actions.rehearsal import WRITER
from app.campaigns.colours import is_colour, readable_contrast
from app.campaigns.document import Document
from app.campaigns.models import FALLBACK_LANGUAGE, TargetRule
from app.campaigns.texts import LONGEST_PAGE
from app.drafts.following import follows_page
from app.drafts.places import Place, Step
from app.drafts.rehearse import coverage_of, sample_of, settings_of, would_be
from app.drafts.work import Checked, Work, check, slug_is_fixed
from app.i18n import LANGUAGES, direction, own_name
from app.letters.placeholders import TemplateFault
from app.letters.sanitise import page_html
from app.roles import Permission, may
from app.targets.models import TargetList
from app.web.headers import with_our_script
from app.web.organise.building import ask, delivery, letter, look, mails, who, who_choices
from app.web.organise.building.asked import Asked, Sheet, Typed
from app.web.organise.building.here import (
    BY_DEFAULT,
    head_for,
    may_skip_rest,
    next_step,
    problems_at,
    step_words,
    steps_of,
    title_of,
    unverified_addresses,
)
from app.web.organise.building.sample import LetterSample, replies_of_sample, sample_view
from app.web.organise.building.within import Places, choices, everywhere
from app.web.organise.door import me
from app.web.organise.sign_in import UNPROCESSABLE
from app.web.organise.targets.frame import verified_now


def way_on(work: Work, place: Place, checked: Checked, *, go_on: bool, waiting: int = 0) -> str:
    """The page that follows when a step was saved: the same, or the next one; after the last one the check, or what is
    missing for it. Where addresses wait for whoever may look at them, they come before the letter.
    """
    if not go_on:
        part = None if place.part == FALLBACK_LANGUAGE else place.part
        return url_for("organise.build_step", slug=work.slug, step=place.step.value, saved=1, part=part)
    if _leads_to_addresses(place.step, waiting):
        return url_for("organise.vouch", slug=work.slug)
    following = _following(work, place.step, checked)
    if following is None:
        return url_for("organise.check" if work.complete_draft else "organise.build", slug=work.slug)
    return url_for("organise.build_step", slug=work.slug, step=following.value)


def _following(work: Work, step: Step, checked: Checked) -> Step | None:
    """The step that comes next; none where the check does."""
    return None if step is Step.LETTER and may_skip_rest(work, checked) else next_step(step)


def _leads_to_addresses(step: Step, waiting: int) -> bool:
    return step is Step.WHO and waiting > 0 and may(me().role, Permission.TARGETS)


def _next_name(work: Work, step: Step, checked: Checked, waiting: int) -> str:
    """What the page that follows is called; empty where the step is the last thing to do."""
    if _leads_to_addresses(step, waiting):
        return _("Look at the addresses")
    following = _following(work, step, checked)
    if following is not None:
        return step_words(following)[0]
    return _("Check") if work.published_at_once else ""


def step_page(
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
    chosen = work.has_saved(Step.WHO)
    unverified = unverified_addresses(session, work) if chosen or place.step is Step.WHO else 0
    waiting = unverified if chosen else 0
    page = render_template(
        f"organise/build_{place.step}.html",
        campaign=head_for(work),
        work=work,
        part=place.part,
        step=place.step,
        step_name=step_words(place.step)[0],
        steps=steps_of(work, checked, place.step, waiting),
        waiting=waiting if place.step is Step.WHO else 0,
        next_name=_next_name(work, place.step, checked, unverified),
        next_url=way_on(work, place, checked, go_on=True, waiting=unverified),
        verified=verified_now(),
        form=sheet,
        saved=saved and problem is None,
        unsaved=problem is not None,
        keep=f"{me().id}/{work.slug}/{place.step}/{place.part}",
        seen=place.mark(work.document),
        may_skip=place.step in BY_DEFAULT and work.complete_draft,
        skipped=_skipped(work, place.step, checked),
        **more,
        **step_preview(session, work, place, document),
    )
    return with_our_script(page, UNPROCESSABLE if sheet.errors and request.method == "POST" else 200, asks=True)


def _skipped(work: Work, step: Step, checked: Checked) -> list[dict[str, str]]:
    """The steps that the way to the check leaves out."""
    if step is not Step.LETTER or not may_skip_rest(work, checked):
        return []
    return [{"name": one["name"], "url": one["url"]} for one in steps_of(work, checked, None, 0)[-len(BY_DEFAULT) :]]


def _fields(session: Session, work: Work, place: Place, document: Document) -> tuple[list[Asked], dict[str, Any]]:
    """What a step asks for, and what its page needs beside that."""
    match place.step:
        case Step.ASK:
            written = {FALLBACK_LANGUAGE, place.part, *document.pages}
            return ask.fields(document, place.part), {
                "languages_of_step": _languages(work, place, written, document),
                "more_languages": _languages(work, place, {*LANGUAGES} - written, document),
                "has_image": bool(work.image),
            }
        case Step.WHO:
            places = Places.offered(session)
            asked = who.fields(document, places)
            shown = {"asked": asked, "known_lists": _lists(session), **who_choices.offered(asked)}
            within = {"offered": places, "choices": choices, "everywhere": everywhere}
            beside = {"uses_other_ways": who_choices.uses_other_ways}
            return [*asked], {**shown, **within, **beside}
        case Step.LETTER:
            tabs = [_letter_tab(work, part, place) for part in dict.fromkeys([*letter.parts(document), place.part])]
            settings = settings_of(work.slug, work.texts)
            palette = letter.palette(settings)
            more = [_letter_tab(work, code, place) for code in LANGUAGES if code not in document.letters]
            return letter.fields(document, place.part), {
                "tabs": tabs,
                "palette": palette,
                "follows": follows_page(document, place.part),
                "untouched": not work.has_saved(Step.LETTER),
                "lacks_place": letter.lacks_place(document, place.part, settings),
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


def _coverage(session: Session, slug: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """Whom the rules would write to; nothing while they are not clear."""
    settings = settings_of(slug, texts)
    if settings is None:
        return {"coverage": None}
    found = coverage_of(session, would_be(slug, settings))
    fallback = found.reach.postcodes[Outcome.FALLBACK] if found.reach else 0
    return {
        "coverage": found,
        "fallback": fallback,
        "by_place": settings.targets.rule is TargetRule.AREA,
        "may_vouch": may(me().role, Permission.TARGETS),
    }


def step_preview(session: Session, work: Work, place: Place, document: Document) -> dict[str, Any]:
    """The story as supporters read it, whom the rules write to, or the letter as somebody real reads it."""
    if place.step is Step.ASK:
        body = str(document.pages.get(place.part, {}).get("body", ""))[:LONGEST_PAGE]
        return {"story": page_html(body), "story_language": place.part, "story_direction": direction(place.part)}
    if place.step is Step.WHO:
        return _coverage(session, work.slug, document.write(work.texts))
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
    if isinstance(sample, TemplateFault):
        return LetterSample(fault=str(sample))
    return sample_view(sample, part, WRITER, replies_of_sample(protected=campaign.protects_replies))
