"""`flask corrections`: the queue of what the public says is wrong."""

from __future__ import annotations

from sqlalchemy import select

from app.targets.correction_models import Correction, CorrectionKind
from app.targets.corrections import report
from app.targets.models import Target
from tests.cli.conftest import House, unchanged


def say(house: House, words: str) -> int:
    with house.platform.sessions.write() as session:
        target = session.scalars(select(Target).where(Target.external_id == "bob-sample")).one()
        correction_id = report(session, target, CorrectionKind.LEFT, words, house.platform.clock())
    assert correction_id is not None
    return correction_id


def test_the_queue_shows_what_was_said_about_whom(house: House) -> None:
    number = say(house, "He resigned.\nSee the minutes of October.")
    first, *words = house.says("corrections", "list").splitlines()
    assert first.startswith(f"{number}  ")
    assert "councillors bob-sample  Cllr Bob Sample, Zedmere Borough Council: holds the office no more" in first
    assert words == ["    He resigned.", "    See the minutes of October."]


def test_what_is_decided_leaves_the_queue_and_the_target_stays(house: House) -> None:
    right, wrong = say(house, "He resigned."), say(house, "He is on holiday.")
    said = house.says("corrections", "accept", str(right), "--note", "seen", "--by", "Ann")
    assert said.startswith(f"{right} is accepted\nThe target stays as it is: ")
    assert "flask targets override councillors bob-sample" in said
    assert house.says("corrections", "dismiss", str(wrong), "--note", "no", "--by", "Ann") == f"{wrong} is dismissed\n"
    assert house.says("corrections", "list") == ""
    with house.platform.sessions.read() as session:
        assert {one.decided_by for one in session.scalars(select(Correction))} == {"Ann"}
        assert session.scalars(select(Target).where(Target.external_id == "bob-sample")).one().archived_at is None


def test_what_is_not_there_or_decided_already_is_told(house: House) -> None:
    number = str(say(house, "He resigned."))
    assert "There is no correction 99; `flask corrections list`" in house.refuses(
        "corrections", "accept", "99", "--note", "x", "--by", "Ann"
    )
    house.says("corrections", "dismiss", number, "--note", "x", "--by", "Ann")
    with unchanged(house.platform):
        assert "dismissed before, by Ann" in house.refuses(
            "corrections", "accept", number, "--note", "x", "--by", "Bea"
        )
        assert "longer than 120" in house.refuses("corrections", "accept", number, "--note", "x", "--by", "B" * 121)
