"""As an organisation runs it: production, on PostgreSQL, with a real SMTP relay."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.supporter import Supporter
from tests.conftest import FIELD_KEYS, INDEX_KEY, SECRET_KEY
from tests.support.browser import PHONE, MakePage
from tests.support.services import ReceivedMail, SmtpServer
from tests.support.site import LiveSite, link_in, wait_until

pytestmark = pytest.mark.browser

EMAIL = "alice@supporter.example"
CAPITA = "company.secretary@capita.example"


@pytest.fixture
def production(empty_postgresql: Callable[..., str], smtp_server: SmtpServer, tmp_path: Path) -> Iterator[LiveSite]:
    site = LiveSite(
        tmp_path,
        scheme="https",
        APP_ENV="production",
        DATABASE_URL=empty_postgresql(),
        MAIL_TRANSPORT="smtp",
        MAIL_FROM="letters@letters.example.org",
        CONTACT_EMAIL="team@letters.example.org",
        TRUSTED_PROXIES="0",
        SMTP_HOST=smtp_server.host,
        SMTP_PORT=str(smtp_server.port),
        SMTP_SECURITY="none",
        SECRET_KEY=SECRET_KEY,
        FIELD_KEYS=FIELD_KEYS,
        INDEX_KEY=INDEX_KEY,
        LANE_HOURS="always",  # as in development, for the tests pass at night too
        SWEEP_SECONDS="1",  # who verifies an address rings for nothing
    )
    with site.running():
        yield site


@pytest.fixture
def received(smtp_server: SmtpServer) -> Callable[[str, int], list[ReceivedMail]]:
    """The mails that the relay took for an address, as soon as there are so many."""

    def received(address: str, count: int) -> list[ReceivedMail]:
        def find() -> list[ReceivedMail]:
            return [mail for mail in smtp_server.mails if mail.recipients == [address]]

        wait_until(lambda: len(find()) >= count, f"{count} mails to {address}")
        assert len(find()) == count
        return find()

    return received


def text_of(mail: ReceivedMail) -> str:
    part = mail.message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_letter_waits_for_its_address_to_be_verified_and_nothing_invented_is_there(
    production: LiveSite, received: Callable[[str, int], list[ReceivedMail]], make_page: MakePage
) -> None:
    alice = Supporter(production, make_page(PHONE, java_script_enabled=False), "Alice Example", EMAIL)
    alice.write_to_capita("I have seen what a tag does.")
    (asked,) = received(EMAIL, 1)
    assert re.fullmatch(r"letters\+\d+\.[0-9a-f]{16}@letters\.example\.org", asked.sender)
    alice.page.goto(production.local(link_in(text_of(asked))))
    alice.press_only_button()
    received(EMAIL, 2)
    checking = "We are checking that this address is right."
    alice.reload_until(lambda: checking in alice.page.inner_text(".states"))
    assert alice.states.all_inner_texts() == ["Waiting"]
    assert received(CAPITA, 0) == []

    production.flask("targets", "verify", "capita", "capita-plc", "--how", "Invented for a test")
    (letter,) = received(CAPITA, 1)
    assert re.fullmatch(r"letters\+\d+\.[0-9a-f]{16}@letters\.example\.org", letter.sender)
    assert letter.message["From"] == "Alice Example <letters@letters.example.org>"
    assert letter.message["Reply-To"] == f"Alice Example <{EMAIL}>"
    assert text_of(letter).startswith("Dear Directors,\n\nI have seen what a tag does.\n\n")
    alice.page.reload()
    alice.reload_until_all_are("Handed over", 1)

    alice.page.goto(f"{production.url}/outbox/")
    alice.sees_heading("This page is not here")
    alice.open_campaign("abolish-reporting")
    expect(alice.page.get_by_text("This is a demonstration")).to_have_count(0)
    alice.give_postcode("ZZ1 1AA")
    expect(alice.page.get_by_role("alert")).to_contain_text("We do not know this postcode")
