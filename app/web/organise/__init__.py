"""The pages for staff, on one blueprint."""

from app.web.organise import (
    account,
    audit,
    campaigns,
    home,
    links,
    people,
    replies,
    reports,
    second_factor,
    second_step,
    sign_in,
)
from app.web.organise.door import blueprint

__all__ = [
    "account",
    "audit",
    "blueprint",
    "campaigns",
    "home",
    "links",
    "people",
    "replies",
    "reports",
    "second_factor",
    "second_step",
    "sign_in",
]
