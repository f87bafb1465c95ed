"""What members do to their own account. Whatever changes the way they sign in is told to them by mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.privacy.keys import FieldKeys
from app.staff.audit import Deed, record
from app.staff.links import end_links, use_link
from app.staff.mails import mail_change
from app.staff.models import LinkKind, MemberState, Passkey, StaffLink, StaffMember
from app.staff.passkeys import Answer, RelyingParty, add_passkey
from app.staff.second_factor import forget_recovery_codes, renew_recovery_codes, step_of
from app.staff.sessions import end, end_all


class LinkUsedError(Exception):
    """Somebody else has used the link in this very moment."""


class Added(NamedTuple):
    """A second factor was added."""

    codes: list[str]
    """Recovery codes to show; none where there are some already."""
    delivery_id: int
    """The mail that tells of it."""


@dataclass(frozen=True, slots=True)
class Account:
    """One member's account, in one transaction. Stored passwords come from `app.staff.passwords`."""

    session: Session
    member: StaffMember
    now: datetime

    def accept(self, link: StaffLink, stored: str) -> None:
        """Accept an invitation with a first password.

        Raises:
            LinkUsedError: it was accepted before.
        """
        self._use(link)
        self.member.password, self.member.state = stored, MemberState.ACTIVE
        self._record("staff.joined")

    def set_forgotten(self, link: StaffLink, stored: str) -> int:
        """Set another password by a link from their mailbox. They are signed out everywhere; the mail's delivery id.

        Raises:
            LinkUsedError: it was used before.
        """
        self._use(link)
        return self._set_password(stored, None)

    def change_password(self, stored: str, session_id: int) -> int:
        """Set another password. They are signed out in every other browser; the mail's delivery id."""
        end_links(self.session, self.member.id, LinkKind.PASSWORD, self.now)
        return self._set_password(stored, session_id)

    def add_app(self, keys: FieldKeys, secret: str, code: str) -> Added | None:
        """Add an authenticator app, or put another in its place, once it has shown a right code; none if it is not."""
        step = step_of(secret, code, self.now)
        if step is None:
            return None
        self.member.totp_secret, self.member.totp_step = secret, step
        self._record("staff.second_factor_added")
        codes = renew_recovery_codes(self.session, keys, self.member.id)
        return Added(codes, mail_change(self.session, self.member, self.now))

    def add_passkey(self, party: RelyingParty, answer: Answer, name: str) -> Added | None:
        """Add a passkey; none if its answer is not right. The first second factor brings recovery codes."""
        first = not self.member.has_second_factor
        if not add_passkey(party, self.member, answer, name, self.now):
            return None
        self._record("staff.passkey_added")
        codes = renew_recovery_codes(self.session, party.keys, self.member.id) if first else []
        return Added(codes, mail_change(self.session, self.member, self.now))

    def remove_app(self) -> int:
        """Do without the authenticator app; the mail's delivery id."""
        self.member.totp_secret = None
        return self._removed("staff.second_factor_removed")

    def remove_passkey(self, passkey: Passkey) -> int:
        """Do without a passkey; the mail's delivery id."""
        self.member.passkeys.remove(passkey)
        return self._removed("staff.passkey_removed")

    def renew_codes(self, keys: FieldKeys) -> list[str]:
        """Fresh recovery codes; earlier ones count no more."""
        self._record("staff.recovery_codes_renewed")
        return renew_recovery_codes(self.session, keys, self.member.id)

    def sign_out(self, session_id: int) -> None:
        """Sign out in one browser."""
        end(self.session, self.member.id, session_id)

    def sign_out_elsewhere(self, session_id: int) -> None:
        """Sign out in every browser but one."""
        end_all(self.session, self.member.id, but=session_id)
        self._record("staff.signed_out_elsewhere")

    def _removed(self, action: str) -> int:
        """Without any second factor there is nothing that recovery codes could stand in for."""
        if not self.member.has_second_factor:
            forget_recovery_codes(self.session, self.member.id)
        self._record(action)
        return mail_change(self.session, self.member, self.now)

    def _use(self, link: StaffLink) -> None:
        if not use_link(self.session, link, self.now):
            raise LinkUsedError

    def _set_password(self, stored: str, but: int | None) -> int:
        self.member.password = stored
        self.member.failures, self.member.locked_until = 0, None
        end_all(self.session, self.member.id, but=but)
        self._record("staff.password_changed")
        return mail_change(self.session, self.member, self.now)

    def _record(self, action: str) -> None:
        record(self.session, self.member.id, Deed(action, self.member.id), self.now)
