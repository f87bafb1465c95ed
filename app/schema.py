"""The schema: made by the migrations and by nothing else, on both databases.

There is no way back down. Before an upgrade an operator takes a backup, and returning to an older release means
restoring it: a downgrade that drops columns would lose supporters' letters without saying so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, Engine, Inspector, Table, inspect, text

from app.db import WRITING
from app.rows import metadata

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
_UPGRADE_LOCK = 0x501D_A217  # any number will do, so long as nothing else of ours takes an advisory lock by it


class BrokenReferencesError(Exception):
    """After a migration some rows pointed at rows that are not there; the upgrade was rolled back."""


def alembic_config(connection: Connection) -> AlembicConfig:
    """Alembic's settings for working on an open connection, whose transaction stays the caller's."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring the database to the newest schema, in one transaction; a second caller waits and finds nothing to do.

    Args:
        engine: on the database.
        to: an older release's schema instead, by its migration's number.

    Raises:
        BrokenReferencesError: on SQLite, where references are checked at the end of the upgrade, not at each step.
    """
    with _exclusive(engine) as connection:
        command.upgrade(alembic_config(connection), to)


def check(engine: Engine) -> list[str]:
    """How the database differs from the models, a line for each difference; empty when they match."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = [str(difference) for difference in compare_metadata(context, metadata)]
        inspector = inspect(connection)
        present = [table for table in metadata.sorted_tables if inspector.has_table(table.name)]
        return differences + [line for table in present for line in _constraint_differences(inspector, table)]


def _constraint_differences(inspector: Inspector, table: Table) -> Iterator[str]:
    """What Alembic does not compare: the names of constraints, and the values that each CHECK allows."""
    expected, found = _model_constraints(table), _database_constraints(inspector, table.name)
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            yield f"constraint {name} of {table.name}: models {expected.get(name)}, database {found.get(name)}"


def _model_constraints(table: Table) -> dict[str, list[str]]:
    named = {str(constraint.name): constraint for constraint in table.constraints if constraint.name}
    return {
        name: _literals(str(constraint.sqltext.compile(compile_kwargs={"literal_binds": True})))
        if isinstance(constraint, CheckConstraint)
        else []
        for name, constraint in named.items()
    }


def _database_constraints(inspector: Inspector, table: str) -> dict[str, list[str]]:
    names = [inspector.get_pk_constraint(table)["name"]]
    names += [constraint["name"] for constraint in inspector.get_unique_constraints(table)]
    names += [constraint["name"] for constraint in inspector.get_foreign_keys(table)]
    checks = {str(one["name"]): _literals(one["sqltext"]) for one in inspector.get_check_constraints(table)}
    return {str(name): [] for name in names} | checks


def _literals(condition: str) -> list[str]:
    """The quoted values in a condition, which each database writes in words of its own."""
    return sorted(re.findall(r"'([^']*)'", condition))


@contextmanager
def _exclusive(engine: Engine) -> Iterator[Connection]:
    """A transaction that no other upgrade runs beside, committed at the end."""
    opened = _exclusive_sqlite if engine.dialect.name == "sqlite" else _exclusive_postgresql
    with opened(engine) as connection:
        yield connection


@contextmanager
def _exclusive_postgresql(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _UPGRADE_LOCK})
        yield connection


@contextmanager
def _exclusive_sqlite(engine: Engine) -> Iterator[Connection]:
    # SQLite changes a table by copying and dropping it, which references would forbid; the switch does nothing inside
    # a transaction. The connection is thrown away afterwards, so that none without references returns to the pool.
    with engine.execution_options(**WRITING).connect() as connection:
        connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                yield connection
                if connection.execute(text("PRAGMA foreign_key_check")).first():
                    raise BrokenReferencesError("a migration left rows that point at nothing; nothing was changed")
        finally:
            connection.invalidate()
