"""Staff on a phone: invited on the command line, joining, a second factor, and signing in with it; without scripts."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import Looker
from tests.browser.pages import heading, press, submit
from tests.support.browser import PHONE, MakePage
from tests.support.site import LiveSite, link_in
from tests.support.staff import PASSWORD, code_at

pytestmark = pytest.mark.browser


def invite(site: LiveSite, email: str, language: str = "en") -> str:
    """The link that came by mail."""
    site.flask("staff", "invite", email, "--name", "Ada Admin", "--language", language)
    (mail,) = site.notices_to(email, 1)
    return link_in(mail.text)


def fresh_code(secret: str) -> str:
    """A code that was not used yet: the app shows the next one after half a minute."""
    began = int(time.time()) // 30
    while int(time.time()) // 30 == began:
        time.sleep(0.2)
    return code_at(datetime.now(UTC), secret)


def test_an_admin_joins_on_a_phone_and_signs_in_with_a_second_factor(live_site: LiveSite, make_page: MakePage) -> None:
    email = "ada@joins.staff.example"
    page = make_page(PHONE, java_script_enabled=False, base_url=live_site.url)
    page.goto(invite(live_site, email))
    page.get_by_label("Your new password").fill(PASSWORD)
    press(page, "Join")
    heading(page, "Overview")
    page.get_by_role("link", name="Add a second factor").click()
    secret = page.locator("input[name=secret]").input_value()
    page.get_by_label("The six digits that the app shows").fill(code_at(datetime.now(UTC), secret))
    press(page, "Add the app")
    heading(page, "Your recovery codes")
    assert page.locator(".codes li").count() == 10
    page.get_by_role("link", name="I have them, go on").click()
    press(page, "Sign out")
    heading(page, "Sign in")
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_label("Your password").fill(PASSWORD)
    press(page, "Sign in")
    heading(page, "Your second factor")
    page.get_by_label("The code of your app").fill(fresh_code(secret))
    press(page, "Sign in")
    heading(page, "Overview")
    page.get_by_role("link", name="Staff", exact=True).first.click()
    expect(page.get_by_text(email)).to_be_visible()


def plug_in_a_key(page: Page) -> None:
    """A security key as Chromium's own tests have it, which says yes to everything."""
    browser = page.context.new_cdp_session(page)
    browser.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    browser.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_added_and_signs_in(live_site: LiveSite, make_page: MakePage) -> None:
    email = "ada@passkey.staff.example"
    page = make_page(PHONE, base_url=live_site.url)
    plug_in_a_key(page)
    page.goto(invite(live_site, email))
    page.get_by_label("Your new password").fill(PASSWORD)
    press(page, "Join")
    page.get_by_role("link", name="Add a second factor").click()
    page.get_by_label("What do you call it?").fill("My phone")
    press(page, "Add a passkey")
    heading(page, "Your recovery codes")
    page.get_by_role("link", name="I have them, go on").click()
    press(page, "Sign out")
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_label("Your password").fill(PASSWORD)
    press(page, "Sign in")
    heading(page, "Your second factor")
    press(page, "Use a passkey")
    heading(page, "Overview")
    page.goto("/organise/account/second-factor")
    expect(page.get_by_text("The passkey “My phone”")).to_be_visible()


def test_without_a_script_codes_do_the_same(live_site: LiveSite, make_page: MakePage) -> None:
    page = make_page(PHONE, java_script_enabled=False, base_url=live_site.url)
    page.goto(invite(live_site, "ada@no-script.staff.example"))
    page.get_by_label("Your new password").fill(PASSWORD)
    press(page, "Join")
    page.get_by_role("link", name="Add a second factor").click()
    expect(page.get_by_role("button", name="Add the app")).to_be_visible()
    expect(page.get_by_role("button", name="Add a passkey")).to_be_hidden()


def test_the_link_that_make_run_prints_signs_in(live_site: LiveSite, make_page: MakePage) -> None:
    page = make_page(PHONE, java_script_enabled=False)
    page.goto(live_site.flask("staff", "demo-link").strip())
    press(page, "Sign in")
    heading(page, "Overview")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_pages_of_staff(live_site: LiveSite, make_page: MakePage, screenshots: Path, language: str) -> None:
    page = make_page(PHONE, base_url=live_site.url)
    looker, prefix = Looker(page, screenshots, language), "" if language == "en" else f"/{language}"
    email = f"ada@{language}.looks.staff.example"
    page.goto(f"{prefix}/organise/sign-in")
    looker.look("50-sign-in")
    submit(page, "main button")
    looker.look("51-sign-in-with-errors")
    page.goto(f"{prefix}/organise/forgotten")
    looker.look("52-forgotten")
    page.goto(f"{prefix}/organise/forgotten/mailed")
    looker.look("53-mailed")
    page.goto(invite(live_site, email, language))
    looker.look("54-invitation")
    page.locator("input[type=password]").fill(PASSWORD)
    submit(page, "main button")
    for number, room in enumerate(
        (
            "",
            "/account",
            "/account/password",
            "/account/second-factor",
            "/people",
            "/people/invite",
            "/people/1",
            "/audit",
        ),
        55,
    ):
        page.goto(f"{prefix}/organise{room}")
        looker.look(f"{number}-organise{room.replace('/', '-')}")
    page.goto(f"{prefix}/organise/account/second-factor")
    secret = page.locator("input[name=secret]").input_value()
    page.locator("input[name=code]").fill(code_at(datetime.now(UTC), secret))
    submit(page, "main form:has(input[name=code]) button")
    looker.look("63-recovery-codes")
    page.goto(f"{prefix}/organise/invitation/forged")
    looker.look("64-link-gone")
    page.goto(f"{prefix}/organise")
    submit(page, "nav.rooms button")
    page.locator("input[type=email]").fill(email)
    page.locator("input[type=password]").fill(PASSWORD)
    submit(page, "main form button")
    looker.look("65-second-step")
