"""The campaigns of staff's pages: who sees which."""

from __future__ import annotations

import pytest

from app.campaigns.find import campaign_called
from app.roles import Role
from app.staff.models import PartnerCampaign, StaffMember
from tests.support.staff import BEN
from tests.web.site import Site
from tests.web.staff import add_member, signed_in

ALL_THAT_SHIP = 10


def give(site: Site, slug: str, member_id: int) -> None:
    """Make a campaign one of the member's organisation."""
    with site.change() as session:
        partner_id = session.get_one(StaffMember, member_id).partner_id
        assert partner_id is not None
        session.add(PartnerCampaign(partner_id=partner_id, campaign_id=campaign_called(session, slug).id))


@pytest.mark.parametrize("role", [Role.ADMIN, Role.ORGANISER, Role.LEAD])
def test_the_houses_own_staff_see_every_campaign(site: Site, role: Role) -> None:
    ada = signed_in(site, add_member(site, role=role))
    ada.open("/organise")
    ada.follow("Campaigns")
    assert len(ada.page.root.one("ul", class_="list people").all("li")) == ALL_THAT_SHIP
    ada.follow("Abolish reporting")
    assert ada.page.heading == "Abolish reporting"
    assert "0 people have written." in ada.page.text
    ada.follow("Its page for supporters")
    assert ada.address == "/c/abolish-reporting"


@pytest.mark.parametrize("role", list(Role))
def test_the_first_page_begins_a_campaign_for_whoever_may(site: Site, role: Role) -> None:
    ada = signed_in(site, add_member(site, role=role))
    ada.open("/organise")
    assert ("/organise/campaigns/new" in ada.page.addresses) is (role is not Role.LEAD)


def test_a_partner_sees_their_own_campaigns_and_cannot_tell_whether_there_are_others(site: Site) -> None:
    ben_id = add_member(site, BEN, Role.PARTNER, "Ben Bold")
    ben = signed_in(site, ben_id)
    assert "There is no campaign yet." in ben.open("/organise/campaigns").text
    give(site, "abolish-reporting", ben_id)
    ben.open("/organise/campaigns")
    assert len(ben.page.root.one("ul", class_="list people").all("li")) == 1
    assert ben.open("/organise/campaigns/abolish-reporting").status == 200
    theirs, none = (ben.open(f"/organise/campaigns/{slug}") for slug in ("bibby-stockholm", "no-such-campaign"))
    assert theirs.status == none.status == 404
    assert theirs.html.replace("bibby-stockholm", "no-such-campaign") == none.html
