"""A campaign with a webhook, a receiver that answers as told, and a clock that is turned by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.announcements.models import CHOOSABLE, Announcement, Hook
from app.db import Sessions
from app.hooks.announcer import Announcer
from app.hooks.desk import HookDesk, NewHook
from app.privacy.fields import keys_of
from app.queue.models import Delivery
from app.queue.states import Purpose
from app.roles import Role
from app.staff.models import MemberState, StaffMember
from app.staff.people import Newcomer, Personnel, Position
from tests.support.builders import Scene, make_scene
from tests.support.fakes import FakeClock, FakeOutlet, Steady
from tests.support.staff import ADA

URL = "https://crm.example.org/hook"


@dataclass
class Exchange:
    """Everything that takes part in telling others."""

    scene: Scene
    clock: FakeClock
    outlet: FakeOutlet
    owner_id: int

    @property
    def sessions(self) -> Sessions:
        return self.scene.sessions

    def add(self, url: str = URL, **changes: object) -> int:
        """A webhook that is told everything."""
        new = {"name": "CRM", "url": url, "events": CHOOSABLE, "campaign_id": None, "owner_id": self.owner_id} | changes
        with self.sessions.write() as session:
            return HookDesk(session, self.owner_id, self.clock()).add(NewHook(**new), anywhere=False).id  # type: ignore[arg-type]

    def decide(self, act: object, hook_id: int) -> None:
        with self.sessions.write() as session:
            desk = HookDesk(session, self.owner_id, self.clock())
            act(desk, desk.find(hook_id))  # type: ignore[operator]

    def go_round(self, *, after: timedelta = timedelta(), outlet: FakeOutlet | None = None) -> int:
        """What a worker does, some time later."""
        self.clock.advance(after)
        return Announcer(self.sessions, outlet or self.outlet, self.clock, Steady()).go_round()

    def hook(self, hook_id: int) -> Hook:
        with self.sessions.read() as session:
            return session.get_one(Hook, hook_id)

    def announcements(self) -> list[Announcement]:
        with self.sessions.read() as session:
            return list(session.scalars(select(Announcement).order_by(Announcement.id)))

    def mails(self) -> list[Delivery]:
        """What staff were told."""
        return self.scene.deliveries(Purpose.STAFF_HOOK)


def _exchange(sessions: Sessions, now: datetime) -> Exchange:
    scene = make_scene(sessions, now)
    with sessions.write() as session:
        personnel = Personnel(session, keys_of(sessions.engine.dialect), None, now)
        member, _delivery_id = personnel.invite(Newcomer(ADA, "Ada Admin", "en", Position(Role.ADMIN, "")))
        member.state = MemberState.ACTIVE
        owner_id = member.id
        assert session.get_one(StaffMember, owner_id)
    return Exchange(scene, FakeClock(now), FakeOutlet(), owner_id)


@pytest.fixture
def exchange(sessions: Sessions, now: datetime) -> Exchange:
    """On each kind of database in turn."""
    return _exchange(sessions, now)


@pytest.fixture
def sqlite_exchange(sqlite_sessions: Sessions, now: datetime) -> Exchange:
    """The same, for what does not depend on the kind of database."""
    return _exchange(sqlite_sessions, now)
