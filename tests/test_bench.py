"""The benchmarks run: their quick form does all that needs no peers. Its figures are nobody's business."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from app.config import ROOT


def test_the_quick_run_measures_every_table_and_loses_no_letter(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "benchmarks", "--quick", "--out", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (written,) = tmp_path.glob("*.json")
    told = json.loads(written.read_text())
    assert [table["title"][0] for table in told["tables"]] == ["1", "2", "3", "4", "5", "6"]
    assert all(table["measured"] for table in told["tables"])
