"""Bytes into text: the encodings that the field uses, and what is no data at all."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.targets.fields import FieldError
from app.targets.importers.parsed import NotThisFormatError
from app.targets.importers.reading import Decoded, cell_text, decode, read_json

NAME = "Zoë Sample – “Lantern”"


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (NAME.encode(), "utf-8"),
        (codecs.BOM_UTF8 + NAME.encode(), "utf-8-sig"),
        (codecs.BOM_UTF16_LE + NAME.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + NAME.encode("utf-16-be"), "utf-16"),
        (NAME.encode("windows-1252"), "windows-1252"),
    ],
)
def test_text_comes_in_four_encodings(raw: bytes, encoding: str) -> None:
    assert decode(raw) == Decoded(NAME, encoding)


def test_a_guessed_encoding_is_told() -> None:
    assert decode(NAME.encode()).remarks == ()
    assert [str(remark) for remark in decode(NAME.encode("windows-1252")).remarks] == [
        "the file: it is not UTF-8; it was read as Windows-1252, so look at the accents"
    ]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "The file is empty."),
        (b" \r\n", "The file is empty."),
        (codecs.BOM_UTF8 + b"\n", "The file is empty."),
        (b"<!DOCTYPE html><title>Not\n found</title>", "The file is a page of HTML titled 'Not found', not data."),
        (b"\n  <HTML lang=en>", "The file is a page of HTML, not data."),
        (codecs.BOM_UTF8 + b"<html>", "The file is a page of HTML, not data."),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x">', "The file is a page of HTML, not data."),
        (b"<!-- oops --><head>", "The file is a page of HTML, not data."),
        (b"%PDF-1.7", "The file is a PDF document."),
        (b"PK\x03\x04xl", "The file is a ZIP archive or a workbook (.xlsx, .ods); save the sheet as CSV."),
        (b"\xd0\xcf\x11\xe0\xa1", "The file is an old Office document (.xls, .doc); save the sheet as CSV."),
        (b"\x1f\x8b\x08", "The file is a gzip archive; unpack it."),
        ("name".encode("utf-16-le"), "The file holds zero bytes: it is no text, or UTF-16 without its mark."),
        (b"name\nAlice \x81", "Line 2 is neither UTF-8 nor Windows-1252."),
        (codecs.BOM_UTF8 + b"name\nZo\xeb", "Line 2 is not utf-8-sig, though the file begins as such."),
        ("Zoë\n".encode() + b"Zo\xeb", "The file is partly UTF-8, but line 2 is not. Save it in one encoding."),
    ],
)
def test_what_is_no_data_is_refused_by_its_name(raw: bytes, said: str) -> None:
    with pytest.raises(NotThisFormatError) as refusal:
        decode(raw)
    assert str(refusal.value) == said


@given(st.binary(max_size=60))
def test_any_bytes_are_decoded_or_refused(raw: bytes) -> None:
    try:
        text = decode(raw).text
    except NotThisFormatError:
        return
    assert text.strip()


@given(st.text(max_size=30))
def test_utf8_is_never_taken_for_another_encoding(text: str) -> None:
    try:
        decoded = decode(text.encode())
    except NotThisFormatError:
        return
    assert decoded.mended or decoded.text == text.removeprefix("\ufeff")


@pytest.mark.parametrize("text", ["Seán Ó Sample", "Sample – Sorley", "‘Ali’ O’Sample", "£5", "Zoë Sampl\xe0"])
def test_letters_that_were_encoded_twice_are_put_right_and_told(text: str) -> None:
    decoded = decode(f"Name\n{text.encode().decode('windows-1252')}\n".encode())
    assert decoded.text == f"Name\n{text}\n"
    assert [str(remark) for remark in decoded.remarks] == [
        "the file: letters were encoded twice (first on line 2); they were put right, so look at the accents"
    ]


def test_punctuation_of_windows_that_was_taken_for_control_characters_is_put_right() -> None:
    assert decode("Sorcha O\x92Sample".encode()).text == "Sorcha O’Sample"


@pytest.mark.parametrize("text", ["SÃO “É” CAFÉ”", "Â Ã â€", "Ünal Ğ"])
def test_letters_that_are_meant_as_they_stand_are_left_alone(text: str) -> None:
    assert decode(text.encode()) == Decoded(text, "utf-8")


def test_json_is_read_in_any_of_the_encodings() -> None:
    assert read_json('["Zoë"]'.encode("utf-16")) == (["Zoë"], ())
    value, remarks = read_json('["Zoë"]'.encode("windows-1252"))
    assert (value, len(remarks)) == (["Zoë"], 1)


@pytest.mark.parametrize("raw", [b"[", b"name,ward", b"[" * 100_000])
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(NotThisFormatError, match="The file is not JSON"):
        read_json(raw)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Sorcha O&#39;Sample", "Sorcha O'Sample"),
        ("Roads &amp; Bridges", "Roads & Bridges"),
        ("Roads &amp;amp; Bridges", "Roads & Bridges"),
        ("Alice&nbsp;Sample", "Alice Sample"),
        ("M&S; &unknown; &co", "M&S; &unknown; &co"),
        ("\ufeffAlice\u200b Sam\u00adple\u200e", "Alice Sample"),
    ],
)
def test_entities_and_invisible_characters_are_cleaned(text: str, read: str) -> None:
    assert cell_text("name", text) == read


def test_a_cell_that_has_lost_characters_or_is_endless_is_no_text() -> None:
    assert cell_text("name", " Zoe\u0308 \n Sample") == "Zoë Sample"
    with pytest.raises(FieldError, match="name has lost characters"):
        cell_text("name", "Zo\ufffd Sample")
    with pytest.raises(FieldError, match="name is longer than 2000 characters"):
        cell_text("name", "x" * 2_001)
