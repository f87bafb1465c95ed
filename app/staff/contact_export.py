"""Taking supporters away: that somebody began is written down before the first row leaves, and how many left after."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.actions.consent import Contact, Sought, Standing, Suppressed, contacts
from app.db import Sessions
from app.staff.audit import Deed, record


def begin_export(session: Session, actor_id: int | None, sought: Sought, now: datetime) -> None:
    """Write down who is about to take which supporters away."""
    record(session, actor_id, Deed("supporters.export_begun", sought.campaign_id, after=_told(sought)), now)


def exported(
    sessions: Sessions,
    actor_id: int | None,
    sought: Sought,
    clock: Callable[[], datetime],
    suppressed: Suppressed | None = None,
) -> Iterator[Contact]:
    """Those who are asked for; when the last has left, or nobody takes any more, their number is written down.

    Who may be written to, but for an address that must not be mailed, is left out and counted. Whoever took their word
    back is never left out: they are to be deleted elsewhere.
    """
    number, left_out, whole = 0, 0, False
    try:
        for contact in contacts(sessions, sought, suppressed if sought.standing is Standing.OPTED_IN else None):
            if contact.suppressed:
                left_out += 1
                continue
            number += 1
            yield contact
        whole = True
    finally:
        after = {**_told(sought), "rows": number, "left_out": left_out, "whole": whole}
        with sessions.write() as session:
            record(session, actor_id, Deed("supporters.exported", sought.campaign_id, after=after), clock())


def _told(sought: Sought) -> Mapping[str, Any]:
    return {
        "what": sought.standing.value,
        "campaign_id": sought.campaign_id,
        "since": None if sought.since is None else sought.since.isoformat(),
    }
