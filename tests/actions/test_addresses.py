"""Addresses as supporters type them."""

from __future__ import annotations

import pytest

from app.actions.addresses import DisposableAddressError, NotAnAddressError, lookup_form, parse_email


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("alice@supporter.example", "alice@supporter.example"),
        ("  Alice.Adams+letters@Supporter.EXAMPLE ", "Alice.Adams+letters@supporter.example"),
        ("alice@bücher.example", "alice@bücher.example"),
        ("o'neill@supporter.example", "o'neill@supporter.example"),
    ],
)
def test_an_address_is_read_in_its_normal_form(typed: str, read: str) -> None:
    assert parse_email(typed) == read


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "alice",
        "alice@",
        "@supporter.example",
        "alice@localhost",
        "alice@@supporter.example",
        "alice adams@supporter.example",
        "alice@supporter.example\nBcc: bob@supporter.example",
        "alice@supporter..example",
        "ælice@supporter.example",
        "alice@[192.0.2.1]",
        "Alice <alice@supporter.example>",
        "a" * 65 + "@supporter.example",
    ],
)
def test_what_cannot_receive_mail_is_no_address(typed: str) -> None:
    with pytest.raises(NotAnAddressError):
        parse_email(typed)


@pytest.mark.parametrize("typed", ["alice@mailinator.com", "alice@MAILINATOR.com", "alice@sub.mailinator.com"])
def test_an_address_that_is_thrown_away_is_refused(typed: str) -> None:
    with pytest.raises(DisposableAddressError):
        parse_email(typed)


def test_spellings_of_one_address_are_found_as_one() -> None:
    assert lookup_form("Alice.ADAMS@supporter.example") == lookup_form("alice.adams@supporter.example")
    assert lookup_form("alice@supporter.example") != lookup_form("alice.adams@supporter.example")
