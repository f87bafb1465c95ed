"""What was typed of whom the second step describes: those who get the letter, are left out, or read another one."""

from __future__ import annotations

from typing import Any

from app.drafts.blank import slug_for
from app.targets.facts import COLUMNS, PLACE
from app.web.organise.building.asked import Typed, put, text_in
from app.web.organise.building.within import texts_of, typed_places

MOST_ROWS = 20
"""Conditions, exclusions or groups on the page; more are for files."""


def typed_who(typed: Typed, area: str) -> dict[str, Any]:
    """Whom of them it means: by the places that were chosen, and by what else is known of them.

    Args:
        typed: what was typed.
        area: by which area a postcode finds them; empty where none is asked for.
    """
    who = _who(typed, "who")
    chosen = typed_places(typed, area) if area else []
    places = [*dict.fromkeys([*chosen, *texts_of(who.get(PLACE, []))])]
    put(who, PLACE, places[0] if len(places) == 1 else places)
    return who


def typed_rows(typed: Typed, kind: str) -> list[str]:
    """Those of several that something is written in."""
    names = [f"{kind}-{number}" for number in range(MOST_ROWS)]
    return [
        name
        for name in names
        if text_in(typed, f"{name}-name") or text_in(typed, f"{name}-reason") or _who(typed, f"{name}-who")
    ]


def _who(typed: Typed, prefix: str) -> dict[str, Any]:
    who: dict[str, Any] = {}
    for number in range(MOST_ROWS):
        key = text_in(typed, f"{prefix}-{number}-key")
        texts = [line.strip() for line in text_in(typed, f"{prefix}-{number}-texts").split("\n") if line.strip()]
        if key or texts:
            known = who.get(key or COLUMNS[0], [])
            who[key or COLUMNS[0]] = [*known, *texts]
    return {key: texts[0] if len(texts) == 1 else texts for key, texts in who.items()}


def typed_name(typed: Typed, name: str) -> str:
    """As files call it: what was typed may have capitals and spaces."""
    text = text_in(typed, f"{name}-name")
    return slug_for(text) or text


def typed_exclusion(typed: Typed, name: str) -> dict[str, Any]:
    """Those who are left out, as files have them."""
    each: dict[str, Any] = {}
    put(each, "key", typed_name(typed, name))
    put(each, "who", _who(typed, f"{name}-who"))
    return each


def typed_segment(typed: Typed, name: str) -> dict[str, Any]:
    """Those who read a letter of their own, as files have them."""
    each: dict[str, Any] = {}
    put(each, "audience", typed_name(typed, name))
    put(each, "who", _who(typed, f"{name}-who"))
    return each
