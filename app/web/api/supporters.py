"""Supporters who said that we may write to them, for the group's contact manager."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.orm import Session

from app.actions.consent import Contact, Sought, Standing, contacts_after, marked
from app.actions.contact_tables import record_of
from app.delivery.suppressions import suppressed_among
from app.staff.audit import Deed, record
from app.staff.token_models import Scope
from app.web.api.door import token_here
from app.web.api.tables import Ask, Row, Schema, Table, declare

_TEXT: Schema = {"type": "string"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_ID: Schema = {"type": "integer", "description": "The same for the same person each time."}

SUPPORTER: Mapping[str, Schema] = {
    "id": _ID,
    "name": _TEXT,
    "email": _TEXT,
    "language": _TEXT,
    "consented_at": {**_TIME, "description": "When they ticked the box."},
    "counts_since": {**_TIME, "description": "When they confirmed it from their mailbox."},
    "wording": {"type": "string", "description": "What they agreed to, word for word."},
    "campaign": {"type": "string", "description": "The slug of the campaign in which they did."},
}
WITHDRAWN_SUPPORTER: Mapping[str, Schema] = {"id": _ID, "email": _TEXT, "withdrawn_at": _TIME, "campaign": _TEXT}


def _reader(standing: Standing) -> Callable[[Session, Ask], Sequence[Row]]:
    def read(session: Session, ask: Ask) -> Sequence[Row]:
        found = _found(session, standing, ask)
        return [Row(one.id, record_of(one, withdrawn=standing is Standing.WITHDRAWN)) for one in found]

    return read


def _found(session: Session, standing: Standing, ask: Ask) -> Sequence[Contact]:
    """A whole page, as long as there is anybody: a short one would be taken for the last."""
    sought, after, found = Sought(standing, since=ask.since), ask.after, list[Contact]()
    while len(found) < ask.limit:
        some = contacts_after(session, sought, after, ask.limit)
        if standing is Standing.OPTED_IN:
            found += [one for one in marked(session, some, suppressed_among) if not one.suppressed]
        else:
            found += some
        if len(some) < ask.limit:
            break
        after = some[-1].id
    return found[: ask.limit]


def _noter(standing: Standing) -> Callable[[Session, Ask, int], None]:
    def note(session: Session, ask: Ask, number: int) -> None:
        token = token_here()
        told = {"what": standing.value, "rows": number, "token": token.prefix}
        record(session, token.member_id, Deed("supporters.exported", None, after=told), ask.now)

    return note


declare(
    Table(
        name="supporters",
        path="/supporters",
        scope=Scope.SUPPORTERS,
        summary="People who may be written to: they said so, have not taken it back, and their address may be mailed",
        columns=SUPPORTER,
        read=_reader(Standing.OPTED_IN),
        since=True,
        note=_noter(Standing.OPTED_IN),
    )
)
declare(
    Table(
        name="withdrawn_supporters",
        path="/supporters/withdrawn",
        scope=Scope.SUPPORTERS,
        summary="People who took it back: delete them elsewhere",
        columns=WITHDRAWN_SUPPORTER,
        read=_reader(Standing.WITHDRAWN),
        since=True,
        note=_noter(Standing.WITHDRAWN),
    )
)
