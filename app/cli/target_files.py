"""Reading the files that `flask targets import` is given: their format, and of a table what its columns are."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from app.cli.options import EXISTING
from app.targets.importers.formats import FORMATS, guess
from app.targets.importers.mapping import Mapping as Columns
from app.targets.importers.parsed import Format, NotThisFormatError, Parsed
from app.targets.importers.plain_csv import NAME as CSV
from app.targets.importers.plain_csv import guess_mapping, table_format
from app.targets.importers.reading import decode
from app.targets.importers.sheets import header_names
from app.targets.importers.together import together
from app.targets.records import TargetRole

AUTO = "auto"

Read = Callable[[], tuple[Format, Parsed]]


def file_options(command: Callable[..., None]) -> Callable[..., None]:
    """Ask for files and what they are, and hand the command a `read` that gives their format and what they say."""

    @click.argument("files", nargs=-1, required=True, metavar="FILE...", type=EXISTING)
    @click.option("--format", "name", type=click.Choice([AUTO, *FORMATS, CSV]), default=AUTO, show_default=True)
    @click.option("--map", "maps", multiple=True, metavar="FIELD=COLUMN", help="Of csv: where a field is read from.")
    @click.option("--role", type=click.Choice([role.value for role in TargetRole]), help="Of csv: what its rows are.")
    @click.option("--yes", is_flag=True, help="Of csv: do not ask whether the columns are right.")
    @functools.wraps(command)
    def with_files(
        files: Sequence[Path], name: str, maps: Sequence[str], role: str | None, *, yes: bool, **values: Any
    ) -> None:
        def read() -> tuple[Format, Parsed]:
            contents = _contents(files)
            form = _table(contents, maps, role, yes=yes) if name == CSV else _format(contents, name)
            return form, together({file: _parsed(file, raw, form) for file, raw in contents.items()})

        command(read=read, **values)

    return with_files


def _contents(files: Sequence[Path]) -> dict[str, bytes]:
    contents = {file.name: file.read_bytes() for file in files}
    if len(contents) < len(files):
        raise click.UsageError("Two of the files have one name, by which the lines of both would be told.")
    return contents


def _format(contents: Mapping[str, bytes], name: str) -> Format:
    """Return the format that all of the files are of.

    Raises:
        NotThisFormatError: a file is of none that is known by its looks.
    """
    forms = {_guessed(file, raw) if name == AUTO else FORMATS[name] for file, raw in contents.items()}
    if len(forms) > 1:
        raise click.UsageError(f"The files are of several formats: {', '.join(sorted(one.name for one in forms))}.")
    return forms.pop()


def _guessed(file: str, raw: bytes) -> Format:
    with _naming(file):
        if found := guess(raw):
            return found
        decode(raw)  # says what the file is, where it is no text
        raise NotThisFormatError(
            f"The file is of no format that is known by its looks: say which with --format ({CSV} reads any table)."
        )


def _table(contents: Mapping[str, bytes], maps: Sequence[str], role: str | None, *, yes: bool) -> Format:
    """Return how tables with the header of the first file are read, after a person has seen it.

    Raises:
        MappingError: a mapping by hand is none.
        NotThisFormatError: the first file is no table.
    """
    if role is None:
        raise click.UsageError("Missing option '--role': a table does not say what its rows are.")
    first, raw = next(iter(contents.items()))
    with _naming(first):
        columns = Columns.parse(maps, header_names(raw)) if maps else guess_mapping(raw)
    for line in columns.lines():
        click.echo(line)
    if not yes:
        click.confirm("Is each field read from the right column? (If not, say so with --map)", abort=True)
    return table_format(columns, TargetRole(role))


def _parsed(file: str, raw: bytes, form: Format) -> Parsed:
    with _naming(file):
        return form.parse(raw)


@contextmanager
def _naming(file: str) -> Iterator[None]:
    """Name the file in what is refused about it."""
    try:
        yield
    except NotThisFormatError as error:
        raise NotThisFormatError(f"{file}: {error}") from None
