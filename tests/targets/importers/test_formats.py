"""Formats by name, and by what a file holds."""

from __future__ import annotations

import pytest

from app.targets.importers.formats import FORMATS, guess
from app.targets.models import TargetList


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"<?xml version='1.0'?>\n<!-- x --><councillorsbyward>", "moderngov"),
        (b"\xef\xbb\xbf<mg:CouncillorsByWard xmlns:mg='x'>", "moderngov"),
        (b'[{"name": "Almond", "number": 1, "councillors": []}]', "edinburgh"),
        (b'{"raw_name": "x", "raw_division": "y", "raw_identifier": "z", "email": null}', "lgsf-json"),
        (b"council_id,raw_division,raw_identifier,email,url,raw_name,raw_party\n", "lgsf"),
        (b'Council,"Ward Name","Councillor Name","Next Election","Party Name","x"', "open-council-data"),
        (b"name;party;ward;telephone;email;page;image", "trafford"),
        (b"<rss>", None),
        (b"<", None),
        (b"[1, 2]", None),
        (b"[", None),
        (b'[{"name": "Almond"}]', None),
        (b"Name,Ward", None),
        (b"", None),
        (b"<html>", None),
    ],
)
def test_a_file_is_known_by_its_root_its_names_or_its_columns(raw: bytes, name: str | None) -> None:
    guessed = guess(raw)
    assert (guessed.name if guessed else None) == name


def test_a_formats_name_fits_its_column() -> None:
    for name, one in FORMATS.items():
        assert name == one.name
        assert len(name) <= TargetList.format.type.length
