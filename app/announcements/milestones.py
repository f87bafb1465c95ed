"""Round numbers of people, and the goal: each is reached once in a campaign, however often its count goes up again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.announcements.announce import announce
from app.announcements.models import Happening, Milestone
from app.statements import insert_or

_FIRST = 100
_STEPS = (1, 5)
"""100, 500, 1,000, 5,000 and so on."""


def note_milestone(session: Session, campaign_id: int, people: int, goal: int | None, now: datetime) -> None:
    """Announce that a campaign has reached `people`, if that is a round number or its goal, and the first time."""
    if not (people == goal or is_milestone(people)):
        return
    statement = insert_or(session, Milestone).values(campaign_id=campaign_id, people=people, at=now)
    reached = session.execute(statement.on_conflict_do_nothing().returning(Milestone.people)).one_or_none()
    if reached is not None:
        figures = {"people": people, "is_goal": people == goal}
        announce(session, Happening.MILESTONE, campaign_id, figures, now)


def is_milestone(people: int) -> bool:
    """Whether it is a number that is worth telling."""
    while people > _FIRST * max(_STEPS) and people % 10 == 0:
        people //= 10
    return people in {_FIRST * step for step in _STEPS}
