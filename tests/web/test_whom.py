"""Who is written to: postcodes unknown, mistyped and straddling, areas and targets chosen or forged."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from app.actions.models import Action
from app.targets.models import Target
from tests.web.site import Site
from tests.web.visitor import Visitor
from tests.web.ways import (
    ALL,
    CHOOSE,
    CONSTITUENCY,
    EMAIL,
    NAME,
    OWN_WORDS,
    READ_IT,
    WARD,
    to_letter,
    to_preview,
)

UNKNOWN = "We do not know this postcode. Check it, or choose your area from the list."
MALFORMED = "This does not look like a postcode. A whole one looks like SW1A 1AA."
MISSING = "Please write your postcode."
CHOOSE_AREA = "Please choose the area that you live in."
NOBODY_HERE = "We have no e-mail address for your area. You can choose an area near you from the list."
NOT_CHOSEN = "Please choose who to write to."

CANALSIDE = ("Adaeze Okoro-Finch", "Shirin Vale-Amini", "Tomasz Bellwether")
STATION_ROAD = ("Mei-Lin Astbury-Cho", "Yusuf Quillfeather", "Gwenllian Marlpit")
"""The last of them leads the council and reads a letter of her own."""
HILLTOP = ("Kwabena Thistlewood", "Rosa Inkpen-Duarte")


def readers(visitor: Visitor) -> tuple[str, ...]:
    """Who the letter's page says will read it."""
    box = visitor.page.by_id("recipients").parent
    assert box is not None
    return tuple(item.one("strong").text for item in box.all("li"))


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", MISSING),
        ("   ", MISSING),
        ("ZZ1", MALFORMED),
        ("somewhere in Zedmere", MALFORMED),
        ("12345", MALFORMED),
        ("ZZ1 1A\0A", MALFORMED),
        ("ZZ1 1AA, ZZ1 2AA", MALFORMED),
        ("'; DROP TABLE postcode; --", MALFORMED),
        ("ZZ7 7ZZ", UNKNOWN),
        ("sw1a1aa", UNKNOWN),
        ("A" * 10_000, MALFORMED),
    ],
    ids=lambda value: value[:20],
)
@pytest.mark.parametrize("way", [WARD, CONSTITUENCY], ids=str)
def test_a_postcode_that_leads_nowhere_is_said_with_a_way_on(
    alice: Visitor, way: object, typed: str, message: str
) -> None:
    assert way in (WARD, CONSTITUENCY)
    area, people = ("Hilltop", HILLTOP) if way is WARD else ("Zedmere and Thornby", ("Ffion Hartwell-Osei",))
    page = to_letter(alice, way, postcode=typed)
    assert page.status == 422
    assert page.error_beside("postcode") == message
    assert (page.form.value("postcode") or "").strip() == typed.strip()
    page = alice.press(way.begin, area=area)
    assert page.status == 200
    assert readers(alice) == people
    page = alice.press(READ_IT, name=NAME, email=EMAIL)
    assert page.status == 200, page.summary_texts
    assert len(page.letters) == len(people)


@pytest.mark.parametrize("typed", ["ZZ1 1AA", "zz11aa", " zz1  1aa ", "ZZ1-1AA", "ZZI IAA", "ＺＺ１ １ＡＡ"])
def test_a_postcode_may_be_written_in_many_ways(alice: Visitor, typed: str) -> None:
    page = to_letter(alice, WARD, postcode=typed)
    assert page.status == 200
    assert readers(alice) == CANALSIDE


def test_the_list_of_areas_is_grouped_by_council_and_has_every_ward_that_has_somebody(alice: Visitor) -> None:
    page = to_letter(alice, WARD, postcode="ZZ7 7ZZ")
    assert [group["label"] for group in page.form.element.all("optgroup")] == ["Thornshire", "Weirdale", "Zedmere"]
    wards = page.form.element.all("optgroup")[-1].all("option")
    assert [option.text for option in wards] == ["Canalside", "Hilltop", "Station Road"]


def test_who_chose_an_area_without_a_postcode_gives_none_in_the_letter(site: Site, alice: Visitor) -> None:
    to_letter(alice, WARD, postcode="")
    alice.press(WARD.begin, area="Hilltop")
    page = alice.press(READ_IT, name=NAME, email=EMAIL)
    assert page.letters[0].one("div", class_="letter").text.endswith(f"Yours sincerely, {NAME}")
    alice.press(WARD.hand_in)
    with site.platform.sessions.read() as session:
        action = session.scalars(select(Action)).one()
    assert action.postcode == ""
    assert action.area_id == site.area_id("Hilltop")


@pytest.mark.parametrize(("answer", "people"), [("Canalside", CANALSIDE), ("Station Road", STATION_ROAD)])
def test_a_postcode_in_two_wards_is_asked_about(alice: Visitor, answer: str, people: tuple[str, ...]) -> None:
    page = to_letter(alice, WARD, postcode="ZZ1 9ZZ")
    assert page.status == 422
    assert page.error_beside("area") == CHOOSE_AREA
    question = page.root.one("legend").text
    assert question == "Your postcode lies in more than one ward. Which one do you live in?"
    assert list(page.form.options("area")) == ["Canalside", "Station Road"]
    assert page.form.value("area") is None
    assert page.form.value("postcode") == "ZZ1 9ZZ"
    page = alice.press(WARD.begin, area=answer)
    assert page.status == 200
    assert readers(alice) == people
    page = alice.press(READ_IT, name=NAME, email=EMAIL)
    assert f"I live in {answer} (Zedmere)" in page.text
    assert "ZZ1 9ZZ" in page.text
    alice.press(WARD.hand_in)
    assert alice.page.heading == "Now look in your e-mail"


def test_the_question_stays_until_it_is_answered(alice: Visitor) -> None:
    to_letter(alice, WARD, postcode="ZZ1 9ZZ")
    page = alice.press(WARD.begin)
    assert page.status == 422
    assert page.error_beside("area") == CHOOSE_AREA


def test_another_postcode_counts_more_than_the_answer_about_the_one_before(alice: Visitor) -> None:
    to_letter(alice, WARD, postcode="ZZ1 9ZZ")
    page = alice.press(WARD.begin, area="Canalside", postcode="ZZ1 3AA")
    assert page.status == 200
    assert readers(alice) == HILLTOP


def test_a_postcode_in_two_wards_of_one_constituency_needs_no_question(alice: Visitor) -> None:
    page = to_letter(alice, CONSTITUENCY, postcode="ZZ1 9ZZ")
    assert page.status == 200
    assert readers(alice) == ("Ffion Hartwell-Osei",)


def test_an_area_forged_beside_a_known_postcode_does_not_count(site: Site, alice: Visitor) -> None:
    alice.open("/c/abolish-reporting")
    page = alice.press(WARD.begin, postcode="ZZ1 1AA", forged={"area": str(site.area_id("Hilltop"))})
    assert page.status == 200
    assert readers(alice) == CANALSIDE


FORGED_NUMBERS = [
    "0",
    "-1",
    "99999",
    "2147483648",
    str(2**63),
    "9" * 5000,
    "1e3",
    "0x1",
    "",
    "abc",
    "½",
    "²",
    "1 OR 1=1",
]


@pytest.mark.parametrize("forged", FORGED_NUMBERS, ids=lambda value: value[:12])
def test_an_area_that_is_no_ward_leads_to_the_list(alice: Visitor, forged: str) -> None:
    alice.open("/c/abolish-reporting")
    page = alice.press(WARD.begin, postcode="ZZ7 7ZZ", forged={"area": forged})
    assert page.status == 422
    assert "postcode" in page.wrong_fields
    assert "Hilltop" in page.form.options("area")
    page = alice.press(WARD.begin, area="Hilltop")
    assert page.status == 200


@pytest.mark.parametrize("name", ["Zedmere", "Zedmere and Thornby"])
def test_an_area_of_another_kind_leads_to_the_list(site: Site, alice: Visitor, name: str) -> None:
    alice.open("/c/abolish-reporting")
    page = alice.press(WARD.begin, postcode="", forged={"area": str(site.area_id(name))})
    assert page.status == 422
    assert {"Canalside", "Hilltop", "Station Road"} < set(page.form.options("area"))


@pytest.mark.parametrize("step", ["preview", "submit"])
def test_an_area_forged_at_a_later_step_keeps_the_letter(site: Site, alice: Visitor, step: str) -> None:
    to_preview(alice, WARD)
    values = {**alice.page.form.values, "postcode": "ZZ7 7ZZ", "area": str(site.area_id("Zedmere"))}
    page = alice.send(f"/c/abolish-reporting/{step}", values)
    assert page.status == 422
    assert page.error_beside("postcode") == UNKNOWN
    assert page.form.value("own_words") == OWN_WORDS
    page = alice.press(WARD.begin, area="Hilltop")
    assert readers(alice) == HILLTOP
    assert page.form.value("own_words") == OWN_WORDS
    assert page.form.value("name") == NAME


@pytest.mark.parametrize("forged", FORGED_NUMBERS, ids=lambda value: value[:12])
def test_a_target_that_is_not_on_the_list_is_asked_for(alice: Visitor, forged: str) -> None:
    alice.open(f"/c/{CHOOSE.slug}")
    page = alice.press(CHOOSE.begin, forged={"target": forged})
    assert page.status == 422
    assert NOT_CHOSEN in page.summary_texts
    assert "target" in page.wrong_fields
    page = alice.press(CHOOSE.begin, target="Vale Wire")
    assert readers(alice) == ("Vale Wire",)


def test_a_target_of_another_campaign_is_not_written_to(site: Site, alice: Visitor) -> None:
    alice.open(f"/c/{CHOOSE.slug}")
    page = alice.press(CHOOSE.begin, forged={"target": str(site.target_id("The Directors of Capita plc"))})
    assert page.status == 422
    assert page.error_beside("target") == NOT_CHOSEN


def test_nothing_is_chosen_for_the_supporter(alice: Visitor) -> None:
    page = alice.open(f"/c/{CHOOSE.slug}")
    assert page.form.value("target") is None
    assert list(page.form.options("target")) == sorted(page.form.options("target"))
    assert len(page.form.options("target")) == 5
    page = alice.press(CHOOSE.begin)
    assert page.status == 422
    assert page.error_beside("target") == NOT_CHOSEN


@pytest.mark.parametrize("step", ["preview", "submit"])
def test_a_target_forged_at_a_later_step_keeps_the_letter(alice: Visitor, step: str) -> None:
    to_preview(alice, CHOOSE)
    page = alice.send(f"/c/{CHOOSE.slug}/{step}", {**alice.page.form.values, "target": "99999"})
    assert page.status == 422
    assert page.error_beside("target") == NOT_CHOSEN
    page = alice.press(CHOOSE.begin, target="Vale Wire")
    assert readers(alice) == ("Vale Wire",)
    assert page.form.value("own_words") == OWN_WORDS


def test_a_ward_whose_councillors_publish_no_address_has_a_way_on(site: Site, alice: Visitor) -> None:
    with site.change() as session:
        session.execute(update(Target).where(Target.name.in_(HILLTOP)).values(email=""))
    page = to_letter(alice, WARD, postcode="ZZ1 3AA")
    assert page.status == 422
    assert page.error_beside("postcode") == NOBODY_HERE
    assert "Canalside" in page.form.options("area")


def test_a_councillor_without_an_address_is_left_out(site: Site, alice: Visitor) -> None:
    with site.change() as session:
        session.execute(update(Target).where(Target.name == "Tomasz Bellwether").values(email=""))
    to_letter(alice, WARD)
    assert readers(alice) == ("Adaeze Okoro-Finch", "Shirin Vale-Amini")


def test_a_campaign_that_has_nobody_to_write_to_says_so(site: Site, alice: Visitor) -> None:
    site.archive("The Directors of Capita plc")
    page = alice.open(f"/c/{ALL.slug}")
    assert page.status == 200
    assert page.forms == []
    assert "Nobody to write to yet" in page.text
