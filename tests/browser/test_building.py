"""Somebody who has never seen the tool builds a campaign: on a phone and at a desk, with scripts and without."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.looks import Looker
from tests.browser.test_staff import heading, press, submit
from tests.support.browser import DESKTOP, PHONE, MakePage
from tests.support.site import LiveSite

pytestmark = pytest.mark.browser

STORY = "## Why this matters\n\nMould makes **children** ill.\n\n- it is cold\n- it is damp"
ASK = {
    "The ask": "Ask your councillors to have damp homes repaired.",
    "Summary": "No more mould in our homes.",
    "Invitation": "What is your home like in winter?",
    "Story": STORY,
}


def sign_in(site: LiveSite, page: Page) -> None:
    page.goto(site.flask("staff", "demo-link").strip())
    press(page, "Sign in")
    heading(page, "Overview")


def fill(page: Page, **fields: str) -> None:
    for label, text in fields.items():
        page.get_by_label(label, exact=True).fill(text)


@pytest.mark.parametrize("scripts", [False, True], ids=["without-scripts", "with-scripts"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_a_campaign_is_built_from_nothing(
    live_site: LiveSite, make_page: MakePage, viewport: ViewportSize, *, scripts: bool
) -> None:
    page = make_page(viewport, java_script_enabled=scripts, base_url=live_site.url)
    sign_in(live_site, page)
    title = f"Warm homes {viewport['width']} {'with' if scripts else 'without'}"
    page.get_by_role("link", name="Campaigns", exact=True).first.click()
    page.get_by_role("link", name="A new campaign").click()
    page.get_by_label("What is the campaign called?").fill(title)
    press(page, "Begin")
    heading(page, title)
    fill(page, **ASK)
    story = page.get_by_role("heading", name="Why this matters", level=2)
    if scripts:
        expect(story).to_be_visible()
    else:
        press(page, "Save and stay here")
        expect(story).to_be_visible()
    press(page, "Save and go on: Who to write to")
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_label("Which councils?")).to_be_visible()
    expect(page.get_by_text("Which lists?")).to_be_hidden()
    press(page, "Save and go on: The letter")
    page.get_by_text("Names and places that are filled in").click()
    fill(page, Subject="Damp homes in {{ area.name }}")
    middle = page.get_by_label("Middle", exact=True)
    middle.fill("I live in ")
    if scripts:
        page.get_by_role("button", name="{{ area.name }}").click()
        expect(middle).to_have_value("I live in {{ area.name }}")
        expect(page.get_by_role("article")).to_contain_text("I live in")
    else:
        middle.fill("I live in {{ area.name }}.")
    press(page, "Save and go on: Our mails")
    fill(page, **{"In the mail that thanks": "Tell a neighbour."})
    press(page, "Save and go on: Delivery")
    press(page, "Save and go on: Address and look")
    page.get_by_label("Colour").fill("#00645c")
    press(page, "Save and finish")
    expect(page.get_by_text("Nobody but staff sees it before it opens.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_builders_pages(live_site: LiveSite, make_page: MakePage, screenshots: Path, language: str) -> None:
    page = make_page(PHONE, base_url=live_site.url)
    looker, prefix = Looker(page, screenshots, language), "" if language == "en" else f"/{language}"
    sign_in(live_site, page)
    page.goto(f"{prefix}/organise/campaigns/new")
    looker.look("70-begin")
    page.locator("input[name=title]").fill(f"Looks {language}")
    submit(page, "main form:has(input[name=title]) button")
    submit(page, "button[name=go_on]")
    looker.look("71-build-ask-with-errors")
    page.locator("textarea[name=body]").fill(STORY)
    for name in ("ask", "summary", "invitation"):
        page.locator(f"[name={name}]").fill("Ask for warm and dry homes.")
    submit(page, "button[name=go_on]")
    for details in page.locator("details").all():
        details.evaluate("each => { each.open = true; }")
    looker.look("72-build-who")
    page.locator("[name=segment-0-name]").fill("leaders")
    page.locator("[name=segment-0-who-0-key]").select_option("posts")
    page.locator("[name=segment-0-who-0-texts]").fill("*Leader*")
    submit(page, "button[name=go_on]")
    page.locator("details.palette").evaluate("each => { each.open = true; }")
    page.locator("[name=subject]").fill("Damp homes in {{ area.name }}")
    page.locator("[name=body]").fill("I live in {{ area.name }}, where homes are damp.")
    expect(page.get_by_role("article")).to_contain_text("where homes are damp")
    looker.look("73-build-letter")
    for name in ("mails", "delivery", "look"):
        submit(page, "button[name=go_on]")
        looker.look(f"74-build-{name}")
    submit(page, "button[name=go_on]")
    looker.look("75-build-not-complete")
    page.goto(page.url.replace("/build", "/build/letter?part=en.leaders"))
    page.locator("[name=subject]").fill("Lead on damp homes in {{ area.name }}")
    page.locator("[name=body]").fill("I live in {{ area.name }}. Please lead.")
    for _step in ("letter", "mails", "delivery", "look"):
        submit(page, "button[name=go_on]")
    looker.look("76-build-complete")
    page.goto(page.url.replace("/build", "/versions"))
    looker.look("77-versions")
    page.goto(f"{page.url}/en")
    looker.look("78-version")
    page.goto(f"{prefix}/organise/campaigns/abolish-reporting/build")
    looker.look("79-build-of-files")
    page.goto(f"{prefix}/organise/campaigns/import")
    looker.look("80-import")
    page.goto(f"{prefix}/organise/campaigns")
    looker.look("81-campaigns")
