"""Whom a campaign's supporters would find, wherever they live: counted by the country's postcodes in use.

What each of them would find is decided by the function that decides it for a supporter.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from app.actions.everybody import everybody
from app.actions.lookup import ForAll, Lookup
from app.actions.recipients import Recipients, RecipientsUnclearError, Trouble, Wish, recipients_at
from app.campaigns.models import Campaign, TargetRule
from app.targets.known_areas import AnyArea
from app.targets.postcode_counts import groups_with_counts


class Outcome(enum.StrEnum):
    """What comes of a supporter's wish to write, the best first."""

    FOUND = "found"
    """There is somebody to write to."""
    FALLBACK = "fallback"
    """There is not, but the campaign's fallback lists are offered."""
    EXCLUDED = "excluded"
    """The campaign leaves out everybody who is there: they agree already."""
    ANOTHER_TIER = "another_tier"
    """The campaign writes to councils of a tier that there is none of."""
    NOBODY = "nobody"
    """There is nobody, or nobody with an address, or it is not known where this is."""


_BEST_FIRST = list(Outcome)
_OUTCOMES = {Trouble.ALL_EXCLUDED: Outcome.EXCLUDED, Trouble.WRONG_TIER: Outcome.ANOTHER_TIER}


@dataclass(frozen=True, slots=True)
class Reach:
    """How many postcodes in use lead to what; one that straddles counts by the best that its areas lead to."""

    postcodes: Counter[Outcome]

    @property
    def all(self) -> int:
        """All postcodes in use."""
        return self.postcodes.total()

    @property
    def found(self) -> int:
        """Those that find somebody to write to."""
        return self.postcodes[Outcome.FOUND]


def reached_by(session: Session, campaign: Campaign) -> Reach | None:
    """How many of the country's postcodes would find somebody to write to, in a fixed number of statements.

    None where no postcode is asked for.
    """
    if campaign.target_rule is not TargetRule.AREA:
        return None
    lookup = ForAll(session, campaign, everybody(session, campaign))
    postcodes: Counter[Outcome] = Counter()
    for group in groups_with_counts(session):
        known = [area for area_id in group.area_ids if (area := lookup.area(area_id))]
        postcodes[best_outcome(campaign, known, lookup)] += group.live
    return Reach(postcodes)


def best_outcome(campaign: Campaign, known: Sequence[AnyArea], lookup: Lookup) -> Outcome:
    """The best that can come of it for those whose postcode lies in the areas `known`."""
    return min(_outcomes(campaign, known, Wish(), lookup), key=_BEST_FIRST.index)


def _outcomes(campaign: Campaign, known: Sequence[AnyArea], wish: Wish, lookup: Lookup) -> Iterator[Outcome]:
    """What comes of each answer that a supporter may give to what they are asked."""
    found = recipients_at(campaign, known, wish, lookup)
    if isinstance(found, Recipients):
        yield Outcome.FALLBACK if found.instead_of else Outcome.FOUND
        return
    for further in _answers(wish, found):
        yield from _outcomes(campaign, known, further, lookup)
    if found.trouble is not Trouble.POSTCODE_STRADDLES:
        yield _OUTCOMES.get(found.trouble, Outcome.NOBODY)


def _answers(wish: Wish, unclear: RecipientsUnclearError) -> Iterator[Wish]:
    """The wish with each answer to the first open question, or with the word that somebody else will do."""
    if unclear.trouble is Trouble.WRONG_TIER and not wish.instead:
        yield replace(wish, instead=True)
    for question in [question for question in unclear.questions if question.answer is None][:1]:
        yield from (replace(wish, area_ids=[*wish.area_ids, area.id]) for area in question.areas)
