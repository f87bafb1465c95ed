"""The ledger finds whatever was changed behind its back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Executable, delete, func, insert, select, update

from app.actions.models import Letter
from app.delivery.ledger import differences
from app.mail.message import Message
from app.mail.transport import Accepted, Deferred, Outcome
from app.queue.models import Delivery, DeliveryEvent
from app.queue.states import DeliveryState, Purpose
from tests.delivery.conftest import Office
from tests.support.builders import BOB

S = DeliveryState
MINUTE = timedelta(minutes=1)
THE_LETTER = (Delivery.id == select(func.min(Letter.id)).scalar_subquery(),)
ITS_EVENT = (DeliveryEvent.delivery_id == select(Delivery.id).where(*THE_LETTER).scalar_subquery(),)
COPIED = [column for column in DeliveryEvent.__table__.c if not column.primary_key]


def ledger_of(office: Office) -> list[str]:
    with office.scene.sessions.read() as session:
        return list(differences(session))


def change(office: Office, statement: Executable) -> list[str]:
    """Write into the database past every rule of ours, and ask the ledger."""
    with office.scene.sessions.write() as session:
        session.execute(statement)
    return ledger_of(office)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (update(Delivery).where(*THE_LETTER).values(state=S.QUEUED), "is queued, its last event says sent"),
        (update(DeliveryEvent).where(*ITS_EVENT).values(to_state=S.HELD), "is sent, its last event says held"),
        (update(DeliveryEvent).where(*ITS_EVENT).values(from_state=S.HELD), "begins at held, the one before it"),
        (update(DeliveryEvent).where(*ITS_EVENT).values(lease_id=None), "begins at sending, the one before it"),
        (update(DeliveryEvent).where(*ITS_EVENT).values(lease_id=99), "there is no lease 99"),
        (update(DeliveryEvent).where(*ITS_EVENT).values(delivery_id=99), "there is an event of it, and no such"),
        (delete(DeliveryEvent).where(*ITS_EVENT), "is sent, its last event says queued"),
        (update(DeliveryEvent).where(*ITS_EVENT).values(from_state=S.QUEUED), "what names it was no settlement"),
        (update(Delivery).where(*THE_LETTER).values(lease_id=99), "there is no lease 99"),
        (update(Delivery).where(*THE_LETTER).values(lease_id=None), "under lease None, and settled last under"),
        (update(Delivery).where(*THE_LETTER).values(state=S.SENDING), "was claimed last under lease"),
        (
            insert(DeliveryEvent).from_select([one.name for one in COPIED], select(*COPIED).where(*ITS_EVENT)),
            "was settled more than once under lease",
        ),
    ],
)
def test_what_was_changed_behind_its_back_is_found(office: Office, statement: Executable, told: str) -> None:
    office.scene.confirmed()
    office.deliver()
    assert ledger_of(office) == []
    assert any(told in line for line in change(office, statement))


def test_what_is_being_sent_needs_a_lease(office: Office) -> None:
    office.letter()
    worker = office.worker()
    worker._claim()
    assert ledger_of(office) == []
    told = change(office, update(Delivery).where(*THE_LETTER).values(lease_id=99))
    assert any("is sending, its last event says queued" in line for line in told)


def test_it_holds_over_tries_that_were_deferred_and_letters_that_only_wait(office: Office) -> None:
    tried: set[int] = set()

    def answer(message: Message) -> Outcome:
        known = message.id in tried
        tried.add(message.id)
        return Accepted("250 In") if known else Deferred("450 4.2.1 Busy")

    office.transport.answer = answer
    office.scene.confirmed()
    office.deliver()
    assert ledger_of(office) == []
    office.deliver(after=2 * MINUTE)
    office.scene.confirmed(BOB)
    assert ledger_of(office) == []
    assert len(office.scene.story(office.scene.deliveries(Purpose.LETTER)[0].id)) == 5
