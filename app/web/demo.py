"""The postcode that a newcomer may try, from the invented borough."""

from __future__ import annotations

from sqlalchemy import select

from app.db import Sessions
from app.targets.postcode_models import PostcodeSource
from app.targets.postcodes import first_postcode


def demo_postcode(sessions: Sessions) -> str | None:
    """The first postcode of the demonstration registry, or none when it is not loaded."""
    with sessions.read() as session:
        source = session.scalars(select(PostcodeSource).where(PostcodeSource.demo).order_by(PostcodeSource.id)).first()
        return first_postcode(session, source) if source else None
