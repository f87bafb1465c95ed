"""What roles and states are called on staff's pages."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from app.campaigns.models import CampaignState
from app.roles import Role
from app.staff.models import MemberState, StaffMember


def role_words(role: Role) -> tuple[str, str]:
    """What a role is called, and what it is for."""
    match role:
        case Role.ADMIN:
            return _("Admin"), _("Everything, and who else may sign in.")
        case Role.ORGANISER:
            return _("Organiser"), _("Campaigns, their letters and the people they are sent to.")
        case Role.PARTNER:
            return _("Partner"), _("The campaigns of their own organisation, and no others.")
        case Role.LEAD:
            return _("Lead"), _("The figures, and nothing else.")


def role_choices() -> list[dict[str, str]]:
    """The roles to choose from."""
    words = [(role, *role_words(role)) for role in Role]
    return [{"id": role.value, "name": name, "organisation": what} for role, name, what in words]


def state_words(member: StaffMember, now: datetime) -> str:
    """Whether a member may sign in."""
    if member.state is MemberState.INVITED:
        return _("Invited")
    if member.state is MemberState.DEACTIVATED:
        return _("Deactivated")
    return _("Locked out for now") if member.locked(now) else _("Active")


_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "Chrome": "Chrome",
    "CriOS": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}
"""What stands in a browser's name for itself, the telling marks first: most claim to be several."""


def browser_words(browser: str) -> str:
    """What a person calls a browser by, for its owner to know it again."""
    names = [next((name for mark, name in known.items() if mark in browser), "") for known in (_BROWSERS, _SYSTEMS)]
    return " – ".join(filter(None, names)) or browser


def campaign_state_words(state: CampaignState) -> str:
    """How a campaign stands."""
    match state:
        case CampaignState.DRAFT:
            return _("Draft")
        case CampaignState.SCHEDULED:
            return _("Scheduled")
        case CampaignState.LIVE:
            return _("Live")
        case CampaignState.PAUSED:
            return _("Paused")
        case CampaignState.CLOSED:
            return _("Closed")
        case CampaignState.WON:
            return _("Won")
