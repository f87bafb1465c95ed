"""`check` tells the difference between models and migrations; `new "<words>"` writes what the migrations lack.

Both work on a scratch SQLite database, so neither needs a database of yours.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from app.db import make_engine
from app.privacy.keys import FieldKeys
from app.schema import alembic_config, check, upgrade


@contextmanager
def scratch_database() -> Iterator[Engine]:
    """A database of no one's, at the newest schema that the migrations know."""
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/scratch.sqlite3", FieldKeys.random())
        upgrade(engine)
        yield engine
        engine.dispose()


def write_missing_migration(engine: Engine, words: str) -> None:
    """Write `migrations/versions/<next number>_<words>.py` with what the models have and the database lacks."""
    with engine.begin() as connection:
        config = alembic_config(connection)
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        newest = ScriptDirectory.from_config(config).get_current_head()
        command.revision(config, words, autogenerate=True, rev_id=f"{int(newest or 0) + 1:04}")


def main() -> int:
    """Run the command that the arguments name; the number is the exit status."""
    parser = argparse.ArgumentParser(prog="python -m migrations", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check")
    commands.add_parser("new").add_argument("words")
    arguments = parser.parse_args()
    with scratch_database() as engine:
        if arguments.command == "new":
            write_missing_migration(engine, arguments.words)
            return 0
        differences = check(engine)
    sys.stdout.write("\n".join(differences) or "Migrations match the models.")
    sys.stdout.write("\n")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
