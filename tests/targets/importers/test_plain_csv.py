"""Any CSV file by a mapping: bodies and their officers, councillors, members."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.targets.importers.mapping import Mapping, MappingError
from app.targets.importers.parsed import NotThisFormatError, Parsed, Place, TargetRow, VacantSeat
from app.targets.importers.plain_csv import guess_mapping, parse_with
from app.targets.models import AreaKind
from app.targets.records import Rejected, TargetRole

COMPANIES = "Company,Company number,Name,Job title,Email,Address 1,Postcode\n"
COUNCILLORS = "Ref,Councillor,Ward,GSS code,Council,Party,Email\n"
WARD = "7,Cllr Alice Sample,Canalside,Z05000001,Zedmere,Lantern,alice@zedmere.example\n"
CANALSIDE = Place(AreaKind.WARD, "Canalside", "Z05000001", "Zedmere")


def read(text: str, role: TargetRole = TargetRole.COMPANY, *by_hand: str) -> Parsed:
    raw = text.encode()
    return parse_with(raw, Mapping.parse(by_hand, guess_mapping(raw).header), role)


def told(parsed: Parsed) -> list[str]:
    return [str(one) for one in (*parsed.rejected, *parsed.remarks)]


def test_offices_and_officers_of_one_company_are_targets_of_their_own() -> None:
    parsed = read(
        COMPANIES
        + "Canal Homes,1234567,Dr Alice Sample MBE,Chair; Director,alice@canal.example,1 Wharf,ZZ1 1AA\n"
        + "Canal Homes,1234567,,Company Secretary,,1 Wharf,ZZ1 1AA\n"
        + "Canal Homes,1234567,The Directors of Canal Homes,,board@canal.example,,\n"
        + "Canal Homes,1234567,,,info@canal.example,,\n"
    )
    assert parsed.rows[0] == TargetRow(
        line="line 2",
        external_id="alice-sample/canal-homes",
        role=TargetRole.COMPANY,
        name="Alice Sample",
        salutation="Dear Dr Sample",
        organisation="Canal Homes",
        registration="GB-COH-01234567",
        email="alice@canal.example",
        address="1 Wharf / ZZ1 1AA",
        attributes={"posts": ["Chair", "Director"]},
    )
    assert [(row.external_id, row.name, row.salutation) for row in parsed.rows[1:]] == [
        ("company-secretary-canal-homes/canal-homes", "Company Secretary, Canal Homes", "Dear Company Secretary"),
        ("the-directors-of-canal-homes/canal-homes", "The Directors of Canal Homes", "Dear Directors"),
        ("canal-homes", "Canal Homes", "Dear Directors"),
    ]
    assert {row.registration for row in parsed.rows} == {"GB-COH-01234567"}
    assert told(parsed) == ["line 3: no e-mail is published"]


def test_a_body_that_is_named_differently_is_told() -> None:
    parsed = read(COMPANIES + "Canal Homes,1234567,,,a@canal.example,,\nTowpath Homes,01234567,,,b@canal.example,,\n")
    assert told(parsed) == [
        (
            "line 3: GB-COH-01234567 is 'Towpath Homes' here and 'Canal Homes' at line 2; offices of one body share "
            "its name"
        )
    ]


def test_who_can_be_reached_in_no_way_is_told() -> None:
    parsed = read(COMPANIES + "Canal Homes,,,,No email,,\n")
    assert told(parsed) == ["line 2: there is neither an e-mail address nor a postal address: nobody can write there"]
    assert told(read("Company,Address\nCanal Homes,1 Wharf\n")) == [
        "the file: no column is mapped to email; addresses that are known stay as they are"
    ]
    assert told(read("Company\nCanal Homes\n")) == [
        "the file: no column is mapped to email, nor to address; addresses that are known stay as they are"
    ]


def test_who_has_no_id_is_known_by_name_and_organisation_whatever_becomes_of_the_address() -> None:
    for address in ("alice@canal.example", "chair@canal.example", ""):
        (row,) = read(COMPANIES + f"Canal Homes,,Alice Sample,,{address},1 Wharf,\n").rows
        assert row.external_id == "alice-sample/canal-homes"


def test_rows_of_one_name_are_told_apart_by_their_address() -> None:
    rows = [
        "Canal Homes,,,,info@canal.example,,\n",
        "Canal Homes,,,,Press@canal.example,,\n",
        "Canal Homes,,Carol Moss,,info@canal.example,,\n",
    ]
    ids = {
        "canal-homes/info@canal.example",
        "canal-homes/press@canal.example",
        "carol-moss/canal-homes",
    }
    assert {row.external_id for row in read(COMPANIES + "".join(rows)).rows} == ids
    assert {row.external_id for row in read(COMPANIES + "".join(reversed(rows))).rows} == ids


@pytest.mark.parametrize(
    ("role", "salutation"),
    [
        (TargetRole.BROADCASTER, "Dear Editor"),
        (TargetRole.REGULATOR, "Dear Chief Executive"),
        (TargetRole.NHS_TRUST, "Dear Chief Executive"),
        (TargetRole.TEAM, "Dear team"),
    ],
)
def test_a_body_without_an_officer_is_greeted_by_its_kind(role: TargetRole, salutation: str) -> None:
    (row,) = read("Organisation,Email\nZed News,news@zed.example\n", role).rows
    assert (row.name, row.salutation) == ("Zed News", salutation)


def test_trusts_are_known_by_their_ods_code() -> None:
    (row,) = read("Trust,Code,Email\nZed NHS Trust,zz1,a@z.example\n", TargetRole.NHS_TRUST, "registration=Code").rows
    assert row.registration == "GB-NHS-ZZ1"


def test_a_councillor_is_read_with_their_place() -> None:
    parsed = read(COUNCILLORS + WARD, TargetRole.COUNCILLOR)
    assert parsed == Parsed(
        (
            TargetRow(
                line="line 2",
                external_id="7",
                role=TargetRole.COUNCILLOR,
                name="Alice Sample",
                salutation="Dear Cllr Sample",
                place=CANALSIDE,
                organisation="Zedmere",
                email="alice@zedmere.example",
                party="Lantern",
            ),
        )
    )


def test_a_member_is_read_from_names_in_parts() -> None:
    text = "Title,First name,Surname,Constituency,Email\nSir,Bob,Verde,Zedmere,bob@commons.example\n"
    (row,) = read(text, TargetRole.MP).rows
    assert (row.name, row.salutation, row.organisation) == ("Bob Verde", "Dear Sir Bob", "House of Commons")
    assert row.place == Place(AreaKind.CONSTITUENCY, "Zedmere")


def test_a_division_is_told_by_its_column_or_its_code() -> None:
    for text in ("Name,Division\nAlice Sample,Moss\n", "Name,Ward,GSS code\nAlice Sample,Moss,E58000001\n"):
        (row,) = read(text, TargetRole.COUNCILLOR).rows
        assert row.place is not None
        assert (row.place.kind, row.place.name) == (AreaKind.DIVISION, "Moss")


def test_a_vacant_seat_and_a_vacant_office_are_not_people() -> None:
    parsed = read(COUNCILLORS + WARD.replace("Cllr Alice Sample", "Vacant"), TargetRole.COUNCILLOR)
    assert parsed == Parsed((), vacancies=(VacantSeat("line 2", CANALSIDE),))
    (row,) = read(COMPANIES + "Canal Homes,,Vacant,Company Secretary,a@canal.example,,\n").rows
    assert row.name == "Company Secretary, Canal Homes"


def test_what_is_cleaned_is_told() -> None:
    text = (
        "ID,Organisation,Salutation,Email,URL,Start date,End date,Sector,Ward\n"
        ',Zed News,"Ms Sample,",news@zed.example (press),zed.example,1/2/2024,soon,media; print,Moss\n'
    )
    parsed = read(text, TargetRole.BROADCASTER, "attribute.sector=Sector")
    (row,) = parsed.rows
    assert (row.salutation, row.valid_from, row.valid_to, row.source_url) == (
        "Dear Ms Sample",
        date(2024, 2, 1),
        None,
        "",
    )
    assert row.attributes == {"sector": ["media", "print"]}
    assert told(parsed) == [
        "the file: ward is not used: a broadcaster answers for no place",
        "line 2: words beside the address are left out: 'press'",
        "line 2: the salutation 'Ms Sample,' becomes 'Dear Ms Sample'",
        "line 2: valid_to 'soon' is left out: it is no day such as 2026-05-07 or 7/5/2026",
        "line 2: source_url is left out: 'zed.example' is not a web address such as https://www.example.org/page",
        "line 2: id is empty; zed-news is used",
    ]


@pytest.mark.parametrize(
    ("row", "rejected"),
    [
        (WARD.replace("Cllr Alice Sample", ""), Rejected("line 2", "there is no name", "7")),
        (WARD.replace("Canalside,Z05000001", ","), Rejected("line 2", "there is no ward or division", "7")),
        (
            WARD.replace("Z05000001", "Moss"),
            Rejected("line 2", "the code 'Moss' is not a GSS code such as E05000001", "7"),
        ),
        (WARD.replace("Lantern", "+1"), Rejected("line 2", "Party is a spreadsheet's formula: '+1'", "7")),
        ("7,8\n", Rejected("line 2", "the row has 2 cells, the header has 7")),
    ],
)
def test_a_row_that_cannot_be_used_is_rejected(row: str, rejected: Rejected) -> None:
    assert read(COUNCILLORS + row, TargetRole.COUNCILLOR) == Parsed((), (rejected,))


def test_a_body_without_latin_letters_needs_an_id_or_an_address() -> None:
    parsed = read("Organisation,Email\n\u516c\u53f8,\n\u516c\u53f8,office@canal.example\n")
    assert [row.external_id for row in parsed.rows] == ["office@canal.example"]
    assert told(parsed)[0] == (
        "line 2: there is no id, nor are there Latin letters in name or organisation to make one of"
    )


@pytest.mark.parametrize("number", ["n/a", "N/A", "-", "none", "TBC"])
def test_words_for_no_company_number_cost_nobody_their_row(number: str) -> None:
    parsed = read(COMPANIES + f"Canal Homes,{number},,,a@canal.example,,\n")
    assert [row.registration for row in parsed.rows] == [""]
    assert told(parsed) == [f"line 2: registration {number!r} is left out: it is no number"]


@pytest.mark.parametrize(
    ("person", "greeting"),
    [
        ("The Director of Sales", "Dear Director"),
        ("The Rt Hon Lord Sample", "Dear Lord Sample"),
        ("The Hon Alice Sample", "Dear Alice Sample"),
        ("The Revd Alice Sample", "Dear Rev Sample"),
        ("Alice Sample, Head of News", "Dear Alice Sample"),
        ("TBC", "Dear Directors"),
    ],
)
def test_an_officer_is_told_from_an_office(person: str, greeting: str) -> None:
    (row,) = read(f'Company,Contact,Email\nCanal Homes,"{person}",a@canal.example\n').rows
    assert row.salutation == greeting


@pytest.mark.parametrize(
    ("given", "greeting"),
    [("Hi Alice!", "Hi Alice"), ("Dear Sir or Madam:", "Dear Sir or Madam"), ("Dear,", "Dear Alice Sample")],
)
def test_a_salutation_is_one_that_a_letter_can_open_with(given: str, greeting: str) -> None:
    (row,) = read(f'Company,Contact,Salutation,Email\nCanal Homes,Alice Sample,"{given}",a@canal.example\n').rows
    assert row.salutation == greeting


def test_the_lines_of_an_address_stay_apart() -> None:
    (row,) = read('Company,Address,Town\nCanal Homes,"1 Wharf\n\nLock Square",Zedmere\n').rows
    assert row.address == "1 Wharf / Lock Square / Zedmere"


def test_a_broken_address_is_marked_and_costs_nobody_their_row() -> None:
    rows = read("Company,Email\nCanal Homes,a@canal\nTowpath Homes,=A1\nLock Homes,none\n").rows
    assert [(row.email, row.email_untold) for row in rows] == [("", True), ("", True), ("", False)]


def test_a_company_number_of_no_form_rejects_its_row() -> None:
    (rejected,) = read(COMPANIES + "Canal Homes,12-34,,,a@canal.example,,\n").rejected
    assert rejected.reason.startswith("the company number '12-34' is not eight figures")


@pytest.mark.parametrize(
    ("header", "role", "wanted"),
    [
        ("Name,Town", TargetRole.MP, "mp need a column for gss_code or constituency."),
        ("Ward,Town", TargetRole.COUNCILLOR, "councillor need a column for name or first_name or last_name."),
        ("Ward,Town", TargetRole.COMPANY, "company need a column for name or last_name or organisation."),
    ],
)
def test_a_mapping_that_gives_no_target_is_refused(header: str, role: TargetRole, wanted: str) -> None:
    with pytest.raises(MappingError) as refused:
        read(header + "\n", role)
    columns = header.replace(",", ", ")
    assert str(refused.value) == f"Targets with the role {wanted} The columns are {columns}."


def test_another_file_than_the_one_that_was_mapped_is_refused() -> None:
    mapping = guess_mapping(COMPANIES.encode())
    with pytest.raises(NotThisFormatError, match="The column 'Name' is missing"):
        parse_with(b"Company,Email\n", mapping, TargetRole.COMPANY)
    with pytest.raises(NotThisFormatError, match="a page of HTML"):
        guess_mapping(b"<html>")


def test_semicolons_and_tabs_part_cells_too() -> None:
    for mark in ";\t":
        text = COMPANIES.replace(",", mark) + "Canal Homes,1234567,,,a@canal.example,,\n".replace(",", mark)
        assert [row.email for row in read(text).rows] == ["a@canal.example"]


CELLS = st.sampled_from(["", "7", "Alice Sample", "Vacant", "Moss", "Z05000001", "=1", "a@b.example", "x@", "1/2/2024"])
ROLES = st.sampled_from(list(TargetRole))


@given(st.lists(st.lists(CELLS, min_size=9, max_size=9), max_size=6), ROLES)
def test_every_row_is_used_rejected_or_vacant(rows: list[list[str]], role: TargetRole) -> None:
    text = io.StringIO(newline="")
    header = ["ID", "Name", "Ward", "GSS code", "Constituency", "Organisation", "Email", "Role", "Start date"]
    csv.writer(text).writerows([header, *rows])
    parsed = read(text.getvalue(), role)
    lines = [
        *(row.line for row in (*parsed.rows, *parsed.vacancies)),
        *(one.place for one in parsed.rejected),
    ]
    assert sorted(lines) == [f"line {number}" for number, row in enumerate(rows, 2) if any(row)]
