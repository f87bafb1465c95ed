"""Whether what we have of a council is older than its last election.

Every target carries the day from which it is stale (`Target.stale_from`): the first election of the body that it
belongs to which its list is older than and which nobody has accepted. A coming election sets a day in the future, so
the passing of time needs no work: a target is stale when that day has come. The day is worked out anew, for all targets
in one statement, whenever a list, an election or an acceptance changes.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, CursorResult, ScalarSelect, case, func, select, update
from sqlalchemy.orm import Session, aliased

from app.targets.fields import clean_text, fitting
from app.targets.models import Area, AreaKind, Election, Target, TargetList

HOUSE_OF_COMMONS = "K02000001"
"""The code of the United Kingdom, which stands for the House of Commons among the bodies that are elected."""


class UnknownElectionError(LookupError):
    """Nobody has told us of that election."""


class NotAcceptableError(ValueError):
    """The election has not been yet, or it was not said who accepts what we have, and why."""


def day_of(now: datetime) -> date:
    """Return the day by which targets are stale or not: that of UTC, the same for every campaign."""
    return now.astimezone(UTC).date()


def is_stale(stale_from: date | None, today: date) -> bool:
    """Whether a target's day has come."""
    return stale_from is not None and stale_from <= today


def body_code(area: type[Area], parent: type[Area]) -> ColumnElement[str | None]:
    """The code of the body that an area elects, where `parent` is joined as the area's parent."""
    return case((area.kind == AreaKind.CONSTITUENCY, HOUSE_OF_COMMONS), else_=parent.code)


def refresh_staleness(session: Session) -> int:
    """Work out the day of every target anew, in one statement; how many changed.

    To be called after whatever changes a list, an area's council, an election or an acceptance.
    """
    session.flush()
    day = _first_election_since()
    statement = update(Target).where(Target.stale_from.is_distinct_from(day)).values(stale_from=day)
    result = session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 - what an UPDATE without RETURNING gives
    session.expire_all()
    return result.rowcount


def accept(session: Session, code: str, held_on: date, *, by: str, why: str, now: datetime) -> int:
    """Keep that staff say: what we have of the body is good although it is older than this election.

    Elections before that one are accepted with it, for what is good after the later is good after the earlier.

    Returns:
        How many targets are stale no more, or from a later day.

    Raises:
        UnknownElectionError: there is no such election.
        NotAcceptableError: it has not been yet, or `by` or `why` is empty.
        FieldError: `by` is too long.
    """
    by, why = fitting(Election.accepted_by, clean_text(by)), why.strip()
    if not by or not why:
        raise NotAcceptableError(
            "Say who accepts what there is, and why: for example that the councillors are the same."
        )
    known = select(Election.id).where(Election.body_code == code, Election.held_on == held_on)
    if session.scalar(known) is None:
        raise UnknownElectionError(
            f"There is no election of {code} on {held_on}; `flask councils elections` lists them."
        )
    if held_on > day_of(now):
        raise NotAcceptableError(
            f"The election of {code} on {held_on} has not been yet: nobody can know what it changes."
        )
    session.execute(
        update(Election)
        .where(Election.body_code == code, Election.held_on <= held_on, Election.accepted_at.is_(None))
        .values(accepted_at=now, accepted_by=by, accepted_why=why)
        .execution_options(synchronize_session=False)
    )
    return refresh_staleness(session)


def _first_election_since() -> ScalarSelect[date]:
    """The first election that nobody has accepted after the day that the target's list describes."""
    area, parent = aliased(Area), aliased(Area)
    return (
        select(func.min(Election.held_on))
        .select_from(TargetList)
        .join(area, area.id == Target.area_id)
        .outerjoin(parent, parent.id == area.parent_id)
        .join(Election, Election.body_code == body_code(area, parent))
        .where(TargetList.id == Target.list_id, Election.held_on > TargetList.as_of, Election.accepted_at.is_(None))
        .correlate(Target)
        .scalar_subquery()
    )
