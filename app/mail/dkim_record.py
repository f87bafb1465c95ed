"""Whether receivers can check our signatures by the DNS record under our selector (RFC 6376, section 3.6.1)."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Sequence

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from app.mail.dmarc import tags_of


def fault_of_record(records: Sequence[str], key: RSAPublicKey) -> str:
    """Why the records are not those of our public key, completing "the name …"; empty when all is well."""
    return next(_faults(records, key), "")


def _faults(records: Sequence[str], key: RSAPublicKey) -> Iterator[str]:
    if not records:
        yield "does not exist: no receiver can check our signatures"
        return
    if len(records) > 1:
        yield "has more than one record, of which receivers take any"
    tags = tags_of(records[0])
    if tags.get("v", "DKIM1") != "DKIM1" or tags.get("k", "rsa").lower() != "rsa" or "p" not in tags:
        yield "is no DKIM record with an RSA key"
    elif not tags["p"]:
        yield "says that the key was withdrawn"
    elif not _is_key(tags["p"], key):
        yield "has another key than DKIM_PRIVATE_KEY: every signature fails"
    if "sha256" not in _listed(tags.get("h", "sha256")):
        yield "does not allow SHA-256, which we sign with"
    if not {"*", "email"} & _listed(tags.get("s", "*")):
        yield "is not for mail"


def _listed(value: str) -> set[str]:
    return {one.strip() for one in value.lower().split(":")}


def _is_key(published: str, key: RSAPublicKey) -> bool:
    try:
        other = load_der_public_key(b64decode("".join(published.split())))
    except (ValueError, UnsupportedAlgorithm):
        return False
    return isinstance(other, RSAPublicKey) and other.public_numbers() == key.public_numbers()
