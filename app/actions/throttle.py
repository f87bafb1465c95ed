"""How much may be asked of us: by one address, by one network, and by everybody together.

A public form that sends mail to any address typed into it is a relay for bombing strangers. Counts are kept in fixed
windows under keyed hashes, so the table holds no address and no network; each check costs one statement.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.actions.models import Throttle
from app.config import Limits
from app.db import insert_or
from app.privacy.keys import FieldKeys

ADDRESS_WINDOW = timedelta(days=1)
NETWORK_WINDOW = timedelta(hours=1)
SITE_WINDOW = timedelta(hours=1)
_SITE = "unconfirmed"


class ThrottledError(Exception):
    """Too much was asked; `again_at` is when it may be asked again."""

    def __init__(self, again_at: datetime) -> None:
        super().__init__(f"until {again_at:%H:%M}")
        self.again_at = again_at


@dataclass(frozen=True, slots=True)
class Gate:
    """Counts submissions against the limits."""

    limits: Limits
    keys: FieldKeys

    def admit(self, session: Session, email: str, network: str, now: datetime) -> None:
        """Count one submission. `email` is normalised, `network` is the address that the request came from.

        Raises:
            ThrottledError: a limit is reached; the caller's transaction is to be rolled back.
        """
        self._count(session, f"address:{email}", ADDRESS_WINDOW, self.limits.address_per_day, now)
        self._count(session, f"network:{network_of(network)}", NETWORK_WINDOW, self.limits.network_per_hour, now)
        self._count(session, _SITE, SITE_WINDOW, self.limits.unconfirmed_per_hour, now)

    def release(self, session: Session, now: datetime) -> None:
        """Take one submission off the site's backlog of unconfirmed ones, because it was confirmed."""
        session.execute(
            update(Throttle)
            .where(
                Throttle.bucket == self._bucket(_SITE),
                Throttle.window_ends == window_end(now, SITE_WINDOW),
                Throttle.count > 0,
            )
            .values(count=Throttle.count - 1)
        )

    def _count(self, session: Session, what: str, window: timedelta, limit: int, now: datetime) -> None:
        ends = window_end(now, window)
        statement = insert_or(session, Throttle).values(bucket=self._bucket(what), window_ends=ends, count=1)
        counted = statement.on_conflict_do_update(
            index_elements=[Throttle.bucket, Throttle.window_ends], set_={"count": Throttle.count + 1}
        ).returning(Throttle.count)
        if session.scalars(counted).one() > limit:
            raise ThrottledError(ends)

    def _bucket(self, what: str) -> bytes:
        return self.keys.blind_index("throttle", what)


def window_end(now: datetime, window: timedelta) -> datetime:
    """When the fixed window that `now` lies in ends; windows start at multiples of their length since 1970."""
    seconds = int(window.total_seconds())
    return datetime.fromtimestamp((int(now.timestamp()) // seconds + 1) * seconds, UTC)


def network_of(address: str) -> str:
    """The network that an address counts for: its /24 (IPv4) or /64 (IPv6); the text itself where it is no address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    bits = 24 if parsed.version == 4 else 64  # noqa: PLR2004 - the versions are called so
    return str(ipaddress.ip_network(f"{parsed}/{bits}", strict=False))


def forget_windows(session: Session, now: datetime) -> None:
    """Delete counts whose window has ended."""
    session.execute(delete(Throttle).where(Throttle.window_ends < now))
