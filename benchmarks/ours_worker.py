"""A worker of ours that delivers what is due and goes: `python -m benchmarks.ours_worker`.

The platform is built from the environment as in production. Only the time from the start to the last committed change
of state is measured; `--most` ends it when that many letters were handed over.
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from app.bootstrap import platform_from_environment, warm_up
from app.db import Sessions
from app.logs import install_logs
from app.mail.message import Message
from app.mail.transport import Transport, Watcher
from app.queue import counters
from app.ready import rehearse
from benchmarks.starting_line import say_done, wait_for_go


class TimedSessions(Sessions):
    """Sessions that add up how long their transactions were open; none of them is while the network is used."""

    seconds = 0.0

    @contextmanager
    def read(self) -> Iterator[Session]:
        """See `Sessions.read`."""
        begun = time.perf_counter()
        with super().read() as session:
            yield session
        self.seconds += time.perf_counter() - begun

    @contextmanager
    def write(self) -> Iterator[Session]:
        """See `Sessions.write`."""
        begun = time.perf_counter()
        with super().write() as session:
            yield session
        self.seconds += time.perf_counter() - begun


@dataclass(slots=True)
class CountingTransport:
    """A transport that counts the messages which it passes on to another."""

    inner: Transport
    taken: int = 0

    @property
    def reaches_people(self) -> bool:
        """See `Transport.reaches_people`."""
        return self.inner.reaches_people

    def hand_over(self, messages: Iterator[Message], watcher: Watcher) -> None:
        """See `Transport.hand_over`."""
        self.inner.hand_over(self._counted(messages), watcher)

    def close(self) -> None:
        """See `Transport.close`."""
        self.inner.close()

    def _counted(self, messages: Iterator[Message]) -> Iterator[Message]:
        for message in messages:
            self.taken += 1
            yield message


def main() -> None:
    """Get ready, wait for the start, deliver."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=int, default=0)
    parser.add_argument("--uncounted", action="store_true")
    asked = parser.parse_args()
    most = asked.most
    if asked.uncounted:
        # What the counters cost can be told only by sending without them, which the platform itself never does.
        counters.count_letters = lambda *_: None
    install_logs(logging.INFO)
    platform = platform_from_environment()
    sessions, transport = TimedSessions(platform.sessions.engine), CountingTransport(platform.transport)
    dispatcher = replace(platform, sessions=sessions, transport=transport).dispatcher
    with sessions.write() as session:
        rehearse(session)  # as a worker does when it starts
    sessions.seconds = 0.0
    warm_up()
    wait_for_go()
    dispatcher.deliver_due(lambda: bool(most) and transport.taken >= most)
    say_done(letters=transport.taken, database_seconds=sessions.seconds)
    dispatcher.close()


if __name__ == "__main__":
    main()
