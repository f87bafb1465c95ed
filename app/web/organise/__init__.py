"""The pages for staff, on one blueprint."""

from app.web.organise import (
    account,
    audit,
    bulk,
    campaigns,
    home,
    lanes,
    letters,
    links,
    people,
    replies,
    reviews,
    second_factor,
    second_step,
    sign_in,
)
from app.web.organise.building import begin, overview, steps, versions
from app.web.organise.door import blueprint

__all__ = [
    "account",
    "audit",
    "begin",
    "blueprint",
    "bulk",
    "campaigns",
    "home",
    "lanes",
    "letters",
    "links",
    "overview",
    "people",
    "replies",
    "reviews",
    "second_factor",
    "second_step",
    "sign_in",
    "steps",
    "versions",
]
