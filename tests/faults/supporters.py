"""Those who write: they hand letters in and confirm them while everything around them breaks."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from app.actions.confirm import Standing, confirm_action
from app.actions.models import Action
from app.actions.recipients import Wish
from app.bootstrap import Platform
from app.campaigns.models import TargetRule
from app.queue.models import Delivery, StateCount
from app.queue.states import DeliveryState
from app.targets.models import ListOwner, Target, TargetList
from tests.faults.script import Script
from tests.support.builders import add_campaign, hand_in

DOMAINS, OFFICES_EACH = 60, 2
MOST_TARGETS = 6
"""How many letters an action has at the most."""
BACKLOG = 40
"""So many mails may wait before the next supporter confirms: letters come in during the whole run."""
CONFIRMS_LATER = 10
"""How many others hand in between a supporter's handing in and their confirming."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pair:
    """One letter as the world sees it: from whom, to whom."""

    writer: str
    recipient: str


@dataclass(frozen=True, slots=True)
class _Writer:
    email: str
    targets: Sequence[Target]

    @property
    def letters(self) -> list[Pair]:
        return [Pair(self.email, target.email) for target in self.targets]


def found_campaign(platform: Platform) -> int:
    """A live campaign to companies at several dozens of mail domains; its id."""
    now = platform.clock()
    with platform.sessions.write() as session:
        session.add(_companies(now))
        return add_campaign(session, now, target_rule=TargetRule.ALL).id


def _companies(now: datetime) -> TargetList:
    targets = [
        Target(
            external_id=f"company-{domain}-{office}",
            role="company",
            name=f"Company {domain}, office {office}",
            salutation=f"Dear office {office}",
            email=f"office-{office}@company-{domain}.example",
            verified_at=now,
            verified_how="made for this run",
        )
        for domain in range(DOMAINS)
        for office in range(OFFICES_EACH)
    ]
    return TargetList(
        slug="companies",
        name="Companies",
        owner=ListOwner.IMPORT,
        source="made for this run",
        as_of=date(2026, 11, 1),
        licence="CC0-1.0",
        targets=targets,
    )


class Supporters:
    """Write `script.letters` letters, in a thread of their own."""

    def __init__(self, platform: Platform, script: Script, campaign_id: int) -> None:
        self._platform, self._script, self._campaign_id = platform, script, campaign_id
        self._thread = threading.Thread(target=self._write, name="supporters", daemon=True)
        self._waiting: deque[tuple[_Writer, int]] = deque()
        """Who has handed in, and the mail that asks them to confirm."""
        self.letters: list[Pair] = []
        """Letters that were confirmed, as those who confirmed them know."""
        self.stopping = threading.Event()
        self.failed: Exception | None = None

    def start(self) -> None:
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether everything was confirmed; what went wrong is raised."""
        if self.failed is not None:
            raise self.failed
        return not self._thread.is_alive()

    def _write(self) -> None:
        try:
            for writer in self._writers():
                self._waiting.append((writer, self._persist(partial(self._hand_in, writer))))
                if len(self._waiting) > CONFIRMS_LATER:
                    self._confirm_next()
            while self._waiting:
                self._confirm_next()
        except Exception as error:  # noqa: BLE001 - told by `done`
            self.failed = error

    def _writers(self) -> Sequence[_Writer]:
        chance = self._script.random("supporters")
        with self._platform.sessions.read() as session:
            targets = session.scalars(select(Target).order_by(Target.id)).all()
        writers: list[_Writer] = []
        left = self._script.letters
        while left:
            number = min(left, chance.randint(1, MOST_TARGETS))
            writers.append(_Writer(f"supporter-{len(writers)}@supporter.example", chance.sample(targets, number)))
            left -= number
        return writers

    def _hand_in(self, writer: _Writer) -> int:
        name = writer.email.partition("@")[0].title()
        with self._platform.sessions.write() as session:
            asked = hand_in(
                session,
                self._platform.gate,
                self._campaign_id,
                writer.email,
                self._platform.clock(),
                name=name,
                wish=Wish(),
                own_words=f"I am {name}, and I write to {len(writer.targets)} of you.",
                targets=writer.targets,
            )
        assert asked is not None
        return asked

    def _confirm_next(self) -> None:
        while self._persist(self._backlog) > BACKLOG and not self.stopping.is_set():
            time.sleep(0.02)
        writer, asked = self._waiting.popleft()
        for delivery_id in self._persist(lambda: self._confirm(asked))[:1]:  # as the site does
            self._platform.doorbell.ring(delivery_id)
        self.letters.extend(writer.letters)

    def _backlog(self) -> int:
        with self._platform.sessions.read() as session:
            waiting = select(func.sum(StateCount.count)).where(StateCount.state == DeliveryState.QUEUED)
            return int(session.scalar(waiting) or 0)

    def _confirm(self, asked: int) -> Sequence[int]:
        with self._platform.sessions.write() as session:
            action = session.get_one(Action, session.get_one(Delivery, asked).action_id)
            confirmation = confirm_action(session, self._platform.gate, action, self._platform.clock())
            assert confirmation.standing is Standing.CONFIRMED, confirmation
            return confirmation.delivery_ids

    def _persist(self, act: Callable[[], T]) -> T:
        """Do it again until the database is there to do it."""
        while True:
            try:
                return act()
            except DBAPIError:
                if self.stopping.is_set():
                    raise
                time.sleep(0.1)
