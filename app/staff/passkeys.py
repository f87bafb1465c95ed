"""Passkeys as a second factor (WebAuthn, level 3): offering, adding, and taking their answers.

The challenge travels in the form, sealed for one session and a few minutes. It counts once: a right answer ends the
session that owed it, and a key is added once.
"""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import PublicKeyCredentialDescriptor

from app.privacy.keys import FieldKeys, UndecryptableError
from app.staff.models import Passkey, StaffMember

GOOD_FOR = timedelta(minutes=10)
_CONTEXT = "passkey.challenge"
_BAD_ANSWER = (WebAuthnException, ValueError, TypeError, KeyError)
"""What the library raises when it reads what a browser, or somebody else, has sent."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who asks: keys are bound to it, so that they answer nobody who only looks like us."""

    host: str
    origin: str
    name: str
    keys: FieldKeys = field(repr=False)


class Question(NamedTuple):
    """What a page asks the browser."""

    options: str
    """As JSON, for the browser's own reader."""
    challenge: str
    """Sealed; comes back with the answer."""


class Answer(NamedTuple):
    """What came back."""

    credential: str
    """As the browser wrote it."""
    challenge: str
    """As it was sealed."""
    session_id: int
    """Whose browser sent it."""


def ask_for_new(party: RelyingParty, member: StaffMember, session_id: int, now: datetime) -> Question:
    """Ask for a key that the member has not added yet."""
    challenge = secrets.token_bytes(32)
    options = generate_registration_options(
        rp_id=party.host,
        rp_name=party.name,
        user_name=member.email,
        user_id=party.keys.blind_index("passkey.user", str(member.id)),
        challenge=challenge,
        exclude_credentials=_known(member),
    )
    return Question(options_to_json(options), _seal(party, challenge, session_id, now))


def ask_for_known(party: RelyingParty, member: StaffMember, session_id: int, now: datetime) -> Question:
    """Ask for one of the member's keys."""
    challenge = secrets.token_bytes(32)
    options = generate_authentication_options(rp_id=party.host, challenge=challenge, allow_credentials=_known(member))
    return Question(options_to_json(options), _seal(party, challenge, session_id, now))


def add_passkey(party: RelyingParty, member: StaffMember, answer: Answer, name: str, now: datetime) -> bool:
    """Add the key that has answered, unless the answer is not right."""
    challenge = _open(party, answer, now)
    if challenge is None:
        return False
    try:
        proved = verify_registration_response(
            credential=answer.credential,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
        )
    except _BAD_ANSWER:
        return False
    if any(known.credential_id == proved.credential_id for known in member.passkeys):
        return False
    member.passkeys.append(
        Passkey(
            credential_id=proved.credential_id,
            public_key=proved.credential_public_key,
            sign_count=proved.sign_count,
            name=name,
            added_at=now,
        )
    )
    return True


def take_passkey(party: RelyingParty, member: StaffMember, answer: Answer, now: datetime) -> bool:
    """Whether one of the member's keys has signed the challenge; what it has counted since is kept."""
    challenge, passkey = _open(party, answer, now), _named(member, answer.credential)
    if challenge is None or passkey is None:
        return False
    try:
        proved = verify_authentication_response(
            credential=answer.credential,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
        )
    except _BAD_ANSWER:
        return False
    passkey.sign_count = proved.new_sign_count
    return True


def _known(member: StaffMember) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=passkey.credential_id) for passkey in member.passkeys]


def _named(member: StaffMember, credential: str) -> Passkey | None:
    """The key that an answer says it comes from."""
    try:
        told = json.loads(credential)["rawId"]
        credential_id = urlsafe_b64decode(told + "=" * (-len(told) % 4))
    except _BAD_ANSWER:
        return None
    return next((passkey for passkey in member.passkeys if passkey.credential_id == credential_id), None)


def _seal(party: RelyingParty, challenge: bytes, session_id: int, now: datetime) -> str:
    until = int((now + GOOD_FOR).timestamp())
    return urlsafe_b64encode(party.keys.encrypt(_CONTEXT, f"{session_id}:{until}:{challenge.hex()}")).decode()


def _open(party: RelyingParty, answer: Answer, now: datetime) -> bytes | None:
    """The challenge, if it was made for the answer's session and not too long ago."""
    try:
        owner, until, challenge = party.keys.decrypt(_CONTEXT, urlsafe_b64decode(answer.challenge)).split(":")
    except (UndecryptableError, ValueError, IndexError):
        return None
    if int(owner) != answer.session_id or int(until) <= now.timestamp():
        return None
    return bytes.fromhex(challenge)
