"""Formats by name, and by what a file holds."""

from __future__ import annotations

import pytest

from app.targets.importers.formats import FORMATS, guess
from app.targets.models import TargetList


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"<?xml version='1.0'?>\n<!-- x --><councillorsbyward>", "moderngov"),
        (b"\xef\xbb\xbf<mg:CouncillorsByWard xmlns:mg='x'>", "moderngov"),
        (b'[{"name": "Almond", "number": 1, "councillors": []}]', "edinburgh"),
        (b'{"raw_name": "x", "raw_division": "y", "raw_identifier": "z", "email": null}', "lgsf-json"),
        (b"council_id,raw_division,raw_identifier,email,url,raw_name,raw_party\n", "lgsf"),
        (b'Council,"Ward Name","Councillor Name","Next Election","Party Name","x"', "open-council-data"),
        (b"name;party;ward;telephone;email;page;image", "trafford"),
        (b'{"persons": [], "organizations": [], "memberships": []}', "popolo"),
        (b"pcon_name,pcon_code,member_id,full_title,display_as,party_text,member_email,la_names", "dfe-mps"),
        (b"Person ID,First name,Last name,Party,Constituency,URI", "theyworkforyou"),
        (b"ods_code,trust_name,address_line_1,address_line_2,town,postcode,country", "nhs-trusts"),
        (b"<rss>", None),
        (b"<", None),
        (b"[1, 2]", None),
        (b"[", None),
        (b'[{"name": "Almond"}]', None),
        (b"Name,Ward", None),
        (b"", None),
        (b"<html>", None),
    ],
)
def test_a_file_is_known_by_its_root_its_names_or_its_columns(raw: bytes, name: str | None) -> None:
    guessed = guess(raw)
    assert (guessed.name if guessed else None) == name


def test_a_formats_name_fits_its_column() -> None:
    for name, one in FORMATS.items():
        assert name == one.name
        assert len(name) <= TargetList.format.type.length


PAGE = "https://x.example/?UID=1"
FILES = [
    f'[{{"name": "Almond", "councillors": [{{"name": "Bo Verde", "url": "{PAGE}", "email": "@"}}]}}]',
    f"Name,Party,Ward,Email,Page\nBo Verde,,Almond,@,{PAGE}",
    "council_id,raw_division,raw_identifier,email,raw_name\nZED,Almond,1,@,Bo Verde",
    '{"raw_name": "Bo Verde", "raw_division": "Almond", "raw_identifier": "1", "email": "@"}',
    (
        '{"persons": [{"id": "1", "name": "Bo Verde", "email": "@"}], '
        '"memberships": [{"person_id": "1", "role": "MP", "area": {"id": "a", "name": "Almond"}}]}'
    ),
    "pcon_name,pcon_code,member_id,full_title,display_as,party_text,member_email\nAlmond,Z14000001,1,Bo Verde,Bo,x,@",
    "ods_code,trust_name,address_line_1,town,postcode,email\nZZ1,ALMOND NHS TRUST,1 Wharf,Zedmere,ZZ1 1AA,@",
    (
        "<councillorsbyward><ward><wardtitle>Almond</wardtitle><councillor><councillorid>1</councillorid>"
        "<fullusername>Bo Verde</fullusername><workaddress><email>@</email></workaddress></councillor></ward>"
        "</councillorsbyward>"
    ),
]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    ("email", "unreadable"),
    [("bo@zedmere", True), ("bo\ufffd@zedmere.example", True), ("none", False), ("bo@zedmere.example", False)],
)
def test_an_e_mail_field_that_cannot_be_read_is_marked_in_every_format(
    file: str, email: str, *, unreadable: bool
) -> None:
    raw = file.replace("@", email).encode()
    one = guess(raw)
    assert one is not None
    (row,) = one.parse(raw).rows
    assert row.email_untold is unreadable
    assert row.email == (email if email == "bo@zedmere.example" else "")
