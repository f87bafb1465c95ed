"""Claimed deliveries into mails."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.actions.models import Action
from app.campaigns.models import CampaignKind, TargetRule
from app.db import Sessions
from app.delivery.page import mail_page
from app.delivery.settle import RETRY_AFTER
from app.mail.message import Message, to_mime
from app.mail.transport import Deferred
from app.queue.states import DeliveryState, Purpose
from tests.delivery.conftest import LINKS, Office
from tests.support.builders import ALICE, BOB, CANALSIDE, make_scene
from tests.support.fakes import FakeClock, FakeTransport, accept
from tests.targets.examples import statements

HOSTILE = '<script>alert("x")</script>'
ADDRESS = "bob.sample@zedmere.example"


def delivered(office: Office, purpose: Purpose) -> Message:
    """Deliver what is due and return the one mail of a purpose."""
    office.deliver()
    wanted = {row.id for row in office.scene.deliveries(purpose)}
    [message] = [message for message in office.transport.messages if message.id in wanted]
    return message


def public_id(office: Office, action_id: int) -> uuid.UUID:
    with office.scene.sessions.read() as session:
        return session.get_one(Action, action_id).public_id


def test_a_letter_comes_from_us_in_its_writers_name_and_is_answered_to_them(office: Office) -> None:
    office.letter()
    message = delivered(office, Purpose.LETTER)
    assert (message.from_name, message.from_address) == ("Alice Adams", "letters@solidarity-post.example")
    assert (message.to_name, message.to_address) == ("Cllr Bob Sample", ADDRESS)
    assert (message.reply_to_name, message.reply_to) == ("Alice Adams", ALICE)
    assert message.headers == {}


def test_a_letter_reads_as_it_was_shown(office: Office) -> None:
    office.scene.change_target("carla-verde", email="")
    office.scene.confirmed(own_words="My neighbour fears the letter box.")
    message = delivered(office, Purpose.LETTER)
    assert message.subject == "Please oppose reporting in Canalside, Zedmere"
    assert message.text == (
        "Dear Cllr Sample,\n\n"
        "My neighbour fears the letter box.\n\n"
        "I write to you about “Abolish reporting” in Canalside, Zedmere.\n\n"
        "Please act. (Version 1)\n\n"
        f"Yours sincerely,\n\nAlice Adams\n{CANALSIDE}\n"
    )
    assert message.language == "en"


def test_each_letter_greets_its_own_reader(sqlite_office: Office) -> None:
    office = sqlite_office
    office.scene.confirmed()
    office.deliver()
    [bob], [carla] = office.transport.to(ADDRESS), office.transport.to("carla.verde@zedmere.example")
    assert bob.text.startswith("Dear Cllr Sample,")
    assert carla.text.startswith("Dear Cllr Verde,")
    assert bob.text.partition("\n")[2] == carla.text.partition("\n")[2]
    assert bob.message_id != carla.message_id


def test_a_letter_is_told_in_blocks_that_are_all_of_it(sqlite_office: Office) -> None:
    office = sqlite_office
    office.scene.confirmed()
    office.deliver()
    letters = [*office.transport.to(ADDRESS), *office.transport.to("carla.verde@zedmere.example")]
    for letter in letters:
        assert letter.blocks is not None
        assert letter.text == "\n\n".join(letter.blocks.text) + "\n"
        assert letter.html == "".join(f"{block}\n" for block in letter.blocks.html)
        assert len(letter.blocks.html) == len(letter.blocks.text) + 2
    texts, pages = zip(
        *((one.text[at.text], (one.html or "")[at.html]) for one in letters if one.common and (at := one.common())),
        strict=True,
    )
    assert len(texts) == 2
    assert len(set(texts)) == len(set(pages)) == 1
    assert pages[0].startswith("<p")
    assert pages[0].endswith("</p>")


def test_a_letter_is_english_whatever_its_writer_reads_and_notices_are_not(sqlite_office: Office) -> None:
    office = sqlite_office
    office.scene.change_target("carla-verde", email="")
    office.scene.confirmed(language="ar")
    letter, thanks = delivered(office, Purpose.LETTER), delivered(office, Purpose.THANK_YOU)
    assert (letter.language, thanks.language) == ("en", "ar")
    assert letter.html is not None
    assert thanks.html is not None
    assert '<html lang="en" dir="ltr">' in letter.html
    assert '<html lang="ar" dir="rtl">' in thanks.html


def test_a_mail_has_the_same_message_id_at_each_try(office: Office) -> None:
    letter = office.letter()
    office.transport.answer = lambda _message: Deferred("450 Busy")
    office.deliver()
    office.transport.answer = accept
    office.deliver(after=RETRY_AFTER[0])
    first, second = office.transport.to(ADDRESS)
    assert first == second
    assert first.message_id.startswith(f"<{letter}.")
    assert first.message_id.endswith("@solidarity-post.example>")
    assert "alice" not in first.message_id.casefold()


def test_a_confirmation_tells_first_that_nothing_was_sent_and_leads_to_its_page(sqlite_office: Office) -> None:
    office = sqlite_office
    action_id = office.scene.pending()
    message = delivered(office, Purpose.CONFIRMATION)
    assert message.text.splitlines()[0] == "Your letter has not been sent yet."
    assert "Cllr Bob Sample and Cllr Carla Verde" in message.text
    assert LINKS.confirm(public_id(office, action_id), "en") in message.text.splitlines()
    assert "30 November 2026" in message.text
    assert "Alice" not in message.text, "whoever gets it may not be who typed it"
    assert (message.from_name, message.from_address) == ("Solidarity Post", "letters@solidarity-post.example")
    assert (message.to_address, message.to_name, message.reply_to) == (ALICE, "", None)
    assert message.headers == {"Auto-Submitted": "auto-generated"}


def test_a_confirmation_does_not_lead_to_the_supporters_own_page(sqlite_office: Office) -> None:
    office = sqlite_office
    action_id = office.scene.pending()
    message = delivered(office, Purpose.CONFIRMATION)
    assert LINKS.own_token(public_id(office, action_id)) not in message.text


@pytest.mark.parametrize("again", [False, True])
def test_the_other_notices_lead_to_the_own_page_of_what_was_confirmed(sqlite_office: Office, *, again: bool) -> None:
    office = sqlite_office
    action_id = office.scene.confirmed()
    if again:
        office.scene.submit(name="Mallory")
    message = delivered(office, Purpose.ALREADY_WRITTEN if again else Purpose.THANK_YOU)
    assert LINKS.own(public_id(office, action_id), "en") in message.text.splitlines()
    assert "Hello Alice Adams," in message.text
    assert message.to_address == ALICE
    assert "Mallory" not in message.text


def test_thanks_name_those_who_are_written_to_and_nobody_who_had_left(sqlite_office: Office) -> None:
    office = sqlite_office
    action_id = office.scene.pending()
    office.scene.change_target("bob-sample", archived_at=office.clock.now)
    office.scene.confirm(action_id)
    message = delivered(office, Purpose.THANK_YOU)
    assert message.text.startswith("Thank you. You have confirmed your letter to Cllr Carla Verde.")


def test_a_pledge_is_confirmed_and_thanked_in_its_own_words(
    sqlite_sessions: Sessions, now: datetime, tmp_path: Path
) -> None:
    scene = make_scene(sqlite_sessions, now, kind=CampaignKind.PLEDGE, target_rule=TargetRule.ALL)
    office = Office(scene, FakeTransport(), FakeClock(now), tmp_path)
    action_id = scene.pending()
    assert delivered(office, Purpose.CONFIRMATION).text.startswith("You have not joined yet.")
    scene.confirm(action_id)
    assert delivered(office, Purpose.THANK_YOU).text.startswith("Thank you. You have joined “Abolish reporting”")


def test_nobody_is_thanked_for_a_letter_that_was_withdrawn(sqlite_office: Office) -> None:
    office = sqlite_office
    office.scene.withdraw(office.scene.confirmed())
    office.deliver()
    [thanks] = office.scene.deliveries(Purpose.THANK_YOU)
    assert (thanks.state, thanks.reason) == (DeliveryState.FAILED, "action_withdrawn")


def test_hostile_names_stay_text_in_the_html(sqlite_office: Office) -> None:
    office = sqlite_office
    office.scene.change_target("bob-sample", name=HOSTILE, salutation=f"Dear {HOSTILE}")
    office.scene.change_target("carla-verde", email="")
    action_id = office.scene.pending(name=HOSTILE, own_words=HOSTILE)
    office.deliver()
    office.scene.confirm(action_id)
    office.deliver()
    assert len(office.transport.messages) == 3
    for message in office.transport.messages:
        assert message.html is not None
        assert "<script" not in message.html
        assert "&lt;script&gt;" in message.html
        assert HOSTILE in message.text


def test_every_mail_can_be_written_on_the_wire(sqlite_office: Office) -> None:
    office = sqlite_office
    name = "Zoë “the Voice” O'Neill <z@evil.example>, 💌 علياء"
    action_id = office.scene.pending(name=name, own_words="Zwölf Boxkämpfer 💌\n\n.\n\nFrom here on", language="ar")
    office.scene.submit(BOB)
    office.deliver()
    office.scene.confirm(action_id)
    office.scene.submit()
    office.deliver()
    assert len(office.transport.messages) == 6
    for message in office.transport.messages:
        assert to_mime(message, office.clock.now).isascii()


def test_the_mails_of_a_batch_are_read_from_the_database_in_a_fixed_number_of_statements(
    sqlite_office: Office,
) -> None:
    office = sqlite_office
    counts = []
    for size in (1, 10):
        for number in range(size):
            office.scene.confirmed(f"{size}.{number}@supporter.example")
        ids = [row.id for row in office.scene.deliveries() if row.state == "queued"]
        with office.scene.sessions.read() as session, statements(session) as seen:
            office.dispatcher.renderer.prepare(session, ids, office.clock())
            counts.append(len(seen))
        office.deliver()
    assert counts[0] == counts[1]


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_the_html_of_a_mail_loads_nothing(language: str, direction: str) -> None:
    html = mail_page("Hello,\n\nsee https://letters.example.org/confirm/token now.", language)
    assert f'<html lang="{language}" dir="{direction}">' in html
    assert '<a href="https://letters.example.org/confirm/token"' in html
    for loading in ("<img", "<link", "src=", "url(", "<script", "@import"):
        assert loading not in html


def test_a_confirmation_names_the_last_whole_day_of_its_link(sqlite_office: Office) -> None:
    office = sqlite_office
    office.scene.submit(now=office.clock.advance(timedelta(days=3)))
    assert "until 3 December 2026." in delivered(office, Purpose.CONFIRMATION).text
