"""What a piece of work costs a database, in figures that no busy machine changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The statements that are executed meanwhile."""
    told: list[str] = []

    def tell(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        told.append(statement)

    event.listen(engine, "before_cursor_execute", tell)
    yield told
    event.remove(engine, "before_cursor_execute", tell)


class Steps:
    """How many instructions SQLite's machine runs in a session: a row that is looked at takes several."""

    def __init__(self, session: Session) -> None:
        self.taken = 0
        self._connection = session.connection().connection.driver_connection
        assert self._connection is not None

    def __enter__(self) -> Self:
        self._connection.set_progress_handler(self._take, 1)
        return self

    def __exit__(self, *_error: object) -> None:
        self._connection.set_progress_handler(None, 1)

    def _take(self) -> int:
        self.taken += 1
        return 0
