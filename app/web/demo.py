"""The postcode that a newcomer may try, from the invented borough."""

from __future__ import annotations

from sqlalchemy import select

from app.db import Sessions
from app.targets.models import Postcode, PostcodeSource
from app.targets.postcodes import postcode_of


def demo_postcode(sessions: Sessions) -> str | None:
    """The first postcode of the demonstration registry, or none when it is not loaded."""
    with sessions.read() as session:
        key = session.scalars(
            select(Postcode.key)
            .join(PostcodeSource, PostcodeSource.id == Postcode.source_id)
            .where(PostcodeSource.demo)
            .order_by(Postcode.key)
            .limit(1)
        ).first()
    return None if key is None else postcode_of(key)
