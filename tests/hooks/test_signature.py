"""Signatures as Standard Webhooks has them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

from app.hooks.signature import headers, new_secret, sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE, SECONDS, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_example_is_signed_as_published() -> None:
    assert sign(SECRET, MESSAGE, SECONDS, BODY) == SIGNATURE


def test_every_part_of_a_message_is_covered() -> None:
    others = [("msg_other", SECONDS, BODY), (MESSAGE, SECONDS + 1, BODY), (MESSAGE, SECONDS, BODY + b" ")]
    assert len({SIGNATURE, *(sign(SECRET, *other) for other in others)}) == 4


def test_two_secrets_sign_side_by_side() -> None:
    other = new_secret()
    made = headers(MESSAGE, datetime.fromtimestamp(SECONDS, UTC), BODY, (other, SECRET))
    assert made["webhook-id"] == MESSAGE
    assert made["webhook-timestamp"] == str(SECONDS)
    assert made["webhook-signature"].split(" ") == [sign(other, MESSAGE, SECONDS, BODY), SIGNATURE]


def test_a_secret_is_new_each_time_and_long_enough() -> None:
    one, other = new_secret(), new_secret()
    assert one != other
    assert one.startswith("whsec_")
    assert len(base64.b64decode(one.removeprefix("whsec_"))) == 32


def test_a_receiver_checks_it_with_nothing_but_the_specification() -> None:
    secret = new_secret()
    key = base64.b64decode(secret.split("_", 1)[1])
    wanted = hmac.new(key, f"{MESSAGE}.{SECONDS}.".encode() + BODY, hashlib.sha256).digest()
    assert sign(secret, MESSAGE, SECONDS, BODY) == "v1," + base64.b64encode(wanted).decode()
