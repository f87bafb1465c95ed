"""Who must have a second factor, as the environment says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.environment import Reader
from app.roles import Role

NOBODY = "none"


@dataclass(frozen=True, slots=True)
class LaunchSettings:
    """What holds for campaigns that are opened."""

    approval_letters: int
    """Above how many letters a second person approves; 0 is never."""
    most_late: timedelta
    """How late a campaign may still open by itself."""


def read_launch(read: Reader) -> LaunchSettings:
    """When a second person approves, and how late a campaign opens."""
    letters = read.count("APPROVAL_LETTERS", 1000, least=0)
    return LaunchSettings(letters, timedelta(minutes=read.count("OPENING_LATENESS_MINUTES", 120)))


def read_second_factor(read: Reader, *, development: bool) -> frozenset[Role]:
    """The roles that must have a second factor: admins at the least, unless somebody says otherwise."""

    def parse(text: str) -> frozenset[Role]:
        return frozenset() if text == NOBODY else frozenset(Role(name.strip()) for name in text.split(","))

    wanted = "none, or to roles separated by commas: admin, organiser, partner, lead"
    return read.parsed("STAFF_SECOND_FACTOR", NOBODY if development else Role.ADMIN.value, parse, wanted)
