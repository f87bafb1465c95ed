"""Confirming: the moment at which letters come to be."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from app.actions.confirm import Confirmation, Standing, confirm_action, standing_of
from app.actions.frozen import recipient_in
from app.actions.models import Action, ActionState, ActionTarget, Letter, Supporter
from app.actions.retention import expire_actions
from app.actions.text import parts_of, text_of
from app.campaigns.models import Campaign, CampaignState
from app.db import Sessions
from app.delivery.lane_desk import set_pace
from app.letters.compose import compose
from app.queue.states import DeliveryState, Purpose
from app.targets.by_key import target_by_id_to_change
from tests.support.builders import ALICE, BOB, CANALSIDE, CONFIRM_WITHIN, Scene, letter_template, make_scene
from tests.support.dumps import dump
from tests.support.threads import together

OPEN = (CampaignState.LIVE, CampaignState.PAUSED)


def state_of(scene: Scene, action_id: int) -> ActionState:
    with scene.sessions.read() as session:
        return session.get_one(Action, action_id).state


def letters(scene: Scene) -> list[Letter]:
    with scene.sessions.read() as session:
        return list(session.scalars(select(Letter).order_by(Letter.id)))


def standing(scene: Scene, action_id: int, *, now: datetime | None = None) -> Standing:
    with scene.sessions.read() as session:
        return standing_of(session.get_one(Action, action_id), now or scene.now)


def test_confirming_freezes_a_letter_for_each_target_and_queues_it(scene: Scene) -> None:
    action_id = scene.pending()
    assert standing(scene, action_id) is Standing.READY
    confirmation = scene.confirm(action_id)
    assert confirmation.standing is Standing.CONFIRMED
    assert [letter.recipient.name for letter in letters(scene)] == ["Cllr Bob Sample", "Cllr Carla Verde"]
    queued = scene.deliveries()[1:]
    assert [delivery.purpose for delivery in queued] == [Purpose.LETTER, Purpose.LETTER, Purpose.THANK_YOU]
    assert [delivery.id for delivery in queued[:-1]] == [letter.id for letter in letters(scene)]
    assert [delivery.id for delivery in queued] == list(confirmation.delivery_ids)
    assert {delivery.state for delivery in queued} == {DeliveryState.QUEUED}
    with scene.sessions.read() as session:
        action = session.get_one(Action, action_id)
        assert (action.state, action.confirmed_at) == (ActionState.CONFIRMED, scene.now)


def test_whom_it_was_shown_is_kept_until_it_is_confirmed_and_by_its_letters_from_then_on(scene: Scene) -> None:
    scene.submit(BOB)
    action_id = scene.pending()
    scene.confirm(action_id)
    with scene.sessions.read() as session:
        kept = session.scalars(select(ActionTarget.action_id).distinct()).all()
        assert kept == [session.scalars(select(Action.id).where(Action.state == ActionState.PENDING)).one()]
        assert session.get_one(Action, action_id).choices == []


def test_a_confirmation_waits_for_nobody_who_changes_its_target_or_its_lane(
    postgresql_sessions: Sessions, now: datetime
) -> None:
    scene = make_scene(postgresql_sessions, now)
    scene.confirmed(BOB)
    action_id = scene.pending()
    with scene.sessions.write() as other:
        target_by_id_to_change(other, scene.target_id("bob-sample")).name = "Cllr Robert Sample"
        set_pace(other, "zedmere.example", 100)
        other.flush()
        with scene.sessions.write() as session:
            session.execute(text("SET LOCAL lock_timeout = '5s'"))
            assert len(scene.confirm_in(session, action_id).delivery_ids) == 3


def test_no_letter_is_there_before_it_is_confirmed(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    scene.submit()
    assert letters(scene) == []
    assert scene.deliveries(Purpose.LETTER) == []


@pytest.mark.parametrize("body", [None, "My own middle.\n\nWith braces: {{ area.name }}"])
def test_a_frozen_letter_says_the_same_whatever_changes_around_it(scene: Scene, body: str | None) -> None:
    action_id = scene.confirmed(body=body, own_words="My neighbour fears the letter box.")
    with scene.sessions.write() as session:
        campaign = session.get_one(Campaign, scene.campaign_id)
        campaign.templates.append(letter_template(scene.now, version=2))
        campaign.page_in("en").title = "Another title"
    scene.change_target("bob-sample", name="Cllr Robert Sample", salutation="Dear Sir")
    with scene.sessions.read() as session:
        action = session.get_one(Action, action_id)
        for letter in action.letters:
            composed = compose(parts_of(action.template), text_of(action), recipient_in(letter))
            assert composed.digest == letter.text_hash
            assert composed.text.startswith(f"{letter.recipient.salutation},\n\nMy neighbour fears the letter box.\n\n")
            assert composed.text.endswith(f"Yours sincerely,\n\nAlice Adams\n{CANALSIDE}")
        assert action.letters[0].recipient.salutation == "Dear Cllr Sample"


def test_letters_to_different_targets_have_different_digests(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    scene.confirmed()
    first, second = letters(scene)
    assert first.text_hash != second.text_hash
    assert len(first.text_hash) == 32


def test_confirming_again_changes_nothing(scene: Scene) -> None:
    action_id = scene.confirmed()
    before = dump(scene.sessions.engine)
    assert scene.confirm(action_id) == Confirmation(Standing.CONFIRMED)
    assert dump(scene.sessions.engine) == before


def test_only_one_of_two_drafts_of_a_supporter_becomes_their_act(scene: Scene) -> None:
    first, second = scene.pending(), scene.pending(own_words="I found better words.")
    scene.confirm(second)
    before = dump(scene.sessions.engine)
    assert scene.confirm(first) == Confirmation(Standing.CONFIRMED)
    assert dump(scene.sessions.engine) == before
    assert (state_of(scene, first), state_of(scene, second)) == (ActionState.PENDING, ActionState.CONFIRMED)
    assert scene.count() == 1


def test_two_presses_at_one_moment_make_one_set_of_letters(scene: Scene) -> None:
    action_id = scene.pending()
    confirmations = together(*[lambda: scene.confirm(action_id)] * 4)
    assert {confirmation.standing for confirmation in confirmations} == {Standing.CONFIRMED}
    assert sorted(len(confirmation.delivery_ids) for confirmation in confirmations) == [0, 0, 0, 3]
    assert len(letters(scene)) == 2
    assert scene.count() == 1


def test_two_drafts_confirmed_at_one_moment_make_one_set_of_letters(scene: Scene) -> None:
    drafts = [scene.pending() for _ in range(4)]
    confirmations = together(*[lambda action_id=action_id: scene.confirm(action_id) for action_id in drafts])
    assert {confirmation.standing for confirmation in confirmations} == {Standing.CONFIRMED}
    assert sorted(len(confirmation.delivery_ids) for confirmation in confirmations) == [0, 0, 0, 3]
    assert len(letters(scene)) == 2
    assert scene.count() == 1


@pytest.mark.parametrize(
    ("meanwhile", "expected"),
    [
        (["confirm"], Standing.CONFIRMED),
        (["confirm", "withdraw"], Standing.WITHDRAWN),
        (["expire"], Standing.EXPIRED),
    ],
)
def test_what_happened_after_the_row_was_read_is_what_counts(
    scene: Scene, meanwhile: list[str], expected: Standing
) -> None:
    action_id = scene.pending()
    with scene.sessions.read() as session:
        stale = session.get_one(Action, action_id)
    for happening in meanwhile:
        _do(scene, happening, action_id)
    before = dump(scene.sessions.engine)
    with scene.sessions.write() as session:
        session.add(stale)
        assert stale.state is ActionState.PENDING
        assert confirm_action(session, scene.gate, stale, scene.now) == Confirmation(expected)
    assert dump(scene.sessions.engine) == before


def _do(scene: Scene, happening: str, action_id: int) -> None:
    match happening:
        case "confirm":
            scene.confirm(action_id)
        case "withdraw":
            scene.withdraw(action_id)
        case "expire":
            with scene.sessions.write() as session:
                expire_actions(session, scene.now + CONFIRM_WITHIN)


def test_supporters_who_confirm_at_one_moment_are_all_counted(scene: Scene) -> None:
    drafts = [scene.pending(email) for email in (ALICE, BOB, "carla@supporter.example", "dan@supporter.example")]
    together(*[lambda action_id=action_id: scene.confirm(action_id) for action_id in drafts])
    assert scene.count() == 4
    assert len(letters(scene)) == 8


def test_confirming_and_handing_in_at_one_moment_do_not_wait_for_each_other(scene: Scene) -> None:
    action_id = scene.pending()
    counted = threading.Event()

    def hand_in_slowly() -> None:
        with scene.sessions.write() as session:
            scene.gate.admit(session, BOB, "192.0.2.7", scene.now)
            counted.set()
            threading.Event().wait(0.3)  # the other has begun by then
            scene.submit(session=session)

    def confirm_meanwhile() -> None:
        counted.wait(5)
        scene.confirm(action_id)

    together(hand_in_slowly, confirm_meanwhile)
    assert scene.count() == 1
    assert len(scene.deliveries()) == 5


def test_the_link_works_until_its_time_and_not_a_moment_longer(scene: Scene) -> None:
    in_time, too_late = scene.pending(ALICE), scene.pending(BOB)
    end = scene.now + CONFIRM_WITHIN
    scene.confirm(in_time, now=end - timedelta(microseconds=1))
    before = dump(scene.sessions.engine)
    assert scene.confirm(too_late, now=end) == Confirmation(Standing.EXPIRED)
    assert dump(scene.sessions.engine) == before
    assert state_of(scene, in_time) is ActionState.CONFIRMED


@pytest.mark.parametrize("state", [state for state in CampaignState if state not in OPEN])
def test_a_campaign_that_is_over_takes_no_confirmation(sqlite_scene: Scene, state: CampaignState) -> None:
    action_id = sqlite_scene.pending()
    sqlite_scene.move_campaign(state)
    before = dump(sqlite_scene.sessions.engine)
    assert sqlite_scene.confirm(action_id) == Confirmation(Standing.CLOSED)
    assert dump(sqlite_scene.sessions.engine) == before


def test_a_paused_campaign_takes_the_confirmation_and_the_letters_wait(sqlite_scene: Scene) -> None:
    action_id = sqlite_scene.pending()
    sqlite_scene.move_campaign(CampaignState.PAUSED)
    assert sqlite_scene.confirm(action_id).standing is Standing.CONFIRMED
    assert sqlite_scene.states(Purpose.LETTER) == [DeliveryState.QUEUED] * 2


@pytest.mark.parametrize("change", ["archived", "without an address"])
def test_who_has_left_meanwhile_gets_no_letter(sqlite_scene: Scene, change: str) -> None:
    scene = sqlite_scene
    action_id = scene.pending()
    columns = {"archived_at": scene.now} if change == "archived" else {"email": ""}
    scene.change_target("bob-sample", **columns)
    assert len(scene.confirm(action_id).delivery_ids) == 2
    assert [letter.recipient.name for letter in letters(scene)] == ["Cllr Carla Verde"]


def test_when_everybody_has_left_nothing_is_sent_and_it_is_said(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    action_id = scene.pending()
    scene.change_target("bob-sample", archived_at=scene.now)
    scene.change_target("carla-verde", email="")
    before = dump(scene.sessions.engine)
    assert scene.confirm(action_id) == Confirmation(Standing.NOBODY_LEFT)
    assert dump(scene.sessions.engine) == before


def test_a_target_that_came_after_the_letter_was_shown_gets_none(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    action_id = scene.pending()
    scene.change_target("dan-moss", area_id=scene.area_id("Canalside"))
    scene.confirm(action_id)
    assert "Cllr Dan Moss" not in {letter.recipient.name for letter in letters(scene)}


def test_the_page_counts_a_letter_once_it_is_confirmed(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    action_id = scene.pending()
    assert scene.count() == 0
    scene.confirm(action_id)
    assert scene.count() == 1


def test_the_supporter_is_called_by_the_name_that_was_confirmed(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    scene.submit(name="Mallory")
    scene.confirmed(name="Alice Adams")
    with scene.sessions.read() as session:
        assert session.scalars(select(Supporter)).one().name == "Alice Adams"


def test_a_withdrawn_letter_stays_so(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    action_id = scene.confirmed()
    scene.withdraw(action_id)
    assert scene.confirm(action_id) == Confirmation(Standing.WITHDRAWN)
