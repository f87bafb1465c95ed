"""Imports of postcodes by staff: files are read without a database, then one short transaction stores what they say.

So a whole country is read while the site goes on writing, and is there at once or not at all. Importing the same file
twice changes nothing the second time.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.statements import analyse
from app.targets.areas import council_record, store_areas, ward_record
from app.targets.changes import Changes
from app.targets.freshness import refresh_staleness
from app.targets.gss import kind_of
from app.targets.importers.code_lists import CodeList
from app.targets.importers.edinburgh import parse_postcodes
from app.targets.importers.ons import OnsReader
from app.targets.importers.ons_files import parts_of, plain_part, text_of
from app.targets.imports import NothingToImportError
from app.targets.models import WARDS, Area
from app.targets.postcode_models import AreaGroup, AreaGroupMember, PostcodeBlock
from app.targets.postcode_sets import Gathering, PostcodeSet, SourceHead, store_postcodes
from app.targets.postcodes import split
from app.targets.records import AreaRecord, Council, Progress, Rejected, no_progress
from app.targets.rejections import Rejections
from app.targets.succession import Move, coded_wards, end_missing, move_to_coded
from app.targets.turn import take_turn


@dataclass(frozen=True, slots=True)
class Edition:
    """What files say, read and ready to be stored."""

    postcodes: PostcodeSet
    rejections: Rejections
    code_list: CodeList = field(default_factory=CodeList)
    """The names of areas and where they lie."""
    odd_codes: tuple[str, ...] = ()
    """Codes that cannot be understood; the areas that they may mean are left out."""
    council: Council | None = None
    """The council that the wards are named in, where they have no codes."""
    wards: Mapping[str, AreaRecord] = field(default_factory=dict)
    """Wards that have no code but ours, by that."""


@dataclass(frozen=True, slots=True)
class PostcodeImport:
    """What an import of postcodes did: to the areas and to the set (`gone` are removed), and what it left out."""

    areas: Changes
    postcodes: Changes
    rejections: Rejections
    odd_codes: tuple[str, ...] = ()
    nameless: tuple[str, ...] = ()
    """Codes of areas whose names nobody has told us."""
    moves: tuple[Move, ...] = ()
    ended: tuple[str, ...] = ()
    """Wards that there are no more."""


def read_ons(files: Sequence[Path], code_lists: Sequence[Path] = (), progress: Progress = no_progress) -> Edition:
    """Read files of ONS that together are one edition, and lists of names; progress is told in bytes.

    Raises:
        NotThisFormatError: a file is of another form.
        NothingToImportError: no row was usable.
        OSError: a file cannot be read.
    """
    code_list, reader = CodeList(), OnsReader()
    with parts_of(files) as parts:
        told = _Told(progress, sum(part.size for part in parts.postcodes))
        for part in parts.code_lists:
            code_list.add(part.read(), part.name)
        for part in parts.postcodes:
            name = f"{part.name}, " if len(parts.postcodes) > 1 else ""
            with text_of(part) as (lines, position):
                reader.read(lines, name, lambda position=position: told.up_to(position()))  # type: ignore[misc]
            told.part_done(part.size)
    for file in code_lists:
        code_list.add(file.read_bytes(), file.name)
    postcodes = reader.gathering.finish()
    if not len(postcodes):
        raise NothingToImportError(reader.rejections.shown)
    code_list.parents |= reader.parents
    return Edition(postcodes, reader.rejections, code_list, tuple(sorted(reader.odd)))


def read_wards(file: Path, council: Council, progress: Progress = no_progress) -> Edition:
    """Read a `Postcode,…,Ward` file, whose wards are named inside one council; progress is told in bytes.

    Raises:
        NothingToImportError: no row was usable.
        OSError: the file cannot be read.
    """
    gathering, rejections, wards = Gathering(), Rejections(), dict[str, AreaRecord]()
    part = plain_part(file)
    with text_of(part) as (lines, position):
        told = _Told(progress, part.size)
        for row in parse_postcodes(lines):
            if isinstance(row, Rejected):
                rejections.add(row.place, row.reason)
                continue
            ward = ward_record(council, row.ward)
            wards.setdefault(ward.code, ward)
            gathering.add(*split(row.postcode), gathering.set_of(frozenset({council.code, ward.code})))
            told.up_to(position())
        told.up_to(part.size)
    postcodes = gathering.finish()
    if not len(postcodes):
        raise NothingToImportError(rejections.shown)
    return Edition(postcodes, rejections, council=council, wards=wards)


def names_wards(file: Path) -> bool:
    """Return whether a file is of the form `Postcode,…,Ward`, with names, and not one of ONS."""
    try:
        with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            header = {cell.strip() for cell in next(csv.reader(lines), [])}
    except csv.Error:
        return False
    return {"Postcode", "Ward"} <= header


def store_edition(session: Session, edition: Edition, head: SourceHead) -> PostcodeImport:
    """Make a source hold exactly the postcodes of an edition, in the caller's transaction.

    Areas that are new are added; those that the edition has names for are renamed. Wards that were known by name only
    give what they have to those that come with codes; wards of a council in the edition that it has no more are ended.
    """
    take_turn(session)
    edition = _with_codes(session, edition)
    codes = frozenset[str]().union(*edition.postcodes.sets)
    records, nameless = _records(edition, codes, dict(session.execute(select(Area.code, Area.name)).all()))
    areas = store_areas(session, records)
    wards = {code for code in codes if code in edition.wards or kind_of(code) in WARDS}
    moves = move_to_coded(session, wards, head.provenance.as_of)
    ended = end_missing(
        session,
        head.slug,
        wards,
        councils=_councils(edition, wards),
        outwards=edition.postcodes.blocks.keys(),
        as_of=head.provenance.as_of,
    )
    postcodes = store_postcodes(session, head, edition.postcodes)
    analyse(session, Area, AreaGroup, AreaGroupMember, PostcodeBlock)
    refresh_staleness(session)  # wards may have moved to other codes, and to another council
    session.expire_all()
    return PostcodeImport(
        areas, postcodes, edition.rejections, edition.odd_codes, tuple(nameless), tuple(moves), tuple(ended)
    )


class _Told:
    """Tells how far the reading of files has come."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done, self._before = progress, total, 0, 0

    def up_to(self, position: int) -> None:
        """Tell that the part that is being read is read up to there."""
        if advance := self._before + position - self._done:
            self._done += advance
            self._progress(advance, self._total)

    def part_done(self, size: int) -> None:
        """Tell that a part is read."""
        self.up_to(size)
        self._before += size


def _with_codes(session: Session, edition: Edition) -> Edition:
    """Return the edition with the GSS codes of the wards that the registry knows by name in the edition's council."""
    if edition.council is None:
        return edition
    coded = coded_wards(session, edition.council.code)
    slugs = {code: code.partition(":")[2] for code in edition.wards}
    codes = {code: coded[slug] for code, slug in slugs.items() if slug in coded}
    rest = {code: ward for code, ward in edition.wards.items() if code not in codes}
    return replace(edition, postcodes=edition.postcodes.renamed(codes), wards=rest)


def _records(edition: Edition, codes: Collection[str], known: Mapping[str, str]) -> tuple[list[AreaRecord], list[str]]:
    """Return the areas to be stored, and the codes of those whose names nobody knows.

    Names and parents of areas that the registry has stay where the edition does not tell them. A file of names alone
    renames nothing.
    """
    if edition.council is not None:
        named = [council_record(edition.council), *edition.wards.values()]
        return [record for record in named if record.code not in known], []
    names = {code: edition.code_list.names.get(code) or known.get(code, code) for code in sorted(codes)}
    parents = {code: parent for code, parent in edition.code_list.parents.items() if parent in codes or parent in known}
    records = [
        AreaRecord(code, name, kind, parents.get(code, "")) for code, name in names.items() if (kind := kind_of(code))
    ]
    return records, [code for code, name in names.items() if code == name]


def _councils(edition: Edition, wards: Collection[str]) -> set[str]:
    """Return the councils that the edition has wards of."""
    if edition.council is not None:
        return {edition.council.code}
    return {edition.code_list.parents[ward] for ward in wards if ward in edition.code_list.parents}
