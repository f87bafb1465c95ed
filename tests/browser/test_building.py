"""The builder's pages, in all their looks; `test_from_nothing` goes the way through them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.looks import Looker
from tests.browser.test_staff import heading, press, submit
from tests.support.browser import PHONE, MakePage
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


def test_what_was_typed_is_not_left_unsaved_without_a_question(live_site: LiveSite, make_page: MakePage) -> None:
    page = make_page(PHONE, base_url=live_site.url)
    sign_in(live_site, page)
    page.goto("/organise/campaigns/new")
    fill(page, **{"What is the campaign called?": "Left unsaved"})
    press(page, "Begin")
    here = page.url
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_label("The ask", exact=True).click()
    page.keyboard.type("Ask them to repair our homes.")
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Delivery").click()
    assert (asked, page.url) == (["beforeunload"], here), "asked, and stayed"
    press(page, "Save and stay here")
    with page.expect_navigation():
        page.get_by_role("link", name="Delivery").click()
    assert asked == ["beforeunload"], "what is saved may be left"
