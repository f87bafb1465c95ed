"""The second factor: codes of an authenticator app (RFC 6238), and recovery codes for when the app is lost."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from datetime import datetime
from hmac import compare_digest

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.privacy.keys import FieldKeys
from app.staff.models import RecoveryCode, StaffMember

SECRET_BYTES = 20
DIGITS = 6
STEP_SECONDS = 30
_DRIFT = (0, -1, 1)
"""Steps beside the present one that count: clocks differ, and typing takes time."""
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that nobody takes for one another."""
_HALF = 5


def new_secret() -> str:
    """A fresh secret, in base 32 as apps take it."""
    return base64.b32encode(os.urandom(SECRET_BYTES)).decode()


def is_secret(text: str) -> bool:
    """Whether a text is such a secret."""
    try:
        return len(base64.b32decode(text)) == SECRET_BYTES
    except (binascii.Error, ValueError):
        return False


def address_of(secret: str, email: str, organisation: str) -> str:
    """What the QR code says: the `otpauth:` address that adds the account to an app."""
    return _totp(secret).get_provisioning_uri(email, organisation)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step that a code is of; none if it is not a code of now."""
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == DIGITS):
        return None
    totp, present = _totp(secret), int(now.timestamp()) // STEP_SECONDS
    steps = [present + drift for drift in _DRIFT]
    return next((step for step in steps if compare_digest(totp.generate(step * STEP_SECONDS), digits.encode())), None)


def take_code(session: Session, member: StaffMember, code: str, now: datetime) -> bool:
    """Whether a code of the app is right; it then counts for nobody any more, however many ask at once."""
    step = None if member.totp_secret is None else step_of(member.totp_secret, code, now)
    if step is None:
        return False
    later = update(StaffMember).where(StaffMember.id == member.id, StaffMember.totp_step < step).values(totp_step=step)
    return session.scalar(later.returning(StaffMember.id)) is not None


def renew_recovery_codes(session: Session, keys: FieldKeys, member_id: int) -> list[str]:
    """Fresh recovery codes, to be shown once; earlier ones count no more."""
    forget_recovery_codes(session, member_id)
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(member_id=member_id, code_hash=_hash(keys, member_id, code)) for code in codes)
    return codes


def take_recovery_code(session: Session, keys: FieldKeys, member_id: int, code: str) -> bool:
    """Whether it is one of the member's recovery codes; it is gone then."""
    used = delete(RecoveryCode).where(RecoveryCode.code_hash == _hash(keys, member_id, code))
    return session.scalar(used.returning(RecoveryCode.id)) is not None


def recovery_codes_left(session: Session, member_id: int) -> int:
    """How many recovery codes a member has."""
    return session.scalar(select(func.count()).where(RecoveryCode.member_id == member_id)) or 0


def forget_recovery_codes(session: Session, member_id: int) -> None:
    """Let no recovery code of a member count any more."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.member_id == member_id))


def _totp(secret: str) -> TOTP:
    # SHA-1 is what authenticator apps agree on; as an HMAC it is sound.
    return TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 - see above


def _new_code() -> str:
    text = "".join(secrets.choice(_ALPHABET) for _ in range(2 * _HALF))
    return f"{text[:_HALF]}-{text[_HALF:]}"


def _hash(keys: FieldKeys, member_id: int, code: str) -> bytes:
    plain = "".join(character for character in code.lower() if character.isalnum())
    return keys.blind_index("recovery_code", f"{member_id}:{plain}")
