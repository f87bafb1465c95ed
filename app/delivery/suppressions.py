"""Addresses that must not be mailed: checked at every hand-over, whatever the mail is for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.delivery.models import Suppression, SuppressionReason
from app.privacy.fields import keys_of
from app.privacy.keys import HASH_BYTES, FieldKeys
from app.ready import GivenHashes, Ready
from app.statements import insert_or
from app.targets.models import Target

_CONTEXT = "suppression.address"

HASHES_KEPT = 4096
"""Targets' addresses whose hash is made once: a campaign's letters go to few, again and again."""


def address_hash(session: Session, address: str) -> bytes:
    """The keyed hash that an address is kept under; letter case makes no difference."""
    return _hash(keys_of(session.get_bind().dialect), address)


def _hash(keys: FieldKeys, address: str) -> bytes:
    return keys.blind_index(_CONTEXT, address.strip().lower())


_kept_hash = lru_cache(HASHES_KEPT)(_hash)
_GIVEN = GivenHashes(HASH_BYTES)
_FOUND = Ready(
    lambda dialect: select(Suppression.address_hash).where(Suppression.address_hash.in_(_GIVEN.build(dialect)))
)


def suppressed_among(session: Session, addresses: Collection[str], *, of_targets: bool = False) -> frozenset[str]:
    """Those of the addresses that must not be mailed. Hashes of those `of_targets`, which are public, are kept."""
    keys = keys_of(session.get_bind().dialect)
    hashed = _kept_hash if of_targets else _hash
    by_hash = {hashed(keys, address): address for address in addresses}
    found = _FOUND.run(session, **_GIVEN.values(session, by_hash)).scalars()
    return frozenset(by_hash[bytes(one)] for one in found)


def suppress(
    session: Session,
    address: str,
    reason: SuppressionReason,
    why: str,
    now: datetime,
    *,
    delivery_id: int | None = None,
) -> bool:
    """Mail this address no more; returns false where that was so before. `why` must not name the address."""
    row = {
        "address_hash": address_hash(session, address),
        "reason": reason,
        "why": why,
        "delivery_id": delivery_id,
        "at": now,
    }
    statement = insert_or(session, Suppression).values(row).on_conflict_do_nothing().returning(Suppression.id)
    return session.scalar(statement) is not None


def lift(session: Session, address: str) -> bool:
    """Let this address be mailed again; returns false where it was not suppressed."""
    wanted = Suppression.address_hash == address_hash(session, address)
    return session.scalar(delete(Suppression).where(wanted).returning(Suppression.id)) is not None


@dataclass(frozen=True, slots=True)
class SuppressedTarget:
    """A target's public address that must not be mailed."""

    address: str
    reason: SuppressionReason
    why: str
    at: datetime


def suppressed_targets(session: Session) -> tuple[list[SuppressedTarget], int]:
    """The targets' addresses that must not be mailed, and how many other addresses: those stay unnamed."""
    by_hash = {bytes(row.address_hash): row for row in session.scalars(select(Suppression))}
    addresses = sorted(set(session.scalars(select(Target.email).where(Target.email != ""))))
    found = [
        SuppressedTarget(address, row.reason, row.why, row.at)
        for address in addresses
        if (row := by_hash.get(address_hash(session, address))) is not None
    ]
    return found, len(by_hash) - len({address_hash(session, one.address) for one in found})
