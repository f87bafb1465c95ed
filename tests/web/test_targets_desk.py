"""Corrections, coverage and addresses that are not mailed, on staff's pages."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.delivery.models import Suppression, SuppressionReason
from app.delivery.suppressions import suppress
from app.roles import Role
from app.staff.models import AuditEntry
from app.targets.correction_models import Correction, CorrectionKind, CorrectionState
from app.targets.corrections import report
from app.targets.models import Target
from tests.support.staff import BEN
from tests.web.site import Site
from tests.web.staff import add_member, signed_in
from tests.web.visitor import Visitor

COUNCILLOR = "Shirin Vale-Amini"
WORDS = "She resigned in October.\n<b>See</b> the minutes."
REMOVE = "They are taken off the list for good"
PUT_OVER = "Another value is put over the source’s, as below"


@pytest.fixture
def olu(site: Site) -> Visitor:
    """An organiser who has just signed in."""
    visitor = signed_in(site, add_member(site, BEN, Role.ORGANISER, "Olu Organiser"))
    site.deliver()
    return visitor


def target(site: Site) -> Target:
    with site.platform.sessions.read() as session:
        return session.scalars(select(Target).where(Target.name == COUNCILLOR)).one()


def state_of(site: Site, number: int) -> CorrectionState:
    with site.platform.sessions.read() as session:
        return session.get_one(Correction, number).state


def audited(site: Site) -> list[AuditEntry]:
    with site.platform.sessions.read() as session:
        kinds = ("correction", "target", "suppression")
        return list(session.scalars(select(AuditEntry).where(AuditEntry.kind.in_(kinds)).order_by(AuditEntry.id)))


@pytest.fixture
def told(site: Site) -> int:
    """A correction that waits; its id."""
    with site.change() as session:
        of = session.scalars(select(Target).where(Target.name == COUNCILLOR)).one()
        number = report(session, of, CorrectionKind.LEFT, WORDS, site.clock())
    assert number is not None
    return number


def test_a_correction_is_accepted_and_its_target_removed_in_one_step(site: Site, olu: Visitor, told: int) -> None:
    olu.open("/organise/targets")
    olu.follow("Corrections")
    assert "They do not hold this office any more" in olu.page.text
    olu.follow(COUNCILLOR)
    assert "<b>See</b> the minutes." in olu.page.text
    olu.press("Accept", note="", then=REMOVE)
    assert olu.page.error_beside("note") == "Please say what you found."
    olu.press("Accept", note="the council's page says so", then=REMOVE)
    assert olu.page.heading == "Corrections"
    assert "Nothing waits." in olu.page.text
    assert state_of(site, told) is CorrectionState.ACCEPTED
    assert target(site).removed_why == "the council's page says so"
    assert [entry.action for entry in audited(site)] == ["correction.accepted", "target.removed"]
    assert not any("minutes" in str((entry.before, entry.after, entry.note)) for entry in audited(site))


def test_a_correction_is_accepted_and_a_value_put_over_the_sources(site: Site, olu: Visitor, told: int) -> None:
    olu.open(f"/organise/targets/corrections/{told}")
    said = {"note": "on her page", "then": PUT_OVER, "field": "E-mail address"}
    olu.press("Accept", **said, value="shirin@", until="2027-01-31")
    assert olu.page.error_beside("value").startswith("This cannot be used")
    assert state_of(site, told) is CorrectionState.OPEN
    olu.press("Accept", **said, value="shirin@zedmere.example", until="")
    assert olu.page.error_beside("until") == "Please give a day, as in 2027-03-31."
    olu.press("Accept", **said, value="shirin@zedmere.example", until="2027-01-31")
    assert target(site).email == "shirin@zedmere.example"
    assert state_of(site, told) is CorrectionState.ACCEPTED


def test_a_correction_is_accepted_or_dismissed_and_nothing_else(site: Site, olu: Visitor, told: int) -> None:
    olu.open(f"/organise/targets/corrections/{told}")
    olu.press("Dismiss", reason="")
    assert olu.page.error_beside("reason") == "Please say why."
    olu.press("Dismiss", reason="she is on holiday")
    assert state_of(site, told) is CorrectionState.DISMISSED
    assert target(site).archived_at is None
    assert olu.open(f"/organise/targets/corrections/{told}").status == 404


def test_who_comes_too_late_sees_the_queue(site: Site, olu: Visitor, told: int) -> None:
    olu.open(f"/organise/targets/corrections/{told}")
    second = signed_in(site, 1)
    second.open(f"/organise/targets/corrections/{told}")
    olu.press("Dismiss", reason="she is on holiday")
    second.press("Accept", note="she left", then=REMOVE)
    assert second.page.heading == "Corrections"
    assert target(site).removed_at is None


# Coverage


def test_coverage_shows_each_council_and_each_campaign(olu: Visitor) -> None:
    page = olu.open("/organise/targets/coverage")
    assert page.heading == "Coverage"
    assert page.root.all("progress")
    olu.follow("Zedmere")
    assert "have an e-mail address" in olu.page.text
    for kind in ("without", "stale", "lost", "nobody", "everything"):
        assert olu.open(f"/organise/targets/coverage?show={kind}").status == 200


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("abolish-reporting", "find somebody to write to"),
        ("clearsprings-housing", "can be written to"),
        ("patients-not-passports", ""),
    ],
)
def test_a_campaigns_coverage_is_a_number_and_a_bar(olu: Visitor, slug: str, words: str) -> None:
    page = olu.open(f"/organise/targets/coverage/campaigns/{slug}")
    assert page.status == 200
    assert words in page.text


# Addresses that are not mailed


def test_an_address_is_looked_up_without_standing_in_any_page_address(site: Site, olu: Visitor) -> None:
    with site.change() as session:
        suppress(session, target(site).email, SuppressionReason.HARD_BOUNCE, "550 no such user", site.clock())
        suppress(session, "quirina@supporter.example", SuppressionReason.COMPLAINT, "complained", site.clock())
    page = olu.open("/organise/targets/not-mailed")
    assert target(site).email in page.text
    assert "An address of no target" in page.text
    assert "quirina" not in page.html
    olu.press("Look it up", address="nobody@else.example")
    assert "It may be mailed: nobody@else.example" in olu.page.text
    olu.press("Look it up", address="Quirina@Supporter.example")
    assert "Its reader complained about our mail" in olu.page.text
    assert not any("quirina" in address.lower() for address in olu.addresses)
    olu.press("Let it be mailed again", why="quirina@supporter.example asked")
    assert olu.page.error_beside("why") == "Please leave the address out of the reason."
    olu.press("Let it be mailed again", why="asked us to")
    assert site.count(Suppression) == 1
    (entry,) = audited(site)
    assert (entry.action, entry.note, entry.before["reason"]) == ("suppression.lifted", "asked us to", "complaint")
    assert "quirina" not in str((entry.before, entry.after)).lower()


@pytest.mark.parametrize("typed", ["", "nobody", "x" * 260 + "@y.example"])
def test_what_is_no_address_is_not_looked_up(olu: Visitor, typed: str) -> None:
    olu.open("/organise/targets/not-mailed")
    olu.press("Look it up", address=typed)
    assert olu.page.status == 422
    assert olu.page.error_beside("address")


def test_mail_to_an_address_is_stopped_once(site: Site, olu: Visitor) -> None:
    for _ in range(2):
        olu.open("/organise/targets/not-mailed")
        olu.follow("Stop mail to an address")
        olu.press("Stop mail to it", address="quirina@supporter.example", why="rang us")
    assert olu.page.error_beside("address") == "This address is not mailed already."
    assert site.count(Suppression) == 1
    assert [entry.action for entry in audited(site)] == ["suppression.added"]
    assert not any("quirina" in address for address in olu.addresses)


def test_what_was_lifted_meanwhile_leads_back_to_the_list(olu: Visitor) -> None:
    olu.open("/organise/targets/not-mailed/7")
    assert olu.page.heading == "Addresses that are not mailed"
