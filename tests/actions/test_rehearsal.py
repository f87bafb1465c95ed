"""Every letter of a campaign, made before one is written."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

import pytest
from sqlalchemy import select, update

from app.actions.models import Letter
from app.actions.rehearsal import ALL_REASONS, EXAMPLES, NO_POSTCODE, WRITER, WRITERS_POSTCODE, Rehearsal, rehearse
from app.campaigns.matching import Who
from app.campaigns.models import Campaign, TargetRule
from app.campaigns.targeting import Exclusion, Targeting
from app.db import Sessions
from app.letters.findings import Level
from app.targets.models import Area, Target
from tests.support.builders import CANALSIDE, Scene, letter_template, make_scene, with_segment
from tests.support.costs import statements
from tests.support.dumps import dump

LONG_ENOUGH = "I ask you to act on this, as many of us who live here do. " * 4


def play(scene: Scene, sample: int = 20, seed: int = 0) -> Rehearsal:
    with scene.sessions.read() as session:
        chance = Random(seed)  # noqa: S311 - chance, not secrecy
        return rehearse(session, session.get_one(Campaign, scene.campaign_id), sample=sample, random=chance)


def rewrite(scene: Scene, **parts: object) -> None:
    """Give the campaign's letter other parts."""
    with scene.sessions.write() as session:
        [template] = session.get_one(Campaign, scene.campaign_id).templates
        for name, text in parts.items():
            setattr(template, name, text)


def found(rehearsal: Rehearsal, *levels: Level) -> list[tuple[str, str, int]]:
    return [
        (tally.finding.where, tally.finding.sentence, tally.letters)
        for tally in rehearsal.tallies
        if tally.finding.level in (levels or (Level.STOP, Level.WARN))
    ]


def names(rehearsal: Rehearsal) -> list[str]:
    return sorted(one.recipient.name for one in rehearsal.sample)


def test_there_is_a_letter_to_everybody_who_can_be_written_to(scene: Scene) -> None:
    rehearsal = play(scene)
    assert rehearsal.letters == 3
    assert names(rehearsal) == ["Cllr Bob Sample", "Cllr Carla Verde", "Cllr Dan Moss"]
    assert found(rehearsal) == []
    [text] = rehearsal.texts
    assert (text.audience, text.version, text.letters) == ("all", 1, 3)
    assert text.figures is not None
    assert rehearsal.addresses == {one.address for one in rehearsal.sample}


def test_a_letter_of_the_sample_is_the_one_that_would_be_confirmed(scene: Scene) -> None:
    action_id = scene.confirmed(name=WRITER)
    with scene.sessions.read() as session:
        letters = session.scalars(select(Letter).where(Letter.action_id == action_id)).all()
        confirmed = {letter.recipient.name: letter.text_hash for letter in letters}
    rehearsed = {}
    for one in play(scene).sample:
        assert one.letter.text.endswith(WRITERS_POSTCODE)
        theirs = one.letter.text.replace(WRITERS_POSTCODE, CANALSIDE)  # the one that the action was handed in with
        rehearsed[one.recipient.name] = replace(one.letter, text=theirs).digest
    assert confirmed.items() <= rehearsed.items()
    assert len(confirmed) == 2


def test_nothing_is_written(scene: Scene) -> None:
    before = dump(scene.sessions.engine)
    play(scene)
    assert dump(scene.sessions.engine) == before


def test_what_is_found_is_counted_with_three_examples(scene: Scene) -> None:
    with scene.sessions.write() as session:
        bob = session.scalars(select(Target).where(Target.external_id == "bob-sample")).one()
        columns = {c.name: getattr(bob, c.name) for c in Target.__table__.columns if c.name != "id"}
        for number in range(5):
            own = {"external_id": f"x-{number}", "email": f"x{number}@zedmere.example", "name": f"Cllr {number} Sample"}
            session.add(Target(**columns | own | {"salutation": f"Dear Cllr {'ABCDE'[number]}. SAMPLE"}))
        bob.salutation = "Dear Cllr"
    rehearsal = play(scene)
    assert [(tally.finding.level, tally.letters) for tally in rehearsal.tallies][:2] == [
        (Level.STOP, 1),
        (Level.WARN, 5),
    ]
    stop, warn, *_ = rehearsal.tallies
    assert stop.examples == [("Cllr Bob Sample", "Dear Cllr")]
    assert len({quote for _, quote in warn.examples}) == len(warn.examples) == EXAMPLES
    assert rehearsal.letters == 8


def test_what_all_letters_have_alike_has_one_example(scene: Scene) -> None:
    rewrite(scene, body=f"{LONG_ENOUGH}\n\nYours, [your name]")
    rehearsal = play(scene)
    [tally] = rehearsal.tallies
    assert (tally.finding.level, tally.finding.where, tally.letters) == (Level.STOP, "paragraph 2", 3)
    assert [quote for _, quote in tally.examples] == ["[your name]"]


def test_a_letter_that_cannot_be_made_is_a_finding_and_no_error(scene: Scene) -> None:
    with scene.sessions.write() as session:
        session.execute(update(Area).where(Area.name == "Station Road").values(parent_id=None))
    rehearsal = play(scene)
    assert found(rehearsal, Level.STOP) == [("", "The letter cannot be made: `council.name` has no value here.", 1)]
    assert rehearsal.letters == 3
    assert names(rehearsal) == ["Cllr Bob Sample", "Cllr Carla Verde"]


def test_a_letter_whose_writer_gives_no_postcode_is_looked_at_too(scene: Scene) -> None:
    rewrite(scene, body=f"{LONG_ENOUGH}", closing="Yours,\n\n{{ supporter.name }} ({{ supporter.postcode }})")
    [tally] = play(scene).tallies
    assert (tally.finding.where, tally.letters) == ("closing", 1)
    assert tally.examples[0][0] == NO_POSTCODE


def test_every_subject_and_all_reasons_are_looked_at_too(scene: Scene) -> None:
    reason = {"key": "work", "label": "I work here", "text": "LISTEN TO US NOW PLEASE!!!"}
    rewrite(scene, body=LONG_ENOUGH, more_subjects=["A subject", "x" * 100], reasons=[reason])
    rehearsal = play(scene)
    assert {sample.letter.subject for sample in rehearsal.sample} >= {"A subject", "x" * 100}
    told = {(tally.finding.where, whom) for tally in rehearsal.tallies for whom, _quote in tally.examples}
    assert ("subject", "with its subject 3") in told
    assert ("paragraph 1", ALL_REASONS) in told
    assert not any(whom == "with its subject 2" for _where, whom in told)


def test_a_reason_that_cannot_be_said_is_a_finding_and_no_error(scene: Scene) -> None:
    reason = {"key": "work", "label": "I work here", "text": "I work for {{ target.name }}."}
    rewrite(scene, body=LONG_ENOUGH, reasons=[reason])
    [tally] = [one for one in play(scene).tallies if one.finding.level is Level.STOP]
    assert "`target.name` has no value here" in str(tally.finding)
    assert [whom for whom, _quote in tally.examples] == [ALL_REASONS]


def test_each_audience_reads_its_own_letter_and_has_its_share_of_the_sample(sessions: Sessions, now: datetime) -> None:
    scene = make_scene(sessions, now, **with_segment(now, "supportive", "carla-verde"))
    rehearsal = play(scene, sample=2)
    assert [(text.audience, text.letters) for text in rehearsal.texts] == [("all", 2), ("supportive", 1)]
    assert sorted(one.audience for one in rehearsal.sample) == ["all", "supportive"]
    assert all(one.figures is not None for one in rehearsal.texts)


def test_those_behind_one_mailbox_get_one_letter(scene: Scene) -> None:
    scene.change_target("carla-verde", email="bob.sample@zedmere.example")
    rehearsal = play(scene)
    assert rehearsal.letters == 2
    assert names(rehearsal) == ["Cllr Bob Sample and Cllr Carla Verde", "Cllr Dan Moss"]


def test_those_of_different_wards_are_never_behind_one_letter(scene: Scene) -> None:
    scene.change_target("dan-moss", email="bob.sample@zedmere.example")
    assert play(scene).letters == 3


@pytest.mark.parametrize(("rule", "letters"), [(TargetRule.ALL, 1), (TargetRule.CHOOSE, 2), (TargetRule.ROTATE, 2)])
def test_on_lists_only_those_who_are_written_to_together_share_a_letter(
    sessions: Sessions, now: datetime, rule: TargetRule, letters: int
) -> None:
    scene = make_scene(sessions, now, target_rule=rule)
    scene.change_target("bizco", email="press@acme.example")
    rehearsal = play(scene)
    assert rehearsal.letters == letters
    assert all(WRITERS_POSTCODE not in one.letter.text for one in rehearsal.sample)


def test_who_is_left_out_is_counted_and_not_written_to(sessions: Sessions, now: datetime) -> None:
    friends = Targeting(exclude=(Exclusion("friends", Who.of({"name": ["*Bob*"]})),))
    rehearsal = play(make_scene(sessions, now, targeting=friends))
    assert (rehearsal.letters, rehearsal.census.excluded) == (2, {"friends": 1})


@pytest.mark.parametrize("columns", [{}, {"target_rule": TargetRule.ALL, "target_lists": "councillors"}])
def test_those_who_are_written_to_when_nobody_is_found_are_among_them(
    sessions: Sessions, now: datetime, columns: dict[str, Any]
) -> None:
    scene = make_scene(sessions, now, targeting=Targeting(fallback=("companies",)), **columns)
    rehearsal = play(scene)
    assert rehearsal.letters == 5
    assert {"ACME plc", "Bizco Ltd"} <= set(names(rehearsal))


def test_the_same_seed_gives_the_same_sample_and_another_may_not(sqlite_sessions: Sessions, now: datetime) -> None:
    scene = make_scene(sqlite_sessions, now)
    samples = [names(play(scene, sample=1, seed=seed)) for seed in range(60)]
    assert names(play(scene, sample=1, seed=7)) == samples[7]
    counted = Counter(name for [name] in samples)
    assert set(counted) == {"Cllr Bob Sample", "Cllr Carla Verde", "Cllr Dan Moss"}
    assert min(counted.values()) > 8, "each has the same chance"


def test_no_sample_may_be_asked_for(sqlite_scene: Scene) -> None:
    rehearsal = play(sqlite_scene, sample=0)
    assert (rehearsal.sample, rehearsal.letters) == ([], 3)


def test_the_newest_version_is_rehearsed(sqlite_scene: Scene, now: datetime) -> None:
    with sqlite_scene.sessions.write() as session:
        campaign = session.get_one(Campaign, sqlite_scene.campaign_id)
        campaign.templates.append(letter_template(now, version=2))
    rehearsal = play(sqlite_scene)
    assert [text.version for text in rehearsal.texts] == [2]
    assert all("(Version 2)" in one.letter.text for one in rehearsal.sample)


def test_the_number_of_statements_does_not_grow_with_the_targets(sqlite_scene: Scene) -> None:
    def cost() -> int:
        with statements(sqlite_scene.sessions.engine) as seen:
            play(sqlite_scene)
        return len(seen)

    before = cost()
    with sqlite_scene.sessions.write() as session:
        bob = session.scalars(select(Target).where(Target.external_id == "bob-sample")).one()
        columns = {c.name: getattr(bob, c.name) for c in Target.__table__.columns if c.name != "id"}
        session.add_all(Target(**columns | {"external_id": f"x-{n}", "email": f"x{n}@z.example"}) for n in range(40))
    assert cost() == before
