"""Campaign files into rows, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.campaigns.content import ContentRefusedError, SyncReport, sync_campaigns
from app.campaigns.files import CampaignFiles, load_campaigns
from app.campaigns.lifecycle import move_campaign
from app.campaigns.models import Campaign, CampaignKind, CampaignPage, CampaignState, LetterTemplate, TargetRule
from app.db import Sessions
from tests.campaigns.conftest import LETTER, LISTED, PAGE, SETTINGS, WON_PAGE, Content

Sync = Callable[[], SyncReport]
ROOT = Path(__file__).resolve().parents[2]
SLUG = "abolish-reporting"


@pytest.fixture
def sync(sessions: Sessions, content: Content, now: datetime) -> Sync:
    def run() -> SyncReport:
        with sessions.write() as session:
            return sync_campaigns(session, loaded(content.folder), now)

    return run


def loaded(folder: Path) -> list[CampaignFiles]:
    campaigns, problems = load_campaigns(folder)
    assert problems == []
    return campaigns


def stored(session: Session, slug: str = SLUG) -> Campaign:
    return session.scalars(select(Campaign).where(Campaign.slug == slug)).one()


def versions(session: Session, language: str = "en") -> list[tuple[int, str]]:
    rows = select(LetterTemplate).where(LetterTemplate.language == language).order_by(LetterTemplate.version)
    return [(row.version, row.body) for row in session.scalars(rows)]


def test_a_campaign_is_added_with_its_page_and_letter(
    sessions: Sessions, content: Content, sync: Sync, now: datetime
) -> None:
    content.campaign()
    report = sync()
    assert report.describe() == [f"{SLUG}: added", "  live letter; pages: en; letters: en", "campaigns: 0 unchanged"]
    with sessions.read() as session:
        campaign = stored(session)
        assert (campaign.kind, campaign.state, campaign.files_state) == ("letter", "live", "live")
        assert (campaign.target_rule, campaign.target_role, campaign.target_area) == ("area", "councillor", "ward")
        assert (campaign.colour, campaign.position, campaign.confirmed_count) == ("#7a1f5c", 10, 0)
        assert campaign.created_at == now
        (page,) = campaign.pages
        assert (page.title, page.invitation, page.won) == ("Abolish reporting", "Why does it matter to you?", "")
        assert page.body_html == "<h2>Why</h2>\n<p>It <em>matters</em>.</p>\n"
        (letter,) = campaign.templates
        assert (letter.version, letter.audience, letter.created_at) == (1, "all", now)
        assert letter.closing == "Yours sincerely,\n\n{{ supporter.name }}\n{{ supporter.postcode }}"


def test_syncing_twice_changes_nothing_the_second_time(sessions: Sessions, content: Content, sync: Sync) -> None:
    content.campaign()
    content.campaign("won-one", SETTINGS.replace("live", "won"), WON_PAGE)
    assert sync()
    report = sync()
    assert not report
    assert report.unchanged == (SLUG, "won-one")
    with sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(LetterTemplate)) == 2
        assert session.scalar(select(func.count()).select_from(CampaignPage)) == 2


def test_a_changed_letter_is_a_new_version_and_the_old_one_stays_as_it_was(
    sessions: Sessions, content: Content, sync: Sync
) -> None:
    content.campaign()
    sync()
    content.campaign(letter=LETTER.replace("Please act.", "Please act now."))
    assert sync().describe() == [f"{SLUG}: changed", "  letter.en: version 2", "campaigns: 0 unchanged"]
    content.campaign()
    sync()
    old, new = "I live in {{ area.name }}.\n\nPlease act.", "I live in {{ area.name }}.\n\nPlease act now."
    with sessions.read() as session:
        assert versions(session) == [(1, old), (2, new), (3, old)]
        assert stored(session).templates[0].version == 3


def test_a_changed_page_is_updated_in_place_and_told_by_field(sessions: Sessions, content: Content, sync: Sync) -> None:
    content.campaign()
    sync()
    content.campaign(page=PAGE.replace("Stand", "Rise").replace("*matters*", "[matters](https://x.example)"))
    assert sync().describe() == [f"{SLUG}: changed", "  page.en: summary, body_html changed", "campaigns: 0 unchanged"]
    with sessions.read() as session:
        (page,) = stored(session).pages
        assert 'href="https://x.example"' in page.body_html


def test_changed_settings_are_told_with_what_they_were(sessions: Sessions, content: Content, sync: Sync) -> None:
    plain = LETTER.replace(" in {{ area.name }}", "").replace("\n{{ supporter.postcode }}", "")
    content.campaign(letter=plain)
    sync()
    content.campaign(settings=SETTINGS.partition("[targets]")[0].replace("#7a1f5c", "#00557f") + LISTED, letter=plain)
    assert sync().changed[0].lines == (
        "colour: #7a1f5c → #00557f",
        "target_rule: area → choose",
        "target_role: councillor → none",
        "target_area: ward → none",
        "target_lists: none → demo-companies",
    )
    with sessions.read() as session:
        assert stored(session).list_slugs == ["demo-companies"]


def test_whom_a_campaign_means_is_kept_and_its_changes_are_told(
    sessions: Sessions, content: Content, sync: Sync
) -> None:
    content.campaign()
    sync()
    more = (
        'tier = "county"\nfallback = ["team"]\n[[targets.exclude]]\nkey = "friends"\nwho = { party = "Green Party" }\n'
    )
    reason = '[excluded]\nfriends = "They agree already."\n+++\n##'
    content.campaign(settings=SETTINGS + more, page=PAGE.replace("+++\n##", reason))
    assert sync().changed[0].lines == (
        "targeting: plain → tier county; without friends (party Green Party); fallback team",
        "page.en: excluded changed",
    )
    assert not sync()
    with sessions.read() as session:
        campaign = stored(session)
        assert campaign.targeting.fallback == ("team",)
        assert campaign.why_excluded("friends", "ar") == ("They agree already.", "en")
    content.campaign()
    assert sync().changed[0].lines[0].endswith("fallback team → plain")


def test_a_language_comes_and_goes(sessions: Sessions, content: Content, sync: Sync) -> None:
    content.campaign()
    sync()
    page = content.write(f"{SLUG}/page.ar.md", PAGE)
    letter = content.write(f"{SLUG}/letter.cy.md", LETTER.replace("Please act.", "Gweithredwch."))
    assert sync().changed[0].lines == ("page.ar: added", "letter.cy: version 1")
    page.unlink()
    letter.unlink()
    assert sync().changed[0].lines == ("page.ar: removed", "letter.cy: version 2 (as in English)")
    assert not sync()
    with sessions.read() as session:
        assert [row.language for row in stored(session).pages] == ["en"]
        assert versions(session, "cy")[1][1] == versions(session, "en")[0][1]


def test_an_audience_has_versions_of_its_own_and_comes_and_goes(
    sessions: Sessions, content: Content, sync: Sync
) -> None:
    segment = '\n[[targets.segment]]\naudience = "supportive"\nwho = { party = "Green Party" }\n'
    content.campaign(settings=SETTINGS + segment)
    path = content.write(f"{SLUG}/letter.en.supportive.md", LETTER.replace("Please act.", "Thank you."))
    assert sync().describe()[1] == "  live letter; pages: en; letters: en, en.supportive"
    content.write(f"{SLUG}/letter.en.supportive.md", LETTER.replace("Please act.", "Thank you all."))
    content.write(f"{SLUG}/letter.cy.supportive.md", LETTER.replace("Please act.", "Diolch."))
    assert sync().changed[0].lines == ("letter.cy.supportive: version 1", "letter.en.supportive: version 2")
    assert not sync()
    (content.folder / SLUG / "letter.cy.supportive.md").unlink()
    assert sync().changed[0].lines == ("letter.cy.supportive: version 2 (as in English)",)
    path.unlink()
    content.campaign()
    assert sync().changed[0].lines == ("targeting: letter supportive (party Green Party) → plain",)
    assert not sync()
    with sessions.read() as session:
        kept = [(row.language, row.audience, row.version) for row in stored(session).templates]
    cy, en = (("cy", "supportive"), ("en", "supportive"))
    assert sorted(kept) == [(*cy, 1), (*cy, 2), ("en", "all", 1), (*en, 1), (*en, 2)]
    content.campaign(settings=SETTINGS + segment)
    content.write(f"{SLUG}/letter.en.supportive.md", LETTER.replace("Please act.", "Thank you all."))
    assert sync().changed[0].lines[0].startswith("targeting: plain → letter supportive")
    with sessions.read() as session:
        assert stored(session).targeting.audience_of({"party": ["Green Party"]}) == "supportive"


def test_a_campaign_that_staff_paused_stays_paused_until_its_file_says_something_new(
    sessions: Sessions, content: Content, sync: Sync, now: datetime
) -> None:
    content.campaign()
    sync()
    with sessions.write() as session:
        move_campaign(session, stored(session), CampaignState.PAUSED, now)
    assert not sync()
    with sessions.read() as session:
        assert stored(session).state is CampaignState.PAUSED
    content.campaign(settings=SETTINGS.replace("live", "closed"))
    assert sync().changed[0].lines == ("state: paused → closed",)
    with sessions.read() as session:
        assert (stored(session).state, stored(session).files_state) == ("closed", "closed")


def test_a_file_may_catch_up_with_what_staff_did(
    sessions: Sessions, content: Content, sync: Sync, now: datetime
) -> None:
    content.campaign()
    sync()
    with sessions.write() as session:
        move_campaign(session, stored(session), CampaignState.PAUSED, now)
    content.campaign(settings=SETTINGS.replace("live", "paused"))
    assert sync().changed[0].lines == ("state: is paused already",)
    assert not sync()


def test_a_campaigns_clock_is_the_files(sessions: Sessions, content: Content, sync: Sync) -> None:
    content.campaign()
    sync()
    with sessions.read() as session:
        assert stored(session).time_zone == "Europe/London"
    content.campaign(settings=f'time_zone = "America/New_York"\n{SETTINGS}')
    assert sync().changed[0].lines == ("time_zone: Europe/London → America/New_York",)
    with sessions.read() as session:
        assert stored(session).time_zone == "America/New_York"
    content.campaign()
    assert sync().changed[0].lines == ("time_zone: America/New_York → Europe/London",)
    assert not sync()


def test_a_state_that_a_campaign_cannot_go_to_is_refused_with_its_line_and_nothing_is_synced(
    sessions: Sessions, content: Content, sync: Sync
) -> None:
    content.campaign()
    sync()
    content.campaign(settings=SETTINGS.replace("live", "draft").replace("10", "11"))
    content.campaign("another")
    with pytest.raises(ContentRefusedError) as caught:
        sync()
    assert str(caught.value) == (
        f"{content.folder}/{SLUG}/campaign.toml:2: "
        "a campaign that is live cannot become draft; it can become paused or closed or won"
    )
    with sessions.read() as session:
        assert session.scalars(select(Campaign.slug)).all() == [SLUG]
        assert stored(session).position == 10


def test_a_campaign_whose_folder_is_gone_is_closed_and_told_once(
    sessions: Sessions, content: Content, sync: Sync
) -> None:
    folder = content.campaign()
    content.campaign("another")
    sync()
    folder.rename(content.folder / ".put-aside")
    assert sync().describe() == [f"{SLUG}: closed", "  its folder is gone; it was live", "campaigns: 1 unchanged"]
    assert not sync()
    with sessions.read() as session:
        assert (stored(session).state, stored(session).files_state) == (CampaignState.CLOSED, None)
        assert len(stored(session).templates) == 1
    (content.folder / ".put-aside").rename(folder)
    assert sync().changed[0].lines == ("state: closed → live",)
    with sessions.read() as session:
        assert len(stored(session).templates) == 1


def test_a_campaign_that_never_came_from_files_is_left_alone(
    sessions: Sessions, content: Content, sync: Sync, now: datetime
) -> None:
    with sessions.write() as session:
        session.add(
            Campaign(
                slug="made-by-staff",
                kind=CampaignKind.LETTER,
                state=CampaignState.LIVE,
                colour="#7a1f5c",
                position=1,
                target_rule=TargetRule.ALL,
                created_at=now,
            )
        )
    content.campaign()
    assert sync().gone == ()
    with sessions.read() as session:
        assert stored(session, "made-by-staff").state is CampaignState.LIVE


def test_a_check_says_what_would_happen_and_leaves_no_trace(
    sessions: Sessions, content: Content, sync: Sync, now: datetime
) -> None:
    folder = content.campaign()
    content.campaign("another")
    sync()
    folder.rename(content.folder / "new-one")
    content.campaign("another", SETTINGS.replace("10", "11"))
    with sessions.trial() as session:
        report = sync_campaigns(session, loaded(content.folder), now + timedelta(days=1))
    assert report.describe(would=True) == [
        "new-one: would be added",
        "  live letter; pages: en; letters: en",
        "another: would change",
        "  position: 10 → 11",
        f"{SLUG}: would be closed",
        "  its folder is gone; it was live",
        "campaigns: 0 unchanged",
    ]
    with sessions.read() as session:
        assert set(session.scalars(select(Campaign.slug))) == {SLUG, "another"}
        assert stored(session, "another").position == 10


def test_the_campaigns_that_ship_are_synced_and_stay(sessions: Sessions, now: datetime) -> None:
    campaigns = loaded(ROOT / "letter_templates")
    with sessions.write() as session:
        first = sync_campaigns(session, campaigns, now)
    with sessions.write() as session:
        second = sync_campaigns(session, campaigns, now)
    assert len(first.added) == len(second.unchanged) == len(campaigns) == 10
    assert not second
