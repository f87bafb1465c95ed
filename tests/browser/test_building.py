"""The builder's pages, in all their looks; `test_from_nothing` goes the way through them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.looks import Looker
from tests.browser.pages import follow, heading, press, submit
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
    for details in page.locator("details").all():
        details.evaluate("each => { each.open = true; }")
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
    if page.url.endswith("/addresses"):  # whoever came first may have looked at them
        looker.look("72-addresses")
        page.goto(page.url.replace("/addresses", "/build/letter"))
    page.locator("details.palette").evaluate("each => { each.open = true; }")
    page.locator("[name=subject]").fill("Damp homes in {{ area.name }}")
    page.locator("[name=body]").fill("I live in {{ area.name }}, where homes are damp.")
    expect(page.get_by_role("article")).to_contain_text("where homes are damp")
    looker.look("73-build-letter")
    submit(page, "form.builder .buttons button:not([name])")
    build = page.url.partition("/letter")[0]
    page.goto(f"{build}/mails")
    for name in ("mails", "delivery", "look"):
        looker.look(f"74-build-{name}")
        submit(page, "button[name=go_on]")
    page.goto(build)
    looker.look("75-build-with-the-letters-own-words")
    page.goto(f"{build}/letter?part=en.leaders")
    page.locator("[name=subject]").fill("Lead on damp homes in {{ area.name }}")
    page.locator("[name=body]").fill("I live in {{ area.name }}. Please lead.")
    for _step in ("letter", "mails", "delivery", "look"):
        submit(page, "button[name=go_on]")
    page.goto(build)
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
    page.locator(".build-steps summary").click()
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Delivery").click()
    assert (asked, page.url) == (["beforeunload"], here), "asked, and stayed"
    press(page, "Save and stay here")
    page.locator(".build-steps summary").click()
    follow(page, "Delivery")
    assert asked == ["beforeunload"], "what is saved may be left"


def begun(site: LiveSite, page: Page, title: str) -> str:
    """A new campaign; the address of its steps."""
    sign_in(site, page)
    page.goto("/organise/campaigns/new")
    fill(page, **{"What is the campaign called?": title})
    press(page, "Begin")
    return page.url.removesuffix("/ask")


@pytest.mark.parametrize("language", ["", "/ar"])
def test_the_first_field_of_each_step_stands_on_the_first_screen_of_a_phone(
    live_site: LiveSite, make_page: MakePage, language: str
) -> None:
    page = make_page(PHONE, base_url=live_site.url, java_script_enabled=False)
    steps = begun(live_site, page, f"First screen {language.strip('/')}").replace("/organise", f"{language}/organise")
    for step in ("ask", "who", "letter", "mails", "delivery", "look"):
        page.goto(f"{steps}/{step}")
        field = page.locator("form.builder :is(input:not([type=hidden]), select, textarea):visible").first
        box = field.bounding_box()
        assert box is not None
        assert box["y"] + min(box["height"], 60) <= PHONE["height"], f"{step}: it begins at {box['y']}"
        bar = page.get_by_role("navigation").filter(has=page.locator("details"))
        expect(bar.get_by_role("link").first).to_be_hidden()
        bar.locator("summary").click()
        expect(bar.get_by_role("link")).to_have_count(7)
        expect(bar.get_by_role("link").first).to_be_visible()


def test_what_was_typed_comes_back_when_the_tab_has_died(live_site: LiveSite, make_page: MakePage) -> None:
    page = make_page(PHONE, base_url=live_site.url)
    here = f"{begun(live_site, page, 'A tab that dies')}/ask"
    typed = "Ask your councillors to have our homes repaired."
    page.get_by_label("The ask", exact=True).fill(typed)
    context = page.context
    page.close()

    page = context.new_page()
    page.goto(here)
    ask, offer = page.get_by_label("The ask", exact=True), page.get_by_text("You had typed something here")
    expect(offer).to_be_visible()
    expect(ask).not_to_have_value(typed)
    page.get_by_text("More, if you like").click()
    page.get_by_text("Title, summary, invitation and image").click()
    page.get_by_label("Invitation", exact=True).fill("Why?")
    page.get_by_role("button", name="Put it back").click()
    expect(ask).to_have_value(typed)
    expect(offer).to_be_hidden()
    press(page, "Save and stay here")
    expect(ask).to_have_value(typed)
    assert page.evaluate("localStorage.length") == 0, "what is saved is not kept here too"
    page.reload()
    expect(offer).to_be_hidden()

    ask.fill("Something else.")
    page.close()
    page = context.new_page()
    page.goto(here)
    page.get_by_role("button", name="Throw it away").click()
    page.reload()
    expect(page.get_by_text("You had typed something here")).to_be_hidden()
    expect(page.get_by_label("The ask", exact=True)).to_have_value(typed)

    page.get_by_label("The ask", exact=True).fill("Not for the next one at this desk.")
    assert page.evaluate("localStorage.length") == 1
    page.goto("/organise")
    press(page, "Sign out")
    assert page.evaluate("localStorage.length") == 0, "nothing stays with who signs out"


def test_a_step_that_was_saved_on_the_way_on_is_not_kept(live_site: LiveSite, make_page: MakePage) -> None:
    page = make_page(PHONE, base_url=live_site.url)
    steps = begun(live_site, page, "On the way")
    page.get_by_text("More, if you like").click()
    page.get_by_text("Title, summary, invitation and image").click()
    fill(page, **ASK)
    assert page.evaluate("localStorage.length") == 1
    press(page, "Save and go on: Who to write to")
    assert page.url == f"{steps}/who"
    page.wait_for_function("localStorage.length === 0")  # a script of the page that follows takes it away


def test_a_press_chooses_a_blank_as_a_whole_and_puts_a_placeholder_where_one_writes(
    live_site: LiveSite, make_page: MakePage
) -> None:
    page = make_page(PHONE, base_url=live_site.url)
    steps = begun(live_site, page, "Blanks")
    ask = page.get_by_label("The ask", exact=True)
    ask.evaluate("field => { field.focus(); field.setSelectionRange(24, 24); field.click(); }")  # its very edge
    page.keyboard.type("repair our homes")
    expect(ask).to_have_value("Ask your councillors to repair our homes.")
    press(page, "Save and stay here")
    page.goto(f"{steps}/letter")
    middle = page.get_by_label("Middle", exact=True)
    middle.fill("Please repair our homes in")
    press(page, "Save and stay here")
    middle.evaluate("field => { field.focus(); field.setSelectionRange(26, 26); }")
    page.keyboard.type(" ")
    page.locator(".note").get_by_role("button", name="{{ area.name }}").click()
    expect(middle).to_have_value("Please repair our homes in {{ area.name }}")
    press(page, "Save and stay here")
    expect(page.get_by_text("does not say where the supporter lives")).to_be_hidden()
    page.get_by_text("More, if you like").click()
    palette = page.get_by_text("Names and places that are filled in").bounding_box()
    field = middle.bounding_box()
    assert palette is not None
    assert field is not None
    assert 0 < palette["y"] - (field["y"] + field["height"]) < 200, "the palette stands under what it writes to"


def test_who_would_be_written_to_follows_the_choice_of_the_place(live_site: LiveSite, make_page: MakePage) -> None:
    page = make_page(PHONE, base_url=live_site.url)
    page.goto(f"{begun(live_site, page, 'Which place')}/who")
    shown = page.get_by_role("region", name="Who would be written to now")
    expect(shown).to_contain_text("Supporters find somebody at")
    page.get_by_label("Which place?").first.select_option("Zedmere")
    expect(shown).to_contain_text("8 people or organisations with an e-mail address.")
    page.get_by_label("The supporter’s Member of Parliament").check()
    expect(shown).not_to_contain_text("8 people")
    press(page, "Save and stay here")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
