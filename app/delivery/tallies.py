"""Numbers that only grow, for the metrics: rows, so that every process counts on the same ones."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.db import insert_or
from app.delivery.models import Tally


def count_up(session: Session, name: str, label: str, number: int = 1, *, lane_id: int = 0) -> None:
    """Add to the tally `name` of this label (and lane)."""
    statement = insert_or(session, Tally).values(name=name, lane_id=lane_id, label=label, count=number)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["name", "lane_id", "label"], set_={"count": Tally.count + statement.excluded.count}
        )
    )
