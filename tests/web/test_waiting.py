"""The overview: what waits for whom, and that each line leads to where it is done."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.queue.rows import Move, move
from app.queue.states import DeliveryState, EventSource
from app.roles import Role
from app.targets.correction_models import CorrectionKind
from app.targets.corrections import report
from app.targets.models import Target
from tests.support.staff import BEN
from tests.web.site import Site
from tests.web.staff import add_member, signed_in
from tests.web.test_letters_desk import RUDE, letters, put_aside, write
from tests.web.visitor import Visitor

S = DeliveryState


@pytest.fixture
def olu(site: Site) -> Visitor:
    """An organiser who has signed in."""
    return signed_in(site, add_member(site, BEN, Role.ORGANISER, "Olu Organiser"))


def test_nothing_waits_in_a_house_that_is_in_order(olu: Visitor) -> None:
    assert "Waiting for you" not in olu.open("/organise").text


def test_letters_to_read_and_in_doubt_and_held_are_told(site: Site, olu: Visitor) -> None:
    write(site, RUDE)
    olu.open("/organise")
    olu.follow("Letters to read: 1")
    assert olu.address == "/organise/letters/review"
    write(site, email="bob@supporter.example")
    put_aside(site, S.UNCERTAIN, "lost")
    assert "Letters that are held" not in olu.open("/organise").text, "those to be read have a line of their own"
    olu.follow("Letters that may have arrived, or not: 3")
    assert (olu.address, "3 found" in olu.page.text) == ("/organise/letters?state=uncertain", True)


def test_letters_that_are_held_for_something_else_are_told(site: Site, olu: Visitor) -> None:
    write(site)
    with site.change() as session:
        ids = [letter.id for letter in letters(site, S.QUEUED)]
        move(session, ids, Move(S.QUEUED, S.HELD, EventSource.WORKER, "unverified_target"), site.clock())
    olu.open("/organise")
    olu.follow("Letters that are held: 3")
    assert olu.address == "/organise/letters?state=held"


def test_corrections_and_lists_that_are_too_old_are_told_to_who_keeps_targets(site: Site, olu: Visitor) -> None:
    with site.change() as session:
        of = session.scalars(select(Target).where(Target.name == "Adaeze Okoro-Finch")).one()
        of.stale_from = of.list.as_of
        list_id = of.list_id
        report(session, of, CorrectionKind.LEFT, "She left in May.", site.clock())
    olu.open("/organise")
    olu.follow("Lists older than an election: 1")
    assert olu.address == f"/organise/targets/lists/{list_id}"
    olu.open("/organise")
    olu.follow("Corrections from the public: 1")
    assert olu.address == "/organise/targets/corrections"
    lead = signed_in(site, add_member(site, role=Role.LEAD))
    assert "Waiting for you" not in lead.open("/organise").text
