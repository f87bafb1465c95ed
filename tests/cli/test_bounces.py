"""Mail that comes back, as staff or the mail server hand it in."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import create_app
from app.bootstrap import Platform
from app.mail.verp import marked_address
from app.queue.states import DeliveryState, Purpose
from tests.cli.conftest import House
from tests.mail.test_bounces import dsn

S = DeliveryState


@pytest.fixture
def house(platform: Platform) -> House:
    made = House(platform)
    made.scene.confirmed()
    made.deliver()
    return made


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "bounces" / name).mkdir(parents=True)
    return tmp_path / "bounces"


def returned(house: House, **said: str) -> bytes:
    """Bob Sample's letter, come back; what the report says may be replaced."""
    letter = house.scene.deliveries(Purpose.LETTER)[0].id
    return dsn(to=marked_address("letters@solidarity-post.example", letter, house.platform.links.mark(letter)), **said)


def test_new_mails_of_a_maildir_are_taken_in_once(house: House, maildir: Path) -> None:
    (maildir / "new" / "1.x.host").write_bytes(returned(house))
    (maildir / "new" / "2.x.host").write_bytes(b"Subject: Automatic reply\r\n\r\nI am away.\r\n")
    assert "2 mails, 1 reports" in house.says("bounces", "ingest", str(maildir))
    assert house.scene.states(Purpose.LETTER) == [S.BOUNCED, S.SENT]
    assert sorted(path.name.partition(":")[0] for path in (maildir / "cur").iterdir()) == ["1.x.host", "2.x.host"]
    assert (maildir / "cur" / "1.x.host:2,S").read_bytes().replace(b"\r\n", b"\n") == returned(house).replace(
        b"\r\n", b"\n"
    )
    assert "0 mails" in house.says("bounces", "ingest", str(maildir))
    assert "bob.sample@zedmere.example: hard_bounce" in house.says("suppressions", "list")


def test_one_mail_comes_by_standard_input(house: House) -> None:
    runner = create_app(house.platform).test_cli_runner()
    told = runner.invoke(args=["bounces", "ingest"], input=returned(house), catch_exceptions=False)
    assert "1 mails, 1 reports, 0 that" in told.output
    assert house.scene.states(Purpose.LETTER) == [S.BOUNCED, S.SENT]


def test_the_same_bounce_again_changes_nothing(house: House) -> None:
    runner = create_app(house.platform).test_cli_runner()
    for _ in range(2):
        told = runner.invoke(args=["bounces", "ingest"], input=returned(house), catch_exceptions=False)
    assert "1 mails, 0 reports" in told.output
    assert "holds" in house.says("ledger", "check")


@pytest.mark.parametrize(("status", "rests"), [("5.7.133", False), ("5.7.606", True)])
def test_a_mailbox_that_is_closed_to_strangers_lets_no_lane_rest(
    house: House, maildir: Path, status: str, *, rests: bool
) -> None:
    (maildir / "new" / "1.x.host").write_bytes(returned(house, status=status, said=f"550 {status} no"))
    house.says("bounces", "ingest", str(maildir))
    assert house.scene.states(Purpose.LETTER) == [S.BOUNCED, S.SENT]
    assert ("zedmere.example" in house.says("lanes", "list", "--troubled")) is rests
    assert "bob.sample" not in house.says("suppressions", "list")


def test_a_mail_of_parts_in_parts_stops_no_other(house: House, maildir: Path) -> None:
    (maildir / "new" / "1.x.host").write_bytes(b"Content-Type: message/rfc822\r\n\r\n" * 3000)
    (maildir / "new" / "2.x.host").write_bytes(returned(house))
    assert "2 mails, 1 reports" in house.says("bounces", "ingest", str(maildir))
    assert list((maildir / "new").iterdir()) == []


def test_a_forged_bounce_without_proof_condemns_nobody(house: House, maildir: Path) -> None:
    (maildir / "new" / "1.x.host").write_bytes(dsn(to="letters@solidarity-post.example"))
    assert "1 that nobody can attribute" in house.says("bounces", "ingest", str(maildir))
    assert house.scene.states(Purpose.LETTER) == [S.SENT, S.SENT]
    assert house.says("suppressions", "list") == "and 0 that belong to no target\n"
