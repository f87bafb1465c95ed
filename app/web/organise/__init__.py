"""The pages for staff, on one blueprint."""

from app.web.organise import (
    account,
    audit,
    campaigns,
    home,
    hooks,
    links,
    people,
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
    "campaigns",
    "home",
    "hooks",
    "links",
    "people",
    "second_factor",
    "second_step",
    "sign_in",
    "supporters",
    "tokens",
]
