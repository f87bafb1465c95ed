"""Seats that a list's source says are vacant: a ward with nobody to write to is then no mistake."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.targets.areas import area_id, area_ids
from app.targets.models import TargetList, Vacancy


def store_vacancies(session: Session, list_slug: str, seats: Mapping[str, int]) -> None:
    """Make a list have exactly these vacant seats, by the codes of their wards.

    Raises:
        UnknownAreaError: a ward is not in the registry.
    """
    list_id = session.scalars(select(TargetList.id).where(TargetList.slug == list_slug)).one()
    ids = area_ids(session)
    wanted = {area_id(ids, code): number for code, number in seats.items()}
    of_list = Vacancy.list_id == list_id
    if dict(session.execute(select(Vacancy.area_id, Vacancy.seats).where(of_list)).all()) == wanted:
        return
    session.execute(delete(Vacancy).where(of_list), execution_options={"synchronize_session": False})
    if wanted:
        rows = [{"list_id": list_id, "area_id": place, "seats": number} for place, number in wanted.items()]
        session.execute(insert(Vacancy), rows)
