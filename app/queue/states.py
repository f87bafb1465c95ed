"""The states of a delivery and which moves between them exist. Pure: no database, no clock."""

from __future__ import annotations

import enum


class DeliveryState(enum.StrEnum):
    """Where one e-mail stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    HELD = "held"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


class Purpose(enum.StrEnum):
    """Why a mail is sent. It decides what happens when the answer to a hand-over was lost."""

    LETTER = "letter"
    CONFIRMATION = "confirmation"
    ALREADY_WRITTEN = "already_written"
    THANK_YOU = "thank_you"
    UNREACHABLE = "unreachable"
    """Tells the supporter which of their letters could not be delivered."""
    WON = "won"
    """Tells a supporter that what they wrote for was won."""
    REPLY = "reply"
    """Passes on to the supporter what a target answered."""
    REPLY_SURVEY = "reply_survey"
    """Asks the supporter who has answered."""
    SENT_BACK = "sent_back"
    """Asks the supporter to change their letter: a person has read it."""
    REJECTED = "rejected"
    """Tells the supporter that their letter is not sent, and why."""
    STAFF_INVITATION = "staff_invitation"
    STAFF_PASSWORD = "staff_password"  # noqa: S105 - carries the link to set another one
    STAFF_CHANGE = "staff_change"
    """Tells a member of staff that the way they sign in has changed."""
    STAFF_HOOK = "staff_hook"
    """Tells a member of staff that a webhook of theirs was paused."""
    STAFF_APPROVAL = "staff_approval"
    """Asks a member of staff to approve a campaign."""
    STAFF_DECISION = "staff_decision"
    """Tells a member of staff what became of the approval that they asked for."""
    STAFF_WAITING = "staff_waiting"
    """Tells a member of staff that a campaign waits for a person."""
    STAFF_DIGEST = "staff_digest"
    """Tells a member of staff what happened in a week."""
    STAFF_TEST = "staff_test"
    """A sample letter, to the member of staff who asked for it."""
    ADDRESS_CHECK = "address_check"
    """Asks whoever reads a target's address whether it is the right one."""

    @property
    def at_most_once(self) -> bool:
        """A letter must not arrive twice: in doubt it waits for a person. A mail of our own is sent again."""
        return self is Purpose.LETTER


class EventSource(enum.StrEnum):
    """Who told us of an event."""

    WORKER = "worker"
    PROVIDER = "provider"
    STAFF = "staff"
    SUPPORTER = "supporter"
    SYSTEM = "system"


_S = DeliveryState

TRANSITIONS: dict[DeliveryState, frozenset[DeliveryState]] = {
    _S.QUEUED: frozenset({_S.SENDING, _S.HELD, _S.SUPPRESSED, _S.CANCELLED, _S.FAILED, _S.DELIVERED}),
    _S.SENDING: frozenset({_S.SENT, _S.QUEUED, _S.HELD, _S.SUPPRESSED, _S.CANCELLED, _S.FAILED, _S.UNCERTAIN}),
    _S.HELD: frozenset({_S.QUEUED, _S.CANCELLED, _S.DELIVERED}),
    _S.UNCERTAIN: frozenset({_S.SENT, _S.DELIVERED, _S.BOUNCED, _S.QUEUED}),
    _S.SENT: frozenset({_S.DELIVERED, _S.BOUNCED, _S.COMPLAINED}),
    _S.DELIVERED: frozenset({_S.BOUNCED, _S.COMPLAINED}),
    _S.BOUNCED: frozenset({_S.COMPLAINED, _S.QUEUED}),
    _S.COMPLAINED: frozenset(),
    _S.SUPPRESSED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.FAILED: frozenset(),
}
"""Every move that may happen. SENDING → HELD, SUPPRESSED and CANCELLED: the reason was found after the claim, before
hand-over. QUEUED → FAILED: its lane was blocked for longer than a letter waits. QUEUED, HELD → DELIVERED: an earlier
copy is reported to have arrived, so no other goes. BOUNCED → QUEUED: a person sends a blocked letter once more."""

IN_HOUSE = frozenset({_S.QUEUED, _S.SENDING, _S.HELD})
"""States in which the mail is still here."""

WITHDRAWABLE = frozenset({_S.QUEUED, _S.HELD})
"""States in which nothing is on its way and the supporter may still withdraw."""
