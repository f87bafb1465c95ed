"""Numbers that only grow, for the metrics: rows, so that every process counts on the same ones."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import BigInteger, Text
from sqlalchemy.orm import Session

from app.delivery.models import Tally
from app.statements import Totals

_TALLIES = Totals(Tally, {"name": Text(), "lane_id": BigInteger(), "label": Text(), "count": BigInteger()})


def count_up(session: Session, name: str, numbers: Mapping[tuple[int, str], int]) -> None:
    """Add to the tallies `name`: a number for each lane (0: for none) and label."""
    _TALLIES.add(session, [(name, *place, number) for place, number in sorted(numbers.items())])
