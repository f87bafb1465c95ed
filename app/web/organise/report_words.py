"""What the figures are called on the pages: tables, columns, and the names that stand in their cells."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from app.campaigns.models import CampaignState
from app.i18n import own_name
from app.queue.states import DeliveryState
from app.reporting.chances import Comparison
from app.reporting.health import Distortion, Distorts
from app.web.organise.words import campaign_state_words


def table_words(name: str) -> tuple[str, str]:
    """A table's caption, and what to know when reading it."""
    words = {
        "campaigns": (_("Campaigns"), ""),
        "funnel": (
            _("How far people come"),
            _(
                "People are counted up to the confirmation, their letters from there on. Page views are counted "
                "without cookies: whoever looks twice counts twice."
            ),
        ),
        "states": (_("Where the letters are"), _("Every letter that was confirmed is in exactly one of these.")),
        "lanes": (
            _("Councils and companies, by where their mail goes"),
            _("Letters that one refuses are kept, and tried again over hours and days."),
        ),
        "targets": (_("Each of those who were written to"), _behind_one_mailbox()),
        "party": (_("By party"), ""),
        "council": (_("By council"), ""),
        "tier": (_("By kind of council"), ""),
        "hours": (_("By the hour"), _again()),
        "days": (_("By the day"), _again()),
        "weeks": (_("By the week"), _("Weeks begin on Monday.")),
        "sources": (
            _("How people came to the page"),
            _("By the word that the link to the page carried. Links without one count as direct."),
        ),
        "languages": (_("By language"), ""),
        "words": (
            _("How much of the letters is the campaign’s own text"),
            _("100 % are letters sent as they were offered. Everything below has words of the supporter’s own."),
        ),
        "subjects": (
            _("The subjects that letters began with"),
            _(
                "Each supporter begins with one of them by an even draw. Compared is who confirmed, of those who "
                "handed a letter in."
            ),
        ),
    }
    return words.get(name, (name, ""))


def _behind_one_mailbox() -> str:
    return _("A letter to several behind one mailbox counts for the first of them by name.")


def _again() -> str:
    return _("By the clock of the campaign. A letter that is sent once more counts once more.")


def column_words(column: str) -> str:
    """What a column holds."""
    words = {
        "campaign": _("Campaign"),
        "state": _("State"),
        "people": _("People"),
        "letters": _("Letters"),
        "waiting": _("Waiting"),
        "handed_over": _("Handed over"),
        "arrived": _("Delivered"),
        "came_back": _("Came back"),
        "stage": _("Step"),
        "number": _("Number"),
        "rate": _("Of the step before"),
        "share": _("Share"),
        "lane": _("Mail domain"),
        "way": _("Now"),
        "refuses_since": _("Refuses since"),
        "said": _("What it said"),
        "held": _("Held"),
        "target": _("Name"),
        "organisation": _("Organisation"),
        "party": _("Party"),
        "area": _("Area"),
        "council": _("Council"),
        "tier": _("Kind of council"),
        "replies": _("Answered"),
        "arrived_rate": _("Delivered, of those handed over"),
        "came_back_rate": _("Came back, of all"),
        "reply_rate": _("Answered, of those handed over"),
        "reply_rate_low": _("at least (95 %)"),
        "reply_rate_high": _("at most (95 %)"),
        "start": _("From"),
        "source": _("Way"),
        "language": _("Language"),
        "subject": _("Subject"),
        "confirmed_rate": _("Confirmed, of those handed in"),
        "confirmed_rate_low": _("at least (95 %)"),
        "confirmed_rate_high": _("at most (95 %)"),
        "sameness_from": _("Campaign’s own text, from"),
    }
    return words.get(column) or value_words("stage", column)


def value_words(column: str, value: str) -> str:
    """What a name in a cell means; a value that is no such name stays as it is."""
    if column == "state":
        return _states().get(value, value)
    if column == "language":
        return own_name(value)
    return {"stage": _stages, "way": _ways, "source": _sources, "tier": _tiers}.get(column, dict)().get(value, value)


def _states() -> dict[str, str]:
    states = {
        DeliveryState.QUEUED: _("Waiting for its turn"),
        DeliveryState.SENDING: _("Going out now"),
        DeliveryState.SENT: _("Handed over"),
        DeliveryState.DELIVERED: _("Delivered"),
        DeliveryState.BOUNCED: _("Came back"),
        DeliveryState.COMPLAINED: _("Marked as unwanted"),
        DeliveryState.HELD: _("Held"),
        DeliveryState.SUPPRESSED: _("Not sent"),
        DeliveryState.CANCELLED: _("Withdrawn"),
        DeliveryState.FAILED: _("Turned away"),
        DeliveryState.UNCERTAIN: _("Not certain"),
    }
    campaigns = {state.value: campaign_state_words(state) for state in CampaignState}
    return campaigns | {state.value: words for state, words in states.items()}


def state_meaning(state: str) -> str:
    """What it means that a letter is in a state: what is known, and what nobody can know."""
    return {
        DeliveryState.QUEUED: _("It goes when its turn comes: letters leave slowly, so that they are not blocked."),
        DeliveryState.SENDING: _("It is being handed over at this moment."),
        DeliveryState.SENT: _("Their server, or ours before it, took it; nobody can know that it was read."),
        DeliveryState.DELIVERED: _("Their server reports that it is in the mailbox; nobody can know that it was read."),
        DeliveryState.BOUNCED: _("It was taken and came back later. The address may be wrong, or we are blocked."),
        DeliveryState.COMPLAINED: _("It arrived, and whoever got it marked it as unwanted."),
        DeliveryState.HELD: _("A person must look at something first, such as an address nobody has checked."),
        DeliveryState.SUPPRESSED: _("The address must not be written to, so nothing was sent."),
        DeliveryState.CANCELLED: _("Its writer withdrew it, or staff cancelled it, before it left."),
        DeliveryState.FAILED: _("It was turned away for good, or seven days of trying were not enough."),
        DeliveryState.UNCERTAIN: _("The answer was lost on its way. It is not sent again, for it may have arrived."),
    }[DeliveryState(state)]


def _stages() -> dict[str, str]:
    return {
        "viewed": _("Saw the page"),
        "started": _("Began to write"),
        "submitted": _("Handed a letter in"),
        "confirmed": _("Confirmed it"),
        "letters": _("Letters that this made"),
        "handed_over": _("Handed over"),
        "arrived": _("Delivered"),
        "sent": _("Handed over"),
        "delivered": _("Delivered"),
        "bounced": _("Came back"),
        "failed": _("Turned away"),
    }


def _ways() -> dict[str, str]:
    return {
        "open": _("Takes letters"),
        "closed": _("Outside its hours"),
        "tries": _("Refuses; single letters try"),
        "rests": _("Refuses; we wait"),
        "paused": _("Paused by us"),
    }


def _sources() -> dict[str, str]:
    return {
        "direct": _("Direct"),
        "embed": _("Another site’s page"),
        "share": _("A link that a supporter passed on"),
        "partner": _("A partner"),
        "newsletter": _("A newsletter"),
        "social": _("A social network"),
        "print": _("Something printed"),
    }


def _tiers() -> dict[str, str]:
    return {"district": _("District"), "county": _("County"), "unitary": _("The only council there")}


def verdict_words(compared: Sequence[Comparison]) -> str:
    """What the comparison of subjects says, and no more than that."""
    found = [one for one in compared if one.differs]
    if not compared:
        return _("There are too few letters to compare the subjects by.")
    if not found:
        return _("There is no difference to be seen between the subjects: what differs may be chance.")
    better = [(one.one, one.other) if one.one.share > one.other.share else (one.other, one.one) for one in found]
    return " ".join(
        _("“%(one)s” does better than “%(other)s”; chance hardly explains it.", one=one.name, other=other.name)
        for one, other in better
    )


def distortion_words(one: Distortion) -> str:
    """What distorts the figures, and what that means for who reads them."""
    number = one.number
    return {
        Distorts.NO_REPORTS: _(
            "Nobody has reported of any letter that it was delivered. Where mail leaves without such reports, "
            "“handed over” is all that can be known."
        ),
        Distorts.UNCERTAIN: ngettext(
            "Of %(num)s letter nobody knows whether it left.",
            "Of %(num)s letters nobody knows whether they left.",
            number,
        ),
        Distorts.UNATTRIBUTED: ngettext(
            "%(num)s report names no letter, so a letter may have come back that counts as handed over.",
            "%(num)s reports name no letter, so letters may have come back that count as handed over.",
            number,
        ),
        Distorts.WRONG_ADDRESSES: ngettext(
            "%(num)s of those written to looks silent: a fifth of their letters or more came back.",
            "%(num)s of those written to look silent: a fifth of their letters or more came back.",
            number,
        ),
        Distorts.UNVERIFIED: ngettext(
            "The address of %(num)s of those written to was never checked.",
            "The addresses of %(num)s of those written to were never checked.",
            number,
        ),
        Distorts.STALE: ngettext(
            "%(num)s of those written to may have left office: there was an election since.",
            "%(num)s of those written to may have left office: there was an election since.",
            number,
        ),
        Distorts.UNSEEN_VIEWS: _("Page views were not counted from the beginning, so the first rates are too high."),
    }[one.what]
