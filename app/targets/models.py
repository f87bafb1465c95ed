"""The registry: areas, postcodes, and the lists of people and bodies that letters go to."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, enum_column


class AreaKind(enum.StrEnum):
    """The kinds of place that a postcode lies in."""

    WARD = "ward"
    COUNCIL = "council"
    CONSTITUENCY = "constituency"


class Area(Base):
    """A coded place. `code` is its GSS code where one is published, else `<council's code>:<ward name in small>`."""

    __tablename__ = "area"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[AreaKind] = mapped_column(enum_column(AreaKind, "kind"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    """A ward's council."""
    demo: Mapped[bool] = mapped_column(default=False)

    parent: Mapped[Area | None] = relationship(remote_side=[id])


class AreaGroup(Base):
    """A set of areas that postcodes share. A postcode that straddles two wards belongs to a group that has both."""

    __tablename__ = "area_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    signature: Mapped[str] = mapped_column(Text, unique=True)
    """The sorted ids of the members, separated by spaces: equal sets are one group."""

    members: Mapped[list[AreaGroupMember]] = relationship()


class AreaGroupMember(Base):
    """One area of a group."""

    __tablename__ = "area_group_member"

    group_id: Mapped[int] = mapped_column(ForeignKey("area_group.id"), primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True)

    area: Mapped[Area] = relationship()


class Postcode(Base):
    """A postcode, keyed by its characters read as a base-36 number (see `app.targets.postcodes.postcode_key`)."""

    __tablename__ = "postcode"

    key: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    group_id: Mapped[int] = mapped_column(ForeignKey("area_group.id"))
    source_id: Mapped[int] = mapped_column(ForeignKey("postcode_source.id"))


class PostcodeSource(Base):
    """Where a set of postcodes came from; importing the same source again replaces its postcodes."""

    __tablename__ = "postcode_source"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    source: Mapped[str] = mapped_column(Text)
    as_of: Mapped[date]
    licence: Mapped[str] = mapped_column(String(120))
    demo: Mapped[bool] = mapped_column(default=False)


class ListOwner(enum.StrEnum):
    """Who keeps a list: the files of `targets/`, or an import by staff."""

    FILES = "files"
    IMPORT = "import"


class TargetList(Base):
    """A list of targets with its provenance."""

    __tablename__ = "target_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    owner: Mapped[ListOwner] = mapped_column(enum_column(ListOwner, "owner"))
    source: Mapped[str] = mapped_column(Text)
    source_url: Mapped[str] = mapped_column(Text, default="")
    as_of: Mapped[date]
    licence: Mapped[str] = mapped_column(String(120))
    demo: Mapped[bool] = mapped_column(default=False)

    targets: Mapped[list[Target]] = relationship(back_populates="list")


class Target(Base):
    """A recipient: councillor, MP, company, trust, broadcaster, the campaign's team. Archived, never deleted."""

    __tablename__ = "target"
    __table_args__ = (UniqueConstraint("list_id", "external_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("target_list.id"))
    external_id: Mapped[str] = mapped_column(String(200))
    """The stable key from the target's source."""
    role: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    salutation: Mapped[str] = mapped_column(String(200))
    """The whole greeting without a comma, as in "Dear Cllr Sample"."""
    organisation: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    """Empty when none is published."""
    address: Mapped[str] = mapped_column(Text, default="")
    party: Mapped[str] = mapped_column(String(120), default="")
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verified_how: Mapped[str] = mapped_column(Text, default="")
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    list: Mapped[TargetList] = relationship(back_populates="targets")
    area: Mapped[Area | None] = relationship()

    @property
    def verified(self) -> bool:
        """Whether somebody has checked that the address is the target's own."""
        return self.verified_at is not None
