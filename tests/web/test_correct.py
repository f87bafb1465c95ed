"""Telling us that somebody has left: a form that anybody may send, and thanks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.targets.correction_models import Correction, CorrectionKind
from tests.web.reading import Page
from tests.web.site import Site
from tests.web.visitor import Visitor
from tests.web.ways import PLEDGE, WARD, to_letter, to_own

COUNCILLOR = "Shirin Vale-Amini"
TELL_US, THANKS = "Tell us", "Thank you for telling us"
LEFT = "They do not hold this office any more"
WORDS = "She resigned in October.\nSee the minutes."
TOLD = f"Have they left, or is this out of date? Tell us ({COUNCILLOR})"


def form_of(site: Site, visitor: Visitor, path: str = "") -> Page:
    return visitor.open(f"{path}/targets/{site.target_id(COUNCILLOR)}/correct")


def reports(site: Site) -> list[Correction]:
    with site.platform.sessions.read() as session:
        return list(session.scalars(select(Correction).order_by(Correction.id)))


def test_a_report_goes_onto_the_queue(site: Site, alice: Visitor) -> None:
    page = form_of(site, alice)
    assert COUNCILLOR in page.text
    assert alice.press(TELL_US, kind=LEFT, words=WORDS).heading == THANKS
    [one] = reports(site)
    assert (one.target_id, one.kind) == (site.target_id(COUNCILLOR), CorrectionKind.LEFT)
    assert one.words.splitlines() == WORDS.splitlines()


def test_who_says_it_again_reads_the_same_thanks(site: Site, alice: Visitor) -> None:
    seen = []
    for _ in range(2):
        form_of(site, alice)
        seen.append(alice.press(TELL_US, kind=LEFT).text)
    assert seen[0] == seen[1]
    assert len(reports(site)) == 1


def test_no_address_on_the_way_says_what_was_said(site: Site, alice: Visitor) -> None:
    form_of(site, alice)
    alice.press(TELL_US, kind=LEFT, words="Quirina told me")
    assert not any("Quirina" in address or "left" in address for address in alice.addresses)


@pytest.mark.parametrize(
    ("told", "name", "message"),
    [
        ({"words": WORDS}, "kind", "Please choose what is wrong."),
        ({"kind": LEFT, "words": "w" * 501}, "words", "This is too long. Please use at most 500 characters."),
        (
            {"kind": LEFT, "words": "w\x00"},
            "words",
            "There are hidden characters in this text that cannot be sent. Please type it again.",
        ),
    ],
)
def test_a_mistake_is_said_beside_its_field_and_nothing_is_lost(
    site: Site, alice: Visitor, told: dict[str, str], name: str, message: str
) -> None:
    form_of(site, alice)
    page = alice.press(TELL_US, **told)
    assert page.status == 422
    assert page.error_beside(name) == message
    assert page.summary_texts == [message]
    assert page.document.one("title").text.startswith("Error: ")
    assert (page.form.value("words") or "") == told["words"]
    assert page.form.value("kind") == ("left" if "kind" in told else None)
    assert reports(site) == []


def test_a_kind_that_is_not_offered_is_refused(site: Site, alice: Visitor) -> None:
    form_of(site, alice)
    assert alice.press(TELL_US, forged={"kind": "promoted"}).error_beside("kind") == "Please choose what is wrong."


def test_without_its_token_nothing_is_kept_and_the_page_says_what_to_do(site: Site, alice: Visitor) -> None:
    form_of(site, alice)
    page = alice.press(TELL_US, kind=LEFT, words=WORDS, forged={"csrf_token": "stale"})
    assert page.status == 422
    assert page.summary_texts == [
        "Please press the button once more. If you see this again, allow cookies for this site."
    ]
    assert reports(site) == []
    assert alice.press(TELL_US).heading == THANKS
    assert len(reports(site)) == 1


def test_a_network_that_reports_much_is_asked_to_come_back(make_site: Callable[..., Site]) -> None:
    site = make_site(LIMIT_CORRECTIONS_PER_HOUR="1")
    alice = site.visitor()
    form_of(site, alice)
    alice.press(TELL_US, kind=LEFT)
    form_of(site, alice)
    page = alice.press(TELL_US, kind="Something else", words=WORDS)
    assert page.status == 429
    assert "Please try again after 10:00" in page.summary_texts[0]
    assert (page.form.value("words") or "").splitlines() == WORDS.splitlines()
    assert len(reports(site)) == 1


@pytest.mark.parametrize("number", ["0", "999999", "99999999999999999999"])
def test_nobody_can_be_reported_who_is_not_there(alice: Visitor, number: str) -> None:
    assert alice.open(f"/targets/{number}/correct").status == 404


def test_who_has_left_already_needs_no_report(site: Site, alice: Visitor) -> None:
    site.archive(COUNCILLOR)
    page = form_of(site, alice)
    assert "We do not write to them any more." in page.text
    assert page.forms == []


def test_the_page_on_which_a_letter_is_written_leads_there_and_stays_open(site: Site, alice: Visitor) -> None:
    page = to_letter(alice, WARD)
    [link] = [element for element in page.root.all("a") if element.text == TOLD]
    assert (link["target"], link["rel"]) == ("_blank", "noopener")
    assert link["href"] == f"/targets/{site.target_id(COUNCILLOR)}/correct"


def test_the_supporters_own_page_leads_there(site: Site, alice: Visitor) -> None:
    assert to_own(site, alice, WARD).status == 200
    assert alice.follow(TOLD).heading == "Tell us what is wrong"


def test_a_pledge_has_nobody_to_be_wrong_about(alice: Visitor) -> None:
    assert "Have they left" not in to_letter(alice, PLEDGE).text


def test_it_can_be_told_in_arabic(site: Site, alice: Visitor) -> None:
    page = form_of(site, alice, "/ar")
    assert page.document["dir"] == "rtl"
    assert page.heading == "أخبرونا ما الخطأ"
    page = alice.press("أخبرونا", kind="لم يعودوا يشغلون هذا المنصب")
    assert page.heading == "شكرًا لأنكم أخبرتمونا"
    assert len(reports(site)) == 1
