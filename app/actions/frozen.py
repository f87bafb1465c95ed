"""How letters name those whom they are to, frozen when they are confirmed, and kept once for all that say the same."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import astuple

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from app.actions.models import FrozenRecipient, Letter
from app.letters.compose import Recipient
from app.statements import insert_or

_KEY = (FrozenRecipient.name, FrozenRecipient.organisation, FrozenRecipient.salutation)


def frozen_recipients(session: Session, recipients: Collection[Recipient]) -> dict[Recipient, int]:
    """The row of each recipient, made where there is none yet."""
    known = _known(session, recipients)
    missing = [recipient for recipient in recipients if recipient not in known]
    if missing:
        session.execute(
            insert_or(session, FrozenRecipient).on_conflict_do_nothing(index_elements=list(_KEY)),
            # In one order, so that two transactions never wait for each other in a circle.
            [
                {"name": name, "organisation": organisation, "salutation": salutation}
                for name, organisation, salutation in sorted(map(astuple, missing))
            ],
        )
        known |= _known(session, missing)
    return known


def recipient_in(letter: Letter) -> Recipient:
    """How the letter names those whom it is to."""
    frozen = letter.recipient
    return Recipient(frozen.name, frozen.organisation, frozen.salutation)


def _known(session: Session, recipients: Collection[Recipient]) -> dict[Recipient, int]:
    wanted = select(FrozenRecipient.id, *_KEY).where(tuple_(*_KEY).in_(map(astuple, recipients)))
    return {Recipient(*key): number for number, *key in session.execute(wanted)}
