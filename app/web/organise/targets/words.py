"""What targets, their standing and their fields are called on staff's pages."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from app.actions.reach import Outcome
from app.delivery.models import SuppressionReason
from app.queue.states import DeliveryState
from app.targets.correction_models import CorrectionKind
from app.targets.coverage import Lost
from app.targets.importers.formats import FORMATS
from app.targets.importers.plain_csv import NAME as CSV
from app.targets.models import ListOwner, TargetList
from app.targets.records import TargetRole
from app.targets.search import Shown
from app.targets.shrinking import TooManyLeaveError, WouldShrinkError
from app.web.public.state_words import state_name


def shown_words(shown: Shown) -> str:
    """How those stand who are shown."""
    return {
        Shown.CURRENT: _("On the list"),
        Shown.UNVERIFIED: _("Address not verified"),
        Shown.NO_ADDRESS: _("Without an address"),
        Shown.STALE: _("Older than an election"),
        Shown.ARCHIVED: _("Archived: the source has them no more"),
        Shown.REMOVED: _("Removed by staff"),
    }[shown]


def role_of_target(role: str) -> str:
    """What a target is."""
    words = {
        TargetRole.COUNCILLOR: _("Councillor"),
        TargetRole.MP: _("Member of Parliament"),
        TargetRole.COMPANY: _("Company"),
        TargetRole.NHS_TRUST: _("NHS trust"),
        TargetRole.BROADCASTER: _("Broadcaster"),
        TargetRole.REGULATOR: _("Regulator"),
        TargetRole.TEAM: _("Campaign’s team"),
    }
    return words[TargetRole(role)] if role in set(TargetRole) else role


def role_meaning(role: TargetRole) -> str:
    """Who is meant by it, and what follows for their letters."""
    return {
        TargetRole.COUNCILLOR: _("Of a ward or division, found by postcode. “Dear Cllr Sample”."),
        TargetRole.MP: _("Of a constituency, found by postcode. “Dear Alice Sample”."),
        TargetRole.COMPANY: _("A company, landlord, college or other body. “Dear Directors” where nobody is named."),
        TargetRole.NHS_TRUST: _("A trust or health board. “Dear Chief Executive” where nobody is named."),
        TargetRole.BROADCASTER: _("A broadcaster, newspaper or other editors. “Dear Editor” where nobody is named."),
        TargetRole.REGULATOR: _("A regulator, ombudsman, minister or public body. “Dear Chief Executive” likewise."),
        TargetRole.TEAM: _(
            "Your own people, who are told of everybody who signs up. “Dear team” where nobody is named."
        ),
    }[role]


def field_words(field: str) -> str:
    """What a field of a target, or of a table, is called."""
    words = {
        "id": _("Its number or key"),
        "name": _("Name"),
        "first_name": _("First name"),
        "last_name": _("Surname"),
        "title": _("Title"),
        "salutation": _("Greeting"),
        "email": _("E-mail address"),
        "organisation": _("Organisation"),
        "registration": _("Registered number"),
        "posts": _("Posts"),
        "address": _("Postal address"),
        "party": _("Party"),
        "ward": _("Ward"),
        "division": _("County division"),
        "constituency": _("Constituency"),
        "gss_code": _("GSS code of the area"),
        "council": _("Council"),
        "source_url": _("Web page"),
        "valid_from": _("In office from"),
        "valid_to": _("In office until"),
    }
    return words.get(field, field)


def format_words(name: str) -> str:
    """What a kind of file is called; the titles are names of what others publish."""
    return _("Any table (CSV): you say what its columns are") if name == CSV else FORMATS[name].title


def keeper_words(of: TargetList) -> str:
    """Who keeps a list."""
    return _("a file of targets/") if of.owner is ListOwner.FILES else _("uploads and imports")


def correction_words(kind: CorrectionKind) -> str:
    """What somebody says is wrong."""
    return {
        CorrectionKind.LEFT: _("They do not hold this office any more"),
        CorrectionKind.WRONG_ADDRESS: _("Their e-mail address is wrong"),
        CorrectionKind.WRONG_NAME: _("Their name or title is wrong"),
        CorrectionKind.OTHER: _("Something else"),
    }[kind]


def suppression_words(reason: SuppressionReason) -> str:
    """Why an address must not be mailed."""
    return {
        SuppressionReason.HARD_BOUNCE: _("Mail to it came back for good"),
        SuppressionReason.COMPLAINT: _("Its reader complained about our mail"),
        SuppressionReason.STAFF: _("Staff said so"),
    }[reason]


def lost_words(why: Lost) -> str:
    """Why no postcode leads to somebody."""
    return {
        Lost.NO_WARD: _("the list names no ward"),
        Lost.NO_COUNCIL: _("their council is not known"),
        Lost.COUNCIL_ENDED: _("the council ended"),
        Lost.WARD_ENDED: _("the ward ended"),
        Lost.NO_POSTCODE: _("no postcode lies in the ward"),
    }[why]


def outcome_words(outcome: Outcome) -> str:
    """What the supporters of a postcode find."""
    return {
        Outcome.FOUND: _("find somebody to write to"),
        Outcome.FALLBACK: _("are offered those whom the campaign names for when nobody else is found"),
        Outcome.EXCLUDED: _("are told that no letter is needed: the campaign leaves out everybody there"),
        Outcome.ANOTHER_TIER: _("are told that they have no council of the tier that the campaign writes to"),
        Outcome.NOBODY: _("find nobody"),
    }[outcome]


def guard_words(guard: WouldShrinkError) -> str:
    """Why somebody has to say that those who would be archived have left."""
    if isinstance(guard, TooManyLeaveError):
        counts = [
            _("%(leaving)d of %(people)d %(where)s", leaving=leaving, people=people, where=where)
            for where, (leaving, people) in guard.shrinking.items()
        ]
        return _("This would archive many: %(counts)s. Is the file whole?", counts="; ".join(counts))
    return _(
        "Rows of the file could not be read, and it cannot be told whom they are about. Those who would be archived "
        "may be the same people. Look at the rejected rows first."
    )


def targets_words(number: int) -> str:
    """A number of targets."""
    return ngettext("%(num)d target", "%(num)d targets", number)


def delivery_words(state: DeliveryState) -> str:
    """What the state of letters is called, in the words that their writers read."""
    return state_name(state)
