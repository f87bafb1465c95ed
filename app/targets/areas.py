"""Areas in the database: added and renamed, never removed, because actions and targets point at them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.targets.changes import Changes, Stored, compare, tell, write
from app.targets.fields import FieldError, clean_text, fitting
from app.targets.models import Area, AreaKind
from app.targets.records import AreaRecord, Council, NotACouncilError
from app.targets.tiers import Tier, tier_of

_FROM_ABOVE = (
    {AreaKind.COUNTY, AreaKind.CONSTITUENCY},
    {AreaKind.COUNCIL},
    {AreaKind.WARD, AreaKind.DIVISION},
)
"""The kinds of area in an order in which every parent comes before its children."""

LONGEST_WARD_SLUG = 100
"""What `Area.code` has room for beside a council's code."""


class UnknownAreaError(LookupError):
    """Rows refer to an area that the registry does not have."""

    def __init__(self, code: str) -> None:
        super().__init__(f"There is no area {code!r} in the registry.")
        self.code = code


def ward_name(text: str) -> str:
    """Return a ward's name, cleaned.

    Raises:
        FieldError: it has no letter or figure to make a code of, or is longer than the columns.
    """
    name = fitting(Area.name, clean_text(text))
    slug = plain(name)
    if not slug:
        raise FieldError("the ward has no name")
    if len(slug) > LONGEST_WARD_SLUG:
        raise FieldError(f"the ward's name makes a code of more than {LONGEST_WARD_SLUG} characters")
    return name


def ward_code(council: Council, ward: str) -> str:
    """Return the code of a ward whose source has none: the council's code and the name in small letters.

    Names that differ in capitals, accents, spaces or punctuation only are one ward: ward names are unique in a council.
    """
    return f"{council.code}:{plain(ward)}"


def plain(name: str) -> str:
    """Return the letters and figures of a name, small and without accents, words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", name.replace("&", " and ").replace("’", "'"))
    return "-".join(re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode().lower().replace("'", "")))


def council_called(session: Session, code: str, name: str) -> Council:
    """Return the council with this code, by the name that the registry has for it, or else by `name`.

    Raises:
        NotACouncilError: the registry does not have it, and `name` cannot be its name.
    """
    known = session.scalar(select(Area.name).where(Area.code == code))
    if not known and not name:
        raise NotACouncilError(f"The registry has no council {code!r}: say its name with --council-name.")
    return Council(code, known or name)


def council_record(council: Council) -> AreaRecord:
    """Return a council that nothing but its code and name is known of as an area: what county it lies in is not told.

    Its code says whether it is a county.
    """
    return AreaRecord(council.code, council.name, _kind_by_code(council))


def ward_record(council: Council, ward: str) -> AreaRecord:
    """Return a ward, or a county's division, that is known by its name in its council."""
    kind = AreaKind.DIVISION if _kind_by_code(council) is AreaKind.COUNTY else AreaKind.WARD
    return AreaRecord(ward_code(council, ward), ward, kind, council.code)


def _kind_by_code(council: Council) -> AreaKind:
    return AreaKind.COUNTY if tier_of(council.code) is Tier.COUNTY else AreaKind.COUNCIL


def area_ids(session: Session) -> dict[str, int]:
    """Return the id of every area by its code."""
    return dict(session.execute(select(Area.code, Area.id)).all())


def area_id(ids: Mapping[str, int], code: str) -> int:
    """Return the id of one area.

    Raises:
        UnknownAreaError: the code is not among those of `ids`.
    """
    try:
        return ids[code]
    except KeyError:
        raise UnknownAreaError(code) from None


def store_areas(session: Session, records: Iterable[AreaRecord], *, demo: bool = False) -> Changes:
    """Add the areas that are new, change those that differ, leave all others.

    A record that names no parent leaves the area where it lies: a list of one council's wards does not know the county.

    Raises:
        UnknownAreaError: a parent is neither in the registry nor among the records.
    """
    wanted = list(records)
    changes = Changes()
    for kinds in _FROM_ABOVE:
        changes += _store(session, [record for record in wanted if record.kind in kinds], demo=demo)
    return changes


def _store(session: Session, records: list[AreaRecord], *, demo: bool) -> Changes:
    """Store areas whose parents, if they have any, are in the registry already."""
    stored = _stored(session)
    ids = {code: row.id for code, row in stored.items()}
    parents = {code: row.values["parent_id"] for code, row in stored.items()}
    wanted = {
        record.code: {
            "code": record.code,
            "name": record.name,
            "kind": record.kind,
            "parent_id": area_id(ids, record.parent_code) if record.parent_code else parents.get(record.code),
            "demo": demo,
        }
        for record in records
    }
    difference = compare(stored, wanted)
    write(session, Area, difference)
    return tell(difference)


def _stored(session: Session) -> dict[str, Stored]:
    rows = session.execute(select(Area.id, Area.code, Area.name, Area.kind, Area.parent_id, Area.demo))
    return {row.code: Stored(row.id, row._asdict()) for row in rows}
