"""When campaigns open and close: what their files say, and what the clock of their time zone makes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.campaigns.dates import NoSuchTimeError, moment_of
from app.campaigns.files import load_campaigns
from app.campaigns.models import CampaignState
from tests.campaigns.conftest import SETTINGS, Content

LONDON = ZoneInfo("Europe/London")
_LINES = SETTINGS.count("\n")


@pytest.mark.parametrize(
    ("local", "moment"),
    [
        ("2026-12-01T09:00", "2026-12-01T09:00"),
        ("2026-07-01T09:00", "2026-07-01T08:00"),
        ("2027-03-28T00:59", "2027-03-28T00:59"),
        ("2027-03-28T02:00", "2027-03-28T01:00"),
        ("2026-10-25T01:30", "2026-10-25T00:30"),
        ("2026-10-25T02:00", "2026-10-25T02:00"),
    ],
)
def test_a_time_is_that_of_the_campaigns_clock_the_first_of_two(local: str, moment: str) -> None:
    expected = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert moment_of(datetime.fromisoformat(local), LONDON) == expected


@pytest.mark.parametrize("local", ["2027-03-28T01:00", "2027-03-28T01:59"])
def test_a_time_that_the_clock_is_put_forward_over_is_none(local: str) -> None:
    with pytest.raises(NoSuchTimeError):
        moment_of(datetime.fromisoformat(local), LONDON)


@pytest.mark.parametrize("opens", ["2026-12-01T09:00", "2026-12-01 09:00:00", '"2026-12-01T09:00"'])
def test_a_file_says_when_its_campaign_opens_and_closes(content: Content, opens: str) -> None:
    dates = f"\n[dates]\nopens = {opens}  # a Tuesday\ncloses = 2027-06-30T18:00\n"
    content.campaign(settings=SETTINGS.replace('"live"', '"scheduled"') + dates)
    [files], problems = load_campaigns(content.folder)
    assert problems == []
    assert files.settings.state is CampaignState.SCHEDULED
    assert files.settings.dates.opens == datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert files.settings.dates.closes == datetime(2027, 6, 30, 17, tzinfo=UTC), "summer time"


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("opens = 2026-12-01", "3: `opens` must be a day and a time by the campaign's clock, such as 2026-12-01T09:00"),
        ("opens = 2026-12-01T09:00:00Z", "3: `opens` must be a day and a time by the campaign's clock"),
        ('opens = "soon"', "3: `opens` must be a day and a time by the campaign's clock"),
        ("opens = 2027-03-28T01:30", "3: `opens` is a time that Europe/London does not have"),
        ("opens = 2026-12-01T09:00\ncloses = 2026-12-01T09:00", "4: `closes` must be later than `opens`"),
        ("ends = 2026-12-01T09:00", "3: `ends` is not a key here"),
    ],
)
def test_what_is_wrong_with_dates_is_told_with_its_line(
    said: Callable[..., list[str]], lines: str, problem: str
) -> None:
    [told] = said(settings=f"{SETTINGS}\n[dates]\n{lines}\n")
    line, colon, words = problem.partition(":")
    assert told.startswith(f"campaign.toml:{_LINES + int(line)}{colon}{words}")


def test_a_scheduled_campaign_needs_its_opening(said: Callable[..., list[str]]) -> None:
    [told] = said(settings=SETTINGS.replace('"live"', '"scheduled"'))
    assert told.endswith("a campaign that is scheduled needs `opens` in its table [dates]")
    assert told.startswith("campaign.toml:2:")
