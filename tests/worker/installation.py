"""One installation as an operator has it: settings, a database with a campaign, the site, and worker processes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.confirm import confirm_action
from app.actions.models import Action
from app.actions.recipients import Wish
from app.bootstrap import Platform, build_platform
from app.campaigns.models import Campaign, TargetRule
from app.config import load_config
from app.doorbell.queue import connect
from app.queue.models import Delivery
from app.queue.states import DeliveryState, Purpose
from app.targets.models import ListOwner, Target, TargetList
from tests.support.builders import add_campaign, hand_in
from tests.support.site import wait_until
from tests.worker.process import WorkerProcess, start

SLUG = "warm-homes"


@dataclass(frozen=True)
class Installation:
    """Settings, and what is made of them in this process and in others."""

    settings: Mapping[str, str]
    folder: Path

    @cached_property
    def platform(self) -> Platform:
        return build_platform(load_config(self.settings))

    @contextmanager
    def worker(self, **settings: str) -> Iterator[WorkerProcess]:
        """A worker process, killed at the end unless the test has ended it."""
        log_file = self.folder / f"worker-{time.monotonic_ns()}.log"
        worker = start({"PATH": os.environ["PATH"], **self.settings, **settings}, log_file)
        try:
            yield worker
        finally:
            worker.kill()

    def found_campaign(self, targets: int = 1, *, slugs: Sequence[str] = (SLUG,), domains: Sequence[str] = ()) -> None:
        """A live campaign (or several) that writes to `targets` verified companies, at these mail domains in turn."""
        now = self.platform.clock()
        with self.platform.sessions.write() as session:
            add_landlords(session, targets, now, domains or ("company.example",))
            for slug in slugs:
                add_campaign(session, now, slug=slug, target_rule=TargetRule.ALL, target_lists="landlords")

    def submit(self, name: str, *, ago: timedelta = timedelta(), campaign: str = SLUG) -> None:
        """A supporter hands in a letter and is asked to confirm it."""
        with self.platform.sessions.write() as session:
            self._hand_in(session, name, self.platform.clock() - ago, campaign)

    def write_letters(self, *names: str, campaign: str = SLUG) -> None:
        """Each supporter hands in a letter and confirms it; one goes to every target."""
        with self.platform.sessions.write() as session:
            for name in names:
                self._hand_in(session, name, self.platform.clock(), campaign)
                action = session.scalars(select(Action).order_by(Action.id.desc()).limit(1)).one()
                confirm_action(session, self.platform.gate, action, self.platform.clock())

    def _hand_in(self, session: Session, name: str, now: datetime, campaign: str) -> None:
        campaign_id = session.scalars(select(Campaign.id).where(Campaign.slug == campaign)).one()
        hand_in(
            session, self.platform.gate, campaign_id, f"{name.lower()}@supporter.example", now, name=name, wish=Wish()
        )

    def deliveries(self, purpose: Purpose) -> list[Delivery]:
        with self.platform.sessions.read() as session:
            return list(session.scalars(select(Delivery).where(Delivery.purpose == purpose).order_by(Delivery.id)))

    def states(self, purpose: Purpose) -> list[str]:
        return [delivery.state.value for delivery in self.deliveries(purpose)]

    def wait_for(self, purpose: Purpose, state: DeliveryState) -> None:
        """Wait until there are deliveries of the purpose and all of them are in the state."""
        wait_until(lambda: set(self.states(purpose)) == {state}, f"every {purpose} to be {state}")


def add_landlords(session: Session, count: int, now: datetime, domains: Sequence[str]) -> None:
    """A list of companies with verified addresses, at these mail domains in turn."""
    companies = [
        Target(
            external_id=f"company-{number}",
            role="company",
            name=f"Company {number}",
            salutation="Dear Sir or Madam",
            email=f"office-{number}@{domains[number % len(domains)]}",
            verified_at=now,
            verified_how="made for this test",
        )
        for number in range(1, count + 1)
    ]
    session.add(
        TargetList(
            slug="landlords",
            name="Landlords",
            owner=ListOwner.IMPORT,
            source="made for this test",
            as_of=date(2026, 11, 1),
            licence="CC0-1.0",
            targets=companies,
        )
    )


def listeners(url: str) -> int:
    """How many workers listen for rings at this Redis; none while nobody answers there."""
    with connect(url) as client:
        try:
            return int(client.scard("rq:workers"))
        except RedisError:
            return 0


def process_of(client: Redis) -> int:
    """The process id of a Redis server."""
    return int(client.info("server")["process_id"])


def lives(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""  # empty once it has ended, until somebody notices
    except OSError:
        return False
