"""DKIM signatures (RFC 6376): by them a receiver can prove that a mail is our domain's, unchanged on its way.

dkimpy brings the header fields and the body into the form that is signed, and its verifier proves every signature in
the tests. The key's own part is `cryptography`'s: dkimpy computes RSA in plain Python, which takes twenty times as
long, and reads the key again for each mail (docs/adr/0011-dkim.md).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from dkim import DKIM, select_headers
from dkim.canonicalization import CanonicalizationPolicy

from app.mail.headers import text_field

SHORTEST_KEY, LONGEST_KEY = 2048, 4096
"""Bits: shorter ones are not safe, and no receiver has to check longer ones (RFC 8301, section 3.2)."""

_RELAXED = CanonicalizationPolicy.from_c_value(b"relaxed/relaxed")
_CLOSED = (b"from", b"to", b"reply-to", b"subject", b"date", b"message-id", b"mime-version", b"content-type")
"""Signed once more than they occur: one that is added later, and perhaps shown instead, breaks the signature."""

_SIGNED = frozenset({*_CLOSED, b"content-transfer-encoding", b"content-language", b"auto-submitted"})
_NAME = "DKIM-Signature"
_CHUNK = 70
"""Characters of the signature between two places where its line may be folded."""


class DkimKeyError(ValueError):
    """A text is no key to sign mail with. The error's text completes "the key …" and shows nothing of it."""


@dataclass(frozen=True, slots=True)
class DkimSigner:
    """Signs mail with one key.

    Args:
        domain: Whose mail it is; the domain of From or a parent of it, so that DMARC finds both aligned.
        selector: Under which name the domain's DNS has the public key.
        key: See `load_private_key`.
        clock: Tells the time of the signature.
    """

    domain: str
    selector: str
    key: RSAPrivateKey = field(repr=False)
    clock: Callable[[], datetime]

    def sign(self, mime: bytes) -> bytes:
        """The mail, as `app.mail.message.to_mime` writes it, with its signature in front."""
        mail = DKIM(mime)
        fields: list[tuple[bytes, bytes]] = _RELAXED.canonicalize_headers(mail.headers)
        names = [*(name for name, _ in fields if name in _SIGNED), *_CLOSED]
        tags = self._tags(names, _RELAXED.canonicalize_body(mail.body))
        [(name, own)] = _RELAXED.canonicalize_headers([(_NAME.encode(), tags.encode())])
        signed = [*select_headers(fields, names), (name, own.rstrip())]
        signature = self.key.sign(b"".join(b"%b:%b" % one for one in signed), PKCS1v15(), SHA256())
        return text_field(_NAME, tags + _spaced(b64encode(signature).decode())).encode() + mime

    def _tags(self, names: list[bytes], body: bytes) -> str:
        """The signature's field without the signature. It has no `l=`: nothing may be added to the body."""
        return "; ".join(
            (
                f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.domain}; s={self.selector}",
                f"t={self.clock().timestamp():.0f}",
                f"h={': '.join(name.decode() for name in names)}",
                f"bh={b64encode(sha256(body).digest()).decode()}",
                "b=",
            )
        )


def load_private_key(pem: str) -> RSAPrivateKey:
    """The key that a PEM text holds.

    Raises:
        DkimKeyError: it is none, has a password, is of another kind than RSA, or too short or too long.
    """
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        raise DkimKeyError("has a password, and nobody could type it in at a start") from None
    except (ValueError, UnsupportedAlgorithm):
        raise DkimKeyError("is not a private key as PEM") from None
    if not isinstance(key, RSAPrivateKey):
        raise DkimKeyError("is not an RSA key, the only kind that every receiver checks")
    if not SHORTEST_KEY <= key.key_size <= LONGEST_KEY:
        raise DkimKeyError(f"has {key.key_size} bits, not {SHORTEST_KEY} to {LONGEST_KEY}")
    return key


def _spaced(text: str) -> str:
    return " ".join(text[start : start + _CHUNK] for start in range(0, len(text), _CHUNK))
