"""Councillors behind one mailbox, as the supporter sees them: one letter, which names them all."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.actions.models import Letter
from app.campaigns.matching import Who
from app.campaigns.models import Campaign, TargetRule
from app.campaigns.targeting import Targeting
from app.targets.models import Target
from tests.web.reading import Page
from tests.web.site import Site, address_of
from tests.web.visitor import Visitor
from tests.web.ways import EMAIL, WARD, to_confirm, to_letter, to_own, to_preview

SHARED = "members@zedmere.example"
ADAEZE, SHIRIN, TOMASZ = WARD.recipients
BOTH = f"{ADAEZE} and {TOMASZ}"
TO_BOTH = "One letter to both: they share a mailbox."
TO_ALL = "One letter to all of them: they share a mailbox."


def share(site: Site, *names: str) -> None:
    with site.change() as session:
        for target in session.scalars(select(Target).where(Target.name.in_(names))):
            target.email = SHARED


@pytest.fixture
def shared_site(site: Site) -> Site:
    """Two of the three councillors of Canalside share a mailbox."""
    share(site, ADAEZE, TOMASZ)
    return site


def readers(page: Page) -> list[str]:
    box = page.by_id("recipients").parent
    assert box is not None
    return [item.text for item in box.all("li")]


def test_the_page_says_that_one_letter_goes_to_both(shared_site: Site) -> None:
    page = to_letter(shared_site.visitor(), WARD)
    together, alone = readers(page)
    assert together.startswith(f"{ADAEZE} councillor Zedmere Borough Council")
    assert f"{TOMASZ} councillor" in together
    assert together.endswith(TO_BOTH)
    assert alone.startswith(SHIRIN)
    assert TO_BOTH not in alone
    assert "Each letter has the names of those it goes to at the top." in page.text
    assert "Dear Cllr Okoro-Finch and Cllr Bellwether," in page.text


def test_three_behind_one_mailbox_read_one_letter(site: Site, alice: Visitor) -> None:
    share(site, *WARD.recipients)
    page = to_letter(alice, WARD)
    [together] = readers(page)
    assert together.endswith(TO_ALL)
    assert "letter of their own" not in page.text
    page = to_preview(alice, WARD)
    [sheet] = page.letters
    assert "Dear Cllr Okoro-Finch, Cllr Vale-Amini and Cllr Bellwether," in sheet.text


def test_what_is_previewed_is_confirmed_and_sent_as_one(shared_site: Site) -> None:
    site, alice = shared_site, shared_site.visitor()
    site.platform.random.seed(1)  # the subject that is drawn
    previewed = [sheet.text for sheet in to_preview(alice, WARD).letters]
    assert len(previewed) == 2
    assert previewed[0].startswith(f"To {BOTH}Zedmere Borough Council{TO_BOTH}")
    site.platform.random.seed(1)
    page = to_confirm(site, site.visitor(), WARD)
    assert [sheet.text for sheet in page.letters] == previewed
    assert [button.text for button in page.form.buttons] == ["Send to 3 councillors"]


def test_the_supporters_own_page_shows_one_letter_to_both(shared_site: Site) -> None:
    site, alice = shared_site, shared_site.visitor()
    page = to_own(site, alice, WARD)
    assert [heading.text for heading in page.root.all("h2")[:2]] == [BOTH, SHIRIN]
    assert site.count(Letter) == 2
    letters = {address_of(mail): mail for mail in site.deliver() if address_of(mail) != EMAIL}
    assert set(letters) == {SHARED, "shirin.vale-amini@zedmere.example"}
    assert letters[SHARED].text.startswith("Dear Cllr Okoro-Finch and Cllr Bellwether,\n")


def test_it_is_said_in_arabic_too(shared_site: Site) -> None:
    alice = shared_site.visitor()
    alice.open(f"/ar/c/{WARD.slug}")
    page = alice.press(next(button.text for button in alice.page.form.buttons), postcode="ZZ1 1AA")
    assert "رسالة واحدة إلى الاثنين: لهما صندوق بريد مشترك." in page.text


def test_a_campaign_to_all_of_its_lists_names_those_together_on_its_own_page(shared_site: Site) -> None:
    with shared_site.change() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == WARD.slug)).one()
        campaign.target_rule, campaign.target_lists = TargetRule.ALL, "demo-councillors"
        campaign.targeting = Targeting(who=Who.of({"name": [*WARD.recipients]}))
    page = shared_site.visitor().open(f"/c/{WARD.slug}")
    together, alone = [item.text for item in page.form.element.all("li")]
    assert together.startswith(ADAEZE)
    assert f"{TOMASZ} councillor" in together
    assert together.endswith(TO_BOTH)
    assert alone.startswith(SHIRIN)


@pytest.mark.parametrize("rule", [TargetRule.RANDOM, TargetRule.ROTATE])
def test_where_some_are_picked_each_is_named_alone(shared_site: Site, rule: TargetRule) -> None:
    with shared_site.change() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == WARD.slug)).one()
        campaign.target_rule, campaign.target_lists = rule, "demo-councillors"
        campaign.targeting = Targeting(who=Who.of({"name": [*WARD.recipients]}))
    page = shared_site.visitor().open(f"/c/{WARD.slug}")
    assert len(page.form.element.all("li")) == 3
    assert TO_BOTH not in page.text
