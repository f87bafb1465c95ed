"""Published collections of awkward text, typed into every field (they are read where REAL_DATA_DIR is set)."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from app.letters.tidy import normalise_text
from tests.web.site import Site
from tests.web.ways import ALL, EMAIL, NAME, WARD, to_letter

pytestmark = pytest.mark.realdata

GOOD = {"name": NAME, "email": EMAIL, "own_words": "Mine.", "subject": "A subject", "body": "A letter."}
CONTROL_PICTURES = range(0x2400, 0x2421)


def naughty_strings(folder: Path) -> list[str]:
    strings = json.loads((folder / "corpora" / "blns.json").read_text(encoding="utf-8"))
    assert len(strings) > 500
    return list(strings)


def email_cases(folder: Path) -> Iterator[tuple[str, str]]:
    """Address and category of each case; the file writes control characters as their pictures."""
    for case in ET.parse(folder / "corpora" / "isemail_tests.xml").getroot().iter("test"):  # noqa: S314 - a file of ours
        address = case.findtext("address") or ""
        readable = "".join(chr(ord(c) - 0x2400) if ord(c) in CONTROL_PICTURES else c for c in address)
        yield readable, case.findtext("category") or ""


def as_handed_back(text: str | None) -> str:
    """A text as a page can hand it back: line ends alike, no white space at its ends."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n").strip()


def test_no_naughty_string_breaks_the_letters_page_and_each_is_handed_back(site: Site, real_data: Path) -> None:
    alice = site.visitor()
    carried = to_letter(alice, ALL).form.values
    for naughty in naughty_strings(real_data):
        typed = dict.fromkeys(GOOD, naughty)
        page = alice.send(f"/c/{ALL.slug}/preview", {**carried, **typed})
        assert page.status == 422, ascii(naughty)
        assert "email" in page.wrong_fields, ascii(naughty)
        handed_back = {as_handed_back(page.form.value(name)) for name in typed}
        assert handed_back == {as_handed_back(naughty)}, ascii(naughty)


def test_no_naughty_string_is_a_postcode_and_each_is_handed_back(site: Site, real_data: Path) -> None:
    alice = site.visitor()
    for naughty in naughty_strings(real_data):
        area = "" if naughty.isascii() and naughty.isdigit() else naughty  # 08 is the number of an area that there is
        page = alice.send(f"/c/{WARD.slug}/write", {"postcode": naughty, "area": area, "target": naughty})
        assert page.status == 422, ascii(naughty)
        assert page.wrong_fields >= {"postcode"}, ascii(naughty)
        assert as_handed_back(page.form.value("postcode")) == as_handed_back(naughty), ascii(naughty)


def test_a_naughty_letter_is_previewed_word_for_word(site: Site, real_data: Path) -> None:
    alice = site.visitor()
    to_letter(alice, ALL)
    letter = alice.page.form
    shown = 0
    for naughty in naughty_strings(real_data):
        text = normalise_text(naughty)
        if not text or any(unicodedata.category(c) in ("Cc", "Cs") for c in text if c not in "\n\t"):
            continue
        page = alice.send(f"/c/{ALL.slug}/preview", {**letter.values, **GOOD, "own_words": naughty})
        assert page.status == 200, ascii(naughty)
        sheet = page.letters[0].one("div", class_="letter")
        assert " ".join(text.split()) in sheet.text, ascii(naughty)
        assert {e.tag for e in sheet.walk()} <= {"div", "p", "br", "a"}
        assert [a for a in sheet.all("a") if not a["href"].startswith(("http://", "https://"))] == []
        shown += 1
    assert shown > 400


def test_every_published_case_of_an_address_is_taken_or_refused_in_words(site: Site, real_data: Path) -> None:
    alice = site.visitor()
    to_letter(alice, ALL)
    letter = alice.page.form
    taken = []
    for address, category in email_cases(real_data):
        page = alice.send(f"/c/{ALL.slug}/preview", {**letter.values, **GOOD, "email": address})
        assert page.status in (200, 422), ascii(address)
        if page.status == 422:
            assert page.wrong_fields == {"email"}, ascii(address)
            assert as_handed_back(page.form.value("email")) == as_handed_back(address)
        else:
            taken.append((address, category))
    assert len(taken) > 20
    # White space at the ends was not meant, whatever the standard says of it.
    categories = {category for address, category in taken if address == address.strip()}
    assert categories <= {"ISEMAIL_VALID_CATEGORY", "ISEMAIL_DNSWARN", "ISEMAIL_RFC5321"}
    assert all(set(address.strip()).isdisjoint('\r\n\0<>(),; "[]\\') for address, _category in taken)
