"""The platform of the running site, for views."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app

from app.bootstrap import Platform

_KEY = "solidarity_platform"


def install(app: Flask, platform: Platform) -> None:
    """Give the site its platform."""
    app.extensions[_KEY] = platform


def platform() -> Platform:
    """The platform of the site that answers this request."""
    return cast("Platform", current_app.extensions[_KEY])
