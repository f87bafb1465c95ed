"""The pictures of docs/organisers.md, made anew: what they show is what an organiser sees."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import ViewportSize, expect

from tests.browser.test_building import ASK, fill, sign_in
from tests.browser.test_running import check
from tests.browser.test_staff import press
from tests.support.browser import MakePage
from tests.support.site import LiveSite

pytestmark = pytest.mark.browser

LARGEST_PICTURE = 60_000
SMALL_DESK = ViewportSize(width=1000, height=900)
LETTER = "I live in {{ area.name }}.\n\nMany homes here are damp and cold. Please have them repaired before winter."


def keep(shot: bytes, picture: Path) -> None:
    """Keep a screenshot in few colours: it is text, and stands in the repository."""
    with Image.open(BytesIO(shot)) as image:
        image.convert("RGB").quantize(32).save(picture, optimize=True)
    assert picture.stat().st_size < LARGEST_PICTURE


def test_the_pictures_of_the_guide(live_site: LiveSite, make_page: MakePage, screenshots: Path) -> None:
    page = make_page(SMALL_DESK, java_script_enabled=False, base_url=live_site.url)
    sign_in(live_site, page)
    page.goto("/organise/campaigns/new")
    page.get_by_label("What is the campaign called?").fill("Homes without mould")
    press(page, "Begin")
    fill(page, **ASK)
    press(page, "Save and go on: Who to write to")
    press(page, "Save and go on: The letter")
    fill(page, Subject="Damp homes in {{ area.name }}", Middle=LETTER)
    press(page, "Save and stay here")
    expect(page.get_by_role("heading", name="How it will arrive")).to_be_visible()
    keep(page.locator(".builder").screenshot(), screenshots / "build-letter.png")
    for step in ("Our mails", "Delivery", "Address and look"):
        press(page, f"Save and go on: {step}")
    press(page, "Save and finish")
    check(page, "/organise/campaigns/homes-without-mould")
    expect(page.get_by_role("heading", name="What was found")).to_be_visible()
    page.set_viewport_size({"width": 480, "height": 900})
    keep(page.screenshot(), screenshots / "check.png")
