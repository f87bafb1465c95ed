"""Answers to protected letters, as the mail server hands them in."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from app import create_app
from app.bootstrap import Platform
from app.campaigns.models import Campaign, Replies
from app.queue.states import DeliveryState, Purpose
from app.replies.models import ReplyCount
from tests.cli.conftest import House
from tests.mail.test_bounces import dsn
from tests.replies.conftest import BOB, SAID, answer
from tests.support.builders import ALICE


@pytest.fixture
def house(platform: Platform) -> House:
    made = House(platform)
    with platform.sessions.write() as session:
        session.execute(update(Campaign).values(replies=Replies.PROTECTED))
    made.scene.confirmed()
    made.deliver()
    return made


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "answers" / name).mkdir(parents=True)
    return tmp_path / "answers"


def address(house: House) -> str:
    """Where answers to Bob Sample's letter come to."""
    reply_to = house.transport.to(BOB)[0].reply_to
    assert reply_to is not None
    return reply_to


def test_new_mails_of_a_maildir_are_passed_on_once(house: House, maildir: Path) -> None:
    mails = [
        answer(address(house)),
        answer(address(house), "Away.", Auto_Submitted="auto-replied"),
        dsn(to=address(house)),
        answer("answers@solidarity-post.example", "To nobody"),
    ]
    for number, raw in enumerate(mails):
        (maildir / "new" / f"{number}.x.host").write_bytes(raw)
    told = house.says("replies", "ingest", str(maildir))
    assert told == "4 mails: 1 passed on, 1 automatic, 1 bounces, 1 to no letter\n"
    assert list((maildir / "new").iterdir()) == []
    assert len(list((maildir / "cur").iterdir())) == len(mails)
    assert house.says("replies", "ingest", str(maildir)) == "0 mails: 0 passed on, 0 automatic\n"
    house.deliver()
    assert [SAID in mail.text for mail in house.transport.to(ALICE)].count(True) == 1
    assert house.says("replies", "show") == (
        "abolish-reporting: 1 answered, 0 automatic only, 0 told to be without an answer\n"
    )


def test_one_mail_comes_by_standard_input_with_the_envelopes_recipient(house: House) -> None:
    runner = create_app(house.platform).test_cli_runner()
    raw, command = answer("list@zedmere.example"), ["replies", "ingest", "--recipient", address(house)]
    for said in ("1 passed on", "1 repeated"):
        assert said in runner.invoke(args=command, input=raw, catch_exceptions=False).output
    assert house.scene.states(Purpose.REPLY) == [DeliveryState.QUEUED]


def test_nothing_of_an_answer_is_printed_or_logged(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    runner = create_app(house.platform).test_cli_runner()
    raw = answer(address(house), "Bartholomew fears the letter box.")
    told = runner.invoke(args=["replies", "ingest"], input=raw, catch_exceptions=False)
    house.deliver()
    heard = told.output + "".join(capsys.readouterr())
    for secret in ("Bartholomew", "bob.sample", "alice", "supporter.example"):
        assert secret not in heard


def test_the_ledger_finds_a_counter_of_replies_that_is_wrong(house: House, maildir: Path) -> None:
    (maildir / "new" / "1.x.host").write_bytes(answer(address(house)))
    house.says("replies", "ingest", str(maildir))
    assert "holds" in house.says("ledger", "check")
    with house.platform.sessions.write() as session:
        session.execute(update(ReplyCount).values(count=7))
    assert "answered: the counter says 7, there are 1" in house.refuses("ledger", "check")
