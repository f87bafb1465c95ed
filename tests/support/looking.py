"""What tests look up that the product never asks in these words."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.targets.known_areas import KnownArea
from app.targets.models import AreaKind
from app.targets.postcodes import areas_of


def areas_of_kind(session: Session, postcode: str, kind: AreaKind) -> list[KnownArea]:
    """The areas of one kind that a normalised postcode lies in: none, one, or several when it straddles."""
    return [area for area in areas_of(session, postcode) if area.kind is kind]
