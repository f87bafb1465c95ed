"""The fifth step: how fast letters leave, when, and where answers go."""

from __future__ import annotations

from flask_babel import gettext as _

from app.campaigns.document import Document
from app.campaigns.models import Replies
from app.drafts.places import DELIVERY
from app.web.organise.building.asked import Asked, Change, Typed, number_or_text, put, text_in, text_of


def fields(document: Document) -> list[Asked]:
    """Pace, hours and the way of answers; all may be left as they usually are."""
    delivery = document.settings.get(DELIVERY, {})
    return [
        Asked(
            "pace",
            _("Letters an hour, at most"),
            text_of(delivery, "pace"),
            f"{DELIVERY}.pace",
            _("Leave it empty to send as fast as receivers take them. A slow, steady stream is noticed longer."),
        ),
        Asked(
            "hours",
            _("Hours"),
            text_of(delivery, "hours"),
            f"{DELIVERY}.hours",
            _(
                "When letters may leave: such as “mon-fri 08:00-18:00”, or “08:00-18:00” for every day, or “always”."
                " Leave it empty for the usual hours."
            ),
        ),
        Asked(
            "replies",
            _("Where do answers go?"),
            text_of(delivery, "replies") or Replies.DIRECT.value,
            f"{DELIVERY}.replies",
        ),
    ]


def replies() -> list[dict[str, str]]:
    """Where answers may go."""
    words = {
        Replies.DIRECT: (_("Straight to the supporter"), _("The letter shows their e-mail address.")),
        Replies.PROTECTED: (
            _("To us, and we pass them on"),
            _("Nobody but us sees the supporter’s address. For people who could be in danger."),
        ),
    }
    return [{"id": each, "name": name, "organisation": what} for each, (name, what) in words.items()]


def change(typed: Typed) -> Change:
    """Put them in."""

    def put_in(document: Document) -> None:
        delivery = dict(document.settings.get(DELIVERY, {}))
        pace = text_in(typed, "pace")
        put(delivery, "pace", number_or_text(pace) if pace else "")
        put(delivery, "hours", text_in(typed, "hours"))
        answers = text_in(typed, "replies")
        put(delivery, "replies", "" if answers == Replies.DIRECT else answers)
        put(document.settings, DELIVERY, delivery)

    return put_in
