"""The report on paper: what the screen hides is open, and what one presses is not there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import ViewportSize, expect

from app.actions.activity import Step, count_step
from app.campaigns.find import campaign_called
from tests.browser.test_running import behind, joined
from tests.support.browser import MakePage
from tests.support.site import LiveSite

pytestmark = pytest.mark.browser

SLUG = "abolish-reporting"
PAPER = ViewportSize(width=690, height=1000)
"""A4 within its margins, at 96 dots an inch."""


def test_the_report_prints_its_tables_and_no_navigation(live_site: LiveSite, make_page: MakePage) -> None:
    page = joined(live_site, make_page, "paper@staff.example")
    with behind(live_site) as session:
        campaign = campaign_called(session, SLUG)
        count_step(session, campaign.id, Step.VIEWED, datetime.now(UTC), source="direct", language="en", number=40)
    page.goto(f"/organise/campaigns/{SLUG}/report")
    row = page.locator("#funnel-table tbody tr").first
    expect(page.get_by_role("navigation").first).to_be_visible()
    assert row.evaluate("row => row.checkVisibility({ contentVisibilityAuto: true })") is False
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    assert row.evaluate("row => row.checkVisibility({ contentVisibilityAuto: true })") is True
    expect(page.locator("#funnel svg, section:has(#funnel) svg")).to_be_visible()
    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page.get_by_text("Take it along")).to_be_hidden()
    inside = page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert inside, "nothing is cut off at the edge of the paper"
