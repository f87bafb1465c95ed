"""What would go next, and what would become of it: the claim and the rendering without their effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.delivery.desk import Line, lines
from app.delivery.dispatch import BATCH, UNREADABLE
from app.delivery.render import Renderer
from app.queue.choose import next_ids
from app.queue.lanes import LaneRules
from app.queue.states import Purpose


@dataclass(frozen=True, slots=True)
class Forecast:
    """One delivery that a worker would claim now."""

    line: Line
    obstacle: str
    """Where it would go instead of out, and why (`held: unverified_target`); empty where nothing stands against it."""


def forecast(session: Session, renderer: Renderer, rules: LaneRules, now: datetime, limit: int) -> list[Forecast]:
    """The next deliveries in the order of their going; nothing is changed.

    A worker chooses a whole batch, from every lane its share, before the first of it goes: the first few of a batch are
    not what a batch of a few would be. So no more than the next batch can be told.
    """
    batch = lines(session, next_ids(session, now, BATCH, rules))
    going = sorted(batch, key=lambda line: (line.purpose is Purpose.LETTER, line.id))[:limit]  # as the renderer does
    obstacles = _obstacles(session, renderer, [line.id for line in going], now)
    return [Forecast(line, obstacles.get(line.id, "")) for line in going]


def _obstacles(session: Session, renderer: Renderer, ids: Sequence[int], now: datetime) -> dict[int, str]:
    try:
        prepared = renderer.prepare(session, ids, now)
    except UNREADABLE:
        if len(ids) == 1:
            return {ids[0]: "queued: not_rendered"}
        return {
            delivery_id: words
            for one in ids
            for delivery_id, words in _obstacles(session, renderer, [one], now).items()
        }
    return {one.delivery_id: f"{one.state}: {one.reason}" for one in prepared.unsendable}
