"""The pictures of docs/organisers.md, made anew by the tests that come by the pages anyway.

`HANDBOOK_PICTURES=1 make test ARGS=tests/browser` writes them to docs/images; without it nothing is written.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize

from tests.support.browser import PHONE, ROOT

FOLDER = ROOT / "docs" / "images"
LARGEST_PICTURE = 60_000  # bytes
COLOURS = 32
SMALL_DESK = ViewportSize(width=1000, height=900)
"""Narrower than most, so that its type can still be read where the picture is shown smaller."""
TALLEST: Mapping[int, int] = {PHONE["width"]: 1100, SMALL_DESK["width"]: 1150}
"""Pixels; what is below is cut off. What stands above a page's heading is the same on all."""
_WAY_BACK, _MARGIN = 56, 24  # pixels above the heading, with and without a line that leads back

LOOKS: Mapping[str, tuple[str, ViewportSize]] = {
    "61-organise-people-1": ("staff", PHONE),
    "62-organise-audit": ("audit", PHONE),
    "71-letter-to-read": ("review", SMALL_DESK),
    "76-letters-lanes": ("mail-domains", SMALL_DESK),
    "72-what-would-change": ("upload-preview", PHONE),
    "73-targets": ("targets", PHONE),
    "81-targets-corrections": ("corrections", PHONE),
    "82-targets-coverage": ("coverage", SMALL_DESK),
    "84-targets-not-mailed": ("not-mailed", PHONE),
    "113-ask-approval": ("approval", PHONE),
    "131-supporters": ("supporters", PHONE),
    "132-tokens": ("tokens", PHONE),
    "133-webhooks": ("webhooks", PHONE),
    "137-replies": ("replies", PHONE),
}
"""Which looks of the browser tests (see `Looker`) are pictures too, and how wide."""


def keep_look(page: Page, look: str) -> None:
    """Keep the picture that a look is, if it is one. The page's size is the look's business afterwards."""
    if look in LOOKS:
        keep(page, *LOOKS[look])


def keep(page: Page, name: str, viewport: ViewportSize) -> None:
    """Keep a picture of the page, from its top, if pictures are wanted; the page is as large as before."""
    if not os.environ.get("HANDBOOK_PICTURES"):
        return
    before = page.viewport_size
    page.set_viewport_size(viewport)
    page.emulate_media(color_scheme="light")
    page.evaluate("scrollTo(0, 0)")
    box = page.get_by_role("heading", level=1).bounding_box()
    above = _WAY_BACK if page.locator("p.back").count() else _MARGIN
    top = max(0, int(box["y"]) - above) if box else 0
    with Image.open(BytesIO(page.screenshot(full_page=True))) as shot:
        bottom = min(shot.height, top + TALLEST[viewport["width"]])
        write(shot.crop((0, top, shot.width, bottom)), FOLDER / f"{name}.png")
    if before:
        page.set_viewport_size(before)


def write(image: Image.Image, path: Path) -> None:
    """Write a picture in few colours: it is text, and stands in the repository."""
    image.convert("RGB").quantize(COLOURS).save(path, optimize=True)
    assert path.stat().st_size < LARGEST_PICTURE, f"{path.name} is too large"
