"""This project's own workers, with the settings of production but for pace and hours, which would hold them back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.delivery.ledger import differences, totals
from app.privacy.keys import FieldKeys, new_key, new_ring
from app.queue.states import DeliveryState
from benchmarks.databases import Store, opened
from benchmarks.race import Finish, Runner, race


class LedgerError(Exception):
    """After a run the ledger did not add up, or not all letters were sent: what was measured would be worth nothing."""


@dataclass(frozen=True, slots=True)
class Ours:
    """An installation of ours in a scratch folder."""

    scratch: Path
    mail: Mapping[str, str]
    """The settings of the way out."""
    ring: str = field(default_factory=new_ring, repr=False)
    index_key: str = field(default_factory=new_key, repr=False)

    @property
    def keys(self) -> FieldKeys:
        """The keys that its rows are encrypted with."""
        return FieldKeys.parse(self.ring, self.index_key)

    def environment(self, url: str) -> dict[str, str]:
        """The settings of a worker on the database at `url`."""
        return {
            "APP_ENV": "production",
            "BASE_URL": "https://letters.bench.example",
            "CONTACT_EMAIL": "help@bench.example",
            "DATABASE_URL": url,
            "FIELD_KEYS": self.ring,
            "INDEX_KEY": self.index_key,
            "INSTANCE_DIR": str(self.scratch),
            "LANE_HOURS": "always",
            "LANE_PACE_PER_HOUR": "0",
            "MAIL_FROM": "letters@bench.example",
            "SECRET_KEY": self.index_key,
            "TRUSTED_PROXIES": "0",
            **self.mail,
        }

    def deliver(self, store: Store, name: str, *, workers: int = 1, most: int = 0, counting: bool = True) -> Finish:
        """Let workers deliver what is due in a database, or `most` of it, perhaps without the reports' counters."""
        runner = Runner(
            "benchmarks.ours_worker",
            ["--most", str(most), *([] if counting else ["--uncounted"])],
            self.scratch / "ours.log",
            self.environment(store.url(name)),
        )
        return race([runner] * workers)

    def check(self, store: Store, name: str, sent: int) -> None:
        """See that `sent` letters were sent and that the ledger adds up.

        Raises:
            LedgerError: it is not so.
        """
        with opened(store, name, self.keys) as sessions, sessions.read() as session:
            found = totals(session)["bench"][DeliveryState.SENT]
            faults = list(differences(session))
        if found != sent or faults:
            raise LedgerError(f"{found} letters of {sent} are sent; {'; '.join(faults) or 'the ledger adds up'}")


SESSIONS = 16
"""Connections of each worker, as many as smtp-source has."""


def by_smtp(port: int) -> dict[str, str]:
    """The settings of a way out through an SMTP server on loopback."""
    return {
        "MAIL_TRANSPORT": "smtp",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "SMTP_SECURITY": "none",
        "SMTP_SESSIONS": str(SESSIONS),
    }
