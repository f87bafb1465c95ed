"""Subjects that were drawn and reasons that were chosen: frozen with the action, and made again from it."""

from __future__ import annotations

from datetime import datetime

import pytest

from app.actions.frozen import recipient_in
from app.actions.models import Action, ActionPart
from app.actions.text import parts_of, text_of
from app.campaigns.models import LetterTemplate
from app.db import Sessions
from app.letters.compose import ComposedLetter, compose
from tests.support.builders import Scene, letter_template, make_scene, segment_of

REASONS = [
    {"key": "home", "label": "I live here", "text": "I live in {{ area.name }}."},
    {"key": "work", "label": "I work here", "text": "I work here."},
]


def template(now: datetime, *, audience: str = "all", version: int = 1) -> LetterTemplate:
    """A letter with three subjects; the one to everybody offers two reasons, another one the second only."""
    made = letter_template(now, audience=audience, version=version)
    made.more_subjects = [f"Second to {audience}", f"Third to {audience}"]
    made.reasons = REASONS if audience == "all" else REASONS[1:]
    return made


@pytest.fixture
def scene(sessions: Sessions, now: datetime) -> Scene:
    templates = [template(now), template(now, audience="supportive")]
    return make_scene(sessions, now, templates=templates, targeting=segment_of("supportive", "carla-verde"))


def letters(scene: Scene, action_id: int) -> dict[str, ComposedLetter]:
    """Each letter of a confirmed action, by who it is to, made from what is frozen; its hash agrees with it."""
    made = {}
    with scene.sessions.read() as session:
        action = session.get_one(Action, action_id)
        for letter in action.letters:
            part = session.get(ActionPart, letter.part_id) if letter.part_id else None
            composed = compose(parts_of((part or action).template), text_of(action, part), recipient_in(letter))
            assert composed.digest == letter.text_hash
            made[letter.recipient.name] = composed
    return made


def test_each_letter_says_what_it_has_of_the_reasons_and_the_subject_that_was_drawn(scene: Scene) -> None:
    made = letters(scene, scene.confirmed(reasons=["home", "work"], subject_variant=1))
    bob, carla = made["Cllr Bob Sample"], made["Cllr Carla Verde"]
    assert (bob.subject, carla.subject) == ("Second to all", "Second to supportive")
    assert "I live in Canalside.\n\nI work here.\n\nI write to you" in bob.text
    assert "I live in Canalside." not in carla.text
    assert "I work here." in carla.text


def test_a_new_version_of_the_letter_changes_none_that_was_begun(scene: Scene, now: datetime) -> None:
    action_id = scene.pending(reasons=["work"], subject_variant=2)
    with scene.sessions.write() as session:
        later = letter_template(now, version=2)
        later.campaign_id = scene.campaign_id
        session.add(later)
    scene.confirm(action_id)
    bob = letters(scene, action_id)["Cllr Bob Sample"]
    assert bob.subject == "Third to all"
    assert "I work here." in bob.text


def test_what_was_drawn_is_kept_though_the_subject_was_changed(scene: Scene) -> None:
    action_id = scene.confirmed(subject="My own", subject_variant=2)
    with scene.sessions.read() as session:
        action = session.get_one(Action, action_id)
        assert (action.subject, action.subject_variant) == ("My own", 2)
        assert [part.subject_variant for part in action.parts] == [2]
    assert letters(scene, action_id)["Cllr Bob Sample"].subject == "My own"
