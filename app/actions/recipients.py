"""Who a supporter's letter goes to: from what they told us and the campaign's rule. Never a guess."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from sqlalchemy.orm import Session

from app.actions.lookup import ForOne, Lookup
from app.actions.picking import pick
from app.actions.places import Place, Question, fits, place_of, tier_at
from app.actions.search import Excluded, Search, kinds_of, search_lists
from app.campaigns.models import Campaign, TargetRule
from app.campaigns.targeting import CampaignTier
from app.targets.known_areas import AnyArea
from app.targets.models import AreaKind, Target
from app.targets.postcodes import NotAPostcode, areas_of, normalise


@dataclass(frozen=True, slots=True)
class Wish:
    """What the supporter told us of who to write to; the campaign's rule says which of it counts."""

    postcode: str = ""
    area_ids: Sequence[int] = ()
    """Where they said they live: answers about a postcode, or an area chosen from the list."""
    target_ids: Sequence[int] = ()
    """Those whom they chose, or who were picked at an earlier step."""
    instead: bool = False
    """Whether they want to write to the campaign's fallback, having read why nobody else can be written to."""


class Trouble(enum.StrEnum):
    """Why nobody was found."""

    POSTCODE_MISSING = "postcode_missing"
    POSTCODE_MALFORMED = "postcode_malformed"
    POSTCODE_UNKNOWN = "postcode_unknown"
    POSTCODE_STRADDLES = "postcode_straddles"
    NOBODY_HERE = "nobody_here"
    WRONG_TIER = "wrong_tier"
    ALL_EXCLUDED = "all_excluded"
    NOT_CHOSEN = "not_chosen"
    TOO_MANY_CHOSEN = "too_many_chosen"
    NOBODY_LISTED = "nobody_listed"


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who will get the letter, and where the supporter lives if the campaign asks."""

    targets: Sequence[Target]
    area: AnyArea | None = None
    postcode: str = ""
    excluded: Sequence[Excluded] = ()
    """Those who would get it too if the campaign did not leave them out."""
    instead_of: Trouble | None = None
    """Why nobody but the campaign's fallback was found, if so."""


class RecipientsUnclearError(Exception):
    """It is not clear who to write to: why, and what is known that leads on."""

    def __init__(self, trouble: Trouble, place: Place | None = None, search: Search | None = None) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble
        self.place = place or Place()
        self.search = search or Search()

    @property
    def questions(self) -> Sequence[Question]:
        """What is to be asked of a supporter whose postcode straddles."""
        return self.place.questions


def find_recipients(session: Session, campaign: Campaign, wish: Wish, random: Random) -> Recipients:
    """The recipients that the campaign's rule gives for the supporter's wish; only targets with an address.

    Raises:
        RecipientsUnclearError: the wish is incomplete, mistyped or ambiguous, or leads to nobody.
    """
    lookup = ForOne(session, campaign)
    if campaign.target_rule is TargetRule.AREA:
        postcode = _postcode(wish)
        known = areas_of(session, postcode) if postcode else []
        return replace(_clear(recipients_at(campaign, known, wish, lookup)), postcode=postcode)
    search = search_lists(session, campaign)
    if not search.reachable:
        return _clear(_instead(lookup, RecipientsUnclearError(_nobody(search, Trouble.NOBODY_LISTED), search=search)))
    return Recipients(_of_listed(session, campaign, search.reachable, wish, random), excluded=search.excluded)


def _clear(found: Recipients | RecipientsUnclearError) -> Recipients:
    if isinstance(found, RecipientsUnclearError):
        raise found
    return found


def _of_listed(
    session: Session, campaign: Campaign, listed: Sequence[Target], wish: Wish, random: Random
) -> Sequence[Target]:
    match campaign.target_rule:
        case TargetRule.CHOOSE:
            return _chosen(campaign, listed, wish)
        case TargetRule.RANDOM | TargetRule.ROTATE:
            return pick(session, campaign, listed, wish.target_ids, random)
        case _:
            return listed


def _chosen(campaign: Campaign, listed: Sequence[Target], wish: Wish) -> list[Target]:
    chosen = [target for target in listed if target.id in wish.target_ids]
    if not chosen:
        raise RecipientsUnclearError(Trouble.NOT_CHOSEN)
    if len(chosen) > campaign.targeting.most:
        raise RecipientsUnclearError(Trouble.TOO_MANY_CHOSEN)
    return chosen


def recipients_at(
    campaign: Campaign, known: Sequence[AnyArea], wish: Wish, lookup: Lookup
) -> Recipients | RecipientsUnclearError:
    """The recipients for a supporter whose postcode lies in the areas `known`; the wish's postcode is not looked at.

    What is not clear is returned, and raised by `find_recipients`: whoever asks for a whole country wants no error for
    each postcode, which would keep hold of everything that was read until the garbage is collected.
    """
    place = place_of(known, wish.area_ids, AreaKind(campaign.target_area or ""), campaign.targeting.tier)
    if place.questions:
        return RecipientsUnclearError(Trouble.POSTCODE_STRADDLES, place)
    chosen = _chosen_area(campaign, wish.area_ids, lookup)
    if chosen is None and not place.known:
        return RecipientsUnclearError(Trouble.POSTCODE_UNKNOWN)
    areas, search = place.areas, lookup.search(place.areas)
    if chosen and not (search.reachable or search.excluded):
        there = lookup.search([chosen])
        if there.reachable or not areas:
            areas, search = [chosen], there
    if search.reachable:
        return Recipients(search.reachable, _first_with(search.reachable, areas), excluded=search.excluded)
    if place.elsewhere and not place.areas:
        trouble = Trouble.NOBODY_HERE if place.lacks(campaign.targeting.tier) else Trouble.WRONG_TIER
        return _of_another_tier(campaign, known, wish, lookup, RecipientsUnclearError(trouble, place))
    unclear = RecipientsUnclearError(_nobody(search, Trouble.NOBODY_HERE), place, search)
    return _instead(lookup, unclear, areas[0])


def _of_another_tier(
    campaign: Campaign, known: Sequence[AnyArea], wish: Wish, lookup: Lookup, unclear: RecipientsUnclearError
) -> Recipients | RecipientsUnclearError:
    """Whoever the campaign names for those whom it has nobody for; in another tier, if the supporter wants that.

    Their letter says where they live, so of several areas it must be known now which one that is.
    """
    if (unclear.trouble is Trouble.WRONG_TIER and not wish.instead) or not lookup.fallback():
        return unclear
    here = tier_at(unclear.place.elsewhere[0])
    tier = CampaignTier(here) if here else CampaignTier.ALL
    place = place_of(known, wish.area_ids, AreaKind(campaign.target_area or ""), tier)
    if place.questions:
        return RecipientsUnclearError(Trouble.POSTCODE_STRADDLES, place)
    return _instead(lookup, unclear, [*place.areas, *place.elsewhere][0])


def _instead(
    lookup: Lookup, unclear: RecipientsUnclearError, area: AnyArea | None = None
) -> Recipients | RecipientsUnclearError:
    """Whoever the campaign names for when nobody is found; those who agree with it already are no such case."""
    targets = [] if unclear.trouble is Trouble.ALL_EXCLUDED else lookup.fallback()
    return Recipients(targets, area, instead_of=unclear.trouble) if targets else unclear


def _nobody(search: Search, otherwise: Trouble) -> Trouble:
    return Trouble.ALL_EXCLUDED if search.excluded else otherwise


def _first_with(targets: Sequence[Target], areas: Sequence[AnyArea]) -> AnyArea:
    """The area that the letter says its writer lives in: the first that one of its targets answers for."""
    answered = {area_id for target in targets if target.area for area_id in (target.area.id, target.area.parent_id)}
    return next(area for area in areas if area.id in answered)


def _postcode(wish: Wish) -> str:
    """The postcode in its normal form; one that cannot be read is put aside when an area was chosen from the list."""
    if not wish.postcode and not wish.area_ids:
        raise RecipientsUnclearError(Trouble.POSTCODE_MISSING)
    try:
        return normalise(wish.postcode) if wish.postcode else ""
    except NotAPostcode:
        if not wish.area_ids:
            raise RecipientsUnclearError(Trouble.POSTCODE_MALFORMED) from None
        return ""


def _chosen_area(campaign: Campaign, area_ids: Sequence[int], lookup: Lookup) -> AnyArea | None:
    """The area that the supporter chose from the list, which offers all that the campaign writes to."""
    for area_id in area_ids:
        area = lookup.area(area_id)
        if area is not None and area.kind in kinds_of(campaign) and fits(area, campaign.targeting.tier):
            return area
    return None
