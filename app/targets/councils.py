"""The register of councils in the database: what they are called, what county they lie in, who took whose place.

A council that ended stays as an area that has ended, so that what points at it can be led to its successors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from app.statements import among
from app.targets.areas import area_ids, store_areas
from app.targets.changes import Changes, Stored, compare, tell, write
from app.targets.freshness import refresh_staleness
from app.targets.importers.local_authorities import CouncilRecord, Councils
from app.targets.models import Area, AreaAlias, AreaSource
from app.targets.records import Provenance
from app.targets.turn import take_turn

SLUG = "councils"
"""The name of the register's provenance: there is one register."""


class NoCouncilsError(ValueError):
    """No row of the file can be used; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("There is nothing to import: no row of the file is a council.")


@dataclass(frozen=True, slots=True)
class CouncilImport:
    """What an import of councils did: to names and counties, to ends and successors, to other names and codes."""

    areas: Changes
    ends: Changes
    aliases: Changes
    told: Councils


def store_councils(session: Session, told: Councils, provenance: Provenance) -> CouncilImport:
    """Make the councils of the file what it says, other names and codes included; other areas are left alone.

    Raises:
        NoCouncilsError: no row was usable.
    """
    if not told.councils:
        raise NoCouncilsError
    take_turn(session)
    areas = store_areas(session, [council.area for council in told.councils])
    ids = area_ids(session)
    ends = _store_ends(session, told.councils)
    aliases = _store_aliases(session, {(alias, ids[one.area.code]) for one in told.councils for alias in one.aliases})
    source_id = _store_source(session, provenance)
    of_file = among(session, Area.id, [ids[council.area.code] for council in told.councils])
    session.execute(
        update(Area).where(of_file).values(source_id=source_id).execution_options(synchronize_session=False)
    )
    refresh_staleness(session)
    return CouncilImport(areas, ends, aliases, told)


def _store_ends(session: Session, councils: Sequence[CouncilRecord]) -> Changes:
    rows = session.execute(select(Area.id, Area.code, Area.name, Area.ended_on, Area.successors))
    stored = {row.code: Stored(row.id, row._asdict()) for row in rows}
    wanted = {
        one.area.code: {
            "name": one.area.name,
            "ended_on": one.ended_on,
            "successors": " ".join(one.successors),
        }
        for one in councils
    }
    difference = compare({code: stored[code] for code in wanted}, wanted)
    write(session, Area, difference)
    return tell(difference)


def _store_aliases(session: Session, wanted: set[tuple[str, int]]) -> Changes:
    """Make the councils that `wanted` names have exactly these aliases."""
    councils = among(session, AreaAlias.area_id, {area_id for _, area_id in wanted})
    rows = session.execute(select(AreaAlias.alias, AreaAlias.area_id).where(councils))
    stored = {(row.alias, row.area_id) for row in rows}
    added, gone = wanted - stored, stored - wanted
    if added:
        session.execute(insert(AreaAlias), [{"alias": alias, "area_id": area_id} for alias, area_id in sorted(added)])
    if gone:
        table = AreaAlias.metadata.tables[AreaAlias.__tablename__]
        one = (table.c.alias == bindparam("gone_alias")) & (table.c.area_id == bindparam("gone_id"))
        outdated = [{"gone_alias": alias, "gone_id": area_id} for alias, area_id in sorted(gone)]
        session.connection().execute(delete(table).where(one), outdated)
    return Changes(added=len(added), unchanged=len(wanted & stored), gone=len(gone))


def _store_source(session: Session, provenance: Provenance) -> int:
    row = session.scalar(select(AreaSource).where(AreaSource.slug == SLUG))
    if row is None:
        added = insert(AreaSource).values(slug=SLUG, **asdict(provenance)).returning(AreaSource.id)
        return session.scalars(added).one()
    for name, value in asdict(provenance).items():
        setattr(row, name, value)
    session.flush()
    return row.id
