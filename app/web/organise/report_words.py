"""What the figures are called on the pages, and what is said about them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from flask import g
from flask_babel import gettext as _
from flask_babel import ngettext

from app.campaigns.models import CampaignState
from app.i18n import own_name
from app.queue.states import DeliveryState
from app.reporting.chances import Comparison
from app.reporting.health import Distortion, Distorts
from app.web.organise.report_names import COLUMNS, MEANINGS, SOURCES, STAGES, STATES, TABLES, TIERS, WAYS
from app.web.organise.words import campaign_state_words

_VALUES = {"stage": STAGES, "way": WAYS, "source": SOURCES, "tier": TIERS}


def table_words(name: str) -> tuple[str, str]:
    """A table's caption, and what to know when reading it."""
    return _table_words(name, g.language)


@cache
def _table_words(name: str, _language: str) -> tuple[str, str]:
    caption, note = TABLES[name]
    return str(caption), str(note)


def column_words(column: str) -> str:
    """What a column holds."""
    return _column_words(column, g.language)


@cache
def _column_words(column: str, _language: str) -> str:
    return str(COLUMNS.get(column) or STAGES.get(column, column))


def value_words(column: str, value: str) -> str:
    """What a name in a cell means; a value that is no such name stays as it is."""
    if column == "state":
        return _state_words(value)
    if column == "language":
        return own_name(value)
    return str(_VALUES.get(column, {}).get(value, value))


def _state_words(state: str) -> str:
    """What a state is called, be it a letter's or a campaign's."""
    if state in set(CampaignState):
        return campaign_state_words(CampaignState(state))
    return str(STATES[DeliveryState(state)])


def state_meaning(state: str) -> str:
    """What it means that a letter is in a state."""
    return str(MEANINGS[DeliveryState(state)])


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
