"""Challenges of passkeys; that real keys answer them, a real browser shows (tests/browser/test_staff.py)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from app.privacy.keys import FieldKeys
from app.staff.models import Passkey, StaffMember
from app.staff.passkeys import GOOD_FOR, Answer, Question, RelyingParty, _open, ask_for_known, ask_for_new, take_passkey
from tests.support.staff import ADA


def party(keys: FieldKeys) -> RelyingParty:
    return RelyingParty("letters.example.org", "https://letters.example.org", "Solidarity Post", keys)


def ada(now: datetime) -> StaffMember:
    key = Passkey(id=1, credential_id=b"one of hers", public_key=b"x", sign_count=0, name="My phone", added_at=now)
    return StaffMember(id=1, email=ADA, passkeys=[key])


def opened(keys: FieldKeys, question: Question, session_id: int, now: datetime) -> bytes | None:
    return _open(party(keys), Answer("{}", question.challenge, session_id), now)


def test_a_challenge_is_good_for_its_session_and_for_ten_minutes(keys: FieldKeys, now: datetime) -> None:
    question = ask_for_known(party(keys), ada(now), 7, now)
    later = now + GOOD_FOR - timedelta(seconds=1)
    assert opened(keys, question, 7, later) is not None
    assert opened(keys, question, 8, now) is None
    assert opened(keys, question, 7, now + GOOD_FOR) is None
    assert opened(FieldKeys.random(), question, 7, now) is None
    assert opened(keys, question._replace(challenge=question.challenge[:-8]), 7, now) is None
    assert opened(keys, question._replace(challenge=""), 7, now) is None


def test_no_two_challenges_are_alike_and_none_can_be_read_in_its_seal(keys: FieldKeys, now: datetime) -> None:
    one, other = (ask_for_known(party(keys), ada(now), 7, now) for _ in range(2))
    challenge = opened(keys, one, 7, now)
    assert challenge is not None
    assert challenge != opened(keys, other, 7, now)
    assert challenge.hex() not in one.challenge


def test_a_browser_is_asked_for_the_members_keys_or_for_one_that_is_none_of_them(
    keys: FieldKeys, now: datetime
) -> None:
    known = json.loads(ask_for_known(party(keys), ada(now), 7, now).options)
    new = json.loads(ask_for_new(party(keys), ada(now), 7, now).options)
    assert known["rpId"] == new["rp"]["id"] == "letters.example.org"
    assert [key["id"] for key in known["allowCredentials"]] == ["b25lIG9mIGhlcnM"]
    assert [key["id"] for key in new["excludeCredentials"]] == ["b25lIG9mIGhlcnM"]
    assert new["attestation"] == "none", "nobody asks which make of key it is"


def test_a_key_of_the_member_that_has_signed_nothing_is_not_taken(keys: FieldKeys, now: datetime) -> None:
    question = ask_for_known(party(keys), ada(now), 7, now)
    response = {"clientDataJSON": "e30", "authenticatorData": "AAAA", "signature": "AAAA"}
    credential = {"id": "b25lIG9mIGhlcnM", "rawId": "b25lIG9mIGhlcnM", "type": "public-key", "response": response}
    answer = Answer(json.dumps(credential), question.challenge, 7)
    assert not take_passkey(party(keys), ada(now), answer, now)
