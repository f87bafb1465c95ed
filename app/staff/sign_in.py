"""Signing in: the password, then the second factor where there is one.

An unknown address, a wrong password, a locked account and one that was deactivated get the same answer after the same
time. Hashes are slow on purpose, so they are made between two transactions, never inside one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.addresses import DisposableAddressError, NotAnAddressError, lookup_form, parse_email
from app.actions.throttle import Gate
from app.db import Sessions
from app.privacy.keys import FieldKeys
from app.queue.states import Purpose
from app.staff.audit import Deed, record
from app.staff.links import use_link
from app.staff.mails import mail_link
from app.staff.models import MemberState, StaffLink, StaffMember, StaffSession
from app.staff.passkeys import Answer, RelyingParty, take_passkey
from app.staff.passwords import Passwords, outdated
from app.staff.second_factor import take_code, take_recovery_code
from app.staff.sessions import begin

WINDOW = timedelta(minutes=15)
TRIES_PER_ADDRESS = 10
TRIES_PER_NETWORK = 50
"""In a window, right or wrong, whoever's the address is: so that it tells nothing of who has an account."""
LOCK_AFTER = 20
"""Failures in a row: what is left to somebody who guesses slowly."""
LOCKED_FOR = timedelta(hours=1)
RESETS_PER_DAY = 3


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request comes from."""

    network: str
    """The address that it came from; only its keyed hash is kept, and only to count."""
    browser: str
    """What the browser calls itself."""


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody gave the right password."""

    token: str = field(repr=False)
    """For the browser's cookie."""
    owes_factor: bool


@dataclass(frozen=True, slots=True)
class Porter:
    """Lets staff in."""

    sessions: Sessions
    gate: Gate
    passwords: Passwords

    def sign_in(self, email: str, password: str, caller: Caller, now: datetime) -> Entered | None:
        """Take an address and a password; none if they are not those of somebody who may sign in now.

        Raises:
            ThrottledError: too many tries for this address, or from this network.
        """
        with self.sessions.write() as session:
            count_try(session, self.gate, caller.network, email, now)
        with self.sessions.read() as session:
            member = member_of(session, self.gate.keys, email)
            stored = "" if member is None else member.password
        right = self.passwords.match(password, stored)
        better = self.passwords.store(password) if right and outdated(stored) else stored
        if member is None:
            return None
        with self.sessions.write() as session:
            member = session.get_one(StaffMember, member.id, with_for_update=True)
            if not (right and _may_enter(member, now) and member.password == stored):
                note_failure(session, member, now)
                return None
            member.password = better
            owes_factor = member.has_second_factor
            return Entered(begin(session, member, caller.browser, now, owes_factor=owes_factor), owes_factor)

    def give_code(self, session_id: int, code: str, caller: Caller, now: datetime) -> str | None:
        """Take the second factor of a session that owes it: a code of the app, or a recovery code.

        Returns:
            The token of the session that takes its place; none if the code is not right.

        Raises:
            ThrottledError: too many tries.
        """
        return self._finish(
            session_id, caller, now, lambda session, member: self._code_is_right(session, member, code, now)
        )

    def give_passkey(self, party: RelyingParty, answer: Answer, caller: Caller, now: datetime) -> str | None:
        """Take the second factor of a session that owes it: a passkey's answer to the challenge of its page.

        Returns:
            The token of the session that takes its place; none if the answer is not right.

        Raises:
            ThrottledError: too many tries.
        """
        return self._finish(answer.session_id, caller, now, lambda _, member: take_passkey(party, member, answer, now))

    def _finish(
        self, session_id: int, caller: Caller, now: datetime, is_right: Callable[[Session, StaffMember], bool]
    ) -> str | None:
        with self.sessions.read() as session:
            email = session.get_one(StaffSession, session_id).member.email
        with self.sessions.write() as session:
            count_try(session, self.gate, caller.network, email, now)
        with self.sessions.write() as session:
            half = session.get(StaffSession, session_id)
            if half is None:
                return None
            member = session.get_one(StaffMember, half.member_id, with_for_update=True)
            if not _may_enter(member, now) or not is_right(session, member):
                note_failure(session, member, now)
                return None
            session.delete(half)
            return begin(session, member, caller.browser, now)

    def prove_again(self, session_id: int, password: str, caller: Caller, now: datetime) -> bool:
        """Take the password once more of somebody who is signed in, before something that matters.

        Raises:
            ThrottledError: too many tries.
        """
        with self.sessions.read() as session:
            member = session.get_one(StaffSession, session_id).member
        with self.sessions.write() as session:
            count_try(session, self.gate, caller.network, member.email, now)
        right = self.passwords.match(password, member.password)
        with self.sessions.write() as session:
            row = session.get(StaffSession, session_id)
            member = session.get_one(StaffMember, member.id, with_for_update=True)
            if row is None or not right or not _may_enter(member, now):
                note_failure(session, member, now)
                return False
            row.proved_at, member.failures = now, 0
            return True

    def forgot(self, email: str, caller: Caller, now: datetime) -> int | None:
        """Mail a link to set another password, if the address is that of somebody who may sign in.

        Returns:
            The id of the delivery, if any; the page is to be the same either way.

        Raises:
            ThrottledError: too many tries from this network, or for this address.
        """
        with self.sessions.write() as session:
            _count_network(session, self.gate, caller.network, now)
            what = f"staff-reset:{_lookup(email)}"
            self.gate.refuse_beyond(session, what, timedelta(days=1), RESETS_PER_DAY, now)
            member = member_of(session, self.gate.keys, email)
            if member is None or member.state is not MemberState.ACTIVE:
                return None
            return mail_link(session, member, Purpose.STAFF_PASSWORD, now)

    def enter_by_link(self, session: Session, link: StaffLink, caller: Caller, now: datetime) -> str | None:
        """Sign in the member of a link that is good for it; none if somebody else has just used it."""
        if not use_link(session, link, now):
            return None
        return begin(session, link.member, caller.browser, now)

    def _code_is_right(self, session: Session, member: StaffMember, code: str, now: datetime) -> bool:
        if take_code(session, member, code, now):
            return True
        if not take_recovery_code(session, self.gate.keys, member.id, code):
            return False
        record(session, member.id, Deed("staff.recovery_code_used", member.id), now)
        return True


def member_of(session: Session, keys: FieldKeys, email: str) -> StaffMember | None:
    """Whose address it is."""
    email_hash = keys.blind_index("staff_member.email", _lookup(email))
    return session.scalars(select(StaffMember).where(StaffMember.email_hash == email_hash)).one_or_none()


def count_try(session: Session, gate: Gate, network: str, email: str, now: datetime) -> None:
    """Count one try to sign in, right or wrong.

    Raises:
        ThrottledError: too many for this address, or from this network.
    """
    _count_network(session, gate, network, now)
    gate.refuse_beyond(session, f"staff:{_lookup(email)}", WINDOW, TRIES_PER_ADDRESS, now)


def _count_network(session: Session, gate: Gate, network: str, now: datetime) -> None:
    gate.refuse_network(session, "staff-network", network, now, window=WINDOW, limit=TRIES_PER_NETWORK)


def note_failure(session: Session, member: StaffMember, now: datetime) -> None:
    """Count a sign-in that failed; too many in a row lock the account for a while, which ends by itself."""
    if member.locked(now):
        return
    member.failures += 1
    if member.failures >= LOCK_AFTER:
        until = now + LOCKED_FOR
        member.failures, member.locked_until = 0, until
        record(session, None, Deed("staff.locked", member.id, after={"until": f"{until:%Y-%m-%d %H:%M} UTC"}), now)


def _may_enter(member: StaffMember, now: datetime) -> bool:
    return member.state is MemberState.ACTIVE and not member.locked(now)


def _lookup(email: str) -> str:
    """The form by which an address is found; what is none is found nowhere."""
    try:
        return lookup_form(parse_email(email))
    except (NotAnAddressError, DisposableAddressError):
        return email.strip().lower()[:254]
