"""One cache of compiled statements for all the engines of a test run.

Every test has a database of its own, so an engine of its own, and would compile each of its statements anew: three
quarters of the time of most tests. What was compiled for one engine serves every other one of the same kind whose field
keys are the same; the keys of columns are those of the dialect that a statement was compiled for.
"""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.util import LRUCache

from app.privacy.fields import keys_of
from app.privacy.keys import NONCE_BYTES, FieldKeys

SIZE = 5_000


class SharedCache(LRUCache[Any, Any]):
    """Compiled statements, by what they are and by what sets one engine apart from another."""

    def get(self, key: Any, default: Any = None) -> Any:
        """See `dict.get`."""
        return super().get(_shared(key), default)

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(_shared(key))

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_shared(key), value)


def share_compiled_statements() -> None:
    """Give every engine the same cache, as soon as it connects."""
    shared = SharedCache(SIZE)

    @event.listens_for(Engine, "engine_connect")
    def share(connection: Connection) -> None:
        connection.engine._compiled_cache = shared


def _shared(key: Any) -> Any:
    dialect, *rest = key
    return (_kind(dialect), *rest) if isinstance(dialect, Dialect) else key


def _kind(dialect: Dialect) -> tuple[object, ...]:
    try:
        keys: FieldKeys = keys_of(dialect)
    except TypeError:
        return dialect.name, id(dialect)
    return dialect.name, dialect.driver, keys.index_key, *map(_fingerprint, keys.ciphers.values())


def _fingerprint(cipher: AESGCM) -> bytes:
    """What tells a key from every other one; tests give different keys the same id."""
    return cipher.encrypt(bytes(NONCE_BYTES), b"", None)
