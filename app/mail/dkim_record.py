"""Whether receivers can check our signatures by the DNS record under our selector (RFC 6376, section 3.6.1)."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Sequence

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from app.mail.dmarc import tags_of
from app.sentences import say as _l


def fault_of_record(name: str, records: Sequence[str], key: RSAPublicKey) -> str:
    """Why the records at the name are not those of our public key; empty when all is well."""
    return next(_faults(name, records, key), "")


def _faults(name: str, records: Sequence[str], key: RSAPublicKey) -> Iterator[str]:
    if not records:
        yield _l("%(name)s does not exist: no receiver can check our signatures.", name=name)
        return
    if len(records) > 1:
        yield _l("%(name)s has more than one record, of which receivers take any.", name=name)
    tags = tags_of(records[0])
    if tags.get("v", "DKIM1") != "DKIM1" or tags.get("k", "rsa").lower() != "rsa" or "p" not in tags:
        yield _l("%(name)s is no DKIM record with an RSA key.", name=name)
    elif not tags["p"]:
        yield _l("%(name)s says that the key was withdrawn.", name=name)
    elif not _is_key(tags["p"], key):
        yield _l("%(name)s has another key than DKIM_PRIVATE_KEY: every signature fails.", name=name)
    if "sha256" not in _listed(tags.get("h", "sha256")):
        yield _l("%(name)s does not allow SHA-256, which we sign with.", name=name)
    if not {"*", "email"} & _listed(tags.get("s", "*")):
        yield _l("%(name)s is not for mail.", name=name)


def _listed(value: str) -> set[str]:
    return {one.strip() for one in value.lower().split(":")}


def _is_key(published: str, key: RSAPublicKey) -> bool:
    try:
        other = load_der_public_key(b64decode("".join(published.split())))
    except (ValueError, UnsupportedAlgorithm):
        return False
    return isinstance(other, RSAPublicKey) and other.public_numbers() == key.public_numbers()
