"""NHS trusts by their ODS code, out of capitals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.targets.importers.addresses import NO_PLACE
from app.targets.importers.capitals import proper_case
from app.targets.importers.nhs_trusts import parse
from app.targets.importers.parsed import NotThisFormatError, Parsed, TargetRow
from app.targets.records import Rejected, TargetRole

HEADER = "ods_code,trust_name,address_line_1,address_line_2,town,postcode,country"
ROW = "ZZ1,ZEDMERE AND THORNBY NHS TRUST,TRUST HQ,1 CANAL ROAD,ZEDMERE,ZZ1 1AA,ENGLAND"
NO_COLUMN = Rejected("the file", NO_PLACE)


def trusts(*rows: str, header: str = HEADER) -> Parsed:
    return parse("\n".join([header, *rows]).encode())


def test_a_trust_is_read() -> None:
    name = "Zedmere and Thornby NHS Trust"
    trust = TargetRow(
        line="line 2",
        external_id="ZZ1",
        role=TargetRole.NHS_TRUST,
        name=name,
        salutation="Dear Chief Executive",
        organisation=name,
        registration="GB-NHS-ZZ1",
        address="Trust HQ / 1 Canal Road / Zedmere / ZZ1 1AA",
        attributes={"country": ["England"]},
        email_untold=True,
    )
    assert trusts(ROW) == Parsed((trust,), remarks=(NO_COLUMN,))


def test_addresses_that_somebody_has_added_are_read() -> None:
    parsed = trusts(f"{ROW},ceo@zedmere.example", ROW.replace("ZZ1", "ZZ2") + ",", header=f"{HEADER},Email")
    assert [row.email for row in parsed.rows] == ["ceo@zedmere.example", ""]
    assert parsed.remarks[0] == Rejected("line 3", "no e-mail is published", "ZZ2")


def test_signs_of_a_closed_trust_are_told() -> None:
    moved = ROW.replace("ZZ1,ZEDMERE AND", "ZZ2,")
    nowhere = ROW.replace("ZZ1,ZEDMERE AND", "ZZ3,OLD").replace("ZZ1 1AA", "")
    assert [str(one) for one in trusts(ROW, moved, nowhere).remarks[1:]] == [
        "line 3: Zedmere and Thornby NHS Trust (line 2) has the same postcode; one of the two may have closed",
        "line 4: there is no postcode; the trust may have closed",
    ]


@pytest.mark.parametrize(
    ("row", "rejected"),
    [
        (ROW.replace("ZZ1,", "Z,"), Rejected("line 3", "the ODS code 'Z' is not three to nine letters and figures")),
        (ROW.replace("ZEDMERE AND THORNBY NHS TRUST", ""), Rejected("line 3", "there is no name", "ZZ1")),
        (ROW, Rejected("line 3", "ZZ1 is in the file already: line 2", "ZZ1")),
        ("ZZ1,A", Rejected("line 3", "the row has 2 cells, the header has 7")),
    ],
)
def test_a_row_that_cannot_be_used_is_rejected(row: str, rejected: Rejected) -> None:
    parsed = trusts(ROW, row)
    assert len(parsed.rows) == 1
    assert parsed.rejected == (rejected,)


def test_another_table_is_not_of_this_format() -> None:
    with pytest.raises(NotThisFormatError, match="The column 'ods_code' is missing"):
        trusts(header="code,name")


@pytest.mark.parametrize(
    ("text", "proper"),
    [
        (
            "EAST THORNBY HOSPITALS UNIVERSITY NHS FOUNDATION TRUST",
            "East Thornby Hospitals University NHS Foundation Trust",
        ),
        ("THE QUEEN'S HOSPITAL, KING'S LYNN", "The Queen's Hospital, King's Lynn"),
        ("HOSPITAL FOR CHILDREN AT ST THOMAS' AND ST. ANN’S", "Hospital for Children at St Thomas' and St. Ann’s"),
        ("STOKE-ON-TRENT", "Stoke-on-Trent"),
        ("WESTON-SUPER-MARE", "Weston-super-Mare"),
        ("NEWCASTLE UPON TYNE", "Newcastle upon Tyne"),
        ("2ND FLOOR, BLOCK B2", "2nd Floor, Block B2"),
        ("UNIT D", "Unit D"),
        ("O'BRIEN HOUSE", "O'Brien House"),
        ("MOSS & VALE", "Moss & Vale"),
        ("Vale of Moss", "Vale of Moss"),
        ("", ""),
    ],
)
def test_capitals_become_ordinary_letters(text: str, proper: str) -> None:
    assert proper_case(text) == proper


@given(st.text(max_size=40))
def test_no_text_loses_a_letter(text: str) -> None:
    assert proper_case(text).upper() == text.upper()


CELLS = st.sampled_from(["", "ZZ1", "zz2", "Z", "ZEDMERE NHS TRUST", "ZZ1 1AA", "=1", "a@zedmere.example", "N/A"])


@given(st.lists(st.lists(CELLS, min_size=8, max_size=8), max_size=6))
def test_every_row_is_used_or_rejected(rows: list[list[str]]) -> None:
    parsed = trusts(*(",".join(row) for row in rows), header=f"{HEADER},email")
    lines = [*(row.line for row in parsed.rows), *(one.place for one in parsed.rejected)]
    assert sorted(lines) == [f"line {number}" for number, row in enumerate(rows, 2) if any(row)]
