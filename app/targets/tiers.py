"""What a council does, told by its GSS code: a district, the county above it, or all of it alone.

The first three characters of a code say what kind of place it is (ONS, Register of Geographic Codes). Metropolitan
counties (E11) and Greater London (E12, E13) have no county council, so theirs are no councils here. The codes that
begin with Z are invented, for places that are nobody's.
"""

from __future__ import annotations

import enum


class Tier(enum.StrEnum):
    """How the work of local government is shared where the council is."""

    DISTRICT = "district"
    """The lower of two tiers: a county council is above it."""
    COUNTY = "county"
    """The upper of two tiers: district councils are below it."""
    UNITARY = "unitary"
    """The only tier: unitary authority, metropolitan or London borough, and every council outside England."""


_TIERS = {
    "E06": Tier.UNITARY,
    "E07": Tier.DISTRICT,
    "E08": Tier.UNITARY,
    "E09": Tier.UNITARY,
    "E10": Tier.COUNTY,
    "N09": Tier.UNITARY,
    "S12": Tier.UNITARY,
    "W06": Tier.UNITARY,
    "Z07": Tier.DISTRICT,
    "Z09": Tier.UNITARY,
    "Z10": Tier.COUNTY,
}


def tier_of(code: str) -> Tier | None:
    """Return the tier of the council with this GSS code; none where the code is not a council's."""
    return _TIERS.get(code[:3])
