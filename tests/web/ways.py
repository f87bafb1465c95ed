"""The ways from a campaign's page to the letter, one for each kind of campaign that ships."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.web.reading import Page
from tests.web.site import Site
from tests.web.visitor import Visitor

READ_IT = "Read it as they will"
CHANGE = "Change my letter"
NAME = "Alice Adeyemi"
EMAIL = "alice@supporter.example"
OWN_WORDS = "My neighbour has to report every week.\n\nHe is afraid each time."


@dataclass(frozen=True)
class Way:
    """How a campaign is begun and ended."""

    slug: str
    begin: str
    """The words on its first button."""
    start: dict[str, str] = field(default_factory=dict)
    """What is typed or chosen before that button is pressed."""
    recipients: tuple[str, ...] = ()
    hand_in: str = "E-mail me the link to send it"
    send: str = ""
    """The words on the button of the confirmation."""

    def __str__(self) -> str:
        return self.slug


WARD = Way(
    "abolish-reporting",
    "Find my councillors",
    {"postcode": "ZZ1 1AA"},
    ("Adaeze Okoro-Finch", "Shirin Vale-Amini", "Tomasz Bellwether"),
    send="Send to 3 councillors",
)
CONSTITUENCY = Way(
    "bibby-stockholm",
    "Find my MP",
    {"postcode": "ZZ1 3AB"},
    ("Ffion Hartwell-Osei",),
    send="Send to Ffion Hartwell-Osei",
)
ALL = Way(
    "capita-gps-tagging",
    "Write my letter",
    recipients=("The Directors of Capita plc",),
    send="Send to The Directors of Capita plc",
)
CHOOSE = Way(
    "truth-in-the-media",
    "Write my letter",
    {"target": "Radio Thornby"},
    ("Radio Thornby",),
    send="Send to Radio Thornby",
)
PLEDGE = Way(
    "solidarity-knows-no-borders",
    "Sign up",
    recipients=("The Solidarity Knows No Borders team",),
    hand_in="E-mail me the link to join",
    send="Join now",
)
LETTERS = (WARD, CONSTITUENCY, ALL, CHOOSE)
WAYS = (*LETTERS, PLEDGE)


def to_letter(visitor: Visitor, way: Way = WARD, **typed: str) -> Page:
    """From the campaign's page to the page where the letter is written."""
    visitor.open(f"/c/{way.slug}")
    return visitor.press(way.begin, **{**way.start, **typed})


def to_preview(visitor: Visitor, way: Way = WARD, **typed: str) -> Page:
    """On to the preview; name, e-mail and own words are Alice's unless others are typed."""
    to_letter(visitor, way)
    return visitor.press(READ_IT, **{"name": NAME, "email": EMAIL, "own_words": OWN_WORDS, **typed})


def to_mail(visitor: Visitor, way: Way = WARD, **typed: str) -> Page:
    """On to the page that says to look for a mail."""
    to_preview(visitor, way, **typed)
    return visitor.press(way.hand_in)


def to_confirm(site: Site, visitor: Visitor, way: Way = WARD, **typed: str) -> Page:
    """On to the page behind the link of that mail."""
    to_mail(visitor, way, **typed)
    return visitor.open(site.delivered_link())


def to_own(site: Site, visitor: Visitor, way: Way = WARD, **typed: str) -> Page:
    """On to the page of one's own."""
    to_confirm(site, visitor, way, **typed)
    return visitor.press(way.send)


def to_own_with_consent(site: Site, visitor: Visitor, way: Way = WARD, **typed: str) -> Page:
    """The same, by somebody who ticks the box that the organisers may write to them."""
    to_preview(visitor, way, **typed)
    visitor.press(way.hand_in, consent="yes")
    visitor.open(site.delivered_link())
    return visitor.press(way.send)
