"""Asking an address itself: a mail with a code and a link, of which whoever reads it gives one back.

The code is told to staff (on the telephone, say) and typed in by them; the link leads to a page with a button. Either
proves that the mail was read at the address that it was sent to, which is what verification says.
"""

from __future__ import annotations

import hmac
import uuid
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from app.actions.links import Links
from app.queue.lanes import notices_lane
from app.queue.models import NO_CAMPAIGN
from app.queue.rows import Parcel, put
from app.queue.states import Purpose
from app.registrar.desk import Registrar
from app.registrar.models import AddressCheck
from app.staff.audit import Deed, record
from app.targets.by_key import target_by_id_to_change
from app.targets.models import Target

LASTS = timedelta(days=14)
MOST_A_DAY = 3
"""How many mails one target, and one address, may be asked by in a day: nobody's mailbox is filled by this, whoever
publishes the same address for many."""
MOST_WRONG_CODES = 10

READER = "whoever reads the address"
"""Who has verified an address by the link."""


class CannotAskError(ValueError):
    """The target has no address, or was asked often enough."""


class WrongCodeError(ValueError):
    """The code is none that was mailed to the address that the target has."""


def ask(registrar: Registrar, target: Target) -> int:
    """Queue a mail to the target's address; its delivery's id. Earlier mails count no more.

    Raises:
        CannotAskError: it has none, or was asked often enough for a day.
    """
    session, now = registrar.session, registrar.now
    if not target.email:
        raise CannotAskError(f"{target.name} has no e-mail address.")
    if _asked_lately(session, target, now) >= MOST_A_DAY:
        raise CannotAskError(f"{target.name} was asked {MOST_A_DAY} times within a day.")
    _end_checks(session, target.id, now)
    [delivery_id] = put(session, [Parcel(Purpose.ADDRESS_CHECK, NO_CAMPAIGN, None, notices_lane(session))], now)
    check = AddressCheck(
        public_id=uuid.uuid4(),
        target_id=target.id,
        email=target.email,
        member_id=registrar.actor_id,
        delivery_id=delivery_id,
        asked_at=now,
        expires_at=now + LASTS,
    )
    session.add(check)
    record(session, registrar.actor_id, Deed("target.asked", target.id, after={"email": target.email}), now)
    return delivery_id


def _asked_lately(session: Session, target: Target, now: datetime) -> int:
    """How many mails went to the target or to its address within a day."""
    lately = AddressCheck.asked_at > now - timedelta(days=1)
    same = or_(AddressCheck.target_id == target.id, func.lower(AddressCheck.email) == target.email.lower())
    return session.scalar(select(func.count()).where(lately, same)) or 0


def waiting_check(session: Session, target: Target, now: datetime) -> AddressCheck | None:
    """The mail to the address that the target has now that nobody has answered yet."""
    return session.scalar(
        select(AddressCheck)
        .where(
            AddressCheck.target_id == target.id,
            AddressCheck.ended_at.is_(None),
            AddressCheck.expires_at > now,
            func.lower(AddressCheck.email) == target.email.lower(),
        )
        .order_by(AddressCheck.id.desc())
        .limit(1)
    )


def give_code(registrar: Registrar, links: Links, target: Target, code: str) -> bool:
    """Verify the target's address if the code is the one that was mailed to it.

    Returns:
        Whether it is. A wrong one is counted, so the caller commits either way.

    Raises:
        WrongCodeError: no mail waits for an answer, or too many codes were wrong.
    """
    check = waiting_check(registrar.session, target, registrar.now)
    if check is None or check.wrong_codes >= MOST_WRONG_CODES:
        raise WrongCodeError("No code is waited for: send a new one.")
    given = "".join(filter(str.isalnum, code)).encode()
    if not hmac.compare_digest(given, links.code(check.public_id).encode()):
        check.wrong_codes += 1
        return False
    check.ended_at = registrar.now
    registrar.verify(target, "the code of a mail to the address was given back")
    return True


def check_of_link(session: Session, public_id: uuid.UUID, now: datetime) -> AddressCheck | None:
    """The check that a link is of, with its target, if it is still good."""
    check = session.scalar(
        select(AddressCheck).where(AddressCheck.public_id == public_id).options(joinedload(AddressCheck.target))
    )
    return check if check is not None and is_good(check, now) else None


def is_good(check: AddressCheck, now: datetime) -> bool:
    """Whether an answer would say something of the address that the target has now."""
    same = check.email.casefold() == check.target.email.casefold()
    return same and check.ended_at is None and check.expires_at > now


def confirm(session: Session, public_id: uuid.UUID, now: datetime) -> Target | None:
    """Verify the address that a link was mailed to, once; the target, or none where the link is good no more."""
    check = check_of_link(session, public_id, now)
    if check is None:
        return None
    target = target_by_id_to_change(session, check.target_id)
    used = update(AddressCheck).where(AddressCheck.id == check.id, AddressCheck.ended_at.is_(None))
    if not is_good(check, now) or session.scalar(used.values(ended_at=now).returning(AddressCheck.id)) is None:
        return None
    Registrar(session, None, READER, now).verify(target, "the link of a mail to the address was opened and confirmed")
    return target


def _end_checks(session: Session, target_id: int, now: datetime) -> None:
    open_here = (AddressCheck.target_id == target_id) & AddressCheck.ended_at.is_(None)
    session.execute(update(AddressCheck).where(open_here).values(ended_at=now))
