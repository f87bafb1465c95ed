"""ModernGov's councillors by ward, read: the XML, its dirt, and what no XML may do to us."""

from __future__ import annotations

from datetime import date
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.targets.importers.moderngov import FORMAT, parse
from app.targets.importers.parsed import NotThisFormatError, Parsed, Place, TargetRow, VacantSeat
from app.targets.models import AreaKind
from app.targets.records import Rejected, TargetRole

CANALSIDE = Place(AreaKind.WARD, "Canalside")


def councillor(**elements: str) -> str:
    """A councillor's element; the text of an element may be XML."""
    stated = {"councillorid": "115", "fullusername": "Councillor Alice Sample"} | elements
    return "<councillor>" + "".join(f"<{name}>{text}</{name}>" for name, text in stated.items()) + "</councillor>"


def ward(*councillors: str, title: str = "Canalside", count: int | None = None) -> str:
    stated = f"<councillorcount> {len(councillors) if count is None else count}</councillorcount>"
    return f"<ward><wardtitle>{title}</wardtitle><councillors>{stated}{''.join(councillors)}</councillors></ward>"


def answer(*wards: str) -> bytes:
    head = "<?xml version='1.0' encoding='utf-8'?>\n<councillorsbyward><wards>\n"
    return (head + "\n".join(wards) + "\n</wards></councillorsbyward>").encode()


def one(**elements: str) -> TargetRow:
    """The row of a councillor with these elements."""
    (row,) = parse(answer(ward(councillor(**elements)))).rows
    return row


def remarks(**elements: str) -> list[str]:
    """What is told of a councillor with these elements, beside that there is no e-mail."""
    told = parse(answer(ward(councillor(**elements)))).remarks
    return [remark.reason for remark in told if remark.reason != "no e-mail is published"]


@pytest.mark.parametrize(
    ("work", "home", "email", "unreadable"),
    [
        ("alice@zedmere.example", "", "alice@zedmere.example", False),
        ("", "", "", False),
        ("No email found", "", "", False),
        ("alice@zedmere", "", "", True),
        ("alice@zedmere", "alice@home.example", "alice@home.example", False),
        ("", "alice@home", "", True),
        ("x" * 2_001, "", "", True),
        ("alic\ufffd@zedmere.example", "", "", True),
        ("alice@zedmere.example</email><email>pa@zedmere.example", "", "alice@zedmere.example", False),
    ],
)
def test_a_broken_address_costs_nobody_their_row_and_is_marked(
    work: str, home: str, email: str, *, unreadable: bool
) -> None:
    row = one(workaddress=f"<email>{work}</email>", homeaddress=f"<email>{home}</email>")
    assert (row.email, row.email_untold) == (email, unreadable)


def test_every_e_mail_field_of_an_address_is_told() -> None:
    work = "<email>alice@zedmere.example</email><email>pa@zedmere.example</email>"
    assert remarks(workaddress=work) == ["further addresses are left out: pa@zedmere.example"]


def test_entities_that_were_escaped_twice_are_read() -> None:
    row = one(fullusername="Cllr Sorcha O&amp;#39;Sample", keyposts="Chair of Roads &amp;amp; Waste; Whip")
    assert row.name == "Sorcha O'Sample"
    assert row.attributes == {"posts": ["Chair of Roads & Waste", "Whip"]}


def test_blank_lines_above_the_declaration_do_not_matter() -> None:
    (row,) = parse(b"\n\r\n" + answer(ward(councillor()))).rows
    assert row.line == "line 5"


def test_a_councillor_is_read() -> None:
    raw = answer(
        ward(
            councillor(
                fullusername="Cllr Dr Bola Sample-Okoro MBE",
                politicalpartytitle="Lantern &amp; Commons",
                districttitle="Canalside",
                keyposts="Leader of the Council",
                workaddress="<line1>Town Hall</line1><line2>Lock  Square</line2><line3/><postcode>ZZ1 1AA</postcode>"
                "<phone>0161 4960000</phone><email>bola@zedmere.example</email>",
                homeaddress="<line1>1 Private Street</line1><email></email>",
                termsofoffice="<termofoffice><startdate>08/05/2026</startdate><enddate>06/05/2030</enddate></termofoffice>",
            )
        )
    )
    row = TargetRow(
        line="line 3",
        external_id="115",
        role=TargetRole.COUNCILLOR,
        name="Bola Sample-Okoro",
        salutation="Dear Cllr Dr Sample-Okoro",
        place=CANALSIDE,
        email="bola@zedmere.example",
        address="Town Hall / Lock Square / ZZ1 1AA",
        party="Lantern & Commons",
        attributes={"posts": ["Leader of the Council"]},
        valid_from=date(2026, 5, 8),
        valid_to=date(2030, 5, 6),
    )
    assert parse(raw) == Parsed((row,))
    assert FORMAT.one_council


@pytest.mark.parametrize(
    ("keyposts", "posts"),
    [
        ("", None),
        ("Leader of the Council", ["Leader of the Council"]),
        ("Leader; Chair of Planning;", ["Leader", "Chair of Planning"]),
        ("Leader\nChair of Planning\n\nLeader", ["Leader", "Chair of Planning"]),
        ("Leader&lt;br /&gt;Chair of Planning", ["Leader", "Chair of Planning"]),
        ("Deputy Leader, Cabinet Member for Housing", ["Deputy Leader", "Cabinet Member for Housing"]),
        ("Cabinet Member for Housing, Planning and Waste", ["Cabinet Member for Housing, Planning and Waste"]),
    ],
)
def test_posts_are_parted(keyposts: str, posts: list[str] | None) -> None:
    assert one(keyposts=keyposts).attributes == ({} if posts is None else {"posts": posts})


def test_committees_are_read_where_they_are_told() -> None:
    committees = "<committee>Planning</committee><committee><committeetitle>Audit</committeetitle></committee>"
    assert one(committees=committees).attributes == {"committees": ["Planning", "Audit"]}


@pytest.mark.parametrize(
    ("work", "home", "email", "told"),
    [
        ("a@x.example", "", "a@x.example", []),
        ("a@x.example", "A@x.example", "a@x.example", []),
        ("a@x.example; b@x.example", "b@x.example", "a@x.example", ["further addresses are left out: b@x.example"]),
        ("a@x.example", "b@x.example", "a@x.example", ["the e-mail field of the home address is left out"]),
        ("", "b@x.example", "b@x.example", ["the e-mail address is that of the home address"]),
        (
            "ring me",
            "b@x.example",
            "b@x.example",
            ["the e-mail address is that of the home address; of that of work: 'ring me' is no e-mail address"],
        ),
        ("", "ring me", "", ["the e-mail field of the home address is left out"]),
        ("", "", "", []),
    ],
)
def test_the_address_of_work_goes_before_that_of_home(work: str, home: str, email: str, told: list[str]) -> None:
    elements = {"workaddress": f"<email>{work}</email>", "homeaddress": f"<email>{home}</email>"}
    assert one(**elements).email == email
    assert remarks(**elements) == told


def test_a_home_is_never_read() -> None:
    assert one(homeaddress="<line1>1 Private Street</line1><postcode>ZZ1 1AA</postcode>").address == ""


@pytest.mark.parametrize(
    ("terms", "days", "told"),
    [
        ([], (None, None), []),
        ([("08/05/2026", "unspecified")], (date(2026, 5, 8), None), []),
        ([("08/05/2022", "06/05/2026"), ("07/05/2026", "")], (date(2026, 5, 7), None), []),
        ([("07/05/2026", ""), ("08/05/2022", "06/05/2026")], (date(2026, 5, 7), None), []),
        (
            [("31/02/2026", "06/05/2030")],
            (None, date(2030, 5, 6)),
            ["this is no day of a term of office: '31/02/2026'"],
        ),
        (
            [("06/05/2030", "08/05/2026")],
            (None, None),
            ["its last day (2026-05-08) is before its first (2030-05-06); both are left out"],
        ),
    ],
)
def test_the_latest_term_of_office_counts(
    terms: list[tuple[str, str]], days: tuple[date | None, date | None], told: list[str]
) -> None:
    within = "".join(
        f"<termofoffice><startdate>{start}</startdate><enddate>{end}</enddate></termofoffice>" for start, end in terms
    )
    row = one(termsofoffice=within)
    assert (row.valid_from, row.valid_to) == days
    assert remarks(termsofoffice=within) == told


def test_vacant_seats_empty_wards_and_counts_that_differ_are_told() -> None:
    parsed = parse(
        answer(
            ward(councillor(fullusername="VACANT SEAT", politicalpartytitle="Vacant"), count=2),
            ward(title="Emptied"),
            ward(title="", count=1),
        )
    )
    assert parsed.vacancies == (VacantSeat("line 3", CANALSIDE),)
    assert [str(remark) for remark in parsed.remarks] == [
        "line 3: Canalside says that it has 2 councillors, but has 1",
        "line 4: Emptied has no councillor",
        "line 5: a ward without a name has no councillor",
        "line 5: a ward without a name says that it has 1 councillors, but has 0",
    ]


def test_councillors_who_cannot_be_used_are_rejected_with_their_line() -> None:
    parsed = parse(
        answer(
            ward(councillor(), councillor()),
            ward(councillor(councillorid=""), councillor(councillorid="116", fullusername="Councillor")),
            ward(councillor(councillorid="117"), title=" "),
            councillor(councillorid="118"),
            ward(councillor(councillorid="119"), title="Canal\ufffdside"),
        )
    )
    assert [row.external_id for row in parsed.rows] == ["115"]
    assert parsed.rejected == (
        Rejected("line 3", "115 is in the file already: line 3", "115"),
        Rejected("line 4", "there is no id, so the councillor has no stable key"),
        Rejected("line 4", "there is no name", "116"),
        Rejected("line 5", "the ward has no name", "117"),
        Rejected("line 7", "wardtitle has lost characters (U+FFFD)", "119"),
        Rejected("line 6", "the councillor stands in no ward", "118"),
    )


def test_the_district_stands_for_a_ward_without_a_title_and_is_told_where_it_is_another() -> None:
    (row,) = parse(answer(ward(councillor(districttitle="Hilltop"), title=""))).rows
    assert row.place == Place(AreaKind.WARD, "Hilltop")
    assert remarks(districttitle="Hilltop") == ["the district is another than the ward: 'Hilltop'"]
    assert remarks(districttitle="CANALSIDE") == []


def test_what_the_file_declares_of_its_encoding_is_not_trusted() -> None:
    text = answer(ward(councillor(fullusername="Zoë Sample"))).decode()
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "windows-1252"):
        (row,) = parse(text.encode(encoding)).rows
        assert row.name == "Zoë Sample"


BILLION_LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE councillorsbyward [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<councillorsbyward><wards>&b;</wards></councillorsbyward>"""
OTHER_FILE = b"""<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><councillorsbyward>&a;</councillorsbyward>"""


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "The file is empty"),
        (b"<!DOCTYPE html><title>Sorry</title>", "a page of HTML titled 'Sorry'"),
        (b"<exception>busy</exception>", "The file is XML of <exception>, not of <councillorsbyward>"),
        (b"<councillorsbyward><wards>", "The file is not XML: no element found: line 1"),
        (b"Name,Ward\nAlice,Canalside", "The file is not XML"),
        (BILLION_LAUGHS, "document type"),
        (OTHER_FILE, "document type"),
        (b"<councillorsbyward>" + b"<a>" * 100_000, "nested too deep"),
        (b"<councillorsbyward>&a;</councillorsbyward>", "The file is not XML: undefined entity"),
    ],
)
def test_a_file_of_another_format_or_with_a_trap_is_refused(raw: bytes, said: str) -> None:
    with pytest.raises(NotThisFormatError) as refusal:
        parse(raw)
    assert said in str(refusal.value)


texts = st.sampled_from(["", "115", "116", "Vacant", "Alice Sample", "a@x.example", "01/05/2026"]) | st.text(
    st.characters(categories=["L", "N", "P", "Z"]), max_size=6
)
elements = st.sampled_from(
    ["councillorid", "fullusername", "politicalpartytitle", "districttitle", "keyposts", "startdate"]
)


@given(st.lists(st.tuples(texts, st.lists(st.dictionaries(elements, texts), max_size=3)), max_size=4))
def test_each_councillor_is_used_rejected_or_vacant(wards: list[tuple[str, list[dict[str, str]]]]) -> None:
    parsed = parse(
        answer(
            *(
                ward(
                    *(councillor(**{name: escape(text) for name, text in stated.items()}) for stated in people),
                    title=escape(title),
                )
                for title, people in wards
            )
        )
    )
    assert len(parsed.rows) + len(parsed.rejected) + len(parsed.vacancies) == sum(len(people) for _, people in wards)
