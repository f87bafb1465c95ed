"""What the row of a target on a list is to hold: the columns that a record states, and what is known of its address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any

from app.targets.areas import area_id
from app.targets.changes import Stored
from app.targets.models import ListOwner
from app.targets.records import Provenance, TargetRecord

FILE_SAYS = "the list's file"
"""Who verified an address, where the words of a file say that somebody has."""


def target_values(record: TargetRecord, list_id: int, area_ids: Mapping[str, int]) -> dict[str, Any]:
    """Return the columns that a record states, and that its target is on the list.

    Raises:
        UnknownAreaError: the record's area is not among `area_ids`.
    """
    return {
        "external_id": record.external_id,
        "list_id": list_id,
        "role": record.role.value,
        "name": record.name,
        "salutation": record.salutation,
        "organisation": record.organisation,
        "registration": record.registration,
        "email": record.email,
        "address": record.address,
        "party": record.party,
        "attributes": {name: list(values) for name, values in record.attributes.items()},
        "area_id": area_id(area_ids, record.area_code) if record.area_code else None,
        "valid_from": record.valid_from,
        "valid_to": record.valid_to,
        "source_url": record.source_url,
        "confidence": record.confidence,
        "archived_at": None,
    }


def verification(record: TargetRecord, stored: Stored | None, now: datetime) -> dict[str, Any]:
    """Return what is known of an address: as before if it is the same, else only what new words say.

    The words of an address that changed stay in the row, so that the same words do not verify the new one tomorrow.
    """
    before: Mapping[str, Any] = stored.values if stored else _UNVERIFIED
    same_address = not stored or before["email"].casefold() == record.email.casefold()
    if same_address and before["verified_at"]:
        return verification_as_stored(before)
    if record.verified and record.verified != before["verified_how"]:
        return {"verified_at": now, "verified_how": record.verified, "verified_by": FILE_SAYS}
    return _UNVERIFIED | {"verified_how": before["verified_how"]}


def verification_as_stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was known of an address before."""
    return {name: values[name] for name in _UNVERIFIED}


def fetched_at(owner: ListOwner, provenance: Provenance, now: datetime) -> datetime:
    """Return when a list's source was read: now, or for a file of `targets/` the day that it states.

    A start that reads such a file again has not asked its source again.
    """
    return now if owner is ListOwner.IMPORT else datetime.combine(provenance.as_of, time(), UTC)


_UNVERIFIED: dict[str, Any] = {"verified_at": None, "verified_how": "", "verified_by": ""}
