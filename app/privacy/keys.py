"""Keys for personal fields: which key encrypts, which may still decrypt, and the keyed hash that finds a row.

A stored value is `length of key id | key id | 12-byte nonce | AES-256-GCM ciphertext`; the column's name is bound in as
associated data, so a value moved to another column does not decrypt. The key id lets keys rotate: the first key of the
ring encrypts, every key of the ring decrypts, and `flask keys rotate` rewrites what older keys wrote.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
HASH_BYTES = 32
LONGEST_KEY_ID = 32


class KeyFormatError(ValueError):
    """A key ring's text is not `id:base64[,id:base64…]` with 32-byte keys."""


class UndecryptableError(Exception):
    """A stored value was not written by any key of the ring, or was changed since."""


@dataclass(frozen=True, slots=True, eq=False)
class FieldKeys:
    """A ring of field keys, newest first, and the key of the blind index."""

    ciphers: dict[bytes, AESGCM] = field(repr=False)
    index_key: bytes = field(repr=False)

    @classmethod
    def parse(cls, ring: str, index_key: str) -> FieldKeys:
        """Read a ring from `id:base64[,id:base64…]`, newest first, and the index key from base64.

        Raises:
            KeyFormatError: a part is not of that form, or a key is not 32 bytes long.
        """
        ciphers: dict[bytes, AESGCM] = {}
        for part in ring.split(","):
            key_id, _, encoded = part.strip().partition(":")
            if not key_id.isascii() or not 0 < len(key_id) <= LONGEST_KEY_ID:
                raise KeyFormatError("each key needs an id of up to 32 ASCII characters and a colon before it")
            if key_id.encode() in ciphers:
                raise KeyFormatError("two keys have the same id")
            ciphers[key_id.encode()] = AESGCM(_decode_key(encoded))
        return cls(ciphers, _decode_key(index_key))

    @classmethod
    def random(cls) -> FieldKeys:
        """A ring that nobody else has; what it encrypts cannot be read after it is gone."""
        return cls.parse(new_ring(), new_key())

    @property
    def newest(self) -> bytes:
        """The id of the key that encrypts."""
        return next(iter(self.ciphers))

    def encrypt(self, context: str, text: str) -> bytes:
        """Encrypt `text` for the column named `context`."""
        key_id, nonce = self.newest, os.urandom(NONCE_BYTES)
        sealed = self.ciphers[key_id].encrypt(nonce, text.encode(), context.encode())
        return bytes([len(key_id)]) + key_id + nonce + sealed

    def decrypt(self, context: str, stored: bytes) -> str:
        """The text that `encrypt` was given for the same column.

        Raises:
            UndecryptableError: the key is not in the ring, or the value or its column is not what was written.
        """
        return self.decrypter(context)(stored)

    def decrypter(self, context: str) -> Callable[[bytes], str]:
        """What decrypts one column's values, as `decrypt` does: a batch of letters has thousands."""
        ciphers, column = self.ciphers, context.encode()

        def decrypt(stored: bytes) -> str:
            key_id = key_id_of(stored)
            cipher = ciphers.get(key_id)
            if cipher is None:
                raise UndecryptableError(f"no key {key_id!r} in the ring for {context}")
            start = 1 + len(key_id)
            end = start + NONCE_BYTES
            try:
                return cipher.decrypt(stored[start:end], stored[end:], column).decode()
            except (InvalidTag, ValueError):  # the latter where a nonce was cut
                raise UndecryptableError(f"a value of {context} was changed or moved") from None

        return decrypt

    def blind_index(self, context: str, text: str) -> bytes:
        """A keyed hash by which equal texts of one column find each other without being readable (32 bytes)."""
        return hmac.digest(self.index_key, context.encode() + b"\0" + text.encode(), hashlib.sha256)


def key_id_of(stored: bytes) -> bytes:
    """The id of the key that a stored value was encrypted with."""
    return stored[1 : 1 + stored[0]] if stored else b""


def new_key() -> str:
    """A fresh 32-byte key in base64."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()


def new_ring() -> str:
    """A fresh ring of one key, as FIELD_KEYS takes it."""
    return f"{secrets.token_hex(3)}:{new_key()}"


@dataclass(frozen=True, slots=True)
class DevelopmentKeys:
    """What a developer's machine makes for itself on the first run."""

    secret_key: str = field(repr=False)
    field_keys: str = field(repr=False)
    index_key: str = field(repr=False)


def load_or_create_development_keys(path: Path) -> DevelopmentKeys:
    """The keys kept in `path` (readable by its owner only); made when the file is not there yet.

    Several processes may start at once: the first to link its finished file wins and all read the same keys.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = {"secret_key": secrets.token_urlsafe(48), "field_keys": new_ring(), "index_key": new_key()}
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(made), encoding="utf-8")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return DevelopmentKeys(**json.loads(path.read_text(encoding="utf-8")))


def _decode_key(encoded: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(encoded.strip())
    except (binascii.Error, ValueError):
        raise KeyFormatError("a key must be base64") from None
    if len(key) != KEY_BYTES:
        raise KeyFormatError(f"a key must be {KEY_BYTES} bytes long, in base64")
    return key
