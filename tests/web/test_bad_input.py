"""What is mistyped or malicious: said beside its field, with everything typed still there."""

from __future__ import annotations

from io import BytesIO

import pytest

from app.actions.models import Action
from tests.web.reading import Page
from tests.web.site import Site
from tests.web.visitor import Visitor
from tests.web.ways import CHANGE, EMAIL, NAME, OWN_WORDS, PLEDGE, READ_IT, WARD, to_letter, to_preview

GOOD = {"name": NAME, "email": EMAIL, "own_words": OWN_WORDS, "subject": "My own subject", "body": "My own letter."}
ONE_LINE = ("name", "email", "subject")
TEXTS = ("name", "email", "subject", "own_words", "body")
PLEASE_NAME = "Please write your name."
IN_LETTERS = "Please write your name in letters."
WHOLE_ADDRESS = "Please write a whole e-mail address, like name@example.org."
THROW_AWAY = "This looks like a throw-away address. Please use one where the answers can reach you."
HIDDEN = "There are hidden characters in this text that cannot be sent. Please type it again."
UNREADABLE = "Some of these characters could not be read. Please type them again."
ON_ONE_LINE = "Please write this on one line."

MISTAKES = [
    ("name", "", PLEASE_NAME),
    ("name", " \t ", PLEASE_NAME),
    ("name", "12345", IN_LETTERS),
    ("name", "Win at https://evil.example", IN_LETTERS),
    ("name", "www.evil.example", IN_LETTERS),
    ("name", "alice@evil.example", IN_LETTERS),
    ("name", "<script>alert(1)</script>", IN_LETTERS),
    ("name", "A" * 81, "This is too long. Please use at most 80 characters."),
    ("email", "", "Please write your e-mail address. We send the link to confirm to it."),
    ("email", "alice", WHOLE_ADDRESS),
    ("email", "alice@", WHOLE_ADDRESS),
    ("email", "@supporter.example", WHOLE_ADDRESS),
    ("email", "alice@localhost", WHOLE_ADDRESS),
    ("email", "alice@supporter", WHOLE_ADDRESS),
    ("email", "alice@@supporter.example", WHOLE_ADDRESS),
    ("email", "alice@supporter..example", WHOLE_ADDRESS),
    ("email", "alice@supporter.example, bob@supporter.example", WHOLE_ADDRESS),
    ("email", "alice@[127.0.0.1]", WHOLE_ADDRESS),
    ("email", "Alice <alice@supporter.example>", WHOLE_ADDRESS),
    ("email", "älice@supporter.example", WHOLE_ADDRESS),
    ("email", "alice@mailinator.com", THROW_AWAY),
    ("email", "alice@MAILINATOR.com", THROW_AWAY),
    ("email", "alice@sub.mailinator.com", THROW_AWAY),
    ("own_words", "w" * 3001, "This is too long. Please use at most 3000 characters."),
    ("subject", "", "Please give the letter a subject."),
    ("subject", "s" * 151, "This is too long. Please use at most 150 characters."),
    ("body", "", "The letter is empty. Please write something, or start again from the campaign's page."),
    ("body", " \n\n ", "The letter is empty. Please write something, or start again from the campaign's page."),
    ("body", "b" * 8001, "This is too long. Please use at most 8000 characters."),
]


def assert_kept(page: Page, typed: dict[str, str]) -> None:
    """Everything typed is still in the page's own form, less white space at its ends."""
    kept = {name: (page.form.value(name) or "").strip() for name in typed}
    assert kept == {name: value.strip() for name, value in typed.items()}


@pytest.mark.parametrize(("name", "typed", "message"), MISTAKES)
def test_a_mistake_is_said_beside_its_field(alice: Visitor, name: str, typed: str, message: str) -> None:
    to_letter(alice, WARD)
    whole = {**GOOD, name: typed}
    page = alice.press(READ_IT, **whole)
    assert page.status == 422
    assert page.error_beside(name) == message
    assert page.wrong_fields == {name}
    assert page.summary_texts == [message]
    assert page.document.one("title").text.startswith("Error: ")
    assert_kept(page, whole)
    page = alice.press(READ_IT, **{name: GOOD[name]})
    assert page.status == 200
    assert page.letters


def test_an_address_longer_than_any_can_be_is_refused_and_still_there(alice: Visitor) -> None:
    to_letter(alice, WARD)
    whole = {**GOOD, "email": f"{'a' * 250}@supporter.example"}
    page = alice.press(READ_IT, **whole)
    assert page.status == 422
    assert page.wrong_fields == {"email"}
    assert page.summary_texts[0] == "This is too long. Please use at most 254 characters."
    assert_kept(page, whole)


@pytest.mark.parametrize("name", ONE_LINE)
def test_a_field_that_becomes_a_header_has_one_line(site: Site, alice: Visitor, name: str) -> None:
    to_letter(alice, WARD)
    for end in ("\r\n", "\n", "\r", "\u2028", "\u2029"):
        page = alice.press(READ_IT, **{**GOOD, name: f"{GOOD[name]}{end}Bcc: everybody@evil.example"})
        assert page.status == 422
        assert page.error_beside(name) == ON_ONE_LINE
    assert site.count(Action) == 0


@pytest.mark.parametrize("name", TEXTS)
def test_control_characters_are_refused(alice: Visitor, name: str) -> None:
    to_letter(alice, WARD)
    for hostile in ("\0", "\x0b", "\x1b[31m", "\x7f", "\x85"):
        whole = {**GOOD, name: f"{GOOD[name][:3]}{hostile}{GOOD[name][3:]}"}
        page = alice.press(READ_IT, **whole)
        assert page.status == 422
        assert page.error_beside(name) == HIDDEN
        assert_kept(page, {other: value for other, value in whole.items() if other != name})


@pytest.mark.parametrize("name", ONE_LINE)
def test_marks_that_turn_text_round_are_refused_on_one_line(alice: Visitor, name: str) -> None:
    to_letter(alice, WARD)
    for mark in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068":
        page = alice.press(READ_IT, **{**GOOD, name: f"{GOOD[name][:3]}{mark}{GOOD[name][3:]}"})
        assert page.status == 422
        assert page.error_beside(name) == HIDDEN


@pytest.mark.parametrize("name", TEXTS)
def test_bytes_that_are_not_utf_8_are_refused_and_the_rest_is_kept(alice: Visitor, name: str) -> None:
    to_letter(alice, WARD)
    for hostile in (b"Al\xffice", b"Al\xc3", b"\xed\xa0\x80lice", b"Al\xc0\xafice"):
        page = alice.press(READ_IT, **GOOD, forged={name: hostile})
        assert page.status == 422
        assert page.error_beside(name) == UNREADABLE
        assert_kept(page, {other: value for other, value in GOOD.items() if other != name})


def test_bytes_sent_without_an_escape_are_read_as_those_with_one(alice: Visitor) -> None:
    to_letter(alice, WARD)
    body = b"&".join(name.encode() + b"=" + value.encode() for name, value in {**GOOD, "name": "Zo\xeb"}.items())
    kind = "application/x-www-form-urlencoded"
    for raw, status in ((body, 422), (body + b"&own_words=\xff", 422)):
        answer = alice.client.post("/c/capita-gps-tagging/preview", data=raw, content_type=kind)
        assert answer.status_code == status
        assert "Zo\xeb" in answer.get_data(as_text=True)


def test_a_percent_sign_that_somebody_typed_stays_one(alice: Visitor) -> None:
    to_letter(alice, WARD)
    page = alice.press(READ_IT, **{**GOOD, "own_words": "100%FF of us, %C3, %"})
    assert page.status == 200
    assert "100%FF of us, %C3, %" in page.text


@pytest.mark.parametrize("name", ["postcode", "area", "target", "csrf_token", "consent"])
def test_bytes_that_are_not_utf_8_in_any_other_field_break_nothing(alice: Visitor, name: str) -> None:
    to_letter(alice, WARD)
    page = alice.press(READ_IT, **GOOD, forged={name: b"\xff\xfe"})
    assert page.status in (200, 422)
    kept = {"own_words": OWN_WORDS, "body": "My own letter."}
    assert {field: page.form.value(field) for field in kept} == kept


def test_all_mistakes_are_said_at_once_in_the_order_of_the_page(alice: Visitor) -> None:
    to_letter(alice, WARD)
    page = alice.press(READ_IT, name="", email="alice", subject="", body="")
    assert page.status == 422
    assert page.wrong_fields == {"name", "email", "subject", "body"}
    assert page.summary is not None
    linked = [page.by_id(link["href"].removeprefix("#"))["name"] for link in page.summary.all("a")]
    on_page = [name for name in page.form.names if name in linked]
    assert linked == on_page


def test_the_handing_in_checks_as_strictly_as_the_preview(site: Site, alice: Visitor) -> None:
    to_preview(alice, WARD)
    page = alice.press(WARD.hand_in, forged={"name": "https://evil.example", "email": "x\r\nBcc: y@evil.example"})
    assert page.status == 422
    assert page.wrong_fields == {"name", "email"}
    assert page.form.value("own_words") == OWN_WORDS
    assert site.count(Action) == 0
    assert site.deliver() == []


@pytest.mark.parametrize("name", [*TEXTS, "postcode"])
def test_a_form_without_one_of_its_fields_is_answered(alice: Visitor, name: str) -> None:
    to_letter(alice, WARD)
    page = alice.press(READ_IT, **GOOD, forged={name: None})
    assert page.status in (200, 422)
    assert (page.form.value("own_words") or "") == ("" if name == "own_words" else OWN_WORDS)


@pytest.mark.parametrize("step", ["write", "preview", "submit"])
def test_a_form_with_nothing_in_it_is_answered(alice: Visitor, step: str) -> None:
    assert alice.send(f"/c/abolish-reporting/{step}", {}).status == 422
    assert alice.send(f"/c/solidarity-knows-no-borders/{step}", {}).status == (200 if step == "write" else 422)


@pytest.mark.parametrize("step", ["write", "preview", "submit"])
def test_a_file_in_place_of_text_breaks_nothing(alice: Visitor, step: str) -> None:
    to_letter(alice, WARD)
    for name in (*TEXTS, "postcode", "area", "csrf_token", "consent"):
        data = {**alice.page.form.values, **GOOD, name: (BytesIO(b"\x89PNG"), "evil.png")}
        answer = alice.client.post(f"/c/abolish-reporting/{step}", data=data, content_type="multipart/form-data")
        assert answer.status_code in (200, 303, 422)


@pytest.mark.parametrize("step", ["write", "preview", "submit"])
def test_json_in_place_of_a_form_is_a_form_with_nothing_in_it(alice: Visitor, step: str) -> None:
    for body in ('{"name": 5, "own_words": ["x"]}', "[1]", "null", '"text"', "{"):
        answer = alice.client.post(f"/c/abolish-reporting/{step}", data=body, content_type="application/json")
        assert answer.status_code == 422


def test_text_is_shown_and_never_obeyed(alice: Visitor) -> None:
    hostile = '</textarea><script>alert(1)</script>{{ 7*7 }}{% raw %}<img src=x onerror=alert(1)>" autofocus x="'
    to_letter(alice, WARD)
    whole = {**GOOD, "own_words": hostile, "subject": hostile, "body": hostile, "name": 'Alice" onfocus="x'}
    page = alice.press(READ_IT, **whole)
    assert page.status == 200
    assert page.letters[0].one("div", class_="letter").text.count(" ".join(hostile.split())) == 2
    assert [image["src"] for image in page.letters[0].all("img", "script")] == []
    page = alice.press(CHANGE)
    assert {name: page.form.value(name) for name in whole} == whole


def test_a_pledge_says_its_mistakes_too(alice: Visitor) -> None:
    to_letter(alice, PLEDGE)
    page = alice.press(READ_IT, name="", email="alice@mailinator.com", own_words=OWN_WORDS)
    assert page.status == 422
    assert page.error_beside("name") == PLEASE_NAME
    assert page.error_beside("email") == THROW_AWAY
    assert page.form.value("own_words") == OWN_WORDS
