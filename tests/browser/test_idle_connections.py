"""Browsers open connections before they need them: those who ask for nothing keep nobody waiting."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from urllib.request import urlopen

from tests.support.site import LiveSite

IDLE = 6  # more than the site has processes
PATIENCE = 15  # seconds; an idle connection held a process for thirty


def test_connections_that_ask_for_nothing_keep_nobody_waiting(live_site: LiveSite) -> None:
    with ExitStack() as stack:
        for _ in range(IDLE):
            stack.enter_context(socket.create_connection(("127.0.0.1", live_site.port)))
        for _ in range(IDLE):
            with urlopen(live_site.url, timeout=PATIENCE) as answer:  # noqa: S310 - our own site
                assert answer.status == 200
