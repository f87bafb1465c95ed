"""The figures at the door: for whoever holds the token, in Prometheus' format, and about nobody."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import TestResponse

from app.delivery.lane_desk import split
from app.targets.models import Target
from tests.web.site import Site
from tests.web.ways import EMAIL, NAME, OWN_WORDS, WARD, to_mail, to_own

TOKEN = "a-token-of-these-tests-which-is-long"
COUNCIL = "zedmere.example"


@pytest.fixture
def watched_site(make_site: Callable[..., Site]) -> Site:
    """A site that Prometheus may ask."""
    return make_site(METRICS_TOKEN=TOKEN)


def ask(site: Site, authorization: str | None = f"Bearer {TOKEN}", *, path: str = "/metrics") -> TestResponse:
    headers = {} if authorization is None else {"Authorization": authorization}
    return site.app.test_client().get(path, headers=headers)


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Each sample of an answer by its name and the values of its labels, in the order of the labels' names."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_prometheus_reads_what_supporters_have_done(watched_site: Site) -> None:
    site = watched_site
    to_own(site, site.visitor())
    before = samples(ask(site).text)
    assert before["solidarity_deliveries", "letter", "queued"] == len(WARD.recipients)
    assert before["solidarity_deliveries", "notice", "sent"] == 1
    assert before["solidarity_lane_deliveries", COUNCIL, "queued"] == len(WARD.recipients)
    assert before["solidarity_last_sweep_timestamp_seconds",] == 0
    site.clock.forward(timedelta(minutes=5))
    later = samples(ask(site).text)
    assert later["solidarity_oldest_due_seconds", "letter"] == later["solidarity_overdue_seconds", "letter"] == 300
    site.platform.dispatcher.sweep()
    after = samples(ask(site).text)
    assert after["solidarity_sends_total", COUNCIL, "accepted"] == len(WARD.recipients)
    assert after["solidarity_sends_total", "notices", "accepted"] == 2
    assert after["solidarity_overdue_seconds", "letter"] == 0
    assert after["solidarity_last_sweep_timestamp_seconds",] == site.clock().timestamp()
    assert after["solidarity_brakes", "everything"] == after["solidarity_reports_total", "bounced"] == 0
    assert after["solidarity_lane_resting", COUNCIL] == after["solidarity_lane_troubled", COUNCIL] == 0
    assert before.keys() == after.keys()


def test_every_figure_says_what_it_is_and_in_which_unit(watched_site: Site) -> None:
    families = list(text_string_to_metric_families(ask(watched_site).text))
    assert len(families) == len({family.name for family in families}) == 10
    for family in families:
        assert family.name.startswith("solidarity_")
        assert family.documentation.endswith(".")
        assert all(sample.name.endswith("_total") == (family.type == "counter") for sample in family.samples)


def test_nothing_in_it_is_about_a_person(watched_site: Site) -> None:
    site = watched_site
    to_own(site, site.visitor())
    site.deliver()
    to_mail(site.visitor(), email="bob@supporter.example")
    with site.platform.sessions.read() as session:
        mailbox = session.get_one(Target, site.target_id("Adaeze Okoro-Finch")).email
    split(site.platform.sessions, mailbox)
    site.deliver()
    text = ask(site).text
    assert f"*@{COUNCIL}" in text
    assert set(re.findall(r'([^"\s]+)@', text)) == {"*"}
    for word in (NAME, EMAIL, "supporter.example", *OWN_WORDS.split("\n\n"), *WARD.recipients):
        assert word not in text


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN, "Bearer ÿ"],
)
def test_without_the_token_nothing_is_told(watched_site: Site, authorization: str | None) -> None:
    answer = ask(watched_site, authorization)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "solidarity_" not in answer.text


def test_without_the_setting_there_is_no_such_page(site: Site) -> None:
    assert ask(site).status_code == 404
    assert ask(site, "Bearer None").status_code == 404
    assert ask(site, "Bearer ").status_code == 404


def test_it_is_no_page_for_browsers(watched_site: Site) -> None:
    answer = ask(watched_site)
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert ask(watched_site, path="/ar/metrics").status_code == 404
    posted = watched_site.app.test_client().post("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert posted.status_code == 405
