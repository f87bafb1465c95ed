from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.supporter import Supporter
from tests.support.browser import PHONE, MakePage
from tests.support.site import LiveSite

Arrive = Callable[..., Supporter]

expect.set_options(timeout=20_000)  # milliseconds; a machine that runs all the tests at once is slow


@pytest.fixture
def arrive(live_site: LiveSite, make_page: MakePage, request: pytest.FixtureRequest) -> Arrive:
    """Somebody comes to the shared site, on a phone and without JavaScript unless told otherwise.

    Their address belongs to the test, so that no test finds another's mail.
    """
    test = request.node.name.replace("[", "-").replace("]", "").replace("_", "-")

    def arrive(
        name: str = "Alice Example", viewport: ViewportSize = PHONE, language: str = "en", **options: Any
    ) -> Supporter:
        page = make_page(viewport, **{"java_script_enabled": False, **options})
        first_name, domain = name.partition(" ")[0].casefold(), test[:60].strip("-")
        email = f"{first_name}@{domain}.supporter.example"
        return Supporter(live_site, page, name, email, language)

    return arrive
