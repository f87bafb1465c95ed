"""How much of a mail the system takes at once, and what is known when it fails: on a socket that does as it is told."""

from __future__ import annotations

from typing import Any, cast

import pytest

from app.mail.smtp_replies import LostError, SmtpMail
from app.mail.smtp_session import Conversation, Load
from app.mail.transport import Uncertain

MAIL = SmtpMail("letters@house.example", "bob@zedmere.example", b"Hello\r\n", 7)
ALL = len(MAIL.content)
GO_ON = b"250 Yes\r\n250 Yes\r\n354 Go on\r\n"


class ToldSocket:
    """Takes so many bytes of a mail at once, or fails there, or at a later call; the envelope is the first."""

    def __init__(self, takes: int | Exception, fails_at: int | None) -> None:
        self._takes, self._fails_at, self._calls = takes, fails_at, 0
        self.sent = b""

    def sendmsg(self, parts: tuple[bytes, ...]) -> int:
        if isinstance(self._takes, Exception):
            raise self._takes
        taken = b"".join(parts)[: self._takes]
        self.sent += taken
        return len(taken)

    def sendall(self, data: bytes) -> None:
        self._calls += 1
        if self._calls == self._fails_at:
            raise TimeoutError("timed out")
        self.sent += data

    def recv(self, _most: int) -> bytes:
        return GO_ON


class Greeted:
    """What smtplib has connected and greeted."""

    def __init__(self, sock: ToldSocket) -> None:
        self.sock = sock

    def has_extn(self, name: str) -> bool:
        return name == "pipelining"

    def close(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize(
    ("takes", "fails_at", "told", "outcome"),
    [
        (ALL, None, "L", None),
        (ALL + 1, None, "L", None),
        (ALL + 3, None, "L", None),
        (ALL - 1, None, "LRL", None),
        (0, None, "LRL", None),
        (ALL, 2, "L", Uncertain),
        (ALL + 1, 2, "L", Uncertain),
        (ALL - 1, 2, "LR", LostError),
        (ALL - 1, 3, "LRL", Uncertain),
        (ConnectionResetError(), None, "LR", LostError),
        (TimeoutError("timed out"), None, "LR", LostError),
    ],
)
def test_a_mail_is_in_doubt_from_when_its_end_may_have_left_and_no_sooner(
    takes: int | Exception, fails_at: int | None, told: str, outcome: type[Uncertain | LostError] | None
) -> None:
    sock, heard = ToldSocket(takes, fails_at), []
    conversation = Conversation(cast("Any", Greeted(sock)), 1, 1)
    conversation.start(Load(MAIL, lambda: heard.append("L"), lambda: heard.append("R")))
    came: object
    try:
        came = conversation.read()
    except LostError as error:
        came = error
    assert "".join(heard) == told
    assert type(came) is (outcome or type(None))
    whole = sock.sent.endswith(b"DATA\r\n" + MAIL.content + b".\r\n")
    assert whole == (outcome is None)
    if outcome is LostError:
        assert not sock.sent.endswith(b".")
