"""The column type that keeps personal text encrypted at rest.

The key ring belongs to the engine (`bind_keys`), not to the process: two platforms in one process, as in tests, never
share keys, and a model that is imported has no key to leak.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Dialect, Engine, LargeBinary
from sqlalchemy.types import TypeDecorator

from app.privacy.keys import FieldKeys

_RING = "solidarity_field_keys"


def bind_keys(engine: Engine, keys: FieldKeys) -> None:
    """Let this engine read and write encrypted columns with `keys`."""
    setattr(engine.dialect, _RING, keys)


def keys_of(dialect: Dialect) -> FieldKeys:
    """The key ring of the engine that the dialect belongs to."""
    ring = getattr(dialect, _RING, None)
    if not isinstance(ring, FieldKeys):
        raise TypeError("this engine has no field keys: make it with app.db.make_engine")
    return ring


class EncryptedText(TypeDecorator[str]):
    """Text that only the key ring can read. `context` names the column and is bound into each value."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Encrypt on the way in."""
        return None if value is None else keys_of(dialect).encrypt(self.context, value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None]:  # noqa: ARG002 - the base's
        """What decrypts on the way out; made once for a statement, since a batch of letters has thousands of values."""
        decrypt = keys_of(dialect).decrypter(self.context)
        return lambda value: None if value is None else decrypt(bytes(value))
