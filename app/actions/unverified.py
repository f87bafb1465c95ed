"""The addresses that a campaign writes to and nobody has verified, counted without looking at everybody.

Pages ask this each time that they are shown, on a country of 20,000 councillors too: the database counts where a
campaign takes everybody of its places, and where it describes them only those are read who wait.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Row, Select, case, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.actions.named_places import within_places
from app.actions.places import fits
from app.actions.search import kinds_of
from app.campaigns.models import Campaign, TargetRule
from app.campaigns.targeting import CampaignTier
from app.statements import among
from app.targets.facts import COLUMNS, PLACE, known_facts
from app.targets.models import COUNCILS, WARDS, Area, AreaKind, Target, TargetList

_parent = aliased(Area)
_body = case((Area.kind.in_(WARDS), Area.parent_id), else_=Area.id)
"""The council of a ward or a division; any other area itself. Its tier is that of its parts."""
_facts = (*(getattr(Target, name) for name in COLUMNS), Target.attributes)
_place = (
    Area.name.label("area_name"),
    Area.code.label("area_code"),
    _parent.name.label("parent_name"),
    _parent.code.label("parent_code"),
)


def unverified_of(session: Session, campaign: Campaign) -> Counter[int]:
    """How many addresses that the campaign writes to nobody has verified, by the id of their list.

    Whoever is written to only when nobody else is found is not among them. Two or three statements.
    """
    waiting = _waiting(session, campaign)
    targeting = campaign.targeting
    if targeting.exclude or any(key != PLACE for key, _patterns in targeting.who.wanted):
        found = session.execute(waiting.add_columns(*_facts, *_place)).all()
        counted = Counter((row.list_id, row.body) for row in found if _meant(campaign, row))
    else:
        number = func.count(Target.id)
        rows = session.execute(waiting.add_columns(number).group_by(Target.list_id, _body)).all()
        counted = Counter({(list_id, body): times for list_id, body, times in rows})
    return _of_tier(session, campaign, counted)


def _waiting(session: Session, campaign: Campaign) -> Select[Any]:
    """Those of the campaign's rule whose address waits, each with its list and the body that it belongs to."""
    wanted = (
        select(Target.list_id, _body.label("body"))
        .outerjoin(Area, Area.id == Target.area_id)
        .outerjoin(_parent, (_parent.id == Area.parent_id) & Area.kind.in_(WARDS))
        .where(Target.archived_at.is_(None), Target.email != "", Target.verified_at.is_(None))
    )
    if campaign.target_rule is not TargetRule.AREA:
        return wanted.join(TargetList, TargetList.id == Target.list_id).where(TargetList.slug.in_(campaign.list_slugs))
    kinds = kinds_of(campaign)
    if AreaKind(campaign.target_area or "") in COUNCILS:
        kinds = (*COUNCILS, *WARDS)
    wanted = wanted.where(Target.role == campaign.target_role, Area.kind.in_(kinds))
    return within_places(session, campaign, wanted)


def _meant(campaign: Campaign, row: Row[Any]) -> bool:
    """Whether the campaign writes to whom a row tells of."""
    columns = {name: getattr(row, name) for name in COLUMNS}
    place = (row.area_name, row.area_code, row.parent_name, row.parent_code)
    facts = known_facts(columns, row.attributes, [text for text in place if text])
    return campaign.targeting.who.fits(facts) and not campaign.targeting.excluded_by(facts)


def _of_tier(session: Session, campaign: Campaign, counted: Counter[tuple[int, int | None]]) -> Counter[int]:
    """By list alone, without the councils of a tier that the campaign does not write to."""
    tier, bodies = campaign.targeting.tier, {body for _list_id, body in counted if body is not None}
    if tier is not CampaignTier.ALL and bodies:
        areas = session.scalars(select(Area).where(among(session, Area.id, bodies)).options(joinedload(Area.parent)))
        bodies = {area.id for area in areas if fits(area, tier)}
    found: Counter[int] = Counter()
    for (list_id, body), number in counted.items():
        if body is None or body in bodies:
            found[list_id] += number
    return found
