"""Numbers in public registers, checked by their form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.targets.fields import FieldError
from app.targets.registrations import NHS, check_registration, company_number, organisations_differ


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("", ""),
        ("01234567", "GB-COH-01234567"),
        ("1234567", "GB-COH-01234567"),
        ("0123 4567", "GB-COH-01234567"),
        ("Company No. 1234567", "GB-COH-01234567"),
        ("Registered number: SC 45678", "GB-COH-SC045678"),
        ("sc123456", "GB-COH-SC123456"),
        ("CRN 1234567", "GB-COH-01234567"),
        ("Registered in England and Wales No. 1234567", "GB-COH-01234567"),
        ("1234567.0", "GB-COH-01234567"),
        ("BR012345", "GB-COH-BR012345"),
        ("OC301234", "GB-COH-OC301234"),
        ("NO 000102", "GB-COH-NO000102"),
        ("R123", "GB-COH-R0000123"),
        ("IP12345R", "GB-COH-IP12345R"),
        ("SP2345RS", "GB-COH-SP2345RS"),
        ("gb-coh-1234567", "GB-COH-01234567"),
        ("GB-NHS-zz1", "GB-NHS-ZZ1"),
        ("GB-CHC-1234567", "GB-CHC-1234567"),
        ("GB-CHC-1234567-1", "GB-CHC-1234567-1"),
        ("GB-SC-12345", "GB-SC-SC012345"),
        ("GB-NIC-NIC100001", "GB-NIC-100001"),
        ("GB-MPR-235C", "GB-MPR-235C"),
        ("FCA 123456", "FCA 123456"),
        ("Ofcom TLCS001234BA/1", "Ofcom TLCS001234BA/1"),
    ],
)
def test_a_number_is_written_as_an_identifier(text: str, identifier: str) -> None:
    assert check_registration(text) == identifier
    assert check_registration(identifier) == identifier


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("123456789", "the company number '123456789' is not eight figures"),
        ("00000000", "the company number '00000000' is not eight figures"),
        ("XX123456", "the company number 'XX123456' is not eight figures"),
        ("SC1234567", "the company number 'SC1234567' is not eight figures"),
        ("unknown", "the company number 'unknown' is not eight figures"),
        ("GB-NHS-Z1", "the ODS code 'Z1' is not three to nine letters and figures"),
        ("GB-CHC-12", "the charity number '12' is not six or seven figures"),
        ("GB-SC-1234567", "the Scottish charity number '1234567' is not SC and six figures"),
        ("GB-NIC-1", "the Northern Irish charity number '1' is not six figures"),
        ("FCA " + "1" * 40, "registration is longer than 40 characters"),
    ],
)
def test_what_has_not_the_form_of_its_register_is_refused(text: str, fault: str) -> None:
    with pytest.raises(FieldError, match=f"^{fault}"):
        check_registration(text)


def test_whose_number_it_is_can_be_said_beside_it() -> None:
    assert check_registration("zz1", NHS) == "GB-NHS-ZZ1"
    assert check_registration("GB-COH-1234567", NHS) == "GB-COH-01234567"


@given(st.text(max_size=20))
def test_any_text_gives_eight_characters_or_a_refusal(text: str) -> None:
    try:
        assert len(company_number(text)) == 8
    except FieldError:
        return


def test_offices_of_one_body_share_its_name() -> None:
    rows = [
        ("line 2", "GB-COH-01234567", "Canal Homes Ltd"),
        ("line 3", "GB-COH-01234567", "CANAL HOMES, Ltd."),
        ("line 4", "", "Somebody else"),
        ("line 5", "GB-COH-01234567", "Towpath Homes Ltd"),
    ]
    assert list(organisations_differ(rows)) == [
        (
            3,
            (
                "GB-COH-01234567 is 'Towpath Homes Ltd' here and 'Canal Homes Ltd' at line 2; offices of one body "
                "share its name"
            ),
        )
    ]
