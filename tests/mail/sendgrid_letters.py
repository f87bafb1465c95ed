"""Letters of a group, as examples and as strategies."""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis import strategies as st

from app.mail.message import Common, Message
from tests.mail.conftest import MakeMessage


def letter(make_message: MakeMessage, number: int, *, opening: str = "", **changes: Any) -> Message:
    """One of a group's letters: an opening of its own, and the rest in common."""
    own = opening or f"Dear Cllr {number}"
    text, html = f"{own}\n\nPlease act.\n\nAlice", f"<p>{own}</p><p>Please act.</p><p>Alice</p>"
    common = Common(slice(len(own), None), slice(len(f"<p>{own}"), None))
    given = {"to_address": f"cllr{number}@zedmere.example", "text": text, "html": html, "common": lambda: common}
    return make_message(number, **given | changes)


def numbered(number: int) -> Message:
    """One of a group of any number of letters."""
    own = f"Dear Cllr {number}"
    return Message(
        id=number,
        message_id=f"<{number}.letter@solidarity-post.example>",
        from_address="letters@solidarity-post.example",
        from_name="Alice Adams",
        to_address=f"cllr{number}@zedmere.example",
        to_name=f"Cllr {number}",
        reply_to="alice@supporter.example",
        subject="Please oppose immigration reporting",
        text=f"{own}, please act.",
        html=f"{own}, <b>please</b> act.",
        group=1,
        common=lambda: Common(slice(len(own), None), slice(len(own), None)),
    )


_TEXTS = st.text(alphabet=st.sampled_from("own12abcd%%%s \n{}é"), max_size=12) | st.text(
    alphabet=st.characters(exclude_categories=["Cs"]), max_size=30
)
_NAMES = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=40)
_LINES = _NAMES.filter(bool)


def _given(common: Common) -> Common:
    return common


@st.composite
def _groups(draw: st.DrawFn) -> list[Message]:
    shared = {
        "from_address": "letters@solidarity-post.example",
        "from_name": draw(_NAMES),
        "reply_to": draw(st.none() | st.just("alice@supporter.example")),
        "reply_to_name": draw(_NAMES),
        "subject": draw(_LINES),
        "headers": draw(st.dictionaries(st.sampled_from(["Auto-Submitted", "X-Campaign"]), _NAMES)),
        "language": draw(st.sampled_from(["en", "ar", "cy"])),
    }
    middle, has_html, page = draw(_TEXTS), draw(st.booleans()), draw(_TEXTS)
    messages = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        before, after, above, below = (draw(_TEXTS) for _ in range(4))
        # The common part may be empty, and so may what is around it; a letter as a whole is not.
        before, above = before or "Dear all", above or "<p>"
        common = Common(slice(len(before), len(before) + len(middle)), slice(len(above), len(above) + len(page)))
        messages.append(
            Message(
                id=number,
                message_id=f"<{number}.letter@solidarity-post.example>",
                to_address=f"cllr{number}@zedmere.example",
                to_name=draw(_NAMES),
                text=before + middle + after,
                html=above + page + below if has_html else None,
                group=draw(st.sampled_from([1, 1, 1, 2, None])),
                common=partial(_given, common),
                **shared,
            )
        )
    return messages


ANY_GROUPS = _groups()
"""Letters of one supporter and, now and then, of another, with texts that try to look like tags."""
