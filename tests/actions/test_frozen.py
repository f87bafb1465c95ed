"""How recipients are named, frozen when letters to them are confirmed."""

from __future__ import annotations

from sqlalchemy import select

from app.actions.frozen import frozen_recipients, recipient_in
from app.actions.models import Action, FrozenRecipient
from app.letters.compose import Recipient
from tests.support.builders import BOB, Scene
from tests.support.threads import together

SAMPLE = Recipient("Cllr Bob Sample", "Zedmere", "Dear Cllr Sample")
VERDE = Recipient("Cllr Carla Verde", "Zedmere", "Dear Cllr Verde")


def recipients_of(scene: Scene, action_id: int) -> list[tuple[int, Recipient]]:
    with scene.sessions.read() as session:
        letters = session.get_one(Action, action_id).letters
        return [(letter.recipient_id, recipient_in(letter)) for letter in letters]


def kept(scene: Scene) -> list[str]:
    with scene.sessions.read() as session:
        return list(session.scalars(select(FrozenRecipient.name).order_by(FrozenRecipient.id)))


def test_letters_that_name_the_same_alike_share_what_is_kept(scene: Scene) -> None:
    alices, bobs = (recipients_of(scene, scene.confirmed(email)) for email in ("alice@supporter.example", BOB))
    assert alices == bobs
    assert kept(scene) == ["Cllr Bob Sample", "Cllr Carla Verde"]


def test_a_new_name_is_for_new_letters(scene: Scene) -> None:
    before = scene.confirmed()
    old = recipients_of(scene, before)
    scene.change_target("bob-sample", name="Cllr Robert Sample")
    after = dict(recipients_of(scene, scene.confirmed(BOB)))
    assert recipients_of(scene, before) == old
    assert {recipient.name for recipient in after.values()} == {"Cllr Robert Sample", "Cllr Carla Verde"}
    assert kept(scene) == ["Cllr Bob Sample", "Cllr Carla Verde", "Cllr Robert Sample"]


def test_two_who_name_the_same_for_the_first_time_at_once_keep_it_once(scene: Scene) -> None:
    found: list[dict[Recipient, int]] = []

    def freeze(*recipients: Recipient) -> None:
        with scene.sessions.write() as session:
            found.append(frozen_recipients(session, recipients))

    together(*[lambda: freeze(SAMPLE, VERDE), lambda: freeze(VERDE, SAMPLE)] * 3)
    assert found == [found[0]] * 6
    assert (found[0].keys(), len(kept(scene))) == ({SAMPLE, VERDE}, 2)
