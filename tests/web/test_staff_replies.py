"""What staff see of the replies to a campaign's letters."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.actions.models import Action
from app.campaigns.models import Campaign, TargetRule
from app.replies.models import Answer
from app.replies.telling import Told, reached_letters, tell
from app.roles import Role
from tests.web.site import Site
from tests.web.staff import add_member, signed_in
from tests.web.visitor import Visitor
from tests.web.ways import EMAIL, NAME, WARD, to_own

PAGE = f"/organise/campaigns/{WARD.slug}/replies"
NOTE = "They asked where I heard <b>that</b>."


def told(site: Site, alice: Visitor) -> None:
    """Alice's three letters have gone, and she tells of two of them."""
    to_own(site, alice, WARD)
    site.deliver()
    with site.change() as session:
        action_id = session.scalars(select(Action.id)).one()
        first, second, _third = reached_letters(session, action_id)
        rows = [Told(first.id, Answer.ANSWERED, helpful=False, note=NOTE), Told(second.id, Answer.NONE)]
        tell(session, action_id, rows, site.clock.time)


def test_an_organiser_sees_who_answered_and_what_was_written_but_not_by_whom(site: Site, alice: Visitor) -> None:
    told(site, alice)
    ben = signed_in(site, add_member(site, role=Role.ORGANISER))
    ben.open(f"/organise/campaigns/{WARD.slug}")
    page = ben.follow("Replies")
    assert page.document.all("tr") == [], "these are councillors of a ward: one answer tells who wrote"
    assert "renewed once a day" in page.text
    assert NOTE in page.text
    assert "It did not help." in page.text
    for secret in (EMAIL, NAME):
        assert secret not in ben.response.get_data(as_text=True)


def test_answers_of_those_who_tell_of_no_place_are_told_in_full(site: Site, alice: Visitor) -> None:
    told(site, alice)
    with site.change() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == WARD.slug)).one()
        campaign.target_rule, campaign.target_lists = TargetRule.ALL, "councillors"
    page = signed_in(site, add_member(site, role=Role.ORGANISER)).open(PAGE)
    rows = [[cell.text for cell in row.all("th", "td")] for row in page.document.all("tr")]
    assert rows[1:] == [["Adaeze Okoro-Finch", "1", "0", "0"], ["Shirin Vale-Amini", "0", "0", "1"]]


def test_before_anything_is_known_the_page_says_so(site: Site) -> None:
    page = signed_in(site, add_member(site)).open(PAGE)
    assert "No number can be told yet." in page.text
    assert "Answers go straight to supporters." in page.text


def test_partners_see_the_replies_to_their_own_campaigns_only(site: Site, alice: Visitor) -> None:
    told(site, alice)
    site.clock.forward(timedelta(seconds=1))
    assert signed_in(site, add_member(site, role=Role.PARTNER)).open(PAGE).status == 404
    assert signed_in(site, add_member(site, "lena@staff.example", Role.LEAD, "Lena Lead")).open(PAGE).status == 403
