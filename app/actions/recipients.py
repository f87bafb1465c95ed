"""Who a supporter's letter goes to: from what they told us and the campaign's rule. Never a guess."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session, joinedload

from app.campaigns.models import Campaign, TargetRule
from app.targets.find import targets_for_area, targets_of_lists
from app.targets.models import Area, AreaKind, Target
from app.targets.postcodes import NotAPostcode, areas_of_kind, normalise


@dataclass(frozen=True, slots=True)
class Wish:
    """What the supporter told us of who to write to; the campaign's rule says which of it counts."""

    postcode: str = ""
    area_id: int | None = None
    target_id: int | None = None


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who will get the letter, and where the supporter lives if the campaign asks."""

    targets: Sequence[Target]
    area: Area | None = None
    postcode: str = ""


class Trouble(enum.StrEnum):
    """Why nobody was found."""

    POSTCODE_MISSING = "postcode_missing"
    POSTCODE_MALFORMED = "postcode_malformed"
    POSTCODE_UNKNOWN = "postcode_unknown"
    POSTCODE_STRADDLES = "postcode_straddles"
    NOBODY_HERE = "nobody_here"
    NOT_CHOSEN = "not_chosen"
    NOBODY_LISTED = "nobody_listed"


class RecipientsUnclearError(Exception):
    """It is not clear who to write to; `areas` are those that a straddling postcode lies in."""

    def __init__(self, trouble: Trouble, areas: Sequence[Area] = ()) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble
        self.areas = areas


def find_recipients(session: Session, campaign: Campaign, wish: Wish) -> Recipients:
    """The recipients that the campaign's rule gives for the supporter's wish; only targets with an address.

    Raises:
        RecipientsUnclearError: the wish is incomplete, mistyped or ambiguous, or leads to nobody.
    """
    match campaign.target_rule:
        case TargetRule.AREA:
            return _of_area(session, campaign, wish)
        case TargetRule.CHOOSE:
            return _chosen(session, campaign, wish)
        case TargetRule.ALL:
            targets = listed_targets(session, campaign)
            if not targets:
                raise RecipientsUnclearError(Trouble.NOBODY_LISTED)
            return Recipients(targets)


def listed_targets(session: Session, campaign: Campaign) -> list[Target]:
    """The targets on the campaign's lists that have an address."""
    return _reachable(targets_of_lists(session, campaign.list_slugs))


def _chosen(session: Session, campaign: Campaign, wish: Wish) -> Recipients:
    chosen = [target for target in listed_targets(session, campaign) if target.id == wish.target_id]
    if not chosen:
        raise RecipientsUnclearError(Trouble.NOT_CHOSEN)
    return Recipients(chosen)


def _of_area(session: Session, campaign: Campaign, wish: Wish) -> Recipients:
    postcode, kind = _postcode(wish), AreaKind(campaign.target_area or "")
    chosen = _chosen_area(session, kind, wish.area_id)
    for area in _areas(areas_of_kind(session, postcode, kind) if postcode else [], chosen):
        targets = _reachable(targets_for_area(session, campaign.target_role or "", area))
        if targets:
            return Recipients(targets, area, postcode)
    raise RecipientsUnclearError(Trouble.NOBODY_HERE)


def _postcode(wish: Wish) -> str:
    """The postcode in its normal form; one that cannot be read is put aside when an area was chosen from the list."""
    if not wish.postcode and wish.area_id is None:
        raise RecipientsUnclearError(Trouble.POSTCODE_MISSING)
    try:
        return normalise(wish.postcode) if wish.postcode else ""
    except NotAPostcode:
        if wish.area_id is None:
            raise RecipientsUnclearError(Trouble.POSTCODE_MALFORMED) from None
        return ""


def _chosen_area(session: Session, kind: AreaKind, area_id: int | None) -> Area | None:
    if area_id is None:
        return None
    area = session.get(Area, area_id, options=[joinedload(Area.parent)])
    return area if area is not None and area.kind is kind else None


def _areas(known: Sequence[Area], chosen: Area | None) -> list[Area]:
    """Where to look for targets: where the postcode lies, then (should nobody be there) where the supporter chose.

    A choice among the areas of a straddling postcode settles which of them it is.
    """
    if chosen is None and not known:
        raise RecipientsUnclearError(Trouble.POSTCODE_UNKNOWN)
    if chosen is not None and (not known or chosen in known):
        return [chosen]
    if len(known) > 1:
        raise RecipientsUnclearError(Trouble.POSTCODE_STRADDLES, known)
    return [*known, chosen] if chosen is not None else [*known]


def _reachable(targets: Sequence[Target]) -> list[Target]:
    return [target for target in targets if target.email]
