"""`flask councils`: the register, elections, and accepting what there is."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.bootstrap import Platform
from app.queue.states import DeliveryState, Purpose
from app.targets.models import Area, AreaSource, Election, TargetList
from tests.cli.conftest import House, Run, unchanged
from tests.targets.test_local_authorities import THORNBY, THORNSHIRE, ZEDMERE, file, row

S = DeliveryState
ABOUT = ("--source", "mySociety", "--as-of", "2026-11-01", "--licence", "CC-BY-4.0")


@pytest.fixture
def register(tmp_path: Path) -> str:
    path = tmp_path / "councils.csv"
    greater = row("GRZ", "Z47000001", "Greater Zed", local_authority_type="COMB")
    path.write_bytes(file(ZEDMERE, THORNSHIRE, THORNBY, greater, row("NIX", "", "Nix")))
    return str(path)


def yesterday(house: House) -> date:
    """The day before now, by which everything that we have is older."""
    day = house.platform.clock().date() - timedelta(days=1)
    with house.platform.sessions.write() as session:
        session.execute(update(TargetList).values(as_of=day - timedelta(days=1)))
    return day


def test_a_register_is_taken_over_and_what_is_not_is_told(flask: Run, platform: Platform, register: str) -> None:
    result = flask("councils", "import", register, *ABOUT)
    assert result.exit_code == 0
    assert "councils: 3 added, 0 changed, 0 unchanged, 1 left out, 1 rejected" in result.output
    assert "  left out line 5, Greater Zed Council: no ward elects anybody to it (Unitary authority)" in result.output
    assert "  rejected line 6, Nix Council: it has no GSS code" in result.output
    with platform.sessions.read() as session:
        assert set(session.scalars(select(Area.name))) == {"Zedmere", "Thornshire", "Thornby"}
        assert session.scalars(select(AreaSource.licence)).all() == ["CC-BY-4.0"]
    assert "0 added, 0 changed, 3 unchanged" in flask("councils", "import", register, *ABOUT).output


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", file(row("NIX", "", "Nix"))])
def test_a_file_without_councils_changes_nothing(
    flask: Run, platform: Platform, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "other.csv").write_bytes(content)
    with unchanged(platform):
        assert flask("councils", "import", str(tmp_path / "other.csv"), *ABOUT).exit_code == 1


def test_an_election_is_kept_and_listed(house: House) -> None:
    said = house.says("councils", "election", "Z09000001", "2030-05-02", "--source", "the law")
    assert said == "kept; targets that this concerns: 4\n"
    assert house.says("councils", "election", "Z09000001", "2030-05-02", "--source", "again") == "known already\n"
    house.says("councils", "election", "K02000001", "2029-08-15", "--source", "the law")
    assert house.says("councils", "elections").splitlines() == [
        "2030-05-02  Z09000001  Zedmere (the law)",
        "2029-08-15  K02000001  House of Commons (the law)",
    ]


def test_an_election_of_nobody_is_refused(house: House) -> None:
    with unchanged(house.platform):
        assert "no council 'Z09999999'" in house.refuses(
            "councils", "election", "Z09999999", "2030-05-02", "--source", "x"
        )


def test_a_table_of_elections_is_taken_over(house: House, tmp_path: Path) -> None:
    table = tmp_path / "elections.csv"
    table.write_text("gss_code,held_on\nZ09000001,2030-05-02\nZ09999999,2030-05-02\nZ09000001,May\n")
    told = house.says("councils", "elections", str(table))
    assert "elections: 1 added, 0 known already, 2 rejected" in told
    assert "rejected line 4" in told
    with house.platform.sessions.read() as session:
        assert session.scalars(select(Election.source)).all() == ["the file elections.csv"]


def test_what_is_accepted_lets_its_letters_go(house: House) -> None:
    house.transport.reaches_people = True
    for external_id in ("bob-sample", "carla-verde"):
        house.scene.change_target(external_id, verified_at=house.scene.now)
    day = yesterday(house)
    house.says("councils", "election", "Z09000001", str(day), "--source", "invented")
    house.scene.confirmed()
    assert "held: stale_target" in house.says("deliveries", "due")
    house.deliver()
    assert house.scene.states(Purpose.LETTER) == [S.HELD, S.HELD]
    assert "flask councils accept" in house.refuses("deliveries", "release", "--reason", "stale_target", "--why", "x")
    accepted = ("councils", "accept", "Z09000001", "--election", str(day), "--why", "the same five", "--by", "Ann")
    assert "letters let go: 2" in house.says(*accepted)
    assert house.doorbell.rings
    house.deliver()
    assert house.scene.states(Purpose.LETTER) == [S.SENT, S.SENT]
    assert "accepted by Ann: the same five" in house.says("councils", "elections")


def test_an_election_that_nobody_told_of_cannot_be_accepted(house: House) -> None:
    refused = house.refuses("councils", "accept", "Z09000001", "--election", "2026-05-07", "--why", "x", "--by", "Ann")
    assert "There is no election of Z09000001 on 2026-05-07" in refused
