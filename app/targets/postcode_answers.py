"""What a service on the network has said of postcodes: kept for a while, without a word of who asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.batches import delete_some
from app.statements import insert_or
from app.targets.area_groups import groups_of
from app.targets.areas import area_ids, store_areas
from app.targets.fields import FieldError, clean_text, fitting
from app.targets.gss import kind_of
from app.targets.models import WARDS, Area, AreaKind
from app.targets.postcode_models import PostcodeAnswer
from app.targets.postcodes import LIVE, find, postcode_key
from app.targets.records import PARENTS, AreaRecord
from app.targets.succession import move_to_coded
from app.targets.turn import take_turn

KEPT = timedelta(days=90)
"""For how long an answer counts."""
UNKNOWN_KEPT = timedelta(days=7)
"""For how long it counts that the service does not know a postcode: new ones are given out each day."""
OLD = timedelta(days=180)
"""How old the edition may be that our table knows a postcode from: two editions of ONS."""


def wants_answer(session: Session, postcode: str, now: datetime) -> bool:
    """Return whether a service is to be asked: our table knows it not or from long ago, and no answer counts."""
    found = find(session, postcode)
    days = [origin.as_of for origin in found.origins if origin.name != LIVE] if found else []
    if days and max(days) >= (now - OLD).date():
        return False
    answer = session.get(PostcodeAnswer, postcode_key(postcode))
    if answer is None:
        return True
    return answer.fetched_at < now - (UNKNOWN_KEPT if answer.group_id is None else KEPT)


def keep_answer(session: Session, postcode: str, names: Mapping[str, str] | None, now: datetime) -> None:
    """Keep what a service has said of a postcode: the names of its areas by their codes, or that it does not know it.

    Areas that the registry does not have are added; what others are called stays. Old answers are removed.
    """
    take_turn(session)
    forget_answers(session, now)
    group_id = None if names is None else _group(session, names, now)
    put = insert_or(session, PostcodeAnswer).values(key=postcode_key(postcode), group_id=group_id, fetched_at=now)
    session.execute(
        put.on_conflict_do_update(
            index_elements=["key"], set_={"group_id": put.excluded.group_id, "fetched_at": put.excluded.fetched_at}
        )
    )
    session.expire_all()


def forget_answers(session: Session, now: datetime) -> int:
    """Remove some of the answers that count no more; how many."""
    return delete_some(session, PostcodeAnswer, PostcodeAnswer.fetched_at < now - KEPT)


def _group(session: Session, names: Mapping[str, str], now: datetime) -> int:
    """Return the group of the areas, which are added where the registry lacks them."""
    codes = {kind: code for code in names if (kind := kind_of(code))}
    if AreaKind.COUNTY not in codes:
        codes.pop(AreaKind.DIVISION, None)
    known = set(session.scalars(select(Area.code).where(Area.code.in_(codes.values()))))
    parents = {codes[child]: codes[parent] for child, parent in PARENTS.items() if child in codes and parent in codes}
    new = [
        AreaRecord(code, _name(names[code], code), kind, parents.get(code, ""))
        for kind, code in codes.items()
        if code not in known
    ]
    if new:
        store_areas(session, new)
        move_to_coded(session, {record.code for record in new if record.kind in WARDS}, now.date())
    ids = area_ids(session)
    members = frozenset(ids[code] for code in codes.values())
    return groups_of(session, {members})[members]


def _name(text: str, code: str) -> str:
    """Return a name that the registry can hold; the code where it cannot."""
    try:
        return fitting(Area.name, clean_text(text)) or code
    except FieldError:
        return code
