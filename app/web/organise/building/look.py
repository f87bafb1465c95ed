"""The last step: the address, the colour, and where the campaign stands."""

from __future__ import annotations

from flask_babel import gettext as _

from app.campaigns.document import Document
from app.campaigns.models import DEFAULT_TIME_ZONE, CampaignKind
from app.drafts.blank import COLOUR, POSITION
from app.web.organise.building.asked import Asked, Change, Typed, number_or_text, put, text_in, text_of


def fields(document: Document, slug: str) -> list[Asked]:
    """How it looks, and where it is found."""
    settings = document.settings
    return [
        Asked(
            "slug",
            _("Address"),
            slug,
            "slug",
            _("Small letters, digits and hyphens. It cannot change once people have written."),
        ),
        Asked("kind", _("What people do"), text_of(settings, "kind"), "kind"),
        Asked(
            "colour",
            _("Colour"),
            text_of(settings, "colour") or COLOUR,
            "colour",
            _("The poster’s. White letters must be easy to read on it, so take a dark, strong one."),
        ),
        Asked(
            "goal",
            _("Goal"),
            text_of(settings, "goal"),
            "goal",
            _("How many people you hope for; a bar shows it once a tenth have written. Empty for none."),
        ),
        Asked(
            "position",
            _("Place on the start page"),
            text_of(settings, "position") or str(POSITION),
            "position",
            _("A number; the campaign with the smallest one stands first."),
        ),
        Asked(
            "time_zone",
            _("Time zone"),
            text_of(settings, "time_zone") or DEFAULT_TIME_ZONE,
            "time_zone",
            _("Whose clock says when letters may leave; %(usual)s for nearly everybody.", usual=DEFAULT_TIME_ZONE),
        ),
    ]


def kinds() -> list[dict[str, str]]:
    """What people may do."""
    return [
        {
            "id": CampaignKind.LETTER,
            "name": _("Write a letter"),
            "organisation": _("They make it their own and send it."),
        },
        {
            "id": CampaignKind.PLEDGE,
            "name": _("Sign up"),
            "organisation": _("They join, and the letter tells your team of them. Nobody edits it."),
        },
    ]


def change(typed: Typed) -> Change:
    """Put it in; the address is not part of the files."""

    def put_in(document: Document) -> None:
        settings = document.settings
        put(settings, "kind", text_in(typed, "kind"))
        put(settings, "colour", text_in(typed, "colour"))
        put(settings, "position", number_or_text(text_in(typed, "position")))
        goal = text_in(typed, "goal")
        put(settings, "goal", number_or_text(goal) if goal else "")
        zone = text_in(typed, "time_zone")
        put(settings, "time_zone", "" if zone == DEFAULT_TIME_ZONE and "time_zone" not in settings else zone)

    return put_in
