"""Webhooks: who is told what happens, what became of it, and the switches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.announcements.models import CHOOSABLE, Announcement, AnnouncementState, Happening, Hook, HookState
from app.campaigns.models import Campaign
from app.hooks.desk import (
    HookDesk,
    NewHook,
    TooManyHooksError,
    UnknownHookError,
    hook_called,
    hooks_listed,
    latest,
    waiting,
)
from app.hooks.messages import message_id_of
from app.roles import Permission
from app.web.organise.connection_forms import HookForm
from app.web.organise.connection_words import announcement_words, happening_words, hook_state_words
from app.web.organise.door import blueprint, me
from app.web.organise.people import LARGEST_ID
from app.web.organise.sign_in import UNPROCESSABLE, note_stale
from app.web.organise.supporters import campaign_choices, campaign_id_of
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.forms import add_error
from app.web.routing import localized


@localized(blueprint, "/organise/hooks", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.CONNECTIONS)
def hooks() -> ResponseReturnValue:
    """List the webhooks, and ask for what a new one would be."""
    with platform().sessions.read() as session:
        return _list_page(session, HookForm(formdata=None))


@localized(blueprint, "/organise/hooks", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.CONNECTIONS, fresh=True)
def add_hook() -> ResponseReturnValue:
    """Add one, and show its secret."""
    form, site = HookForm(request.form), platform()
    valid = form.validate()
    note_stale(form)
    with site.sessions.write() as session:
        campaign_id = campaign_id_of(session, form.campaign.data)
        if form.campaign.data and campaign_id is None:
            add_error(form.campaign, _("There is no such campaign."))
            valid = False
        if not valid:
            return _list_page(session, form), UNPROCESSABLE
        try:
            added = _desk(session).add(_new(form, campaign_id), anywhere=site.config.development)
        except TooManyHooksError:
            form.form_errors.append(_("There are many webhooks already. Remove one that you do not need."))
            return _list_page(session, form), UNPROCESSABLE
        return _hook_page(session, added, secret=added.secret)


@localized(blueprint, "/organise/hooks/<int:hook_id>", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.CONNECTIONS)
def hook(hook_id: int) -> ResponseReturnValue:
    """Show one, and what became of the last that it was told."""
    with platform().sessions.read() as session:
        return _hook_page(session, _find(session, hook_id))


@localized(blueprint, "/organise/hooks/<int:hook_id>/test", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.CONNECTIONS)
def test_hook(hook_id: int) -> ResponseReturnValue:
    """Send it an announcement of nothing."""
    return _decide(hook_id, HookDesk.test)


@localized(blueprint, "/organise/hooks/<int:hook_id>/pause", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.CONNECTIONS)
def pause_hook(hook_id: int) -> ResponseReturnValue:
    """Tell it nothing for now."""
    return _decide(hook_id, HookDesk.pause)


@localized(blueprint, "/organise/hooks/<int:hook_id>/resume", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.CONNECTIONS)
def resume_hook(hook_id: int) -> ResponseReturnValue:
    """Let it go on."""
    return _decide(hook_id, HookDesk.resume)


@localized(blueprint, "/organise/hooks/<int:hook_id>/rotate", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.CONNECTIONS, fresh=True)
def rotate_hook(hook_id: int) -> ResponseReturnValue:
    """Make a new secret, and show it."""
    with platform().sessions.write() as session:
        found = _find(session, hook_id, changing=True)
        _desk(session).rotate(found)
        return _hook_page(session, found, secret=found.secret)


@localized(blueprint, "/organise/hooks/<int:hook_id>/remove", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.CONNECTIONS, fresh=True)
def remove_hook(hook_id: int) -> ResponseReturnValue:
    """Tell it nothing more, and forget its address and secret."""
    with platform().sessions.write() as session:
        _desk(session).remove(_find(session, hook_id, changing=True))
    return redirect(url_for("organise.hooks"), 303)


def _decide(hook_id: int, act: Callable[[HookDesk, Hook], None]) -> ResponseReturnValue:
    with platform().sessions.write() as session:
        act(_desk(session), _find(session, hook_id, changing=True))
    return redirect(url_for("organise.hook", hook_id=hook_id), 303)


def _desk(session: Session) -> HookDesk:
    return HookDesk(session, me().id, platform().clock())


def _find(session: Session, hook_id: int, *, changing: bool = False) -> Hook:
    try:
        return hook_called(session, min(hook_id, LARGEST_ID), changing=changing)
    except UnknownHookError:
        abort(404)


def _new(form: HookForm, campaign_id: int | None) -> NewHook:
    events = [Happening(event) for event in form.events.data or ()]
    return NewHook(form.name.data or "", form.url.data or "", events, campaign_id, me().id)


def _list_page(session: Session, form: HookForm) -> str:
    return render_template(
        "organise/hooks.html",
        form=form,
        hooks=[_shown(session, one) for one in hooks_listed(session)],
        events=[{"id": event.value, "name": happening_words(event)} for event in CHOOSABLE],
        campaigns=campaign_choices(session),
    )


def _hook_page(session: Session, found: Hook, *, secret: str | None = None) -> str:
    return render_template(
        "organise/hook.html",
        hook=_shown(session, found),
        secret=secret,
        announcements=[_told(row) for row in latest(session, found.id)],
        waiting=waiting(session, found.id),
    )


def _shown(session: Session, row: Hook) -> dict[str, Any]:
    campaign = None if row.campaign_id is None else session.get_one(Campaign, row.campaign_id)
    return {
        "id": row.id,
        "page_url": url_for("organise.hook", hook_id=row.id),
        "name": row.name,
        "url": row.url,
        "paused": row.state is HookState.PAUSED,
        "state": hook_state_words(row),
        "events": [happening_words(Happening(event.kind)) for event in row.events],
        "campaign": "" if campaign is None else campaign.slug,
        "rests_until": row.rests_until if row.state is HookState.ACTIVE else None,
        "old_secret_until": row.old_secret_until,
    }


def _told(row: Announcement) -> dict[str, Any]:
    return {
        "message_id": message_id_of(row),
        "kind": row.kind,
        "at": row.at,
        "state": announcement_words(row.state),
        "waits": row.state is AnnouncementState.WAITING,
        "attempts": row.attempts,
        "status": row.status,
        "said": row.said,
    }
