"""A request whose forms show what could not be read in them."""

from __future__ import annotations

from typing import IO
from urllib.parse import parse_qsl

from flask import Request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser

_Parsed = tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]


class FormParser(FormDataParser):
    """Puts U+FFFD where bytes are not UTF-8, in both encodings that a form may have.

    Werkzeug does so for multipart forms only. In the other it puts back the escape ("%FF"), which may be what somebody
    typed, and bytes sent without an escape empty the whole form.
    """

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> _Parsed:
        """See `FormDataParser.parse`; the stream is limited to `MAX_CONTENT_LENGTH`."""
        if mimetype != "application/x-www-form-urlencoded":
            return super().parse(stream, mimetype, content_length, options)
        text = stream.read().decode(errors="replace")
        return stream, self.cls(parse_qsl(text, keep_blank_values=True, errors="replace")), self.cls()


class FormRequest(Request):
    """A request of this site."""

    form_data_parser_class = FormParser
