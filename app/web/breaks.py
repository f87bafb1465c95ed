"""Where a long word may go on in the next line."""

from __future__ import annotations

import re

from flask import Flask
from markupsafe import Markup, escape

_AFTER = re.compile(r"([@.])(?=.)")


def breakable(address: str) -> Markup:
    """A mail address, escaped, that a narrow page breaks after its at sign and its dots rather than inside a word."""
    return Markup(_AFTER.sub(r"\1<wbr>", str(escape(address))))  # noqa: S704 - it is escaped before


def install(app: Flask) -> None:
    """Let templates say where addresses break."""
    app.add_template_filter(breakable)
