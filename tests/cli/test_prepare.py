"""The commands that an installation begins with, by the real `flask` where being a process matters."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from sqlalchemy import text

from app.bootstrap import Platform
from app.config import ROOT, load_config
from app.reporting.printer import MISSING, PangoPrinter
from tests.cli.conftest import Run, running, unchanged
from tests.support.fakes import NoPrinter

FLASK = str(Path(sys.executable).with_name("flask"))


def command(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the project as people do, in the project's folder."""
    environment = {"PATH": os.environ["PATH"], **settings}
    return subprocess.run(  # noqa: S603 - our own command
        arguments, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_prepare_makes_everything_from_nothing_and_is_quiet_the_second_time(tmp_path: Path) -> None:
    told = "" if PangoPrinter().ready else f"{MISSING}\n"
    first = command(FLASK, "prepare", INSTANCE_DIR=str(tmp_path))
    assert (first.returncode, first.stderr) == (0, told)
    assert "solidarity-knows-no-borders: added" in first.stdout
    second = command(FLASK, "prepare", INSTANCE_DIR=str(tmp_path))
    assert (second.returncode, second.stderr) == (0, told)
    assert second.stdout == "campaigns: 10 unchanged\n"
    checked = command(FLASK, "db", "check", INSTANCE_DIR=str(tmp_path))
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    assert (tmp_path / "development-keys.json").stat().st_mode & 0o077 == 0


def test_prepare_says_what_a_pdf_needs_where_it_is_missing(platform: Platform) -> None:
    for printer, told in ((NoPrinter(), f"{MISSING}\n"), (NoPrinter(ready=True), "")):
        done = running(replace(platform, printer=printer))("prepare")
        assert (done.exit_code, done.stderr) == (0, told)


def test_a_database_that_differs_from_the_models_is_told_apart(flask: Run, platform: Platform) -> None:
    assert (flask("db", "check").exit_code, flask("db", "check").output) == (0, "")
    with platform.sessions.write() as session:
        session.execute(text("DROP TABLE consent"))
    done = flask("db", "check")
    assert done.exit_code == 1
    assert "consent" in done.output


def test_db_upgrade_on_the_newest_schema_does_nothing(flask: Run, platform: Platform) -> None:
    with unchanged(platform):
        assert flask("db", "upgrade").exit_code == 0


def test_content_check_says_what_a_sync_would_do_and_does_not_do_it(
    flask_on_own_content: Run, own_content: Platform
) -> None:
    with unchanged(own_content):
        would = flask_on_own_content("content", "sync", "--check")
        assert would.exit_code == 0
    assert "abolish-reporting: would be added" in would.output
    assert "demo-mps: would be" in would.output
    did = flask_on_own_content("content", "sync")
    assert did.exit_code == 0
    assert did.output.count("\n") == would.output.count("\n")
    with unchanged(own_content):
        assert flask_on_own_content("content", "sync").output == "campaigns: 10 unchanged\n"


def test_every_mistake_is_named_by_file_and_line_and_nothing_is_synced(
    flask_on_own_content: Run, own_content: Platform, tmp_path: Path
) -> None:
    letter = tmp_path / "letter_templates" / "capita-gps-tagging" / "letter.en.md"
    line = letter.read_text().count("\n") + 1
    letter.write_text(letter.read_text() + "\nDear {{ supporter.bank_account }}\n")
    (tmp_path / "targets" / "capita.csv").write_text("external_id,role\nonly,company\n")
    for arguments in (["--check"], []):
        with unchanged(own_content):
            done = flask_on_own_content("content", "sync", *arguments)
        assert done.exit_code == 1
        assert f"{letter}:{line + 1}: " in done.stderr
        assert f"{tmp_path}/targets/capita.csv:1: " in done.stderr
        assert done.stdout == ""


def test_a_changed_letter_is_told_as_a_new_version(flask_on_own_content: Run, tmp_path: Path) -> None:
    flask_on_own_content("content", "sync")
    letter = tmp_path / "letter_templates" / "capita-gps-tagging" / "letter.en.md"
    letter.write_text(letter.read_text() + "\nPlease answer me.\n")
    assert "letter.en: version 2" in flask_on_own_content("content", "sync").output


def test_files_cannot_take_over_a_list_that_staff_have_imported(
    flask_on_own_content: Run, own_content: Platform, tmp_path: Path
) -> None:
    file = tmp_path / "councillors.json"
    file.write_text(
        '[{"name": "Canalside", "councillors": [{"name": "Alice Sample", "url": "https://z.example/?UID=1"}]}]'
    )
    about = "--council-code Z09000009 --council-name Thornby --source test --as-of 2026-11-01 --licence CC0-1.0"
    imported = flask_on_own_content("targets", "import", str(file), "--list", "thornby", *about.split())
    assert imported.exit_code == 0, imported.output
    for kind in ("toml", "csv"):
        shutil.copy(tmp_path / "targets" / f"capita.{kind}", tmp_path / "targets" / f"thornby.{kind}")
    with unchanged(own_content):
        done = flask_on_own_content("content", "sync")
    assert done.exit_code == 1
    assert "The list 'thornby' is kept by an import. Give this one another name.\n" in done.stderr


def test_fresh_keys_are_settings_that_production_starts_with() -> None:
    done = command(sys.executable, "-m", "app.privacy")
    settings = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert sorted(settings) == ["FIELD_KEYS", "INDEX_KEY", "SECRET_KEY"]
    production = {
        "APP_ENV": "production",
        "BASE_URL": "https://letters.example.org",
        "CONTACT_EMAIL": "help@example.org",
        "MAIL_FROM": "letters@example.org",
        "MAIL_TRANSPORT": "smtp",
        "SMTP_HOST": "smtp.example.org",
        "TRUSTED_PROXIES": "1",
    }
    config = load_config(production | settings)
    assert config.field_keys.decrypt("a", config.field_keys.encrypt("a", "words")) == "words"
    assert done.stderr == ""
    again = command(sys.executable, "-m", "app.privacy")
    assert again.stdout != done.stdout
