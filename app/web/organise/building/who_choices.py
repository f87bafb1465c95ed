"""What the second step of the builder lets one choose from."""

from __future__ import annotations

from flask_babel import gettext as _

from app.campaigns.models import TargetRule
from app.campaigns.targeting import CampaignTier
from app.web.organise.building.who import WhoFields


def offered(asked: WhoFields) -> dict[str, list[dict[str, str]]]:
    """All of it, as the page has it."""
    return {"rules": rules(), "places": places(), "tiers": tiers(), "keys": keys(asked)}


def rules() -> list[dict[str, str]]:
    """The rules to choose from."""
    words = {
        TargetRule.AREA: (_("Whoever answers for the place where the supporter lives"), _("Their postcode decides.")),
        TargetRule.ALL: (_("Everybody on a list"), _("One letter to each of them.")),
        TargetRule.ONE: (_("One from a list"), _("The one whom you describe below, or the only one on it.")),
        TargetRule.CHOOSE: (_("Those whom the supporter chooses from a list"), _("Up to a number that you set.")),
        TargetRule.RANDOM: (_("Some from a list, by chance"), _("As many as you set.")),
        TargetRule.ROTATE: (_("Some from a list, in turn"), _("Those who have had the fewest letters.")),
    }
    return [{"id": rule, "name": name, "organisation": what} for rule, (name, what) in words.items()]


def places() -> list[dict[str, str]]:
    """Who answers for a place."""
    return [
        {"id": "ward", "name": _("The councillors of their ward"), "organisation": ""},
        {
            "id": "council",
            "name": _("Councillors of their whole council"),
            "organisation": _("Choose by post or committee below, such as the leader."),
        },
        {"id": "constituency", "name": _("Their Member of Parliament"), "organisation": ""},
    ]


def tiers() -> list[dict[str, str]]:
    """The councils that a campaign may mean."""
    words = {
        CampaignTier.ALL: _("All: where there are two, both"),
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
