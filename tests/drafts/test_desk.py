"""Writing campaigns: whatever is typed is kept, and what has no mistake becomes rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.campaigns.content import sync_campaigns
from app.campaigns.document import Document
from app.campaigns.files import load_campaigns
from app.campaigns.folder import IMAGE
from app.campaigns.models import Campaign, CampaignState, LetterTemplate
from app.db import Sessions
from app.drafts.blank import blank, copied
from app.drafts.desk import DraftDesk, FaultyError, FilesOwnError, SlugFixedError, SlugTakenError, StaleError
from app.drafts.export import exported
from app.drafts.places import Place, Step
from app.drafts.work import Work, check, find_work
from app.staff.audit import Sought, entries
from app.staff.models import Partner, PartnerCampaign
from tests.support.builders import make_scene

SHIPPED = Path(__file__).parents[2] / "letter_templates"
ASK, LETTER = Place(Step.ASK), Place(Step.LETTER)


def fill_page(document: Document) -> None:
    page = document.pages["en"]
    page.update(ask="Ask them.", summary="In short.", invitation="Why?", body="## Why\n\nBecause.")


def fill_letter(document: Document) -> None:
    document.letters["en"].update(subject="Please act in {{ area.name }}", body="I live in {{ area.name }}.")


def work_of(session: Session, slug: str) -> Work:
    work = find_work(session, slug)
    assert work is not None
    return work


@pytest.fixture
def desk(now: datetime) -> Callable[[Session], DraftDesk]:
    return lambda session, partner_id=None, at=now: DraftDesk(session, None, partner_id, at)


def built(desk: DraftDesk) -> str:
    """A draft that was filled in step by step, and so is a campaign that nobody sees; its slug."""
    slug = desk.begin("Own streets", blank("Own streets")).slug
    for place, fill in ((LETTER, fill_letter), (ASK, fill_page)):
        work = work_of(desk.session, slug)
        desk.save(slug, place, place.mark(work.document), fill)
    return slug


def opened(session: Session, slug: str) -> Campaign:
    campaign = work_of(session, slug).campaign
    assert campaign is not None
    campaign.state = CampaignState.LIVE
    session.flush()
    return campaign


def test_an_incomplete_draft_is_kept_and_is_no_campaign(sessions: Sessions, desk: Callable[..., DraftDesk]) -> None:
    with sessions.write() as session:
        slug = desk(session).begin("Déjà vu!", blank("Déjà vu!")).slug
    with sessions.read() as session:
        work = work_of(session, slug)
        assert (slug, work.campaign) == ("deja-vu", None)
        missing = {(problem.path.name, problem.key) for problem in check(session, work).problems}
        assert missing == {
            *(("page.en.md", key) for key in ("ask", "summary", "body")),
            ("letter.en.md", "body"),
        }


def test_what_has_no_mistake_becomes_a_campaign_that_nobody_sees(
    sessions: Sessions, desk: Callable[..., DraftDesk]
) -> None:
    with sessions.write() as session:
        slug = built(desk(session))
    with sessions.read() as session:
        campaign = work_of(session, slug).campaign
        assert campaign is not None
        assert (campaign.state, campaign.files_state) == (CampaignState.DRAFT, None)
        assert campaign.page_in("en").title == "Own streets"
        assert [row.version for row in campaign.templates] == [1]
        assert not work_of(session, slug).pending


def test_before_it_opens_each_save_is_a_version_and_afterwards_somebody_must_publish(
    sessions: Sessions, desk: Callable[..., DraftDesk]
) -> None:
    def reword(words: str) -> Callable[[Document], None]:
        return lambda document: document.letters["en"].update(body=words)

    with sessions.write() as session:
        desk_ = desk(session)
        slug = built(desk_)
        for words in ("Once more.", "And again."):
            desk_.save(slug, LETTER, LETTER.mark(work_of(session, slug).document), reword(words))
        opened(session, slug)
        work = desk_.save(slug, LETTER, LETTER.mark(work_of(session, slug).document), reword("Seen by nobody yet."))
        assert work.pending
        versions = session.scalars(select(LetterTemplate.body).order_by(LetterTemplate.version)).all()
        assert versions == ["I live in {{ area.name }}.", "Once more.", "And again."]
        desk_.publish(slug, work.revision)
        assert not work_of(session, slug).pending
        assert session.scalars(select(LetterTemplate.body).order_by(LetterTemplate.version.desc())).first() == (
            "Seen by nobody yet."
        )


def test_a_faulty_draft_of_an_open_campaign_is_kept_and_cannot_be_published(
    sessions: Sessions, desk: Callable[..., DraftDesk]
) -> None:
    with sessions.write() as session:
        slug = built(desk(session))
        opened(session, slug)
        mark = ASK.mark(work_of(session, slug).document)
        work = desk(session).save(slug, ASK, mark, lambda document: document.pages["en"].update(ask=""))
    with sessions.write() as session, pytest.raises(FaultyError):
        desk(session).publish(slug, work.revision)
    with sessions.read() as session:
        work = work_of(session, slug)
        assert work.document.pages["en"]["ask"] == ""
        assert work.campaign is not None
        assert work.campaign.page_in("en").ask == "Ask them."


def test_two_people_do_not_overwrite_each_other(sessions: Sessions, desk: Callable[..., DraftDesk]) -> None:
    with sessions.write() as session:
        desk_ = desk(session)
        slug = desk_.begin("both", blank("Both")).slug
        seen = ASK.mark(work_of(session, slug).document)
        desk_.save(slug, ASK, seen, lambda document: document.pages["en"].update(ask="Hers."))
        with pytest.raises(StaleError):
            desk_.save(slug, ASK, seen, lambda document: document.pages["en"].update(ask="His."))
        assert work_of(session, slug).document.pages["en"]["ask"] == "Hers."


def test_two_people_at_different_steps_are_no_trouble_and_a_repeated_press_neither(
    sessions: Sessions, desk: Callable[..., DraftDesk]
) -> None:
    with sessions.write() as session:
        desk_ = desk(session)
        slug = desk_.begin("both", blank("Both")).slug
        document = work_of(session, slug).document
        for place, fill in ((ASK, fill_page), (LETTER, fill_letter), (ASK, fill_page)):
            desk_.save(slug, place, place.mark(document), fill)
        assert check(session, work_of(session, slug)).files is not None


def test_a_letter_with_blanks_that_is_saved_after_the_page_takes_its_words(
    sessions: Sessions, desk: Callable[..., DraftDesk]
) -> None:
    with sessions.write() as session:
        desk_ = desk(session)
        slug = desk_.begin("both", blank("Both")).slug
        seen = LETTER.mark(work_of(session, slug).document)
        desk_.save(slug, ASK, ASK.mark(work_of(session, slug).document), fill_page)
        work = desk_.save(slug, LETTER, seen, lambda document: document.letters.update(blank("Both").letters))
        assert "This is what I ask of you: Ask them." in work.document.letters["en"]["body"]
        assert "[[" not in work.document.letters["en"]["body"]


def test_a_draft_knows_which_steps_somebody_has_saved(sessions: Sessions, desk: Callable[..., DraftDesk]) -> None:
    with sessions.write() as session:
        slug = built(desk(session))
        document = work_of(session, slug).document
        assert [work_of(session, slug).has_saved(step) for step in Step] == [True, False, True, False, False, False]
        mails = Place(Step.MAILS)
        work = desk(session).save(slug, mails, mails.mark(document), lambda _document: None)
        assert work.has_saved(Step.MAILS), "if only as it was"


def test_an_old_page_does_not_publish_what_nobody_has_looked_at(
    sessions: Sessions, desk: Callable[..., DraftDesk]
) -> None:
    with sessions.write() as session:
        slug = built(desk(session))
        revision = work_of(session, slug).revision
        mark = ASK.mark(work_of(session, slug).document)
        desk(session).save(slug, ASK, mark, lambda document: document.pages["en"].update(ask="Newer."))
        with pytest.raises(StaleError):
            desk(session).publish(slug, revision)


def test_a_campaign_of_files_is_read_only_and_can_be_copied(
    sessions: Sessions, now: datetime, desk: Callable[..., DraftDesk]
) -> None:
    campaigns, problems = load_campaigns(SHIPPED)
    assert problems == []
    with sessions.write() as session:
        sync_campaigns(session, campaigns, now)
        for files in campaigns:
            work = work_of(session, files.slug)
            assert work.owned_by_files
            texts = {name: content for name, content in exported(work).items() if name != IMAGE}
            lies = {path.name: path.read_bytes() for path in (SHIPPED / files.slug).glob("*.[mt]*")}
            assert texts == lies, "a campaign of files is taken away as it lies there"
            with pytest.raises(FilesOwnError):
                desk(session).save(files.slug, ASK, "", fill_page)
            copy = desk(session).begin(files.slug, copied(work.document, f"Like {files.slug}"), files.slug, work.image)
            assert copy.slug == f"{files.slug}-2"
            assert {problem.message for problem in check(session, work_of(session, copy.slug)).problems} <= {
                f"there is no target list `{slug}`" for slug in files.settings.targets.lists
            } | {"`invitation` is missing"}


def test_an_address_changes_until_somebody_has_written(
    sessions: Sessions, now: datetime, desk: Callable[..., DraftDesk]
) -> None:
    with sessions.write() as session:
        slug = built(desk(session))
        desk(session).rename(slug, "our-streets")
        assert find_work(session, slug) is None
        assert work_of(session, "our-streets").campaign is not None
        desk(session).begin("taken", blank("Taken"))
        with pytest.raises(SlugTakenError):
            desk(session).rename("our-streets", "taken")
    scene = make_scene(sessions, now)
    with sessions.write() as session:
        written = session.get_one(Campaign, scene.campaign_id)
        written.files, slug = copied(blank("Written"), "").write({}), written.slug
    scene.confirmed()
    with sessions.write() as session, pytest.raises(SlugFixedError):
        desk(session).rename(slug, "other-streets")


def test_what_is_thrown_away_leaves_what_is_published(sessions: Sessions, desk: Callable[..., DraftDesk]) -> None:
    with sessions.write() as session:
        slug = built(desk(session))
        opened(session, slug)
        mark = ASK.mark(work_of(session, slug).document)
        desk(session).save(slug, ASK, mark, lambda document: document.pages["en"].update(ask="Never mind."))
        assert desk(session).throw_away(slug)
        assert not work_of(session, slug).pending
        alone = desk(session).begin("alone", blank("Alone")).slug
        assert not desk(session).throw_away(alone)
        assert find_work(session, alone) is None


def test_a_partners_draft_becomes_the_partners_campaign(sessions: Sessions, desk: Callable[..., DraftDesk]) -> None:
    with sessions.write() as session:
        partner = Partner(name="Tenants of Zedmere")
        session.add(partner)
        session.flush()
        slug = built(desk(session, partner.id))
        campaign = work_of(session, slug).campaign
        assert campaign is not None
        assert session.get(PartnerCampaign, (partner.id, campaign.id)) is not None


def test_an_old_version_comes_back_as_a_new_one(
    sessions: Sessions, desk: Callable[..., DraftDesk], now: datetime
) -> None:
    with sessions.write() as session:
        slug = built(desk(session))
        old = dict(work_of(session, slug).document.letters["en"])
        mark = LETTER.mark(work_of(session, slug).document)
        desk(session).save(slug, LETTER, mark, lambda document: document.letters["en"].update(body="Worse."))
        opened(session, slug)
        desk(session, at=now + timedelta(hours=1)).restore(slug, "en", old)
        versions = session.scalars(select(LetterTemplate).order_by(LetterTemplate.version)).all()
        assert [row.body for row in versions] == ["I live in {{ area.name }}.", "Worse.", "I live in {{ area.name }}."]
        assert not work_of(session, slug).pending


def test_the_audit_says_what_changed_and_not_what_it_says(sessions: Sessions, desk: Callable[..., DraftDesk]) -> None:
    with sessions.write() as session:
        built(desk(session))
        told = entries(session, Sought(), limit=20)
        assert [entry.action for entry in told] == ["campaign.published", "draft.saved", "draft.saved", "draft.begun"]
        assert told[1].after["changed"] == ["page.en.md: ask, body, invitation, summary"]
        assert "Because" not in str([(entry.before, entry.after) for entry in told])


def test_what_is_exported_carries_the_state_that_the_campaign_is_in(
    sessions: Sessions, desk: Callable[..., DraftDesk], now: datetime
) -> None:
    with sessions.write() as session:
        slug = built(desk(session))
        campaign = opened(session, slug)
        campaign.closes_at = now
        assert b"[dates]\ncloses = 2026-11-24 09:30:00\n" in exported(work_of(session, slug))["campaign.toml"]
        assert b'state = "live"' in exported(work_of(session, slug))["campaign.toml"]
        campaign.state = CampaignState.WON
        campaign.page_in("en").won = "They gave in."
        assert b'won = "They gave in."' in exported(work_of(session, slug))["page.en.md"]
