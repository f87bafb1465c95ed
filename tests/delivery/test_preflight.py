"""The verdict before a campaign opens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from app.campaigns.find import UnknownCampaignError
from app.campaigns.models import CampaignPage, TargetRule
from app.db import Sessions
from app.delivery.models import SuppressionReason
from app.delivery.preflight import Ask, Report, preflight
from app.delivery.suppressions import suppress
from app.letters.findings import Level
from app.mail.records import RecordKind
from app.mail.sending_domain import Sender
from app.targets.models import Target
from tests.mail.names import Names
from tests.support.builders import Scene, letter_template, make_scene, with_segment

OWN = "zedmere.example"
GOOD = Names(
    {OWN: ["v=spf1 mx -all"], f"_dmarc.{OWN}": ["v=DMARC1; p=reject"], f"MX {OWN}": ["10 mail.zedmere.example."]}
)
SENDER = Sender(OWN, OWN, None)
LONG_ENOUGH = "I ask you to act on this in {{ area.name }}, as many of us do. " * 4


@pytest.fixture
def ready(sessions: Sessions, now: datetime) -> Scene:
    """A campaign that nothing speaks against."""
    template = letter_template(now)
    template.body = LONG_ENOUGH
    scene = make_scene(sessions, now, templates=[template])
    with sessions.write() as session:
        session.execute(update(Target).values(verified_at=now))
    scene.change_target("eve-silent", email="eve.silent@zedmere.example")
    return scene


def look(scene: Scene, sender: Sender | None = SENDER, names: Names = GOOD, **ask: Any) -> Report:
    return preflight(scene.sessions, Ask("abolish-reporting", scene.now.date(), **ask), sender, names)


def said(report: Report, level: Level) -> list[str]:
    return [finding.sentence for finding in report.of(level)]


def test_a_campaign_that_nothing_speaks_against_is_ready(ready: Scene) -> None:
    report = look(ready)
    assert report.verdict == "Ready"
    assert report.ready
    assert report.letters == len(report.sample) == 4
    assert said(report, Level.NOTE) == [
        "Who signs is not known here: send yourself a letter and look for dkim=pass in its source."
    ]


def test_what_somebody_should_look_at_is_counted_and_does_not_stop(ready: Scene) -> None:
    ready.change_target("eve-silent", email="")
    assert look(ready).verdict == "Ready, with 1 warning"
    ready.change_target("bob-sample", salutation="Dear Cllr SAMPLE")
    report = look(ready)
    assert (report.verdict, report.ready) == ("Ready, with 2 warnings", True)


def test_what_must_be_put_right_is_said(ready: Scene) -> None:
    ready.change_target("bob-sample", salutation="Dear Cllr")
    report = look(ready)
    assert (report.verdict, report.ready) == ("Not ready: The greeting ends before a name comes.", False)
    with ready.sessions.write() as session:
        session.execute(update(Target).values(verified_at=None))
    assert look(ready).verdict == (
        "Not ready: 4 of 4 addresses are not verified: real mail to them is held. (and 1 more)"
    )


def test_a_domain_that_receivers_turn_away_stops_the_campaign(ready: Scene) -> None:
    report = look(ready, names=Names({**GOOD.records, OWN: []}))
    assert report.verdict == f"Not ready: {OWN} has no SPF record: it does not say who may send for it."


def test_without_dns_there_is_one_warning_for_all_that_is_unknown(ready: Scene) -> None:
    report = look(ready, names=Names(away=frozenset("*")))
    assert report.verdict == "Ready, with 1 warning"
    unknown = f"SPF; DMARC; alignment; MX of {OWN}"
    assert said(report, Level.WARN) == [
        f"Nobody answered when your mail domain was asked about, so nothing is known of {unknown}."
    ]


def test_where_mail_reaches_nobody_the_dns_is_not_asked(ready: Scene) -> None:
    names = Names()
    report = look(ready, None, names)
    assert (report.verdict, report.domain, names.asked) == ("Ready", [], [])
    assert said(report, Level.NOTE) == [
        "Mail stays on this machine. Your mail domain is looked at once mail leaves it."
    ]


def test_no_transaction_is_open_while_the_dns_is_asked(ready: Scene) -> None:
    open_while_asking: list[int] = []

    def look_up(name: str, kind: RecordKind) -> list[str]:
        open_while_asking.append(ready.sessions.engine.pool.checkedout())
        return list(GOOD(name, kind))

    preflight(ready.sessions, Ask("abolish-reporting", ready.now.date()), SENDER, look_up)
    assert set(open_while_asking) == {0}


def test_addresses_that_must_not_be_mailed_are_counted(ready: Scene) -> None:
    with ready.sessions.write() as session:
        suppress(session, "Bob.Sample@zedmere.example", SuppressionReason.HARD_BOUNCE, "bounced", ready.now)
        suppress(session, "somebody@else.example", SuppressionReason.HARD_BOUNCE, "bounced", ready.now)
    assert said(look(ready), Level.WARN) == ["1 of 4 addresses must not be mailed: see `flask suppressions list`."]


def test_a_campaign_without_a_letter_to_anybody_is_not_ready(sessions: Sessions, now: datetime) -> None:
    scene = make_scene(sessions, now, target_rule=TargetRule.ALL, target_lists="nobodies")
    report = look(scene)
    assert report.verdict == "Not ready: Nobody can be written to: there is nobody on the list nobodies. (and 1 more)"
    assert report.sample == []


def test_a_letter_that_nobody_would_get_is_told(sessions: Sessions, now: datetime) -> None:
    scene = make_scene(sessions, now, **with_segment(now, "supportive", "nobody-here"))
    assert "Nobody would get the letter to “supportive”." in said(look(scene), Level.WARN)


def test_the_sample_is_as_large_as_it_is_asked_to_be(ready: Scene) -> None:
    assert len(look(ready, sample=2).sample) == 2


def test_a_campaign_that_is_not_there_is_refused(sqlite_sessions: Sessions, now: datetime) -> None:
    make_scene(sqlite_sessions, now)
    with pytest.raises(UnknownCampaignError, match="There is no campaign none"):
        preflight(sqlite_sessions, Ask("none", now.date()), None, GOOD)


def test_what_is_odd_about_the_words_of_the_page_is_said_once_for_each_language(ready: Scene) -> None:
    with ready.sessions.write() as session:
        page = session.scalars(select(CampaignPage).where(CampaignPage.language == "en")).one()
        page.ask = "STOP REPORTING PEOPLE NOW"
        page.thanks = "THANK YOU ALL, {{ name }}."
        page.body_html = (
            '<p>Read <a href="http://news.example/?fbclid=1">the report</a>.</p><p>It is [insert date].</p>'
        )
    report = look(ready)
    odd = {(finding.sentence, finding.quote) for finding in report.findings if finding.quote}
    assert odd == {
        ("Words in capitals shout.", "STOP REPORTING PEOPLE NOW"),
        ("A placeholder of the template is left.", "THANK YOU ALL, {{ name }}."),
        ("A link does not begin with https://.", "http://news.example/?fbclid=1"),
        ("A link carries a mark by which its reader is followed.", "http://news.example/?fbclid=1"),
        ("A place that is to be filled in is left.", "[insert date]"),
    }
    assert {finding.where for finding in report.findings if finding.quote} == {"the campaign’s page (English)"}
    assert not report.ready, "a placeholder on a page is never filled in"
