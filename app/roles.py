"""What each role may do. Pure: a table, no database."""

from __future__ import annotations

import enum


class Role(enum.StrEnum):
    """What a member of staff is there for."""

    ADMIN = "admin"
    """Looks after the house: people, settings, everything an organiser does."""
    ORGANISER = "organiser"
    """Runs campaigns and looks after their letters."""
    PARTNER = "partner"
    """Belongs to an organisation that works with us, and sees its campaigns only."""
    LEAD = "lead"
    """Reads the figures."""


class Permission(enum.StrEnum):
    """What a route may ask for."""

    ACCOUNT = "account"
    """One's own account; nobody is without it, not even who must still set up a second factor."""
    OVERVIEW = "overview"
    """The first page behind the sign-in."""
    STATISTICS = "statistics"
    CAMPAIGNS = "campaigns"
    """Campaigns: all of them, or those of the partner."""
    LETTERS = "letters"
    """What waits, what is held, what came back; how lanes stand."""
    LANES = "lanes"
    """How fast and when letters leave for a mail domain."""
    TARGETS = "targets"
    """Those who are written to: lists, uploads, addresses, corrections, coverage; addresses that must not be mailed."""
    APPROVAL = "approval"
    """To be the second person who approves what goes out in large numbers."""
    PEOPLE = "people"
    """Who else may sign in, and as what."""
    AUDIT = "audit"
    SUPPORTERS = "supporters"
    """To take away who said that we may write to them."""
    CONNECTIONS = "connections"
    """What programs elsewhere may read here, and are told."""


_EVERYBODY = frozenset({Permission.ACCOUNT, Permission.OVERVIEW, Permission.STATISTICS})

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.ORGANISER: _EVERYBODY
    | {
        Permission.CAMPAIGNS,
        Permission.LETTERS,
        Permission.TARGETS,
        Permission.APPROVAL,
        Permission.SUPPORTERS,
    },
    Role.PARTNER: _EVERYBODY | {Permission.CAMPAIGNS},
    Role.LEAD: _EVERYBODY,
}
"""Every permission that a role has; what is not here is refused."""

SEES_ALL_CAMPAIGNS = frozenset({Role.ADMIN, Role.ORGANISER, Role.LEAD})
"""Roles for which campaigns need not be those of a partner."""


def may(role: Role, permission: Permission) -> bool:
    """Whether the role has the permission."""
    return permission in PERMISSIONS[role]
