"""The fault-injection runs: a short form of `make faults`, and that its verdict tells what must not be."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import structlog

from app.config import ROOT
from app.logs import LineFormatter, traceback_of
from app.queue.states import DeliveryState
from tests.faults.books import Books, Taken
from tests.faults.run import Plan, errors_in
from tests.faults.script import HTTP_REQUEST, SMTP_MAIL, Script, What
from tests.faults.supporters import Pair
from tests.faults.verdict import Row, Verdict, compare

S = DeliveryState
PAIR = Pair("alice@supporter.example", "office@company.example")
COPY = Taken(1, PAIR.writer, PAIR.recipient)
LETTERS = 150


@pytest.mark.parametrize(
    ("database", "transport"), [("sqlite", "smtp"), ("sqlite", "sendgrid"), ("postgresql", "smtp")]
)
def test_no_letter_is_lost_or_doubled_whatever_breaks(database: str, transport: str) -> None:
    plan = ["--letters", str(LETTERS), "--database", database, "--transport", transport]
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "tests.faults", *plan],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert What.KILL in done.stdout


def judged(state: DeliveryState, books: Books, confirmed: Sequence[Pair] = (PAIR,)) -> Verdict:
    """The verdict on one letter that Alice confirmed."""
    verdict = Verdict(letters=1)
    compare(verdict, [Row(1, letter=True, state=state, reason="", pair=PAIR)], books, confirmed)
    return verdict


@pytest.mark.parametrize(
    ("state", "books", "broken"),
    [
        (S.SENT, Books(taken=[COPY]), []),
        (S.FAILED, Books(), []),
        (S.UNCERTAIN, Books(begun={1}), []),
        (S.UNCERTAIN, Books(begun={1}, taken=[COPY]), []),
        (S.SENT, Books(), ["lost"]),
        (S.QUEUED, Books(), ["lost"]),
        (S.SENDING, Books(taken=[COPY]), ["lost"]),
        (S.DELIVERED, Books(taken=[COPY, COPY]), ["delivered twice"]),
        (S.UNCERTAIN, Books(taken=[COPY, COPY]), ["delivered twice"]),
        (S.FAILED, Books(taken=[COPY]), ["untrue"]),
        (S.UNCERTAIN, Books(), ["untrue"]),
        (S.SENT, Books(taken=[Taken(1, PAIR.writer, "other@company.example")]), ["strange"]),
    ],
)
def test_the_verdict_holds_what_the_house_says_against_what_the_server_knows(
    state: DeliveryState, books: Books, broken: list[str]
) -> None:
    assert list(judged(state, books).broken) == broken


def test_a_letter_that_the_house_has_forgotten_is_lost() -> None:
    verdict = Verdict(letters=1)
    compare(verdict, [], Books(), [PAIR])
    assert list(verdict.broken) == ["lost"]


def test_a_notice_may_come_twice_and_not_never() -> None:
    notice = Row(1, letter=False, state=S.SENT, reason="", pair=Pair("", PAIR.writer))
    told_twice, never_told = Verdict(letters=0), Verdict(letters=0)
    copy = Taken(1, "", PAIR.writer)
    compare(told_twice, [notice], Books(taken=[copy, copy]), [])
    compare(never_told, [notice], Books(), [])
    assert (told_twice.notices_repeated, told_twice.broken) == (1, {})
    assert list(never_told.broken) == ["lost"]


def test_the_same_seed_gives_the_same_script_and_another_seed_another() -> None:
    def script(seed: int) -> list[object]:
        script = Script(seed, 2000)
        script.going.set()
        faults = [script.draw(table, number, 1) for table in (SMTP_MAIL, HTTP_REQUEST) for number in range(300)]
        return [*faults, *script.happenings(postgresql=True)]

    assert script(1) == script(1) != script(2)


@pytest.mark.parametrize("transport", ["smtp", "sendgrid"])
def test_in_a_full_run_each_kind_of_fault_can_be_expected(transport: str) -> None:
    kinds = Plan(2000, 1, "postgresql", transport, 0).kinds
    assert len(kinds) == len(set(kinds)) > 25


def test_errors_are_found_in_whatever_way_the_logs_tell_them(tmp_path: Path) -> None:
    try:
        {}["lost"]
    except KeyError:
        told = sys.exc_info()
    record = logging.LogRecord("worker", logging.ERROR, "", 0, "round failed", None, told)
    (tmp_path / "worker-0.log").write_text(LineFormatter().format(record) + "\n")
    rendered = structlog.processors.LogfmtRenderer()(None, "error", {"exception": traceback_of(told)})
    (tmp_path / "worker-1.log").write_text(f"level=ERROR {rendered}\n")
    assert errors_in(sorted(tmp_path.iterdir())) == {"KeyError": 2}
