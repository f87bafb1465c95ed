"""The sources of postcodes, each with what it holds and the room that it takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.targets.postcode_models import PostcodeBlock, PostcodeSource


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """A source."""

    slug: str
    source: str
    as_of: date
    licence: str
    demo: bool
    live: int
    terminated: int
    size: int
    """The bytes of its blocks, without what the database adds."""


def describe_sources(session: Session) -> list[SourceInfo]:
    """Return the sources by name."""
    size = func.coalesce(func.sum(func.length(PostcodeBlock.entries)), 0)
    rows = session.execute(
        select(PostcodeSource, size)
        .outerjoin(PostcodeBlock, PostcodeBlock.source_id == PostcodeSource.id)
        .group_by(PostcodeSource.id)
        .order_by(PostcodeSource.slug)
    )
    return [
        SourceInfo(one.slug, one.source, one.as_of, one.licence, one.demo, one.live, one.terminated, size)
        for one, size in rows
    ]
