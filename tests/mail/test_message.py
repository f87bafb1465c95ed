"""What `to_mime` writes, read back by the standard library: the same words, and no way to break out of a field."""

from __future__ import annotations

import json
import string
from binascii import b2a_qp
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.errors import NonPrintableDefect
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.mail.headers import LONGEST_ADDRESS, UnsafeHeader, UnsendableMessageError, UnusableAddress
from app.mail.message import Blocks, Message, to_mime
from tests.mail.conftest import MakeMessage

SENT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)

one_line = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=300)
names = one_line.filter(str.strip)
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=2000)
blocks = any_text.map(lambda text: text.strip("\r\n")).filter(bool)
thorough = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def parsed(raw: bytes) -> EmailMessage:
    """The message as the standard library reads it, after a look at the form of every line."""
    assert raw.isascii()
    assert raw.endswith(b"\r\n")
    assert raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    message = message_from_bytes(raw, policy=policy.SMTP)
    assert isinstance(message, EmailMessage)
    defects = [defect for name in message for defect in message[name].defects]
    assert [defect for defect in defects if not isinstance(defect, NonPrintableDefect)] == []
    assert [part.defects for part in message.walk()] == [[] for _ in message.walk()]
    return message


def mailbox(message: EmailMessage, field: str) -> tuple[str, str]:
    """The name and the address in the field, decoded by the standard library's older functions.

    Its newer parser puts a space between the encoded words of a long name, against RFC 2047, section 6.2.
    """
    (raw,) = (value for name, value in message.raw_items() if name == field)
    name, address = parseaddr(raw)
    assert [one.addr_spec for one in message[field].addresses] == [address]
    return str(make_header(decode_header(name))), address


def body(message: EmailMessage, subtype: str) -> bytes:
    part = message.get_body(preferencelist=(subtype,))
    assert part is not None
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def lines_of(text: str) -> str:
    """The text with the line ends that it has on the wire."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return (text if not text or text.endswith("\n") else text + "\n").replace("\n", "\r\n")


def test_a_letter_reads_back_as_it_was_meant(make_message: MakeMessage) -> None:
    raw = to_mime(make_message(html="<p>Please act.</p>", headers={"Auto-Submitted": "auto-generated"}), SENT)
    message = parsed(raw)
    assert {name: str(value) for name, value in message.items()} == {
        "Date": "Tue, 24 Nov 2026 09:30:00 +0000",
        "From": "Alice Adams <letters@solidarity-post.example>",
        "To": "Cllr Bob Sample <bob.sample@zedmere.example>",
        "Reply-To": "Alice Adams <alice@supporter.example>",
        "Subject": "Please oppose immigration reporting",
        "Message-ID": "<1.letter@solidarity-post.example>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": "en",
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/alternative; boundary="=_alternative"',
    }
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_content_charset() for part in message.iter_parts()] == ["utf-8", "utf-8"]
    assert body(message, "plain") == b"Dear Cllr Sample,\r\n\r\nPlease act.\r\n"
    assert body(message, "html") == b"<p>Please act.</p>\r\n"


def test_a_message_without_html_is_one_plain_part(make_message: MakeMessage) -> None:
    message = parsed(to_mime(make_message(), SENT))
    assert message.get_content_type() == "text/plain"
    assert not message.is_multipart()


def test_a_message_without_reply_address_has_no_such_field(make_message: MakeMessage) -> None:
    assert "Reply-To" not in parsed(to_mime(make_message(reply_to=None, reply_to_name=""), SENT))


def test_the_date_is_told_in_utc(make_message: MakeMessage) -> None:
    in_delhi = SENT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert parsed(to_mime(make_message(), in_delhi))["Date"].datetime == SENT


def test_the_same_message_is_the_same_bytes(make_message: MakeMessage) -> None:
    assert to_mime(make_message(), SENT) == to_mime(make_message(), SENT)


def test_plain_names_stand_in_quotes_for_every_reader(make_message: MakeMessage) -> None:
    raw = to_mime(make_message(from_name="Amina K."), SENT)
    assert b'\r\nFrom: "Amina K." <letters@solidarity-post.example>\r\n' in raw


def test_a_mailbox_without_a_name_is_the_address_alone(make_message: MakeMessage) -> None:
    assert b"\r\nTo: <bob.sample@zedmere.example>\r\n" in to_mime(make_message(to_name=" "), SENT)


@pytest.mark.parametrize(
    "name",
    [
        "Adams, Alice",
        'Alice "Al" Adams',
        "back\\slash",
        "Ünal, Ayşe; <x@y>",
        "أمينة محمد",
        "🕊️ Alice 👩🏽‍🌾",
        "x@evil.example",
        "=?utf-8?q?not_encoded?=",
        "Alice  Adams",
        " Alice ",
        "(comment)",
        "a" * 300,
        "é" * 300,
        "\u202eecilA",
        "Alice\tAdams",
        "Group: a@b, c@d;",
    ],
)
def test_difficult_names_read_back_unchanged(make_message: MakeMessage, name: str) -> None:
    message = parsed(to_mime(make_message(from_name=name, to_name=name, reply_to_name=name), SENT))
    assert mailbox(message, "From")[0] == name
    assert mailbox(message, "To")[0] == name
    assert mailbox(message, "Reply-To")[0] == name
    assert mailbox(message, "To")[1] == "bob.sample@zedmere.example"


@thorough
@given(name=names)
@example("a,é")
@example("Alice\x0b\x1bAdams")
@example("é" + " " * 80 + "é")
def test_any_name_reads_back_unchanged(make_message: MakeMessage, name: str) -> None:
    raw = to_mime(make_message(from_name=name), SENT)
    message = parsed(raw)
    assert mailbox(message, "From")[0] == name
    assert mailbox(message, "From")[1] == "letters@solidarity-post.example"
    assert max(map(len, raw.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 78


@thorough
@given(subject=one_line)
@example("")
@example(" ")
@example("a" * 300)
@example("word " * 60)
@example("=?utf-8?b?YQ==?=")
@example("Subject: é" + " " * 100 + "é")
def test_any_subject_reads_back_unchanged(make_message: MakeMessage, subject: str) -> None:
    assert str(parsed(to_mime(make_message(subject=subject), SENT))["Subject"]) == subject


@thorough
@given(text=st.lists(blocks, max_size=4), html=st.lists(blocks, max_size=4))
@example([".", "From Alice \n.", "é" * 400], ["<p>\t", "=", "x" * 30_000])
def test_in_blocks_or_whole_a_mail_is_the_same(make_message: MakeMessage, text: list[str], html: list[str]) -> None:
    end = "\n" * bool(text)
    whole = make_message(text="\n\n".join(text) + end, html="".join(f"{block}\n" for block in html))
    assert to_mime(replace(whole, blocks=Blocks(tuple(text), tuple(html))), SENT) == to_mime(whole, SENT)


@thorough
@given(text=any_text, html=any_text)
@example(".\n..\n.\r\n", "\r")
@example("--=_alternative\n\n--=_alternative--\n", "--=_alternative--")
@example("From Alice\n" + "x" * 3000 + " \n", "\t")
@example("\x00 \n\x0c\x85\u2028", "")
@example("é" * 1000, "a" * 75 + "=" * 80)
def test_any_text_reads_back_byte_for_byte(make_message: MakeMessage, text: str, html: str) -> None:
    message = parsed(to_mime(make_message(text=text, html=html), SENT))
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert body(message, "plain") == lines_of(text).encode()
    assert body(message, "html") == lines_of(html).encode()
    assert body(parsed(to_mime(make_message(text=text), SENT)), "plain") == lines_of(text).encode()


def test_body_lines_are_short_whatever_the_text(make_message: MakeMessage) -> None:
    raw = to_mime(make_message(text="x" * 5000 + "é" * 5000, html="س" * 5000), SENT)
    assert max(map(len, raw.split(b"\r\n"))) <= 76


@thorough
@given(st.lists(st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=200), min_size=1))
@example([".", "..", "a ", "\t", "=", "x" * 3000])
def test_a_body_is_the_same_line_by_line_as_in_one_go(make_message: MakeMessage, lines: list[str]) -> None:
    data = "".join(f"{line}\r\n" for line in lines).encode()
    encoded = b2a_qp(data)
    if len(encoded) * 3 <= len(data) * 4:  # beyond it is base64
        assert to_mime(make_message(text="\n".join([*lines, ""]), html=None), SENT).endswith(b"\r\n\r\n" + encoded)


def test_latin_text_stays_readable_and_other_scripts_stay_short(make_message: MakeMessage) -> None:
    message = parsed(to_mime(make_message(text="A café in Zedmere. " * 20, html="سلام " * 100), SENT))
    assert [part["Content-Transfer-Encoding"] for part in message.iter_parts()] == ["quoted-printable", "base64"]


@pytest.mark.parametrize("field", ["from_name", "to_name", "reply_to_name", "subject"])
@pytest.mark.parametrize("breach", ["\r", "\n", "\r\nBcc: all@supporter.example", "\0", "\ud800"])
def test_what_could_break_out_of_a_header_is_refused(make_message: MakeMessage, field: str, breach: str) -> None:
    for text in (breach, f"Alice{breach}", f"{breach}Alice", f"é{breach}"):
        with pytest.raises(UnsafeHeader) as caught:
            to_mime(make_message(**{field: text}), SENT)
        assert "Alice" not in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"message_id": "<1@x.example>\r\nBcc: <all@supporter.example>"},
        {"message_id": "<1@x.example>\n"},
        {"message_id": "1@x.example"},
        {"message_id": "<alice adams@x.example>"},
        {"language": "en\r\nBcc: x"},
        {"language": ""},
        {"headers": {"X-Note": "one\r\nBcc: x"}},
        {"headers": {"X-Note\r\nBcc": "x"}},
        {"headers": {"X-Note:": "x"}},
        {"headers": {"": "x"}},
        {"headers": {"X-\u0130": "x"}},
        {"headers": {"bcc": "all@supporter.example"}},
        {"headers": {"SUBJECT": "another"}},
        {"headers": {"Content-Type": "text/html"}},
        {"headers": {"Resent-To": "bob@supporter.example"}},
    ],
)
def test_no_other_field_takes_what_is_not_its_own(make_message: MakeMessage, changes: dict[str, object]) -> None:
    with pytest.raises(UnsafeHeader):
        to_mime(make_message(**changes), SENT)


@pytest.mark.parametrize("field", ["text", "html"])
def test_half_a_character_in_a_body_is_refused(make_message: MakeMessage, field: str) -> None:
    with pytest.raises(UnsendableMessageError, match="half a character"):
        to_mime(make_message(**{field: "Dear \udfff"}), SENT)


def test_a_long_link_in_a_further_header_stays_in_one_piece(make_message: MakeMessage) -> None:
    link = f"<https://letters.solidarity-post.example/{'a' * 200}>, <mailto:stop@solidarity-post.example>"
    raw = to_mime(make_message(headers={"List-Unsubscribe": link}), SENT)
    assert link.partition(" ")[0].encode() in raw
    assert str(parsed(raw)["List-Unsubscribe"]) == link


@pytest.mark.parametrize(
    ("address", "on_the_wire"),
    [
        ("bob@bücher.example", "bob@xn--bcher-kva.example"),
        ("bob@straße.example", "bob@xn--strae-oqa.example"),
        ("bob@مثال.example", "bob@xn--mgbh0fb.example"),
        ("Bob.O'Brien+post@Zedmere.Example", "Bob.O'Brien+post@Zedmere.Example"),
        ("bob@localhost", "bob@localhost"),
    ],
)
def test_addresses_are_written_in_ascii(make_message: MakeMessage, address: str, on_the_wire: str) -> None:
    message = parsed(to_mime(make_message(to_address=address, reply_to=address), SENT))
    assert mailbox(message, "To")[1] == mailbox(message, "Reply-To")[1] == on_the_wire


@pytest.mark.parametrize("field", ["from_address", "to_address", "reply_to"])
@pytest.mark.parametrize(
    "address",
    [
        "",
        "bob",
        "@x.example",
        "bob@",
        "bob@x..example",
        "bob@-x.example",
        "bob@x.example.",
        "bob@[127.0.0.1]",
        "bob@x@y.example",
        "bob smith@x.example",
        '"bob smith"@x.example',
        ".bob@x.example",
        "bob@x.example>",
        "<bob@x.example>",
        "bob@x.example, all@x.example",
        "bob@x.example\r\nBcc: all@x.example",
        "bob@x.example\n",
        "bob\0@x.example",
        "bob@\ud800.example",
        "bob@é..example",
        "bob@" + "é" * 100 + ".example",
        "b" * LONGEST_ADDRESS + "@x.example",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(
    make_message: MakeMessage, field: str, address: str
) -> None:
    with pytest.raises(UnusableAddress) as caught:
        to_mime(make_message(**{field: address}), SENT)
    assert "bob" not in str(caught.value)


def test_an_address_that_needs_smtputf8_is_refused_in_clear_words(make_message: MakeMessage) -> None:
    with pytest.raises(UnusableAddress, match=r"To: .* \(it needs SMTPUTF8\)"):
        to_mime(make_message(to_address="żółw@zedmere.example"), SENT)


def test_a_message_shows_nothing_personal_when_it_is_printed(make_message: MakeMessage) -> None:
    shown = repr(make_message(html="<p>Alice</p>", headers={"X-Note": "Alice"}))
    assert "lice" not in shown
    assert "ob" not in shown.replace("Cllr", "")
    assert "id=1" in shown


@pytest.mark.realdata
def test_every_naughty_string_travels_or_is_refused(make_message: MakeMessage, real_data: Path) -> None:
    travelled = 0
    for naughty in json.loads((real_data / "corpora" / "blns.json").read_text(encoding="utf-8")):
        message = make_message(from_name=naughty, reply_to_name=naughty, subject=naughty, text=naughty, html=naughty)
        if set(naughty) & set("\r\n\0"):
            with pytest.raises(UnsafeHeader):
                to_mime(message, SENT)
            continue
        _assert_travels(message, naughty)
        travelled += 1
    assert travelled > 400


def _assert_travels(message: Message, naughty: str) -> None:
    read = parsed(to_mime(message, SENT))
    assert str(read["Subject"]) == naughty
    assert mailbox(read, "From")[0] == (naughty if naughty.strip() else "")
    assert mailbox(read, "Reply-To")[1] == "alice@supporter.example"
    assert body(read, "plain") == body(read, "html") == lines_of(naughty).encode()


@thorough
@given(address=st.text(string.printable, min_size=1, max_size=60))
@example('"a\r\nb"@x.example')
def test_no_printable_text_as_address_adds_a_field(make_message: MakeMessage, address: str) -> None:
    try:
        message = parsed(to_mime(make_message(to_address=f"{address}@x.example"), SENT))
    except UnusableAddress:
        return
    assert mailbox(message, "To")[1] == f"{address}@x.example"
