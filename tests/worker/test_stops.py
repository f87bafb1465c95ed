"""What becomes of mail under way when a worker is asked to stop, is killed, or is not alone."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.actions.models import Action, ActionState, Supporter
from app.doorbell.embedded import address
from app.doorbell.queue import connect
from app.queue.states import DeliveryState, Purpose
from app.targets.models import Target
from app.targets.overrides import override
from tests.mail.scripted_api import Say, Silence, errors
from tests.worker.conftest import GatedServer, MakeInstallation
from tests.worker.installation import Installation, listeners, lives, process_of, wait_until
from tests.worker.slow_server import SlowApi

TARGETS = 5
OFFICES = "@company.example"
SUPPORTERS = 40
"""Whose letters to twenty companies are more than one batch."""


@pytest.fixture
def slow(make_installation: MakeInstallation, sqlite_url: str, gated_smtp: GatedServer) -> Installation:
    """An installation with a campaign to five companies, whose SMTP server is slow when it is told to be."""
    installation = make_installation(sqlite_url, **gated_smtp.settings)
    installation.found_campaign(TARGETS)
    return installation


@pytest.mark.parametrize("begun_by", ["the sweep", "a ring"])
def test_a_stop_finishes_the_mail_in_hand_and_gives_the_rest_back(
    slow: Installation, gated_smtp: GatedServer, begun_by: str
) -> None:
    gated_smtp.free = 2
    url = address(slow.platform.config.instance_dir)
    if begun_by == "the sweep":
        slow.write_letters("Alice")
    with slow.worker() as worker:
        wait_until(lambda: listeners(url), "a listener")
        if begun_by == "a ring":
            slow.write_letters("Alice")
            slow.platform.doorbell.ring(1)
        wait_until(lambda: gated_smtp.waiting, "the third mail")
        with connect(url) as client:
            redis = process_of(client)
        worker.ask_to_stop()
        wait_until(lambda: begun_by == "a ring" or not lives(redis), "the worker to have heard the signal")
        gated_smtp.gate.set()
        assert worker.wait() == 0
        assert "Traceback" not in worker.log
    assert not lives(redis)
    assert slow.states(Purpose.THANK_YOU) == ["sent"], "notices go first"
    letters = slow.deliveries(Purpose.LETTER)
    assert [(letter.state, letter.attempts) for letter in letters] == [
        *[(DeliveryState.SENT, 1)] * 2,
        *[(DeliveryState.QUEUED, 0)] * 3,
    ]
    assert {letter.reason for letter in letters[2:]} == {"not_handed_over"}
    assert len(gated_smtp.received()) == 3


def test_a_killed_worker_leaves_the_letter_in_its_hands_in_doubt_and_no_other(
    slow: Installation, gated_smtp: GatedServer
) -> None:
    gated_smtp.free = 3
    slow.submit("Alice")
    slow.write_letters("Bob")
    with slow.worker() as worker:
        wait_until(lambda: gated_smtp.waiting, "the second letter")
        worker.kill()
    gated_smtp.gate.set()
    assert slow.states(Purpose.LETTER) == ["sending"] * TARGETS
    with slow.worker():
        wait_until(lambda: slow.states(Purpose.LETTER).count("sent") == TARGETS - 1, "all letters but one")
    assert slow.states(Purpose.LETTER) == ["sent", "uncertain", "sent", "sent", "sent"]
    assert slow.states(Purpose.THANK_YOU) == ["sent"]
    assert slow.states(Purpose.CONFIRMATION) == ["sent", "failed"], "Bob has confirmed before his mail went out"
    assert Counter(gated_smtp.received(OFFICES)).most_common(1)[0][1] == 1


def test_a_killed_worker_leaves_no_doubt_about_letters_that_sendgrid_gave_back(
    make_installation: MakeInstallation, sqlite_url: str
) -> None:
    whole_is_wrong = Say(400, errors((None, "Something is wrong with it")))
    with SlowApi([Say(), whole_is_wrong, Say(), Silence()], sessions=1) as api:
        installation = make_installation(sqlite_url, **api.settings)
        installation.found_campaign(TARGETS)
        installation.write_letters("Alice")
        with installation.worker() as worker:
            wait_until(lambda: len(api.requests) == 4, "the second letter on its own")
            worker.kill()
        with installation.worker():
            wait_until(lambda: installation.states(Purpose.LETTER).count("sent") == TARGETS - 1, "all letters but one")
        letters = [delivery.id for delivery in installation.deliveries(Purpose.LETTER)]
        assert installation.states(Purpose.LETTER) == ["sent", "uncertain", "sent", "sent", "sent"]
        assert api.told[1:4] == [letters, letters[:1], letters[1:2]]
        assert api.told[4:] == [letters[2:]]


def test_a_claim_of_a_living_worker_is_respected_by_another(slow: Installation, gated_smtp: GatedServer) -> None:
    slow.write_letters("Bob")
    with slow.worker():
        wait_until(lambda: gated_smtp.waiting, "the first mail")
        before = slow.states(Purpose.LETTER)
        assert slow.platform.dispatcher.sweep() == 0
        assert slow.states(Purpose.LETTER) == before == ["sending"] * TARGETS
        gated_smtp.gate.set()
        slow.wait_for(Purpose.LETTER, DeliveryState.SENT)


def test_two_workers_deliver_each_letter_once(
    make_installation: MakeInstallation, database_url: str, gated_smtp: GatedServer
) -> None:
    installation = make_installation(database_url, **gated_smtp.settings)
    installation.found_campaign(targets=20)
    installation.write_letters(*(f"Supporter{number}" for number in range(SUPPORTERS)))
    with installation.worker() as first, installation.worker() as second:
        wait_until(lambda: len({id(session) for session in gated_smtp.waiting}) == 2, "both to be at it")
        gated_smtp.gate.set()
        installation.wait_for(Purpose.LETTER, DeliveryState.SENT)
        installation.wait_for(Purpose.THANK_YOU, DeliveryState.SENT)
        assert first.stop() == 0
        assert second.stop() == 0
    assert Counter(gated_smtp.received(OFFICES)).most_common(1)[0][1] == 1
    assert len(gated_smtp.received(OFFICES)) == SUPPORTERS * 20
    assert {delivery.attempts for delivery in installation.deliveries(Purpose.LETTER)} == {1}
    assert sorted(gated_smtp.received("@supporter.example")) == sorted(set(gated_smtp.received("@supporter.example")))


def test_housekeeping_forgets_what_nobody_confirmed(installation: Installation) -> None:
    installation.submit("Alice", ago=timedelta(days=8))
    installation.submit("Bob")
    sessions = installation.platform.sessions

    def states() -> list[ActionState]:
        with sessions.read() as session:
            return list(session.scalars(select(Action.state).order_by(Action.id)))

    with installation.worker():
        wait_until(lambda: states() == [ActionState.EXPIRED, ActionState.PENDING], "Alice's letter to expire")
    with sessions.read() as session:
        assert [supporter.name for supporter in session.scalars(select(Supporter).order_by(Supporter.id))] == [
            "",
            "Bob",
        ]


def test_an_override_whose_time_has_passed_ends_by_itself(installation: Installation) -> None:
    platform = installation.platform
    now = platform.clock()
    with platform.sessions.write() as session:
        target = session.scalars(select(Target)).one()
        override(
            session,
            target,
            "salutation",
            "Dear all",
            why="they asked for it",
            by="Dana",
            now=now - timedelta(days=2),
            expires_at=now - timedelta(days=1),
        )

    def salutation() -> str:
        with platform.sessions.read() as session:
            return session.scalars(select(Target.salutation)).one()

    said = salutation()
    assert said == "Dear all"
    with installation.worker() as worker:
        wait_until(lambda: salutation() != said, "what the source says to come back")
        worker.wait_for_log('event="overrides ended" number=1')


def test_overrides_that_cannot_be_ended_do_not_stop_the_mail(
    make_installation: MakeInstallation, sqlite_url: str
) -> None:
    installation = make_installation(sqlite_url, SWEEP_SECONDS="1")
    installation.found_campaign()
    with installation.platform.sessions.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE target_override")
    with installation.worker() as worker:
        worker.wait_for_log('event="round failed" work=overrides')
        installation.write_letters("Alice")
        installation.wait_for(Purpose.LETTER, DeliveryState.SENT)
