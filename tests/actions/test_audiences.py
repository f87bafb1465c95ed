"""Letters of their own for segments of a campaign's targets."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import func, select, text

from app.actions.audiences import audiences_among
from app.actions.confirm import coming_letters
from app.actions.frozen import recipient_in
from app.actions.models import Action, ActionPart, Letter
from app.actions.retention import expire_actions
from app.actions.text import parts_of, text_of
from app.campaigns.models import Campaign
from app.campaigns.targeting import EVERYBODY
from app.db import Sessions
from app.delivery.ledger import differences
from app.letters.compose import compose
from app.queue.states import DeliveryState, Purpose
from app.targets.models import Target
from tests.support.builders import CONFIRM_WITHIN, Scene, letter_template, make_scene, segment_of, with_segment

OWN = {"own_words": "My neighbour fears the letter box.", "subject": "My subject", "body": "My middle."}
EDITED = ("Thank you, Cllr Verde", "You have stood by us.")


@pytest.fixture
def scene(sessions: Sessions, now: datetime) -> Scene:
    """A campaign with a letter of its own for those who are supportive already."""
    return make_scene(sessions, now, **with_segment(now, "supportive", "carla-verde"))


@pytest.fixture
def sqlite_scene(sqlite_sessions: Sessions, now: datetime) -> Scene:
    return make_scene(sqlite_sessions, now, **with_segment(now, "supportive", "carla-verde"))


def only_supportive(scene: Scene, *external_ids: str) -> None:
    """Let these be the ones who are."""
    with scene.sessions.write() as session:
        session.get_one(Campaign, scene.campaign_id).targeting = segment_of("supportive", *external_ids)


def texts(scene: Scene, action_id: int) -> dict[str, str]:
    """What each letter of a confirmed action says, by who it is to; its hash agrees with it."""
    said = {}
    with scene.sessions.read() as session:
        action = session.get_one(Action, action_id)
        for letter in action.letters:
            part = session.get(ActionPart, letter.part_id) if letter.part_id else None
            template = parts_of((part or action).template)
            composed = compose(template, text_of(action, part), recipient_in(letter))
            assert composed.digest == letter.text_hash
            said[letter.recipient.name] = f"{composed.subject}\n{composed.text}"
    return said


def audiences(scene: Scene, *external_ids: str) -> list[tuple[str, list[list[str]]]]:
    only_supportive(scene, *external_ids)
    with scene.sessions.read() as session:
        targets = session.scalars(select(Target).where(Target.area_id == scene.area_id("Canalside"))).all()
        campaign = session.get_one(Campaign, scene.campaign_id)
        found = audiences_among(session, campaign, targets)
        return [(one.name, [[t.external_id for t in mailbox.targets] for mailbox in one.mailboxes]) for one in found]


def test_each_audience_has_its_own_letter_and_everybodys_comes_first(sqlite_scene: Scene) -> None:
    assert audiences(sqlite_scene, "carla-verde") == [(EVERYBODY, [["bob-sample"]]), ("supportive", [["carla-verde"]])]
    assert audiences(sqlite_scene, "bob-sample") == [
        (EVERYBODY, [["carla-verde"]]),
        ("supportive", [["bob-sample"]]),
    ]


def test_an_audience_that_nobody_here_belongs_to_is_not_there(sqlite_scene: Scene) -> None:
    assert audiences(sqlite_scene, "dan-moss") == [(EVERYBODY, [["bob-sample"], ["carla-verde"]])]
    everybody_is = audiences(sqlite_scene, "bob-sample", "carla-verde")
    assert everybody_is == [("supportive", [["bob-sample"], ["carla-verde"]])]


def test_those_behind_one_mailbox_who_differ_are_written_to_like_everybody(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    for external_id in ("bob-sample", "carla-verde"):
        scene.change_target(external_id, email="members@zedmere.example")
    both = ["bob-sample", "carla-verde"]
    assert audiences(scene, "carla-verde") == [(EVERYBODY, [both])]
    assert audiences(scene, *both) == [("supportive", [both])]


def test_a_letter_is_written_from_the_newest_version_of_its_own_audience(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    with scene.sessions.write() as session:
        campaign = session.get_one(Campaign, scene.campaign_id)
        for version, audience in ((2, EVERYBODY), (2, "supportive"), (3, EVERYBODY)):
            campaign.templates.append(letter_template(scene.now, version=version, audience=audience))
    said = texts(scene, scene.confirmed())
    assert "Please act. (Version 3)" in said["Cllr Bob Sample"]
    assert "Please act. (Version 2)" in said["Cllr Carla Verde"]


def test_each_reads_the_letter_of_their_audience(scene: Scene) -> None:
    said = texts(scene, scene.confirmed(own_words=OWN["own_words"]))
    assert list(said) == ["Cllr Bob Sample", "Cllr Carla Verde"]
    assert said["Cllr Bob Sample"].startswith("Please oppose reporting")
    assert said["Cllr Carla Verde"].startswith("You are supportive. Please oppose reporting")
    assert "You are supportive." not in said["Cllr Bob Sample"]
    for letter in said.values():
        assert OWN["own_words"] in letter


def test_each_letter_is_edited_for_itself(scene: Scene) -> None:
    said = texts(scene, scene.confirmed(**OWN, further=[EDITED]))
    assert said["Cllr Bob Sample"].startswith("My subject\nDear Cllr Sample,\n")
    assert said["Cllr Carla Verde"].startswith("Thank you, Cllr Verde\nDear Cllr Verde,\n")
    assert "My middle." in said["Cllr Bob Sample"]
    assert "You have stood by us." in said["Cllr Carla Verde"]
    assert "My middle." not in said["Cllr Carla Verde"]


def test_one_audience_alone_needs_no_part(scene: Scene) -> None:
    only_supportive(scene, "bob-sample", "carla-verde")
    action_id = scene.confirmed()
    assert all("You are supportive." in letter for letter in texts(scene, action_id).values())
    with scene.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(ActionPart)) == 0
        assert set(session.scalars(select(Letter.part_id))) == {None}


def test_who_was_shown_a_letter_gets_that_one_whatever_the_segments_say_later(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    action_id = scene.pending()
    with scene.sessions.read() as session:
        coming = coming_letters(session.get_one(Action, action_id))
        shown = [(one.mailbox.first.external_id, one.part is not None) for one in coming]
    assert shown == [("bob-sample", False), ("carla-verde", True)]
    only_supportive(scene, "bob-sample")
    scene.change_target("bob-sample", archived_at=scene.now)
    scene.confirm(action_id)
    assert texts(scene, action_id)["Cllr Carla Verde"].startswith("You are supportive.")


def test_two_who_came_to_share_a_mailbox_get_the_letters_they_were_shown_with(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    action_id = scene.pending()
    for external_id in ("bob-sample", "carla-verde"):
        scene.change_target(external_id, email="members@zedmere.example")
    scene.confirm(action_id)
    assert list(texts(scene, action_id)) == ["Cllr Bob Sample", "Cllr Carla Verde"]


def test_the_ledger_adds_up_and_all_is_withdrawn_together(scene: Scene) -> None:
    action_id = scene.confirmed(further=[EDITED])
    with scene.sessions.read() as session:
        assert session.get_one(Campaign, scene.campaign_id).letter_count == 2
    assert scene.withdraw(action_id) == 2
    assert scene.states(Purpose.LETTER) == [DeliveryState.CANCELLED] * 2
    with scene.sessions.read() as session:
        assert list(differences(session)) == []


def test_what_nobody_confirmed_is_erased_with_all_its_letters(scene: Scene) -> None:
    scene.pending(**OWN, further=[EDITED])
    with scene.sessions.write() as session:
        assert expire_actions(session, scene.now + CONFIRM_WITHIN) == 1
    with scene.sessions.read() as session:
        assert session.execute(text("SELECT count(*) FROM action_part")).scalar_one() == 0


def test_another_act_of_the_same_person_keeps_its_letters(scene: Scene) -> None:
    scene.pending(further=[("Dropped", "Dropped")])
    kept = scene.confirmed(further=[EDITED])
    with scene.sessions.write() as session:
        expire_actions(session, scene.now + CONFIRM_WITHIN)
    assert "You have stood by us." in texts(scene, kept)["Cllr Carla Verde"]
