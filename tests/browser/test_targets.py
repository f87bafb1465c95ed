"""Targets on a phone, without scripts: a list is uploaded, an address verified by code, a correction accepted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import Looker
from tests.browser.pages import heading, leave_by, press
from tests.browser.test_staff import invite
from tests.support.browser import PHONE, MakePage
from tests.support.site import LiveSite
from tests.support.staff import PASSWORD

pytestmark = pytest.mark.browser

EDITORS = "Publication,Editor,Kontakt\nZed News,Alice Sample,{alice}\nZed Post,Bob Verde,bob@post.example\nbroken\n"
MORE = "Publication,Editor,Kontakt\nZed News,Alice Sample,{alice}\nZed TV,Carol Moss,carol@tv.example\n"


def join(site: LiveSite, page: Page, email: str) -> None:
    """Sign in as somebody who has just been invited."""
    page.goto(site.local(invite(site, email)))
    page.get_by_label("Your new password").fill(PASSWORD)
    press(page, "Join")
    heading(page, "Overview")


def upload(page: Page, folder: Path, text: str) -> None:
    """Choose a file and say what it is."""
    path = folder / "editors.csv"
    path.write_text(text, encoding="utf-8")
    page.goto("/organise/targets/upload")
    page.get_by_label("The file").set_input_files(path)
    press(page, "Upload")
    heading(page, "What is this file?")
    say_what_it_is(page)


def say_what_it_is(page: Page) -> None:
    page.get_by_label("What are its rows?").select_option(label="Broadcaster")
    page.get_by_label("Publication").select_option(label="Organisation")
    page.get_by_label("Editor").select_option(label="Name")
    page.get_by_label("Kontakt").select_option(label="E-mail address")


def take_over(page: Page, day: str) -> None:
    page.get_by_label("Which day does it describe?").fill(day)
    press(page, "Show what would change")
    heading(page, "What would change")


def test_a_list_is_uploaded_an_address_verified_and_a_correction_accepted(
    live_site: LiveSite, make_page: MakePage, tmp_path: Path
) -> None:
    page = make_page(PHONE, java_script_enabled=False, base_url=live_site.url)
    join(live_site, page, "olu@targets.staff.example")
    alice = "alice@targets.news.example"
    upload(page, tmp_path, EDITORS.format(alice=alice))
    page.get_by_label("The name of the new list").fill("Editors by phone")
    page.get_by_label("Who published it?").fill("Rung by us")
    page.get_by_label("Under which licence may it be used?").fill("Our own work")
    take_over(page, "2026-11-20")
    expect(page.get_by_text("2 added, 0 changed, 0 archived, 0 as they were, 1 rows rejected")).to_be_visible()
    expect(page.get_by_text("line 4")).to_be_visible()
    press(page, "Take it over")
    heading(page, "Editors by phone")

    page.get_by_role("link", name="Alice Sample").click()
    expect(page.get_by_text("Address not verified")).to_be_visible()
    page.get_by_role("link", name="Verify the address").click()
    press(page, "Send a code to the address")
    (mail,) = live_site.notices_to(alice, 1)
    found = re.search(r"code: (\d{4} \d{4})", mail.text)
    assert found
    page.get_by_label("The code").fill(found[1])
    press(page, "Check the code")
    heading(page, "Alice Sample")
    expect(page.get_by_text("Address verified")).to_be_visible()
    number = page.url.rpartition("/")[2]

    supporter = make_page(PHONE, java_script_enabled=False, base_url=live_site.url)
    supporter.goto(f"/targets/{number}/correct")
    supporter.get_by_label("They do not hold this office any more").check()
    press(supporter, "Tell us")
    page.goto("/organise/targets/corrections")
    page.get_by_role("link", name="Alice Sample").click()
    page.get_by_label("What did you find?").fill("Their page has another name.")
    page.get_by_label("They are taken off the list for good").check()
    press(page, "Accept")
    heading(page, "Corrections")
    page.goto(f"/organise/targets/{number}")
    expect(page.get_by_text("Removed by staff")).to_be_visible()

    upload(page, tmp_path, MORE.format(alice=alice))
    page.get_by_label("Which list does it fill?").select_option(label="Editors by phone (editors-by-phone)")
    take_over(page, "2026-11-25")
    expect(page.get_by_text("stays removed: Alice Sample")).to_be_visible()
    expect(page.get_by_text("1 added, 0 changed, 1 archived")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_pages_of_targets(
    live_site: LiveSite, make_page: MakePage, screenshots: Path, tmp_path: Path, language: str
) -> None:
    page = make_page(PHONE, base_url=live_site.url)
    looker, prefix = Looker(page, screenshots, language), "" if language == "en" else f"/{language}"
    join(live_site, page, f"olu@{language}.looks.targets.example")
    upload(page, tmp_path, EDITORS.format(alice=f"alice@{language}.news.example"))
    page.get_by_label("The name of the new list").fill(f"Editors {language}")
    page.get_by_label("Who published it?").fill("Rung by us")
    page.get_by_label("Under which licence may it be used?").fill("Our own work")
    page.goto(prefix + page.url.removeprefix(live_site.url))
    looker.look("70-what-is-this-file")
    leave_by(page.locator('.desk form[action*="/uploads/"] button').first)
    looker.look("71-what-is-this-file-with-errors")
    page.goto(page.url.removeprefix(live_site.url).removeprefix(prefix))
    say_what_it_is(page)
    page.get_by_label("The name of the new list").fill(f"Editors {language}")
    page.get_by_label("Who published it?").fill("Rung by us")
    page.get_by_label("Under which licence may it be used?").fill("Our own work")
    take_over(page, "2026-11-20")
    page.goto(prefix + page.url.removeprefix(live_site.url))
    looker.look("72-what-would-change")
    for number, room in enumerate(
        (
            "",
            "/upload",
            "/lists/1",
            "/lists/1/verify",
            "/1",
            "/1/verify",
            "/1/override",
            "/1/remove",
            "/corrections",
            "/coverage",
            "/coverage/campaigns/abolish-reporting",
            "/not-mailed",
            "/not-mailed/add",
        ),
        73,
    ):
        page.goto(f"{prefix}/organise/targets{room}")
        looker.look(f"{number}-targets{room.replace('/', '-')}")
    page.goto("/organise/targets/coverage")
    page.get_by_role("link", name="Zedmere").first.click()
    page.goto(prefix + page.url.removeprefix(live_site.url))
    looker.look("86-council")
    page.goto(f"{prefix}/address/forged")
    looker.look("87-address-gone")
