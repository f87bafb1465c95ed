"""Statements that are built once and then only given their values.

SQLAlchemy takes far longer to build a statement than a database takes to run it: 300 microseconds for an UPDATE that
SQLite runs in 30. For what is asked once a page that is nothing; a batch of letters asks two dozen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias
from typing import cast as cast_type
from weakref import WeakSet

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ClauseElement,
    ColumnElement,
    CursorResult,
    Dialect,
    Executable,
    Integer,
    LargeBinary,
    Select,
    Subquery,
    Text,
    UpdateBase,
    any_,
    bindparam,
    cast,
    func,
    select,
    text,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql import visitors
from sqlalchemy.types import TypeEngine, UserDefinedType

from app.columns import UNIX_EPOCH, UtcDateTime

Columns: TypeAlias = Mapping[str, TypeEngine[Any]]
"""Names of columns and what they hold: text, or whole numbers."""

Number: TypeAlias = ColumnElement[int] | InstrumentedAttribute[int] | InstrumentedAttribute[int | None]


class _Built(NamedTuple):
    statement: Executable
    values: Mapping[str, BindParameter[Any]]
    """What it is given, by name."""


class Ready:
    """A statement that is built once for each dialect, with its values named by `bindparam`.

    In one that writes no value has the name of a column: SQLAlchemy would set the column to it.
    """

    def __init__(self, build: Callable[[str], Executable]) -> None:
        """`build` is given the dialect's name."""
        self._build = build
        self._built: dict[str, _Built] = {}
        _EVERY.add(self)

    def run(self, session: Session, /, **values: Any) -> CursorResult[*tuple[Any, ...]]:
        """Run it in the session's transaction, after what waits in the session has been written, whatever is said of
        `autoflush`.

        Values that the statement does not name are left out. Rows have the columns' names; the session's own objects
        are neither made of them nor brought up to date.
        """
        session.flush()
        built = self._of(session)
        return session.connection().execute(built.statement, {name: values[name] for name in built.values})

    def rehearse(self, session: Session) -> None:
        """Run it with values that find nothing."""
        self.run(session, **{name: _nothing(value) for name, value in self._of(session).values.items()})

    def _of(self, session: Session) -> _Built:
        name = session.get_bind().dialect.name
        if name not in self._built:
            self._built[name] = _checked(self._build(name))
        return self._built[name]


class ReadyObjects(Ready):
    """One that selects the session's own objects of one kind."""

    def all(self, session: Session, /, **values: Any) -> Sequence[Any]:
        """Those that it finds."""
        return session.scalars(self._of(session).statement, values).all()

    def rehearse(self, session: Session) -> None:
        """See `Ready.rehearse`."""
        self.all(session, **{name: _nothing(value) for name, value in self._of(session).values.items()})


_EVERY: WeakSet[Ready] = WeakSet()


def rehearse(session: Session) -> None:
    """Run every statement with values that find nothing, so that nothing is changed: SQLAlchemy keeps what it compiles,
    and the connection what it has looked up and, after some times, prepared. Without it a worker's first batch takes
    half as long again.
    """
    plan_for_batches(session)
    for _ in range(_times_until_prepared(session)):
        for statement in [*_EVERY]:
            statement.rehearse(session)


def _times_until_prepared(session: Session) -> int:
    """How often PostgreSQL's driver runs a statement before it has the server keep it, with its plan."""
    driver = session.connection().connection.driver_connection
    return 1 + (getattr(driver, "prepare_threshold", None) or 0)


def plan_for_batches(session: Session) -> None:
    """Let the database plan for batches for the rest of the session's transaction: by keys, and once.

    PostgreSQL reckons with a disk that takes four times as long to go to a row as to read on. So with some ten thousand
    letters it read all of them, all actions and all supporters to find the five hundred of a batch, and took three
    times as long. And it would plan a prepared statement anew for each batch's values, which for some takes as long as
    running them; they differ in nothing that matters. It plans anew when a table's statistics change. SQLite does
    neither.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_FOR_BATCHES)


_FOR_BATCHES = text(
    "SELECT set_config('random_page_cost', '1.1', true), set_config('plan_cache_mode', 'force_generic_plan', true)"
)


def _nothing(value: BindParameter[Any]) -> Any:
    """A value that finds nothing, of the kind of those that will: PostgreSQL's driver prepares a statement once more
    for values of another kind.
    """
    if value.expanding or isinstance(value.type, Many):
        return []
    if isinstance(value.type, UtcDateTime):
        return UNIX_EPOCH
    return 0 if isinstance(value.type, Integer) else None


def _checked(statement: Executable) -> _Built:
    parts = visitors.iterate(cast_type(ClauseElement, statement))
    values = {one.key: one for one in parts if isinstance(one, BindParameter) and not one.unique}
    if isinstance(statement, UpdateBase) and (taken := values.keys() & {*statement.table.c.keys()}):
        raise ValueError(f"values with the names of columns: {', '.join(sorted(taken))}")
    return _Built(statement, values)


class Many(UserDefinedType[Collection[int | str]]):
    """Any number of whole numbers, or of texts, as one value: JSON for SQLite, for PostgreSQL an array's own spelling.

    The driver would spell an array too, and take some three hundred nanoseconds for each number, a microsecond for each
    text. Cast it to the kind of array where it is used: PostgreSQL then knows how many there are when it plans.
    """

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str]:
        """On the way in."""
        return _as_json if dialect.name == "sqlite" else _as_array


def _as_json(cells: Collection[int | str]) -> str:
    return json.dumps([*cells])


def _as_array(cells: Collection[int | str]) -> str:
    texts = isinstance(next(iter(cells), None), str)
    return f"{{{','.join(map(_quoted if texts else str, cells))}}}"


def _quoted(text: Any) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def one_of_many(dialect: str, column: Number, many: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the column is one of the numbers in a value of the kind `Many`."""
    if dialect == "sqlite":
        return column.in_(select(func.json_each(many).table_valued("value").c.value))
    return column == any_(cast(many, ARRAY(BigInteger)))


def one_of_given(dialect: str, column: Number, name: str = "ids") -> ColumnElement[bool]:
    """Whether the column is one of the numbers that the statement is given under `name`."""
    return one_of_many(dialect, column, bindparam(name, type_=Many()))


class GivenTable:
    """A table whose rows a statement is given, for one that takes many at once."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def build(self, dialect: str) -> Subquery:
        """The table, as the statement names it."""
        kinds = list(self._columns.values())
        if dialect == "sqlite":
            each = func.json_each(bindparam("rows", type_=Text())).table_valued("value")
            cells = [func.json_extract(each.c.value, f"$[{place}]") for place in range(len(kinds))]
        else:
            named = self._columns.items()
            arrays = [cast(bindparam(f"rows_{name}", type_=Many()), ARRAY(kind)) for name, kind in named]
            cells = [*func.unnest(*arrays).table_valued(*self._columns, name="each").render_derived().c]
        typed = zip(self._columns, kinds, cells, strict=True)
        return select(*(type_coerce(cell, kind).label(name) for name, kind, cell in typed)).subquery()

    def values(self, session: Session, rows: Sequence[Sequence[int | str]]) -> dict[str, Any]:
        """The values that give a statement these rows, at least one."""
        if session.get_bind().dialect.name == "sqlite":
            return {"rows": json.dumps(rows)}
        cells = zip(*rows, strict=True)
        return {f"rows_{name}": some for name, some in zip(self._columns, cells, strict=True)}


class GivenHashes:
    """Hashes that a statement is given, in one value. SQLite takes them one behind the other: in JSON there are no
    bytes, and each value of its own costs SQLAlchemy a microsecond.
    """

    def __init__(self, length: int) -> None:
        """`length` is each hash's, in bytes."""
        self._length = length

    def build(self, dialect: str) -> Select[bytes]:
        """The hashes, for an IN."""
        if dialect == "sqlite":
            each = func.json_each(bindparam("places", type_=Many())).table_valued("value")
            cut = func.substr(bindparam("hashes", type_=LargeBinary()), each.c.value, self._length)
            return select(cut)
        return select(func.unnest(cast(bindparam("hashes", type_=Many()), ARRAY(LargeBinary))))

    def values(self, session: Session, hashes: Collection[bytes]) -> dict[str, Any]:
        """The values that give a statement these hashes."""
        if session.get_bind().dialect.name == "sqlite":
            places = [1 + self._length * number for number in range(len(hashes))]
            return {"hashes": b"".join(hashes), "places": places}
        return {"hashes": [rf"\x{one.hex()}" for one in hashes]}
