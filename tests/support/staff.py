"""Staff as tests know them: an address, a password, an authenticator app."""

from __future__ import annotations

import base64
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

ADA = "ada@staff.example"
BEN = "ben@staff.example"
PASSWORD = "seven herons over the canal"
OTHER_PASSWORD = "no trains on a wet sunday"
SECRET = base64.b32encode(b"a secret of twenty b").decode()


def code_at(now: datetime, secret: str = SECRET) -> str:
    """What an authenticator app shows."""
    return TOTP(base64.b32decode(secret), 6, SHA1(), 30).generate(int(now.timestamp())).decode()  # noqa: S303 - as apps do
