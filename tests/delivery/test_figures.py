"""The figures of the house: they agree with its rows, name nobody, and cost the same however many letters wait."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from secrets import token_hex

import pytest
from sqlalchemy import select

from app.campaigns.models import Campaign, CampaignState
from app.delivery import figures as room
from app.delivery.figures import OTHER_LANES, WATCHED_STATES, Figures, Kind, read_figures
from app.delivery.lane_desk import split
from app.delivery.tracking import receive
from app.hours import Hours
from app.mail.reports import Report, ReportKind
from app.mail.transport import Deferred, Outcome, Refused
from app.queue.brakes import put_on
from app.queue.claim import claim_due
from app.queue.lanes import LaneRules, lanes_of
from app.queue.models import BrakeScope, CampaignTurn, Lane
from app.queue.rows import Parcel, put
from app.queue.states import DeliveryState, Purpose
from tests.delivery.conftest import UNPACED, Office
from tests.support.builders import ALICE, BOB, CHARLIE
from tests.support.costs import Steps, statements
from tests.support.fakes import Steady, accept

S = DeliveryState
LETTERS, NOTICES = Kind.LETTER, Kind.NOTICE
ZEDMERE = "zedmere.example"
HOUR = timedelta(hours=1)


def figures(office: Office, rules: LaneRules = UNPACED) -> Figures:
    with office.scene.sessions.read() as session:
        return read_figures(session, rules, office.clock.now)


def counted(office: Office) -> Counter[tuple[Kind, DeliveryState]]:
    """How many deliveries are in each state, row by row."""
    return Counter(
        (LETTERS if row.purpose is Purpose.LETTER else NOTICES, row.state) for row in office.scene.deliveries()
    )


def fill(office: Office, number: int, *domains: str) -> None:
    """Queue letters in lanes; they can be claimed and not be rendered."""
    action_id = office.scene.pending()
    with office.scene.sessions.write() as session:
        lanes = lanes_of(session, [f"x@{domain}" for domain in domains])
        for lane_id in lanes.values():
            parcel = Parcel(Purpose.LETTER, office.scene.campaign_id, action_id, lane_id)
            put(session, [parcel] * number, office.clock.now)


def claim(office: Office, limit: int, rules: LaneRules = UNPACED) -> list[int]:
    with office.scene.sessions.write() as session:
        return claim_due(session, office.clock.now, limit, rules, token=token_hex(8), random=Steady()).ids


def answer(office: Office, **by_mailbox: Outcome) -> None:
    """Let the transport give some mailboxes answers of their own."""
    office.transport.answer = lambda message: by_mailbox.get(message.to_address.partition(".")[0]) or accept(message)


def test_a_house_without_mail_has_every_figure_and_all_are_nothing(office: Office) -> None:
    nothing = figures(office)
    assert set(nothing.deliveries) == {(kind, state) for kind in Kind for state in DeliveryState}
    assert {*nothing.deliveries.values(), *nothing.reports.values(), *nothing.brakes.values()} == {0}
    assert {*nothing.oldest_due.values(), *nothing.overdue.values()} == {timedelta()}
    assert (set(nothing.lanes), nothing.swept_at) == ({"notices"}, None)


def test_after_a_story_the_figures_agree_with_the_rows(office: Office) -> None:
    for email in (ALICE, BOB):
        office.scene.confirmed(email)
    answer(office, bob=Refused("550 5.1.1 No such user"), carla=Deferred("451 4.7.1 Greylisted"))
    office.sweep()
    office.scene.confirmed(CHARLIE)
    told = figures(office)
    assert Counter(told.deliveries) == counted(office)
    assert told.lanes[ZEDMERE].sends == {"accepted": 0, "deferred": 2, "refused": 2, "uncertain": 0}
    assert told.lanes["notices"].sends["accepted"] == told.deliveries[NOTICES, S.SENT] == 2
    rows = office.scene.deliveries(Purpose.LETTER)
    assert told.lanes[ZEDMERE].open == {state: sum(row.state is state for row in rows) for state in WATCHED_STATES}
    assert told.swept_at == office.clock.now


def test_reports_are_counted_by_what_they_say_and_what_became_of_them(office: Office) -> None:
    letter = office.letter()
    office.deliver()
    delivered = Report(ReportKind.DELIVERED, office.clock.now, letter, "", "250 OK")
    stray = Report(ReportKind.BOUNCED, office.clock.now, None, "nobody@elsewhere.example", "550 5.1.1 Unknown")
    with office.scene.sessions.write() as session:
        receive(session, [delivered, delivered, stray], office.clock.now, Steady())
    told = {label: number for label, number in figures(office).reports.items() if number}
    assert told == {"delivered": 1, "repeated": 1, "unattributed": 1}


def test_a_lane_that_rests_and_the_brakes_that_are_on_are_counted(office: Office) -> None:
    for email in (ALICE, BOB, CHARLIE):
        office.scene.confirmed(email)
    office.transport.answer = lambda _message: Deferred("421 4.7.0 Try again later")
    office.deliver()
    with office.scene.sessions.write() as session:
        for target_id in (1, 2):
            put_on(session, BrakeScope.TARGET, target_id, "a test", office.clock.now)
    told = figures(office)
    assert {name: (lane.resting, lane.troubled) for name, lane in told.lanes.items()} == {
        ZEDMERE: (1, 1),
        "notices": (0, 0),
    }
    assert {scope: number for scope, number in told.brakes.items() if number} == {BrakeScope.TARGET: 2}
    office.clock.advance(timedelta(hours=1))
    trying = figures(office).lanes[ZEDMERE]
    assert (trying.resting, trying.troubled) == (0, 1)


def test_what_waits_on_purpose_is_due_and_not_overdue(office: Office) -> None:
    office.letter()
    office.clock.advance(2 * HOUR)
    told = figures(office)
    assert told.oldest_due == told.overdue == {LETTERS: 2 * HOUR, NOTICES: 2 * HOUR}
    asleep = figures(office, LaneRules(0, Hours.parse("03:00-03:01")))
    assert (asleep.oldest_due[LETTERS], asleep.overdue[LETTERS]) == (2 * HOUR, timedelta())
    assert asleep.overdue[NOTICES] == 2 * HOUR
    office.scene.move_campaign(CampaignState.PAUSED)
    assert figures(office).overdue == {LETTERS: timedelta(), NOTICES: 2 * HOUR}
    with office.scene.sessions.write() as session:
        put_on(session, BrakeScope.EVERYTHING, 0, "a test", office.clock.now)
    stopped = figures(office)
    assert stopped.oldest_due == {LETTERS: 2 * HOUR, NOTICES: 2 * HOUR}
    assert stopped.overdue == dict.fromkeys(Kind, timedelta())


def test_a_paced_lane_is_overdue_only_from_its_turn(office: Office) -> None:
    rules = LaneRules(60, Hours())
    fill(office, 50, ZEDMERE)
    claim(office, 100, rules)
    told = figures(office, rules)
    assert told.overdue[LETTERS] == timedelta()
    office.clock.advance(HOUR)
    with office.scene.sessions.read() as session:
        turn = session.scalars(select(Lane.next_at).where(Lane.key == ZEDMERE)).one()
    told = figures(office, rules)
    assert turn is not None
    assert told.oldest_due[LETTERS] == HOUR
    assert told.overdue[LETTERS] == office.clock.now - turn < HOUR


def test_a_letter_that_is_due_later_is_not_due(office: Office) -> None:
    office.letter()
    office.transport.answer = lambda _message: Deferred("450 4.2.1 Busy")
    office.deliver()
    told = figures(office)
    assert told.deliveries[LETTERS, S.QUEUED] == 1
    assert told.oldest_due == told.overdue == dict.fromkeys(Kind, timedelta())


def test_a_mailbox_set_apart_is_named_by_its_domain(office: Office) -> None:
    office.scene.confirmed()
    for mailbox in ("bob.sample@zedmere.example", "carla.verde@zedmere.example"):
        split(office.scene.sessions, mailbox)
    office.deliver()
    told = figures(office)
    assert set(told.lanes) == {ZEDMERE, "notices", "*@zedmere.example"}
    assert told.lanes["*@zedmere.example"].sends["accepted"] == 2
    assert told.lanes[ZEDMERE].sends["accepted"] == 0


def test_only_so_many_lanes_have_names_and_the_sums_stay_whole(sqlite_office: Office) -> None:
    office = sqlite_office
    fill(office, 1, *(f"council-{number:03}.example" for number in range(room.LANES_NAMED + 5)))
    told = figures(office)
    assert len(told.lanes) == room.LANES_NAMED + 1
    assert told.lanes[OTHER_LANES].open[S.QUEUED] == 6  # the lane of notices has a name too
    assert sum(lane.open[S.QUEUED] for lane in told.lanes.values()) == sum(
        told.deliveries[kind, S.QUEUED] for kind in Kind
    )


def test_the_figures_cost_no_more_statements_for_more_letters_or_more_lanes(office: Office) -> None:
    costs = []
    for number in (10, 100):
        fill(office, number, *(f"council-{lane}.example" for lane in range(number // 10)))
        with statements(office.scene.sessions.engine) as told:
            assert figures(office).overdue[LETTERS] == timedelta()
        costs.append(len(told))
    assert costs[0] == costs[1] < 12


@pytest.mark.parametrize("claimed", [0, 10_000])
def test_no_letter_is_looked_at_but_the_oldest(sqlite_office: Office, claimed: int) -> None:
    office = sqlite_office
    costs = []
    for number in (20, 2000):
        fill(office, number, ZEDMERE, "behind.example")
        claim(office, claimed)
        fill(office, 20, ZEDMERE, "behind.example")
        office.clock.advance(HOUR)
        with office.scene.sessions.read() as session, Steps(session) as steps:
            read_figures(session, UNPACED, office.clock.now)
        costs.append(steps.taken)
    assert costs[0] == costs[1] > 0


def test_a_paced_campaign_is_overdue_only_from_its_turn(office: Office) -> None:
    with office.scene.sessions.write() as session:
        session.get_one(Campaign, office.scene.campaign_id).pace = 60
    fill(office, 50, ZEDMERE)
    claim(office, 100, UNPACED)
    assert figures(office).overdue[LETTERS] == timedelta()
    office.clock.advance(HOUR)
    with office.scene.sessions.read() as session:
        turn = session.scalars(select(CampaignTurn.next_at)).one()
    told = figures(office)
    assert turn is not None
    assert told.oldest_due[LETTERS] == HOUR
    assert told.overdue[LETTERS] == office.clock.now - turn < HOUR
