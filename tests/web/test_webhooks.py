"""SendGrid's reports at the door: signed, or turned away with one line in the log."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.delivery.models import Tally
from app.web.gathered import EVERY
from app.web.webhooks import LARGEST_POST
from tests.support.builders import ALICE
from tests.support.costs import statements
from tests.support.signing import SigningKey
from tests.web.site import Site

PATH = "/webhooks/mail/sendgrid"
SIGNATURE, TIMESTAMP = "X-Twilio-Email-Event-Webhook-Signature", "X-Twilio-Email-Event-Webhook-Timestamp"


@pytest.fixture(scope="module")
def signer() -> SigningKey:
    return SigningKey()


@pytest.fixture
def reported_site(make_site: Callable[..., Site], signer: SigningKey) -> Site:
    """A site that knows SendGrid's key."""
    return make_site(SENDGRID_WEBHOOK_KEY=signer.setting)


def post(site: Site, signer: SigningKey, body: bytes, *, age: timedelta = timedelta(), **headers: str) -> int:
    signature, timestamp = signer.sign(body, site.platform.clock() - age)
    signed = {SIGNATURE: signature, TIMESTAMP: timestamp, "Content-Type": "application/json"}
    return site.app.test_client().post(PATH, data=body, headers=signed | headers).status_code


def event(**told: object) -> bytes:
    return json.dumps([{"event": "delivered", "timestamp": 1763976600, "email": ALICE, **told}]).encode() + b"\r\n"


def test_a_signed_report_is_taken(reported_site: Site, signer: SigningKey) -> None:
    assert post(reported_site, signer, event(delivery_id="1")) == 204


@pytest.mark.parametrize("header", [SIGNATURE, TIMESTAMP])
def test_what_is_not_signed_is_turned_away_with_one_line(
    reported_site: Site, signer: SigningKey, caplog: pytest.LogCaptureFixture, header: str
) -> None:
    with caplog.at_level(logging.INFO):
        assert post(reported_site, signer, event(delivery_id="1"), **{header: "1600000000"}) == 403
    assert len([record for record in caplog.records if record.name.startswith("app.")]) == 1


def refused(site: Site) -> int:
    with site.platform.sessions.read() as session:
        return session.scalar(select(Tally.count).where(Tally.name == "reports", Tally.label == "refused")) or 0


def test_a_flood_of_forged_posts_is_counted_and_written_down_once_a_minute(
    reported_site: Site, signer: SigningKey
) -> None:
    forged = {SIGNATURE: "AAAA"}
    with statements(reported_site.platform.sessions.engine) as told:
        for _ in range(50):
            assert post(reported_site, signer, event(), **forged) == 403
    assert len([statement for statement in told if statement.startswith("INSERT")]) == 1
    assert refused(reported_site) == 1
    reported_site.clock.forward(EVERY)
    post(reported_site, signer, event(), **forged)
    assert refused(reported_site) == 51


def test_a_forged_post_is_refused_whatever_the_database_does(
    reported_site: Site, signer: SigningKey, caplog: pytest.LogCaptureFixture
) -> None:
    with reported_site.change() as session:
        session.execute(text("DROP TABLE tally"))
    assert post(reported_site, signer, event(), **{SIGNATURE: "AAAA"}) == 403
    assert "refused posts are not counted" in caplog.text


def test_an_old_post_cannot_be_repeated(reported_site: Site, signer: SigningKey) -> None:
    assert post(reported_site, signer, event(), age=timedelta(minutes=11)) == 403


def test_what_is_signed_and_no_list_of_events_is_not_asked_for_again(reported_site: Site, signer: SigningKey) -> None:
    assert post(reported_site, signer, b"not JSON") == 204
    assert post(reported_site, signer, b"[null, 7]") == 204


def test_a_post_that_is_too_large_is_not_read(reported_site: Site, signer: SigningKey) -> None:
    assert post(reported_site, signer, b"[" + b" " * LARGEST_POST + b"]") == 413
    assert post(reported_site, signer, b"[" + b" " * (LARGEST_POST - 2) + b"]") == 204


def test_without_a_key_there_is_no_such_page(site: Site, signer: SigningKey) -> None:
    assert post(site, signer, event()) == 404


def test_a_get_is_no_report(reported_site: Site) -> None:
    assert reported_site.app.test_client().get(PATH).status_code == 405


def test_no_log_holds_an_address(reported_site: Site, signer: SigningKey, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        post(reported_site, signer, event(event="bounce", reason=f"no {ALICE}"))
        post(reported_site, signer, ALICE.encode())
    assert "alice" not in caplog.text
