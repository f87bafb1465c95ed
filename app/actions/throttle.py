"""How much may be asked of us: by one address, by one network, and by everybody together.

A public form that sends mail to any address typed into it is a relay for bombing strangers. Counts are kept in fixed
windows under keyed hashes, so the table holds no address and no network; each check costs one statement.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.actions.models import Throttle
from app.batches import delete_some
from app.config import Limits
from app.privacy.keys import FieldKeys
from app.statements import insert_or

ADDRESS_WINDOW = timedelta(days=1)
NETWORK_WINDOW = timedelta(hours=1)
SITE_WINDOW = timedelta(hours=1)
WIDE_NETWORK_FACTOR = 5
"""How many times a network's limit everything inside an IPv6 /48 may ask for together."""
_SITE = "unconfirmed"


class ThrottledError(Exception):
    """Too much was asked; `again_at` is when it may be asked again."""

    def __init__(self, again_at: datetime) -> None:
        super().__init__(f"until {again_at:%H:%M}")
        self.again_at = again_at


@dataclass(frozen=True, slots=True)
class Gate:
    """Counts submissions, and reports of wrong data, against the limits."""

    limits: Limits
    keys: FieldKeys

    def admit(self, session: Session, mailbox: str, network: str, now: datetime) -> bool:
        """Count one submission.

        Args:
            session: counts in the caller's transaction.
            mailbox: where mail would go, as `app.actions.addresses.mailbox_form` writes it.
            network: the address that the request came from.
            now: the time.

        Returns:
            Whether the mailbox may get one more mail. A no is not for the page: who asks about somebody else's address
            would learn from it that they have written.

        Raises:
            ThrottledError: the network's or the site's limit is reached; the caller's transaction is to be rolled back.
        """
        limit = self.limits.network_per_hour
        self.refuse_network(session, "network", network, now, window=NETWORK_WINDOW, limit=limit)
        self.refuse_beyond(session, _SITE, SITE_WINDOW, self.limits.unconfirmed_per_hour, now)
        asked = self._count(session, f"address:{mailbox}", ADDRESS_WINDOW, now)
        return asked <= self.limits.address_per_day

    def admit_correction(self, session: Session, network: str, now: datetime) -> None:
        """Count one report that a target's data are wrong.

        Raises:
            ThrottledError: the network's limit is reached; the caller's transaction is to be rolled back.
        """
        limit = self.limits.corrections_per_hour
        self.refuse_network(session, "correction", network, now, window=NETWORK_WINDOW, limit=limit)

    def release(self, session: Session, now: datetime) -> None:
        """Take one submission off the site's backlog of unconfirmed ones, because it needs no confirming any more."""
        session.execute(
            update(Throttle)
            .where(
                Throttle.bucket == self._bucket(_SITE),
                Throttle.window_ends == window_end(now, SITE_WINDOW),
                Throttle.count > 0,
            )
            .values(count=Throttle.count - 1)
        )

    def refuse_network(
        self, session: Session, what: str, network: str, now: datetime, *, window: timedelta, limit: int
    ) -> None:
        """Count one of `what` for the network that the request came from, and for the customer who may have all of it.

        Raises:
            ThrottledError: that was one too many.
        """
        networks = ((network_of(network), 1), (wide_network_of(network), WIDE_NETWORK_FACTOR))
        for name, factor in networks:
            if name:
                self.refuse_beyond(session, f"{what}:{name}", window, limit * factor, now)

    def refuse_beyond(self, session: Session, what: str, window: timedelta, limit: int, now: datetime) -> None:
        """Count one of `what`.

        Raises:
            ThrottledError: that was one more than `limit` in this window.
        """
        if self._count(session, what, window, now) > limit:
            raise ThrottledError(window_end(now, window))

    def _count(self, session: Session, what: str, window: timedelta, now: datetime) -> int:
        ends = window_end(now, window)
        statement = insert_or(session, Throttle).values(bucket=self._bucket(what), window_ends=ends, count=1)
        counted = statement.on_conflict_do_update(
            index_elements=[Throttle.bucket, Throttle.window_ends], set_={"count": Throttle.count + 1}
        ).returning(Throttle.count)
        return session.scalars(counted).one()

    def _bucket(self, what: str) -> bytes:
        return self.keys.blind_index("throttle", what)


def window_end(now: datetime, window: timedelta) -> datetime:
    """When the fixed window that `now` lies in ends; windows start at multiples of their length since 1970."""
    seconds = int(window.total_seconds())
    return datetime.fromtimestamp((int(now.timestamp()) // seconds + 1) * seconds, UTC)


def network_of(address: str) -> str:
    """The network that an address counts for: its /24 (IPv4) or /64 (IPv6); the text itself where it is no address."""
    parsed = _parsed(address)
    if parsed is None:
        return address
    return _network(parsed, 24 if isinstance(parsed, ipaddress.IPv4Address) else 64)


def wide_network_of(address: str) -> str:
    """The /48 of an IPv6 address, for one customer may have all of it; empty for anything else."""
    parsed = _parsed(address)
    return _network(parsed, 48) if isinstance(parsed, ipaddress.IPv6Address) else ""


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _network(address: ipaddress.IPv4Address | ipaddress.IPv6Address, bits: int) -> str:
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))


def forget_windows(session: Session, now: datetime) -> int:
    """Delete some of the counts whose window has ended; how many."""
    return delete_some(session, Throttle, Throttle.window_ends < now)
