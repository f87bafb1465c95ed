"""A folder to write datasets into, as people do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Write = Callable[..., None]

HEAD = """\
holds = "{holds}"
name = "Invented"
source = "Invented for a test"
as_of = 2026-11-01
licence = "CC0-1.0"
demo = {demo}
"""
COLUMNS = {
    "areas": "code,name,kind,parent_code",
    "postcodes": "postcode,areas",
    "targets": "external_id,role,name,salutation,organisation,email,address,party,area_code,verified",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for datasets."""
    path = tmp_path / "targets"
    path.mkdir()
    return path


@pytest.fixture
def write(folder: Path) -> Write:
    """Write a dataset: `write("mps", "targets", "a,row", "another,row")`; areas of a borough are there already."""

    def write(slug: str, holds: str, *rows: str, demo: bool = True) -> None:
        (folder / f"{slug}.toml").write_text(HEAD.format(holds=holds, demo=str(demo).lower()), encoding="utf-8")
        (folder / f"{slug}.csv").write_text("\n".join([COLUMNS[holds], *rows, ""]), encoding="utf-8")

    write(
        "places",
        "areas",
        "Z09000001,Zedmere,council,",
        "Z05000001,Canalside,ward,Z09000001",
        "Z05000003,Hilltop,ward,Z09000001",
        "Z14000001,Zedmere and Thornby,constituency,",
    )
    return write
