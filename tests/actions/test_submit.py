"""Handing in a letter."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text

from app.actions.models import Action, ActionState, Consent, Supporter
from app.actions.submit import CampaignNotOpenError
from app.campaigns.models import CampaignState
from app.queue.models import Delivery
from app.queue.states import DeliveryState, Purpose
from tests.support.builders import ALICE, BOB, CANALSIDE, CONFIRM_WITHIN, Scene, add_campaign
from tests.support.dumps import dump
from tests.support.threads import together


def test_a_letter_waits_as_a_pending_action_that_keeps_what_its_writer_told(scene: Scene) -> None:
    action_id = scene.pending(own_words="My neighbour fears the letter box.", language="ar")
    with scene.sessions.read() as session:
        action = session.get_one(Action, action_id)
        assert action.state is ActionState.PENDING
        assert (action.name, action.postcode) == ("Alice Adams", CANALSIDE)
        assert action.own_words == "My neighbour fears the letter box."
        assert action.language == "ar"
        assert action.area is not None
        assert action.area.name == "Canalside"
        assert action.variables == {
            "campaign": {"title": "Abolish reporting"},
            "area": {"name": "Canalside"},
            "council": {"name": "Zedmere"},
        }
        assert (action.submitted_at, action.expires_at) == (scene.now, scene.now + CONFIRM_WITHIN)
        assert action.confirmed_at is None
        assert action.supporter.email == ALICE
        assert action.letters == []


def test_the_targets_that_were_shown_are_kept(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    action_id = scene.pending()
    with scene.sessions.read() as session:
        names = {choice.target.name for choice in session.get_one(Action, action_id).choices}
    assert names == {"Cllr Bob Sample", "Cllr Carla Verde"}


@pytest.mark.parametrize("given", [True, False])
def test_either_answer_about_hearing_from_us_is_kept_with_its_wording(scene: Scene, *, given: bool) -> None:
    action_id = scene.pending(consent=given)
    with scene.sessions.read() as session:
        consent = session.scalars(select(Consent)).one()
        action = session.get_one(Action, action_id)
    assert consent.given is given
    assert consent.wording == "Yes, you may write to me."
    assert (consent.action_id, consent.supporter_id, consent.at) == (action_id, action.supporter_id, scene.now)


def test_the_mail_that_asks_to_confirm_is_queued_at_once(scene: Scene) -> None:
    delivery_id = scene.submit()
    with scene.sessions.read() as session:
        delivery = session.get_one(Delivery, delivery_id)
        assert delivery.purpose is Purpose.CONFIRMATION
        assert delivery.state is DeliveryState.QUEUED
        assert delivery.due_at == scene.now
        assert delivery.action_id == session.scalars(select(Action.id)).one()
    assert scene.states() == [DeliveryState.QUEUED]


def test_letter_and_mail_come_to_be_together_or_not_at_all(scene: Scene) -> None:
    before = dump(scene.sessions.engine)
    with scene.sessions.write() as session:
        scene.submit(session=session)
        session.flush()
        session.rollback()
    assert dump(scene.sessions.engine) == before


def test_a_second_try_after_confirming_is_answered_by_mail_and_keeps_nothing(scene: Scene) -> None:
    action_id = scene.confirmed()
    before = dump(scene.sessions.engine)
    delivery_id = scene.submit(own_words="Once more, with feeling.", name="Somebody Else", consent=True)
    after = dump(scene.sessions.engine)
    with scene.sessions.read() as session:
        delivery = session.get_one(Delivery, delivery_id)
        assert (delivery.purpose, delivery.action_id) == (Purpose.ALREADY_WRITTEN, action_id)
    changed = {table for table in after if after[table] != before[table]}
    assert changed == {"delivery", "state_count", "throttle"}
    assert len(after["delivery"]) == len(before["delivery"]) + 1


def test_a_second_try_before_confirming_waits_beside_the_first(scene: Scene) -> None:
    first, second = scene.pending(), scene.pending(own_words="I found better words.")
    assert first != second
    assert [delivery.purpose for delivery in scene.deliveries()] == [Purpose.CONFIRMATION] * 2
    with scene.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(Supporter)) == 1


def test_another_spelling_of_the_address_is_the_same_person(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    scene.confirmed("Alice@Supporter.example")
    scene.submit("ALICE@supporter.example")
    assert scene.deliveries()[-1].purpose is Purpose.ALREADY_WRITTEN


def test_who_took_part_in_one_campaign_may_take_part_in_another(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    scene.confirmed()
    with scene.sessions.write() as session:
        other = add_campaign(session, scene.now, slug="another").id
    Scene(scene.sessions, scene.now, other).submit()
    assert scene.deliveries()[-1].purpose is Purpose.CONFIRMATION


def test_a_letter_that_was_not_edited_keeps_no_text_of_its_own(scene: Scene) -> None:
    scene.submit()
    with scene.sessions.read() as session:
        assert session.execute(text("SELECT subject, body FROM action")).one() == (None, None)


def test_an_edited_letter_keeps_its_subject_and_its_middle(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    action_id = scene.pending(subject="Please", body="Be kind.\n\n{{ not.a.placeholder }}")
    with scene.sessions.read() as session:
        action = session.get_one(Action, action_id)
        assert (action.subject, action.body) == ("Please", "Be kind.\n\n{{ not.a.placeholder }}")


def test_the_name_of_a_known_supporter_is_not_changed_by_whoever_types_their_address(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    scene.submit(name="Alice Adams")
    scene.submit(name="Mallory")
    with scene.sessions.read() as session:
        assert session.scalars(select(Supporter)).one().name == "Alice Adams"


@pytest.mark.parametrize("state", [state for state in CampaignState if state is not CampaignState.LIVE])
def test_only_a_live_campaign_takes_letters(sqlite_scene: Scene, state: CampaignState) -> None:
    sqlite_scene.move_campaign(state)
    before = dump(sqlite_scene.sessions.engine)
    with pytest.raises(CampaignNotOpenError):
        sqlite_scene.submit()
    assert dump(sqlite_scene.sessions.engine) == before


def test_many_tries_of_one_new_address_at_one_moment_make_one_supporter(scene: Scene) -> None:
    together(*[scene.submit] * 5)
    with scene.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(Supporter)) == 1
        assert session.scalar(select(func.count()).select_from(Action)) == 5


def test_tries_of_different_addresses_at_one_moment_do_not_mix(scene: Scene) -> None:
    emails = [ALICE, BOB, "carla@supporter.example", "dan@supporter.example"]
    action_ids = together(*[lambda email=email: scene.pending(email) for email in emails])
    with scene.sessions.read() as session:
        assert [session.get_one(Action, action_id).supporter.email for action_id in action_ids] == emails
