"""What is said to one database only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select, text

from app.db import Sessions
from app.queue.models import Lane
from app.ready import Ready, plan_for_batches, rehearse


def test_plans_are_for_batches_until_the_transaction_ends(postgresql_sessions: Sessions) -> None:
    now = text("SELECT current_setting('random_page_cost'), current_setting('plan_cache_mode')")
    with postgresql_sessions.read() as session:
        usual = session.execute(now).one()
        plan_for_batches(session)
        assert session.execute(now).one() == ("1.1", "force_generic_plan")
        session.rollback()
        assert session.execute(now).one() == usual == ("4", "auto")


def test_sqlite_is_told_nothing(sqlite_sessions: Sessions) -> None:
    with sqlite_sessions.read() as session:
        plan_for_batches(session)
        assert session.scalar(text("SELECT 1")) == 1


def test_what_was_rehearsed_is_prepared_and_stays_so_when_sessions_end(postgresql_sessions: Sessions) -> None:
    ready = Ready(lambda _: select(Lane.id).where(Lane.said == bindparam("words")))
    kept = text("SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE :part")

    def plans() -> Sequence[Any]:
        with postgresql_sessions.read() as session:
            return session.execute(kept, {"part": "%lane.said =%"}).all()

    with postgresql_sessions.write() as session:
        rehearse(session)
    [(_, rehearsed, _)] = plans()
    for _ in range(2):
        with postgresql_sessions.read() as session:
            plan_for_batches(session)
            assert ready.run(session, words="not today").all() == []
    assert [(generic, custom) for _, generic, custom in plans()] == [(rehearsed + 2, 0)]
