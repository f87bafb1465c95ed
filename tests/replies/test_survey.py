"""Asking who has answered: when, whom, once; and what is told then."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.actions.models import Action, Letter
from app.campaigns.models import Campaign, CampaignKind, CampaignState
from app.db import Sessions
from app.mail.transport import Refused
from app.queue.states import DeliveryState, Purpose
from app.replies.models import Answer, Reply, ReplyKind
from app.replies.retention import NOTES_KEPT, forget_notes
from app.replies.standing import differences
from app.replies.survey import LATEST, ask_due, is_due
from app.replies.telling import Told, ask_no_more, reached_letters, tell
from tests.replies.conftest import CARLA, House
from tests.support.builders import ALICE, BOB
from tests.support.dumps import raw_bytes

WAIT = timedelta(days=14)
S = DeliveryState


def ask(house: House, *, after: timedelta = WAIT) -> int:
    """Some time later, ask whoever is due; how many mails are on their way or gone."""
    house.clock.advance(after)
    with house.scene.sessions.write() as session:
        if is_due(session, house.clock.now, WAIT):
            ask_due(session, house.clock.now, WAIT)
    house.deliver()
    return len(house.scene.deliveries(Purpose.REPLY_SURVEY))


def told(house: House, action_id: int, *answers: Answer, **more: object) -> None:
    """The supporter tells of their letters, in order."""
    with house.scene.sessions.write() as session:
        letters = reached_letters(session, action_id)
        rows = [Told(letter.id, answer, **more) for letter, answer in zip(letters, answers, strict=False)]  # type: ignore[arg-type]
        tell(session, action_id, rows, house.clock.now)


def test_everybody_is_asked_once_when_their_letters_have_been_there_for_a_while(house: House) -> None:
    house.write()
    house.write(BOB, name="Bob Brown")
    assert ask(house, after=WAIT - timedelta(hours=1)) == 0
    assert ask(house, after=timedelta(hours=1)) == 2
    assert ask(house, after=timedelta(days=1)) == 2
    mail = house.transport.to(ALICE)[-1]
    assert mail.text.startswith("Has anybody answered your letter to Cllr Bob Sample and Cllr Carla Verde?")
    assert "https://letters.example.org/answers/" in mail.text
    assert mail.headers["List-Unsubscribe"].startswith("<https://letters.example.org/answers/")
    assert mail.headers["Auto-Submitted"] == "auto-generated"
    assert house.counts() == {}


def test_letters_that_left_late_are_asked_about_late(house: House) -> None:
    house.scene.confirmed()
    house.clock.advance(timedelta(days=10))
    house.deliver()
    assert ask(house, after=timedelta(days=4)) == 0
    assert ask(house, after=timedelta(days=10)) == 1


def test_letters_that_wait_are_looked_at_again(sqlite_house: House) -> None:
    house = sqlite_house
    house.scene.confirmed()
    house.scene.move_campaign(CampaignState.PAUSED)
    assert ask(house) == 0
    house.scene.move_campaign(CampaignState.LIVE)
    house.deliver()
    assert ask(house, after=timedelta(days=1)) == 0
    assert ask(house, after=WAIT) == 1


def test_nobody_is_asked_about_letters_that_did_not_arrive(sqlite_house: House) -> None:
    house = sqlite_house
    house.scene.confirmed()
    house.deliver(Refused("550 no"))
    assert ask(house) == 0
    with house.scene.sessions.read() as session:
        assert session.scalars(select(Action.ask_at)).all() == [None]


def test_who_has_joined_wrote_to_nobody_who_answers(sqlite_house: House) -> None:
    house = sqlite_house
    house.write()
    with house.scene.sessions.write() as session:
        session.get_one(Campaign, house.scene.campaign_id).kind = CampaignKind.PLEDGE
    assert ask(house) == 0


def test_what_was_switched_off_for_long_asks_nobody_about_long_ago(sqlite_house: House) -> None:
    house = sqlite_house
    house.write()
    assert ask(house, after=WAIT + LATEST) == 0
    house.write(BOB, now=house.clock.now)
    assert ask(house) == 1


def test_who_knows_all_answers_is_not_asked(house: House) -> None:
    house.write()
    house.answers()
    house.answers(by=CARLA)
    assert ask(house) == 0


def test_those_who_have_not_answered_are_named(house: House) -> None:
    house.write()
    house.answers()
    assert ask(house) == 1
    assert house.transport.to(ALICE)[-1].text.startswith("Has anybody answered your letter to Cllr Carla Verde?")


@pytest.mark.parametrize("queued", [False, True])
def test_who_does_not_want_to_be_asked_is_not(house: House, *, queued: bool) -> None:
    action_id = house.write()
    house.clock.advance(WAIT)
    with house.scene.sessions.write() as session:
        if queued:
            ask_due(session, house.clock.now, WAIT)
        ask_no_more(session, session.get_one(Action, action_id).supporter_id, house.clock.now)
        ask_due(session, house.clock.now, WAIT)
    house.deliver()
    assert house.states(Purpose.REPLY_SURVEY) == ([S.CANCELLED] if queued else [])


def test_a_batch_that_breaks_off_asks_nobody_and_is_made_again(house: House) -> None:
    house.write()
    house.clock.advance(WAIT)

    def broken() -> None:
        with house.scene.sessions.write() as session:
            assert ask_due(session, house.clock.now, WAIT) == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert house.states(Purpose.REPLY_SURVEY) == []
    assert ask(house, after=timedelta()) == 1


def test_two_workers_at_once_ask_once(house: House) -> None:
    for number in range(8):
        house.write(f"person{number}@supporter.example")
    house.clock.advance(WAIT)
    now = house.clock.now

    def work(sessions: Sessions) -> None:
        with sessions.write() as session:
            ask_due(session, now, WAIT)

    workers = [threading.Thread(target=work, args=(house.scene.sessions,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    asked = [delivery.action_id for delivery in house.scene.deliveries(Purpose.REPLY_SURVEY)]
    assert len(asked) == len(set(asked)) == 8


def test_what_is_told_is_counted_and_can_be_changed(house: House) -> None:
    action_id = house.write()
    told(house, action_id, Answer.ANSWERED, Answer.NONE, helpful=True, note="They were kind.")
    assert house.counts() == {("bob-sample", Answer.ANSWERED): 1, ("carla-verde", Answer.NONE): 1}
    told(house, action_id, Answer.AUTOMATIC, helpful=True)
    assert house.counts() == {("bob-sample", Answer.AUTOMATIC): 1, ("carla-verde", Answer.NONE): 1}
    rows = {(row.kind, row.answer, row.helpful, row.note) for row in house.rows(Reply)}  # type: ignore[attr-defined]
    assert rows == {
        (ReplyKind.TOLD, Answer.AUTOMATIC, None, None),
        (ReplyKind.TOLD, Answer.NONE, None, "They were kind."),
    }


def test_what_we_know_outweighs_what_is_told(house: House) -> None:
    action_id = house.write()
    house.answers()
    told(house, action_id, Answer.NONE)
    assert house.counts() == {("bob-sample", Answer.ANSWERED): 1}


def test_nobody_tells_of_other_peoples_letters(sqlite_house: House) -> None:
    house = sqlite_house
    house.write()
    other = house.write(BOB)
    with house.scene.sessions.write() as session:
        alices = session.scalars(select(Letter.id).where(Letter.action_id != other)).all()
        tell(session, other, [Told(letter_id, Answer.ANSWERED) for letter_id in alices], house.clock.now)
    assert house.rows(Reply) == []


def test_notes_cannot_be_read_in_the_database_and_are_erased_after_a_year(house: House) -> None:
    action_id = house.write()
    told(house, action_id, Answer.ANSWERED, note="Bartholomew was kind.")
    assert b"bartholomew" not in raw_bytes(house.scene.sessions.engine).lower()
    for passed, note in ((NOTES_KEPT - timedelta(days=1), "Bartholomew was kind."), (NOTES_KEPT, None)):
        with house.scene.sessions.write() as session:
            forget_notes(session, house.clock.now + passed)
        assert [row.note for row in house.rows(Reply)] == [note]  # type: ignore[attr-defined]
    assert house.counts() == {("bob-sample", Answer.ANSWERED): 1}


def test_a_counter_that_is_wrong_is_named(sqlite_house: House) -> None:
    house = sqlite_house
    action_id = house.write()
    told(house, action_id, Answer.ANSWERED)
    with house.scene.sessions.write() as session:
        session.scalars(select(Reply)).one().answer = Answer.NONE
    with house.scene.sessions.read() as session:
        lines = list(differences(session))
    assert len(lines) == 2
    assert any("answered: the counter says 1, there are 0" in line for line in lines)
