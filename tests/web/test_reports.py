"""The reports of staff: who sees which, that page, CSV and JSON say the same, and what a browser may do with them."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from app.actions.models import Letter
from app.actions.recipients import Wish
from app.campaigns.models import Campaign, CampaignState
from app.queue.models import Lane
from app.queue.states import DeliveryState
from app.reporting.counters import SERIES
from app.reporting.report import CAMPAIGN, HOUSE
from app.roles import Role
from app.staff.models import PartnerCampaign, StaffMember
from app.staff.token_models import Scope
from app.targets.models import Target
from app.web.organise.report_tables import ROWS, SHORT
from app.web.organise.reports import AFTER_CAMPAIGN, AFTER_HOUSE
from app.web.public.steps import EVERY
from tests.reporting.conftest import fill
from tests.support.builders import Scene
from tests.support.staff import BEN
from tests.web.reading import Page
from tests.web.site import Site
from tests.web.staff import add_member, signed_in
from tests.web.test_api import ask, token_of
from tests.web.visitor import Visitor
from tests.web.ways import WARD

SLUG = "abolish-reporting"
REPORT = f"/organise/campaigns/{SLUG}/report"
WARDS = ("ZZ1 1AA", "ZZ1 3AB")


@pytest.fixture
def scene(site: Site) -> Scene:
    """The campaign with letters in every state."""
    with site.platform.sessions.read() as session:
        campaign_id = session.scalars(select(Campaign.id).where(Campaign.slug == SLUG)).one()
    return fill(Scene(site.platform.sessions, site.clock(), campaign_id), WARDS)


@pytest.fixture
def lead(site: Site) -> Visitor:
    """Somebody who reads the figures."""
    return signed_in(site, add_member(site, role=Role.LEAD))


def rows_on_page(page: Page, name: str) -> list[list[str]]:
    """The rows of a table as the page shows them."""
    body = page.by_id(f"{name}-table").one("tbody")
    return [[cell.text for cell in row.all("th", "td")] for row in body.all("tr")]


def csv_of(visitor: Visitor, name: str, report: str = REPORT) -> list[dict[str, str]]:
    answer = visitor.client.get(f"{report}/{name}.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))


def json_of(visitor: Visitor, name: str, report: str = REPORT) -> list[dict[str, Any]]:
    answer = visitor.client.get(f"{report}/{name}.json")
    told = json.loads(answer.get_data(as_text=True))
    assert told["table"] == name
    rows: list[dict[str, Any]] = told["rows"]
    assert all(list(row) == told["columns"] for row in rows)
    return rows


def api_rows(site: Site, token: str, path: str) -> list[dict[str, Any]]:
    """A table as a program reads it, two rows at a time where it has more than one."""
    rows: list[dict[str, Any]] = []
    following: str | None = ""
    while following is not None:
        answer = ask(site, f"{path}?limit=2{following and f'&cursor={following}'}", token)
        page = answer.get_json()
        assert answer.status_code == 200, page
        rows, following = rows + page["items"], page["next"]
    return rows


def test_the_page_csv_json_and_the_rows_say_the_same(scene: Scene, lead: Visitor) -> None:
    with scene.sessions.engine.connect() as connection:
        counted = connection.execute(
            text("SELECT state, count(*) FROM delivery WHERE purpose = 'letter' GROUP BY state")
        )
        rows = {row[0]: row[1] for row in counted}
    assert set(rows) == set(DeliveryState), "every state is there"
    page = lead.open(REPORT)
    assert {row["state"]: int(row["letters"]) for row in csv_of(lead, "states")} == rows
    assert {row["state"]: row["letters"] for row in json_of(lead, "states")} == rows
    assert [int(row[1]) for row in rows_on_page(page, "states")] == [rows[state] for state in DeliveryState]
    assert sum(rows.values()) == sum(row["letters"] for row in json_of(lead, "campaigns", "/organise/reports"))


def test_raw_sql_says_what_the_api_says(site: Site, scene: Scene) -> None:
    """The sums of each table that has any, beside the rows that they come from, when all of it has happened."""
    site.clock.forward(timedelta(days=2))
    token = token_of(site, [Scope.REPORTS])
    with scene.sessions.engine.connect() as connection:
        letters = connection.execute(text("SELECT count(*) FROM delivery WHERE purpose = 'letter'")).scalar_one()
        people = connection.execute(text("SELECT count(*) FROM action WHERE state = 'confirmed'")).scalar_one()
    for report in (f"/campaigns/{SLUG}/report", "/report"):
        told = {name: api_rows(site, token, f"{report}/{name}") for name in ("states", "funnel", "days", "sources")}
        funnel = {row["stage"]: row["number"] for row in told["funnel"]}
        assert (funnel["confirmed"], funnel["letters"]) == (people, letters)
        assert sum(row["letters"] for row in told["states"]) == letters
        assert sum(row["letters"] for row in told["days"]) == letters
        assert sum(row["confirmed"] for row in told["sources"]) == people
    [house] = [row for row in api_rows(site, token, "/report/campaigns") if row["campaign"] == SLUG]
    assert (house["people"], house["letters"]) == (people, letters)


@pytest.mark.usefixtures("scene")
def test_every_table_is_the_same_as_csv_as_json_and_in_the_api_and_stands_on_the_page(
    site: Site, lead: Visitor
) -> None:
    token = token_of(site, [Scope.REPORTS])
    paths = {REPORT: f"/campaigns/{SLUG}/report", "/organise/reports": "/report"}
    for report, names, after in ((REPORT, CAMPAIGN, AFTER_CAMPAIGN), ("/organise/reports", HOUSE, AFTER_HOUSE)):
        page = lead.open(report)
        for name in names:
            told, files = json_of(lead, name, report), csv_of(lead, name, report)
            written = [{key: "" if cell is None else str(cell) for key, cell in row.items()} for row in told]
            assert written == files, name
            assert api_rows(site, token, f"{paths[report]}/{name}") == told, name
            if told and name in after:
                assert len(rows_on_page(page, name)) == min(SHORT, len(told)), name


@pytest.mark.usefixtures("scene")
def test_a_long_table_shows_its_beginning_and_more_of_it_by_parts(site: Site) -> None:
    site.clock.forward(timedelta(hours=ROWS + 5))
    lead = signed_in(site, add_member(site, role=Role.LEAD))
    hours = [row["letters"] for row in reversed(json_of(lead, "hours"))]
    assert ROWS < len(hours) <= 2 * ROWS, "two parts"
    page = lead.open(REPORT)
    assert len(rows_on_page(page, "hours")) == SHORT
    assert f"The first {SHORT} of {len(hours)}." in page.text
    assert "open" not in page.by_id("hours-table")
    parts = [lead.open(f"{REPORT}?hours={part}") for part in (1, 2)]
    shown = [row for part in parts for row in rows_on_page(part, "hours")]
    place = ("start", *SERIES).index("letters")
    assert [int(row[place]) for row in shown] == hours
    assert all("open" in part.by_id("hours-table") for part in parts)
    assert "Part 1 of 2." in parts[0].text
    assert "Part 2 of 2." in lead.open(f"{REPORT}?hours=9").text, "there is no ninth"


@pytest.mark.usefixtures("scene")
def test_no_number_below_five_tells_of_a_place_or_a_language(lead: Visitor) -> None:
    for name in ("targets", "party", "council", "tier", "area", "languages"):
        for row in json_of(lead, name):
            whole = [cell for cell in row.values() if isinstance(cell, int)]
            assert all(cell >= 5 for cell in whole), (name, row)
    assert "withheld" in lead.open(REPORT).html


def test_who_has_a_letter_or_two_is_not_named_and_two_readings_are_the_same(
    site: Site, scene: Scene, lead: Visitor
) -> None:
    """Whoever reads at ten and at five past ten, by whatever way, must not learn where the one letter came from."""
    token = token_of(site, [Scope.REPORTS])

    def readings() -> list[Any]:
        names = ("targets", "party", "council", "tier", "area", "languages", "lanes")
        told = [(json_of(lead, name), csv_of(lead, name)) for name in names]
        return [*told, *(api_rows(site, token, f"/campaigns/{SLUG}/report/{name}") for name in names)]

    with scene.sessions.read() as session:
        written_to = set(session.scalars(select(Target.name).join(Letter, Letter.target_id == Target.id)))
    named = {row["target"] for row in json_of(lead, "targets")}
    assert named < written_to
    before = readings()
    scene.confirmed("new@supporter.example", wish=Wish(postcode=WARDS[1]), now=site.clock())
    site.clock.forward(timedelta(minutes=5))
    site.platform.publication_round.turn(site.clock())
    assert readings() == before
    assert "17 people have written" in lead.open(REPORT).text, "that one wrote is no secret"


@pytest.mark.usefixtures("scene")
def test_what_waits_by_mail_domain_is_a_room_of_those_who_may_open_letters(site: Site, lead: Visitor) -> None:
    assert "/organise/letters/lanes" not in lead.open(REPORT).html
    organiser = signed_in(site, add_member(site, BEN, Role.ORGANISER, "Ben Bold"))
    page = organiser.open(REPORT)
    assert page.document.one("a", href="/organise/letters/lanes").text


@pytest.mark.usefixtures("scene")
def test_a_cell_that_a_spreadsheet_would_reckon_with_is_text(site: Site, lead: Visitor) -> None:
    with site.change() as session:
        lane = session.scalars(select(Lane).where(Lane.key != "notices")).first()
        assert lane is not None
        lane.said, lane.trips, lane.troubled_since = "=HYPERLINK(1)", 1, site.clock()
    assert csv_of(lead, "lanes")[0]["said"] == "'=HYPERLINK(1)"
    assert json_of(lead, "lanes")[0]["said"] == "=HYPERLINK(1)"
    page = lead.open(REPORT)
    assert "Refuses; single letters try" in page.text


@pytest.mark.usefixtures("scene")
def test_what_a_lead_reads_names_no_supporter(lead: Visitor) -> None:
    everything = [lead.open(REPORT).html, lead.open("/organise/reports").html]
    everything += [lead.client.get(f"{REPORT}/{name}.json").get_data(as_text=True) for name in CAMPAIGN]
    assert not any(said in one for one in everything for said in ("supporter.example", "Alice Adams", "My own story"))


def test_a_partner_has_the_figures_of_their_own_campaigns_only(site: Site, scene: Scene) -> None:
    ben_id = add_member(site, BEN, Role.PARTNER, "Ben Bold")
    ben = signed_in(site, ben_id)
    assert json_of(ben, "campaigns", "/organise/reports") == []
    assert "0 people have written" in ben.open("/organise/reports").text
    assert ben.open(REPORT).status == 404
    assert ben.client.get(f"{REPORT}/states.csv").status_code == 404
    with site.change() as session:
        partner_id = session.get_one(StaffMember, ben_id).partner_id
        session.add(PartnerCampaign(partner_id=partner_id, campaign_id=scene.campaign_id))
    assert ben.open(REPORT).status == 200
    assert [row["campaign"] for row in json_of(ben, "campaigns", "/organise/reports")] == [SLUG]


@pytest.mark.parametrize("prefix", ["", "/ar"])
def test_a_campaign_stands_there_with_its_title_and_the_way_to_its_report(
    site: Site, lead: Visitor, prefix: str
) -> None:
    with site.platform.sessions.read() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == SLUG)).one()
        titles = {language: campaign.page_in(language).title for language in ("en", prefix.removeprefix("/") or "en")}
    page = lead.open(f"{prefix}/organise/reports")
    link = page.by_id("campaigns-table").one("a", href=f"{prefix}{REPORT}")
    assert link.text == titles[prefix.removeprefix("/") or "en"]
    assert SLUG not in page.by_id("campaigns-table").text
    [row] = [row for row in json_of(lead, "campaigns", "/organise/reports") if row["campaign"] == SLUG]
    assert row["title"] == titles["en"]


def test_what_has_not_opened_is_not_in_the_api(site: Site) -> None:
    site.move("bibby-stockholm", CampaignState.SCHEDULED)
    token = token_of(site, [Scope.REPORTS])
    assert ask(site, "/campaigns/bibby-stockholm/report/states", token).status_code == 404
    slugs = [row["campaign"] for row in api_rows(site, token, "/report/campaigns")]
    assert "bibby-stockholm" not in slugs
    assert SLUG in slugs


@pytest.mark.usefixtures("scene")
def test_a_table_that_is_not_there_is_not_there(lead: Visitor) -> None:
    assert lead.client.get(f"{REPORT}/supporters.csv").status_code == 404
    assert lead.client.get("/organise/reports/targets.csv").status_code == 404, "it would divide places"


@pytest.mark.usefixtures("scene")
def test_the_page_needs_no_script_and_lets_only_ours_ask_us(lead: Visitor) -> None:
    page = lead.open(REPORT)
    policy = lead.response.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "connect-src 'self'" in policy
    assert page.document.all("style") == []
    assert [script for script in page.document.all("script") if not script["src"].startswith("/static/")] == []
    assert not any("style" in element for element in page.document.walk())
    charts = page.document.all("svg")
    assert len(charts) >= 4
    assert all(chart["role"] == "img" and chart["aria-label"] for chart in charts)


@pytest.mark.usefixtures("scene")
def test_who_watches_asks_for_what_changes_alone(lead: Visitor) -> None:
    page = lead.open(REPORT)
    live = next(element["data-live"] for element in page.document.walk() if "data-live" in element)
    part = lead.open(live)
    assert part.by_id("states").text == "Where the letters are"
    assert "By council" in page.text
    assert "By council" not in part.text


@pytest.mark.usefixtures("site")
def test_a_campaign_that_nobody_has_written_in_has_a_page_too(lead: Visitor) -> None:
    page = lead.open("/organise/campaigns/bibby-stockholm/report")
    empty = page.by_id("nothing-yet").parent
    assert "By council" in empty.text
    assert "How people came to the page" in empty.text
    assert lead.open("/ar/organise/reports").status == 200


def test_a_way_is_carried_to_the_letter_and_counted(site: Site, lead: Visitor) -> None:
    alice = site.visitor()
    alice.open(f"/c/{SLUG}?via=partner")
    alice.press(WARD.begin, **WARD.start)
    site.visitor().open(f"/c/{SLUG}?via=nonsense")
    site.clock.forward(EVERY)  # and nobody comes by: whoever asks for the figures has the last ones written down
    rows = {row["source"]: row for row in json_of(lead, "sources")}
    assert (rows["partner"]["viewed"], rows["partner"]["started"]) == (1, 1)
    assert set(rows) == {"partner", "direct"}


def test_programs_and_pages_fetched_for_later_are_nobody(site: Site, lead: Visitor) -> None:
    for headers in ({"User-Agent": "SomeBot/1.0"}, {"Sec-Purpose": "prefetch;prerender"}):
        site.app.test_client().get(f"/c/{SLUG}", headers=headers)
    site.app.test_client().head(f"/c/{SLUG}")
    assert json_of(lead, "sources") == []
