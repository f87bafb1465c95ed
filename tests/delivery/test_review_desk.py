"""Letters that are held until a person has read them, from the confirmation to the decision, on each database."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.actions.confirm import confirm_action
from app.actions.models import Action, ActionState, Consent
from app.actions.retention import expire_actions
from app.actions.review import forget_alike, forget_review_notes
from app.actions.review_models import AlikeText, Review, ReviewState
from app.campaigns.models import Campaign, CampaignKind, CampaignState
from app.db import Sessions
from app.delivery.desk import NotToBeReleasedError, cancel, release
from app.delivery.ledger import differences
from app.delivery.review_desk import (
    CampaignOverError,
    DecidedError,
    number_alike,
    number_waiting,
    read,
    reject,
    release_review,
    send_back,
    waiting,
)
from app.letters.review import MOST_ALIKE, Rule
from app.queue.states import DeliveryState, EventSource, Purpose
from tests.delivery.conftest import Office
from tests.support.builders import ALICE, BOB, CONFIRM_WITHIN, make_scene, with_segment
from tests.support.dumps import raw_bytes
from tests.support.fakes import FakeClock, FakeTransport

S, LETTER = DeliveryState, Purpose.LETTER
RUDE = "You are bastards, all of you."
NOTE = "Please leave the insult out: councillors stop reading there. Quirina from the office."
SHARED = "My union asked me to write to you because our members queue for hours every second week of the year."


def ledger_of(office: Office) -> list[str]:
    with office.scene.sessions.read() as session:
        return list(differences(session))


def the_review(office: Office) -> Review:
    with office.scene.sessions.read() as session:
        found = read(session, session.scalars(select(Review.id).order_by(Review.id.desc())).first() or 0)
    assert found is not None
    return found


def held(office: Office, **told: str) -> int:
    """A letter of Alice's that waits for a person; its action."""
    action_id = office.scene.confirmed(ALICE, own_words=RUDE, **told)
    assert {letter.state for letter in office.scene.deliveries(LETTER, action_id=action_id)} == {S.HELD}
    return action_id


def state_of(office: Office, action_id: int) -> ActionState:
    with office.scene.sessions.read() as session:
        return session.get_one(Action, action_id).state


def sent_back(office: Office) -> int:
    """The action that a letter of Alice's was sent back as."""
    held(office)
    with office.scene.sessions.write() as session:
        send_back(session, the_review_in(session), NOTE, CONFIRM_WITHIN, office.clock())
    number = the_review(office).next_action_id
    assert number is not None
    return number


def the_review_in(session: object) -> Review:
    found = read(session, session.scalars(select(Review.id).order_by(Review.id.desc())).first())  # type: ignore[arg-type, attr-defined]
    assert found is not None
    return found


def test_a_letter_that_trips_no_rule_is_not_held(office: Office) -> None:
    office.scene.confirmed(own_words="My neighbour fears the letter box.")
    assert office.scene.states(LETTER) == [S.QUEUED] * 2
    with office.scene.sessions.read() as session:
        assert number_waiting(session) == 0


def test_a_rude_letter_waits_for_a_person_and_its_thanks_do_not(office: Office) -> None:
    action_id = held(office)
    letter = office.scene.deliveries(LETTER)[0]
    assert letter.reason == "review"
    assert [(event.source, event.to_state, event.detail) for event in office.scene.story(letter.id)] == [
        (EventSource.SYSTEM, S.QUEUED, ""),
        (EventSource.SYSTEM, S.HELD, "abuse"),
    ]
    office.deliver()
    assert office.scene.states(LETTER) == [S.HELD] * 2
    assert office.only(Purpose.THANK_YOU).state is S.SENT
    with office.scene.sessions.read() as session:
        [one] = waiting(session, limit=10)
        assert (one.campaign_id, one.rules, one.opened_at) == (office.scene.campaign_id, [Rule.ABUSE], office.clock())
        assert waiting(session, after=one.id, limit=10) == []
        assert number_waiting(session) == 1
    assert state_of(office, action_id) is ActionState.CONFIRMED
    assert ledger_of(office) == []


def test_who_joins_a_pledge_is_not_read_first(office: Office) -> None:
    with office.scene.sessions.write() as session:
        session.get_one(Campaign, office.scene.campaign_id).kind = CampaignKind.PLEDGE
    office.scene.confirmed(own_words=RUDE)
    assert office.scene.states(LETTER) == [S.QUEUED] * 2


def test_what_is_released_goes_out(office: Office) -> None:
    held(office)
    with office.scene.sessions.write() as session:
        assert len(release_review(session, the_review_in(session), office.clock())) == 2
        assert number_waiting(session) == 0
    office.deliver()
    assert office.scene.states(LETTER) == [S.SENT] * 2
    assert ledger_of(office) == []


def test_it_is_decided_once(office: Office) -> None:
    held(office)
    seen = the_review(office)
    with office.scene.sessions.write() as session:
        reject(session, the_review_in(session), NOTE, office.clock())
    for decide in (
        lambda session, review: release_review(session, review, office.clock()),
        lambda session, review: send_back(session, review, NOTE, CONFIRM_WITHIN, office.clock()),
        lambda session, review: reject(session, review, NOTE, office.clock()),
    ):
        with pytest.raises(DecidedError), office.scene.sessions.write() as session:
            decide(session, read(session, seen.id))
    assert office.scene.states(LETTER) == [S.CANCELLED] * 2
    assert ledger_of(office) == []


def test_a_rejected_letter_ends_and_its_writer_is_told_why(office: Office) -> None:
    action_id = held(office)
    office.deliver()
    with office.scene.sessions.write() as session:
        reject(session, the_review_in(session), NOTE, office.clock())
    office.deliver()
    assert [letter.reason for letter in office.scene.deliveries(LETTER)] == ["rejected"] * 2
    assert state_of(office, action_id) is ActionState.WITHDRAWN
    assert office.scene.count() == 0
    mail = office.transport.messages[-1]
    assert (mail.to_address, office.only(Purpose.REJECTED).state) == (ALICE, S.SENT)
    assert NOTE in mail.text
    assert "/letters/" in mail.text
    assert mail.text.startswith("Your letter to Cllr Bob Sample and Cllr Carla Verde was not sent")
    assert ledger_of(office) == []


def test_a_letter_that_is_sent_back_goes_to_all_whom_it_named_with_the_same_words(
    sessions: Sessions, now: datetime, tmp_path: Path
) -> None:
    scene = make_scene(sessions, now, **with_segment(now, "supportive", "dan-moss"))
    office = Office(scene, FakeTransport(), FakeClock(now), tmp_path / "journal")
    for external_id in ("bob-sample", "carla-verde"):
        scene.change_target(external_id, email="members@zedmere.example")
    scene.change_target("dan-moss", area_id=scene.area_id("Canalside"))
    held(office)
    with scene.sessions.write() as session:
        send_back(session, the_review_in(session), NOTE, CONFIRM_WITHIN, now)
    with scene.sessions.read() as session:
        again = session.get_one(Action, the_review(office).next_action_id)
        shown = {choice.target.external_id: choice.part for choice in again.choices}
        assert shown == {"bob-sample": None, "carla-verde": None, "dan-moss": again.parts[0]}


def test_a_letter_that_is_sent_back_is_all_there_to_be_changed(office: Office) -> None:
    first = held(office, subject="My subject", body=None)
    with office.scene.sessions.write() as session:
        session.get_one(Action, first).protected = True
        send_back(session, the_review_in(session), NOTE, CONFIRM_WITHIN, office.clock())
    review = the_review(office)
    with office.scene.sessions.read() as session:
        again, old = session.get_one(Action, review.next_action_id), session.get_one(Action, first)
        assert (again.state, old.state) == (ActionState.PENDING, ActionState.WITHDRAWN)
        assert (again.own_words, again.subject, again.body) == (RUDE, "My subject", None)
        assert (again.name, again.postcode, again.supporter_id) == (old.name, old.postcode, old.supporter_id)
        assert (again.protected, again.ask_at, again.confirmed_at) == (True, None, None)
        assert [choice.target_id for choice in again.choices] == [letter.target_id for letter in old.letters]
        assert again.expires_at == office.clock() + CONFIRM_WITHIN
        assert session.scalars(select(Consent.given).where(Consent.action_id == again.id)).one() is False
    assert office.scene.count() == 0
    office.deliver()
    mail = office.transport.messages[-1]
    assert mail.text.startswith("Your letter to Cllr Bob Sample and Cllr Carla Verde has not been sent yet.")
    assert NOTE in mail.text
    assert "/confirm/" in mail.text
    assert ledger_of(office) == []


def test_it_is_changed_confirmed_again_and_goes(office: Office) -> None:
    again = sent_back(office)
    with office.scene.sessions.write() as session:
        session.get_one(Action, again).own_words = "Please listen to us."
    office.scene.confirm(again)
    assert [letter.state for letter in office.scene.deliveries(LETTER, action_id=again)] == [S.QUEUED] * 2
    office.deliver()
    assert office.scene.count() == 1
    assert ledger_of(office) == []


def test_confirmed_again_as_it_was_it_is_held_again(office: Office) -> None:
    again = sent_back(office)
    office.scene.confirm(again)
    assert [letter.state for letter in office.scene.deliveries(LETTER, action_id=again)] == [S.HELD] * 2
    with office.scene.sessions.read() as session:
        assert number_waiting(session) == 1
    assert ledger_of(office) == []


def test_a_letter_that_nobody_takes_up_again_expires_like_any_other(office: Office) -> None:
    again = sent_back(office)
    assert the_review(office).note == NOTE
    with office.scene.sessions.write() as session:
        assert expire_actions(session, office.clock() + CONFIRM_WITHIN) == 1
    assert state_of(office, again) is ActionState.EXPIRED
    assert the_review(office).note is None, "what it says of the letter goes with the letter"


def test_when_the_campaign_is_over_nothing_is_sent_back(office: Office) -> None:
    held(office)
    office.scene.move_campaign(CampaignState.CLOSED)
    with pytest.raises(CampaignOverError), office.scene.sessions.write() as session:
        send_back(session, the_review_in(session), NOTE, CONFIRM_WITHIN, office.clock())
    assert office.scene.states(LETTER) == [S.HELD] * 2


def test_a_letter_that_its_writer_withdraws_needs_no_decision(office: Office) -> None:
    action_id = held(office)
    office.scene.withdraw(action_id)
    assert the_review(office).state is ReviewState.WITHDRAWN
    with pytest.raises(DecidedError), office.scene.sessions.write() as session:
        release_review(session, the_review_in(session), office.clock())


def test_nobody_releases_what_nobody_has_read(office: Office) -> None:
    held(office)
    ids = [letter.id for letter in office.scene.deliveries(LETTER)]
    with (
        pytest.raises(NotToBeReleasedError, match="/organise/letters/review"),
        office.scene.sessions.write() as session,
    ):
        release(session, ids, "in a hurry", office.clock())
    with office.scene.sessions.write() as session:
        cancel(session, ids, "no", office.clock())
        assert number_waiting(session) == 0
        assert waiting(session, limit=10) == []


def say_the_same(office: Office, number: int, text: str = SHARED) -> list[int]:
    return [office.scene.confirmed(f"{n}@{len(text)}.supporter.example", own_words=text) for n in range(number)]


def test_the_same_words_of_many_are_read_once(office: Office) -> None:
    say_the_same(office, MOST_ALIKE)
    assert set(office.scene.states(LETTER)) == {S.QUEUED}
    more = say_the_same(office, 3, SHARED.upper() + "!")
    assert {one.state for number in more for one in office.scene.deliveries(LETTER, action_id=number)} == {S.HELD}
    with office.scene.sessions.write() as session:
        review = the_review_in(session)
        assert (review.rules, number_alike(session, review)) == ("alike", 2)
        assert len(release_review(session, review, office.clock(), alike=True)) == 6
        assert number_waiting(session) == 0
    office.scene.confirmed(BOB, own_words=SHARED)
    assert set(office.scene.states(LETTER)) == {S.QUEUED}, "the words are trusted now"
    assert ledger_of(office) == []


def test_who_says_more_than_the_others_is_read_alone(office: Office) -> None:
    say_the_same(office, MOST_ALIKE)
    office.scene.confirmed("extra@supporter.example", own_words=SHARED, subject="You bastards")
    say_the_same(office, 1, SHARED + ".")
    with office.scene.sessions.write() as session:
        review = the_review_in(session)
        release_review(session, review, office.clock(), alike=True)
        [left] = waiting(session, limit=10)
    assert left.rules == [Rule.ABUSE, Rule.ALIKE]


def test_texts_that_nobody_sends_any_more_are_forgotten(office: Office) -> None:
    office.scene.confirmed(own_words=SHARED)
    with office.scene.sessions.write() as session:
        forget_alike(session, office.clock() + timedelta(days=29))
        assert session.scalars(select(AlikeText.count)).all() == [1]
        forget_alike(session, office.clock() + timedelta(days=31))
        assert session.scalars(select(AlikeText.count)).all() == []


def test_what_a_person_said_of_a_letter_is_forgotten_after_a_year(office: Office) -> None:
    held(office)
    with office.scene.sessions.write() as session:
        reject(session, the_review_in(session), NOTE, office.clock())
    for days, forgotten, note in ((364, 0, NOTE), (365, 1, None), (366, 0, None)):
        with office.scene.sessions.write() as session:
            assert forget_review_notes(session, office.clock() + timedelta(days=days)) == forgotten
        assert the_review(office).note == note
    assert the_review(office).state is ReviewState.REJECTED, "that it was decided stays known"


def test_what_a_person_says_of_a_letter_is_not_readable_at_rest(office: Office) -> None:
    sent_back(office)
    assert b"Quirina" not in raw_bytes(office.scene.sessions.engine)
    assert the_review(office).note == NOTE


def test_two_presses_confirm_and_hold_once(office: Office) -> None:
    action_id = office.scene.pending(ALICE, own_words=RUDE)
    for _press in range(2):
        with office.scene.sessions.write() as session:
            confirm_action(session, office.scene.gate, session.get_one(Action, action_id), office.clock())
    with office.scene.sessions.read() as session:
        assert len(session.scalars(select(Review)).all()) == 1
