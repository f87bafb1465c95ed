"""One writer of the registry at a time: a sync compares and then writes, so two of them must not interleave."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

_REGISTRY_LOCK = 0x5265_6769
"""Any number that no other advisory lock of this database uses."""


def take_turn(session: Session) -> None:
    """Wait until no other transaction writes the registry; the turn ends with this one.

    SQLite needs nothing: `Sessions.write` takes the whole database.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_REGISTRY_LOCK)))
