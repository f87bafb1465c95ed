"""What is written down for webhooks, in the transaction in which it happened."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import event, func, select, update

from app.announcements.milestones import is_milestone
from app.announcements.models import Announcement, Happening
from app.campaigns.lifecycle import move_campaign
from app.campaigns.models import Campaign, CampaignState
from app.hooks.desk import HookDesk
from app.queue.rows import Move, move
from app.queue.states import DeliveryState, EventSource, Purpose
from tests.hooks.conftest import Exchange
from tests.support.builders import ALICE, BOB

S = DeliveryState


def told(exchange: Exchange) -> list[tuple[str, dict[str, object]]]:
    return [(row.kind, json.loads(row.data)) for row in exchange.announcements()]


def deliver(exchange: Exchange, *ids: int) -> None:
    """As a provider reports it."""
    with exchange.sessions.write() as session:
        for origin, to in [(S.QUEUED, S.SENDING), (S.SENDING, S.SENT), (S.SENT, S.DELIVERED)]:
            assert move(session, ids, Move(origin, to, EventSource.PROVIDER), exchange.clock()) == sorted(ids)


def test_a_confirmation_is_told_with_figures_and_nothing_else(exchange: Exchange) -> None:
    hook_id = exchange.add()
    action_id = exchange.scene.confirmed()
    assert told(exchange) == [("action.confirmed", {"action_id": action_id, "letters": 2, "people": 1})]
    [row] = exchange.announcements()
    assert (row.hook_id, row.campaign_id, row.at) == (hook_id, exchange.scene.campaign_id, exchange.scene.now)


def test_without_a_webhook_nothing_is_written(exchange: Exchange) -> None:
    exchange.scene.confirmed()
    assert told(exchange) == []


def test_a_letter_that_arrives_is_told_and_a_mail_of_our_own_is_not(exchange: Exchange) -> None:
    exchange.scene.confirmed()
    exchange.add()
    letters = exchange.scene.deliveries(Purpose.LETTER)
    [thanks] = exchange.scene.deliveries(Purpose.THANK_YOU)
    deliver(exchange, thanks.id, *(one.id for one in letters))
    wanted = [("letter.delivered", {"letter_id": one.id}) for one in letters]
    assert sorted(told(exchange), key=str) == sorted(wanted, key=str)


def test_a_change_of_state_is_told_once(exchange: Exchange) -> None:
    exchange.add()
    for _ in range(2):
        with exchange.sessions.write() as session:
            campaign = session.get_one(Campaign, exchange.scene.campaign_id)
            move_campaign(session, campaign, CampaignState.PAUSED, exchange.clock())
    assert told(exchange) == [("campaign.state_changed", {"from": "live", "to": "paused"})]


def test_what_is_rolled_back_is_not_told(exchange: Exchange) -> None:
    exchange.add()
    with exchange.sessions.trial() as session:
        campaign = session.get_one(Campaign, exchange.scene.campaign_id)
        move_campaign(session, campaign, CampaignState.PAUSED, exchange.clock())
        session.rollback()
        session.commit()
    assert told(exchange) == []


def test_each_webhook_hears_what_it_wants_to_know(exchange: Exchange) -> None:
    with exchange.sessions.write() as session:
        columns = {
            c.name: getattr(session.get_one(Campaign, exchange.scene.campaign_id), c.name) for c in Campaign.__table__.c
        }
        session.add(other := Campaign(**{**columns, "id": None, "slug": "another"}))
        session.flush()
        other_id = other.id
    everything, arrivals = exchange.add(), exchange.add(events=[Happening.LETTER_DELIVERED])
    here, elsewhere = exchange.add(campaign_id=exchange.scene.campaign_id), exchange.add(campaign_id=other_id)
    paused, removed = exchange.add(), exchange.add()
    exchange.decide(HookDesk.pause, paused)
    exchange.decide(HookDesk.remove, removed)
    exchange.scene.confirmed()
    assert sorted(row.hook_id for row in exchange.announcements()) == [everything, here]
    assert {arrivals, elsewhere, paused, removed}.isdisjoint(row.hook_id for row in exchange.announcements())


def test_a_milestone_is_reached_once_however_often_its_number_comes(exchange: Exchange) -> None:
    exchange.add(events=[Happening.MILESTONE])
    with exchange.sessions.write() as session:
        session.execute(update(Campaign).values(confirmed_count=99))
    first = exchange.scene.confirmed(ALICE)
    exchange.scene.withdraw(first)
    exchange.scene.confirmed(BOB)
    assert told(exchange) == [("campaign.milestone", {"people": 100, "is_goal": False})]


def test_the_goal_is_a_milestone_too(sqlite_exchange: Exchange) -> None:
    sqlite_exchange.add(events=[Happening.MILESTONE])
    with sqlite_exchange.sessions.write() as session:
        session.execute(update(Campaign).values(goal=2))
    for email in (ALICE, BOB):
        sqlite_exchange.scene.confirmed(email)
    assert told(sqlite_exchange) == [("campaign.milestone", {"people": 2, "is_goal": True})]


@pytest.mark.parametrize("people", [100, 500, 1000, 5000, 10_000, 50_000, 1_000_000])
def test_round_numbers_are_milestones(people: int) -> None:
    assert is_milestone(people)


@pytest.mark.parametrize("people", [0, 1, 10, 50, 99, 101, 200, 250, 999, 2000, 10_500, 11_000, 100_001])
def test_others_are_not(people: int) -> None:
    assert not is_milestone(people)


def test_many_letters_in_one_transaction_are_told_by_one_statement(sqlite_exchange: Exchange) -> None:
    exchange = sqlite_exchange
    exchange.add()
    ids = [
        one.id
        for number in range(5)
        for one in exchange.scene.deliveries(
            Purpose.LETTER, action_id=exchange.scene.confirmed(f"s{number}@supporter.example")
        )
    ]
    before, statements = len(told(exchange)), []
    event.listen(
        exchange.sessions.engine,
        "before_cursor_execute",
        lambda _conn, _cursor, statement, *_: statements.append(statement),
    )
    deliver(exchange, *ids)
    written = [statement for statement in statements if statement.startswith("INSERT INTO announcement")]
    assert (len(written), len(told(exchange)) - before) == (1, len(ids))


def test_sending_a_letter_touches_no_table_of_webhooks(sqlite_exchange: Exchange) -> None:
    """The way of a letter to `sent` costs nothing, whoever listens."""
    exchange = sqlite_exchange
    exchange.add()
    exchange.scene.confirmed()
    ids, statements = [one.id for one in exchange.scene.deliveries(Purpose.LETTER)], []
    event.listen(
        exchange.sessions.engine,
        "before_cursor_execute",
        lambda _conn, _cursor, statement, *_: statements.append(statement),
    )
    with exchange.sessions.write() as session:
        for origin, to in [(S.QUEUED, S.SENDING), (S.SENDING, S.SENT)]:
            move(session, ids, Move(origin, to, EventSource.WORKER), exchange.clock())
    assert [one for one in statements if "hook" in one or "announcement" in one] == []


def test_the_outbox_keeps_no_personal_word(exchange: Exchange) -> None:
    exchange.add()
    exchange.scene.confirmed(name="Quirina Oxenfoord", own_words="My neighbour Bartholomew.")
    with exchange.sessions.read() as session:
        everything = " ".join(session.scalars(select(Announcement.data)))
        assert session.scalar(select(func.count()).select_from(Announcement)) == 1
    assert set(json.loads(everything)) == {"action_id", "letters", "people"}
