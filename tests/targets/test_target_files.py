"""The folder of datasets: what is right is read, and what is wrong is told with its file and line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from app.targets.datasets import Holds
from app.targets.files import read_datasets
from app.targets.models import AreaKind
from app.targets.records import AreaRecord, PostcodeRecord, TargetRecord, TargetRole
from tests.targets.conftest import COLUMNS, HEAD, Write

ALICE = "c-1,councillor,Alice Sample,Dear Cllr Sample,Zedmere,alice@zedmere.example,,,Z05000001,"


def problems(folder: Path) -> list[str]:
    """What is wrong with the folder, each as `file:line: message`."""
    return [str(problem).removeprefix(f"{folder}/") for problem in read_datasets(folder)[1]]


def test_a_folder_is_read_into_datasets(folder: Path, write: Write) -> None:
    write("codes", "postcodes", "zz1 1aa,Z05000001 Z09000001")
    write("councillors", "targets", ALICE)
    datasets, found = read_datasets(folder)
    assert found == []
    assert [(dataset.head.slug, dataset.head.holds) for dataset in datasets] == [
        ("codes", Holds.POSTCODES),
        ("councillors", Holds.TARGETS),
        ("places", Holds.AREAS),
    ]
    assert datasets[0].postcodes == (PostcodeRecord("ZZ1 1AA", frozenset({"Z05000001", "Z09000001"})),)
    assert datasets[1].targets == (
        TargetRecord(
            external_id="c-1",
            role=TargetRole.COUNCILLOR,
            name="Alice Sample",
            salutation="Dear Cllr Sample",
            organisation="Zedmere",
            email="alice@zedmere.example",
            area_code="Z05000001",
        ),
    )
    assert datasets[2].areas[1] == AreaRecord("Z05000001", "Canalside", AreaKind.WARD, "Z09000001")


def write_bodies(folder: Path, header: str, *rows: str) -> None:
    """A dataset of bodies with columns that may be left out."""
    (folder / "bodies.toml").write_text(HEAD.format(holds="targets", demo="true"), encoding="utf-8")
    (folder / "bodies.csv").write_text("\n".join([COLUMNS["targets"] + header, *rows, ""]), encoding="utf-8")


OFFICE = "b-1,company,The Directors,Dear Directors,Canal Homes,directors@canal.example,Wharf / Zedmere,,,"
SECRETARY = "b-2,company,The Secretary,Dear Secretary,Canal Homes,,Wharf / Zedmere,,,"


def test_offices_of_a_body_are_rows_that_share_its_registration(folder: Path) -> None:
    write_bodies(
        folder,
        ",registration,posts,source_url,valid_from,valid_to,attribute.works",
        f"{OFFICE},1234567,Chair ; Managing Director,https://canal.example/board,2024-01-02,2026-01-02,housing;tags",
        f"{SECRETARY},GB-COH-01234567,,,,,",
    )
    ((dataset,), found) = read_datasets(folder)
    assert found == []
    directors, secretary = dataset.targets
    assert directors.registration == secretary.registration == "GB-COH-01234567"
    assert directors.attributes == {"posts": ["Chair", "Managing Director"], "works": ["housing", "tags"]}
    assert (directors.source_url, directors.valid_from, directors.valid_to) == (
        "https://canal.example/board",
        date(2024, 1, 2),
        date(2026, 1, 2),
    )
    assert secretary == TargetRecord(
        external_id="b-2",
        role=TargetRole.COMPANY,
        name="The Secretary",
        salutation="Dear Secretary",
        organisation="Canal Homes",
        registration="GB-COH-01234567",
        address="Wharf / Zedmere",
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (f"{OFFICE},123456789,,,", "the company number '123456789' is not eight figures"),
        (f"{OFFICE},,canal.example,,", "'canal.example' is not a web address such as https://www.example.org/page"),
        (f"{OFFICE},,,May 2026,", "valid_from 'May 2026' is not a day such as 2026-05-07"),
        (f"{OFFICE},,,2026-05-07,2026-05-06", "valid_to is before valid_from"),
        (
            f"{SECRETARY.replace('Wharf / Zedmere', '')},,,,",
            "there is neither an e-mail address nor a postal address, so nobody can write to it",
        ),
        (
            f"{OFFICE.replace('Canal', 'Towpath')},7654321,,,",
            (
                "GB-COH-07654321 is 'Towpath Homes' here and 'Canal Homes' at bodies.csv:2; offices of one body share "
                "its name"
            ),
        ),
    ],
)
def test_a_body_that_cannot_be_used_is_told_with_its_line(folder: Path, row: str, message: str) -> None:
    first = f"{OFFICE.replace('b-1', 'b-0')},7654321,,,"
    write_bodies(folder, ",registration,source_url,valid_from,valid_to", first, row)
    (found,) = problems(folder)
    assert found.startswith(f"bodies.csv:3: {message}")


def test_an_attribute_is_named_by_a_word_in_small_letters(folder: Path) -> None:
    write_bodies(folder, ",attribute.Works For", f"{OFFICE},housing")
    assert problems(folder) == [
        "bodies.csv:2: the column 'attribute.Works For' is not attribute. and a word of its own in small letters"
    ]


def test_a_trust_may_be_named_by_its_ods_code_alone(folder: Path) -> None:
    write_bodies(folder, ",registration", f"{OFFICE.replace('company', 'nhs_trust')},zz1")
    ((dataset,), found) = read_datasets(folder)
    assert (dataset.targets[0].registration, found) == ("GB-NHS-ZZ1", [])


def test_a_councillor_whose_address_is_not_published_is_a_councillor(folder: Path, write: Write) -> None:
    write("councillors", "targets", ALICE.replace("alice@zedmere.example", ""))
    assert problems(folder) == []


def test_a_mark_at_the_head_of_a_file_is_no_part_of_it(folder: Path, write: Write) -> None:
    write("councillors", "targets", ALICE)
    for path in folder.iterdir():
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert problems(folder) == []


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (ALICE.replace("c-1", ""), "external_id is empty"),
        (ALICE.replace("Alice Sample", ""), "name is empty"),
        (ALICE.replace("Alice Sample", "A" * 201), "name is longer than 200 characters"),
        (ALICE.replace("Dear Cllr Sample", ""), "salutation is empty"),
        (ALICE.replace("Cllr Sample", '"Cllr Sample,"').replace('Dear "', '"Dear '), "salutation ends with a comma"),
        (ALICE.replace("councillor", "alderman"), "role 'alderman' is unknown; it is one of councillor, mp, company"),
        (ALICE.replace("alice@", "alice"), "the e-mail address is not one"),
        (ALICE.replace("zedmere.example", "gmail.com"), "an invented target needs an address that ends with .example"),
        (ALICE.replace("alice@zedmere.example", "") + "read there", "verified is said of an e-mail address"),
        (ALICE.replace("Z05000001", ""), "a councillor needs the code of a ward or a division as area_code"),
        (ALICE.replace("Z05000001", "Z05999999"), "the area 'Z05999999' is unknown"),
        (ALICE.replace("Z05000001", "Z14000001"), "the area 'Z14000001' is a constituency, not a ward or a division"),
        (ALICE.replace("councillor", "mp"), "the area 'Z05000001' is a ward, not a constituency"),
        (ALICE + ",", "the row has 11 cells, the header has 10"),
    ],
)
def test_a_target_that_cannot_be_used_is_told_with_its_line(folder: Path, write: Write, row: str, message: str) -> None:
    write("councillors", "targets", "", ALICE.replace("c-1", "c-0"), row)
    (found,) = problems(folder)
    assert found.startswith(f"councillors.csv:4: {message}")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("Z05000009,,ward,Z09000001", "name is empty"),
        ("ward nine,Nine,ward,Z09000001", "code 'ward nine' is not a GSS code such as E05000001"),
        ("Z05000009,Nine,parish,", "kind 'parish' is unknown; it is one of ward, division, council, county"),
        ("Z05000009,Nine,ward,", "a ward needs the code of its council as parent_code"),
        ("Z14000009,Nine,constituency,Z09000001", "a constituency has no parent_code"),
        ("Z58000009,Nine,division,", "a division needs the code of its county as parent_code"),
        ("Z58000009,Nine,division,Z09000001", "the area 'Z09000001' is a council, not a county"),
        ("Z05000009,Nine,ward,Z05000001", "the area 'Z05000001' is a ward, not a council"),
        ("Z05000009,Nine,ward,Z09000009", "the area 'Z09000009' is unknown"),
        ("Z05000001,Again,ward,Z09000001", "Z05000001 is in another file already"),
    ],
)
def test_an_area_that_cannot_be_used_is_told_with_its_line(folder: Path, write: Write, row: str, message: str) -> None:
    write("wards", "areas", row)
    (found,) = problems(folder)
    assert found.startswith(f"wards.csv:2: {message}")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("ZZ1,Z05000001", "A postcode has five to seven letters and figures."),
        ("QQ1 1AA,Z05000001", "This has not the form of a United Kingdom postcode"),
        ("ZZ1 1AB,", "areas is empty"),
        ("ZZ1 1AB,Z05000001 Z05999999", "the area 'Z05999999' is unknown"),
        ("zz1-1aa,Z05000003", "ZZ1 1AA is on line 2 already"),
    ],
)
def test_a_postcode_that_cannot_be_used_is_told_with_its_line(
    folder: Path, write: Write, row: str, message: str
) -> None:
    write("codes", "postcodes", "ZZ1 1AA,Z05000001", row)
    (found,) = problems(folder)
    assert found.startswith(f"codes.csv:3: {message}")


def test_all_problems_of_a_folder_are_told_at_once_in_order(folder: Path, write: Write) -> None:
    write("councillors", "targets", ALICE, ALICE, ALICE.replace("councillor", "king").replace("Alice Sample", ""))
    (folder / "places.csv").write_text("code,kind,parent_code,size\n", encoding="utf-8")
    assert problems(folder) == [
        "councillors.csv:2: the area 'Z05000001' is unknown: no dataset of areas has it",
        "councillors.csv:3: c-1 is on line 2 already",
        (
            "councillors.csv:4: role 'king' is unknown; it is one of councillor, mp, company, nhs_trust, broadcaster, "
            "regulator, team"
        ),
        "councillors.csv:4: name is empty",
        "places.csv:1: the column 'name' is missing",
        "places.csv:1: the column 'size' is unknown; the columns are code, name, kind, parent_code",
    ]


def test_rows_that_are_real_may_not_lean_on_an_invented_area(folder: Path, write: Write) -> None:
    write("councillors", "targets", ALICE, demo=False)
    assert problems(folder) == ["councillors.csv:2: the area 'Z05000001' is invented, and these rows are not"]


def test_a_real_list_may_have_addresses_of_any_domain(folder: Path, write: Write) -> None:
    write("team", "targets", "t-1,team,The team,Dear team,,team@gmail.com,,,,read on the website", demo=False)
    assert problems(folder) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"targets"', '"people"', "1: holds must be areas, postcodes or targets"),
        ('name = "Invented"', "name = 3", "2: name must be a line of up to 200 characters"),
        ('"Invented for a test"', '" "', "3: source must be a line that says where the rows come from"),
        ("2026-11-01", '"2026-11-01"', "4: as_of must be the day that the rows describe, such as 2026-11-01"),
        ("2026-11-01", "2026-11-01T00:00:00", "4: as_of must be the day that the rows describe, such as 2026-11-01"),
        ("CC0-1.0", "", "5: licence must be the licence of the rows, such as CC0-1.0"),
        ("demo = true", 'demo = "yes"', "6: demo must be true where the rows are invented, else false"),
        ("demo = true", "", "1: demo is missing: it must be true where the rows are invented, else false"),
        ("demo = true", "demo = true\nsource_url = 'ftp://x'", "7: source_url must be a web address, or left out"),
        ("demo = true", "demo = true\ncolour = 1", "7: colour is unknown; the keys are holds, name, source"),
        ("demo = true", "demo = ", "6: this is not TOML"),
        ("demo = true", "demo = true\nname = 'twice'\n# end", "7: this is not TOML"),
        ("Invented for", "Inv\udce9nted", "3: the line is not UTF-8"),
    ],
)
def test_a_head_that_cannot_be_used_is_told_with_its_line(
    folder: Path, write: Write, old: str, new: str, message: str
) -> None:
    write("councillors", "targets", ALICE)
    head = HEAD.format(holds="targets", demo="true")
    (folder / "councillors.toml").write_text(head.replace(old, new), encoding="utf-8", errors="surrogateescape")
    (found,) = problems(folder)
    assert found.startswith(f"councillors.toml:{message}")


def test_a_file_whose_other_half_is_missing_is_told(folder: Path, write: Write) -> None:
    write("councillors", "targets", ALICE)
    (folder / "councillors.csv").rename(folder / "members.csv")
    assert problems(folder) == [
        "councillors.toml:1: there is no councillors.csv with the rows",
        "members.csv:1: there is no members.toml that says what this is",
    ]


def test_a_name_that_cannot_be_a_slug_is_told(folder: Path, write: Write) -> None:
    write("Our Councillors", "targets", ALICE)
    (found,) = problems(folder)
    assert found.startswith("Our Councillors.toml:1: the file's name must be up to 80 small letters and figures")


def test_the_lists_that_are_shipped_have_no_problems() -> None:
    datasets, found = read_datasets(Path(__file__).resolve().parents[2] / "targets")
    assert found == []
    assert {dataset.head.holds for dataset in datasets} == set(Holds)
