"""One target's card: what is known of them, how it is known, and what became of the letters to them."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actions.models import Letter, letters_to
from app.queue.lanes import key_of
from app.queue.models import Brake, BrakeScope, Delivery, Lane
from app.registrar.address_checks import waiting_check
from app.roles import Permission
from app.staff.audit import history
from app.targets.corrections import open_corrections_of
from app.targets.freshness import day_of, is_stale
from app.targets.models import Target, TargetOverride
from app.targets.overlay import Standing, standing
from app.targets.overrides import OVERRIDABLE
from app.web.organise.deed_words import deed_words
from app.web.organise.door import blueprint
from app.web.organise.targets.frame import People, show, target_or_404
from app.web.organise.targets.words import delivery_words, field_words, keeper_words, role_of_target
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized

HISTORY = 20
_FIELDS = ("name", "salutation", "organisation", "registration", "email", "address", "party")


@localized(blueprint, "/organise/targets/<int:target_id>", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.TARGETS)
def target(target_id: int) -> ResponseReturnValue:
    """Show a target's card."""
    now = platform().clock()
    with platform().sessions.read() as session:
        of = target_or_404(session, target_id)
        people = People(session)
        over = {one.field: one for one in standing(session, TargetOverride.target_id == of.id)}
        return show(
            "card",
            target=of,
            role=role_of_target(of.role),
            area=_area(of),
            list_url=url_for("organise.target_list", list_id=of.list_id),
            keeper=keeper_words(of.list),
            facts=[_fact(of, name, over.get(name), people) for name in _FIELDS if getattr(of, name) or name in over],
            attributes=sorted(of.attributes.items()),
            verified_by=people.who(of.verified_by),
            removed_by=people.who(of.removed_by),
            stale=is_stale(of.stale_from, day_of(now)),
            asked=waiting_check(session, of, now),
            corrections=open_corrections_of(session, of.id),
            letters=_letters(session, of),
            lane=_lane(session, of),
            paused=_paused(session, of),
            history=[
                {"at": entry.at, "words": deed_words(entry.action), "actor": entry.actor, "note": entry.note}
                for entry in history(session, "target", of.id, limit=HISTORY)
            ],
        )


def _fact(of: Target, name: str, over: Standing | None, people: People) -> dict[str, Any]:
    """A field with its value, and the override that gave it, if one did."""
    by = None if over is None else people.who(over.made_by)
    return {
        "field": name,
        "name": field_words(name),
        "value": getattr(of, name),
        "over": over,
        "by": by,
        "may": name in OVERRIDABLE,
    }


def _area(of: Target) -> str:
    if of.area is None:
        return ""
    council = f", {of.area.parent.name}" if of.area.parent else ""
    return f"{of.area.name}{council} ({of.area.code})"


def _letters(session: Session, of: Target) -> list[tuple[str, int]]:
    """How many letters to a target are in which state."""
    rows = session.execute(
        select(Delivery.state, func.count())
        .join(Letter, Letter.id == Delivery.id)
        .where(letters_to(of.id))
        .group_by(Delivery.state)
    )
    return [(delivery_words(state), number) for state, number in rows]


def _lane(session: Session, of: Target) -> Lane | None:
    keys = (of.email.lower(), key_of(of.email)) if of.email else ()
    return session.scalars(select(Lane).where(Lane.key.in_(keys)).order_by(func.length(Lane.key).desc())).first()


def _paused(session: Session, of: Target) -> str:
    """Why letters to a target wait, if staff have said so."""
    why = select(Brake.why).where(Brake.scope == BrakeScope.TARGET, Brake.subject_id == of.id)
    return session.scalar(why) or ""
