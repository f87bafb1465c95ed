"""The site and the worker as two processes: the doorbell between them, and what happens when one is away."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from tests.browser.conftest import Arrive
from tests.support.site import wait_until

pytestmark = pytest.mark.browser


@pytest.mark.usefixtures("redis_program")
def test_mail_comes_by_the_doorbell_and_not_by_the_sweep(arrive: Arrive) -> None:
    alice = arrive("Alice Example")
    before = alice.site.claimed_after_rings()
    for number in range(1, 4):  # a ring that a busy machine's Redis answers too late is given up
        alice.write_to_capita()
        alice.site.notices_to(alice.email, number)
        with suppress(AssertionError):
            wait_until(lambda: alice.site.claimed_after_rings() > before, "the ring in the log", seconds=1)
            return
    pytest.fail("three mails came, and none of them by the doorbell")


def test_letters_are_taken_while_the_worker_is_away_and_leave_when_it_is_back(arrive: Arrive) -> None:
    alice, bob = arrive("Alice Example"), arrive("Bob Example")
    bob.write_to_capita()
    bob.open_confirmation()
    alice.site.stop_worker()
    try:
        alice.write_to_capita()
        bob.press_only_button()
        bob.reload_until_all_are("Waiting", 1)
        assert alice.site.notices_to(alice.email, 0) == []
        assert bob.site.letters_of(bob.email, 0) == []
    finally:
        alice.site.start_worker()
    bob.reload_until_handed_over(1)
    alice.open_confirmation()
    alice.press_only_button()
    alice.site.letters_of(alice.email, 1)


def test_nothing_personal_is_logged(arrive: Arrive) -> None:
    alice = arrive("Alice Zephyrine")
    alice.write_to_capita("My grandmother came from Quillmoor.")
    alice.open_confirmation()
    alice.press_only_button()
    alice.site.letters_of(alice.email, 1)
    token = alice.page.url.rpartition("/")[2]
    logs = list(Path(alice.site.folder).rglob("*.log"))
    assert {log.name for log in logs} >= {"web.log", "worker.log"}
    for log in logs:
        written = log.read_text()
        assert not [part for part in ("Zephyrine", alice.email, "Quillmoor", token) if part in written]
