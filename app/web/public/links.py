"""Pages behind unguessable links: confirming, and a supporter's own page.

A mail scanner opens every link first (fixmystreet #4543), so opening one changes nothing; pressing its button does.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from flask import g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from app.actions.change import note_on
from app.actions.confirm import ComingLetter, Standing, coming_letters, confirm_action, earlier_act, standing_of
from app.actions.consent import may_write
from app.actions.links import ForgedLinkError
from app.actions.models import Action, ActionPart, ActionState, ActionTarget, Letter
from app.actions.sources import Source
from app.actions.withdraw import withdraw_action
from app.campaigns.models import Campaign, CampaignKind
from app.letters.sanitise import plain_html
from app.queue.models import Delivery
from app.queue.states import WITHDRAWABLE
from app.replies.models import Reply
from app.replies.telling import REACHED, replies_to
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.campaigns import blueprint
from app.web.public.letters import LetterView, letter_view
from app.web.public.pages import CampaignView, view_of
from app.web.public.reply_words import reply_words
from app.web.public.state_words import state_words
from app.web.routing import localized

NOT_FOUND = 404
GONE = 410


@localized(blueprint, "/confirm/<token>", methods=["GET"])
@policy(Access.LINK, Csrf.READ_ONLY)
def confirm(token: str) -> ResponseReturnValue:
    """Show the letter once more, and the button that sends it."""
    with platform().sessions.read() as session:
        action = action_of_confirm_token(session, token)
        if action is None:
            return link_problem("forged")
        return confirm_page(session, action, standing_of(action, platform().clock()), token)


@localized(blueprint, "/confirm/<token>", methods=["POST"])
@policy(Access.LINK, Csrf.TOKEN)
def confirm_now(token: str) -> ResponseReturnValue:
    """Send it. Pressing again, here or in another tab, leads to the same page and does nothing."""
    site = platform()
    with site.sessions.write() as session:
        action = action_of_confirm_token(session, token)
        if action is None:
            return link_problem("forged")
        confirmation = confirm_action(session, site.gate, action, site.clock())
        if confirmation.standing is not Standing.CONFIRMED or earlier_act(session, action):
            return confirm_page(session, action, confirmation.standing, token)
    for delivery_id in confirmation.delivery_ids[:1]:  # one ring wakes the worker for all of them
        site.doorbell.ring(delivery_id)
    return redirect(_own_address(site.links.own_token(action.public_id)), 303)


@localized(blueprint, "/letters/<token>", methods=["GET"])
@policy(Access.LINK, Csrf.READ_ONLY)
def own(token: str) -> ResponseReturnValue:
    """Show what became of each letter."""
    with platform().sessions.read() as session:
        action = action_of_own_token(session, token)
        if action is None:
            return link_problem("forged")
        return _own_page(session, action, token)


@localized(blueprint, "/letters/<token>/withdraw", methods=["POST"])
@policy(Access.LINK, Csrf.TOKEN)
def withdraw(token: str) -> ResponseReturnValue:
    """Withdraw what has not gone."""
    site = platform()
    with site.sessions.write() as session:
        action = action_of_own_token(session, token)
        if action is None:
            return link_problem("forged")
        withdraw_action(session, action, site.clock())
    return redirect(_own_address(token), 303)


def action_of_confirm_token(session: Session, token: str) -> Action | None:
    """The action that a confirmation link is about; none for a forged link."""
    try:
        public_id = platform().links.read_confirm_token(token)
        return action_of(session, public_id, selectinload(Action.choices).joinedload(ActionTarget.target))
    except ForgedLinkError:
        return None


def action_of_own_token(session: Session, token: str) -> Action | None:
    """The action of a supporter's own page; none if the link is not one of ours."""
    try:
        return action_of(session, platform().links.read_own_token(token))
    except ForgedLinkError:
        return None


def action_of(session: Session, public_id: uuid.UUID, *more: ORMOption) -> Action | None:
    """The action that a link is about, with all that its pages show, and with `more` where they show more."""
    return session.scalars(
        select(Action)
        .where(Action.public_id == public_id)
        .options(
            joinedload(Action.campaign).selectinload(Campaign.pages),
            joinedload(Action.supporter),
            joinedload(Action.template),
            selectinload(Action.parts).joinedload(ActionPart.template),
            *more,
        )
    ).one_or_none()


def _own_address(token: str) -> str:
    return url_for("public.own", token=token)


def confirm_page(session: Session, action: Action, standing: Standing, token: str) -> ResponseReturnValue:
    """What the link of a confirmation shows, as the action stands; the token is the link's."""
    earlier = earlier_act(session, action)
    if standing is Standing.CONFIRMED or (standing is Standing.READY and earlier):
        own_url = _own_address(platform().links.own_token((earlier or action).public_id))
        return render_template("public/confirm.html", campaign=view_of(action.campaign), already=True, own_url=own_url)
    if standing is not Standing.READY:
        return link_problem(standing, view_of(action.campaign))
    coming = coming_letters(action)
    email = "" if action.protected else action.supporter.email
    return render_template(
        "public/confirm.html",
        campaign=view_of(action.campaign),
        letters=[_view(letter, email, before) for letter, before in zip(coming, [None, *coming], strict=False)],
        already=False,
        note=note_on(session, action),
        change_url=url_for("public.change", token=token),
        button_text=_button(action.campaign, coming),
    )


def _view(letter: ComingLetter, email: str, before: ComingLetter | None) -> LetterView:
    """A letter as it will be read; folded when it says what the one before it says."""
    folded = before is not None and before.part is letter.part
    return letter_view(letter.template, letter.text, letter.mailbox, email, folded=folded)


def _button(campaign: Campaign, coming: Sequence[ComingLetter]) -> str:
    """What pressing the button does, in so many words."""
    if campaign.kind is CampaignKind.PLEDGE:
        return _("Join now")
    targets = [target for letter in coming for target in letter.mailbox.targets]
    if len(targets) == 1:
        return _("Send to %(name)s", name=targets[0].name)
    if {target.role for target in targets} == {"councillor"}:
        return ngettext("Send to %(num)s councillor", "Send to %(num)s councillors", len(targets))
    return ngettext("Send %(num)s letter", "Send %(num)s letters", len(coming))


def link_problem(problem: str, campaign: CampaignView | None = None) -> ResponseReturnValue:
    """Say kindly why the link leads nowhere, and what can be done."""
    status = NOT_FOUND if problem == "forged" else GONE
    return render_template("public/link_problem.html", problem=problem, campaign=campaign), status


def _own_page(session: Session, action: Action, token: str) -> ResponseReturnValue:
    rows = session.execute(
        select(Letter, Delivery)
        .join(Delivery, Delivery.id == Letter.id)
        .where(Letter.action_id == action.id)
        .order_by(Letter.id)
    ).all()
    replies = replies_to(session, [letter.id for letter, _delivery in rows])
    return render_template(
        "public/own.html",
        campaign=view_of(action.campaign),
        thanks=_thanks(action),
        letters=[_progress(letter, delivery, action.campaign, replies[letter.id]) for letter, delivery in rows],
        stop_url=url_for("public.stop", token=token) if may_write(session, action.supporter_id) else None,
        answers_url=_answers_url(action, [delivery for _letter, delivery in rows]),
        can_withdraw=any(delivery.state in WITHDRAWABLE for _letter, delivery in rows),
        withdraw_url=url_for("public.withdraw", token=token),
        share_url=platform().links.campaign(action.campaign.slug, g.language, via=Source.SHARE),
    )


def _thanks(action: Action) -> Markup:
    """The campaign's own thanks to who takes part; nothing to who has withdrawn."""
    withdrawn = action.state is ActionState.WITHDRAWN
    return Markup("" if withdrawn else plain_html(action.campaign.page_in(g.language).thanks))  # noqa: S704 - escaped


def _answers_url(action: Action, deliveries: Sequence[Delivery]) -> str:
    """Where to tell who has answered; empty while nobody can have."""
    if action.campaign.kind is CampaignKind.PLEDGE or not any(one.state in REACHED for one in deliveries):
        return ""
    return url_for("public.answers", token=platform().links.answers_token(action.public_id))


def _progress(letter: Letter, delivery: Delivery, campaign: Campaign, replies: Sequence[Reply]) -> dict[str, Any]:
    label, text = state_words(delivery.state, delivery.reason, campaign)
    return {
        "target_id": letter.target_id,
        "to_name": letter.recipient.name,
        "to_organisation": letter.recipient.organisation,
        "state": delivery.state.value,
        "state_label": label,
        "state_text": text,
        "changed_at": delivery.changed_at,
        "reply": reply_words(replies),
    }
