"""The folder `targets/`, read and checked without a database; every mistake is told at once, with its line.

A dataset is two files of one name: `<slug>.toml` says what it holds and where that comes from, `<slug>.csv` has the
rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from app.problems import FileProblem
from app.targets.dataset_rows import (
    AREA_COLUMNS,
    POSTCODE_COLUMNS,
    TARGET_COLUMNS,
    TARGET_OPTIONS,
    Cells,
    Numbered,
    area_record,
    postcode_record,
    target_record,
)
from app.targets.datasets import Dataset, DatasetHead, Holds, read_head
from app.targets.models import AreaKind
from app.targets.records import PARENTS, AreaRecord, PostcodeRecord, TargetRecord
from app.targets.registrations import organisations_differ
from app.targets.tables import Fault, read_rows

R = TypeVar("R", AreaRecord, PostcodeRecord, TargetRecord)


@dataclass(slots=True)
class _Read:
    """A dataset with the lines of its rows."""

    head: DatasetHead
    path: Path
    areas: list[Numbered[AreaRecord]] = field(default_factory=list)
    postcodes: list[Numbered[PostcodeRecord]] = field(default_factory=list)
    targets: list[Numbered[TargetRecord]] = field(default_factory=list)

    def dataset(self) -> Dataset:
        """The dataset as it is to be stored."""
        return Dataset(self.head, _records(self.areas), _records(self.postcodes), _records(self.targets))


_Atlas = Mapping[str, tuple[AreaRecord, bool]]
"""Every area of the folder by its code, and whether it is invented."""


def read_datasets(folder: Path) -> tuple[list[Dataset], list[FileProblem]]:
    """Read every dataset of the folder, and check the rows by themselves and against each other.

    Returns:
        The datasets by name, and the problems by file and line. Rows with problems are left out, so the datasets are
        fit to be stored only when there are no problems.
    """
    problems: list[FileProblem] = []
    read = [one for path in sorted(folder.glob("*.toml")) if (one := _read(path, problems))]
    problems += [
        FileProblem(path, 1, f"there is no {path.stem}.toml that says what this is")
        for path in folder.glob("*.csv")
        if not path.with_suffix(".toml").exists()
    ]
    problems += _area_problems(read)
    problems += _body_problems(read)
    return [one.dataset() for one in read], sorted(problems, key=lambda problem: (problem.path, problem.line))


def _read(toml: Path, problems: list[FileProblem]) -> _Read | None:
    """Read one dataset, its rows by themselves."""
    head, path = read_head(toml, problems), toml.with_suffix(".csv")
    if not path.exists():
        problems.append(FileProblem(toml, 1, f"there is no {path.name} with the rows"))
        return None
    if head is None:
        return None
    read = _Read(head, path)
    match head.holds:
        case Holds.AREAS:
            read.areas += _rows(path, AREA_COLUMNS, area_record, problems)
        case Holds.POSTCODES:
            read.postcodes += _rows(path, POSTCODE_COLUMNS, postcode_record, problems)
        case Holds.TARGETS:
            read_target = partial(target_record, demo=head.demo)
            read.targets += _rows(path, TARGET_COLUMNS, read_target, problems, TARGET_OPTIONS)
    return read


def _rows(
    path: Path,
    columns: Iterable[str],
    read: Callable[[Cells], R | None],
    problems: list[FileProblem],
    optional: Iterable[str] = (),
) -> Iterator[Numbered[R]]:
    """Yield the rows of a CSV file that nothing is wrong with, each key once."""
    first: dict[str, int] = {}
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        for row in read_rows(lines, columns, optional=optional):
            if isinstance(row, Fault):
                problems.append(FileProblem(path, row.line, row.message))
                continue
            cells = Cells(row.cells)
            record = read(cells)
            problems += [FileProblem(path, row.line, fault) for fault in cells.faults]
            if record is None:
                continue
            if first.setdefault(record.key, row.line) == row.line:
                yield Numbered(row.line, record)
            else:
                problems.append(FileProblem(path, row.line, f"{record.key} is on line {first[record.key]} already"))


def _area_problems(read: Iterable[_Read]) -> Iterator[FileProblem]:
    """Yield what is wrong between the datasets: areas that are told twice, unknown, of the wrong kind, or invented."""
    read = list(read)
    atlas: dict[str, tuple[AreaRecord, bool]] = {}
    for one in read:
        for row in one.areas:
            if row.record.code in atlas:
                yield FileProblem(one.path, row.line, f"{row.record.code} is in another file already")
            atlas.setdefault(row.record.code, (row.record, one.head.demo))
    for one in read:
        for line, code, kinds in _references(one):
            if fault := _reference_fault(atlas, code, kinds, demo=one.head.demo):
                yield FileProblem(one.path, line, fault)


def _body_problems(read: Iterable[_Read]) -> Iterator[FileProblem]:
    """Yield where the offices of one body carry different names of it, whichever file they are in."""
    rows = [(one.path, row) for one in read for row in one.targets]
    named = [(f"{path.name}:{row.line}", row.record.registration, row.record.organisation) for path, row in rows]
    for number, fault in organisations_differ(named):
        path, row = rows[number]
        yield FileProblem(path, row.line, fault)


def _references(read: _Read) -> Iterator[tuple[int, str, Sequence[AreaKind]]]:
    """Yield each area code that a row refers to, with the row's line and the kinds that it may be of (none: any)."""
    for area in read.areas:
        if area.record.parent_code:
            yield area.line, area.record.parent_code, [PARENTS[area.record.kind]]
    for postcode in read.postcodes:
        for code in sorted(postcode.record.area_codes):
            yield postcode.line, code, []
    for target in read.targets:
        if target.record.area_code:
            yield target.line, target.record.area_code, target.record.role.area_kinds


def _reference_fault(atlas: _Atlas, code: str, kinds: Sequence[AreaKind], *, demo: bool) -> str | None:
    """Return what is wrong with a reference to an area, if anything."""
    if code not in atlas:
        return f"the area {code!r} is unknown: no dataset of areas has it"
    area, invented = atlas[code]
    if kinds and area.kind not in kinds:
        return f"the area {code!r} is a {area.kind}, not a {' or a '.join(kinds)}"
    if invented and not demo:
        return f"the area {code!r} is invented, and these rows are not"
    return None


def _records(rows: Iterable[Numbered[R]]) -> tuple[R, ...]:
    return tuple(row.record for row in rows)
