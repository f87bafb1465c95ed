"""Signing announcements as Standard Webhooks has it (https://www.standardwebhooks.com, version 1, symmetric).

The signature covers the message's id, the time of the try and the body's bytes, so a receiver can tell a forgery, an
old message that somebody sends again, and the same message that we send again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime

_PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """A fresh secret, written as receivers' libraries read it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def headers(message_id: str, at: datetime, body: bytes, keys: Iterable[str]) -> Mapping[str, str]:
    """The headers of a signed message: a signature by each of the secrets, so that one can be replaced."""
    seconds = int(at.timestamp())
    signed = " ".join(sign(secret, message_id, seconds, body) for secret in keys)
    return {"webhook-id": message_id, "webhook-timestamp": str(seconds), "webhook-signature": signed}


def sign(secret: str, message_id: str, seconds: int, body: bytes) -> str:
    """The signature of one message, with its version."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    content = f"{message_id}.{seconds}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
