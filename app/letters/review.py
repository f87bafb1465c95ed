"""The rules by which a letter is held until a person has read it. Pure; only what the supporter wrote is looked at.

They err towards sending (docs/adr/0022-review.md): none of them refuses a letter, each names what a person
should look at, and a letter that is the campaign's own trips none of them.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.letters.abuse import abuse_in
from app.letters.compose import ActionText, Draft, TemplateParts
from app.letters.likeness import share_kept
from app.letters.wording import links_of, quoted

LEAST_KEPT = 0.15
"""Below this share of the campaign's own words a letter was replaced. Who adds a story of their own, or takes out every
other sentence, stays far above; what two letters on one subject have in common by chance is a twentieth."""

MOST_ALIKE = 10
"""So many people may send one and the same rewritten letter in a campaign before a person looks at it once. A group
that shares its words is welcome; a swarm that uses the campaign to say something else begins like this too."""


class Rule(enum.StrEnum):
    """Why a person should read a letter."""

    ABUSE = "abuse"
    LINKS = "links"
    """It names web pages that the campaign's letter does not."""
    REPLACED = "replaced"
    """Next to nothing of the campaign's letter is left."""
    ALIKE = "alike"
    """Many people have sent these very words, and they are not the campaign's."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that a letter trips, and the words that it trips on, if there are any."""

    rule: Rule
    quote: str = ""


def hits_in(parts: TemplateParts, drafted: Draft, said: ActionText) -> list[Hit]:
    """The rules that one letter trips by itself; `ALIKE` takes others' letters to tell."""
    return list(dict.fromkeys((*_abuse(said), *_links(parts, drafted, said), *_replaced(drafted, said))))


def _abuse(said: ActionText) -> Iterator[Hit]:
    for text in _written(said):
        for word in abuse_in(text):
            yield Hit(Rule.ABUSE, word)


def _links(parts: TemplateParts, drafted: Draft, said: ActionText) -> Iterator[Hit]:
    own = "\n".join([parts.opening, drafted.body, parts.closing, *(reason.text for reason in parts.reasons)])
    known = {_page(link) for link in links_of(own)}
    for text in _written(said):
        for link in links_of(text):
            if _page(link) not in known:
                yield Hit(Rule.LINKS, quoted(link))


def _replaced(drafted: Draft, said: ActionText) -> Iterator[Hit]:
    if said.body is None:
        return
    kept = share_kept(drafted.body, said.body)
    if kept is not None and kept < LEAST_KEPT:
        yield Hit(Rule.REPLACED)


def _written(said: ActionText) -> Iterator[str]:
    """What the supporter wrote themselves; the name stands under the letter."""
    yield from (text for text in (said.own_words, said.subject, said.body, said.name) if text)


def _page(link: str) -> str:
    """A link as it is compared: whether it is typed with its scheme, or with capitals in its host, says nothing."""
    try:
        parts = urlsplit(link if "://" in link else f"https://{link}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return link
    return f"{host}{parts.path.rstrip('/')}?{parts.query}"
