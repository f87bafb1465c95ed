"""Answers as mail programs write them, and as those write them who mean no good."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mail.answers import LONGEST_LINE, LONGEST_TEXT, MOST_ATTACHMENTS, IncomingAnswer, read_answer
from app.mail.html_text import LONGEST, html_text
from app.mail.verp import marked_address

MAILBOX = "answers@solidarity-post.example"
FEW_SECONDS = 8


def mark(number: int) -> str:
    return f"{number * 7919:016x}"


TO = marked_address(MAILBOX, 7, mark(7))


def read(raw: bytes, recipient: str = "") -> IncomingAnswer:
    answer = read_answer(raw, mark, recipient=recipient)
    assert answer is not None
    return answer


def mail(*fields: str, body: str = "Hello", to: str = TO) -> bytes:
    head = ["From: Cllr Bob Sample <bob.sample@zedmere.example>", f"To: {to}", *fields]
    return "\r\n".join([*head, "", body]).encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    "fields",
    [
        ["Auto-Submitted: auto-replied (vacation)"],
        ["Auto-Submitted: auto-generated; type=x"],
        ["X-Autoreply: yes"],
        ["X-Autorespond: Re: hello"],
        ["Precedence: auto_reply"],
        ["Precedence: bulk"],
        ["Precedence: list"],
        ["List-Id: <news.zedmere.example>"],
        ["X-POST-MessageClass: 9; Autoresponder"],
        ["Return-Path: <>"],
        ["Content-Type: multipart/report; report-type=disposition-notification; boundary=b"],
        ["Subject: Automatic reply: Please oppose reporting"],
        ["Subject: AUTO: Bob Sample is out of the office"],
        ["Subject: Out of Office Re: Please oppose reporting"],
        ["Subject: [Auto-Reply] Thank you"],
        ["Subject: Autoreply: x"],
        ["Subject: Abwesenheitsnotiz"],
        ["Subject: =?utf-8?q?R=C3=A9ponse_automatique?="],
        ["Subject: Ateb Awtomatig: Llythyr"],
        ["Subject: Acknowledgement of your e-mail"],
    ],
)
def test_what_a_machine_wrote_is_told_apart(fields: list[str]) -> None:
    assert read(mail(*fields)).automatic


@pytest.mark.parametrize(
    "fields",
    [
        [],
        ["Auto-Submitted: no"],
        ["Precedence: normal"],
        ["Return-Path: <bob.sample@zedmere.example>"],
        ["Subject: Re: Automatic number plates"],
        ["Subject: Re: Out of office hours at the surgery"],
        ["Subject: Automation of reporting"],
        ["Subject: Thank you for your letter"],
        ["X-Auto-Response-Suppress: DR, OOF, AutoReply"],
    ],
)
def test_what_a_person_wrote_is_not(fields: list[str]) -> None:
    assert not read(mail(*fields)).automatic


@pytest.mark.parametrize(
    ("to", "recipient", "found"),
    [
        (TO, "", 7),
        (TO.upper(), "", 7),
        (f'"Alice Adams" <{TO}>, other@zedmere.example', "", 7),
        (MAILBOX, TO, 7),
        (MAILBOX, "", None),
        (marked_address(MAILBOX, 8, mark(7)), "", None),
        (marked_address(MAILBOX, 7, "0" * 16), "", None),
        (TO.replace("+7.", "+999999999999999999999."), "", None),
    ],
)
def test_only_our_mark_names_a_letter(to: str, recipient: str, found: int | None) -> None:
    assert read(mail(to=to), recipient).delivery_id == found


def test_plain_text_is_preferred_and_html_is_read_where_there_is_no_other() -> None:
    both = EmailMessage()
    both["To"] = TO
    both.set_content("The plain words, with £ and é.")
    both.add_alternative("<p>The <b>other</b> words.</p>", subtype="html")
    assert read(both.as_bytes()).text == "The plain words, with £ and é."
    bare = EmailMessage()
    bare.set_content(" \n ")
    bare.add_alternative("<p>The <b>other</b> words.<br>More.</p>", subtype="html")
    assert read(bare.as_bytes()).text == "The other words.\nMore."


def test_what_is_attached_is_named_with_its_size() -> None:
    made = EmailMessage()
    made.set_content("See the files.")
    made.add_attachment(b"x" * 2048, maintype="application", subtype="pdf", filename="Протокол.pdf")
    made.add_attachment("secret text", filename="notes.txt")
    forwarded = EmailMessage()
    forwarded.set_content("Forwarded words.")
    made.add_attachment(forwarded)
    answer = read(made.as_bytes())
    assert answer.text == "See the files."
    assert [one.name for one in answer.attachments] == ["Протокол.pdf", "notes.txt", "message/rfc822"]
    assert answer.attachments[0].size == 2048
    assert not answer.cut


def test_what_is_too_long_is_cut_and_says_so() -> None:
    answer = read(mail(f"Subject: {'s' * 5000}", body="w" * (LONGEST_TEXT + 1)))
    assert (len(answer.text), len(answer.subject), answer.cut) == (LONGEST_TEXT, LONGEST_LINE, True)
    many = EmailMessage()
    many.set_content("Files")
    for _ in range(MOST_ATTACHMENTS + 1):
        many.add_attachment(b"x", maintype="image", subtype="png")
    assert (len(read(many.as_bytes()).attachments), read(many.as_bytes()).cut) == (MOST_ATTACHMENTS, True)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ('Content-Type: text/plain; charset="no-such"', "words"),
        ('Content-Type: text/plain; charset="\x00"', "words"),
        ("Content-Type: text/plain; charset=utf-7", "words"),
        ("Content-Transfer-Encoding: base64", b64encode(b"words").decode() + "!"),
        ("Content-Transfer-Encoding: no-such", "words"),
        ("Content-Type: multipart/mixed; boundary=b", "--b\r\nContent-Type: text/plain\r\n\r\nwords"),
    ],
)
def test_broken_mails_are_read_as_far_as_can_be(head: str, body: str) -> None:
    assert "words" in read(mail(head, body=body)).text


@pytest.mark.parametrize(
    "field",
    [
        "From: =?utf-8?b?\xff?= <a@b.example>",
        "From: <a@b@c.example>",
        'From: "x" <">@example',
        "From: " + "(" * 2000,
        "From: a" + ",b" * 5000,
        "Subject: =?no-such?q?x?=",
        "Subject: =?utf-8?b?" + "A" * 5000 + "?=",
        "Message-ID: " + "<" * 3000,
        "Content-Type: multipart/alternative",
        "Content-Type: " + "a/" * 1000,
        "Content-Disposition: attachment; filename*0*=no-such''%FF; filename*1=\"x",
        "Content-Type: application/x; name*=utf-8''%ZZ",
    ],
)
def test_no_header_breaks_the_reading(field: str) -> None:
    raw = f"To: {TO}\r\n{field}\r\n\r\nwords\r\n".encode("latin-1")
    assert read(raw).delivery_id == 7


def test_parts_in_parts_in_parts_are_refused_and_not_followed() -> None:
    assert read_answer(b"Content-Type: message/rfc822\r\n\r\n" * 3000, mark) is None


def clean(answer: IncomingAnswer) -> bool:
    """Whether all of an answer can stand in a database, a header and a mail."""
    lines = [answer.subject, answer.from_name, answer.from_address, *(one.name for one in answer.attachments)]
    said = [*lines, answer.text, answer.message_id]
    return (
        all(line.isprintable() and len(line) <= LONGEST_LINE * 2 for line in lines)
        and not any("\x00" in text or "\r" in text for text in said)
        and len(answer.text) <= LONGEST_TEXT
        and bool(json.dumps(said).encode())
        and all(text.encode() is not None for text in said)
    )


@given(st.binary(max_size=3000))
def test_any_bytes_are_read_without_an_error(raw: bytes) -> None:
    answer = read_answer(raw, mark)
    assert answer is None or clean(answer)


_LINES = st.sampled_from(
    [
        b"Content-Type: multipart/mixed; boundary=b",
        b"Content-Type: multipart/alternative; boundary=b",
        b"Content-Type: text/html; charset=utf-16",
        b"Content-Type: message/rfc822",
        b"Content-Type: message/delivery-status",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: uuencode",
        b'Content-Disposition: attachment; filename="a',
        b"Subject: =?utf-8?q?=00=0A?=",
        b"From: \xff\xfe <a@b.example>",
        b"begin 644 x",
        b"--b",
        b"--b--",
        b"",
        b"<p>words<script>",
        b"\x00\xed\xa0\x80",
    ]
)


@given(st.lists(_LINES, max_size=25))
def test_any_order_of_nasty_lines_is_read_without_an_error(lines: list[bytes]) -> None:
    answer = read_answer(b"\r\n".join(lines), mark)
    assert answer is None or clean(answer)


@given(st.text(max_size=2000))
def test_any_html_is_read_without_an_error(html: str) -> None:
    html_text(html)


@pytest.mark.parametrize(
    "unit", ["<", "<!--", "<a ", "<a href='", "</a>", "<div>", "<script>", "<style></s", "&#", "&a", "<?", "</"]
)
def test_hostile_html_costs_no_more_than_its_length(unit: str) -> None:
    started = time.monotonic()
    html_text(unit * (LONGEST // len(unit)))
    assert time.monotonic() - started < FEW_SECONDS


def test_html_gives_its_words_and_where_its_links_lead() -> None:
    html = (
        "<html><head><title>no</title><style>p { color: red }</style></head><body><p>Dear&nbsp;Alice &amp; all,</p>"
        '<p>I agree.\n See <a href="https://zedmere.example/minutes">the minutes</a> or '
        '<a href="https://zedmere.example">zedmere.example</a>. 2 < 3.</p><ul><li>one<li>two</ul>'
        '<a href="javascript:alert(1)">click</a><!-- hidden --><img alt="x" src="https://spy.example/p.gif"></body>'
    )
    said = html_text(html)
    assert "Dear Alice & all," in said
    assert "See the minutes <https://zedmere.example/minutes> or zedmere.example." in said
    assert "2 < 3." in said
    assert "\n- one\n- two" in said
    for hidden in ("no\n", "color", "javascript", "hidden", "spy", "\xa0"):
        assert hidden not in said


@pytest.mark.realdata
def test_naughty_strings_are_passed_on_as_text(real_data: Path) -> None:
    for string in json.loads((real_data / "corpora" / "blns.json").read_text(encoding="utf-8")):
        made = EmailMessage()
        made["To"] = TO
        made.set_content(string.replace("\r", "\n"), charset="utf-8")
        assert clean(read(made.as_bytes()))
