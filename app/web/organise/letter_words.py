"""What the letters desk calls states, reasons, rules and deeds. Plain words, for who has never seen a queue."""

from __future__ import annotations

from flask_babel import gettext as _

from app.delivery.bulk_models import BulkDeed
from app.delivery.lane_report import LaneStanding
from app.letters.review import Rule
from app.queue.models import BrakeScope
from app.queue.states import DeliveryState, EventSource, Purpose


def delivery_words(state: DeliveryState) -> str:
    """A state's name."""
    return {
        DeliveryState.QUEUED: _("Waiting"),
        DeliveryState.SENDING: _("Going out"),
        DeliveryState.SENT: _("Handed over"),
        DeliveryState.DELIVERED: _("Delivered"),
        DeliveryState.BOUNCED: _("Came back"),
        DeliveryState.COMPLAINED: _("Marked as unwanted"),
        DeliveryState.HELD: _("Held"),
        DeliveryState.SUPPRESSED: _("Not to be mailed"),
        DeliveryState.CANCELLED: _("Cancelled"),
        DeliveryState.FAILED: _("Not delivered"),
        DeliveryState.UNCERTAIN: _("Not certain"),
    }[state]


def purpose_words(purpose: Purpose) -> str:
    """What kind of mail it is."""
    if purpose is Purpose.LETTER:
        return _("Letter")
    if purpose is Purpose.ADDRESS_CHECK:
        return _("Mail that asks whether an address is right")
    return _("Mail to staff") if purpose.value.startswith("staff_") else _("Mail to the supporter")


def reason_words(reason: str) -> str:
    """Why a delivery is where it is; a code without words of its own is shown as it is."""
    return {
        "review": _("A person has to read it first"),
        "unverified_target": _("Nobody has checked the address"),
        "stale_target": _("What we know of the council is too old"),
        "target_paused": _("Letters to them are paused"),
        "target_archived": _("They have left office"),
        "no_address": _("They have no address"),
        "no_reply_address": _("There is no mailbox for protected answers"),
        "mailbox_parted": _("They do not share a mailbox any more"),
        "text_changed": _("The stored letter is not the one that was confirmed"),
        "blocked": _("Their mail server blocks us"),
        "bounced": _("The address does not work"),
        "soft_bounced": _("Their mailbox could not take it"),
        "refused": _("Their mail server refused it"),
        "gave_up": _("We tried for seven days"),
        "answer_lost": _("The answer was lost on the way"),
        "lease_expired": _("A worker’s machine was lost"),
        "suppressed_address": _("The address must not be mailed"),
        "withdrawn": _("Its writer withdrew it"),
        "sent_back": _("It was sent back to its writer"),
        "rejected": _("It was rejected"),
        "cancelled": _("Staff cancelled it"),
        "deferred": _("Their mail server asked us to wait"),
        "released": _("Staff let it go"),
        "resent": _("Staff had it sent once more"),
        "settled": _("Staff settled it"),
        "answer_deleted": _("The answer was kept for too long and is deleted"),
        "not_to_be_asked": _("They do not want to be asked who has answered"),
        "all_answered": _("Everybody has answered meanwhile"),
    }.get(reason, reason.replace("_", " "))


def source_words(source: EventSource) -> str:
    """Who told us of an event."""
    return {
        EventSource.WORKER: _("our worker"),
        EventSource.PROVIDER: _("the mail provider"),
        EventSource.STAFF: _("staff"),
        EventSource.SUPPORTER: _("its writer"),
        EventSource.SYSTEM: _("the house itself"),
    }[source]


def event_words(origin: DeliveryState | None, to: DeliveryState) -> str:
    """What happened, as a sentence."""
    if origin is None:
        return _("It was put on the queue.")
    if origin is DeliveryState.SENDING and to is DeliveryState.QUEUED:
        return _("It did not leave, and waits for its next turn.")
    if to is DeliveryState.QUEUED:
        return _("It waits to be sent again.")
    return {
        DeliveryState.SENDING: _("A worker took it, to hand it over."),
        DeliveryState.SENT: _("The next mail server has taken it."),
        DeliveryState.DELIVERED: _("It is in their mailbox."),
        DeliveryState.BOUNCED: _("It came back."),
        DeliveryState.COMPLAINED: _("They marked it as unwanted."),
        DeliveryState.HELD: _("It was held."),
        DeliveryState.SUPPRESSED: _("It was not sent: the address must not be mailed."),
        DeliveryState.CANCELLED: _("It was cancelled."),
        DeliveryState.FAILED: _("It was given up."),
        DeliveryState.UNCERTAIN: _("It was being handed over, and the answer was lost."),
    }[to]


def deed_choice(deed: BulkDeed) -> tuple[str, str]:
    """What may be done, and what that means."""
    return {
        BulkDeed.RELEASE: (
            _("Let go"),
            _("It is sent when its turn comes. If what held it is not put right, it is held again."),
        ),
        BulkDeed.CANCEL: (_("Cancel"), _("It is never sent. This cannot be undone.")),
        BulkDeed.SETTLE_SENT: (_("It was handed over"), _("The mail server’s log says so. Nothing is sent again.")),
        BulkDeed.SETTLE_DELIVERED: (_("It has arrived"), _("Its reader says so. Nothing is sent again.")),
        BulkDeed.SETTLE_BOUNCED: (
            _("It did not arrive"),
            _("Nothing is sent again, and its writer is told that it did not arrive."),
        ),
        BulkDeed.SETTLE_QUEUED: (
            _("Send once more"),
            _("It may arrive twice. Take that upon you only if you are sure."),
        ),
        BulkDeed.RESEND: (
            _("Send once more"),
            _("Their server said that it did not take it. Ask them first, if you can."),
        ),
    }[deed]


def rule_words(rule: Rule) -> str:
    """Why a person should read a letter."""
    return {
        Rule.ABUSE: _("Words that insult or threaten"),
        Rule.LINKS: _("Links that the campaign does not give"),
        Rule.REPLACED: _("Next to nothing of the campaign’s letter is left"),
        Rule.ALIKE: _("Many people have sent these very words"),
    }[rule]


def standing_words(standing: LaneStanding) -> str:
    """What a lane lets through now."""
    return {
        LaneStanding.PAUSED: _("Paused"),
        LaneStanding.RESTS: _("Rests"),
        LaneStanding.CLOSED: _("Closed until its hours"),
        LaneStanding.TRIES: _("Tries with single letters"),
        LaneStanding.OPEN: _("Open"),
    }[standing]


def scope_words(scope: BrakeScope) -> str:
    """What a stop stops."""
    return {
        BrakeScope.EVERYTHING: _("All mail, our own mails to supporters and staff too"),
        BrakeScope.LETTERS: _("All letters"),
        BrakeScope.CAMPAIGN: _("The letters of one campaign"),
        BrakeScope.LANE: _("All mail to one mail domain"),
        BrakeScope.TARGET: _("The letters to one recipient"),
    }[scope]
