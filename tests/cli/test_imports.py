"""`flask postcodes import` on small files of the published form."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.bootstrap import Platform
from app.targets.models import AreaKind
from tests.cli.conftest import Run, unchanged
from tests.support.looking import areas_of_kind

COUNCIL = ("--council-code", "Z09000001", "--council-name", "Zedmere")
ABOUT = (*COUNCIL, "--source", "Invented for a test", "--as-of", "2026-11-01", "--licence", "CC0-1.0")
HEADER = "Postcode,Latitude,Longitude,Ward\n"


@pytest.fixture
def postcodes(tmp_path: Path) -> Path:
    return tmp_path / "postcodes.csv"


def test_postcodes_are_added_changed_and_removed(flask: Run, platform: Platform, postcodes: Path) -> None:
    postcodes.write_text(f"{HEADER}ZZ1 1AA,0,0,Canalside\nZZ1 2BB,0,0,Hilltop\nnowhere,0,0,Hilltop\n")
    first = flask("postcodes", "import", str(postcodes), *ABOUT)
    assert first.exit_code == 0
    assert "postcodes: 2 added, 0 changed, 0 removed, 0 unchanged, 1 rejected" in first.output
    assert "  rejected line 4: " in first.output
    with unchanged(platform):
        again = flask("postcodes", "import", str(postcodes), *ABOUT)
    assert "0 added, 0 changed, 0 removed, 2 unchanged" in again.output
    postcodes.write_text(f"{HEADER}ZZ1 1AA,0,0,Hilltop\nZZ1 3DD,0,0,Canalside\n")
    third = flask("postcodes", "import", str(postcodes), *ABOUT)
    assert "postcodes: 1 added, 1 changed, 1 removed, 0 unchanged" in third.output
    with platform.sessions.read() as session:
        assert [area.name for area in areas_of_kind(session, "ZZ1 1AA", AreaKind.WARD)] == ["Hilltop"]


@pytest.mark.parametrize("content", [b"", b"Street,Town\nHigh Street,Zedmere\n", b"\x00\xff\x00"])
def test_a_file_without_postcodes_removes_none(flask: Run, platform: Platform, postcodes: Path, content: bytes) -> None:
    postcodes.write_text(f"{HEADER}ZZ1 1AA,0,0,Canalside\n")
    flask("postcodes", "import", str(postcodes), *ABOUT)
    postcodes.write_bytes(content)
    with unchanged(platform):
        done = flask("postcodes", "import", str(postcodes), *ABOUT)
    assert done.exit_code == 1
    assert "Error: There is nothing to import: " in done.stderr


def test_many_rejections_are_cut_short(flask: Run, postcodes: Path) -> None:
    wrong = "".join(f"wrong{number},0,0,Canalside\n" for number in range(60))
    postcodes.write_text(f"{HEADER}ZZ1 1AA,0,0,Canalside\n{wrong}")
    done = flask("postcodes", "import", str(postcodes), *ABOUT)
    assert done.output.count("  rejected line ") == 20
    assert done.output.endswith("  and 40 more\n")
