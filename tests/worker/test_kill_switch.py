"""The kill switch while real workers run: what is paused stops within two seconds, waits, and goes on exactly once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import pytest
from sqlalchemy import Row, select, update

from app.actions.models import Letter
from app.campaigns.models import Campaign
from app.queue.models import Delivery, Lane
from app.queue.states import DeliveryState, Purpose
from app.targets.models import Target
from tests.cli.conftest import Run, running
from tests.support.services import running as listening
from tests.worker.conftest import MakeInstallation
from tests.worker.installation import SLUG, Installation, wait_until
from tests.worker.slow_server import Arrival, Receiver, SlowApi, SlowServer

BITES_SECONDS = 2.0
OTHER = "dry-homes"
DOMAINS = ("company.example", "landlord.example")
TARGETS = 40
WHY = ("--why", "they rang")

Place = Row[int, Purpose, str, str, str | None]
"""A delivery's id, purpose, campaign, lane and target."""


@dataclass(frozen=True)
class Scope:
    """Something that can be paused, and what belongs to it."""

    options: tuple[str, ...]
    holds: Callable[[Place], bool]


def _is_letter(place: Place) -> bool:
    return place.purpose is Purpose.LETTER


SCOPES = {
    "everything": Scope(("--everything",), lambda _place: True),
    "letters": Scope(("--letters",), _is_letter),
    "campaign": Scope(("--campaign", SLUG), lambda place: _is_letter(place) and place.slug == SLUG),
    "lane": Scope(("--lane", DOMAINS[1]), lambda place: place.lane == DOMAINS[1]),
    "target": Scope(("--target", "landlords", "company-1"), lambda place: place.target == "company-1"),
}
NARROW = {"campaign", "lane", "target"}


@dataclass(frozen=True)
class House:
    """An installation whose two campaigns write to companies at two domains, and the receiver of its mail."""

    installation: Installation
    receiver: Receiver

    @cached_property
    def run(self) -> Run:
        """Run a `flask` command."""
        return running(self.installation.platform)

    def says(self, *arguments: str) -> list[str]:
        """The lines that a command of `flask deliveries` prints."""
        result = self.run("deliveries", *arguments)
        assert result.exit_code == 0, result.output
        return result.output.splitlines()

    def write(self, *names: str) -> None:
        """Supporters write to every company, in turn in one campaign and the other."""
        for number, name in enumerate(names):
            self.installation.write_letters(name, campaign=(SLUG, OTHER)[number % 2])

    def places(self) -> list[Place]:
        wanted = (
            select(
                Delivery.id, Delivery.purpose, Campaign.slug, Lane.key.label("lane"), Target.external_id.label("target")
            )
            .join(Campaign, Campaign.id == Delivery.campaign_id)
            .join(Lane, Lane.id == Delivery.lane_id)
            .outerjoin(Letter, Letter.id == Delivery.id)
            .outerjoin(Target, Target.id == Letter.target_id)
        )
        with self.installation.platform.sessions.read() as session:
            return list(session.execute(wanted))

    def ids(self, scope: Scope) -> set[int]:
        """The deliveries that belong to the scope now."""
        return {place.id for place in self.places() if scope.holds(place)}

    def arrivals(self, ids: set[int]) -> list[Arrival]:
        return [arrival for arrival in self.receiver.arrivals if arrival.delivery_id in ids]

    def states(self, ids: set[int]) -> Counter[DeliveryState]:
        with self.installation.platform.sessions.read() as session:
            rows = session.execute(select(Delivery.id, Delivery.state)).all()
        return Counter(row.state for row in rows if row.id in ids)

    def letters(self) -> set[int]:
        return {place.id for place in self.places() if _is_letter(place)}


@pytest.fixture
def slow_smtp() -> Iterator[SlowServer]:
    """A server that takes 50 ms for each answer."""
    server = SlowServer(seconds=0.05)
    with listening(server):
        yield server
        server.at_recipients.clear()
        server.at_mails.clear()


def found(make_installation: MakeInstallation, url: str, receiver: Receiver) -> House:
    installation = make_installation(url, **receiver.settings)
    installation.found_campaign(TARGETS, slugs=(SLUG, OTHER), domains=DOMAINS)
    return House(installation, receiver)


def pause_bites(house: House, scope: Scope, *, narrow: bool) -> None:
    """While letters leave, what is paused stops in time, waits with what is written meanwhile, and goes on once."""
    house.write("Alice", "Bob", "Charlie", "Dora", "Emil", "Fatima")
    with house.installation.worker():
        wait_until(lambda: house.arrivals(house.ids(scope) & house.letters()), "the first letters")
        house.says("pause", *scope.options, *WHY)
        paused_at = time.monotonic()
        house.write("Grace", "Hana")
        mine = house.ids(scope)
        others = house.letters() - mine
        wait_until(lambda: time.monotonic() > paused_at + BITES_SECONDS, "two seconds")
        assert not narrow or any(arrival.at > paused_at for arrival in house.arrivals(others)), "others go on"
        house.receiver.hurry()
        wait_until(lambda: not house.states(house.letters())[DeliveryState.SENDING], "the batch's end")
        wait_until(lambda: set(house.states(others)) <= {DeliveryState.SENT}, "all the others")
        assert max(arrival.at for arrival in house.arrivals(mine)) < paused_at + BITES_SECONDS
        waiting = house.states(mine)
        assert waiting[DeliveryState.QUEUED] + waiting[DeliveryState.HELD] >= (4 if narrow else 2 * TARGETS)
        house.says("resume", *scope.options)
        house.installation.wait_for(Purpose.LETTER, DeliveryState.SENT)
    came = Counter(arrival.delivery_id for arrival in house.receiver.arrivals)
    assert house.letters() <= came.keys()
    assert set(came.values()) == {1}


@pytest.mark.parametrize("name", SCOPES)
def test_a_pause_bites_within_two_seconds_over_smtp(
    make_installation: MakeInstallation, sqlite_url: str, slow_smtp: SlowServer, name: str
) -> None:
    pause_bites(found(make_installation, sqlite_url, slow_smtp), SCOPES[name], narrow=name in NARROW)


def test_a_pause_bites_within_two_seconds_on_postgresql(
    make_installation: MakeInstallation, postgresql_url: str, slow_smtp: SlowServer
) -> None:
    pause_bites(found(make_installation, postgresql_url, slow_smtp), SCOPES["campaign"], narrow=True)


@pytest.mark.parametrize("name", ["letters", "lane"])
def test_a_pause_bites_within_two_seconds_through_sendgrid(
    make_installation: MakeInstallation, sqlite_url: str, name: str
) -> None:
    with SlowApi(latency=1.0, sessions=1) as api:
        pause_bites(found(make_installation, sqlite_url, api), SCOPES[name], narrow=name in NARROW)


@pytest.mark.parametrize("name", SCOPES)
def test_what_a_silent_server_has_not_had_whole_does_not_leave_when_it_speaks_again(
    make_installation: MakeInstallation, sqlite_url: str, slow_smtp: SlowServer, name: str
) -> None:
    scope, slow_smtp.sessions = SCOPES[name], 16
    house = found(make_installation, sqlite_url, slow_smtp)
    house.write("Alice", "Bob")
    slow_smtp.at_recipients.set()
    with house.installation.worker():
        wait_until(lambda: slow_smtp.kept_waiting == slow_smtp.sessions, "every connection to wait")
        house.says("pause", *scope.options, *WHY)
        paused_at = time.monotonic()
        wait_until(lambda: time.monotonic() > paused_at + BITES_SECONDS, "two seconds")
        slow_smtp.at_recipients.clear()
        slow_smtp.hurry()
        mine = house.ids(scope)
        wait_until(lambda: not house.states(house.letters())[DeliveryState.SENDING], "the batch's end")
        assert all(arrival.at < paused_at + BITES_SECONDS for arrival in house.arrivals(mine))
        house.says("resume", *scope.options)
        house.installation.wait_for(Purpose.LETTER, DeliveryState.SENT)
    assert set(Counter(arrival.delivery_id for arrival in slow_smtp.arrivals).values()) == {1}


@pytest.mark.parametrize("pipelining", [False, True], ids=["step by step", "in groups"])
def test_a_letter_that_was_whole_before_the_pause_is_settled_by_its_late_answer(
    make_installation: MakeInstallation, sqlite_url: str, slow_smtp: SlowServer, *, pipelining: bool
) -> None:
    """In groups the next envelopes are with the server already; what they are for stays all the same."""
    slow_smtp.pipelining = pipelining
    house = found(make_installation, sqlite_url, slow_smtp)
    house.write("Alice")
    slow_smtp.at_mails.set()
    with house.installation.worker():
        wait_until(lambda: slow_smtp.kept_waiting == slow_smtp.sessions, "every connection to wait")
        house.says("pause", "--everything", *WHY)
        paused_at = time.monotonic()
        whole = len(house.arrivals(house.letters()))
        wait_until(lambda: time.monotonic() > paused_at + BITES_SECONDS, "two seconds")
        slow_smtp.at_mails.clear()
        wait_until(lambda: not house.states(house.letters())[DeliveryState.SENDING], "the batch's end")
        assert house.states(house.letters()) == {DeliveryState.SENT: whole, DeliveryState.QUEUED: TARGETS - whole}
        house.says("resume", "--all")
        house.installation.wait_for(Purpose.LETTER, DeliveryState.SENT)


def test_due_names_what_goes_next_in_the_order_of_its_coming(
    make_installation: MakeInstallation, sqlite_url: str, slow_smtp: SlowServer
) -> None:
    slow_smtp.sessions, slow_smtp.seconds = 1, 0.0
    house = found(make_installation, sqlite_url, slow_smtp)
    house.says("pause", "--letters", *WHY)
    house.write("Alice", "Bob", "Charlie", "Dora")
    house.says("pause", "--target", "landlords", "company-2", *WHY)
    unverify(house.installation, "company-3")
    due = house.says("due")
    assert due[:2] == [line for line in due if "is paused since" in line]
    assert {line.split()[1] for line in due[2:]} == {"confirmation", "thank_you"}
    house.says("resume", "--letters")
    told = [line for line in house.says("due", "--limit", "500") if "is paused since" not in line]
    going = [int(line.split()[0]) for line in told if line.endswith(". goes")]
    held = Counter(line.rpartition(". ")[2] for line in told if line.partition(" ")[2].startswith("letter"))
    assert held == {"goes": 4 * (TARGETS - 2), "held: target_paused": 4, "held: unverified_target": 4}
    with house.installation.worker():
        wait_until(lambda: len(slow_smtp.arrivals) == len(going), "all that goes")
        wait_until(lambda: house.states(house.letters())[DeliveryState.HELD] == 8, "all that is held")
    assert [arrival.delivery_id for arrival in slow_smtp.arrivals] == going


def unverify(installation: Installation, external_id: str) -> None:
    with installation.platform.sessions.write() as session:
        session.execute(update(Target).where(Target.external_id == external_id).values(verified_at=None))
