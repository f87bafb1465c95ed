"""The rooms of staff that no other test comes by, as different people see them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.looks import Looker
from tests.browser.test_staff import invite, submit
from tests.support.browser import PHONE, MakePage
from tests.support.site import LiveSite
from tests.support.staff import PASSWORD

pytestmark = pytest.mark.browser

OF_A_CAMPAIGN = "/campaigns/abolish-reporting"
ROOMS = {
    "130-reports": "/reports",
    "131-supporters": "/supporters",
    "132-tokens": "/tokens",
    "133-webhooks": "/hooks",
    "134-how-it-stands": OF_A_CAMPAIGN,
    "135-figures": f"{OF_A_CAMPAIGN}/report",
    "136-one-page": f"{OF_A_CAMPAIGN}/report/one-page",
    "137-replies": f"{OF_A_CAMPAIGN}/replies",
}


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_room_can_be_used(live_site: LiveSite, make_page: MakePage, screenshots: Path, language: str) -> None:
    page = make_page(PHONE, base_url=live_site.url)
    prefix = "" if language == "en" else f"/{language}"
    page.goto(invite(live_site, f"ada@{language}.rooms.staff.example", language))
    page.locator("input[type=password]").fill(PASSWORD)
    submit(page, "main button")
    looker = Looker(page, screenshots, language)
    for name, room in ROOMS.items():
        answer = page.goto(f"{prefix}/organise{room}")
        assert answer is not None
        assert answer.ok, room
        looker.look(name)
