from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mail.transport import note_of


@pytest.mark.parametrize(
    ("words", "note"),
    [
        ("user alice@supporter.example unknown", "user <address> unknown"),
        ("<alice@supporter.example>: unknown", "<address>: unknown"),
        ("to=<alice+x@supporter.example>,", "to=<address>,"),
        ("(alice@supporter.example)", "(<address>)"),
        ("bob@x.example,alice@supporter.example", "<address>,<address>"),
        ('"alice adams"@supporter.example unknown', "<address> unknown"),
        ("żółw@bücher.example", "<address>"),
        ("ask https://x.example/?who=alice%40supporter.example now", "ask https:<address> now"),
        ("bounce-alice=40supporter.example@x.example", "<address>"),
        ("bounce-alice=40supporter.example", "<address>"),
        ("SIZE=4096 is too much", "SIZE=4096 is too much"),
        ("five @ home", "five @ home"),
        ("one\r\ntwo\tthree\x00\x1b[31m\u2028four", "one two three [31m four"),
        ("", ""),
    ],
)
def test_a_note_is_one_line_without_addresses(words: str, note: str) -> None:
    assert note_of(words) == note


def test_parts_of_a_note_are_joined() -> None:
    assert note_of(550, "5.1.1 No") == "550 5.1.1 No"


def test_the_name_of_the_recipients_mailbox_is_hidden_too() -> None:
    assert note_of("User Alice.Adams unknown", recipient="alice.adams@supporter.example") == "User <address> unknown"
    assert note_of("malice and alice's", recipient="alice@supporter.example") == "malice and <address>'s"


def test_a_long_note_is_cut_to_300_characters() -> None:
    assert len(note_of("x" * 300)) == 300
    assert note_of("x" * 301) == "x" * 299 + "…"


def test_an_address_that_is_cut_in_two_was_masked_before() -> None:
    assert "alice" not in note_of("x " * 145, "alice.adams.of.zedmere.and.thornby@supporter.example")


@given(st.text(max_size=2000))
def test_any_words_make_a_note_of_one_short_line(words: str) -> None:
    note = note_of(words)
    assert len(note) <= 300
    assert note.isprintable()


@given(st.text(), st.from_regex(r"[a-z0-9.+_-]{1,20}@[a-z0-9]{1,10}\.example", fullmatch=True), st.text())
def test_no_address_survives_in_a_note(before: str, address: str, after: str) -> None:
    assert address not in note_of(before + address + after)
