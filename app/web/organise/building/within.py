"""The places that a campaign is narrowed to: the first thing that the second step asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.campaigns.models import TargetRule
from app.campaigns.target_settings import AreaRole
from app.targets.facts import PLACE
from app.targets.offered_places import OfferedPlace, constituencies_offered, councils_offered
from app.web.organise.building.asked import Asked, Typed, text_in

COUNCIL, CONSTITUENCY = "council", "constituency"
MOST_PLACES = 20
"""On the page; more are for files."""


@dataclass(frozen=True, slots=True)
class Places:
    """Those that can be chosen: of councillors, and of Members of Parliament."""

    councils: Sequence[OfferedPlace]
    constituencies: Sequence[OfferedPlace]

    @classmethod
    def offered(cls, session: Session) -> Places:
        """Of which the lists have addresses. Two statements."""
        return cls(councils_offered(session), constituencies_offered(session))


@dataclass(frozen=True, slots=True)
class Within:
    """The fields, one for each place that was chosen and one more; the choices are the page's."""

    councils: Sequence[Asked]
    constituencies: Sequence[Asked]
    rest: Any
    """What the description says beside the places that can be chosen."""

    def __iter__(self) -> Iterator[Asked]:
        yield from (*self.councils, *self.constituencies)


def within(targets: Mapping[str, Any], places: Places) -> Within:
    """What the settings say; places by other names than those that can be chosen stay with the rest."""
    described = targets.get("who", {})
    said = texts_of(described.get(PLACE, [])) if isinstance(described, Mapping) else []
    mps = targets.get("role") == AreaRole.MP
    known = {one.key for one in (places.constituencies if mps else places.councils)}
    if targets.get("rule") != TargetRule.AREA or not all(text in known for text in said):
        return Within(_asked(COUNCIL, []), _asked(CONSTITUENCY, []), described)
    rest = {key: texts for key, texts in described.items() if key != PLACE} if said else described
    return Within(_asked(COUNCIL, [] if mps else said), _asked(CONSTITUENCY, said if mps else []), rest)


def typed_places(typed: Typed, place: str) -> list[str]:
    """The places that were chosen; `place` is who answers for them, as the form says it."""
    kind = CONSTITUENCY if place == CONSTITUENCY else COUNCIL
    return [key for number in range(MOST_PLACES) if (key := text_in(typed, f"{kind}-{number}"))]


def choices(offered: Sequence[OfferedPlace]) -> list[dict[str, str]]:
    """All of them, each with its addresses."""
    return [{"id": one.key, "name": f"{one.name}: {_addresses(one.addresses)}"} for one in offered]


def everywhere(offered: Sequence[OfferedPlace]) -> str:
    """What stands for no narrowing."""
    return _("Everywhere: %(addresses)s", addresses=_addresses(sum(one.addresses for one in offered)))


def texts_of(said: Any) -> list[str]:
    """One text or several, as files have them."""
    return [str(text) for text in said] if isinstance(said, list) else [str(said)]


def _asked(kind: str, chosen: Sequence[str]) -> list[Asked]:
    return [
        Asked(
            f"{kind}-{number}",
            _("And which other place?") if number else _("Which place?"),
            key,
            "" if number or not chosen else f"targets.who.{PLACE}",
        )
        for number, key in enumerate([*chosen, ""][:MOST_PLACES])
    ]


def _addresses(number: int) -> str:
    return ngettext("%(shown)s address", "%(shown)s addresses", number, shown=format_decimal(number))
