"""What the second step of the builder lets one choose from."""

from __future__ import annotations

from flask_babel import gettext as _

from app.campaigns.models import TargetRule
from app.campaigns.targeting import CampaignTier
from app.web.organise.building.who import WhoFields


def offered(asked: WhoFields) -> dict[str, list[dict[str, str]]]:
    """All of it, as the page has it."""
    return {"usual": usual(), "rare": rare(), "tiers": tiers(), "keys": keys(asked)}


def usual() -> list[dict[str, str]]:
    """Whom nearly all campaigns write to."""
    return [
        _choice("ward", _("The supporter’s own councillors"), _("Those of their ward: one letter to each.")),
        _choice("constituency", _("The supporter’s Member of Parliament")),
        _choice(TargetRule.ALL, _("Everybody on a list"), _("One letter to each of them.")),
    ]


def rare() -> list[dict[str, str]]:
    """Whom a few campaigns write to."""
    return [
        _choice(
            "council",
            _("Councillors of the supporter’s whole council"),
            _("Choose by post or committee under “Only some of them”, such as the leader."),
        ),
        _choice(TargetRule.ONE, _("One from a list"), _("The one whom you describe below, or the only one on it.")),
        _choice(
            TargetRule.CHOOSE,
            _("Those whom the supporter chooses from a list"),
            _("Up to a number that you set."),
        ),
        _choice(TargetRule.RANDOM, _("Some from a list, by chance"), _("As many as you set.")),
        _choice(TargetRule.ROTATE, _("Some from a list, in turn"), _("Those who have had the fewest letters.")),
    ]


def _choice(key: str, name: str, what: str = "") -> dict[str, str]:
    return {"id": key, "name": name, "organisation": what}


def uses_other_ways(asked: WhoFields) -> bool:
    """Whether anything is said, or wrong, of what only a few campaigns need."""
    plain = {one.name: one for one in asked.plain}
    usually = {"", *(choice["id"] for choice in usual())}
    said = (
        plain["whom"].data not in usually
        or plain["tier"].data != CampaignTier.ALL
        or plain["fallback"].data
        or max(len(asked.who), len(asked.exclude), len(asked.segment)) > 1
    )
    shown_above = {"whom", "lists", "most", *(one.name for one in asked.within)}
    return bool(said) or any(one.errors for one in asked if one.name not in shown_above)


def tiers() -> list[dict[str, str]]:
    """The councils that a campaign may mean."""
    words = {
        CampaignTier.ALL: _("All of them: where a place has two councils, both"),
        CampaignTier.DISTRICT: _("District councils"),
        CampaignTier.COUNTY: _("County councils"),
        CampaignTier.UNITARY: _("Councils that do everything: London boroughs, cities, Scotland, Wales"),
    }
    return [{"id": tier, "name": name} for tier, name in words.items()]


def keys(asked: WhoFields) -> list[dict[str, str]]:
    """What targets may be described by."""
    words = {
        "party": _("Party"),
        "posts": _("Post, such as leader"),
        "committees": _("Committee"),
        "name": _("Name"),
        "organisation": _("Organisation"),
        "place": _("Place: ward, council or constituency"),
        "role": _("Role"),
        "registration": _("Register number"),
        "external_id": _("Key in the list"),
    }
    used = {each.data for each in asked if each.name.endswith("-key") and each.data}
    return [{"id": key, "name": words.get(key, key)} for key in (*words, *sorted(used - set(words)))]
