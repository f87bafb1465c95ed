"""Whose objects: each route that names one is in this table, and is asked by those whose object it is not.

`test_access.py` says which roles may use a route; here is what of it they reach. Alice is a partner, and what she makes
is her organisation's: her teammate's too, and no other partner's.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.actions.models import Action
from app.campaigns.find import campaign_called
from app.campaigns.models import CampaignState
from app.drafts.blank import slug_for
from app.drafts.desk import DraftDesk
from app.drafts.places import Place, Step
from app.drafts.work import find_work
from app.registrar.uploads import keep_upload
from app.reporting.report import CAMPAIGN
from app.roles import PERMISSIONS, Permission, Role, may
from app.running.approvals import Approvals
from app.staff.api_tokens import NewToken, make_token
from app.staff.models import Passkey, StaffMember, StaffSession
from app.staff.token_models import ApiToken, Scope
from app.web.policy import Access, Csrf, policy_of
from tests.support.pictures import photograph
from tests.web.site import Site
from tests.web.staff import add_member, signed_in
from tests.web.test_access import is_let_in, rules_of
from tests.web.test_building import SLUG, begin, built
from tests.web.visitor import Visitor
from tests.web.ways import EMAIL, NAME, WARD, to_own

NO_OBJECT = {"language", "kind", "filename"}
"""Parts of addresses that name nothing of anybody's."""
UNFINISHED = "cold-homes"
ANOTHERS = "abolish-reporting"


class Whose(enum.Enum):
    """Whose the object in an address is."""

    CAMPAIGNS = enum.auto()
    """Whoever sees the campaign; or the draft, before it is one."""
    HOUSES = enum.auto()
    """The house's: whoever has the route's permission, which no partner and no lead has."""
    ONES_OWN = enum.auto()
    """Its one member's."""
    SUPPORTERS = enum.auto()
    """Whoever opens the page, of campaigns that are public."""
    PROGRAMS = enum.auto()
    """Whoever has a token with the scope, of campaigns that are public."""
    HOLDERS = enum.auto()
    """Whoever holds the link: its token opens no other kind of page."""
    NOBODYS = enum.auto()
    """It names no object: a table, a mail on a developer's machine, the published address of a target, an image."""


WHOSE: dict[Whose, str] = {
    Whose.CAMPAIGNS: """
        campaign campaign_report campaign_table one_page one_page_pdf replies run pause go_on unschedule
        open_held stop_letters let_letters_go launch launch_now last_day change_last_day
        discard discard_now close close_now win win_now
        ask_approval ask_approval_now decide_approval check check_now send_tests vouch vouch_now build build_step
        save_step preview_step publish_draft throw_away_draft campaign_files draft_image share_campaign versions version
        restore_version campaign_coverage
    """,
    Whose.HOUSES: """
        person place invite_again deactivate activate unlock reset_second_factor
        letter decide_letter job stop_job review release_letter send_letter_back reject_letter
        lane_rules set_lane_rules try_lane sound_lane take_off_stop
        hook test_hook pause_hook resume_hook rotate_hook remove_hook
        target verify_target verify_target_now mail_code give_address_code override override_now end_override
        remove_target remove_target_now restore_target
        target_list target_list_table verify_list verify_list_now council_coverage
        correction accept_correction dismiss_correction suppression lift_suppression
    """,
    Whose.ONES_OWN: """
        sign_out_there remove_passkey revoke_token
        upload_plan upload_plan_now upload_preview upload_take_over discard_upload
    """,
    Whose.SUPPORTERS: "public.campaign public.write public.preview public.submit public.start_again public.check_mail",
    Whose.PROGRAMS: " ".join(
        ["api.advocacy_campaign", "api.outreaches", *(f"api.campaign_report_{name}" for name in CAMPAIGN)]
    ),
    Whose.HOLDERS: """
        public.address public.address_now public.confirm public.confirm_now public.own public.withdraw
        public.answers public.tell_answers public.answers_told public.ask_me_no_more public.change public.change_now
        public.stop public.stop_now invitation accept other_password other_password_now demo demo_now
    """,
    Whose.NOBODYS: "reports_table public.image public.correct public.correct_now outbox.show outbox.show_html",
}
"""Endpoints; those without a blueprint's name are staff's."""

SAY_NOTHING = ("organise.sign_out_there", "organise.revoke_token")
"""Routes that lead on as if it had been done: what is gone already is gone."""

LINKS = {
    "confirm_token": ("public.confirm", "public.confirm_now", "public.change", "public.change_now"),
    "own_token": ("public.own", "public.withdraw", "public.stop", "public.stop_now"),
    "answers_token": ("public.answers", "public.tell_answers", "public.answers_told", "public.ask_me_no_more"),
    "address_token": (),
}
"""The tokens that can be made of an action's public id, and the routes that each is for."""


def endpoints(whose: Whose) -> list[str]:
    return [name if "." in name else f"organise.{name}" for name in WHOSE[whose].split()]


def rules(site: Site, whose: Whose) -> Iterator[tuple[str, Rule]]:
    for endpoint in endpoints(whose):
        for rule in rules_of(site.app, endpoint):
            yield endpoint, rule


def ask(visitor: Visitor, rule: Rule, typed: str = "", **values: object) -> TestResponse:
    """Ask for a route with its object, as a form of ours would: with the visitor's own token against forgery."""
    usual: Mapping[str, object] = {
        "language": "ar",
        "step": "ask",
        "part": "en",
        "name": "states",
        "kind": "csv",
        "approval_id": 1,
    }
    given = {name: value for name, value in {**usual, **values}.items() if name in rule.arguments}
    built_path = rule.build(given)
    assert built_path is not None, (rule, given)
    if "POST" in (rule.methods or ()):
        return visitor.client.post(built_path[1], data={"csrf_token": typed})
    return visitor.client.get(built_path[1])


def token_of(visitor: Visitor) -> str:
    """The token against forgery, from a page that everybody of staff may open."""
    return visitor.open("/organise/account/password").forms[-1].value("csrf_token")


@dataclass
class House:
    """Who is there, each at a browser of their own."""

    site: Site
    alice: Visitor
    teammate: Visitor
    other: Visitor
    """Of another partner."""
    lead: Visitor
    olu: Visitor
    """An organiser."""
    ada: Visitor
    """An admin."""


@pytest.fixture
def house(site: Site) -> House:
    """Alice has built a campaign, begun another, and asked for an approval."""
    partners = {"alice": "Tenants of Zedmere", "teammate": "Tenants of Zedmere", "other": "Renters of Thornby"}
    ids = {
        name: add_member(site, f"{name}@staff.example", Role.PARTNER, name, partner)
        for name, partner in partners.items()
    }
    roles = {"lead": Role.LEAD, "olu": Role.ORGANISER, "ada": Role.ADMIN}
    ids |= {name: add_member(site, f"{name}@staff.example", role) for name, role in roles.items()}
    made = {name: signed_in(site, member_id) for name, member_id in ids.items()}
    built(made["alice"])
    begin(made["alice"], "Cold homes")
    with site.change() as session:
        for slug in (SLUG, UNFINISHED):
            DraftDesk(session, None, None, site.clock()).set_image(slug, photograph())
        asker = session.get_one(StaffMember, ids["alice"])
        Approvals(session, 1, site.clock()).ask(campaign_called(session, SLUG), asker, 2000, "Please.")
    return House(site, **made)


def test_every_route_that_names_an_object_is_in_the_table(site: Site) -> None:
    told = [endpoint for whose in Whose for endpoint in endpoints(whose)]
    assert len(told) == len(set(told))
    assert set(told) == {rule.endpoint for rule in site.app.url_map.iter_rules() if rule.arguments - NO_OBJECT} - {
        "static"
    }


def test_what_is_the_houses_is_for_nobody_who_sees_only_a_part_of_it(site: Site) -> None:
    outside = PERMISSIONS[Role.PARTNER] | PERMISSIONS[Role.LEAD]
    for endpoint in endpoints(Whose.HOUSES):
        decision = policy_of(site.app, endpoint)
        assert decision is not None
        assert decision.access is Access.STAFF
        assert decision.permission not in outside, endpoint


@pytest.mark.parametrize("slug", [SLUG, UNFINISHED])
def test_of_another_partners_campaign_nothing_is_there(house: House, slug: str) -> None:
    token, before = token_of(house.other), house.site.everything()
    for endpoint, rule in rules(house.site, Whose.CAMPAIGNS):
        response = ask(house.other, rule, token, slug=slug)
        none = ask(house.other, rule, token, slug="no-such-campaign")
        decision = policy_of(house.site.app, endpoint)
        assert decision is not None
        assert decision.permission is not None
        assert response.status_code == (404 if may(Role.PARTNER, decision.permission) else 403), rule
        assert response.text.replace(slug, "no-such-campaign") == none.text, rule
    assert house.site.everything() == before


@pytest.mark.parametrize("who", ["alice", "teammate", "lead", "olu", "ada"])
def test_whoever_sees_a_campaign_reaches_what_their_role_may(house: House, who: str) -> None:
    role = {"lead": Role.LEAD, "olu": Role.ORGANISER, "ada": Role.ADMIN}.get(who, Role.PARTNER)
    for endpoint, rule in rules(house.site, Whose.CAMPAIGNS):
        decision = policy_of(house.site.app, endpoint)
        assert decision is not None
        assert decision.permission is not None
        if decision.csrf is Csrf.READ_ONLY:
            response = ask(getattr(house, who), rule, slug=SLUG)
            assert response.status_code == (200 if may(role, decision.permission) else 403), rule


def test_a_teammate_works_on_a_draft_that_is_no_campaign_yet(house: House) -> None:
    build = f"/organise/campaigns/{UNFINISHED}/build"
    for who in ("alice", "teammate", "olu", "ada"):
        assert getattr(house, who).open(build).status == 200, who
    assert (house.other.open(build).status, house.lead.open(build).status) == (404, 403)


def test_strangers_are_led_to_the_door_whatever_the_object(house: House) -> None:
    stranger = house.site.visitor()
    for whose in (Whose.CAMPAIGNS, Whose.HOUSES, Whose.ONES_OWN):
        for _endpoint, rule in rules(house.site, whose):
            values = {name: 1 for name in rule.arguments if name.endswith("_id")}
            response = ask(stranger, rule, **values, slug=SLUG, scope="letters", code="Z09000001")
            assert not is_let_in(response), rule


def test_an_approval_is_decided_under_its_own_campaign_only(house: House) -> None:
    token, before = token_of(house.olu), house.site.everything()
    [rule, *_] = rules_of(house.site.app, "organise.decide_approval")
    assert ask(house.olu, rule, token, slug=ANOTHERS, approval_id=1).status_code == 404
    assert house.site.everything() == before


def test_what_is_one_members_own_is_nobody_elses(house: House) -> None:
    site, now = house.site, house.site.clock()
    with site.change() as session:
        ada = session.scalars(select(StaffMember).where(StaffMember.role == Role.ADMIN)).one()
        upload_id = keep_upload(session, ada.id, "mine.csv", b"Name,E-mail\nA,a@zed.example\n", now).id
        make_token(session, ada.id, NewToken("mine", [Scope.REPORTS], timedelta(days=30)), now)
        session.add(
            Passkey(member_id=ada.id, credential_id=b"1", public_key=b"2", sign_count=0, name="key", added_at=now)
        )
        session.flush()
        mine = {
            "upload_id": upload_id,
            "token_id": session.scalars(select(ApiToken.id)).one(),
            "passkey_id": session.scalars(select(Passkey.id)).one(),
            "session_id": session.scalars(select(StaffSession.id).where(StaffSession.member_id == ada.id)).one(),
        }
    bea = signed_in(site, add_member(site, "bea@staff.example", Role.ADMIN, "Bea"))
    token = token_of(bea)
    before = site.everything()
    for endpoint, rule in rules(site, Whose.ONES_OWN):
        response = ask(bea, rule, token, **mine)
        assert response.status_code == (303 if endpoint in SAY_NOTHING else 404), rule
    assert site.everything() == before
    token = token_of(house.ada)
    for endpoint in ("organise.revoke_token", "organise.remove_passkey", "organise.discard_upload"):
        [rule, *_] = rules_of(site.app, endpoint)
        assert ask(house.ada, rule, token, **mine).status_code == 303
    with site.platform.sessions.read() as session:
        assert session.get_one(ApiToken, mine["token_id"]).revoked_at is not None
        assert session.get(Passkey, mine["passkey_id"]) is None
    assert house.ada.open(f"/organise/targets/uploads/{upload_id}").status == 404


def test_a_campaign_that_nobody_shall_see_yet_is_not_there_for_supporters_and_programs(house: House) -> None:
    site = house.site
    with site.change() as session:
        ada = session.scalars(select(StaffMember).where(StaffMember.role == Role.ADMIN)).one()
        _row, text = make_token(session, ada.id, NewToken("all", list(Scope), timedelta(days=30)), site.clock())
    supporter = site.visitor()
    token = supporter.open(f"/c/{ANOTHERS}").forms[-1].value("csrf_token")
    for slug in (SLUG, UNFINISHED, "no-such-campaign"):
        for _endpoint, rule in rules(site, Whose.SUPPORTERS):
            response = ask(supporter, rule, token, slug=slug)
            if response.status_code in (302, 308):  # to its page, whether there is one or not
                response = supporter.client.get(response.headers["Location"], follow_redirects=True)
            assert response.status_code == 404, (rule, slug)
        for _endpoint, rule in rules(site, Whose.PROGRAMS):
            path = rule.build({"slug": slug})
            assert path is not None
            bearer = {"Authorization": f"Bearer {text}"}
            assert supporter.client.get(path[1], headers=bearer).status_code == 404, (rule, slug)


def test_a_link_opens_its_own_kind_of_page_only(site: Site) -> None:
    alice = site.visitor()
    to_own(site, alice)
    with site.platform.sessions.read() as session:
        public_id = session.scalars(select(Action.public_id)).one()
    stranger = site.visitor()
    token = stranger.open(f"/c/{WARD.slug}").forms[-1].value("csrf_token")
    links = site.platform.links
    tokens = {name: getattr(links, name)(public_id) for name in LINKS}
    tokens |= {kind: links.staff_token(kind, public_id) for kind in ("invitation", "password", "demo")}
    before = site.everything()
    for name, given in tokens.items():
        for endpoint, rule in rules(site, Whose.HOLDERS):
            if endpoint not in LINKS.get(name, ()):
                response = ask(stranger, rule, token, token=given)
                assert response.status_code in (404, 410), (name, rule)
                assert EMAIL not in response.text
                assert NAME not in response.text
    assert site.everything() == before


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30])
def test_numbers_beyond_all_rows_are_not_there(house: House, number: int) -> None:
    token = token_of(house.ada)
    for whose in (Whose.CAMPAIGNS, Whose.HOUSES, Whose.ONES_OWN, Whose.NOBODYS):
        for _endpoint, rule in rules(house.site, whose):
            values = {name: number for name in rule.arguments if name.endswith("_id")}
            if values:
                response = ask(house.ada, rule, token, **values, slug=SLUG, scope="lane")
                assert response.status_code in (303, 404), rule


def test_every_permission_is_somebodys() -> None:
    assert {one for role in Role for one in PERMISSIONS[role]} == set(Permission)


def test_a_copy_of_another_partners_campaign_has_what_is_public_of_it_and_nothing_else(house: House) -> None:
    secret = "We have not announced this yet."
    with house.site.change() as session:
        desk = DraftDesk(session, None, None, house.site.clock())
        desk.set_image(SLUG, None)
        campaign_called(session, SLUG).state = CampaignState.LIVE
        desk.set_image(SLUG, photograph())
        asks = Place(Step.ASK)
        work = find_work(session, SLUG)
        assert work is not None
        desk.save(SLUG, asks, asks.mark(work.document), lambda document: document.pages["en"].update(summary=secret))
    for who, title in (("other", "A copy of theirs"), ("teammate", "A copy of ours")):
        visitor: Visitor = getattr(house, who)
        visitor.open(f"/organise/campaigns/new?like={SLUG}")
        visitor.press("Begin", title=title)
        with house.site.platform.sessions.read() as session:
            copy = find_work(session, slug_for(title))
            assert copy is not None
            has = any(secret in text for text in copy.texts.values()), copy.image is not None
        ours = who == "teammate"
        assert has == (ours, ours), who
