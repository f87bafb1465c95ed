"""What is said to one database only."""

from __future__ import annotations

from sqlalchemy import text

from app.db import Sessions
from app.statements import prefer_indexes


def test_indexes_are_preferred_until_the_transaction_ends(postgresql_sessions: Sessions) -> None:
    cost = text("SHOW random_page_cost")
    with postgresql_sessions.read() as session:
        usual = session.scalar(cost)
        prefer_indexes(session)
        assert session.scalar(cost) == "1.1" != usual
        session.rollback()
        assert session.scalar(cost) == usual


def test_sqlite_is_told_nothing(sqlite_sessions: Sessions) -> None:
    with sqlite_sessions.read() as session:
        prefer_indexes(session)
        assert session.scalar(text("SELECT 1")) == 1
