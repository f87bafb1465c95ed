"""The pages for staff, on one blueprint."""

from app.web.organise import (
    account,
    approving,
    audit,
    campaigns,
    checking,
    ending,
    home,
    launching,
    links,
    people,
    replies,
    running,
    second_factor,
    second_step,
    sign_in,
)
from app.web.organise.door import blueprint

__all__ = [
    "account",
    "approving",
    "audit",
    "blueprint",
    "campaigns",
    "checking",
    "ending",
    "home",
    "launching",
    "links",
    "people",
    "replies",
    "running",
    "second_factor",
    "second_step",
    "sign_in",
]
