"""The e-mail field: one address, several, words beside it, words that mean none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.targets.fields import FieldError, mail_address
from app.targets.importers.addresses import NO_EMAIL, MailField, read_address, stated_address

A, B, C = "alice@zedmere.example", "a.sample@party.example", "ward@zedmere.example"


@pytest.mark.parametrize(
    ("field", "read"),
    [
        (A, MailField(A)),
        (f"  {A} ", MailField(A)),
        ("Alice.O'Sample@Zedmere.Example", MailField("Alice.O'Sample@zedmere.example")),
        (f"mailto:{A}", MailField(A)),
        (f"MAILTO:{A}?subject=Ward", MailField(A)),
        (f"<{A}>", MailField(A)),
        (f"'{A}'", MailField(A)),
        (f"{A}.", MailField(A)),
        (f"{A};{A.upper()}", MailField(A)),
        (f"Email: {A}", MailField(A)),
    ],
)
def test_an_address_is_an_address_however_it_is_wrapped(field: str, read: MailField) -> None:
    assert read_address(field) == read


@pytest.mark.parametrize("between", [";", "; ", ", ", " / ", "/", " ", "\n", "\r\n", " or ", " and ", " | "])
def test_of_several_addresses_the_first_is_used_and_the_others_are_named(between: str) -> None:
    assert read_address(between.join([A, B, C])) == MailField(A, (B, C), f"further addresses are left out: {B}, {C}")


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (f"{A} (for ward matters)", "for ward matters"),
        (f"{A} - for ward matters", "for ward matters"),
        (f"Alice Sample <{A}>", "Alice Sample"),
        (f"{A} [home]", "home"),
        (f"{A} PA: Bob", "PA: Bob"),
    ],
)
def test_words_beside_an_address_are_cut_and_told(field: str, words: str) -> None:
    assert read_address(field) == MailField(A, (), f"words beside the address are left out: {words!r}")


@pytest.mark.parametrize(
    "field",
    [
        "",
        " ",
        "-",
        "–",
        "--",
        "n/a",
        "N/A",
        "n.a.",
        "None",
        "(none)",
        "No email found",
        "No e-mail address available",
        "no email address",
        "Not available",
        "Not provided.",
        "unknown",
        "null",
        "TBC",
        "x",
        ".",
        "0",
        "nan",
        "<none>",
        "T.B.C.",
        "Email address not published",
        "Not currently available",
        "e-mail withheld",
    ],
)
def test_words_for_none_mean_that_none_is_published(field: str) -> None:
    assert read_address(field) == MailField("", (), NO_EMAIL)


@pytest.mark.parametrize("field", ["alice at zedmere", "ring the office", "alice.sample"])
def test_what_is_no_address_is_told_and_none_is_used(field: str) -> None:
    assert read_address(field) == MailField("", (), f"{field!r} is no e-mail address", untold=True)


def test_a_long_text_is_shown_cut_short() -> None:
    assert read_address("ring me " * 100).remark == f"{('ring me ' * 10)!r}"[:-1] + "…' is no e-mail address"


def test_the_first_address_that_can_be_mailed_is_used() -> None:
    assert read_address(f"alice@zedmere, {A}") == MailField(A, (), "'alice@zedmere' is no e-mail address")
    assert read_address("alice@; @zedmere.example") == MailField(
        "", (), "'alice@' is no e-mail address; '@zedmere.example' is no e-mail address", untold=True
    )


@pytest.mark.parametrize(
    "field",
    [
        "alice [at] zedmere.example",
        "alice(at)zedmere(dot)example",
        f'<a href="mailto:{A}?subject=Ward">{A}</a>',
        f"<a class='x' href='mailto:{A}'>{A}</a><br/>",
        f"\u200b{A}\u200e",
    ],
)
def test_what_pages_do_to_an_address_is_undone(field: str) -> None:
    assert read_address(field) == MailField(A)


def test_an_apostrophe_of_a_word_processor_becomes_the_plain_one() -> None:
    assert read_address("dolores.o’sample@zedmere.example") == MailField("dolores.o'sample@zedmere.example")


def test_a_comma_for_a_dot_does_not_make_the_rest_somebodys_mailbox() -> None:
    field = "alice,sample@zedmere.example"
    assert read_address(field) == MailField("", (), f"{field!r} is no e-mail address", untold=True)
    assert read_address(f"Sample, Alice,{A}").email == ""
    assert read_address(f"Sample, Alice, {A}").email == A


@pytest.mark.parametrize("words", ["please do not use", "no longer in use", "not monitored", "(Do not e-mail)"])
def test_an_address_that_is_not_to_be_used_is_not_used(words: str) -> None:
    field = f"{A} {words}"
    said = f"the field says that an address is not to be used: {field!r}"
    assert read_address(field) == MailField("", (), said, untold=False)


def test_a_field_that_cannot_be_had_is_unreadable() -> None:
    def lost() -> str:
        raise FieldError("Email has lost characters (U+FFFD)")

    assert stated_address(lost) == MailField("", (), "Email has lost characters (U+FFFD)", untold=True)
    assert stated_address(lambda: A) == MailField(A)


def test_an_address_all_in_capitals_is_lowered_and_told() -> None:
    assert read_address("DAFYDD.PRAWF@COUNCIL.EXAMPLE ") == MailField(
        "dafydd.prawf@council.example", (), "the address was in capitals"
    )


def test_all_that_is_to_be_said_is_said_at_once() -> None:
    assert read_address(f"mailto:{A}, {B} (party), bob@").remark == (
        f"'bob@' is no e-mail address; further addresses are left out: {B}; "
        "words beside the address are left out: 'party'"
    )


@given(st.text(alphabet="ab@.;, /()<>'-:\"AB?", max_size=40) | st.text(max_size=40))
def test_whatever_the_field_holds_the_address_can_be_mailed_and_nothing_is_dropped_unsaid(field: str) -> None:
    read = read_address(field)
    assert mail_address(read.email) == read.email
    assert read.email or read.remark
    assert not (read.email and read.untold)
