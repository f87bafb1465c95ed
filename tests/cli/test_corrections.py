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


def test_what_follows_is_done_with_the_decision_or_neither(house: House) -> None:
    number = str(say(house, "He resigned."))
    decide = ("corrections", "accept", number, "--note", "seen", "--by", "Ann")
    with unchanged(house.platform):
        assert "the e-mail address is not one" in house.refuses(*decide, "--set", "email=nobody@")
        assert "cannot be overridden" in house.refuses(*decide, "--set", "verified=yes")
        assert "is not of the form FIELD=VALUE" in house.refuses(*decide, "--set", "email")
        assert "Either --remove or --set" in house.refuses(*decide, "--remove", "--set", "email=x@y.example")
        assert "has to end within" in house.refuses(*decide, "--set", "email=x@y.example", "--until", "2020-01-01")
    done = house.says(*decide, "--set", "email=office@zedmere.example", "--set", "name=Robert Sample")
    assert done == f"{number} is accepted\nRobert Sample: email, name put over what the source says\n"
    assert "Robert Sample: name is 'Robert Sample'" in house.says("targets", "overrides")


def test_a_target_is_removed_with_the_decision(house: House) -> None:
    number = str(say(house, "He resigned."))
    said = house.says("corrections", "accept", number, "--note", "he resigned", "--by", "Ann", "--remove")
    assert said == f"{number} is accepted\nCllr Bob Sample is removed\n"
    assert "by Ann, he resigned" in house.says("targets", "show", "councillors", "bob-sample")
