"""Where a supporter lives, as far as a campaign must know it: which council's ward, which county's division.

A postcode may lie in several of each. What it leaves open is a question to the supporter, never a guess.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.campaigns.targeting import CampaignTier
from app.targets.known_areas import AnyArea
from app.targets.models import COUNCILS, WARDS, AreaKind
from app.targets.records import PARENTS
from app.targets.tiers import Tier, tier_of

UPPER = {AreaKind.WARD: AreaKind.DIVISION, AreaKind.COUNCIL: AreaKind.COUNTY}
"""By each kind of area of the lower tier, its like in the upper one."""


@dataclass(frozen=True, slots=True)
class Question:
    """Areas of one kind, of which the supporter must say which one they live in; `answer` if they have said it."""

    kind: AreaKind
    areas: Sequence[AnyArea]
    answer: AnyArea | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a supporter lives."""

    areas: Sequence[AnyArea] = ()
    """Those whose office holders the campaign writes to."""
    elsewhere: Sequence[AnyArea] = ()
    """Those that are of a tier that the campaign does not write to."""
    questions: Sequence[Question] = ()
    """What is to be asked; all of it, answered or not, when anything is."""

    def lacks(self, tier: CampaignTier) -> bool:
        """Whether there is a council of the tier here, but the registry does not say which of its areas this is."""
        return tier in (CampaignTier.DISTRICT, CampaignTier.COUNTY) and any(
            tier_at(area) in (Tier.DISTRICT, Tier.COUNTY) for area in self.elsewhere
        )

    @property
    def known(self) -> bool:
        """Whether anything is known of where it is."""
        return bool(self.areas or self.elsewhere or self.questions)


def place_of(known: Sequence[AnyArea], answers: Collection[int], kind: AreaKind, tier: CampaignTier) -> Place:
    """Find the supporter's place.

    Args:
        known: all the areas that their postcode lies in.
        answers: the ids of the areas that they said they live in; others than those in question do not count.
        kind: the kind of area that the campaign writes to, in the lower tier where there are two.
        tier: which of the tiers it writes to.
    """
    lowers = of_kind(known, kind)
    lower = _settled(lowers, answers)
    above = of_kind(known, UPPER[kind]) if kind in UPPER else []
    uppers = [area for area in above if _over(area, [lower] if lower else lowers)]
    upper = _settled(uppers, answers)
    writes_above = any(fits(area, tier) for area in uppers)
    questions = []
    if len(lowers) > 1 and (any(fits(area, tier) for area in lowers) or (writes_above and _differ(lowers))):
        questions.append(Question(kind, lowers, lower))
    if len(uppers) > 1 and writes_above:
        questions.append(Question(UPPER[kind], uppers, upper))
    if any(question.answer is None for question in questions):
        return Place(questions=questions)
    # Those that are still several here are of a tier that the campaign does not write to.
    here = [*([lower] if lower else lowers), *([upper] if upper else uppers)]
    return Place([area for area in here if fits(area, tier)], [area for area in here if not fits(area, tier)])


def of_kind(areas: Sequence[AnyArea], kind: AreaKind) -> list[AnyArea]:
    """The areas of a kind, each once; whole councils also by what lies in them."""
    found = [area for area in areas if area.kind is kind]
    found += [area.parent for area in areas if area.kind in WARDS and PARENTS[area.kind] is kind and area.parent]
    if kind is AreaKind.COUNTY:
        found += [council.parent for council in of_kind(areas, AreaKind.COUNCIL) if council.parent]
    return list({area.id: area for area in found}.values())


def fits(area: AnyArea, tier: CampaignTier) -> bool:
    """Whether the area's office holders are of a tier that a campaign writes to."""
    return tier is CampaignTier.ALL or tier.value == tier_at(area)


def council_of(area: AnyArea) -> AnyArea | None:
    """The council or county that an area is, or is a part of; none for a constituency."""
    return area if area.kind in COUNCILS else area.parent


def tier_at(area: AnyArea) -> Tier | None:
    """The tier of the area's council: one that no county is known above does everything, unless its code says that it
    is a district; none for a constituency.
    """
    council = council_of(area)
    if council is None:
        return None
    if council.kind is AreaKind.COUNTY:
        return Tier.COUNTY
    return Tier.DISTRICT if council.parent_id else tier_of(council.code) or Tier.UNITARY


def _settled(areas: Sequence[AnyArea], answers: Collection[int]) -> AnyArea | None:
    """The one that it must be, or that the supporter said; none while it may be several."""
    said = areas if len(areas) == 1 else [area for area in areas if area.id in answers]
    return said[0] if len(said) == 1 else None


def _over(upper: AnyArea, lowers: Sequence[AnyArea]) -> bool:
    """Whether an area of the upper tier can lie where one of those of the lower tier does."""
    return not lowers or any(_under(lower, council_of(upper)) for lower in lowers)


def _under(lower: AnyArea, county: AnyArea | None) -> bool:
    council = council_of(lower)
    if council is None or county is None:
        return True
    if council.parent_id is not None:
        return council.parent_id == county.id
    return tier_at(lower) is Tier.DISTRICT  # of a county that the registry does not name


def _differ(lowers: Sequence[AnyArea]) -> bool:
    """Whether it makes a difference for the upper tier which of them the supporter lives in."""
    counties = {council.parent_id if (council := council_of(area)) else None for area in lowers}
    return len(counties) > 1
