"""Staff of an invented house, on each database or on SQLite alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.actions.throttle import Gate
from app.db import Sessions
from app.privacy.keys import FieldKeys
from app.roles import Role
from app.staff.account import Account
from app.staff.models import AuditEntry, LinkKind, StaffLink, StaffMember, StaffSession
from app.staff.passwords import Passwords
from app.staff.people import Newcomer, Personnel, Position
from app.staff.sessions import find
from app.staff.sign_in import Caller, Porter
from tests.support.builders import WIDE_LIMITS
from tests.support.fakes import FakeClock
from tests.support.staff import ADA, PASSWORD, SECRET, code_at

CALLER = Caller("192.0.2.7", "Firefox on a phone")


@dataclass(frozen=True, slots=True)
class House:
    """A house with staff, and a clock that is turned by hand."""

    sessions: Sessions
    keys: FieldKeys
    clock: FakeClock

    @property
    def porter(self) -> Porter:
        return Porter(self.sessions, Gate(WIDE_LIMITS, self.keys), Passwords(b"pepper of the tests"))

    @contextmanager
    def personnel(self, actor_id: int | None = None) -> Iterator[Personnel]:
        with self.sessions.write() as session:
            yield Personnel(session, self.keys, actor_id, self.clock.now)

    def invite(self, email: str = ADA, role: Role = Role.ADMIN, partner: str = "") -> int:
        """Somebody who has been invited; their id."""
        with self.personnel() as personnel:
            return personnel.invite(Newcomer(email, "Ada Admin", "en", Position(role, partner)))[0].id

    def join(self, email: str = ADA, role: Role = Role.ADMIN, partner: str = "") -> int:
        """Somebody who has accepted their invitation; their id."""
        member_id = self.invite(email, role, partner)
        with self.account(member_id) as account:
            account.accept(self.link(member_id, LinkKind.INVITATION), self.porter.passwords.store(PASSWORD))
        return member_id

    @contextmanager
    def account(self, member_id: int) -> Iterator[Account]:
        with self.sessions.write() as session:
            yield Account(session, session.get_one(StaffMember, member_id), self.clock.now)

    def add_second_factor(self, member_id: int) -> list[str]:
        """The recovery codes."""
        with self.account(member_id) as account:
            added = account.add_app(self.keys, SECRET, code_at(self.clock.now))
        assert added is not None
        self.clock.advance(timedelta(minutes=1))
        return added[0]

    def link(self, member_id: int, kind: LinkKind) -> StaffLink:
        """The newest link of a kind."""
        with self.sessions.read() as session:
            links = select(StaffLink).where(StaffLink.member_id == member_id, StaffLink.kind == kind)
            return session.scalars(links.order_by(StaffLink.id.desc())).first()  # type: ignore[return-value]

    def sign_in(self, email: str = ADA, password: str = PASSWORD) -> str | None:
        """The token of the cookie."""
        entered = self.porter.sign_in(email, password, CALLER, self.clock.now)
        return None if entered is None else entered.token

    def session_of(self, token: str | None) -> StaffSession | None:
        with self.sessions.read() as session:
            return find(session, token or "", self.clock.now)

    def member(self, member_id: int) -> StaffMember:
        with self.sessions.read() as session:
            return session.get_one(StaffMember, member_id)

    def deeds(self) -> list[tuple[str, int | None, dict[str, Any], dict[str, Any]]]:
        """What the audit says, oldest first."""
        with self.sessions.read() as session:
            rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
            return [(row.action, row.object_id, row.before, row.after) for row in rows]


@pytest.fixture
def house(sessions: Sessions, keys: FieldKeys, now: datetime) -> House:
    """On each kind of database in turn."""
    return House(sessions, keys, FakeClock(now))


@pytest.fixture
def sqlite_house(sqlite_sessions: Sessions, keys: FieldKeys, now: datetime) -> House:
    """For what does not depend on the kind of database."""
    return House(sqlite_sessions, keys, FakeClock(now))
