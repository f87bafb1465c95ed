"""Who may be written to, and who has taken that back."""

from __future__ import annotations

import csv
import io
import json
import uuid
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from app.actions.consent import (
    BATCH,
    Contact,
    Sought,
    Standing,
    contacts,
    count_contacts,
    given_with,
    may_write,
    take_back,
)
from app.actions.contact_tables import COLUMNS, Format, lines
from app.actions.models import Action, Consent, Supporter
from app.campaigns.models import Campaign
from tests.support.builders import ALICE, BOB, CHARLIE, Scene

STOP = "Stop writing to me"
OPTED_IN, WITHDRAWN = Sought(), Sought(Standing.WITHDRAWN)


def emails(scene: Scene, sought: Sought = OPTED_IN) -> list[str]:
    found = list(contacts(scene.sessions, sought))
    with scene.sessions.read() as session:
        assert count_contacts(session, sought) == len(found)
    return sorted(contact.email for contact in found)


def stop(scene: Scene, action_id: int, *, after: timedelta = timedelta(hours=1)) -> bool:
    with scene.sessions.write() as session:
        return take_back(session, session.get_one(Action, action_id), STOP, scene.now + after)


def another_campaign(scene: Scene) -> Scene:
    """A second one like it, with the same templates."""
    with scene.sessions.write() as session:
        first = session.get_one(Campaign, scene.campaign_id)
        columns = {c.name: getattr(first, c.name) for c in Campaign.__table__.c} | {"id": None, "slug": "another"}
        session.add(other := Campaign(**columns))
        for own, copies in ((first.pages, other.pages), (first.templates, other.templates)):
            for row in own:
                kept = {c.name for c in row.__table__.c} - {"id", "campaign_id"}
                copies.append(type(row)(**{name: getattr(row, name) for name in kept}))
        session.flush()
        return Scene(scene.sessions, scene.now, other.id)


def test_only_a_confirmed_yes_counts(scene: Scene) -> None:
    scene.confirmed(ALICE, consent=True)
    scene.confirmed(BOB, consent=False)
    scene.pending(CHARLIE, consent=True)
    assert emails(scene) == [ALICE]
    assert emails(scene, WITHDRAWN) == []


def test_a_contact_says_when_and_to_what_they_agreed(scene: Scene) -> None:
    later = scene.now + timedelta(days=2)
    action_id = scene.pending(ALICE, consent=True, language="ar")
    scene.confirm(action_id, now=later)
    [contact] = contacts(scene.sessions, OPTED_IN)
    with scene.sessions.read() as session:
        wording = session.scalars(select(Consent.wording)).one()
        supporter_id = session.scalars(select(Supporter.id)).one()
    assert contact == Contact(supporter_id, "Alice Adams", ALICE, "ar", scene.now, later, wording, "abolish-reporting")


def test_who_takes_it_back_is_out_at_once_and_in_the_other_list(scene: Scene) -> None:
    action_id = scene.confirmed(ALICE, consent=True)
    assert stop(scene, action_id)
    assert (emails(scene), emails(scene, WITHDRAWN)) == ([], [ALICE])
    with scene.sessions.read() as session:
        assert not may_write(session, session.get_one(Action, action_id).supporter_id)
        last = session.scalars(select(Consent).order_by(Consent.id.desc()).limit(1)).one()
    assert (last.given, last.wording, last.at) == (False, STOP, scene.now + timedelta(hours=1))


def test_taking_it_back_again_changes_nothing(scene: Scene) -> None:
    action_id = scene.confirmed(ALICE, consent=True)
    assert [stop(scene, action_id), stop(scene, action_id)] == [True, False]
    never = scene.confirmed(BOB, consent=False)
    assert not stop(scene, never)
    with scene.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(Consent)) == 3
    assert emails(scene, WITHDRAWN) == [ALICE]


def test_the_newest_confirmed_word_counts_whichever_campaign_it_was_said_in(scene: Scene) -> None:
    other = another_campaign(scene)
    first = scene.confirmed(ALICE, consent=True)
    stop(scene, first)
    again = other.pending(ALICE, consent=True, now=scene.now + timedelta(days=1))
    assert emails(scene) == [], "not confirmed yet"
    other.confirm(again, now=scene.now + timedelta(days=2))
    assert (emails(scene), emails(scene, WITHDRAWN)) == ([ALICE], [])
    scene.confirmed(BOB, consent=True)
    other.confirmed(BOB, consent=False, now=scene.now + timedelta(days=1))
    assert (emails(scene), emails(scene, WITHDRAWN)) == ([ALICE], [BOB])


def test_whoever_withdraws_everything_they_wrote_is_out_too(scene: Scene) -> None:
    scene.withdraw(scene.confirmed(ALICE, consent=True), now=scene.now + timedelta(hours=1))
    assert (emails(scene), emails(scene, WITHDRAWN)) == ([], [ALICE])


def test_a_campaign_has_those_who_took_part_in_it(scene: Scene) -> None:
    other = another_campaign(scene)
    scene.confirmed(ALICE, consent=True)
    other.confirmed(ALICE, consent=True, now=scene.now + timedelta(days=1))
    scene.confirmed(BOB, consent=True)
    other.confirmed(CHARLIE, consent=True)
    assert emails(scene, Sought(campaign_id=scene.campaign_id)) == [ALICE, BOB]
    assert emails(scene, Sought(campaign_id=other.campaign_id)) == [ALICE, CHARLIE]


def test_what_is_new_goes_by_when_it_began_to_count(scene: Scene) -> None:
    day = timedelta(days=1)
    early, late = scene.pending(ALICE, consent=True), scene.pending(BOB, consent=True)
    scene.confirm(early)
    scene.confirm(late, now=scene.now + 2 * day)
    assert emails(scene, Sought(since=scene.now + day)) == [BOB]
    stop(scene, early, after=3 * day)
    assert emails(scene, Sought(Standing.WITHDRAWN, since=scene.now + 3 * day)) == [ALICE]
    assert emails(scene, Sought(Standing.WITHDRAWN, since=scene.now + 4 * day)) == []


def test_it_is_known_with_which_actions_consent_was_given(scene: Scene) -> None:
    yes, no = scene.confirmed(ALICE, consent=True), scene.confirmed(BOB)
    stop(scene, yes)
    with scene.sessions.read() as session:
        assert given_with(session, {yes, no}) == {yes}


def test_more_than_one_batch_is_read_to_its_end(sqlite_scene: Scene) -> None:
    scene = sqlite_scene
    action_id = scene.confirmed(ALICE, consent=True)
    number = BATCH + 5
    with scene.sessions.write() as session:
        action, consent = session.get_one(Action, action_id), session.scalars(select(Consent)).one()
        supporter = action.supporter
        for each in range(number):
            copies = []
            for row, changes in (
                (supporter, {"email_hash": each.to_bytes(32, "big"), "email": f"s{each}@supporter.example"}),
                (action, {"public_id": uuid.uuid4()}),
                (consent, {}),
            ):
                columns = {c.name: getattr(row, c.name) for c in row.__table__.c} | {"id": None} | changes
                if copies:
                    columns["supporter_id"] = copies[0].id
                if len(copies) == 2:
                    columns["action_id"] = copies[1].id
                copies.append(type(row)(**columns))
                session.add(copies[-1])
                session.flush()
    found = [contact.id for contact in contacts(scene.sessions, OPTED_IN)]
    assert len(found) == len(set(found)) == number + 1
    assert found == sorted(found)


def contact_named(name: str, scene: Scene) -> Contact:
    return Contact(1, name, ALICE, "en", scene.now, scene.now, "Yes.", "abolish-reporting")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(min_size=1).filter(lambda text: "\x00" not in text and "\r" not in text))
def test_no_cell_of_the_table_is_reckoned_with(sqlite_scene: Scene, name: str) -> None:
    table = "".join(lines([contact_named(name, sqlite_scene)], Format.CSV, withdrawn=False))
    heading, row = csv.reader(io.StringIO(table, newline=""))
    assert tuple(heading) == COLUMNS
    cell = row[COLUMNS.index("name")]
    assert cell in (name, f"'{name}")
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\n", "|", "%", "＝", "＋", "－", "＠"))


@pytest.mark.parametrize("number", [0, 1, 3])
def test_json_is_one_list_however_many_there_are(sqlite_scene: Scene, number: int) -> None:
    some = [contact_named(f"=Name {each}", sqlite_scene) for each in range(number)]
    records = json.loads("".join(lines(some, Format.JSON, withdrawn=False)))
    assert [record["name"] for record in records] == [contact.name for contact in some]
    assert all(tuple(record) == COLUMNS for record in records)


def test_who_took_it_back_is_named_by_address_alone(sqlite_scene: Scene) -> None:
    [heading, row] = "".join(lines([contact_named("Quirina", sqlite_scene)], Format.CSV, withdrawn=True)).splitlines()
    assert heading == "id,email,withdrawn_at,campaign"
    assert "Quirina" not in row


def test_the_newest_word_is_known_also_of_the_same_moment(sqlite_scene: Scene) -> None:
    action_id = sqlite_scene.confirmed(ALICE, consent=True)
    assert stop(sqlite_scene, action_id, after=timedelta())
    with sqlite_scene.sessions.write() as session:
        session.execute(update(Consent).values(at=sqlite_scene.now))
    assert (emails(sqlite_scene), emails(sqlite_scene, WITHDRAWN)) == ([], [ALICE])
