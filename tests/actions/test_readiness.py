"""What is told before a campaign goes live."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from app.actions.readiness import warnings
from app.campaigns.matching import Who
from app.campaigns.models import Campaign, TargetRule
from app.campaigns.targeting import CampaignTier, Exclusion, Segment, Targeting
from app.db import Sessions
from app.letters.findings import Level, Remedy
from app.targets.models import Area, AreaKind, Target
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
        ("1 of 4 targets has no e-mail address. In 1 area nobody has one: Hilltop, Zedmere (1 postcode)."),
        "2 of 3 addresses are not verified: real mail to them is held.",
    ]


def test_nothing_is_told_when_all_is_well(scene: Scene) -> None:
    verify_all(scene)
    scene.change_target("eve-silent", email="eve@zedmere.example")
    assert told(scene) == []


def test_councils_that_were_elected_since_are_named(scene: Scene) -> None:
    verify_all(scene)
    scene.change_target("dan-moss", stale_from=scene.now.date())
    [stale, *_no_address] = told(scene)
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
        "1 of 3 targets has no e-mail address.",
        "2 of 2 addresses are not verified: real mail to them is held.",
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


def test_it_takes_few_statements(sqlite_scene: Scene) -> None:
    with sqlite_scene.sessions.read() as session:
        campaign = session.get_one(Campaign, sqlite_scene.campaign_id)
        with statements(sqlite_scene.sessions.engine) as seen:
            warnings(session, campaign, sqlite_scene.now.date())
    assert len(seen) == 2


# Under all rules


GREEN, LEADER = Who.of({"party": ["Green*"]}), Who.of({"posts": ["*leader*"]})


def told_of(sessions: Sessions, now: datetime, **columns: Any) -> list[str]:
    """What is told of a campaign with these columns whose targets' addresses are all verified."""
    scene = make_scene(sessions, now, **columns)
    verify_all(scene)
    scene.change_target("eve-silent", email="eve@zedmere.example")
    scene.change_target("mute", email="mute@mute.example")
    return told(scene)


def test_a_description_that_fits_nobody_is_told(sessions: Sessions, now: datetime) -> None:
    [line] = told_of(sessions, now, targeting=Targeting(who=LEADER))
    assert line == (
        "Nobody can be written to: there is no councillor of a ward here whom `who` describes (posts *leader*)."
    )


def test_a_tier_that_has_nobody_is_told(sessions: Sessions, now: datetime) -> None:
    [line] = told_of(sessions, now, targeting=Targeting(tier=CampaignTier.COUNTY))
    assert line == "Nobody can be written to: there is no councillor of a ward in the tier county here."


@pytest.mark.parametrize("rule", [TargetRule.ALL, TargetRule.CHOOSE, TargetRule.RANDOM, TargetRule.ROTATE])
def test_a_list_with_nobody_who_is_described_is_told(sessions: Sessions, now: datetime, rule: TargetRule) -> None:
    lists = {"target_rule": rule, "target_lists": "companies councillors"}
    assert told_of(sessions, now, targeting=Targeting(who=Who.of({"role": ["company"]})), **lists) == [
        "Nobody is on the list councillors whom `who` describes."
    ]
    everybody_of = Exclusion("all", Who.of({"role": ["company"]}))
    assert told_of(sessions, now, slug="another", targeting=Targeting(exclude=(everybody_of,)), **lists) == [
        "Everybody on the list companies is left out.",
        "3 targets are left out, as the campaign's page says.",
    ]


def test_an_exclusion_that_leaves_out_nobody_is_told(sessions: Sessions, now: datetime) -> None:
    assert told_of(sessions, now, targeting=Targeting(exclude=(Exclusion("friends", GREEN),))) == [
        "The exclusion friends leaves out nobody (party Green*)."
    ]


def test_an_audience_that_nobody_belongs_to_is_told(sessions: Sessions, now: datetime) -> None:
    leaders = Targeting(segments=(Segment("leaders", LEADER), Segment("leaders", GREEN), Segment("rest", Who())))
    assert told_of(sessions, now, targeting=leaders) == [
        "Nobody would get the letter to “leaders” (posts *leader*; or party Green*)."
    ]


def test_an_audience_that_the_fallback_belongs_to_is_none_that_nobody_does(sessions: Sessions, now: datetime) -> None:
    companies = Targeting(segments=(Segment("firms", Who.of({"role": ["company"]})),), fallback=("companies",))
    assert told_of(sessions, now, targeting=companies) == []


def test_a_fallback_that_cannot_be_written_to_is_told(sessions: Sessions, now: datetime) -> None:
    assert told_of(sessions, now, targeting=Targeting(fallback=("nobodies",))) == [
        "Nobody on the campaign's fallback lists (nobodies) can be written to."
    ]


def test_where_nobody_has_an_address_a_fallback_makes_it_a_warning(sessions: Sessions, now: datetime) -> None:
    scene = make_scene(sessions, now, targeting=Targeting(fallback=("companies",)))
    with scene.sessions.write() as session:
        session.execute(update(Target).where(Target.role == "councillor").values(email="", verified_at=None))
        findings = warnings(session, session.get_one(Campaign, scene.campaign_id), now.date())
    assert findings[0].level is Level.WARN
    assert str(findings[0]).startswith("4 of 4 targets have no e-mail address. ")
    assert "In 3 areas nobody has one: Canalside, Zedmere (2 postcodes); " in str(findings[0])


def test_the_largest_areas_without_an_address_are_named(sessions: Sessions, now: datetime) -> None:
    scene = make_scene(sessions, now)
    with scene.sessions.write() as session:
        zedmere = session.scalars(select(Area.id).where(Area.code == "Z09000001")).one()
        bob = session.scalars(select(Target).where(Target.external_id == "bob-sample")).one()
        columns = {c.name: getattr(bob, c.name) for c in Target.__table__.columns if c.name != "id"}
        for number in range(11):
            ward = {"code": f"Z050001{number:02}", "name": f"Mill {number:02}", "kind": AreaKind.WARD}
            place = session.scalars(insert(Area).values(ward | {"parent_id": zedmere}).returning(Area.id)).one()
            own = {"external_id": f"x-{number}", "area_id": place, "email": ""}
            session.execute(insert(Target).values(columns | own))
    line, *_ = told(scene)
    assert "In 12 areas nobody has one: the 10 largest are Hilltop, Zedmere (1 postcode);" in line
    assert "Mill 08, Zedmere (0 postcodes)." in line
    assert "Mill 09" not in line


COUNCILLORS_LACK = (Remedy.NO_ADDRESS, Remedy.UNVERIFIED, Remedy.STALE)


@pytest.mark.parametrize(
    ("columns", "remedies"),
    [
        ({"targeting": Targeting(who=LEADER)}, {Remedy.TARGETS}),
        (
            {"target_rule": TargetRule.ALL, "target_lists": "companies nobodies"},
            {Remedy.LISTS, Remedy.NO_ADDRESS, Remedy.UNVERIFIED},
        ),
        ({"targeting": Targeting(exclude=(Exclusion("friends", GREEN),))}, {Remedy.EXCLUSION, *COUNCILLORS_LACK}),
        ({"targeting": Targeting(exclude=(Exclusion("all", Who()),))}, {Remedy.NONE, Remedy.TARGETS}),
        ({"targeting": Targeting(segments=(Segment("leaders", LEADER),))}, {Remedy.AUDIENCE, *COUNCILLORS_LACK}),
        ({"targeting": Targeting(fallback=("nobodies",))}, {Remedy.FALLBACK, *COUNCILLORS_LACK}),
    ],
)
def test_each_finding_says_what_has_to_change(
    sqlite_sessions: Sessions, now: datetime, columns: dict[str, Any], remedies: set[Remedy]
) -> None:
    scene = make_scene(sqlite_sessions, now, **columns)
    scene.change_target("dan-moss", stale_from=now.date())
    with sqlite_sessions.read() as session:
        findings = warnings(session, session.get_one(Campaign, scene.campaign_id), now.date())
    assert {finding.remedy for finding in findings} == remedies
