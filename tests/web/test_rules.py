"""What a supporter sees of a campaign's rules: two tiers, several choices, chance, who is left out, who is written to
instead.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from app.actions.models import Action
from app.campaigns.matching import Who
from app.campaigns.models import Campaign, CampaignPage, TargetRule
from app.campaigns.targeting import CampaignTier, Exclusion, Targeting
from app.targets.models import Target
from tests.web.reading import Form
from tests.web.site import Site
from tests.web.visitor import Visitor
from tests.web.ways import CHANGE, EMAIL, NAME, OWN_WORDS, READ_IT, WARD, to_letter, to_preview

ONE_TIER, TWO_TIERS, TWO_OF_EACH, BORDER, MUTE = "ZZ1 1AA", "ZZ2 1AA", "ZZ2 9YY", "ZZ2 9XX", "ZZ2 3AA"
WEIR_END = ("Marguerite Sluice", "Oluwaseun Fairbrook")
CANALSIDE = ("Adaeze Okoro-Finch", "Shirin Vale-Amini", "Tomasz Bellwether")
TRUSTS = ("Canal Valley University Hospitals NHS Trust", "Zedmere Infirmary NHS Trust")
TEAM = "The Solidarity Knows No Borders team"
CHOOSE_AREA = "Please choose the area that you live in."
REASON = "They support this already. You could thank them."
HEADINGS = {
    CampaignTier.COUNTY: "This campaign writes to county councils",
    CampaignTier.DISTRICT: "This campaign writes to district councils",
    CampaignTier.UNITARY: "This campaign writes to councils that do everything",
}
ONE_COUNCIL = "Where you live, one council does everything: Zedmere."
TWO_COUNCILS = (
    "Where you live there are two councils: the district council of Weirdale and the county council of Thornshire."
)
INDEPENDENT = Exclusion("supportive", Who.of({"party": ["Zedmere Independents"]}))


def change(site: Site, targeting: Targeting, slug: str = WARD.slug, **columns: Any) -> None:
    """Give a campaign other rules, and a reason for those whom it leaves out."""
    with site.change() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == slug)).one()
        campaign.targeting = targeting
        for name, value in columns.items():
            setattr(campaign, name, value)
        session.execute(
            update(CampaignPage).where(CampaignPage.language == "en").values(excluded={"supportive": REASON})
        )


def readers(visitor: Visitor) -> tuple[str, ...]:
    """Who the letter's page says will read it."""
    box = visitor.page.by_id("recipients").parent
    assert box is not None
    return tuple(name.text for item in box.all("ul")[0].all("li") for name in item.all("strong"))


def letters_of(visitor: Visitor) -> list[str]:
    """Whom the letters on the page are to."""
    return [letter.all("strong")[0].text for letter in visitor.page.letters]


def to_end(site: Site, visitor: Visitor) -> list[str]:
    """From the letter's page to its confirmation; whom the letters there are to."""
    visitor.press(READ_IT, name=NAME, email=EMAIL, own_words=OWN_WORDS)
    assert visitor.page.status == 200, visitor.page.summary_texts
    visitor.press(WARD.hand_in)
    visitor.open(site.delivered_link())
    return letters_of(visitor)


def form_with(visitor: Visitor, button: str) -> Form:
    (found,) = [form for form in visitor.page.forms if button in [one.text for one in form.buttons]]
    return found


# Two tiers


def test_in_two_tiers_both_councils_are_written_to(site: Site, alice: Visitor) -> None:
    to_letter(alice, postcode=TWO_TIERS)
    everybody = ("Marguerite Sluice", "Nadia Overthorn", "Oluwaseun Fairbrook")
    assert readers(alice) == everybody
    assert "I live in Weir End (Weirdale)" in (alice.page.form.value("body") or "")
    assert to_end(site, alice) == ["Marguerite Sluice", "Nadia Overthorn", "Oluwaseun Fairbrook"]


def test_ward_and_division_are_asked_for_at_once_and_each_answer_stays(site: Site, alice: Visitor) -> None:
    page = to_letter(alice, postcode=TWO_OF_EACH)
    assert page.status == 422
    assert page.error_beside("area") == CHOOSE_AREA
    assert page.error_beside("division") == "Please choose the division that you live in."
    assert [legend.text for legend in page.root.all("legend")] == [
        "Your postcode lies in more than one ward. Which one do you live in?",
        "Your postcode lies in more than one division of the county council. Which one do you live in?",
    ]
    page = alice.press(WARD.begin, area="Mill Bank")
    assert page.status == 422
    assert page.wrong_fields == {"division"}
    assert page.form.value("area") == page.form.options("area")["Mill Bank"]
    alice.press(WARD.begin, division="Lower Thorn")
    assert readers(alice) == ("Greta Osierbank", "Hamza Lockyer", "Idris Millward-Khan", "Nadia Overthorn")
    assert to_end(site, alice) == ["Greta Osierbank and Hamza Lockyer", "Idris Millward-Khan", "Nadia Overthorn"]
    with site.platform.sessions.read() as session:
        assert session.scalars(select(Action.area_id)).one() == site.area_id("Mill Bank")


@pytest.mark.parametrize(
    ("ward", "people"),
    [
        ("Hilltop", ("Kwabena Thistlewood", "Rosa Inkpen-Duarte")),
        ("Weir End", ("Marguerite Sluice", "Nadia Overthorn", "Oluwaseun Fairbrook")),
    ],
)
def test_on_the_border_of_two_councils_the_answer_decides(alice: Visitor, ward: str, people: tuple[str, ...]) -> None:
    page = to_letter(alice, postcode=BORDER)
    assert page.wrong_fields == {"area"}
    alice.press(WARD.begin, area=ward)
    assert readers(alice) == people


@pytest.mark.parametrize(
    ("tier", "postcode", "why"),
    [
        (CampaignTier.COUNTY, ONE_TIER, ONE_COUNCIL),
        (CampaignTier.DISTRICT, ONE_TIER, ONE_COUNCIL),
        (CampaignTier.UNITARY, TWO_TIERS, TWO_COUNCILS),
    ],
)
def test_a_supporter_in_the_wrong_tier_is_told_why_and_what_there_is(
    site: Site, alice: Visitor, tier: CampaignTier, postcode: str, why: str
) -> None:
    change(site, Targeting(tier=tier))
    page = to_letter(alice, postcode=postcode)
    assert page.status == 422
    assert page.heading == HEADINGS[tier]
    assert page.root.one("p", class_="lead").text == why
    assert page.summary is None, "the supporter has made no mistake"
    assert page.link("Close the Bibby Stockholm").endswith("/c/bibby-stockholm")
    assert [form.buttons[0].text for form in page.forms] == ["Write for this area"]


def test_only_campaigns_that_write_to_somebody_there_are_offered(site: Site, alice: Visitor) -> None:
    change(site, Targeting(tier=CampaignTier.COUNTY))
    districts = {"target_role": "councillor", "target_area": "ward"}
    change(site, Targeting(tier=CampaignTier.DISTRICT), "access-to-justice", **districts)
    change(site, Targeting(tier=CampaignTier.UNITARY), "bibby-stockholm", **districts)
    to_letter(alice, postcode=ONE_TIER)
    main = alice.page.root.one("main")
    offered = [link["href"] for item in main.all("li") for link in item.all("a")]
    assert offered == ["/c/bibby-stockholm", "/c/climate-and-migrant-justice"]


def test_who_is_in_the_wrong_tier_may_write_for_an_area_near_them(site: Site, alice: Visitor) -> None:
    change(site, Targeting(tier=CampaignTier.COUNTY))
    to_letter(alice, postcode=ONE_TIER)
    assert list(form_with(alice, "Write for this area").options("area")) == ["Lower Thorn", "Upper Thorn"]
    page = alice.press("Write for this area", area="Upper Thorn")
    assert page.status == 200
    assert readers(alice) == ("Callum Reedmace",)
    assert to_end(site, alice) == ["Callum Reedmace"]


def test_who_is_in_the_wrong_tier_may_write_to_the_fallback_and_loses_no_word(site: Site, alice: Visitor) -> None:
    to_preview(alice)
    change(site, Targeting(tier=CampaignTier.COUNTY, fallback=("campaign-team",)))
    page = alice.press(CHANGE)
    assert page.heading == "This campaign writes to county councils"
    page = alice.press("Write to them")
    assert page.status == 200
    assert readers(alice) == (TEAM,)
    assert "As you wished, your letter goes to:" in page.text
    assert page.form.value("own_words") == OWN_WORDS
    assert to_end(site, alice) == [TEAM]


def test_a_question_on_the_way_to_the_fallback_does_not_forget_it(site: Site, alice: Visitor) -> None:
    change(site, Targeting(tier=CampaignTier.UNITARY, fallback=("campaign-team",)))
    to_letter(alice, postcode=TWO_OF_EACH)
    page = alice.press("Write to them")
    assert page.wrong_fields == {"area"}
    alice.press(WARD.begin, area="Mill Bank")
    assert readers(alice) == (TEAM,)


# Nobody is found


def test_where_nobody_has_an_address_the_fallback_is_written_to_and_that_is_said(site: Site, alice: Visitor) -> None:
    change(site, Targeting(tier=CampaignTier.DISTRICT, fallback=("campaign-team",)))
    page = to_letter(alice, postcode=MUTE)
    assert page.status == 200
    assert readers(alice) == (TEAM,)
    note = "We have no e-mail address for Thistle Hill. So that somebody reads your letter, it goes to:"
    assert page.root.one("p", class_="note").text == note
    assert to_end(site, alice) == [TEAM]


def test_without_a_fallback_postal_addresses_are_shown(site: Site, alice: Visitor) -> None:
    change(site, Targeting(tier=CampaignTier.DISTRICT))
    page = to_letter(alice, postcode=MUTE)
    assert page.status == 422
    assert "postcode" in page.wrong_fields
    assert "You can write to them by post:" in page.text
    assert [item.one("strong").text for item in page.root.one("main").all("li") if "Moot Hall" in item.text] == [
        "Bronwen Hatherly",
        "Piotr Thistlecroft",
    ]
    assert "Weir End" in page.form.options("area")


def test_a_campaign_whose_lists_are_empty_shows_whom_it_writes_to_instead(site: Site, alice: Visitor) -> None:
    change(site, Targeting(fallback=("campaign-team",)), "capita-gps-tagging", target_lists="nobody")
    page = alice.open("/c/capita-gps-tagging")
    assert TEAM in page.form.element.text
    page = alice.press("Write my letter")
    assert "cannot be reached now. So your letter goes to:" in page.text
    assert readers(alice) == (TEAM,)


# Who is left out


def test_who_is_left_out_stands_apart_with_the_reason_and_gets_no_letter(site: Site, alice: Visitor) -> None:
    change(site, Targeting(exclude=(INDEPENDENT,)))
    page = to_letter(alice, postcode=ONE_TIER)
    assert readers(alice) == CANALSIDE[1:]
    box = page.by_id("recipients").parent
    assert box is not None
    assert [heading.text for heading in box.all("h2")] == ["Who will read it", "Who will not get it"]
    assert REASON in box.text
    assert box.all("ul")[1].one("strong").text == CANALSIDE[0]
    assert to_end(site, alice) == list(CANALSIDE[1:])


def test_where_everybody_is_left_out_no_letter_is_needed(site: Site, alice: Visitor) -> None:
    everybody = Exclusion("supportive", Who.of({"organisation": ["Zedmere *"]}))
    to_preview(alice)
    change(site, Targeting(exclude=(everybody,), fallback=("campaign-team",)))
    page = alice.press(WARD.hand_in)
    assert page.status == 422
    assert page.heading == "No letter is needed"
    assert REASON in page.text
    assert all(name in page.text for name in CANALSIDE)
    assert OWN_WORDS in page.root.one("main").raw, "what was typed can be copied"
    assert site.count(Action) == 0


def test_an_arabic_page_gives_an_english_reason_as_english(site: Site, alice: Visitor) -> None:
    change(site, Targeting(exclude=(INDEPENDENT,)))
    alice.open(f"/ar/c/{WARD.slug}")
    (button,) = alice.page.form.buttons
    page = alice.press(button.text, postcode=ONE_TIER)
    (reason,) = [element for element in page.root.all("p", lang="en", dir="ltr") if element.text == REASON]
    assert reason.lang == "en"


# Several to choose from


def test_up_to_three_may_be_chosen_by_ticking_boxes(site: Site, alice: Visitor) -> None:
    page = alice.open("/c/patients-not-passports")
    group = page.root.one("fieldset")
    assert group.one("legend").text == "Who do you want to write to?"
    assert page.by_id(group["aria-describedby"]).text == "Choose up to 3."
    assert {box["type"] for box in page.form.controls("target")} == {"checkbox"}
    page = alice.press("Write my letter", target=TRUSTS)
    assert page.status == 200
    assert readers(alice) == TRUSTS
    assert to_end(site, alice) == list(TRUSTS)


def test_too_many_are_not_taken_and_every_tick_stays(alice: Visitor) -> None:
    page = alice.open("/c/patients-not-passports")
    four = tuple(page.form.options("target"))[:4]
    page = alice.press("Write my letter", target=four)
    assert page.status == 422
    assert page.error_beside("target") == "Please choose 3 at most."
    assert len(page.form.held("target")) == 4
    page = alice.press("Write my letter", target=four[:3])
    assert len(readers(alice)) == 3


def test_none_is_asked_about(alice: Visitor) -> None:
    alice.open("/c/patients-not-passports")
    page = alice.press("Write my letter")
    assert page.error_beside("target") == "Please choose who to write to."


@pytest.mark.parametrize("forged", ["", "x", "-1", "9" * 5000, "1e3", "½", "٣"])
def test_a_forged_choice_is_none(alice: Visitor, forged: str) -> None:
    alice.open("/c/patients-not-passports")
    page = alice.press("Write my letter", forged={"target": forged})
    assert page.status == 422
    assert page.error_beside("target") == "Please choose who to write to."


# Chance and turns


@pytest.fixture(params=[TargetRule.RANDOM, TargetRule.ROTATE])
def picking(request: pytest.FixtureRequest, site: Site) -> str:
    """A campaign that picks two of five broadcasters."""
    slug = "capita-gps-tagging"
    change(site, Targeting(most=2), slug, target_rule=request.param, target_lists="demo-broadcasters")
    return slug


def test_the_campaigns_page_says_that_some_are_picked(alice: Visitor, picking: str) -> None:
    page = alice.open(f"/c/{picking}")
    assert "Your letter goes to 2 of these." in page.text
    assert len(page.form.element.all("li")) == 5


def test_whoever_is_picked_at_the_first_step_gets_the_letter(site: Site, alice: Visitor, picking: str) -> None:
    alice.open(f"/c/{picking}")
    alice.press("Write my letter")
    picked = readers(alice)
    assert len(picked) == 2
    alice.press(READ_IT, name="", email="")
    assert readers(alice) == picked
    assert to_end(site, alice) == list(picked)


def test_of_those_picked_one_who_leaves_is_not_replaced(site: Site, alice: Visitor, picking: str) -> None:
    alice.open(f"/c/{picking}")
    alice.press("Write my letter")
    stays, leaves = readers(alice)
    site.archive(leaves)
    assert to_end(site, alice) == [stays]


def test_picks_can_be_forged_only_among_those_who_are_written_to(site: Site, alice: Visitor, picking: str) -> None:
    alice.open(f"/c/{picking}")
    stranger = str(site.target_id("Ffion Hartwell-Osei"))
    page = alice.press("Write my letter", forged={"target": stranger})
    assert page.status == 200
    with site.platform.sessions.read() as session:
        roles = set(session.scalars(select(Target.role).where(Target.name.in_(readers(alice)))))
    assert roles == {"broadcaster"}
