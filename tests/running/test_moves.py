"""Another last day for a campaign under way: kept, written down, and honoured by the sweep."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.campaigns.fingerprint import fingerprint_of
from app.campaigns.lifecycle import UNDER_WAY, IllegalMoveError
from app.campaigns.models import Campaign, CampaignState
from app.db import Sessions
from app.roles import Role
from app.running.approvals import Approvals
from app.running.clockwork import Clockwork
from app.running.moves import Conductor, OfFilesError, TimesError
from app.staff.models import AuditEntry, StaffMember
from tests.support.builders import Scene, make_scene
from tests.support.staff import ADA

S = CampaignState
DAY = timedelta(days=1)

CloseAt = Callable[[Scene, datetime | None], None]


@pytest.fixture
def close_at(sessions: Sessions, now: datetime) -> CloseAt:
    """Another last day, given by an organiser."""
    with sessions.write() as session:
        ada = StaffMember(
            name="Ada", email=ADA, email_hash=b"a" * 32, role=Role.ORGANISER, language="en", created_at=now
        )
        session.add(ada)
        session.flush()
        actor = ada.id

    def change(scene: Scene, closes_at: datetime | None) -> None:
        with sessions.write() as session:
            campaign = session.get_one(Campaign, scene.campaign_id)
            Conductor(session, campaign, actor, Approvals(session, 1000, now)).close_at(closes_at)

    return change


def campaign_of(scene: Scene) -> Campaign:
    with scene.sessions.read() as session:
        return session.get_one(Campaign, scene.campaign_id)


def told(scene: Scene) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """What the audit says: deeds, with what was before and after."""
    with scene.sessions.read() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(entry.action, entry.before, entry.after) for entry in entries]


@pytest.mark.parametrize("state", UNDER_WAY)
def test_it_closes_at_its_new_time_and_not_at_the_old_one(
    sessions: Sessions, now: datetime, clockwork: Clockwork, close_at: CloseAt, state: CampaignState
) -> None:
    scene = make_scene(sessions, now, state=state, closes_at=now + DAY)
    close_at(scene, now + 3 * DAY)
    seen = []
    for after in (DAY, 3 * DAY - timedelta(seconds=1), 3 * DAY):
        clockwork.turn(now + after)
        seen.append(campaign_of(scene).state)
    assert seen == [state, state, S.CLOSED]
    before, after = ({"closes_at": f"{now + days:%Y-%m-%dT%H:%M}+00:00"} for days in (DAY, 3 * DAY))
    assert told(scene)[0] == ("campaign.last_day_changed", before, after)


def test_without_a_last_day_it_stays_open(
    sessions: Sessions, now: datetime, clockwork: Clockwork, close_at: CloseAt
) -> None:
    scene = make_scene(sessions, now, closes_at=now + DAY)
    close_at(scene, None)
    clockwork.turn(now + 400 * DAY)
    assert campaign_of(scene).state is S.LIVE
    assert told(scene) == [("campaign.last_day_changed", {"closes_at": f"{now + DAY:%Y-%m-%dT%H:%M}+00:00"}, {})]


def test_the_same_last_day_is_no_deed(sessions: Sessions, now: datetime, close_at: CloseAt) -> None:
    scene = make_scene(sessions, now, closes_at=now + DAY)
    close_at(scene, now + DAY)
    assert told(scene) == []


def test_what_is_checked_and_approved_stays_so(sessions: Sessions, now: datetime, close_at: CloseAt) -> None:
    scene = make_scene(sessions, now, closes_at=now + DAY)

    def fingerprint() -> bytes:
        with sessions.read() as session:
            return fingerprint_of(session.get_one(Campaign, scene.campaign_id))

    before = fingerprint()
    close_at(scene, now + 2 * DAY)
    assert fingerprint() == before


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        *(({"state": state}, IllegalMoveError) for state in S if state not in UNDER_WAY),
        ({"files_state": S.LIVE}, OfFilesError),
    ],
)
def test_only_staffs_own_campaigns_under_way_have_an_end_to_change(
    sessions: Sessions, now: datetime, close_at: CloseAt, columns: dict[str, Any], why: type[Exception]
) -> None:
    scene = make_scene(sessions, now, **columns)
    with pytest.raises(why):
        close_at(scene, now + DAY)
    assert (campaign_of(scene).closes_at, told(scene)) == (None, [])


@pytest.mark.parametrize("ahead", [timedelta(), -DAY])
def test_the_end_lies_ahead(scene: Scene, close_at: CloseAt, ahead: timedelta) -> None:
    with pytest.raises(TimesError):
        close_at(scene, scene.now + ahead)
    assert (campaign_of(scene).closes_at, told(scene)) == (None, [])
