"""Protected answers: letters that do not show their writer's address, and what comes back to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.actions.models import Action
from app.mail.message import to_mime
from app.mail.transport import Accepted, Deferred
from app.queue.states import DeliveryState, Purpose
from app.replies.inbox import Sorted
from app.replies.models import Answer, RelayedMail, Reply
from app.replies.relay import MOST_OF_A_LETTER, Taken
from app.replies.retention import KEPT_AT_MOST, forget_answers, passed_on
from tests.mail.test_bounces import dsn
from tests.replies.conftest import BOB, CARLA, MAIL_FROM, REPLIES_TO, SAID, House, answer
from tests.support.builders import ALICE
from tests.support.dumps import raw_bytes

S = DeliveryState


def forget(house: House) -> int:
    """Delete what need not be kept; how many answers that was."""
    with house.scene.sessions.write() as session:
        ids = passed_on(session, house.clock.now)
        forget_answers(session, ids)
    return len(ids)


def test_a_protected_letter_does_not_show_its_writers_address_anywhere(house: House) -> None:
    house.write()
    for address in (BOB, CARLA):
        letter = house.letter_to(address)
        raw = to_mime(letter, house.clock.now)
        assert b"alice@" not in raw
        assert b"supporter.example" not in raw
        assert "Alice Adams" in (letter.from_name, letter.reply_to_name)
        assert letter.from_address == MAIL_FROM
        assert letter.group is None, "a provider's request for several letters has one Reply-To"
    assert house.address_of(BOB) != house.address_of(CARLA)
    assert house.address_of(BOB).startswith("answers+")
    assert house.address_of(BOB).endswith("@solidarity-post.example")


def test_the_address_of_answers_cannot_be_made_from_that_of_bounces(sqlite_house: House) -> None:
    sqlite_house.write()
    letter = sqlite_house.letter_to(BOB)
    assert letter.bounce_address is not None
    mark = letter.bounce_address.partition("+")[2].partition("@")[0]
    assert sqlite_house.take_in(answer(f"answers+{mark}@solidarity-post.example")) is Taken.UNKNOWN


def test_a_letter_that_was_handed_in_as_protected_stays_so(house: House) -> None:
    action_id = house.scene.pending()
    with house.scene.sessions.write() as session:
        session.get_one(Action, action_id).campaign.replies = "direct"
    house.scene.confirm(action_id)
    house.deliver()
    assert house.address_of().startswith("answers+")


def test_without_a_mailbox_for_answers_a_protected_letter_is_held(sqlite_house: House) -> None:
    house = replace(sqlite_house, replies_to="")
    house.write()
    letters = house.scene.deliveries(Purpose.LETTER)
    assert {(letter.state, letter.reason) for letter in letters} == {(S.HELD, "no_reply_address")}
    assert house.transport.to(BOB) == []


def test_an_answer_is_passed_on_once_and_then_deleted(house: House) -> None:
    house.write()
    assert house.answers() is Taken.PASSED_ON
    assert house.answers() is Taken.REPEATED
    assert forget(house) == 0, "it has not gone yet"
    house.deliver()
    [mail] = [mail for mail in house.mails_to_alice() if mail.subject == "Re: Please oppose reporting"]
    assert SAID in mail.text
    assert (mail.from_address, mail.from_name) == (MAIL_FROM, "Cllr Bob Sample (Solidarity Post)")
    assert (mail.reply_to, mail.reply_to_name) == (BOB, "Cllr Bob Sample")
    assert mail.headers["Auto-Submitted"] == "auto-generated"
    lines = mail.text.split("\n\n")
    assert lines[0].startswith("Cllr Bob Sample has answered your letter")
    assert any("they will see your e-mail address" in line for line in lines[: lines.index("– – – – –")])
    assert forget(house) == 1
    assert house.rows(RelayedMail) == []
    assert [row.answer for row in house.rows(Reply)] == [Answer.ANSWERED]
    assert house.counts() == {("bob-sample", Answer.ANSWERED): 1}


def test_an_answer_shows_that_the_letter_has_arrived(house: House) -> None:
    house.write()
    house.answers()
    by_name = {house.letter_to(address).id: address for address in (BOB, CARLA)}
    states = {by_name[row.id]: row.state for row in house.scene.deliveries(Purpose.LETTER)}
    assert states == {BOB: S.DELIVERED, CARLA: S.SENT}


def test_an_answer_waits_for_its_supporters_server(house: House) -> None:
    house.write()
    house.answers()
    house.deliver(Deferred("450 later"))
    assert forget(house) == 0
    house.clock.advance(timedelta(hours=1))
    house.deliver(Accepted("250 Ok"))
    assert house.states(Purpose.REPLY) == [S.SENT]
    assert forget(house) == 1


def test_an_answer_that_cannot_be_passed_on_is_not_kept_for_ever(house: House) -> None:
    house.write()
    house.answers()
    house.clock.advance(KEPT_AT_MOST)
    assert forget(house) == 1
    house.deliver()
    assert house.states(Purpose.REPLY) == [S.FAILED]


def test_nothing_of_an_answer_can_be_read_in_the_database(house: House) -> None:
    house.write()
    said = "Bartholomew fears the letter box."
    house.answers(said, From="Ottoline Secretariat <ottoline@zedmere.example>", Subject="Unguessable subject")
    heap = raw_bytes(house.scene.sessions.engine).lower()
    for secret in (said, "Bartholomew", "Ottoline", "Unguessable subject"):
        assert secret.lower().encode() not in heap
    house.deliver()
    assert said in house.mails_to_alice()[-1].text


def test_an_automatic_reply_is_counted_apart_and_only_the_first_is_passed_on(house: House) -> None:
    house.write()
    for number in range(3):
        away = f"I am away until day {number}."
        assert house.answers(away, Auto_Submitted="auto-replied", Subject="Automatic reply") is Taken.AUTOMATIC
    house.deliver()
    assert house.counts() == {("bob-sample", Answer.AUTOMATIC): 1}
    assert len(house.scene.deliveries(Purpose.REPLY)) == 1
    assert "Perhaps nobody has read your letter yet" in house.mails_to_alice()[-1].text
    assert house.answers() is Taken.PASSED_ON
    assert house.counts() == {("bob-sample", Answer.ANSWERED): 1}


def test_two_machines_do_not_write_to_each_other_for_ever(sqlite_house: House) -> None:
    house = sqlite_house
    house.write()
    taken = [house.answers(f"Number {number}") for number in range(MOST_OF_A_LETTER + 2)]
    assert taken == [Taken.PASSED_ON] * MOST_OF_A_LETTER + [Taken.TOO_MANY] * 2
    assert house.answers("From us", From=f"Us <{MAIL_FROM}>") is Taken.LOOP
    assert house.answers("From us", From=f"Us <{house.address_of(CARLA).upper()}>") is Taken.LOOP
    assert house.answers("Again", by=CARLA) is Taken.PASSED_ON


def test_mail_to_no_letter_is_passed_on_to_nobody(sqlite_house: House) -> None:
    house = sqlite_house
    house.write()
    local, _, domain = house.address_of().partition("@")
    forged = f"{local[:-1]}{'0' if local[-1] != '0' else '1'}@{domain}"
    assert house.take_in(answer(forged)) is Taken.UNKNOWN
    assert house.take_in(answer(REPLIES_TO)) is Taken.UNKNOWN
    assert house.take_in(b"") is Taken.UNKNOWN
    assert house.take_in(b"Content-Type: message/rfc822\r\n\r\n" * 3000) is Sorted.UNREADABLE
    assert house.take_in(answer(REPLIES_TO, "other words"), recipient=house.address_of().upper()) is Taken.PASSED_ON


def test_the_answer_to_somebody_who_has_gone_goes_to_nobody(sqlite_house: House) -> None:
    house = sqlite_house
    action_id = house.write()
    with house.scene.sessions.write() as session:
        session.get_one(Action, action_id).supporter.email = ""
    assert house.answers() is Taken.GONE
    assert house.rows(Reply) == []


@pytest.mark.parametrize("returned", ["message/rfc822", "text/plain"])
def test_a_bounce_that_comes_to_the_address_of_answers_is_one(house: House, returned: str) -> None:
    house.write()
    assert house.take_in(dsn(to=house.address_of(), returned=returned)) is Sorted.BOUNCE
    states = {row.id: row.state for row in house.scene.deliveries(Purpose.LETTER)}
    assert states[house.letter_to(BOB).id] is S.BOUNCED
    assert house.rows(Reply) == []


def test_an_answer_from_elsewhere_is_told_apart(sqlite_house: House) -> None:
    house = sqlite_house
    house.write()
    house.answers("Send me money", From="Cllr Bob Sample <bob@elsewhere.example>")
    house.answers("Hello", From="nobody")
    house.deliver()
    first, second = house.mails_to_alice()[-2:]
    assert "Careful: it did not come from the place that your letter went to." in first.text
    assert first.reply_to == "bob@elsewhere.example"
    assert "You cannot answer them" in second.text
    assert second.reply_to is None


def test_files_are_named_and_not_passed_on(sqlite_house: House) -> None:
    house = sqlite_house
    house.write()
    raw = (
        f"From: {BOB}\r\nTo: {house.address_of()}\r\nSubject: =?utf-8?q?R=C3=A9?=\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n'
        "<p>See the <b>file</b>.<script>steal()</script><img src=https://spy.example/1.gif></p>\r\n"
        '--b\r\nContent-Type: application/pdf; name="minutes.pdf"\r\nContent-Transfer-Encoding: base64\r\n'
        "Content-Disposition: attachment\r\n\r\n" + "QUJD" * 1000 + "\r\n--b--\r\n"
    ).encode()
    assert house.take_in(raw) is Taken.PASSED_ON
    house.deliver()
    mail = house.mails_to_alice()[-1]
    assert "See the file." in mail.text
    assert "- minutes.pdf (3 kB)" in mail.text
    assert mail.html is not None
    for trap in ("steal()", "spy.example", "QUJD"):
        assert trap not in mail.text + mail.html
    assert mail.subject == "Ré"
    assert mail.to_address == ALICE
