"""The registry: areas, and the lists of people and bodies that letters go to."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import Base, UtcDateTime, enum_column


class AreaKind(enum.StrEnum):
    """The kinds of place that a postcode lies in."""

    WARD = "ward"
    """Elects councillors of a district or of a council that does everything."""
    DIVISION = "division"
    """Elects councillors of a county."""
    COUNCIL = "council"
    """A district, or an area whose one council does everything."""
    COUNTY = "county"
    """The upper of two tiers: its districts have councils of their own."""
    CONSTITUENCY = "constituency"
    """Elects a Member of Parliament."""


COUNCILS = (AreaKind.COUNCIL, AreaKind.COUNTY)
"""Areas that have a council, whose members are elected by their parts."""
WARDS = (AreaKind.WARD, AreaKind.DIVISION)
"""Those parts."""


class AreaSource(Base):
    """Where a register of councils came from; importing the same again replaces this."""

    __tablename__ = "area_source"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    source: Mapped[str] = mapped_column(Text)
    source_url: Mapped[str] = mapped_column(Text, default="")
    as_of: Mapped[date]
    licence: Mapped[str] = mapped_column(String(120))


class Area(Base):
    """A coded place. `code` is its GSS code where one is published, else `<council's code>:<ward name in small>`."""

    __tablename__ = "area"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[AreaKind] = mapped_column(enum_column(AreaKind, "kind"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    """A ward's council, a division's or a district's county."""
    ended_on: Mapped[date | None]
    """The day on which it ceased to exist, if it has: the council was abolished, or its wards were drawn anew."""
    successors: Mapped[str] = mapped_column(Text, default="")
    """The codes of those that took its place, separated by spaces."""
    source_id: Mapped[int | None] = mapped_column(ForeignKey("area_source.id"))
    """The register that told of it; none where a list or a postcode file did, or the files of `targets/`."""
    demo: Mapped[bool] = mapped_column(default=False)

    parent: Mapped[Area | None] = relationship(remote_side=[id])


class AreaAlias(Base):
    """Another code or name of a council: its local-authority-code, a former GSS code, its name as others write it."""

    __tablename__ = "area_alias"

    alias: Mapped[str] = mapped_column(String(120), primary_key=True)
    """In the form of `app.targets.areas.plain`: small letters and figures, words joined by hyphens."""
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True)


class Election(Base):
    """A day on which a council, or the House of Commons, was or will be elected: who sits there may change on it."""

    __tablename__ = "election"
    __table_args__ = (UniqueConstraint("body_code", "held_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    body_code: Mapped[str] = mapped_column(String(9))
    """The GSS code of the council or county; that of the United Kingdom (K02000001) for the House of Commons."""
    held_on: Mapped[date]
    source: Mapped[str] = mapped_column(Text)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When staff said that what we have of the body is good although it is older than this day."""
    accepted_by: Mapped[str] = mapped_column(String(120), default="")
    accepted_why: Mapped[str] = mapped_column(Text, default="")


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
    format: Mapped[str] = mapped_column(String(20), default="")
    """The published format that it was read from last; empty for the files of `targets/`."""
    demo: Mapped[bool] = mapped_column(default=False)

    targets: Mapped[list[Target]] = relationship(back_populates="list")


class Confidence(enum.StrEnum):
    """How far a row's source can be trusted."""

    OFFICIAL = "official"
    """Published by the body itself, or by Parliament."""
    COLLECTED = "collected"
    """Collected from the body's pages by others."""
    REPORTED = "reported"
    """Told by somebody, and not looked up."""


class Target(Base):
    """A recipient: councillor, MP, company, trust, broadcaster, the campaign's team. Archived, never deleted.

    The columns hold what counts now. Where an override is in force, its own row keeps what the source says.
    """

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
    registration: Mapped[str] = mapped_column(String(40), default="")
    """The organisation's number in a public register, with the register's own prefix of org-id.guide (GB-COH-07921508);
    the offices and officers of one organisation share it."""
    email: Mapped[str] = mapped_column(String(254), default="")
    """Empty when none is published."""
    address: Mapped[str] = mapped_column(Text, default="")
    party: Mapped[str] = mapped_column(String(120), default="")
    attributes: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict)
    """What else a campaign may choose by, such as {"posts": ["Leader of the Council"], "committees": […]}."""
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    valid_from: Mapped[date | None]
    """The first day of the term of office, where the source tells it."""
    valid_to: Mapped[date | None]
    """The last one."""
    source_url: Mapped[str] = mapped_column(Text, default="")
    """The page that the source names for this target."""
    fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the source was read last and still had this target."""
    confidence: Mapped[Confidence] = mapped_column(enum_column(Confidence, "confidence"), default=Confidence.REPORTED)
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verified_how: Mapped[str] = mapped_column(Text, default="")
    verified_by: Mapped[str] = mapped_column(String(120), default="")
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When staff took it off the list; it is archived then, and no import brings it back."""
    removed_by: Mapped[str] = mapped_column(String(120), default="")
    removed_why: Mapped[str] = mapped_column(Text, default="")
    stale_from: Mapped[date | None]
    """The day from which the row is older than an election of its council that nobody has accepted; derived from the
    elections and the list's day whenever one of them changes."""

    list: Mapped[TargetList] = relationship(back_populates="targets")
    area: Mapped[Area | None] = relationship()

    @property
    def verified(self) -> bool:
        """Whether somebody has checked that the address is the target's own."""
        return self.verified_at is not None


class Vacancy(Base):
    """Seats of a ward that a list's source says are vacant."""

    __tablename__ = "vacancy"

    list_id: Mapped[int] = mapped_column(ForeignKey("target_list.id"), primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True)
    seats: Mapped[int]


class TargetOverride(Base):
    """A value that staff put over what a target's source says, until a day."""

    __tablename__ = "target_override"
    __table_args__ = (
        Index(
            "uq_target_override_in_force",
            "target_id",
            "field",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"))
    field: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(Text)
    published: Mapped[str] = mapped_column(Text)
    """What the source says; imports keep it up to date while the override is in force."""
    why: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    target: Mapped[Target] = relationship()
