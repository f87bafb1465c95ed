"""Several files of one format as one: a country's councils are often published in a file each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from app.targets.importers.parsed import Parsed, TargetRow
from app.targets.records import Rejected


def together(files: Mapping[str, Parsed]) -> Parsed:
    """Return what all the files say, each line with its file's name. Of a target in two files the first counts."""
    rows: dict[str, TargetRow] = {}
    rejected = []
    for name, parsed in files.items():
        rejected += _named(name, parsed.rejected)
        for row in parsed.rows:
            here = replace(row, line=f"{name}, {row.line}")
            first = rows.setdefault(row.external_id, here)
            if first is not here:
                rejected.append(
                    Rejected(here.line, f"{row.external_id} is there already: {first.line}", row.external_id)
                )
    return Parsed(
        rows=tuple(rows.values()),
        rejected=tuple(rejected),
        remarks=tuple(remark for name, parsed in files.items() for remark in _named(name, parsed.remarks)),
        vacancies=tuple(
            replace(seat, line=f"{name}, {seat.line}") for name, parsed in files.items() for seat in parsed.vacancies
        ),
        elections=tuple(told for parsed in files.values() for told in parsed.elections),
    )


def _named(name: str, told: Iterable[Rejected]) -> list[Rejected]:
    return [replace(one, place=f"{name}, {one.place}") for one in told]
