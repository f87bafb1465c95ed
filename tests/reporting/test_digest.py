"""The weekly mail: once for each who wants it, on Mondays, with what happened and what they may see."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app.actions.links import Links
from app.bootstrap import build_platform
from app.campaigns.models import Campaign
from app.config import Config
from app.db import Sessions
from app.delivery.dispatch import Dispatcher
from app.delivery.lateness import Lateness
from app.delivery.models import Digest
from app.delivery.prepared import Address
from app.delivery.render import Renderer
from app.hours import Hours
from app.mail.message import Message
from app.privacy.keys import FieldKeys
from app.queue.lanes import LaneRules
from app.queue.models import Lane
from app.queue.states import DeliveryState, Purpose
from app.reporting.digest import LATEST, DigestRound, monday_due, queue_digests
from app.roles import Role
from app.staff.digests import gets_digest, switch_digest
from app.staff.models import AuditEntry, MemberState, PartnerCampaign, StaffMail, StaffMember
from app.staff.people import Newcomer, Personnel, Position
from app.worker import rounds
from tests.conftest import SECRET_KEY
from tests.reporting.conftest import bring, letters_of
from tests.support.builders import Scene, add_campaign, make_scene
from tests.support.fakes import FakeClock, FakeDoorbell, FakeTransport, Steady
from tests.support.threads import together

RULES = LaneRules(0, Hours())
MONDAY = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
"""The Monday after what the scenes have; London has winter time then."""
LEAD = "lea@staff.example"


@pytest.fixture
def busy(sessions: Sessions, now: datetime) -> Scene:
    """Six people have written in the week before; one letter was delivered. On each kind of database."""
    return _written(make_scene(sessions, now))


@pytest.fixture
def sqlite_busy(sqlite_sessions: Sessions, now: datetime) -> Scene:
    """The same, for what does not depend on the kind of database."""
    return _written(make_scene(sqlite_sessions, now))


def _written(scene: Scene) -> Scene:
    for number in range(6):
        scene.confirmed(f"supporter{number}@supporter.example")
    first, second, *_ = [letter for letter in letters_of(scene) if letter.state is DeliveryState.QUEUED]
    bring(scene, first.id, DeliveryState.DELIVERED)
    bring(scene, second.id, DeliveryState.SENT)
    return scene


def member(scene: Scene, keys: FieldKeys, role: Role = Role.LEAD, email: str = LEAD, language: str = "en") -> int:
    """Somebody who has joined; their id."""
    partner = "Tenants of Zedmere" if role is Role.PARTNER else ""
    with scene.sessions.write() as session:
        personnel = Personnel(session, keys, None, scene.now)
        joined, _ = personnel.invite(Newcomer(email, "Lea Lead", language, Position(role, partner)))
        joined.state = MemberState.ACTIVE
        return joined.id


def turn(scene: Scene, at: datetime = MONDAY) -> list[int]:
    return DigestRound(scene.sessions, RULES).turn(at)


def told(scene: Scene, folder: Path, at: datetime = MONDAY) -> list[Message]:
    """The weekly mails as they leave."""
    turn(scene, at)
    transport, address = FakeTransport(), "letters@solidarity-post.example"
    sender = Address(Links("https://letters.example.org", SECRET_KEY), address, address, reaches_people=False)
    Dispatcher(
        sessions=scene.sessions,
        transport=transport,
        renderer=Renderer(sender, "Solidarity Post"),
        clock=FakeClock(at),
        rules=RULES,
        lateness=Lateness(timedelta(days=1000)),
        journals=folder / "journal",
        random=Steady(),
    ).deliver_due()
    digests = {delivery.id for delivery in scene.deliveries(Purpose.STAFF_DIGEST)}
    return [message for message in transport.messages if message.id in digests]


def count(scene: Scene, rows: str) -> int:
    with scene.sessions.engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {rows}")).scalar_one())  # noqa: S608 - ours


@pytest.mark.parametrize(
    ("at", "monday"),
    [
        (MONDAY - timedelta(seconds=1), None),
        (MONDAY, date(2026, 11, 30)),
        (MONDAY + LATEST, date(2026, 11, 30)),
        (MONDAY + LATEST + timedelta(seconds=1), None),
        (MONDAY + timedelta(days=1), None),
        (datetime(2026, 6, 1, 6, 59, 59, tzinfo=UTC), None),
        (datetime(2026, 6, 1, 7, tzinfo=UTC), date(2026, 6, 1)),
    ],
)
def test_it_is_due_on_mondays_at_eight_by_the_clock_on_the_wall(at: datetime, monday: date | None) -> None:
    assert monday_due(at) == monday


def test_it_tells_what_the_rows_say(busy: Scene, keys: FieldKeys, tmp_path: Path) -> None:
    member(busy, keys)
    with busy.sessions.write() as session:
        session.get_one(Campaign, busy.campaign_id).goal = 500
    letters, held = count(busy, "letter"), count(busy, "delivery WHERE purpose = 'letter' AND state = 'held'")
    [message] = told(busy, tmp_path)
    assert message.to_address == LEAD
    assert message.subject == "Your campaigns from 23 November 2026 to 29 November 2026: Solidarity Post"
    lines = message.text.splitlines()
    assert lines[0] == "6 people wrote last week."
    assert "People who wrote: 6; in all 6" in lines
    assert f"Letters that this made: {letters}; in all {letters}" in lines
    assert "Letters handed over: 2" in lines
    assert "Letters reported as delivered: 1" in lines
    assert "Abolish reporting: 6; in all 6 of 500 hoped for" in lines
    assert (f"Letters held until something is looked at: {held}" in lines) == bool(held)
    assert "https://letters.example.org/organise/reports" in lines
    assert "https://letters.example.org/organise/account" in lines


def test_it_names_who_refuses_and_no_number_of_theirs(sqlite_busy: Scene, keys: FieldKeys, tmp_path: Path) -> None:
    member(sqlite_busy, keys)
    with sqlite_busy.sessions.write() as session:
        lane = session.scalars(select(Lane).where(Lane.key != "notices").order_by(Lane.id)).first()
        assert lane is not None
        lane.trips, lane.troubled_since, lane.said, key = 1, MONDAY - timedelta(days=2), "Go away", lane.key
    [message] = told(sqlite_busy, tmp_path)
    assert f"{key} refuses our letters, since 28 November 2026." in message.text.splitlines()
    assert "Go away" not in message.text


def test_it_is_in_its_readers_language(sqlite_busy: Scene, keys: FieldKeys, tmp_path: Path) -> None:
    member(sqlite_busy, keys, language="ar")
    [message] = told(sqlite_busy, tmp_path)
    assert message.language == "ar"
    assert "ألغوا التبليغ" in message.text
    assert "https://letters.example.org/ar/organise/reports" in message.text
    assert not any(said in message.text for said in ("People", "Letters", "campaigns"))


def test_of_several_workers_one_queues_it_once_and_no_later_round_does(busy: Scene, keys: FieldKeys) -> None:
    member(busy, keys)
    ids = [one for queued in together(*[lambda: turn(busy)] * 4) for one in queued]
    assert len(ids) == 1
    assert turn(busy, MONDAY + timedelta(hours=5)) == []
    assert len(busy.deliveries(Purpose.STAFF_DIGEST)) == 1


def test_a_worker_that_dies_on_the_way_has_queued_nothing_and_the_next_one_does(busy: Scene, keys: FieldKeys) -> None:
    member(busy, keys)

    def die_before_the_commit() -> None:
        with busy.sessions.write() as session:
            assert len(queue_digests(session, MONDAY.date(), RULES, MONDAY)) == 1
            sys.exit()

    with pytest.raises(SystemExit):
        die_before_the_commit()
    assert busy.deliveries(Purpose.STAFF_DIGEST) == []
    assert len(turn(busy)) == 1


def test_a_week_without_anything_to_tell_has_no_mail(sqlite_sessions: Sessions, now: datetime, keys: FieldKeys) -> None:
    scene = make_scene(sqlite_sessions, now)
    lead = member(scene, keys)
    assert turn(scene) == []
    with scene.sessions.read() as session:
        assert session.get_one(StaffMember, lead).digested_for == MONDAY.date()
    assert count(scene, "digest") == 0


def test_the_next_week_has_a_mail_of_its_own(sqlite_busy: Scene, keys: FieldKeys, tmp_path: Path) -> None:
    member(sqlite_busy, keys)
    turn(sqlite_busy)
    sqlite_busy.confirmed("later@supporter.example", now=MONDAY + timedelta(days=1))
    messages = told(sqlite_busy, tmp_path, MONDAY + timedelta(days=7))
    lines = messages[-1].text.splitlines()
    assert lines[0] == "1 person wrote last week."
    assert "People who wrote: 1; in all 7" in lines


def test_who_was_late_all_day_says_nothing_in_the_night(sqlite_busy: Scene, keys: FieldKeys) -> None:
    member(sqlite_busy, keys)
    assert turn(sqlite_busy, MONDAY + LATEST + timedelta(minutes=1)) == []
    assert sqlite_busy.deliveries(Purpose.STAFF_DIGEST) == []


def test_leads_get_it_unless_they_say_otherwise_and_others_when_they_ask(sqlite_busy: Scene, keys: FieldKeys) -> None:
    ids = {role: member(sqlite_busy, keys, role, f"{role}@staff.example") for role in Role}
    quiet = member(sqlite_busy, keys, email="quiet@staff.example")
    gone = member(sqlite_busy, keys, email="gone@staff.example")
    with sqlite_busy.sessions.write() as session:
        everybody = {role: session.get_one(StaffMember, member_id) for role, member_id in ids.items()}
        assert [role for role, one in everybody.items() if gets_digest(one)] == [Role.LEAD]
        switch_digest(session, everybody[Role.ORGANISER], on=True, now=sqlite_busy.now)
        switch_digest(session, everybody[Role.ADMIN], on=False, now=sqlite_busy.now)
        switch_digest(session, session.get_one(StaffMember, quiet), on=False, now=sqlite_busy.now)
        session.get_one(StaffMember, gone).state = MemberState.DEACTIVATED
    turn(sqlite_busy)
    with sqlite_busy.sessions.read() as session:
        digests = select(StaffMail.member_id).join(Digest, Digest.delivery_id == StaffMail.delivery_id)
        assert set(session.scalars(digests)) == {ids[Role.LEAD], ids[Role.ORGANISER]}
        switched = select(AuditEntry.object_id).where(AuditEntry.action == "staff.digest_switched")
        assert Counter(session.scalars(switched)) == {ids[Role.ORGANISER]: 1, quiet: 1}


def test_who_has_left_since_gets_nothing(sqlite_busy: Scene, keys: FieldKeys, tmp_path: Path) -> None:
    lead = member(sqlite_busy, keys)
    turn(sqlite_busy)
    with sqlite_busy.sessions.write() as session:
        session.get_one(StaffMember, lead).state = MemberState.DEACTIVATED
    assert told(sqlite_busy, tmp_path) == []
    [delivery] = sqlite_busy.deliveries(Purpose.STAFF_DIGEST)
    assert delivery.state is DeliveryState.FAILED


def test_a_partner_is_told_of_their_own_campaigns_only(sqlite_busy: Scene, keys: FieldKeys, tmp_path: Path) -> None:
    ben = member(sqlite_busy, keys, Role.PARTNER, "ben@staff.example")
    with sqlite_busy.sessions.write() as session:
        own = add_campaign(session, sqlite_busy.now, slug="their-own", position=20)
        partner = session.get_one(StaffMember, ben)
        partner.wants_digest = True
        session.add(PartnerCampaign(partner_id=partner.partner_id, campaign_id=own.id))
        own_id = own.id
    Scene(sqlite_busy.sessions, sqlite_busy.now, own_id).confirmed("supporter0@supporter.example")
    [message] = told(sqlite_busy, tmp_path)
    assert message.text.splitlines()[0] == "1 person wrote last week."


def test_a_round_of_the_worker_queues_it_and_rings(
    make_config: Callable[..., Config], sqlite_url: str, now: datetime
) -> None:
    config, doorbell = make_config(DATABASE_URL=sqlite_url), FakeDoorbell()
    built = build_platform(config, clock=FakeClock(MONDAY))
    platform = replace(built, transport=FakeTransport(), doorbell=doorbell)
    scene = _written(make_scene(platform.sessions, now))
    member(scene, config.field_keys)
    for _ in range(2):
        rounds.queue_digests(platform)
    [delivery] = scene.deliveries(Purpose.STAFF_DIGEST)
    assert doorbell.rings == [delivery.id]
    platform.sessions.engine.dispose()
