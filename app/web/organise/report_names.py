"""The words themselves: what tables, columns and states of the reports are called, in the reader's language."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.queue.states import DeliveryState

_BEHIND_ONE_MAILBOX = _l("A letter to several behind one mailbox counts for the first of them by name.")
_AGAIN = _l("By the clock of the campaign. A letter that is sent once more counts once more.")

TABLES = {
    "campaigns": (_l("Campaigns"), ""),
    "funnel": (
        _l("How far people come"),
        _l(
            "People are counted up to the confirmation, their letters from there on. Page views are counted "
            "without cookies: whoever looks twice counts twice."
        ),
    ),
    "states": (_l("Where the letters are"), _l("Every letter that was confirmed is in exactly one of these.")),
    "lanes": (
        _l("Councils and companies, by where their mail goes"),
        _l("Letters that one refuses are kept, and tried again over hours and days."),
    ),
    "targets": (_l("Each of those who were written to"), _BEHIND_ONE_MAILBOX),
    "party": (_l("By party"), ""),
    "council": (_l("By council"), ""),
    "tier": (_l("By kind of council"), ""),
    "area": (_l("By area"), ""),
    "hours": (_l("By the hour"), _AGAIN),
    "days": (_l("By the day"), _AGAIN),
    "weeks": (_l("By the week"), _l("Weeks begin on Monday.")),
    "sources": (
        _l("How people came to the page"),
        _l("By the word that the link to the page carried. Links without one count as direct."),
    ),
    "languages": (_l("By language"), ""),
    "words": (
        _l("How much of the letters is the campaign’s own text"),
        _l("The last row are letters sent as they were offered. All others have words of the supporter’s own."),
    ),
    "subjects": (
        _l("The subjects that letters began with"),
        _l(
            "Each supporter begins with one of them by an even draw. Compared is who confirmed, of those who "
            "handed a letter in."
        ),
    ),
}
"""By the name of a table its caption, and what to know when reading it."""

COLUMNS = {
    "campaign": _l("Campaign"),
    "state": _l("State"),
    "people": _l("People"),
    "letters": _l("Letters"),
    "waiting": _l("Waiting"),
    "handed_over": _l("Handed over"),
    "arrived": _l("Delivered"),
    "came_back": _l("Came back"),
    "stage": _l("Step"),
    "number": _l("Number"),
    "rate": _l("Of the step before"),
    "share": _l("Share"),
    "lane": _l("Mail domain"),
    "way": _l("Now"),
    "refuses_since": _l("Refuses since"),
    "said": _l("What it said"),
    "held": _l("Held"),
    "target": _l("Name"),
    "organisation": _l("Organisation"),
    "party": _l("Party"),
    "area": _l("Area"),
    "council": _l("Council"),
    "tier": _l("Kind of council"),
    "replies": _l("Answered"),
    "arrived_rate": _l("Delivered, of those handed over"),
    "came_back_rate": _l("Came back, of all"),
    "reply_rate": _l("Answered, of those handed over"),
    "reply_rate_low": _l("at least, as far as one can be sure"),
    "reply_rate_high": _l("at most, as far as one can be sure"),
    "start": _l("From"),
    "source": _l("Way"),
    "language": _l("Language"),
    "subject": _l("Subject"),
    "confirmed_rate": _l("Confirmed, of those handed in"),
    "confirmed_rate_low": _l("at least, as far as one can be sure"),
    "confirmed_rate_high": _l("at most, as far as one can be sure"),
    "sameness_from": _l("Campaign’s own text, from"),
}

STATES = {
    DeliveryState.QUEUED: _l("Waiting for its turn"),
    DeliveryState.SENDING: _l("Going out now"),
    DeliveryState.SENT: _l("Handed over"),
    DeliveryState.DELIVERED: _l("Delivered"),
    DeliveryState.BOUNCED: _l("Came back"),
    DeliveryState.COMPLAINED: _l("Marked as unwanted"),
    DeliveryState.HELD: _l("Held"),
    DeliveryState.SUPPRESSED: _l("Not sent"),
    DeliveryState.CANCELLED: _l("Withdrawn"),
    DeliveryState.FAILED: _l("Turned away"),
    DeliveryState.UNCERTAIN: _l("Not certain"),
}

MEANINGS = {
    DeliveryState.QUEUED: _l("It goes when its turn comes: letters leave slowly, so that they are not blocked."),
    DeliveryState.SENDING: _l("It is being handed over at this moment."),
    DeliveryState.SENT: _l("Their server, or ours before it, took it; nobody can know that it was read."),
    DeliveryState.DELIVERED: _l("Their server reports that it is in the mailbox; nobody can know that it was read."),
    DeliveryState.BOUNCED: _l("It was taken and came back later. The address may be wrong, or we are blocked."),
    DeliveryState.COMPLAINED: _l("It arrived, and whoever got it marked it as unwanted."),
    DeliveryState.HELD: _l("A person must look at something first, such as an address nobody has checked."),
    DeliveryState.SUPPRESSED: _l("The address must not be written to, so nothing was sent."),
    DeliveryState.CANCELLED: _l("Its writer withdrew it, or staff cancelled it, before it left."),
    DeliveryState.FAILED: _l("It was turned away for good, or seven days of trying were not enough."),
    DeliveryState.UNCERTAIN: _l("The answer was lost on its way. It is not sent again, for it may have arrived."),
}
"""What it means that a letter is in a state: what is known, and what nobody can know."""

STAGES = {
    "viewed": _l("Saw the page"),
    "started": _l("Began to write"),
    "submitted": _l("Handed a letter in"),
    "confirmed": _l("Confirmed it"),
    "letters": _l("Letters that this made"),
    "handed_over": _l("Handed over"),
    "arrived": _l("Delivered"),
    "sent": _l("Handed over"),
    "delivered": _l("Delivered"),
    "bounced": _l("Came back"),
    "failed": _l("Turned away"),
}

WAYS = {
    "open": _l("Takes letters"),
    "closed": _l("Outside its hours"),
    "tries": _l("Refuses; single letters try"),
    "rests": _l("Refuses; we wait"),
    "paused": _l("Paused by us"),
}

SOURCES = {
    "direct": _l("Direct"),
    "embed": _l("Another site’s page"),
    "share": _l("A link that a supporter passed on"),
    "partner": _l("A partner"),
    "newsletter": _l("A newsletter"),
    "social": _l("A social network"),
    "print": _l("Something printed"),
}

TIERS = {"district": _l("District"), "county": _l("County"), "unitary": _l("The only council there")}
