"""`flask targets import` on small files of the published forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.bootstrap import Platform
from app.targets.models import Target, TargetList
from tests.cli.conftest import Run, unchanged

COUNCIL = ("--council-code", "Z09000001", "--council-name", "Zedmere")
PROVENANCE = ("--source", "Invented for a test", "--as-of", "2026-11-01", "--licence", "CC0-1.0")
ABOUT = (*COUNCIL, *PROVENANCE)
LIST = "councillors-z09000001"


def councillor(uid: int, name: str, **changes: Any) -> dict[str, Any]:
    address = f"https://zedmere.example/mgUserInfo.aspx?UID={uid}"
    email = f"{name.rsplit(maxsplit=1)[-1].lower()}@zedmere.example" if name else ""
    return {"url": address, "name": name, "email": email, "party": "Lantern Party"} | changes


ALICE = councillor(115, "Alice Sample")
BOB = councillor(116, "Bob Verde")
CHARLIE = councillor(117, "Charlie Moss")
BROKEN = councillor(118, "")
MANY = [councillor(200 + number, f"Person {'ABCDEFGHIJKL'[number]}") for number in range(12)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "councillors.json"


def write(file: Path, *people: dict[str, Any], ward: str = "Canalside") -> None:
    file.write_text(json.dumps([{"name": ward, "number": 1, "councillors": people}]))


def names(platform: Platform) -> dict[str, bool]:
    """Each councillor, and whether they are still in office."""
    with platform.sessions.read() as session:
        return {target.name: target.archived_at is None for target in session.scalars(select(Target))}


def test_an_import_tells_who_is_new_changed_and_gone_and_what_was_rejected(
    flask: Run, platform: Platform, file: Path
) -> None:
    write(file, ALICE, BOB)
    first = flask("targets", "import", str(file), *ABOUT)
    assert first.exit_code == 0
    assert f"{LIST}: 2 added, 0 changed, 0 archived, 0 unchanged, 0 rejected" in first.output
    assert "areas: 2 added" in first.output
    write(file, ALICE | {"party": "Harbour Party"}, CHARLIE, BROKEN)
    second = flask("targets", "import", str(file), *ABOUT)
    assert second.exit_code == 0
    assert f"{LIST}: 1 added, 1 changed, 1 archived, 0 unchanged, 1 rejected" in second.output
    for line in (
        "  + Charlie Moss\n",
        "  ~ Alice Sample: party “Lantern Party” → “Harbour Party”\n",
        "  - Bob Verde\n",
        '  rejected councillors.json, ward "Canalside", councillor 3: there is no name\n',
    ):
        assert line in second.output
    assert names(platform) == {"Alice Sample": True, "Bob Verde": False, "Charlie Moss": True}


def test_the_same_councillors_again_change_nothing(flask: Run, file: Path) -> None:
    write(file, ALICE, BOB)
    flask("targets", "import", str(file), *ABOUT)
    again = flask("targets", "import", str(file), *ABOUT)
    assert again.output.endswith(f"{LIST}: 0 added, 0 changed, 0 archived, 2 unchanged, 0 rejected\n")


def test_who_moved_ward_is_told(flask: Run, file: Path) -> None:
    write(file, ALICE)
    flask("targets", "import", str(file), *ABOUT)
    write(file, ALICE, ward="Hilltop")
    assert "  > Alice Sample: from Canalside to Hilltop\n" in flask("targets", "import", str(file), *ABOUT).output


def test_a_check_tells_what_would_change_and_changes_nothing(flask: Run, platform: Platform, file: Path) -> None:
    write(file, ALICE, BOB)
    with unchanged(platform):
        done = flask("targets", "import", str(file), "--check", *ABOUT)
    assert f"{LIST}: would be 2 added, 0 changed" in done.output
    assert done.output.endswith("Nothing was changed: this was a check.\n")


def test_a_file_that_is_cut_off_is_refused_unless_it_is_said_to_be_whole(
    flask: Run, platform: Platform, file: Path
) -> None:
    write(file, *MANY)
    flask("targets", "import", str(file), *ABOUT)
    write(file, *MANY[:5])
    with unchanged(platform):
        refused = flask("targets", "import", str(file), *ABOUT)
    assert refused.exit_code == 1
    assert "Error: This would archive 7 of the 12 on councillors-z09000001; 7 of the 12 in Zedmere" in refused.stderr
    assert "--allow-shrink" in refused.stderr
    assert "7 archived" in flask("targets", "import", str(file), "--allow-shrink", *ABOUT).output


def test_equal_remarks_are_told_once_with_their_number_and_first_places(flask: Run, file: Path) -> None:
    write(file, *(one | {"email": ""} for one in MANY))
    done = flask("targets", "import", str(file), *ABOUT)
    [line] = [line for line in done.output.splitlines() if "no e-mail is published" in line]
    assert line.startswith('  12 × no e-mail is published: councillors.json, ward "Canalside", councillor 1; ')
    assert line.endswith("councillor 5 and 7 more")


def test_lines_of_one_kind_are_cut_short_unless_all_are_asked_for(flask: Run, file: Path) -> None:
    write(file, *(councillor(number, f"Person A{'b' * number}") for number in range(1, 61)))
    done = flask("targets", "import", str(file), *ABOUT, "--check")
    assert (done.output.count("  + Person"), "  and 40 more\n" in done.output) == (20, True)
    done = flask("targets", "import", str(file), *ABOUT, "--check", "--all")
    assert (done.output.count("  + Person"), " more\n" in done.output) == (60, False)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x00\xff nonsense", "councillors.json: The file holds zero bytes"),
        (b"<html><title>Log in</title>", "councillors.json: The file is a page of HTML"),
        (b'{"wards": []}', "councillors.json: The file is of no format that is known by its looks"),
        (json.dumps([{"name": "Canalside", "councillors": [BROKEN]}]).encode(), "There is nothing to import: councill"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_a_sentence(
    flask: Run, platform: Platform, file: Path, content: bytes, said: str
) -> None:
    write(file, ALICE, BOB)
    flask("targets", "import", str(file), *ABOUT)
    file.write_bytes(content)
    with unchanged(platform):
        done = flask("targets", "import", str(file), *ABOUT)
    assert done.exit_code == 1
    assert f"Error: {said}" in done.stderr


def test_a_file_of_another_format_than_the_one_named_is_refused(flask: Run, platform: Platform, file: Path) -> None:
    write(file, ALICE)
    with unchanged(platform):
        done = flask("targets", "import", str(file), "--format", "moderngov", *ABOUT)
    assert done.exit_code == 1
    assert "Error: councillors.json: The file is not XML" in done.stderr


def test_an_import_cannot_take_over_a_list_of_the_files(flask: Run, platform: Platform, file: Path) -> None:
    flask("content", "sync")
    write(file, ALICE)
    with unchanged(platform):
        done = flask("targets", "import", str(file), "--list", "demo-mps", *ABOUT)
    assert done.exit_code == 1
    assert "Error: The list 'demo-mps' is kept by the files of targets/." in done.stderr


@pytest.mark.parametrize("left_out", ["--source", "--as-of", "--licence", "--council-code"])
def test_nothing_is_imported_without_saying_where_it_comes_from(
    flask: Run, platform: Platform, file: Path, left_out: str
) -> None:
    write(file, ALICE)
    place = ABOUT.index(left_out)
    with unchanged(platform):
        done = flask("targets", "import", str(file), *ABOUT[:place], *ABOUT[place + 2 :])
    assert done.exit_code == 2
    assert f"Missing option '{left_out}'" in done.stderr


def test_a_councils_name_is_asked_for_only_while_the_registry_does_not_have_it(flask: Run, file: Path) -> None:
    write(file, ALICE)
    about = ("--council-code", "Z09000001", *PROVENANCE)
    refused = flask("targets", "import", str(file), *about)
    assert (refused.exit_code, "say its name with --council-name" in refused.stderr) == (1, True)
    flask("targets", "import", str(file), *ABOUT)
    assert flask("targets", "import", str(file), *about).exit_code == 0


LGSF = "council_id,raw_division,raw_identifier,email,url,raw_name,raw_party\n"


def test_files_of_many_councils_go_into_a_list_that_is_named(flask: Run, platform: Platform, tmp_path: Path) -> None:
    north, south = tmp_path / "north.csv", tmp_path / "south.csv"
    north.write_text(f"{LGSF}Z09000001,Canalside,1,a@zedmere.example,,Cllr Alice Sample,Lantern\n")
    south.write_text(
        f"{LGSF}Z09000002,Quay,1,b@quay.example,,Cllr Bob Verde,Lantern\nXYZ,Moor,3,,,Cllr Charlie Moss,Lantern\n"
        "Z09000001,Canalside,1,a@zedmere.example,,Cllr Alice Sample,Lantern\n"
    )
    flask("content", "sync")  # the invented borough has council Z09000001
    files = ("targets", "import", str(north), str(south), *PROVENANCE)
    assert "Missing option '--list'" in flask(*files).stderr
    done = flask(*files, "--list", "all-councillors")
    assert "all-councillors: 1 added, 0 changed, 0 archived, 0 unchanged, 3 rejected" in done.output
    for line in (
        "south.csv, line 4: Z09000001:1 is there already: north.csv, line 2",
        "south.csv, line 2: the registry has no council 'Z09000002'",
        "south.csv, line 3: the registry has no council 'XYZ'",
    ):
        assert f"  rejected {line}\n" in done.output
    with platform.sessions.read() as session:
        stored = session.scalars(select(TargetList).where(TargetList.slug == "all-councillors")).one()
        assert stored.format == "lgsf"


def test_files_of_several_formats_are_not_read_together(flask: Run, file: Path, tmp_path: Path) -> None:
    write(file, ALICE)
    other = tmp_path / "all.csv"
    other.write_text(f"{LGSF}Z09000001,Canalside,1,,,Cllr Alice Sample,Lantern\n")
    done = flask("targets", "import", str(file), str(other), *ABOUT)
    assert (done.exit_code, "The files are of several formats: edinburgh, lgsf." in done.stderr) == (2, True)


def test_who_was_removed_and_what_stands_over_the_source_are_told(flask: Run, file: Path) -> None:
    write(file, ALICE, BOB)
    flask("targets", "import", str(file), *ABOUT)
    flask("targets", "remove", LIST, "116", "--why", "asked to be left alone", "--by", "Dana")
    flask("targets", "override", LIST, "115", "email", "office@zedmere.example", "--why", "she told us", "--by", "Dana")
    write(file, ALICE | {"email": "new@zedmere.example"}, BOB)
    done = flask("targets", "import", str(file), *ABOUT)
    assert "  stays removed: Bob Verde, because asked to be left alone\n" in done.output
    assert "  ! Alice Sample: the source now says the email 'new@zedmere.example'; the override of " in done.output


TABLE = "Full name,Employer,Mail,Job\nAnn Editor,The Lantern,ann@lantern.example,Editor\n,The Harbour,,\n"
CSV = ("--format", "csv", "--role", "broadcaster", "--list", "editors", *PROVENANCE)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "editors.csv"
    path.write_text(TABLE)
    return path


def test_a_tables_columns_are_shown_and_a_person_is_asked(flask: Run, platform: Platform, table: Path) -> None:
    with unchanged(platform):
        shown = flask("targets", "import", str(table), *CSV)
    assert shown.exit_code == 1
    for line in ("name <- Full name", "organisation <- Employer", "email <- Mail", "Is each field read from the right"):
        assert line in shown.output
    done = flask("targets", "import", str(table), *CSV, "--yes", "--list-name", "Editors")
    assert done.exit_code == 0, done.output
    assert "editors: 2 added" in done.output
    with platform.sessions.read() as session:
        assert session.scalars(select(TargetList.name)).one() == "Editors"
        assert set(session.scalars(select(Target.email))) == {"ann@lantern.example", ""}
    flask("targets", "import", str(table), *CSV, "--yes")
    with platform.sessions.read() as session:
        assert session.scalars(select(TargetList.name)).one() == "Editors", "a name stays until it is given another"


def test_a_tables_columns_are_put_right_by_hand(flask: Run, platform: Platform, table: Path) -> None:
    done = flask("targets", "import", str(table), *CSV, "--yes", "--map", "posts=Job", "--map", "email=")
    assert "posts <- Job" in done.output
    with platform.sessions.read() as session:
        ann = session.scalars(select(Target).where(Target.name == "Ann Editor")).one()
        assert (ann.email, ann.attributes) == ("", {"posts": ["Editor"]})


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (CSV[:2] + CSV[4:], "Missing option '--role'"),
        ((*CSV, "--map", "shoe size=Mail"), "There is no field 'shoe size'"),
        (
            ("--format", "csv", "--role", "mp", "--list", "mps", "--yes", *PROVENANCE),
            "need a column for gss_code or con",
        ),
        (PROVENANCE, "editors.csv: The file is of no format that is known by its looks: say which with --format (csv"),
    ],
)
def test_a_table_that_cannot_be_read_so_is_refused_in_a_sentence(
    flask: Run, platform: Platform, table: Path, arguments: tuple[str, ...], said: str
) -> None:
    with unchanged(platform):
        done = flask("targets", "import", str(table), *arguments)
    assert done.exit_code != 0
    assert said in done.stderr
