"""`flask targets import` and `flask postcodes import` on small files of the published form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.bootstrap import Platform
from app.targets.models import AreaKind, Target
from app.targets.postcodes import areas_of_kind
from tests.cli.conftest import Run, unchanged

COUNCIL = ("--council-code", "Z09000001", "--council-name", "Zedmere")
ABOUT = (*COUNCIL, "--source", "Invented for a test", "--as-of", "2026-11-01", "--licence", "CC0-1.0")
HEADER = "Postcode,Latitude,Longitude,Ward\n"


def councillor(uid: int, name: str, **changes: Any) -> dict[str, Any]:
    address = f"https://zedmere.example/mgUserInfo.aspx?UID={uid}"
    email = f"{name.rsplit(maxsplit=1)[-1].lower()}@zedmere.example"
    return {"url": address, "name": name, "email": email, "party": "Lantern Party"} | changes


ALICE = councillor(115, "Alice Sample")
BOB = councillor(116, "Bob Verde")
CHARLIE = councillor(117, "Charlie Moss")
BROKEN = councillor(118, "Dan Stone", email="not an address")


@pytest.fixture
def councillors(tmp_path: Path) -> Path:
    return tmp_path / "councillors.json"


@pytest.fixture
def postcodes(tmp_path: Path) -> Path:
    return tmp_path / "postcodes.csv"


def write(file: Path, *people: dict[str, Any]) -> None:
    file.write_text(json.dumps([{"name": "Canalside", "number": 1, "councillors": people}]))


def names(platform: Platform) -> dict[str, bool]:
    """Each councillor, and whether they are still in office."""
    with platform.sessions.read() as session:
        return {target.name: target.archived_at is None for target in session.scalars(select(Target))}


def test_councillors_are_added_changed_and_archived(flask: Run, platform: Platform, councillors: Path) -> None:
    write(councillors, ALICE, BOB)
    first = flask("targets", "import", str(councillors), *ABOUT)
    assert first.exit_code == 0
    assert "councillors: 2 added, 0 changed, 0 archived, 0 unchanged, 0 rejected" in first.output
    assert "areas: 2 added" in first.output
    write(councillors, ALICE | {"party": "Harbour Party"}, CHARLIE, BROKEN)
    second = flask("targets", "import", str(councillors), *ABOUT)
    assert second.exit_code == 0
    assert "councillors: 1 added, 1 changed, 1 archived, 0 unchanged, 1 rejected" in second.output
    assert '  rejected ward "Canalside", councillor 3: the e-mail address is not one' in second.output
    assert len(names(platform)) == 3
    assert sum(names(platform).values()) == 2


def test_the_same_councillors_again_change_nothing(flask: Run, platform: Platform, councillors: Path) -> None:
    write(councillors, ALICE, BOB)
    flask("targets", "import", str(councillors), *ABOUT)
    with unchanged(platform):
        again = flask("targets", "import", str(councillors), *ABOUT)
    assert "councillors: 0 added, 0 changed, 0 archived, 2 unchanged, 0 rejected" in again.output


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe nonsense", "The file is not JSON in UTF-8."),
        (b'{"wards": []}', "The file is not a list of wards with their councillors."),
        (b"[]", "There is nothing to import: the file has no rows"),
        (json.dumps([{"name": "Canalside", "councillors": [BROKEN]}]).encode(), "There is nothing to import: ward"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_a_sentence(
    flask: Run, platform: Platform, councillors: Path, content: bytes, said: str
) -> None:
    write(councillors, ALICE, BOB)
    flask("targets", "import", str(councillors), *ABOUT)
    councillors.write_bytes(content)
    with unchanged(platform):
        done = flask("targets", "import", str(councillors), *ABOUT)
    assert done.exit_code == 1
    assert f"Error: {said}" in done.stderr


def test_an_import_cannot_take_over_a_list_of_the_files(flask: Run, platform: Platform, councillors: Path) -> None:
    flask("content", "sync")
    write(councillors, ALICE)
    with unchanged(platform):
        done = flask("targets", "import", str(councillors), "--list", "demo-mps", *ABOUT)
    assert done.exit_code == 1
    assert "Error: The list 'demo-mps' is kept by the files of targets/." in done.stderr


@pytest.mark.parametrize("left_out", ["--source", "--as-of", "--licence", "--council-code"])
def test_nothing_is_imported_without_saying_where_it_comes_from(
    flask: Run, platform: Platform, councillors: Path, left_out: str
) -> None:
    write(councillors, ALICE)
    place = ABOUT.index(left_out)
    with unchanged(platform):
        done = flask("targets", "import", str(councillors), *ABOUT[:place], *ABOUT[place + 2 :])
    assert done.exit_code == 2
    assert f"Missing option '{left_out}'" in done.stderr


def test_postcodes_are_added_changed_and_removed(flask: Run, platform: Platform, postcodes: Path) -> None:
    postcodes.write_text(f"{HEADER}ZZ1 1AA,0,0,Canalside\nZZ1 2BB,0,0,Hilltop\nnowhere,0,0,Hilltop\n")
    first = flask("postcodes", "import", str(postcodes), *ABOUT)
    assert first.exit_code == 0
    assert "postcodes: 2 added, 0 changed, 0 removed, 0 unchanged, 1 rejected" in first.output
    assert "  rejected line 4: " in first.output
    with unchanged(platform):
        again = flask("postcodes", "import", str(postcodes), *ABOUT)
    assert "0 added, 0 changed, 0 removed, 2 unchanged" in again.output
    postcodes.write_text(f"{HEADER}ZZ1 1AA,0,0,Hilltop\nZZ1 3DD,0,0,Canalside\n")
    third = flask("postcodes", "import", str(postcodes), *ABOUT)
    assert "postcodes: 1 added, 1 changed, 1 removed, 0 unchanged" in third.output
    with platform.sessions.read() as session:
        assert [area.name for area in areas_of_kind(session, "ZZ1 1AA", AreaKind.WARD)] == ["Hilltop"]


@pytest.mark.parametrize("content", [b"", b"Street,Town\nHigh Street,Zedmere\n", b"\x00\xff\x00"])
def test_a_file_without_postcodes_removes_none(flask: Run, platform: Platform, postcodes: Path, content: bytes) -> None:
    postcodes.write_text(f"{HEADER}ZZ1 1AA,0,0,Canalside\n")
    flask("postcodes", "import", str(postcodes), *ABOUT)
    postcodes.write_bytes(content)
    with unchanged(platform):
        done = flask("postcodes", "import", str(postcodes), *ABOUT)
    assert done.exit_code == 1
    assert "Error: There is nothing to import: " in done.stderr


def test_many_rejections_are_cut_short(flask: Run, postcodes: Path) -> None:
    wrong = "".join(f"wrong{number},0,0,Canalside\n" for number in range(60))
    postcodes.write_text(f"{HEADER}ZZ1 1AA,0,0,Canalside\n{wrong}")
    done = flask("postcodes", "import", str(postcodes), *ABOUT)
    assert done.output.count("  rejected line ") == 50
    assert done.output.endswith("  and 10 more\n")
