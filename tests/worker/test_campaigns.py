"""Campaigns while workers run: a pause by staff bites, times are kept, checks are made, and wins survive a death."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.campaigns.models import Campaign, CampaignState
from app.queue.models import Delivery
from app.queue.states import DeliveryState, Purpose
from app.roles import Role
from app.running.approvals import Approvals
from app.running.checks import ask_for_check, last_check
from app.running.endings import last_ending
from app.running.models import Check, CheckState
from app.running.moves import Conductor
from app.staff.models import MemberState, StaffMember
from app.staff.people import Newcomer, Personnel, Position
from tests.support.services import running as listening
from tests.worker.conftest import MakeInstallation
from tests.worker.installation import Installation, wait_until
from tests.worker.slow_server import SlowServer

BITES_SECONDS = 2.0
TARGETS = 40
PEOPLE = 520


@pytest.fixture
def slow_smtp() -> Iterator[SlowServer]:
    """A server that takes 50 ms for each answer."""
    server = SlowServer(seconds=0.05)
    with listening(server):
        yield server


def ada(installation: Installation) -> int:
    """An organiser; her id."""
    platform = installation.platform
    with platform.sessions.write() as session:
        personnel = Personnel(session, platform.config.field_keys, None, platform.clock())
        newcomer = Newcomer("ada@staff.example", "Ada", "en", Position(Role.ORGANISER))
        member, _delivery = personnel.invite(newcomer)
        member.state = MemberState.ACTIVE
        return member.id


def campaign_of(installation: Installation) -> Campaign:
    with installation.platform.sessions.read() as session:
        return session.scalars(select(Campaign)).one()


def letters(installation: Installation) -> Counter[DeliveryState]:
    return Counter(delivery.state for delivery in installation.deliveries(Purpose.LETTER))


def test_a_pause_by_staff_bites_within_two_seconds(
    make_installation: MakeInstallation, sqlite_url: str, slow_smtp: SlowServer
) -> None:
    installation = make_installation(sqlite_url, **slow_smtp.settings)
    installation.found_campaign(TARGETS, domains=("company.example", "landlord.example"))
    installation.write_letters("Alice", "Bob", "Charlie", "Dora")
    actor = ada(installation)

    def move(verb: str) -> None:
        with installation.platform.sessions.write() as session:
            campaign = session.scalars(select(Campaign)).one()
            approvals = Approvals(session, 1000, installation.platform.clock())
            getattr(Conductor(session, campaign, actor, approvals), verb)()

    def arrived() -> list[float]:
        mine = {delivery.id for delivery in installation.deliveries(Purpose.LETTER)}
        return [arrival.at for arrival in slow_smtp.arrivals if arrival.delivery_id in mine]

    with installation.worker():
        wait_until(arrived, "the first letters")
        move("pause")
        paused_at = time.monotonic()
        wait_until(lambda: time.monotonic() > paused_at + BITES_SECONDS, "two seconds")
        slow_smtp.hurry()
        wait_until(lambda: not letters(installation)[DeliveryState.SENDING], "the batch's end")
        assert max(arrived()) < paused_at + BITES_SECONDS
        assert letters(installation)[DeliveryState.QUEUED] > TARGETS
        move("go_on")
        installation.platform.doorbell.ring(0)
        installation.wait_for(Purpose.LETTER, DeliveryState.SENT)
    assert set(Counter(arrival.delivery_id for arrival in slow_smtp.arrivals).values()) == {1}


def test_a_worker_opens_a_campaign_at_its_time_and_makes_the_check_that_was_asked_for(
    make_installation: MakeInstallation, sqlite_url: str
) -> None:
    installation = make_installation(sqlite_url, SWEEP_SECONDS="1")
    installation.found_campaign(3)
    actor, platform = ada(installation), installation.platform
    with platform.sessions.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        campaign.state, campaign.opens_at = CampaignState.SCHEDULED, platform.clock() + timedelta(seconds=3)
        ask_for_check(session, campaign.id, actor, platform.clock())

    def check() -> Check:
        with platform.sessions.read() as session:
            found = last_check(session, session.scalars(select(Campaign)).one())
        assert found is not None
        return found

    with installation.worker() as worker:
        wait_until(lambda: check().state is CheckState.DONE, "the check")
        wait_until(lambda: campaign_of(installation).state is CampaignState.LIVE, "the opening")
        assert platform.clock() >= (campaign_of(installation).opens_at or platform.clock())
        assert worker.stop() == 0
    assert (check().report or {})["letters"] == 3


def test_a_win_is_told_once_each_though_workers_are_killed(
    make_installation: MakeInstallation, sqlite_url: str
) -> None:
    limits = {"LIMIT_NETWORK_PER_HOUR": str(2 * PEOPLE), "LIMIT_UNCONFIRMED_PER_HOUR": str(2 * PEOPLE)}
    installation = make_installation(sqlite_url, SWEEP_SECONDS="1", **limits)
    installation.found_campaign(1)
    actor, platform = ada(installation), installation.platform
    installation.write_letters(*(f"person{number}" for number in range(PEOPLE)))
    with platform.sessions.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        approvals = Approvals(session, 1000, platform.clock())
        Conductor(session, campaign, actor, approvals).win({"en": "They gave in."}, sends=False, tells=True)

    def told() -> Counter[int | None]:
        with platform.sessions.read() as session:
            wanted = select(Delivery.action_id).where(Delivery.purpose == Purpose.WON)
            return Counter(session.scalars(wanted))

    def is_done() -> bool:
        with platform.sessions.read() as session:
            ending = last_ending(session, campaign_of(installation).id)
        return ending is not None and ending.finished_at is not None

    with installation.worker() as worker:
        wait_until(told, "the first batch")
        worker.kill()
    with installation.worker():
        wait_until(is_done, "the end")
        installation.wait_for(Purpose.WON, DeliveryState.SENT)
    assert (len(told()), set(told().values())) == (PEOPLE, {1})
    assert letters(installation) == {DeliveryState.CANCELLED: PEOPLE}
    with platform.sessions.read() as session:
        assert session.scalars(select(StaffMember)).one().id == actor
