"""Whose addresses send mail back: what coverage tells of each ward's councillors."""

from __future__ import annotations

from collections import Counter
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.models import Letter
from app.delivery.models import Suppression
from app.delivery.suppressions import address_hash
from app.queue.models import Delivery
from app.queue.states import DeliveryState
from app.targets.coverage import ELECTED, CouncilCoverage, by_council
from app.targets.models import Target
from app.targets.postcode_counts import groups_with_counts


def bounced_by_area(session: Session) -> Counter[int | None]:
    """How many of each area's councillors have an address that has sent a letter back, or must not be mailed.

    A receiver that blocks us says nothing about an address.
    """
    hashes = {bytes(one) for one in session.scalars(select(Suppression.address_hash))}
    came_back = set(session.scalars(_CAME_BACK))
    rows = session.execute(
        select(Target.id, Target.area_id, Target.email).where(
            Target.role.in_(ELECTED), Target.archived_at.is_(None), Target.email != ""
        )
    )
    return Counter(
        row.area_id for row in rows if row.id in came_back or (hashes and address_hash(session, row.email) in hashes)
    )


def councils_covered(session: Session, today: date) -> list[CouncilCoverage]:
    """What there is of every council, with the areas that postcodes lie in, and whose addresses send mail back."""
    in_use = {area for group in groups_with_counts(session) for area in group.area_ids}
    return by_council(session, today, in_use=in_use, bounced=bounced_by_area(session))


_CAME_BACK = (
    select(Letter.target_id)
    .join(Delivery, Delivery.id == Letter.id)
    .where(Delivery.state == DeliveryState.BOUNCED, Delivery.reason != "blocked")
    .distinct()
)
