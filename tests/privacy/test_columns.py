"""Every encrypted column, by name: what stands in each can be read by nobody, and is rewritten with new keys."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from app.actions.models import Letter
from app.actions.review_models import Review
from app.announcements.models import Hook
from app.db import Sessions, make_engine
from app.privacy.fields import EncryptedText
from app.privacy.keys import FieldKeys, key_id_of, new_key
from app.registrar.models import Upload
from app.replies.models import Answer, RelayedMail, Reply, ReplyKind
from app.roles import Role
from app.rotation import rotate_keys
from app.rows import metadata
from app.staff.models import StaffMember, StaffSession
from app.targets.correction_models import Correction, CorrectionKind
from tests.conftest import FIELD_KEYS, INDEX_KEY
from tests.support.builders import Scene, make_scene, with_segment
from tests.support.dumps import raw_bytes

ENCRYPTED = {
    "action": "name postcode own_words subject body reasons",
    "action_part": "subject body",
    "correction": "words",
    "hook": "url secret old_secret",
    "relayed_mail": "from_name from_address subject text attachments",
    "reply": "note",
    "review": "note",
    "staff_member": "name email totp_secret",
    "staff_session": "browser",
    "supporter": "name email",
    "upload": "name content",
}
"""Columns by table. Whoever adds one fills it in `filled`, below."""

SAID = "Quirina-Oxenfoord-{}"
"""What stands in each column, with the column's name."""


def said(table: str) -> dict[str, str]:
    """A value for each encrypted column of a table."""
    return {column: SAID.format(f"{table}-{column}") for column in ENCRYPTED[table].split()}


@pytest.fixture
def filled(sessions: Sessions, now: datetime) -> Scene:
    """A row in every table that has encrypted columns, and a value in each of those."""
    scene = make_scene(sessions, now, **with_segment(now, "verde", "carla-verde"))
    action = said("action") | {"email": "quirina-oxenfoord-supporter-email@supporter.example"}
    del action["postcode"]
    reasons = [action.pop("reasons")]
    parts = said("action_part")
    action_id = scene.confirmed(**action, further=[(parts["subject"], parts["body"])], reasons=reasons)
    with sessions.write() as session:
        letter = session.scalars(select(Letter).where(Letter.action_id == action_id)).first()
        assert letter is not None
        [review] = session.scalars(select(Review))  # what she wrote trips a rule
        review.note = said("review")["note"]
        member = StaffMember(
            **said("staff_member"), email_hash=b"m" * 32, role=Role.ADMIN, language="en", created_at=now
        )
        reply = Reply(letter_id=letter.id, kind=ReplyKind.TOLD, answer=Answer.ANSWERED, at=now, **said("reply"))
        session.add_all([member, reply])
        session.flush()
        session.add_all(
            [
                Upload(**said("upload"), member_id=member.id, plan={}, made_at=now, expires_at=now + timedelta(1)),
                Hook(**said("hook"), name="n", owner_id=member.id, made_at=now),
                Correction(**said("correction"), target_id=letter.target_id, kind=CorrectionKind.OTHER, made_at=now),
                StaffSession(
                    **said("staff_session"),
                    token_hash=uuid.uuid4().bytes * 2,
                    member_id=member.id,
                    owes_factor=False,
                    begun_at=now,
                    seen_at=now,
                    expires_at=now,
                    proved_at=now,
                ),
                RelayedMail(
                    **said("relayed_mail"),
                    reply_id=reply.id,
                    delivery_id=letter.delivery.id,
                    cut=False,
                    received_at=now,
                ),
            ]
        )
    return scene


def stored(sessions: Sessions) -> dict[tuple[str, str], list[bytes]]:
    """What stands in each encrypted column, as the driver gives it."""
    with sessions.read() as session:
        return {
            (table, column): [
                bytes(value)
                for value in session.scalars(text(f"SELECT {column} FROM {table}"))  # noqa: S608 - names of ours
                if value is not None
            ]
            for table, columns in ENCRYPTED.items()
            for column in columns.split()
        }


def test_the_table_names_every_encrypted_column() -> None:
    found = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, EncryptedText)
    }
    assert found == {(table, column) for table, columns in ENCRYPTED.items() for column in columns.split()}


def test_what_stands_in_each_can_be_read_by_nobody(filled: Scene) -> None:
    assert all(stored(filled.sessions).values()), "each column holds something"
    assert b"oxenfoord" not in raw_bytes(filled.sessions.engine).lower()


def test_each_is_rewritten_with_the_newest_key(filled: Scene, database_url: str) -> None:
    keys = FieldKeys.parse(f"newest:{new_key()},{FIELD_KEYS}", INDEX_KEY)
    before = stored(filled.sessions)
    engine = make_engine(database_url, keys)
    try:
        assert rotate_keys(Sessions(engine), keys) == sum(map(len, before.values()))
    finally:
        engine.dispose()
    for place, values in stored(filled.sessions).items():
        assert {key_id_of(value) for value in values} == {b"newest"}, place
