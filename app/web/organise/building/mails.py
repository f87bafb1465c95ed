"""The fourth step: what our mails to supporters say in the campaign's own words."""

from __future__ import annotations

from flask_babel import gettext as _

from app.campaigns.document import Document
from app.drafts.places import MAIL_KEYS
from app.web.organise.building.asked import Asked, Change, Typed, put, text_in, text_of


def fields(document: Document, part: str) -> list[Asked]:
    """The words in one language; all of them may be empty."""
    page = document.pages.get(part, {})
    words = {
        "confirmation": (
            _("In the mail that asks to confirm"),
            _("A sentence or two, without a link. The mail says by itself that nothing is sent yet."),
        ),
        "thanks": (
            _("In the mail that thanks"),
            _("What comes next, or what else helps. It also stands on the supporter’s own page."),
        ),
    }
    return [Asked(key, words[key][0], text_of(page, key), key, words[key][1]) for key in MAIL_KEYS]


def change(typed: Typed, part: str) -> Change:
    """Put them in; only a page that there is has mails."""

    def put_in(document: Document) -> None:
        page = document.pages.get(part)
        for key in MAIL_KEYS if page is not None else ():
            put(page or {}, key, text_in(typed, key))

    return put_in
