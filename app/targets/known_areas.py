"""Areas for who only reads: a row of the registry, or what a look-up found, which costs a third of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from app.targets.models import AreaKind


class AnyArea(Protocol):
    """An `app.targets.models.Area`, or a `KnownArea`."""

    @property
    def id(self) -> int:
        """The row's."""

    @property
    def code(self) -> str:
        """Its GSS code, or what stands for one."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def kind(self) -> AreaKind:
        """Its kind."""

    @property
    def parent_id(self) -> int | None:
        """The row's of its parent."""

    @property
    def parent(self) -> AnyArea | None:
        """A ward's council, a division's or a district's county."""


@dataclass(frozen=True, slots=True)
class KnownArea:
    """An area that was looked up, with everything above it; of no session."""

    id: int
    code: str
    name: str
    kind: AreaKind
    parent_id: int | None
    ended_on: date | None
    parent: KnownArea | None
