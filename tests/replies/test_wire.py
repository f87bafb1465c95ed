"""Protected letters on a real wire: what arrives, and the answer's way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import update

from app.bootstrap import Platform, build_platform
from app.campaigns.models import Replies
from app.config import Config
from app.replies.relay import Taken
from app.targets.models import Target
from tests.replies.conftest import BOB, CARLA, answer
from tests.support.builders import ALICE, make_scene
from tests.support.fakes import FakeClock, FakeDoorbell
from tests.support.services import ReceivedMail, SmtpServer

MAIL_FROM, REPLIES_TO = "letters@ours.example", "answers@ours.example"


@pytest.fixture
def platform(make_config: Callable[..., Config], database_url: str, smtp_server: SmtpServer, now: datetime) -> Platform:
    """A house that sends by SMTP, with one campaign that protects replies, and a letter that has gone."""
    config = make_config(
        DATABASE_URL=database_url,
        MAIL_TRANSPORT="smtp",
        SMTP_HOST=smtp_server.host,
        SMTP_PORT=str(smtp_server.port),
        SMTP_SECURITY="none",
        MAIL_FROM=MAIL_FROM,
        BOUNCE_ADDRESS="bounces@ours.example",
        REPLY_ADDRESS=REPLIES_TO,
        LANE_PACE_PER_HOUR="0",
        LANE_HOURS="always",
    )
    platform = replace(build_platform(config, clock=FakeClock(now)), doorbell=FakeDoorbell())
    scene = make_scene(platform.sessions, now, replies=Replies.PROTECTED)
    with platform.sessions.write() as session:
        session.execute(update(Target).values(verified_at=now))
    scene.confirmed()
    platform.dispatcher.deliver_due()
    return platform


def to(server: SmtpServer, address: str) -> list[ReceivedMail]:
    return [mail for mail in server.mails if mail.recipients == [address]]


def everything(mail: ReceivedMail) -> str:
    """The envelope, the bytes, and all that can be decoded of them."""
    parts = [part.get_content() for part in mail.message.walk() if not part.is_multipart()]
    fields = [f"{name}: {value}" for name, value in mail.message.items()]
    return "\n".join([mail.sender, *mail.recipients, mail.raw.decode("latin-1"), *fields, *parts]).lower()


def test_a_letter_arrives_without_its_writers_address_and_its_answer_comes_back(
    platform: Platform, smtp_server: SmtpServer, now: datetime
) -> None:
    for address in (BOB, CARLA):
        [letter] = to(smtp_server, address)
        said = everything(letter)
        assert "alice adams" in said
        for secret in (ALICE, "alice@", "alice=40", "alice%40", "supporter.example"):
            assert secret not in said
        assert letter.message["From"] == f"Alice Adams <{MAIL_FROM}>"
    [letter] = to(smtp_server, BOB)
    reply_to = letter.message["Reply-To"].addresses[0].addr_spec
    assert reply_to.startswith("answers+")
    with platform.sessions.write() as session:
        assert platform.inbox.take_in(session, answer(reply_to), "", now) is Taken.PASSED_ON
    platform.dispatcher.deliver_due()
    passed_on = to(smtp_server, ALICE)[-1].message
    assert passed_on["From"].addresses[0].addr_spec == MAIL_FROM
    assert passed_on["From"].addresses[0].display_name == "Cllr Bob Sample (Solidarity Post)"
    assert passed_on["Reply-To"].addresses[0].addr_spec == BOB
    assert passed_on["Auto-Submitted"] == "auto-generated"
    body = passed_on.get_body(("plain",))
    assert body is not None
    assert "I will vote against it." in body.get_content()
    platform.transport.close()
    platform.sessions.engine.dispose()
