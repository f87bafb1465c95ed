"""Bytes of a published file into text, JSON and XML: what the file is, and which encoding it is in."""

from __future__ import annotations

import codecs
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from app.targets.fields import FieldError, clean_text
from app.targets.importers.parsed import NotThisFormatError
from app.targets.records import Rejected

_WINDOWS = "windows-1252"
_MAGIC = {
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive or a workbook (.xlsx, .ods); save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an old Office document (.xls, .doc); save the sheet as CSV",
    b"\x1f\x8b": "a gzip archive; unpack it",
}
_HTML = re.compile(
    r"(<\?xml[^>]*>)?\s*(<!--[^>]*-->)?\s*<(!doctype\s+html|html|head|body|meta|script|title)\b", re.IGNORECASE
)
_HTML_TITLE = re.compile(r"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
_START = 4_000
"""How much of a text is looked at to see what it is."""
_LETTERS_OF_UTF8 = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}")
_DEEPEST = 50
"""How many elements may stand one in another."""
_LONGEST = 2_000
"""Characters of a text, beyond which the ways to read it would take too long."""
_LOST = "\ufffd"
_CONTINUED = re.escape("".join(bytes([byte]).decode(_WINDOWS, "ignore") for byte in range(0x80, 0xC0)))
_TWICE = re.compile(f"(?:\u00c3|\u00e2\u20ac)[{_CONTINUED}\u0080-\u009f]|\u00c2[\u00a0-\u00bf]|[\u0080-\u009f]")
"""What accents, quotation marks and dashes become when their UTF-8 is taken for Windows-1252 and encoded once more, and
what those of Windows-1252 become when they are taken for ISO 8859-1."""
_ENTITY = re.compile("&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text and the encoding that it was in."""

    text: str
    encoding: str
    mended: str = ""
    """What was mended in the text, with the line of the first place."""

    @property
    def remarks(self) -> tuple[Rejected, ...]:
        """What staff should know of the encoding: where it is not what it should be, it was guessed, though well."""
        guessed = "it is not UTF-8; it was read as Windows-1252, so look at the accents"
        said = [guessed if self.encoding == _WINDOWS else "", self.mended]
        return tuple(Rejected("the file", words) for words in said if words)


def decode(raw: bytes) -> Decoded:
    """Return the text of a file in UTF-8 (with a mark or without), UTF-16 with its mark, or else Windows-1252.

    Letters that were encoded twice ("SeÃ¡n") are mended and told.

    Raises:
        NotThisFormatError: the file is empty, a page of HTML, a PDF, an archive or a workbook, is UTF-8 in one place
            and not in another, or holds bytes that are no text in these encodings.
    """
    if not raw.strip():
        raise NotThisFormatError("The file is empty.")
    for magic, kind in _MAGIC.items():
        if raw.startswith(magic):
            raise NotThisFormatError(f"The file is {kind}.")
    decoded = _decode(raw)
    if "\0" in decoded.text:
        raise NotThisFormatError("The file holds zero bytes: it is no text, or UTF-16 without its mark.")
    if not decoded.text.strip():
        raise NotThisFormatError("The file is empty.")
    if _HTML.match(decoded.text[:_START].lstrip()):
        title = _HTML_TITLE.search(decoded.text[:_START])
        titled = f" titled {clean_text(title[1])!r}" if title else ""
        raise NotThisFormatError(f"The file is a page of HTML{titled}, not data.")
    return _mended(decoded)


def read_json(raw: bytes) -> tuple[Any, tuple[Rejected, ...]]:
    """Return what a file of JSON holds, and what is to be said of its encoding.

    Raises:
        NotThisFormatError: the file is not JSON.
    """
    decoded = decode(raw)
    try:
        return json.loads(decoded.text), decoded.remarks
    except (ValueError, RecursionError):
        raise NotThisFormatError("The file is not JSON.") from None


def text_of(stated: Mapping[str, Any], key: str) -> str:
    """Return a text of a JSON object, cleaned; a number as its figures; empty where it is missing or null.

    Raises:
        FieldError: it is something else, or no text as `cell_text` wants it.
    """
    value = stated.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str | None):
        raise FieldError(f"{key} is not text")
    return cell_text(key, value or "")


@dataclass(frozen=True, slots=True)
class Element:
    """An element of XML: its name in small letters without a prefix, the line that it begins on, what is within."""

    name: str
    line: int
    children: list[Element] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def text(self, *path: str) -> str:
        """Return the text of the first element at the path, line breaks kept; empty where there is none."""
        element = self.first(*path)
        return "".join(element.parts).strip() if element else ""

    def first(self, *path: str) -> Element | None:
        """Return the first element at the path."""
        element: Element | None = self
        for name in path:
            element = next(iter(element.all(name)), None) if element else None
        return element

    def all(self, name: str) -> list[Element]:
        """Return the elements of that name directly within."""
        return [child for child in self.children if child.name == name]


def read_xml(raw: bytes) -> tuple[Element, tuple[Rejected, ...]]:
    """Return the root of a file of XML, and what is to be said of its encoding; what the file declares is not trusted.

    Raises:
        NotThisFormatError: the file is not XML, is nested deeper than any data, or has a document type, which could
            make a small file huge or reach for other files.
    """
    decoded = decode(raw)
    text = decoded.text.lstrip("\ufeff \t\r\n")
    above = decoded.text[: len(decoded.text) - len(text)].count("\n")
    root = Element("", 0)
    open_elements = [root]
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True

    def start(name: str, _attributes: dict[str, str]) -> None:
        element = Element(name.rpartition(":")[2].lower(), above + parser.CurrentLineNumber)
        if len(open_elements) > _DEEPEST:
            raise NotThisFormatError("The file is XML that is nested too deep to be data.")
        open_elements[-1].children.append(element)
        open_elements.append(element)

    def within(text: str) -> None:
        open_elements[-1].parts.append(text)

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _name: open_elements.pop()
    parser.CharacterDataHandler = within
    parser.StartDoctypeDeclHandler = _refuse_document_type
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise NotThisFormatError(f"The file is not XML: {error}.") from None
    return root.children[0], decoded.remarks


def cell_text(name: str, text: str) -> str:
    """Return the text of a cell or an element as `clean_text` does, HTML's entities as what they stand for.

    Raises:
        FieldError: it has lost characters, which somebody replaced by U+FFFD, or is too long to be anybody's name,
            address or posts.
    """
    if len(text) > _LONGEST:
        raise FieldError(f"{name} is longer than {_LONGEST} characters")
    text = unescaped(text)
    if _LOST in text:
        raise FieldError(f"{name} has lost characters (U+FFFD)")
    return clean_text(text)


def unescaped(text: str) -> str:
    """Return the text with HTML's entities as what they stand for; scrapers leave them in, some escape them twice."""
    if "&" not in text:
        return text
    once = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    return _ENTITY.sub(lambda found: html.unescape(found[0]), once)


def _refuse_document_type(*_declaration: object) -> None:
    raise NotThisFormatError("The file is XML with a document type (<!DOCTYPE>), which no publisher of data needs.")


def _mended(decoded: Decoded) -> Decoded:
    first = _TWICE.search(decoded.text)
    if first is None or decoded.encoding == _WINDOWS:
        return decoded
    line = decoded.text.count("\n", 0, first.start()) + 1
    words = f"letters were encoded twice (first on line {line}); they were put right, so look at the accents"
    return Decoded(_TWICE.sub(_decoded_once, decoded.text), decoded.encoding, words)


def _decoded_once(found: re.Match[str]) -> str:
    """Return the letter that was meant; what is found itself where it cannot be told."""
    raw = b"".join(one.encode("latin-1" if ord(one) < 0x100 else _WINDOWS) for one in found[0])  # noqa: PLR2004
    try:
        return raw.decode(_WINDOWS if len(raw) == 1 else "utf-8")
    except UnicodeDecodeError:
        return found[0]


def _decode(raw: bytes) -> Decoded:
    marks = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    encoding = next((name for mark, name in marks.items() if raw.startswith(mark)), "utf-8")
    try:
        return Decoded(raw.decode(encoding), encoding)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        if encoding != "utf-8":
            raise NotThisFormatError(f"Line {line} is not {encoding}, though the file begins as such.") from None
    if _LETTERS_OF_UTF8.search(raw):
        raise NotThisFormatError(f"The file is partly UTF-8, but line {line} is not. Save it in one encoding.")
    try:
        return Decoded(raw.decode(_WINDOWS), _WINDOWS)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise NotThisFormatError(f"Line {line} is neither UTF-8 nor Windows-1252.") from None
