"""Solidarity Post: supporters write to those in power."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.bootstrap import Platform


def create_app(platform: Platform | None = None) -> Flask:
    """The site on `platform`, or on the one that the environment describes.

    Raises:
        ConfigError: a setting of the environment is missing or wrong.
    """
    # Only now: the worker imports this package too, and would load all pages and commands of which it needs none.
    from app.site import make_site  # noqa: PLC0415

    return make_site(platform)
