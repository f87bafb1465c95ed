"""`flask targets coverage`, and what `flask campaigns move` warns of: whom a campaign would reach."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from sqlalchemy import update

from app.campaigns.matching import Who
from app.campaigns.models import Campaign, TargetRule
from app.campaigns.targeting import CampaignTier, Exclusion, Targeting
from app.targets.areas import store_areas
from app.targets.models import AreaKind, Target, TargetList
from app.targets.records import AreaRecord
from tests.cli.conftest import House


def at_hand(house: House, days: int = 5) -> None:
    """Let the lists describe a day some days ago."""
    day = house.platform.clock().date()
    with house.platform.sessions.write() as session:
        session.execute(update(TargetList).values(as_of=day.fromordinal(day.toordinal() - days)))


def test_every_council_is_a_line(house: House) -> None:
    at_hand(house)
    heading, commons, zedmere = house.says("targets", "coverage").splitlines()
    assert heading.split() == [
        "council",
        "wards",
        "seats",
        "e-mail",
        "vacant",
        "as",
        "of",
        "days",
        "bounces",
        "empty",
        "lost",
    ]
    assert commons.split() == ["K02000001", "House", "of", "Commons", "1", "0", "0", "0", "0", "1", "0"]
    cells = zedmere.split()
    assert cells[:6] == ["Z09000001", "Zedmere", "3", "4", "3", "0"]
    assert cells[7:] == ["5", "0", "0", "0"]


def test_the_table_for_other_programs_names_the_wards(house: House) -> None:
    house.scene.change_target("dan-moss", archived_at=house.scene.now)
    rows = list(csv.DictReader(io.StringIO(house.says("targets", "coverage", "--csv"))))
    assert [(row["code"], row["empty_wards"]) for row in rows] == [
        ("K02000001", "Zedmere and Thornby"),
        ("Z09000001", "Station Road"),
    ]
    assert rows[1]["stale"] == "no"


def test_one_council_is_told_in_full(house: House) -> None:
    at_hand(house)
    day = house.platform.clock().date()
    house.scene.change_target("dan-moss", archived_at=house.scene.now)
    house.scene.change_target("eve-silent", area_id=None)
    house.scene.change_target("bob-sample", stale_from=day)
    told = house.says("targets", "coverage", "--council", "Z09000001").splitlines()
    assert told[0] == "Zedmere (Z09000001)"
    assert "  with an e-mail address: 2 of 2; of these send mail back: 0" in told
    assert told[3].endswith("5 days ago, older than its last election")
    assert told[4:] == ["  without councillors: Hilltop", "  without councillors: Station Road"]
    assert "1 of no ward (the list names no ward)" in house.says("targets", "coverage", "--csv")


def test_a_council_that_nobody_knows_is_told(house: House) -> None:
    assert "There is no council Z99." in house.refuses("targets", "coverage", "--council", "Z99")


def change_campaign(house: House, **columns: Any) -> list[str]:
    """Change columns of the campaign; what is told of it then."""
    with house.platform.sessions.write() as session:
        campaign = session.get_one(Campaign, house.scene.campaign_id)
        for name, value in columns.items():
            setattr(campaign, name, value)
    return house.says("targets", "coverage", "--campaign", "abolish-reporting").splitlines()


def test_who_would_be_offered_the_fallback_is_told_apart(house: House) -> None:
    told = change_campaign(house, targeting=Targeting(fallback=("companies",)))
    assert told[:2] == [
        "75.0 % of the postcodes find somebody to write to: 3 of 4.",
        "25.0 % more would be offered the campaign's fallback lists: 1.",
    ]


def test_where_everybody_is_left_out_or_of_another_tier_is_told(house: House) -> None:
    everybody = Exclusion("friends", Who.of({"role": ["councillor"]}))
    told = change_campaign(house, targeting=Targeting(exclude=(everybody,)))
    assert told[:2] == [
        "0.0 % of the postcodes find somebody to write to: 0 of 4.",
        "100.0 % are told that no letter is needed, for the campaign leaves out everybody there: 4.",
    ]
    told = change_campaign(house, targeting=Targeting(tier=CampaignTier.COUNTY))
    assert told[1] == "100.0 % are told that they have no council of the tier that the campaign writes to: 4."


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        ({"target_rule": TargetRule.ALL}, "Everybody writes to 2 targets with an address."),
        ({"target_rule": TargetRule.CHOOSE}, "Supporters choose up to 1 of 2 targets with an address."),
        ({"target_rule": TargetRule.RANDOM}, "Each letter goes to 1 of 2 targets with an address, by chance."),
        ({"target_rule": TargetRule.ROTATE}, "Each letter goes to 1 of 2 targets with an address, in turn."),
        (
            {"target_rule": TargetRule.ONE, "targeting": Targeting(who=Who.of({"name": ["ACME*"]}))},
            "Everybody writes to 1 target with an address.",
        ),
        (
            {"target_rule": TargetRule.ONE, "targeting": Targeting(fallback=("councillors",))},
            "Nobody on its lists can be written to; 3 on its fallback lists can.",
        ),
    ],
)
def test_a_campaign_without_postcodes_says_whom_supporters_find(
    house: House, columns: dict[str, Any], line: str
) -> None:
    told = change_campaign(house, target_lists="companies", **columns)
    assert told[0] == f"The campaign asks for no postcode. {line}"


def test_whom_a_campaigns_supporters_would_find_is_told_in_one_number(house: House) -> None:
    first, *rest = house.says("targets", "coverage", "--campaign", "abolish-reporting").splitlines()
    assert first == "75.0 % of the postcodes find somebody to write to: 3 of 4."
    assert rest[0] == "25.0 % find nobody: 1."
    assert rest[1].startswith("1 of 4 targets has no e-mail address. In 1 area nobody has one:")
    assert "There is no campaign none." in house.refuses("targets", "coverage", "--campaign", "none")


def test_a_campaign_that_is_ready_goes_live_without_a_word(house: House) -> None:
    with house.platform.sessions.write() as session:
        session.execute(update(Target).values(verified_at=house.scene.now))
    house.scene.change_target("eve-silent", email="eve@zedmere.example")
    assert house.run("campaigns", "move", "abolish-reporting", "live").stderr == ""


def test_a_campaign_that_goes_live_warns_and_goes_live(house: House) -> None:
    house.says("campaigns", "move", "abolish-reporting", "paused")
    done = house.run("campaigns", "move", "abolish-reporting", "live")
    assert (done.exit_code, done.stdout) == (0, "abolish-reporting is live\n")
    assert "warning: 1 of 4 targets has no e-mail address" in done.stderr


def test_a_campaign_that_rests_needs_no_warning(house: House) -> None:
    assert house.run("campaigns", "move", "abolish-reporting", "paused").stderr == ""


def test_councils_that_nobody_is_known_of_are_one_line_where_they_are_many(house: House) -> None:
    with house.platform.sessions.write() as session:
        boroughs = [AreaRecord(f"Z090001{number:02}", f"Borough {number}", AreaKind.COUNCIL) for number in range(20)]
        store_areas(session, boroughs)
    *table, last = house.says("targets", "coverage").splitlines()
    assert [line.split()[0] for line in table] == ["council", "Z09000001"]
    assert last == "and 21 councils that no list has anybody of; --csv names them"
    assert house.says("targets", "coverage", "--csv").count("Borough ") == 20
