from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.bootstrap import build_platform
from app.config import Config, load_config
from app.content import sync_content
from tests.web.site import Site
from tests.web.visitor import Visitor


@pytest.fixture(scope="session")
def sqlite_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the campaigns and lists that the project ships, to copy from."""
    folder = tmp_path_factory.mktemp("shipped")
    path = folder / "shipped.sqlite3"
    shutil.copyfile(sqlite_template, path)
    config = load_config({"INSTANCE_DIR": str(folder), "DATABASE_URL": f"sqlite:///{path}"})
    sessions = build_platform(config).sessions
    sync_content(sessions, config, datetime(2026, 11, 23, tzinfo=UTC), check=False)
    sessions.engine.dispose()
    return path


@pytest.fixture
def make_site(make_config: Callable[..., Config], sqlite_url: str, now: datetime) -> Iterator[Callable[..., Site]]:
    """Make the site on this test's database with the campaigns that ship; settings may be added."""
    made: list[Site] = []

    def make(**settings: str) -> Site:
        site = Site(make_config(DATABASE_URL=sqlite_url, **settings), now)
        made.append(site)
        return site

    yield make
    for site in made:
        site.close()


@pytest.fixture(scope="session")
def standing_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for many tests: to make it takes longer than most of them."""
    site = Site(load_config({"INSTANCE_DIR": str(tmp_path_factory.mktemp("site"))}), datetime.now(UTC))
    yield site
    site.close()


@pytest.fixture
def site(standing_site: Site, sqlite_template: Path, now: datetime) -> Site:
    """The site in development as on its first day: the campaigns that ship, the invented borough, and no mail."""
    standing_site.begin_anew(sqlite_template, now)
    return standing_site


@pytest.fixture
def production(make_site: Callable[..., Site]) -> Site:
    """The site as it runs in production, on the same rows."""
    return make_site(
        APP_ENV="production",
        BASE_URL="https://letters.example.org",
        MAIL_FROM="letters@letters.example.org",
        CONTACT_EMAIL="us@letters.example.org",
        TRUSTED_PROXIES="0",
        MAIL_TRANSPORT="smtp",
        SMTP_HOST="localhost",
        SMTP_SECURITY="none",
    )


@pytest.fixture
def alice(site: Site) -> Visitor:
    """A supporter who has just opened her browser."""
    return site.visitor()
