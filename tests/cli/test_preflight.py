"""`flask campaigns preflight`: one command, one verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from app.campaigns.models import Campaign
from app.targets.models import Target
from tests.cli.conftest import House, running, unchanged
from tests.mail.names import Names

DOMAIN = "solidarity-post.example"
GOOD = {DOMAIN: ["v=spf1 mx -all"], f"_dmarc.{DOMAIN}": ["v=DMARC1; p=reject"], f"MX {DOMAIN}": ["10 mx.example."]}
LONG_ENOUGH = "I ask you to act on this in {{ area.name }}, as many of us do. " * 4


@pytest.fixture
def names() -> Names:
    return Names(GOOD)


@pytest.fixture
def ready(house: House, names: Names) -> House:
    """A house that mails people, and a campaign that nothing speaks against."""
    house.transport.reaches_people = True
    with house.platform.sessions.write() as session:
        session.execute(update(Target).values(verified_at=house.scene.now))
        campaign = session.get_one(Campaign, house.scene.campaign_id)
        campaign.templates[0].body = LONG_ENOUGH
    house.scene.change_target("eve-silent", email="eve.silent@zedmere.example")
    house.run = running(replace(house.platform, look_up=names))
    return house


def test_a_campaign_that_is_ready_is_told_so_and_ends_with_0(ready: House) -> None:
    with unchanged(ready.platform):
        done = ready.run("campaigns", "preflight", "abolish-reporting")
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert lines[-1] == "Ready"
    assert any(
        line.startswith("  to “all”, version 1: 4 letters; 56 words, 1 minute to read, reading") for line in lines
    )
    assert f"  ok       {DOMAIN} has one SPF record, which ends in -all; it takes 1 of 10 look-ups." in lines
    assert ready.transport.messages == []


def test_the_sample_is_shown_as_it_would_arrive(ready: House) -> None:
    output = ready.says("campaigns", "preflight", "abolish-reporting", "--sample", "1")
    letter = output.partition("\nLetters\n")[0].splitlines()
    assert letter[0] == "---- letter 1 of 1, to the audience “all”"
    assert letter[1] == f"From: Robin Sample <letters@{DOMAIN}>"
    assert letter[2].startswith("To: Cllr ")
    assert letter[4].startswith("Subject: Please oppose reporting in ")
    assert letter[6].startswith("Dear Cllr ")
    assert letter[-2:] == ["Robin Sample", "ZZ9 9ZZ"]
    assert output.count("Subject: ") == 1


def test_without_a_sample_the_report_begins_at_once(ready: House) -> None:
    assert ready.says("campaigns", "preflight", "abolish-reporting", "--sample", "0").startswith("Letters\n")


def test_a_campaign_that_is_not_ready_is_told_why_and_ends_with_1(ready: House) -> None:
    ready.scene.change_target("bob-sample", salutation="Dear Cllr")
    done = ready.run("campaigns", "preflight", "abolish-reporting", "--sample", "0")
    assert done.exit_code == 1
    lines = done.output.splitlines()
    assert lines[-1] == "Not ready: The greeting ends before a name comes."
    place = lines.index("  stop  greeting: The greeting ends before a name comes. (1 of 4 to “all”)")
    assert lines[place + 1].strip() == "Cllr Bob Sample: Dear Cllr"


def test_a_warning_is_no_reason_to_end_with_1(ready: House) -> None:
    ready.scene.change_target("eve-silent", email="")
    done = ready.run("campaigns", "preflight", "abolish-reporting", "--sample", "0")
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "Ready, with 1 warning")
    assert "  warn  1 of 4 targets has no e-mail address." in done.output


def test_a_house_that_mails_nobody_does_not_ask_the_dns(house: House, names: Names) -> None:
    done = running(replace(house.platform, look_up=names))("campaigns", "preflight", "abolish-reporting")
    assert names.asked == []
    told = "Mail stays on this machine. Your mail domain is looked at once mail leaves it."
    assert f"  note  {told}" in done.output
    assert "The sending domain" not in done.output


def test_a_campaign_that_is_not_there_is_refused_in_a_line(house: House) -> None:
    assert house.refuses("campaigns", "preflight", "none") == "Error: There is no campaign none.\n"
