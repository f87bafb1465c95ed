"""Members of Parliament as the Department for Education and TheyWorkForYou publish them."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.targets.importers import dfe_mps, theyworkforyou
from app.targets.importers.addresses import NO_PLACE
from app.targets.importers.members import member_salutation
from app.targets.importers.parsed import NotThisFormatError, Parsed, Place, TargetRow, VacantSeat
from app.targets.models import AreaKind
from app.targets.records import Rejected, TargetRole

DFE = "pcon_name,pcon_code,member_id,full_title,display_as,party_text,member_email,lad_codes,region_name,country_name\n"
ALEX = "Zedmere,Z14000001,7,Alex Sample MP,Alex Sample,Lantern,alex.sample.mp@parliament.uk,Z09000001,Vale,Mossland\n"
TWFY = "Person ID,First name,Last name,Party,Constituency,URI\n"
BOB = "10007,Bob,Verde,Lantern,Zedmere,https://www.theyworkforyou.com/mp/10007/bob_verde/zedmere\n"
ZEDMERE = Place(AreaKind.CONSTITUENCY, "Zedmere", "Z14000001")


def dfe(*rows: str) -> Parsed:
    return dfe_mps.parse((DFE + "".join(rows)).encode())


def twfy(*rows: str) -> Parsed:
    return theyworkforyou.parse((TWFY + "".join(rows)).encode())


def told(parsed: Parsed) -> list[str]:
    return [str(one) for one in (*parsed.rejected, *parsed.remarks)]


def test_a_member_is_read_with_their_constituency() -> None:
    assert dfe(ALEX) == Parsed(
        (
            TargetRow(
                line="line 2",
                external_id="7",
                role=TargetRole.MP,
                name="Alex Sample",
                salutation="Dear Alex Sample",
                place=ZEDMERE,
                organisation="House of Commons",
                email="alex.sample.mp@parliament.uk",
                party="Lantern",
                attributes={"country": ["Mossland"], "region": ["Vale"], "councils": ["Z09000001"]},
            ),
        )
    )


@pytest.mark.parametrize(
    ("full_title", "display_as", "name", "salutation"),
    [
        ("Mr Connor Sample MP", "Mr Connor Sample", "Connor Sample", "Dear Mr Sample"),
        ("Rt Hon Diane Sample MP", "Ms Diane Sample", "Diane Sample", "Dear Ms Sample"),
        ("Dr Alice Sample-Okoro MP", "Dr Alice Sample-Okoro", "Alice Sample-Okoro", "Dear Dr Sample-Okoro"),
        ("Rt Hon Sir Bob Verde KC MP", "Sir Bob Verde", "Bob Verde", "Dear Sir Bob"),
        ("Dame Alice Moss Verde MP", "Alice Moss Verde", "Alice Moss Verde", "Dear Dame Alice"),
        ("Rt Hon Sir J. Moss MP", "Sir J. Moss", "J. Moss", "Dear Sir J. Moss"),
        ("Rt Hon Alice Sample MP", "", "Alice Sample", "Dear Alice Sample"),
    ],
)
def test_a_title_that_is_printed_is_used_and_none_is_guessed(
    full_title: str, display_as: str, name: str, salutation: str
) -> None:
    row = ALEX.replace("Alex Sample MP", full_title).replace(",Alex Sample,", f",{display_as},")
    (member,) = dfe(row).rows
    assert (member.name, member.salutation) == (name, salutation)
    assert member_salutation(full_title.replace(" KC", "")) in {salutation, f"Dear {name}"}


def test_a_member_without_an_address_is_a_member() -> None:
    parsed = dfe(ALEX.replace("alex.sample.mp@parliament.uk", "No email found"))
    assert [row.email for row in parsed.rows] == [""]
    assert told(parsed) == ["line 2: no e-mail is published"]


def test_an_address_elsewhere_is_told() -> None:
    parsed = dfe(ALEX.replace("alex.sample.mp@parliament.uk", "alex@parliament.uk.example"))
    assert told(parsed) == ["line 2: the e-mail address is not at parliament.uk"]


@pytest.mark.parametrize("nobody", [",,,", "NA,NA,NA,", ",Vacant,,", ",,Vacant seat,"])
def test_a_constituency_without_a_member_is_a_vacant_seat(nobody: str) -> None:
    parsed = dfe(f"Zedmere,Z14000001,{nobody},No email found,,,\n".replace("NA,NA,NA", ",NA,NA"))
    assert parsed == Parsed((), vacancies=(VacantSeat("line 2", ZEDMERE),))


def test_what_the_source_does_not_have_is_no_attribute() -> None:
    (member,) = dfe(ALEX.replace("Z09000001,Vale,Mossland", "Z09000001 / Z09000002,Not applicable,z")).rows
    assert member.attributes == {"councils": ["Z09000001", "Z09000002"]}


@pytest.mark.parametrize(
    ("row", "rejected"),
    [
        (
            ALEX.replace("Z14000001", "Zedmere"),
            Rejected("line 2", "pcon_code 'Zedmere' is not a constituency's GSS code, such as E14001063", "7"),
        ),
        (ALEX.replace(",7,", ",seven,"), Rejected("line 2", "member_id 'seven' is not a number")),
        (ALEX.replace("Alex Sample MP,Alex Sample", ","), Rejected("line 2", "there is no name", "7")),
        (ALEX.replace("Lantern", "L" * 121), Rejected("line 2", "party is longer than 120 characters", "7")),
        (
            ALEX.replace("Alex Sample,", "=1+1,"),
            Rejected("line 2", "display_as is a spreadsheet's formula: '=1+1'", "7"),
        ),
        ("Zedmere,Z14000001\n", Rejected("line 2", "the row has 2 cells, the header has 10")),
    ],
)
def test_a_row_that_cannot_be_used_is_rejected(row: str, rejected: Rejected) -> None:
    assert dfe(row) == Parsed((), (rejected,))


def test_a_seat_that_two_rows_claim_has_neither() -> None:
    another = ALEX.replace(",7,", ",8,").replace("Alex", "Bob")
    assert dfe(ALEX, another) == Parsed(
        (), (Rejected("line 2", "2 rows are for Zedmere", "7"), Rejected("line 3", "2 rows are for Zedmere", "8"))
    )


def test_a_page_of_html_is_not_the_look_up() -> None:
    with pytest.raises(NotThisFormatError, match="The file is a page of HTML titled 'Not found', not data"):
        dfe_mps.parse(b"<!doctype html><title>Not found</title>")
    with pytest.raises(NotThisFormatError, match="The column 'pcon_name' is missing"):
        dfe_mps.parse((TWFY + BOB).encode())


def test_theyworkforyou_knows_a_constituency_by_its_name() -> None:
    assert twfy(BOB) == Parsed(
        (
            TargetRow(
                line="line 2",
                external_id="10007",
                role=TargetRole.MP,
                name="Bob Verde",
                salutation="Dear Bob Verde",
                place=Place(AreaKind.CONSTITUENCY, "Zedmere"),
                organisation="House of Commons",
                email_untold=True,
                party="Lantern",
                source_url="https://www.theyworkforyou.com/mp/10007/bob_verde/zedmere",
            ),
        ),
        remarks=(Rejected("the file", NO_PLACE),),
    )


def test_theyworkforyous_rows_that_cannot_be_used_are_rejected() -> None:
    parsed = twfy(
        BOB,
        BOB.replace("10007,Bob", "10008,Alice"),
        BOB.replace("Zedmere", "Towpath").replace("Bob,Verde", ","),
        BOB.replace("Zedmere", "Thornby").replace("10007,Bob,Verde", ",Vacant,"),
        BOB.replace("Zedmere", ""),
        BOB.replace("Zedmere", "Moss").replace("https://", "mp/"),
    )
    assert parsed.rows == ()
    assert [one.line for one in parsed.vacancies] == ["line 5"]
    assert [str(one) for one in parsed.rejected] == [
        "line 2: 2 rows are for Zedmere",
        "line 3: 2 rows are for Zedmere",
        "line 4: there is no name",
        "line 6: there is no constituency",
        (
            "line 7: 'mp/www.theyworkforyou.com/mp/10007/bob_verde/zedmere' is not a web address such as "
            "https://www.example.org/page"
        ),
    ]


CELLS = st.sampled_from(
    ["", "7", "8", "Alex Sample", "Vacant", "Zedmere", "Z14000001", "Z14000002", "=1", "a@b.example"]
)


@given(st.lists(st.lists(CELLS, min_size=10, max_size=10), max_size=6))
def test_every_row_is_used_rejected_or_vacant(rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    given_rows = [row for row in rows if any(row)]
    for parsed in (dfe(text.getvalue()), twfy_of(rows)):
        assert len(parsed.rows) + len(parsed.rejected) + len(parsed.vacancies) == len(given_rows)
        lines = [*(row.line for row in (*parsed.rows, *parsed.vacancies)), *(one.place for one in parsed.rejected)]
        assert len(set(lines)) == len(given_rows)


def twfy_of(rows: list[list[str]]) -> Parsed:
    """The rows in the other format: no cell is lost, so that a row is empty in neither."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([[*row[:5], next((cell for cell in row[5:] if cell), "")] for row in rows])
    return twfy(text.getvalue())
