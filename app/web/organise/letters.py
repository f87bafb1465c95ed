"""The letters desk: find deliveries, look at one, decide about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.delivery import desk_figures
from app.delivery.bulk import QUEUES, decide_one, deeds_for
from app.delivery.bulk_models import BulkDeed
from app.delivery.desk import NOT_BY_HAND, Line, lines
from app.delivery.find import COUNTED, Found, Sought, find, number
from app.delivery.letter_card import Card, card
from app.delivery.review_desk import number_waiting
from app.letters.review import Rule
from app.letters.sanitise import plain_html
from app.queue.models import BrakeScope
from app.queue.states import DeliveryState, Purpose
from app.queue.story import Change
from app.roles import Permission
from app.web.organise.door import blueprint, me, ring
from app.web.organise.letter_forms import LARGEST_ID, DeedForm, SoughtLettersForm
from app.web.organise.letter_words import (
    deed_choice,
    delivery_words,
    event_words,
    purpose_words,
    reason_words,
    rule_words,
    source_words,
)
from app.web.organise.sign_in import UNPROCESSABLE, note_stale
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized

SHOWN = 50
FILTERS = ("state", "reason", "campaign", "lane", "target")


@localized(blueprint, "/organise/letters", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.LETTERS)
def letters() -> ResponseReturnValue:
    """Show how many there are in each state, and those that are asked for, newest first."""
    form = SoughtLettersForm(request.args)
    valid = form.validate()
    with platform().sessions.read() as session:
        called = desk_figures.targets_called(session, form.to.data) if valid and form.to.data else None
        if called is not None and len(called) == 1:
            form.target.data = called[0][0]
        sought = form.sought() if valid else Sought()
        campaigns = desk_figures.campaigns(session, g.language)
        found = find(session, sought, before=form.before.data if valid else None, limit=SHOWN)
        page = render_template(
            "organise/letters.html",
            form=form,
            **_head(session, campaigns),
            **_page(session, sought, found, campaigns),
            called=_called(called, sought),
        )
    return page, (200 if valid else UNPROCESSABLE)


@localized(blueprint, "/organise/letters/<int:delivery_id>", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.LETTERS)
def letter(delivery_id: int) -> ResponseReturnValue:
    """Show one delivery, all that happened to it, and what can be done now."""
    return _card_page(delivery_id, DeedForm(formdata=None))


@localized(blueprint, "/organise/letters/<int:delivery_id>", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.LETTERS)
def decide_letter(delivery_id: int) -> ResponseReturnValue:
    """Do what was chosen; what does not fit any more is not done, and the page shows how things stand."""
    form, site = DeedForm(request.form), platform()
    if not form.validate():
        note_stale(form)
        return _card_page(delivery_id, form), UNPROCESSABLE
    deed = BulkDeed(form.deed.data or "")
    with site.sessions.write() as session:
        if delivery_id > LARGEST_ID:
            abort(404)
        done = decide_one(session, deed, delivery_id, why=form.why.data or "", member_id=me().id, now=site.clock())
    if not done:
        form.form_errors.append(_("Something has happened to it meanwhile. This is how it stands now."))
        return _card_page(delivery_id, form), UNPROCESSABLE
    ring(0 if deed in QUEUES else None)
    return redirect(url_for("organise.letter", delivery_id=delivery_id), 303)


def address_of(sought: Sought, endpoint: str = "organise.letters", **more: Any) -> str:
    """A page about what is sought."""
    values = (sought.state, sought.reason, sought.campaign_id, sought.lane_id, sought.target_id)
    asked: dict[str, Any] = {name: value for name, value in zip(FILTERS, values, strict=True) if value is not None}
    return url_for(endpoint, **asked, **more)


def sought_words(session: Session, sought: Sought) -> list[tuple[str, str]]:
    """What is sought, as pairs of a filter's name and its value in words."""
    campaigns, lanes = desk_figures.campaigns(session, g.language), dict(desk_figures.lanes(session))
    told = [
        (_("State"), delivery_words(sought.state) if sought.state else ""),
        (_("Why"), reason_words(sought.reason) if sought.reason else ""),
        (_("Campaign"), campaigns.get(sought.campaign_id or 0, "")),
        (_("Mail domain"), lanes.get(sought.lane_id or 0, "")),
        (_("Recipient"), (desk_figures.target_name(session, sought.target_id) or "") if sought.target_id else ""),
    ]
    return [(name, value) for name, value in told if value]


def at_most_words(number_of: int) -> str:
    """A number that was not counted to its end."""
    return _("%(num)s and more", num=COUNTED) if number_of >= COUNTED else str(number_of)


def _head(session: Session, campaigns: Mapping[int, str]) -> dict[str, Any]:
    """The figures above the list, and what its filters offer; `campaigns` have their titles."""
    counts = desk_figures.by_state(session)
    reasons = desk_figures.held_by_reason(session)
    return {
        "states": [
            {"name": delivery_words(state), "number": counts[state], "url": address_of(Sought(state))}
            for state in DeliveryState
        ],
        "held": [
            {
                "name": reason_words(reason),
                "number": at_most_words(some),
                "url": address_of(Sought(DeliveryState.HELD, reason)),
            }
            for reason, some in reasons.items()
        ],
        "to_read": number_waiting(session),
        "state_choices": [{"id": state.value, "name": delivery_words(state)} for state in DeliveryState],
        "reason_choices": [
            {"id": reason, "name": reason_words(reason)} for reason in (*desk_figures.HELD_FOR, "blocked", "gave_up")
        ],
        "campaign_choices": [{"id": key, "name": title} for key, title in campaigns.items()],
        "lane_choices": [{"id": key, "name": name} for key, name in desk_figures.lanes(session)],
    }


def _page(session: Session, sought: Sought, found: Found, campaigns: Mapping[int, str]) -> dict[str, Any]:
    """The list, and what can be done about all of it."""
    older = None if found.before is None else address_of(sought, before=found.before)
    deeds = [
        {"name": deed_choice(deed)[0], "url": address_of(sought, "organise.bulk", deed=deed.value)}
        for deed in deeds_for(sought)
    ]
    return {
        "sought": sought_words(session, sought),
        "target_id": sought.target_id,
        "number": number(session, sought) if sought.counted else None,
        "deliveries": [_shown(line, campaigns) for line in lines(session, found.ids)],
        "older_url": older,
        "deeds": deeds if found.ids or older else [],
    }


def _called(found: Sequence[tuple[int, str, str]] | None, sought: Sought) -> list[dict[str, str]] | None:
    """Recipients to choose from, where several have the name that was asked for; none where it is clear."""
    if found is None or len(found) == 1:
        return None
    return [
        {
            "name": name,
            "organisation": organisation,
            "url": address_of(Sought(sought.state, sought.reason, sought.campaign_id, sought.lane_id, target_id)),
        }
        for target_id, name, organisation in found
    ]


def _shown(line: Line, campaigns: Mapping[int, str]) -> dict[str, Any]:
    """A delivery as lists show it: nothing of its supporter."""
    return {
        "id": line.id,
        "url": url_for("organise.letter", delivery_id=line.id),
        "to": line.recipient or purpose_words(line.purpose),
        "campaign": campaigns.get(line.campaign_id, ""),
        "lane": line.lane,
        "state": line.state.value,
        "state_words": delivery_words(line.state),
        "reason": reason_words(line.reason) if line.reason else "",
    }


def _card_page(delivery_id: int, form: DeedForm) -> str:
    with platform().sessions.read() as session:
        found = card(session, delivery_id) if delivery_id <= LARGEST_ID else None
        if found is None:
            abort(404)
        return _rendered(found, form, desk_figures.campaigns(session, g.language))


def _rendered(found: Card, form: DeedForm, campaigns: Mapping[int, str]) -> str:
    line = found.line
    deeds = deeds_for(Sought(line.state, line.reason))
    return render_template(
        "organise/letter.html",
        form=form,
        delivery=_shown(line, campaigns),
        is_letter=line.purpose is Purpose.LETTER,
        due_at=line.due_at if line.state is DeliveryState.QUEUED else None,
        message_id=platform().renderer.sender.message_id(line.id),
        story=[_change(change) for change in found.story],
        choices=[
            {"id": deed.value, "name": name, "organisation": what}
            for deed in deeds
            for name, what in [deed_choice(deed)]
        ],
        not_by_hand=_instead(line),
        review_url=None if found.review_id is None else url_for("organise.review", review_id=found.review_id),
        writer=found.writer,
        subject="" if found.letter is None else found.letter.subject,
        text_html="" if found.letter is None else plain_html(found.letter.text),
        stops=_stops(found),
        same=_same(found),
    )


def _instead(line: Line) -> str:
    """What helps, where letting go would not."""
    if line.state is not DeliveryState.HELD or line.reason not in NOT_BY_HAND:
        return ""
    return {
        "review": _("Read it, and decide there."),
        "unverified_target": _("Letting it go would not help: check the recipient’s address first."),
        "stale_target": _("Letting it go would not help: newer data of the council are needed."),
        "text_changed": _("It can only be cancelled."),
    }.get(line.reason, "")


def _change(change: Change) -> dict[str, Any]:
    return {
        "at": change.at,
        "words": event_words(change.from_state, change.to_state),
        "source": source_words(change.source),
        "detail": _detail_words(change.detail),
    }


def _detail_words(detail: str) -> str:
    """What was said of an event; of a letter that is held to be read, the rules in words."""
    codes = detail.split(", ")
    return ". ".join(rule_words(Rule(code)) for code in codes) if set(codes) <= set(Rule) else detail


def _stops(found: Card) -> list[dict[str, str]]:
    """The ways to stop more than this one."""
    if found.target_id is None:
        return []
    subjects = (
        (_("Pause letters to this recipient"), BrakeScope.TARGET, found.target_id),
        (_("Pause mail to %(domain)s", domain=found.line.lane), BrakeScope.LANE, found.lane_id),
        (_("Pause the campaign’s letters"), BrakeScope.CAMPAIGN, found.campaign_id),
    )
    return [
        {"name": name, "url": url_for("organise.stop", scope=scope.value, subject=subject)}
        for name, scope, subject in subjects
    ]


def _same(found: Card) -> list[dict[str, str]]:
    """The ways to others like it."""
    ways = [(_("All of this campaign"), Sought(campaign_id=found.campaign_id))] if found.campaign_id else []
    ways += [(_("All to this mail domain"), Sought(lane_id=found.lane_id))]
    if found.target_id is not None:
        ways += [(_("All to this recipient"), Sought(target_id=found.target_id))]
    return [{"name": name, "url": address_of(sought)} for name, sought in ways]
