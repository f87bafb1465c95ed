"""What is known of answers to a letter, in words for the person who wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import format_date
from flask_babel import gettext as _

from app.replies.models import Answer, Reply, ReplyKind


def reply_words(replies: Sequence[Reply]) -> str:
    """One sentence about the replies to one letter; empty where there is nothing to say."""
    relayed = {reply.answer: reply.at for reply in reversed(replies) if reply.kind is ReplyKind.RELAYED}
    told = next((reply.answer for reply in replies if reply.kind is ReplyKind.TOLD), None)
    if (at := relayed.get(Answer.ANSWERED)) is not None:
        return _("They answered on %(day)s. We have passed it on to you.", day=_day(at))
    if told is Answer.ANSWERED:
        return _("You told us that they have answered.")
    if (at := relayed.get(Answer.AUTOMATIC)) is not None:
        return _("An automatic reply came on %(day)s. Perhaps nobody has read your letter yet.", day=_day(at))
    if told is Answer.AUTOMATIC:
        return _("You told us that an automatic reply came.")
    return _("You told us that they have not answered.") if told is Answer.NONE else ""


def _day(at: datetime) -> str:
    day: str = format_date(at, "long")
    return day
