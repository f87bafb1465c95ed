"""Targets behind one mailbox: one letter, which names them all (writetothem #322)."""

from __future__ import annotations

from app.actions.frozen import recipient_in
from app.actions.mailboxes import mailboxes_of
from app.actions.models import Action, Letter
from app.actions.text import parts_of, text_of
from app.campaigns.models import Campaign
from app.delivery.ledger import differences
from app.letters.compose import compose
from app.queue.states import DeliveryState, Purpose
from app.targets.models import Target
from tests.support.builders import Scene
from tests.support.threads import together

SHARED = "members@zedmere.example"


def share(scene: Scene, *names: str) -> None:
    for name in names or ("bob-sample", "carla-verde"):
        scene.change_target(name, email=SHARED)


def only_letter(scene: Scene, action_id: int) -> Letter:
    with scene.sessions.read() as session:
        [letter] = session.get_one(Action, action_id).letters
        assert [addressee.target.external_id for addressee in letter.addressees] == ["carla-verde"]
        assert letter.target.external_id == "bob-sample"
        return letter


def test_an_address_is_the_same_in_small_and_in_capital_letters() -> None:
    ann, bob, cleo = (
        Target(id=number, name=name, email=email)
        for number, name, email in (
            (3, "Ann", "Members@Z.example"),
            (1, "Bob", "b@z.example"),
            (2, "Cleo", "members@z.example"),
        )
    )
    assert [mailbox.targets for mailbox in mailboxes_of([cleo, bob, ann])] == [(ann, cleo), (bob,)]


def test_two_behind_one_mailbox_get_one_letter_that_names_both(scene: Scene) -> None:
    share(scene)
    action_id = scene.confirmed()
    letter = only_letter(scene, action_id)
    assert (letter.recipient.name, letter.recipient.salutation) == (
        "Cllr Bob Sample and Cllr Carla Verde",
        "Dear Cllr Sample and Cllr Verde",
    )
    assert letter.shared
    with scene.sessions.read() as session:
        action = session.get_one(Action, action_id)
        composed = compose(parts_of(action.template), text_of(action), recipient_in(letter))
        assert composed.text.startswith("Dear Cllr Sample and Cllr Verde,\n")
        assert composed.digest == letter.text_hash


def test_the_ledger_counts_one_letter_for_a_mailbox(scene: Scene) -> None:
    share(scene)
    scene.confirmed()
    assert scene.states(Purpose.LETTER) == [DeliveryState.QUEUED]
    with scene.sessions.read() as session:
        assert session.get_one(Campaign, scene.campaign_id).letter_count == 1
        assert list(differences(session)) == []


def test_a_letter_to_one_alone_has_no_further_addressee(sqlite_scene: Scene) -> None:
    action_id = sqlite_scene.confirmed()
    with sqlite_scene.sessions.read() as session:
        letters = session.get_one(Action, action_id).letters
        assert [(letter.shared, letter.addressees) for letter in letters] == [(False, [])] * 2


def test_who_has_left_before_the_letter_is_confirmed_is_not_named(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    share(scene)
    action_id = scene.pending()
    scene.change_target("bob-sample", archived_at=scene.now)
    scene.confirm(action_id)
    with scene.sessions.read() as session:
        [letter] = session.get_one(Action, action_id).letters
        assert (letter.recipient.name, letter.shared) == ("Cllr Carla Verde", False)


def test_a_mailbox_is_shared_from_the_day_that_the_registry_says_so(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    action_id = scene.pending()
    share(scene)
    scene.confirm(action_id)
    assert only_letter(scene, action_id).recipient.name == "Cllr Bob Sample and Cllr Carla Verde"


def test_a_press_in_two_tabs_makes_one_letter_for_the_mailbox(scene: Scene) -> None:
    share(scene)
    action_id = scene.pending()
    together(*[lambda: scene.confirm(action_id)] * 3)
    assert only_letter(scene, action_id).shared
    assert len(scene.deliveries(Purpose.LETTER)) == 1


def test_a_letter_to_both_is_withdrawn_as_one(sqlite_scene: Scene) -> None:
    share(sqlite_scene)
    assert sqlite_scene.withdraw(sqlite_scene.confirmed()) == 1
    assert sqlite_scene.states(Purpose.LETTER) == [DeliveryState.CANCELLED]
    assert sqlite_scene.count() == 0
