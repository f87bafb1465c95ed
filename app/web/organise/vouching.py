"""The addresses that a campaign writes to and nobody has looked at: all its lists on one page, vouched for at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.actions.unverified import unverified_of
from app.delivery.release import release_all_verified
from app.drafts.places import Step
from app.drafts.rehearse import settings_of, would_be
from app.drafts.work import Work, check
from app.roles import Permission
from app.running.checks import ask_for_check, last_check
from app.targets.models import Target, TargetList
from app.targets.verify import NothingToVerifyError, OtherAddressesError, mark_of, unverified
from app.web.organise.building.here import head_for, steps_of, waiting_addresses, work_here
from app.web.organise.door import blueprint, me, ring
from app.web.organise.sign_in import UNPROCESSABLE, note_stale
from app.web.organise.targets.forms import HowForm
from app.web.organise.targets.frame import registrar
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized

SAMPLE = 10
"""How many of a list's addresses are shown."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A list with addresses that nobody has verified."""

    of: TargetList
    addresses: Sequence[tuple[int, str]]
    """By the ids of their targets."""


@localized(blueprint, "/organise/campaigns/<slug:slug>/addresses", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.TARGETS)
def vouch(slug: str) -> ResponseReturnValue:
    """Show the addresses list by list, and ask how they were checked."""
    with platform().sessions.read() as session:
        work, form = work_here(session, slug), HowForm(formdata=None)
        if _invented(waiting_lists(session, work)):
            form.how.data = _("Invented addresses: there is nothing to compare.")
        return _page(session, work, form)


@localized(blueprint, "/organise/campaigns/<slug:slug>/addresses", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.TARGETS)
def vouch_now(slug: str) -> ResponseReturnValue:
    """Keep that they were checked, let go what waited for it, and have the campaign checked again if it was before."""
    form, site = HowForm(request.form), platform()
    valid = form.validate()
    # Whom it writes to is looked for before anything is locked.
    with site.sessions.read() as session:
        work = work_here(session, slug)
        lists = waiting_lists(session, work)
        campaign_id = None if work.campaign is None else work.campaign.id
        checked = _was_checked(session, work)
    if not valid or form.seen.data != _mark(lists):
        return _again(slug, form, changed=valid)
    try:
        with site.sessions.write() as session:
            number = sum(_vouch_for(session, one, form.how.data or "") for one in lists)
            if campaign_id is not None and checked:
                ask_for_check(session, campaign_id, me().id, site.clock())
    except (OtherAddressesError, NothingToVerifyError):
        return _again(slug, form, changed=True)
    released = release_all_verified(site.sessions, site.clock())
    ring(released[0] if released else None)
    if checked:
        ring(0)
        return redirect(url_for("organise.check", slug=slug, verified=number), 303)
    return redirect(url_for("organise.build_step", slug=slug, step=Step.LETTER.value, verified=number), 303)


def _vouch_for(session: Session, waiting: Waiting, how: str) -> int:
    """Vouch for the addresses of a list that were looked at, and for no others: it may change until its turn comes."""
    of = session.get_one(TargetList, waiting.of.id)
    return registrar(session).verify_list(of, how, seen=mark_of(waiting.addresses))


def _again(slug: str, form: HowForm, *, changed: bool) -> ResponseReturnValue:
    if changed:
        form.form_errors.append(_("The lists have changed meanwhile. Please look at the addresses once more."))
    note_stale(form)
    with platform().sessions.read() as session:
        return _page(session, work_here(session, slug), form), UNPROCESSABLE


def waiting_lists(session: Session, work: Work) -> list[Waiting]:
    """The lists that a campaign writes to, or would, and that have addresses nobody has verified; by name."""
    settings = settings_of(work.slug, work.texts)
    campaign = work.campaign if settings is None else would_be(work.slug, settings)
    if campaign is None:
        return []
    ids = unverified_of(session, campaign)
    lists = session.scalars(select(TargetList).where(TargetList.id.in_(ids)).order_by(TargetList.name))
    found = [Waiting(of, unverified(session, of)) for of in lists]
    return [one for one in found if one.addresses]


def _mark(lists: Sequence[Waiting]) -> str:
    return mark_of([address for one in lists for address in one.addresses])


def _page(session: Session, work: Work, form: HowForm) -> str:
    lists = waiting_lists(session, work)
    return render_template(
        "organise/vouch.html",
        campaign=head_for(work),
        form=form,
        number=sum(len(one.addresses) for one in lists),
        lists=[_shown(session, one) for one in lists],
        invented=_invented(lists),
        steps=_steps(session, work),
        later=_way_on(session, work),
        mark=_mark(lists),
    )


def _invented(lists: Sequence[Waiting]) -> bool:
    return bool(lists) and all(one.of.demo for one in lists)


def _was_checked(session: Session, work: Work) -> bool:
    return work.campaign is not None and last_check(session, work.campaign) is not None


def _steps(session: Session, work: Work) -> list[dict[str, Any]]:
    """The steps of building it, for who looks at the addresses on their way through them."""
    if work.owned_by_files or _was_checked(session, work):
        return []
    return steps_of(work, check(session, work), Step.WHO, waiting_addresses(session, work))


def _way_on(session: Session, work: Work) -> str:
    """Where one goes on without having looked: to the check of a campaign that has had one, else to the letter."""
    if _was_checked(session, work):
        return url_for("organise.check", slug=work.slug)
    return url_for("organise.build_step", slug=work.slug, step=Step.LETTER.value)


def _shown(session: Session, waiting: Waiting) -> dict[str, Any]:
    """A list as the page shows it."""
    sample = _sample(session, waiting)
    sources = any(one["url"] for one in sample)
    return {"of": waiting.of, "number": len(waiting.addresses), "sample": sample, "sources": sources}


def _sample(session: Session, waiting: Waiting) -> list[dict[str, Any]]:
    ids = [target_id for target_id, _email in waiting.addresses[:SAMPLE]]
    people = session.scalars(
        select(Target).where(Target.id.in_(ids)).order_by(Target.id).options(joinedload(Target.area))
    )
    return [
        {
            "name": one.name,
            "place": one.area.name if one.area else one.organisation,
            "email": one.email,
            "url": one.source_url,
        }
        for one in people
    ]
