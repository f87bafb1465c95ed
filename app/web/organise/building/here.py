"""The draft that a page is about, whether the member may see it, and the head of its pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import abort, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.actions.unverified import unverified_of
from app.drafts.desk import DraftDesk
from app.drafts.places import Place, Step, place_of
from app.drafts.rehearse import settings_of, would_be
from app.drafts.work import Checked, Work, find_work, sees_draft, title_in
from app.problems import FileProblem, Flaw
from app.staff.people import sees_campaign
from app.web.organise.campaigns import CampaignHead, head_of
from app.web.organise.door import me
from app.web.organise.home import Room
from app.web.organise.words import campaign_state_words
from app.web.platform import platform

BY_DEFAULT = (Step.MAILS, Step.DELIVERY, Step.LOOK)
"""Steps whose values suit most campaigns as they are; the last ones."""


def work_here(session: Session, slug: str) -> Work:
    """The campaign or draft of that slug; 404 for who must not know whether there is one."""
    work = find_work(session, slug)
    if work is None or not may_see(session, work):
        abort(404)
    return work


def may_see(session: Session, work: Work) -> bool:
    """Whether the member who asks sees it."""
    if work.campaign is not None:
        return sees_campaign(session, me(), work.campaign.id)
    return work.draft is not None and sees_draft(me(), work.draft)


def desk(session: Session) -> DraftDesk:
    """Where the member who asks writes."""
    return DraftDesk(session, me().id, me().partner_id, platform().clock())


def title_of(work: Work) -> str:
    """What the draft is called so far."""
    return title_in(work.texts) or work.slug


def head_for(work: Work) -> CampaignHead:
    """The head of the pages about it; a draft that is no campaign yet has no other pages."""
    if work.campaign is not None:
        return head_of(work.campaign)
    url = url_for("organise.build", slug=work.slug)
    return CampaignHead(
        slug=work.slug,
        title=title_of(work),
        state=_("Not complete yet"),
        url=url,
        people=0,
        letters=0,
        public_url="",
        tabs=(Room(url, _("Build"), ""),),
    )


def step_words(step: Step) -> tuple[str, str]:
    """What a step is called, and what it is about."""
    match step:
        case Step.ASK:
            return _("Ask and story"), _("What you ask for, and why.")
        case Step.WHO:
            return _("Who to write to"), _("By postcode, or from a list; and who is left out.")
        case Step.LETTER:
            return _("The letter"), _("What they read, and what supporters may change.")
        case Step.MAILS:
            return _("Our mails"), _("What our mails to supporters say in your own words.")
        case Step.DELIVERY:
            return _("Delivery"), _("How fast letters leave, when, and where answers go.")
        case Step.LOOK:
            return _("Address and look"), _("Where it is found, and its colour.")


def waiting_addresses(session: Session, work: Work) -> int:
    """How many addresses that it writes to nobody has verified; none before somebody chose whom it writes to."""
    return unverified_addresses(session, work) if work.has_saved(Step.WHO) else 0


def unverified_addresses(session: Session, work: Work) -> int:
    """The same of whomever it would write to as it is, whether somebody chose them or not."""
    settings = settings_of(work.slug, work.texts)
    return 0 if settings is None else unverified_of(session, would_be(work.slug, settings)).total()


def steps_of(work: Work, checked: Checked, now: Step | None, waiting: int) -> list[dict[str, Any]]:
    """All steps: which is shown, what each of them lacks, and how many addresses wait to be verified."""
    wrong = Counter(place_of(problem).step for problem in _to_do(checked))
    return [
        {
            "name": step_words(step)[0],
            "what": step_words(step)[1],
            "url": url_for("organise.build_step", slug=work.slug, step=step.value),
            "current": step is now,
            "wrong": wrong[step],
            "waiting": waiting if step is Step.WHO else 0,
            "saved": work.has_saved(step),
        }
        for step in Step
    ]


def next_step(step: Step) -> Step | None:
    """The one after it."""
    order: Sequence[Step] = list(Step)
    place = order.index(step) + 1
    return order[place] if place < len(order) else None


def may_skip_rest(work: Work, checked: Checked) -> bool:
    """Whether the check can come right after the letter: nothing else is wrong, nobody but staff can see the campaign,
    and nobody has looked at the steps after it, whose values suit most campaigns as they are.
    """
    elsewhere = any(place_of(problem).step is not Step.LETTER for problem in _to_do(checked))
    return work.published_at_once and not elsewhere and not any(map(work.has_saved, BY_DEFAULT))


def problems_at(checked: Checked, place: Place) -> list[FileProblem]:
    """What is wrong at one place."""
    return [problem for problem in _to_do(checked) if place_of(problem) == place]


def _to_do(checked: Checked) -> list[FileProblem]:
    """What somebody must put right: a summary that is missing follows its ask by itself, once that is there."""
    unasked = {one.path for one in checked.problems if one.key == "ask" and one.flaw in (Flaw.MISSING, Flaw.BLANK)}
    return [
        one
        for one in checked.problems
        if not (one.key == "summary" and one.flaw is Flaw.MISSING and one.path in unasked)
    ]


def state_of(work: Work) -> str:
    """The state in words."""
    return campaign_state_words(work.campaign.state) if work.campaign else _("Not complete yet")
