"""What tokens, webhooks and what they are told are called on staff's pages."""

from __future__ import annotations

from flask_babel import gettext as _

from app.announcements.models import AnnouncementState, Happening, Hook, HookState
from app.staff.token_models import Scope


def scope_words(scope: Scope) -> str:
    """What a token opens."""
    match scope:
        case Scope.REPORTS:
            return _("Campaigns and their figures")
        case Scope.SUPPORTERS:
            return _("Supporters who said that we may write to them")


def happening_words(happening: Happening) -> str:
    """What a webhook is told of."""
    match happening:
        case Happening.ACTION_CONFIRMED:
            return _("Somebody has confirmed their letter")
        case Happening.LETTER_DELIVERED:
            return _("A letter has arrived")
        case Happening.MILESTONE:
            return _("A campaign has reached a round number of people or its goal")
        case Happening.STATE_CHANGED:
            return _("A campaign was opened, paused, closed or won")
        case Happening.TEST:
            return _("A test")


def hook_state_words(hook: Hook) -> str:
    """How a webhook stands, and why."""
    if hook.state is not HookState.PAUSED:
        return _("Works") if not hook.failures else _("In trouble")
    match hook.why:
        case "failing":
            return _("Paused: its receiver did not take what was sent")
        case "gone":
            return _("Paused: its receiver says that it is gone")
        case _:
            return _("Paused by staff")


def announcement_words(state: AnnouncementState) -> str:
    """What became of an announcement."""
    match state:
        case AnnouncementState.WAITING:
            return _("Waits")
        case AnnouncementState.TAKEN:
            return _("Taken")
        case AnnouncementState.FAILED:
            return _("Given up")
