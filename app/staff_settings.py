"""Who must have a second factor, as the environment says it."""

from __future__ import annotations

from app.environment import Reader
from app.roles import Role

NOBODY = "none"


def read_second_factor(read: Reader, *, development: bool) -> frozenset[Role]:
    """The roles that must have a second factor: admins at the least, unless somebody says otherwise."""

    def parse(text: str) -> frozenset[Role]:
        return frozenset() if text == NOBODY else frozenset(Role(name.strip()) for name in text.split(","))

    wanted = "none, or to roles separated by commas: admin, organiser, partner, lead"
    return read.parsed("STAFF_SECOND_FACTOR", NOBODY if development else Role.ADMIN.value, parse, wanted)
