"""The pages for staff, on one blueprint."""

from app.web.organise import (
    account,
    audit,
    bulk,
    campaigns,
    home,
    hooks,
    lanes,
    letters,
    links,
    people,
    replies,
    reviews,
    second_factor,
    second_step,
    sign_in,
    supporters,
    tokens,
)
from app.web.organise.door import blueprint

__all__ = [
    "account",
    "audit",
    "blueprint",
    "bulk",
    "campaigns",
    "home",
    "hooks",
    "lanes",
    "letters",
    "links",
    "people",
    "replies",
    "reviews",
    "second_factor",
    "second_step",
    "sign_in",
    "supporters",
    "tokens",
]
