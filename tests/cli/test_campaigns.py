"""`flask campaigns`, `flask keys`, and `flask targets verify`: staff's commands on a running installation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, func, select, type_coerce

from app.actions.models import Action, Supporter
from app.bootstrap import Platform, build_platform
from app.config import Config
from app.drafts.models import CampaignDraft
from app.privacy.keys import key_id_of, new_key
from app.queue.rows import Move, move
from app.queue.states import DeliveryState, EventSource, Purpose
from app.targets.models import Target
from tests.cli.conftest import Run, running, unchanged
from tests.conftest import FIELD_KEYS
from tests.support.builders import ALICE, BOB, Scene, make_scene


@pytest.fixture
def scene(platform: Platform, now: datetime) -> Scene:
    return make_scene(platform.sessions, now)


def test_campaigns_are_listed_with_their_state_and_count(flask: Run, scene: Scene) -> None:
    scene.confirmed(ALICE)
    scene.pending(BOB)
    assert flask("campaigns", "list").output.split() == ["live", "1", "abolish-reporting"]


@pytest.mark.usefixtures("scene")
def test_a_campaign_moves_and_says_so(flask: Run) -> None:
    assert flask("campaigns", "move", "abolish-reporting", "paused").output == "abolish-reporting is paused\n"
    assert flask("campaigns", "move", "abolish-reporting", "paused").output == "abolish-reporting is paused already\n"
    assert flask("campaigns", "list").output.startswith("paused")


@pytest.mark.usefixtures("scene")
def test_a_move_that_does_not_exist_is_refused_in_a_sentence(flask: Run, platform: Platform) -> None:
    with unchanged(platform):
        done = flask("campaigns", "move", "abolish-reporting", "draft")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: a campaign that is live cannot become draft; it can become paused")


@pytest.mark.usefixtures("scene")
def test_an_unknown_campaign_and_an_unknown_state_are_refused(flask: Run, platform: Platform) -> None:
    with unchanged(platform):
        unknown = flask("campaigns", "move", "no-such-campaign", "paused")
        assert (unknown.exit_code, unknown.stderr) == (1, "Error: There is no campaign no-such-campaign.\n")
        assert flask("campaigns", "move", "abolish-reporting", "forgotten").exit_code == 2


def test_a_campaigns_files_are_written_and_read_back(flask: Run, platform: Platform, tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "letter_templates" / "access-to-justice"
    assert flask("campaigns", "import", str(shipped)).output.startswith("access-to-justice: a draft")
    for number, name in enumerate(("first", "second")):
        slug = "access-to-justice" if number == 0 else "first"
        assert flask("campaigns", "export", slug, str(tmp_path / name)).exit_code == 0
        flask("campaigns", "import", str(tmp_path / name))
    texts = [{path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("first", "second")]
    assert texts[0] == texts[1] == {path.name: path.read_bytes() for path in shipped.iterdir()}
    with platform.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(CampaignDraft)) == 3


def test_what_cannot_be_exported_or_imported_is_refused_in_a_sentence(
    flask: Run, platform: Platform, tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "campaign.toml").write_text("kind = ")
    with unchanged(platform):
        assert flask("campaigns", "export", "none", str(tmp_path / "x")).stderr == "Error: There is no campaign none.\n"
        refused = flask("campaigns", "import", str(tmp_path / "own"))
    assert (refused.exit_code, "campaign.toml:1: this is not TOML" in refused.stderr) == (1, True)
    shipped = Path(__file__).parents[2] / "letter_templates" / "access-to-justice"
    flask("campaigns", "import", str(shipped))
    unwritable = flask("campaigns", "export", "access-to-justice", str(tmp_path / "own" / "campaign.toml" / "x"))
    assert (unwritable.exit_code, "cannot be written" in unwritable.stderr) == (1, True)


def test_verifying_a_target_lets_go_the_letters_that_waited_for_it(flask: Run, scene: Scene, now: datetime) -> None:
    scene.confirmed(ALICE)
    ids = [delivery.id for delivery in scene.deliveries(Purpose.LETTER)]
    hold = Move(DeliveryState.QUEUED, DeliveryState.HELD, EventSource.WORKER, reason="unverified_target")
    with scene.sessions.write() as session:
        assert len(move(session, ids, hold, now)) == 2
    done = flask("targets", "verify", "councillors", "bob-sample", "--how", "read on the council's website")
    assert (done.exit_code, done.output) == (0, "verified; letters let go: 1\n")
    assert scene.states(Purpose.LETTER) == [DeliveryState.QUEUED, DeliveryState.HELD]
    with scene.sessions.read() as session:
        bob = session.scalars(select(Target).where(Target.external_id == "bob-sample")).one()
        assert (bob.verified, bob.verified_how) == (True, "read on the council's website")


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("councillors", "nobody", "--how", "seen"), "There is no target 'nobody' on a list 'councillors'."),
        (("no-list", "bob-sample", "--how", "seen"), "There is no target 'bob-sample' on a list 'no-list'."),
        (("councillors", "eve-silent", "--how", "seen"), "Cllr Eve Silent has no e-mail address."),
        (("councillors", "bob-sample", "--how", " "), "Say how the address was checked"),
    ],
)
def test_what_cannot_be_verified_is_refused_in_a_sentence(
    flask: Run, platform: Platform, arguments: tuple[str, ...], said: str
) -> None:
    with unchanged(platform):
        done = flask("targets", "verify", *arguments)
    assert done.exit_code == 1
    assert done.stderr.startswith(f"Error: {said}")
    assert done.stderr.count("\n") == 1


def test_after_a_rotation_the_old_key_is_not_needed_any_more(
    make_config: Callable[..., Config], platform: Platform, scene: Scene
) -> None:
    scene.confirmed(ALICE, own_words="It is cold.")
    scene.pending(BOB)
    url, new = platform.config.database_url, f"new:{new_key()}"
    both = build_platform(make_config(DATABASE_URL=url, FIELD_KEYS=f"{new},{FIELD_KEYS}"))
    done = running(both)("keys", "rotate")
    assert done.exit_code == 0
    assert int(done.output.split()[0]) > 8
    assert running(both)("keys", "rotate").output == "0 values rewritten\n"
    alone = build_platform(make_config(DATABASE_URL=url, FIELD_KEYS=new))
    with alone.sessions.read() as session:
        assert set(session.scalars(select(Supporter.email))) == {ALICE, BOB}
        assert set(session.scalars(select(Action.own_words))) == {"It is cold.", ""}
        stored = session.scalars(select(type_coerce(Action.own_words, LargeBinary)))
        assert {key_id_of(value) for value in stored} == {b"new"}
    for own in (both, alone):
        own.sessions.engine.dispose()


def test_a_rotation_without_the_old_key_changes_nothing(
    make_config: Callable[..., Config], platform: Platform, scene: Scene
) -> None:
    scene.pending(ALICE)
    lost = build_platform(make_config(DATABASE_URL=platform.config.database_url, FIELD_KEYS=f"new:{new_key()}"))
    with unchanged(platform):
        done = running(lost)("keys", "rotate")
    lost.sessions.engine.dispose()
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: no key b'test' in the ring")
