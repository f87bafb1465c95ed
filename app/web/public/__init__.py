"""The pages for supporters, on one blueprint."""

from app.web import assets
from app.web.public import address, answers, changing, corrections, images, links, privacy, stop, writing
from app.web.public.campaigns import blueprint

__all__ = [
    "address",
    "answers",
    "assets",
    "blueprint",
    "changing",
    "corrections",
    "images",
    "links",
    "privacy",
    "stop",
    "writing",
]
