"""A million waiting letters within a minute or two: the database copies rows that the platform's functions have made.

Each copy is whole (supporter, action, letters, deliveries, events) and could be delivered: ids are shifted, what must
be unique is made anew, everything else, the ciphertexts and leases too, is as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    bindparam,
    cast,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

from app.actions.models import Action, CampaignTally, Letter, Supporter
from app.campaigns.models import Campaign
from app.db import Sessions
from app.queue.models import CampaignHour, Delivery, DeliveryEvent, StateCount, TargetCount

COPIED: tuple[Table, ...] = tuple(
    row.metadata.tables[row.__tablename__] for row in (Supporter, Action, Delivery, Letter, DeliveryEvent)
)


def multiply(sessions: Sessions, times: int) -> None:
    """Make the letters that are there `times` as many, in the states that they are in."""
    if times <= 1:
        return
    with sessions.read() as session:
        steps = {table.name: session.scalar(select(func.max(table.c.id))) or 0 for table in COPIED}
    postgresql = sessions.engine.dialect.name == "postgresql"
    statements = [_copying(table, steps, postgresql=postgresql) for table in COPIED]
    with sessions.write() as session:
        _trust(session, postgresql=postgresql)
        for number in range(1, times):
            for statement in statements:
                session.execute(statement, {"number": number})
        for counters in (StateCount, TargetCount, CampaignHour, CampaignTally):
            session.execute(update(counters).values(count=counters.count * times))
        session.execute(
            update(Campaign).values(
                confirmed_count=Campaign.confirmed_count * times, letter_count=Campaign.letter_count * times
            )
        )
        if postgresql:
            for table in COPIED:  # what has another's number has no sequence, and is left alone
                session.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}")  # noqa: S608 - our own names
                )


def _trust(session: Session, *, postgresql: bool) -> None:
    """References need no check: the copies refer to each other as the originals do."""
    if postgresql:
        session.execute(text("SET LOCAL session_replication_role = replica"))


def _copying(table: Table, steps: Mapping[str, int], *, postgresql: bool) -> Any:
    originals = table.c.id <= steps[table.name]
    columns = [_copied(column, steps, postgresql=postgresql) for column in table.c]
    return insert(table).from_select([column.name for column in table.c], select(*columns).where(originals))


def _copied(column: Column[Any], steps: Mapping[str, int], *, postgresql: bool) -> ColumnElement[Any]:
    step = _step(column, steps)
    if step is not None:
        return column + step * bindparam("number", type_=Integer)
    if isinstance(column.type, Uuid) and column.unique:
        return func.gen_random_uuid() if postgresql else func.lower(func.hex(func.randomblob(16)))
    if isinstance(column.type, LargeBinary) and column.unique:
        made = func.sha256(cast(cast(func.gen_random_uuid(), String), LargeBinary))
        return made if postgresql else func.randomblob(32)
    return column


def _step(column: Column[Any], steps: Mapping[str, int]) -> int | None:
    """How far the ids in a column are apart in two copies that follow each other; none for what is the same in all."""
    own = column.table.name if column.primary_key else column.name.removesuffix("_id")
    return steps.get(next((key.column.table.name for key in column.foreign_keys), own))
