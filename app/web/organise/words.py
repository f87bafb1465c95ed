"""What roles, states and deeds are called on staff's pages."""

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


def deed_words(action: str) -> str:
    """What somebody did; a deed without words of its own keeps its code."""
    words = {
        "staff.invited": _("Invited a member of staff"),
        "staff.invited_again": _("Sent an invitation again"),
        "staff.joined": _("Accepted an invitation"),
        "staff.role_changed": _("Gave somebody another role"),
        "staff.deactivated": _("Deactivated an account"),
        "staff.activated": _("Activated an account again"),
        "staff.locked": _("An account was locked after too many tries"),
        "staff.unlocked": _("Unlocked an account"),
        "staff.password_changed": _("Changed their password"),
        "staff.second_factor_added": _("Added an authenticator app"),
        "staff.second_factor_removed": _("Removed an authenticator app"),
        "staff.passkey_added": _("Added a passkey"),
        "staff.passkey_removed": _("Removed a passkey"),
        "staff.second_factor_reset": _("Took away somebody’s second factor"),
        "staff.recovery_code_used": _("Signed in with a recovery code"),
        "staff.recovery_codes_renewed": _("Made new recovery codes"),
        "staff.signed_out_elsewhere": _("Signed out in all other browsers"),
        "target.verified": _("Verified an address"),
        "target.asked": _("Sent a code to an address"),
        "target.overridden": _("Put a value over the source’s"),
        "target.override_ended": _("Let the source’s value count again"),
        "target.removed": _("Took a target off its list"),
        "target.restored": _("Put a target on its list again"),
        "target_list.imported": _("Filled a list from a file"),
        "target_list.verified": _("Vouched for the addresses of a list"),
        "correction.accepted": _("Accepted a correction"),
        "correction.dismissed": _("Dismissed a correction"),
        "suppression.added": _("Stopped mail to an address"),
        "suppression.lifted": _("Let an address be mailed again"),
        "letter.release": _("Let a letter go"),
        "letter.cancel": _("Cancelled a letter"),
        "letter.settle_sent": _("Said that a letter was handed over"),
        "letter.settle_delivered": _("Said that a letter has arrived"),
        "letter.settle_bounced": _("Said that a letter did not arrive"),
        "letter.settle_queued": _("Had a doubtful letter sent once more"),
        "letter.resend": _("Had a blocked letter sent once more"),
        "bulk.release": _("Let many letters go"),
        "bulk.cancel": _("Cancelled many letters"),
        "bulk.settle_sent": _("Said that many letters were handed over"),
        "bulk.settle_delivered": _("Said that many letters have arrived"),
        "bulk.settle_bounced": _("Said that many letters did not arrive"),
        "bulk.settle_queued": _("Had many doubtful letters sent once more"),
        "bulk.resend": _("Had many blocked letters sent once more"),
        "bulk.stopped": _("Stopped a decision about many letters"),
        "bulk.finished": _("A decision about many letters was carried out"),
        "review.released": _("Read a letter and let it go"),
        "review.sent_back": _("Read a letter and sent it back"),
        "review.rejected": _("Read a letter and rejected it"),
        "stop.put_on": _("Stopped mail"),
        "stop.taken_off": _("Let mail go on"),
        "lane.tried": _("Let one letter try a mail domain"),
        "lane.sound": _("Took a mail domain for sound again"),
        "campaign.checked": _("Checked a campaign"),
        "campaign.tested": _("Sent sample letters to themselves"),
        "campaign.scheduled": _("Scheduled a campaign"),
        "campaign.unscheduled": _("Took a campaign off the schedule"),
        "campaign.opened": _("Opened a campaign"),
        "campaign.opening_held": _("A campaign did not open by itself"),
        "campaign.paused": _("Paused a campaign"),
        "campaign.resumed": _("Let a campaign go on"),
        "campaign.closed": _("Closed a campaign"),
        "campaign.won": _("Said that a campaign is won"),
        "campaign.letters_stopped": _("Stopped the letters of a campaign"),
        "campaign.letters_go_on": _("Let the letters of a campaign go on"),
        "campaign.approval_asked": _("Asked for approval"),
        "campaign.approval_granted": _("Approved a campaign"),
        "campaign.approval_declined": _("Declined to approve a campaign"),
    }
    return words.get(action, action)


def kind_words(kind: str) -> str:
    """What kind of thing it was done to."""
    words = {
        "staff": _("Staff"),
        "campaign": _("Campaigns"),
        "target": _("Targets"),
        "target_list": _("Target lists"),
        "correction": _("Corrections"),
        "suppression": _("Addresses that are not mailed"),
        "letter": _("Single letters"),
        "bulk": _("Many letters at once"),
        "review": _("Letters that were read first"),
        "stop": _("Stops"),
        "lane": _("Mail domains"),
    }
    return words.get(kind, kind)
