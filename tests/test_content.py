"""Campaigns and target lists as files, into the database."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.campaigns.lifecycle import move_campaign
from app.campaigns.models import Campaign, CampaignState
from app.config import ROOT, Config
from app.content import ContentProblemsError, sync_content
from app.db import Sessions
from app.targets.models import Area, ListOwner, Target, TargetList
from app.targets.postcode_models import PostcodeBlock
from tests.support.dumps import dump

MakeConfig = Callable[..., Config]
PRODUCTION = {
    "APP_ENV": "production",
    "BASE_URL": "https://letters.example.org",
    "MAIL_FROM": "letters@example.org",
    "CONTACT_EMAIL": "help@example.org",
    "TRUSTED_PROXIES": "1",
    "MAIL_TRANSPORT": "smtp",
    "SMTP_HOST": "mail.example.org",
}
LIST = """\
holds = "targets"
name = "A list"
source = "Invented for a test"
as_of = 2026-11-01
licence = "CC0-1.0"
demo = false
"""
COLUMNS = "external_id,role,name,salutation,organisation,email,address,party,area_code,verified"


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """A copy of the project's own content, to change."""
    for name in ("letter_templates", "targets"):
        shutil.copytree(ROOT / name, tmp_path / "content" / name)
    return tmp_path / "content"


@pytest.fixture
def content(folders: Path, make_config: MakeConfig) -> Config:
    """A developer's configuration with that copy."""
    return configured(make_config, folders)


def configured(make_config: MakeConfig, folders: Path, **settings: str) -> Config:
    return make_config(CONTENT_DIR=str(folders / "letter_templates"), TARGETS_DIR=str(folders / "targets"), **settings)


def problems(sessions: Sessions, config: Config, now: datetime) -> list[str]:
    """What the content is refused for, by the path from the folders on."""
    with pytest.raises(ContentProblemsError) as refused:
        sync_content(sessions, config, now, check=False)
    return [str(problem).removeprefix(f"{config.content_dir.parent}/") for problem in refused.value.problems]


def count(sessions: Sessions, table: Any) -> int:
    with sessions.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_projects_own_content_is_loaded(sessions: Sessions, content: Config, now: datetime) -> None:
    lines = sync_content(sessions, content, now, check=False)
    with sessions.read() as session:
        slugs = set(session.scalars(select(Campaign.slug)))
    assert slugs == {folder.name for folder in content.content_dir.iterdir()}
    for slug in slugs:
        assert f"{slug}: added" in lines
    assert lines[-1] == "campaigns: 0 unchanged"
    assert count(sessions, PostcodeBlock) > 0


def test_a_second_sync_changes_nothing(sessions: Sessions, content: Config, now: datetime) -> None:
    sync_content(sessions, content, now, check=False)
    before = dump(sessions.engine)
    assert sync_content(sessions, content, now + timedelta(days=1), check=False) == ["campaigns: 10 unchanged"]
    assert dump(sessions.engine) == before


def test_a_check_of_an_empty_database_changes_nothing(sessions: Sessions, content: Config, now: datetime) -> None:
    before = dump(sessions.engine)
    lines = sync_content(sessions, content, now, check=True)
    assert dump(sessions.engine) == before
    assert "abolish-reporting: would be added" in lines
    assert any(line.startswith("demo-councillors: would be ") for line in lines)


def test_a_check_of_changed_files_tells_what_would_change_and_changes_nothing(
    sessions: Sessions, content: Config, folders: Path, now: datetime
) -> None:
    sync_content(sessions, content, now, check=False)
    edit(folders / "letter_templates/abolish-reporting/campaign.toml", 'state = "live"', 'state = "paused"')
    edit(folders / "letter_templates/abolish-reporting/letter.en.md", "I live in", "I have lived in")
    shutil.rmtree(folders / "letter_templates/bibby-stockholm")
    remove_last_row(folders / "targets/demo-councillors.csv")
    before = dump(sessions.engine)
    lines = sync_content(sessions, content, now, check=True)
    assert dump(sessions.engine) == before
    for line in (
        "abolish-reporting: would change",
        "  state: live → paused",
        "  letter.en: version 2",
        "bibby-stockholm: would be closed",
    ):
        assert line in lines
    assert any(line.startswith("demo-councillors: would be 0 added, 0 changed, 1 gone") for line in lines)
    assert sync_content(sessions, content, now, check=False) == [
        line.replace("would be ", "").replace("would change", "changed") for line in lines
    ]
    assert dump(sessions.engine) != before


def remove_last_row(path: Path) -> None:
    rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*rows[:-1], ""]), encoding="utf-8")


def test_the_mistakes_of_both_folders_are_told_at_once_and_nothing_is_loaded(
    sessions: Sessions, content: Config, folders: Path, now: datetime
) -> None:
    edit(folders / "targets/capita.toml", "demo = false", "demo = maybe")
    edit(folders / "letter_templates/abolish-reporting/campaign.toml", 'rule = "area"', 'rule = "everybody"')
    edit(folders / "letter_templates/bibby-stockholm/letter.en.md", "{{ salutation }}", "{{ salutaton }}")
    before = dump(sessions.engine)
    found = problems(sessions, content, now)
    places = [line.partition(": ")[0] for line in found]
    assert any(place.startswith("targets/capita.toml:") for place in places)
    assert "letter_templates/abolish-reporting/campaign.toml:7" in places
    assert any(place.startswith("letter_templates/bibby-stockholm/letter.en.md:") for place in places)
    assert all(place.rpartition(":")[2].isdigit() for place in places)
    assert dump(sessions.engine) == before


def test_a_campaign_may_write_to_a_list_that_staff_have_imported(
    sqlite_sessions: Sessions, content: Config, folders: Path, now: datetime
) -> None:
    edit(folders / "letter_templates/capita-gps-tagging/campaign.toml", '"capita"', '"friends"')
    [problem] = problems(sqlite_sessions, content, now)
    assert problem.startswith("letter_templates/capita-gps-tagging/campaign.toml:")
    assert "friends" in problem
    import_list(sqlite_sessions, "friends", now)
    assert "capita-gps-tagging: added" in sync_content(sqlite_sessions, content, now, check=False)


def test_a_list_that_staff_have_imported_is_not_replaced(
    sqlite_sessions: Sessions, content: Config, now: datetime
) -> None:
    import_list(sqlite_sessions, "capita", now)
    before = dump(sqlite_sessions.engine)
    [problem] = problems(sqlite_sessions, content, now)
    assert problem.startswith("targets:1: ")
    assert "'capita' is kept by an import" in problem
    assert dump(sqlite_sessions.engine) == before


def import_list(sessions: Sessions, slug: str, now: datetime) -> None:
    with sessions.write() as session:
        session.add(
            TargetList(
                slug=slug, name=slug, owner=ListOwner.IMPORT, source="Staff", as_of=now.date(), licence="CC0-1.0"
            )
        )


def test_a_move_that_a_campaign_cannot_make_stops_the_targets_too(
    sqlite_sessions: Sessions, content: Config, folders: Path, now: datetime
) -> None:
    sync_content(sqlite_sessions, content, now, check=False)
    edit(folders / "letter_templates/abolish-reporting/campaign.toml", 'state = "live"', 'state = "draft"')
    remove_last_row(folders / "targets/demo-councillors.csv")
    before = dump(sqlite_sessions.engine)
    [problem] = problems(sqlite_sessions, content, now)
    assert problem.startswith("letter_templates/abolish-reporting/campaign.toml:2: a campaign that is live cannot")
    assert dump(sqlite_sessions.engine) == before


def test_what_staff_have_paused_stays_so(sqlite_sessions: Sessions, content: Config, now: datetime) -> None:
    sync_content(sqlite_sessions, content, now, check=False)
    with sqlite_sessions.write() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == "abolish-reporting")).one()
        move_campaign(session, campaign, CampaignState.PAUSED, now)
    assert sync_content(sqlite_sessions, content, now, check=False) == ["campaigns: 10 unchanged"]


def test_production_loads_nothing_that_is_invented(
    sqlite_sessions: Sessions, folders: Path, make_config: MakeConfig, now: datetime
) -> None:
    sync_content(sqlite_sessions, configured(make_config, folders, **PRODUCTION), now, check=False)
    with sqlite_sessions.read() as session:
        assert set(session.scalars(select(TargetList.slug))) == {"campaign-team", "capita", "clearsprings"}
    assert (count(sqlite_sessions, Area), count(sqlite_sessions, PostcodeBlock)) == (0, 0)
    assert count(sqlite_sessions, Campaign) == 10


def test_a_database_that_becomes_productions_writes_to_nobody_invented(
    sqlite_sessions: Sessions, folders: Path, content: Config, make_config: MakeConfig, now: datetime
) -> None:
    sync_content(sqlite_sessions, content, now, check=False)
    production = configured(make_config, folders, **PRODUCTION)
    sync_content(sqlite_sessions, production, now, check=False)
    with sqlite_sessions.read() as session:
        current = select(TargetList.slug).join(TargetList.targets).where(Target.archived_at.is_(None))
        assert set(session.scalars(current)) == {"campaign-team", "capita", "clearsprings"}


def test_a_real_list_in_an_invented_place_is_told_and_not_loaded(
    sqlite_sessions: Sessions, folders: Path, make_config: MakeConfig, now: datetime
) -> None:
    (folders / "targets/mixed.toml").write_text(LIST, encoding="utf-8")
    row = "one,councillor,Cllr One,Dear Cllr One,,one@example.org,,,Z05000001,"
    (folders / "targets/mixed.csv").write_text(f"{COLUMNS}\n{row}\n", encoding="utf-8")
    before = dump(sqlite_sessions.engine)
    [problem] = problems(sqlite_sessions, configured(make_config, folders, **PRODUCTION), now)
    assert problem == "targets/mixed.csv:2: the area 'Z05000001' is invented, and these rows are not"
    assert dump(sqlite_sessions.engine) == before


def test_where_mail_reaches_people_a_sync_warns_of_live_campaigns(
    sqlite_sessions: Sessions, make_config: MakeConfig, folders: Path, now: datetime
) -> None:
    quiet = sync_content(sqlite_sessions, configured(make_config, folders), now, check=False)
    assert not any(line.startswith("warning") for line in quiet)
    lines = sync_content(sqlite_sessions, configured(make_config, folders, **PRODUCTION), now, check=False)
    [warning] = [line for line in lines if line.startswith("warning: abolish-reporting: ")]
    assert "there is no councillor of a ward here" in warning


ONE = "letter_templates/clearsprings-housing/campaign.toml"


def test_a_campaign_to_one_target_must_describe_exactly_one(
    sessions: Sessions, content: Config, folders: Path, now: datetime
) -> None:
    needs = f'{ONE}:9: rule = "one" needs one target, but `who` fits'
    edit(folders / ONE, '["clearsprings"]', '["clearsprings", "campaign-team"]')
    edit(folders / ONE, 'external_id = "GB-COH-07921508"', 'external_id = "nobody"')
    assert problems(sessions, content, now) == [f"{needs} nobody"]
    edit(folders / ONE, 'external_id = "nobody"', 'role = "*"')
    both = "The Directors of Clearsprings Ready Homes, The Solidarity Knows No Borders team"
    assert problems(sessions, content, now) == [f"{needs} {both}"]
    assert count(sessions, Campaign) == 0
    edit(folders / ONE, 'state = "live"', 'state = "closed"')
    sync_content(sessions, content, now, check=False)


def test_a_campaign_to_one_target_of_an_invented_list_is_loaded_in_production(
    sessions: Sessions, make_config: MakeConfig, folders: Path, now: datetime
) -> None:
    edit(folders / ONE, '["clearsprings"]', '["demo-broadcasters"]')
    edit(folders / ONE, 'external_id = "GB-COH-07921508"', 'external_id = "media-vale-wire"')
    sync_content(sessions, configured(make_config, folders, **PRODUCTION), now, check=False)
    assert count(sessions, Campaign) > 0
