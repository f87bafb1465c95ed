"""Statements that the driver is asked directly give what SQLAlchemy would."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import bindparam, select

from app.asked_often import AskedOften
from app.db import Sessions
from app.targets.models import Area, AreaKind
from app.targets.postcode_models import PostcodeAnswer, PostcodeBlock, PostcodeSource

AREAS = select(Area.id, Area.code, Area.name, Area.kind, Area.parent_id, Area.ended_on).where(
    Area.name == bindparam("name"), Area.id > bindparam("after")
)
SOURCES = select(PostcodeSource.slug, PostcodeSource.as_of, PostcodeSource.demo, PostcodeBlock.entries).join(
    PostcodeBlock, PostcodeBlock.source_id == PostcodeSource.id
)
ANSWERS = select(PostcodeAnswer.key, PostcodeAnswer.group_id, PostcodeAnswer.fetched_at)


def test_a_cell_is_what_sqlalchemy_makes_of_it_by_the_columns_name(sessions: Sessions) -> None:
    areas = AskedOften(AREAS)
    with sessions.write() as session:
        for number, ended_on in enumerate((None, date(2024, 5, 2))):
            session.add(Area(code=f"ZZ{number}", name="Zedmere’s “Ward”", kind=AreaKind.WARD, ended_on=ended_on))
        source = PostcodeSource(slug="demo", source="invented", as_of=date(2026, 8, 1), licence="none", demo=True)
        session.add_all([source, PostcodeAnswer(key=2**40, fetched_at=datetime(2026, 11, 24, 9, 30, 1, 5, UTC))])
        session.flush()
        session.add(PostcodeBlock(outward="ZZ1", source_id=source.id, entries=b"\x00\xff'"))
    for _ in range(2):  # the second time as it was prepared
        with sessions.read() as session:
            asked = areas.rows(session, name="Zedmere’s “Ward”", after=0)
            assert asked == session.execute(AREAS, {"name": "Zedmere’s “Ward”", "after": 0}).all()
            assert [(row.kind, row.ended_on) for row in asked] == [
                (AreaKind.WARD, None),
                (AreaKind.WARD, date(2024, 5, 2)),
            ]
            for statement in (SOURCES, ANSWERS):
                told = AskedOften(statement).rows(session)
                assert told == session.execute(statement).all() != []
                assert [*map(type, told[0])] == [*map(type, session.execute(statement).one())]
            assert areas.rows(session, name="' OR 1=1", after=0) == []


def test_it_sees_what_its_own_transaction_has_written_and_nobody_else_does(sessions: Sessions) -> None:
    areas = AskedOften(AREAS)
    with sessions.trial() as session:
        session.add(Area(code="ZZ9", name="New", kind=AreaKind.WARD))
        session.flush()
        assert [row.code for row in areas.rows(session, name="New", after=0)] == ["ZZ9"]
    with sessions.read() as session:
        assert areas.rows(session, name="New", after=0) == []
