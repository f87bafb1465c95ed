"""What is told before a campaign goes live."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from app.actions.readiness import reached_by, warnings
from app.campaigns.models import Campaign, TargetRule
from app.db import Sessions
from app.targets.models import Area, AreaKind, Target
from app.targets.reach import Share
from tests.support.builders import Scene, make_scene
from tests.support.costs import statements


def told(scene: Scene, today: date | None = None) -> list[str]:
    with scene.sessions.read() as session:
        campaign = session.get_one(Campaign, scene.campaign_id)
        return list(map(str, warnings(session, campaign, today or scene.now.date())))


def verify_all(scene: Scene) -> None:
    with scene.sessions.write() as session:
        session.execute(update(Target).values(verified_at=scene.now))


def test_targets_without_addresses_and_addresses_that_nobody_checked_are_counted(scene: Scene) -> None:
    scene.change_target("dan-moss", verified_at=scene.now)
    assert told(scene) == [
        "1 of 4 targets have no e-mail address: nobody can write to them.",
        "2 of 3 addresses are not verified: letters to them are held.",
    ]


def test_nothing_is_told_when_all_is_well(scene: Scene) -> None:
    verify_all(scene)
    scene.change_target("eve-silent", email="eve@zedmere.example")
    assert told(scene) == []


def test_councils_that_were_elected_since_are_named(scene: Scene) -> None:
    verify_all(scene)
    scene.change_target("dan-moss", stale_from=scene.now.date())
    [stale, _no_address] = told(scene)
    assert stale.startswith("There was an election after the day that our data describe: Zedmere (2026-11-24).")
    assert len(told(scene, scene.now.date() - timedelta(days=1))) == 1, "it is still to come"


def test_only_so_many_councils_are_named(scene: Scene) -> None:
    with scene.sessions.write() as session:
        bob = session.scalars(select(Target).where(Target.external_id == "bob-sample")).one()
        columns = {c.name: getattr(bob, c.name) for c in Target.__table__.columns if c.name != "id"}
        for number in range(12):
            council = session.scalars(
                insert(Area)
                .values(code=f"Z070001{number:02}", name=f"Borough {number:02}", kind=AreaKind.COUNCIL)
                .returning(Area.id)
            ).one()
            ward = {"code": f"Z050001{number:02}", "name": "Mill", "kind": AreaKind.WARD, "parent_id": council}
            ward_id = session.scalars(insert(Area).values(ward).returning(Area.id)).one()
            own = {"external_id": f"x-{number}", "area_id": ward_id, "stale_from": date(2026, 5, 7)}
            session.execute(insert(Target).values(columns | own))
    [stale, *_] = told(scene)
    assert "Borough 00 (2026-05-07)" in stale
    assert "Borough 09 (2026-05-07) and 2 more." in stale
    assert "Borough 10" not in stale


def test_who_has_left_does_not_count(scene: Scene) -> None:
    verify_all(scene)
    scene.change_target("eve-silent", archived_at=scene.now)
    assert told(scene) == []


def test_a_campaign_that_leads_to_nobody_is_told(scene: Scene) -> None:
    with scene.sessions.write() as session:
        session.execute(update(Target).values(archived_at=scene.now))
    assert told(scene) == ["Nobody can be written to: there is no councillor of a ward here."]


@pytest.mark.parametrize("rule", [TargetRule.ALL, TargetRule.CHOOSE])
def test_an_empty_list_is_named(sessions: Sessions, now: datetime, rule: TargetRule) -> None:
    scene = make_scene(sessions, now, target_rule=rule, target_lists="companies nobodies")
    assert told(scene) == [
        "Nobody is on the list nobodies.",
        "1 of 3 targets have no e-mail address: nobody can write to them.",
        "2 of 2 addresses are not verified: letters to them are held.",
    ]


def test_a_constituencys_member_is_stale_by_the_house_of_commons(sqlite_sessions: Sessions, now: datetime) -> None:
    scene = make_scene(sqlite_sessions, now, target_role="mp", target_area="constituency")
    with scene.sessions.write() as session:
        place = select(Area.id).where(Area.kind == AreaKind.CONSTITUENCY).scalar_subquery()
        session.execute(
            update(Target)
            .where(Target.external_id == "bob-sample")
            .values(role="mp", area_id=place, stale_from=now.date(), verified_at=now)
        )
    assert "the House of Commons (2026-11-24)" in told(scene)[0]


def test_the_postcodes_that_would_find_somebody_are_counted(scene: Scene) -> None:
    with scene.sessions.read() as session:
        campaign = session.get_one(Campaign, scene.campaign_id)
        assert reached_by(session, campaign) == Share(3, 4), "nobody in Hilltop has an address"


def test_a_campaign_that_asks_for_no_postcode_has_no_share(sqlite_sessions: Sessions, now: datetime) -> None:
    scene = make_scene(sqlite_sessions, now, target_rule=TargetRule.ALL)
    with scene.sessions.read() as session:
        assert reached_by(session, session.get_one(Campaign, scene.campaign_id)) is None


def test_it_takes_one_statement(sqlite_scene: Scene) -> None:
    with sqlite_scene.sessions.read() as session:
        campaign = session.get_one(Campaign, sqlite_scene.campaign_id)
        with statements(sqlite_scene.sessions.engine) as seen:
            warnings(session, campaign, sqlite_scene.now.date())
    assert len(seen) == 1
