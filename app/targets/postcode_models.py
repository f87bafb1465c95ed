"""Which areas postcodes lie in: sources, their postcodes packed by outward code, and the groups of areas they share."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import Base, UtcDateTime
from app.targets.models import Area


class AreaGroup(Base):
    """A set of areas that postcodes share. A postcode that straddles two wards belongs to a group that has both."""

    __tablename__ = "area_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    signature: Mapped[str] = mapped_column(Text, unique=True)
    """The sorted ids of the members, separated by spaces: equal sets are one group. The group of postcodes that lie
    nowhere has none."""

    members: Mapped[list[AreaGroupMember]] = relationship()


class AreaGroupMember(Base):
    """One area of a group."""

    __tablename__ = "area_group_member"

    group_id: Mapped[int] = mapped_column(ForeignKey("area_group.id"), primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True)

    area: Mapped[Area] = relationship()


class PostcodeSource(Base):
    """Where a set of postcodes came from; importing the same source again replaces its postcodes."""

    __tablename__ = "postcode_source"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    source: Mapped[str] = mapped_column(Text)
    as_of: Mapped[date]
    licence: Mapped[str] = mapped_column(String(120))
    demo: Mapped[bool] = mapped_column(default=False)
    live: Mapped[int] = mapped_column(default=0)
    """How many postcodes it has that are in use."""
    terminated: Mapped[int] = mapped_column(default=0)
    """How many it has that were taken out of use."""

    @property
    def claim(self) -> tuple[bool, date]:
        """What is compared where sources differ: real goes before invented, the later day before the earlier."""
        return not self.demo, self.as_of


class PostcodeBlock(Base):
    """All postcodes of one outward code that a source has, packed (see `app.targets.postcode_blocks`)."""

    __tablename__ = "postcode_block"

    outward: Mapped[str] = mapped_column(String(4), primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("postcode_source.id"), primary_key=True)
    entries: Mapped[bytes] = mapped_column(LargeBinary)


class PostcodeCount(Base):
    """How many postcodes in use lie in exactly the areas of a group, all sources taken together.

    Derived from the blocks; written with each change of them.
    """

    __tablename__ = "postcode_count"

    group_id: Mapped[int] = mapped_column(ForeignKey("area_group.id"), primary_key=True)
    live: Mapped[int]


class PostcodeAnswer(Base):
    """What a service on the network said of a postcode, kept for a while. Nothing says who asked."""

    __tablename__ = "postcode_answer"

    key: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    """As `app.targets.postcodes.postcode_key` makes it."""
    group_id: Mapped[int | None] = mapped_column(ForeignKey("area_group.id"))
    """Nothing where the service does not know the postcode."""
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
