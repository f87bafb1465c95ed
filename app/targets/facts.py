"""What campaigns may choose targets by: some of their columns, and everything that their source says beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from app.targets.known_areas import AnyArea
from app.targets.models import WARDS, Target

COLUMNS = ("name", "organisation", "external_id", "party", "role", "registration")
PLACE = "place"
"""The key under which a target has the names and codes of its area and of the council that this is a part of."""


class _Facts(Mapping[str, Sequence[str]]):
    """What is known of a row. Its area is read only for who asks for the place, which few campaigns do: of hundreds of
    targets each would be a statement of its own.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._columns = {name: getattr(target, name) for name in COLUMNS}

    def __getitem__(self, key: str) -> Sequence[str]:
        if key == PLACE and (place := [*_names_of(self._target.area)]):
            return place
        return known_facts(self._columns, self._target.attributes, [])[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def _whole(self) -> Mapping[str, Sequence[str]]:
        return known_facts(self._columns, self._target.attributes, [*_names_of(self._target.area)])


def facts_of(target: Target) -> Mapping[str, Sequence[str]]:
    """The target's texts by key: its attributes, such as `posts` and `committees`, the columns of `COLUMNS`, its place.

    Columns and place count more than attributes of the same name.
    """
    return _Facts(target)


def known_facts(
    columns: Mapping[str, str], attributes: Mapping[str, list[str]], place: Sequence[str]
) -> dict[str, list[str]]:
    """The same of a target whose columns and place are at hand."""
    known = {name: [value] for name, value in columns.items() if value}
    return {**attributes, **({PLACE: [*place]} if place else {}), **known}


def _names_of(area: AnyArea | None) -> Iterator[str]:
    for one in (area, area.parent if area and area.kind in WARDS else None):
        if one is not None:
            yield from (one.name, one.code)
