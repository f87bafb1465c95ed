"""Who may use which route: every one of them is in this table, and each is asked by every role and by a stranger."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.reporting.report import CAMPAIGN, HOUSE
from app.roles import Role
from app.web.policy import Access, policy_of
from tests.web.site import Site
from tests.web.staff import add_member, signed_in
from tests.web.visitor import Visitor

STRANGER, HALF_WAY = "stranger", "half way"
EVERYBODY = {STRANGER, HALF_WAY, *Role}
STAFF = set(Role)
ADMIN = {Role.ADMIN}
WRITERS = {Role.ADMIN, Role.ORGANISER, Role.PARTNER}
ORGANISERS = {Role.ADMIN, Role.ORGANISER}
APPROVERS = {Role.ADMIN, Role.ORGANISER}
RUNNERS = {Role.ADMIN, Role.ORGANISER, Role.PARTNER}

WHO_MAY: dict[str, set[str]] = {
    "organise.home": STAFF,
    "organise.campaigns": STAFF,
    "organise.campaign": STAFF,
    "organise.reports": STAFF,
    "organise.reports_table": STAFF,
    "organise.campaign_report": STAFF,
    "organise.campaign_table": STAFF,
    "organise.one_page": STAFF,
    "organise.one_page_pdf": STAFF,
    "organise.replies": {Role.ADMIN, Role.ORGANISER, Role.PARTNER},
    "organise.account": STAFF,
    "organise.change_password": STAFF,
    "organise.change_password_now": STAFF,
    "organise.sign_out_elsewhere": STAFF,
    "organise.switch_weekly_mail": STAFF,
    "organise.sign_out_there": STAFF,
    "organise.second_factor": STAFF,
    "organise.add_app": STAFF,
    "organise.add_passkey": STAFF,
    "organise.remove_app": STAFF,
    "organise.remove_passkey": STAFF,
    "organise.renew_codes": STAFF,
    "organise.again": STAFF,
    "organise.again_now": STAFF,
    "organise.sign_out": STAFF,
    "organise.second_step": {HALF_WAY},
    "organise.give_code": {HALF_WAY},
    "organise.give_passkey": {HALF_WAY},
    "organise.people": ADMIN,
    "organise.invite": ADMIN,
    "organise.invite_now": ADMIN,
    "organise.person": ADMIN,
    "organise.place": ADMIN,
    "organise.invite_again": ADMIN,
    "organise.deactivate": ADMIN,
    "organise.activate": ADMIN,
    "organise.unlock": ADMIN,
    "organise.reset_second_factor": ADMIN,
    "organise.begin": WRITERS,
    "organise.begin_now": WRITERS,
    "organise.import_files": WRITERS,
    "organise.import_files_now": WRITERS,
    "organise.build": WRITERS,
    "organise.build_step": WRITERS,
    "organise.save_step": WRITERS,
    "organise.preview_step": WRITERS,
    "organise.publish_draft": WRITERS,
    "organise.throw_away_draft": WRITERS,
    "organise.campaign_files": WRITERS,
    "organise.draft_image": WRITERS,
    "organise.versions": WRITERS,
    "organise.version": WRITERS,
    "organise.restore_version": WRITERS,
    "organise.share_campaign": ADMIN,
    "organise.letters": ORGANISERS,
    "organise.letter": ORGANISERS,
    "organise.decide_letter": ORGANISERS,
    "organise.bulk": ORGANISERS,
    "organise.bulk_now": ORGANISERS,
    "organise.job_list": ORGANISERS,
    "organise.job": ORGANISERS,
    "organise.stop_job": ORGANISERS,
    "organise.reviews": ORGANISERS,
    "organise.review": ORGANISERS,
    "organise.release_letter": ORGANISERS,
    "organise.send_letter_back": ORGANISERS,
    "organise.reject_letter": ORGANISERS,
    "organise.lanes": ORGANISERS,
    "organise.lane_rules": ADMIN,
    "organise.set_lane_rules": ADMIN,
    "organise.try_lane": ORGANISERS,
    "organise.sound_lane": ORGANISERS,
    "organise.stops": ORGANISERS,
    "organise.stop": ORGANISERS,
    "organise.stop_now": ORGANISERS,
    "organise.take_off_stop": ORGANISERS,
    "organise.audit": ADMIN,
    "organise.audit_table": ADMIN,
    "organise.supporters": ORGANISERS,
    "organise.take_supporters": ORGANISERS,
    "organise.tokens": ADMIN,
    "organise.make_token_now": ADMIN,
    "organise.revoke_token": ADMIN,
    "organise.hooks": ADMIN,
    "organise.add_hook": ADMIN,
    "organise.hook": ADMIN,
    "organise.test_hook": ADMIN,
    "organise.pause_hook": ADMIN,
    "organise.resume_hook": ADMIN,
    "organise.rotate_hook": ADMIN,
    "organise.remove_hook": ADMIN,
    "organise.check": RUNNERS,
    "organise.vouch": ORGANISERS,
    "organise.vouch_now": ORGANISERS,
    "organise.check_now": RUNNERS,
    "organise.send_tests": RUNNERS,
    "organise.run": RUNNERS,
    "organise.pause": RUNNERS,
    "organise.go_on": RUNNERS,
    "organise.unschedule": RUNNERS,
    "organise.open_held": RUNNERS,
    "organise.stop_letters": RUNNERS,
    "organise.let_letters_go": RUNNERS,
    "organise.launch": RUNNERS,
    "organise.launch_now": RUNNERS,
    "organise.last_day": RUNNERS,
    "organise.change_last_day": RUNNERS,
    "organise.discard": RUNNERS,
    "organise.discard_now": RUNNERS,
    "organise.close": RUNNERS,
    "organise.close_now": RUNNERS,
    "organise.win": RUNNERS,
    "organise.win_now": RUNNERS,
    "organise.ask_approval": RUNNERS,
    "organise.ask_approval_now": RUNNERS,
    "organise.decide_approval": APPROVERS,
    "organise.targets": ORGANISERS,
    "organise.target_list": ORGANISERS,
    "organise.target_list_table": ORGANISERS,
    "organise.verify_list": ORGANISERS,
    "organise.verify_list_now": ORGANISERS,
    "organise.target": ORGANISERS,
    "organise.verify_target": ORGANISERS,
    "organise.verify_target_now": ORGANISERS,
    "organise.mail_code": ORGANISERS,
    "organise.give_address_code": ORGANISERS,
    "organise.override": ORGANISERS,
    "organise.override_now": ORGANISERS,
    "organise.end_override": ORGANISERS,
    "organise.remove_target": ORGANISERS,
    "organise.remove_target_now": ORGANISERS,
    "organise.restore_target": ORGANISERS,
    "organise.upload": ORGANISERS,
    "organise.upload_now": ORGANISERS,
    "organise.upload_plan": ORGANISERS,
    "organise.upload_plan_now": ORGANISERS,
    "organise.upload_preview": ORGANISERS,
    "organise.upload_take_over": ORGANISERS,
    "organise.discard_upload": ORGANISERS,
    "organise.corrections": ORGANISERS,
    "organise.correction": ORGANISERS,
    "organise.accept_correction": ORGANISERS,
    "organise.dismiss_correction": ORGANISERS,
    "organise.coverage": ORGANISERS,
    "organise.council_coverage": ORGANISERS,
    "organise.campaign_coverage": ORGANISERS,
    "organise.suppressions": ORGANISERS,
    "organise.find_suppression": ORGANISERS,
    "organise.suppression": ORGANISERS,
    "organise.lift_suppression": ORGANISERS,
    "organise.add_suppression": ORGANISERS,
    "organise.add_suppression_now": ORGANISERS,
}
"""Routes that ask who somebody is."""

OPEN: dict[str, Access] = {
    "static": Access.PUBLIC,
    "public.home": Access.PUBLIC,
    "public.image": Access.PUBLIC,
    "public.campaign": Access.PUBLIC,
    "public.colours": Access.PUBLIC,
    "public.privacy": Access.PUBLIC,
    "public.write": Access.PUBLIC,
    "public.preview": Access.PUBLIC,
    "public.submit": Access.PUBLIC,
    "public.start_again": Access.PUBLIC,
    "public.check_mail": Access.PUBLIC,
    "public.correct": Access.PUBLIC,
    "public.correct_now": Access.PUBLIC,
    "public.corrected": Access.PUBLIC,
    "public.address": Access.LINK,
    "public.address_now": Access.LINK,
    "public.confirm": Access.LINK,
    "public.confirm_now": Access.LINK,
    "public.own": Access.LINK,
    "public.withdraw": Access.LINK,
    "public.answers": Access.LINK,
    "public.tell_answers": Access.LINK,
    "public.answers_told": Access.LINK,
    "public.ask_me_no_more": Access.LINK,
    "public.change": Access.LINK,
    "public.change_now": Access.LINK,
    "public.stop": Access.LINK,
    "public.stop_now": Access.LINK,
    "outbox.index": Access.DEVELOPMENT,
    "outbox.show": Access.DEVELOPMENT,
    "outbox.show_html": Access.DEVELOPMENT,
    "webhooks.sendgrid": Access.SIGNED,
    "metrics.metrics": Access.TOKEN,
    "organise.sign_in": Access.PUBLIC,
    "organise.sign_in_now": Access.PUBLIC,
    "organise.forgotten": Access.PUBLIC,
    "organise.forgotten_now": Access.PUBLIC,
    "organise.mailed": Access.PUBLIC,
    "organise.invitation": Access.LINK,
    "organise.accept": Access.LINK,
    "organise.other_password": Access.LINK,
    "organise.other_password_now": Access.LINK,
    "organise.demo": Access.DEVELOPMENT,
    "organise.demo_now": Access.DEVELOPMENT,
    "api.document": Access.PUBLIC,
    "api.advocacy_campaigns": Access.API,
    "api.advocacy_campaign": Access.API,
    "api.outreaches": Access.API,
    "api.supporters": Access.API,
    "api.withdrawn_supporters": Access.API,
    **{f"api.house_report_{name}": Access.API for name in HOUSE},
    **{f"api.campaign_report_{name}": Access.API for name in CAMPAIGN},
}
"""Routes that ask for something else, or for nothing; their own tests ask them without link, token or signature."""


def test_every_route_is_in_one_of_the_tables(site: Site) -> None:
    endpoints = {rule.endpoint for rule in site.app.url_map.iter_rules()}
    assert set(WHO_MAY) | set(OPEN) == endpoints
    assert not set(WHO_MAY) & set(OPEN)


def test_open_routes_state_what_the_table_says(site: Site) -> None:
    stated = {endpoint: decision.access for endpoint in OPEN if (decision := policy_of(site.app, endpoint))}
    assert stated == OPEN


def test_routes_in_staffs_room_are_staffs_unless_the_table_says_otherwise(site: Site) -> None:
    for endpoint in WHO_MAY:
        decision = policy_of(site.app, endpoint)
        assert decision is not None
        assert decision.access in (Access.STAFF, Access.HALF_WAY)
        assert endpoint.startswith("organise.")


@dataclass(frozen=True)
class Somebody:
    """A visitor of one kind."""

    kind: str
    visitor: Visitor


def everybody(site: Site) -> list[Somebody]:
    members = {role: add_member(site, f"{role}@staff.example", role) for role in Role}
    return [
        Somebody(STRANGER, site.visitor()),
        Somebody(HALF_WAY, signed_in(site, members[Role.ADMIN], owes_factor=True)),
        *(Somebody(role, signed_in(site, member_id)) for role, member_id in members.items()),
    ]


def rules_of(app: Flask, endpoint: str) -> list[Rule]:
    """Its addresses, one for each language."""
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint]


def ask(visitor: Visitor, rule: Rule) -> TestResponse:
    """As if by hand, without a form's token: who is let in gets no further than that."""
    things = [
        "member",
        "session",
        "passkey",
        "target",
        "list",
        "upload",
        "correction",
        "suppression",
        "delivery",
        "job",
        "review",
        "lane",
    ]
    values = {
        **{f"{thing}_id": 1 for thing in things},
        "slug": "abolish-reporting",
        "scope": "letters",
        "subject_id": 0,
        "token_id": 1,
        "hook_id": 1,
        "step": "ask",
        "part": "en",
        "approval_id": 1,
        "language": "ar",
        "code": "Z09000001",
        "name": "states",
        "kind": "csv",
    }
    path = rule.build({name: value for name, value in values.items() if name in rule.arguments})
    assert path is not None, rule
    method = "POST" if "POST" in (rule.methods or ()) else "GET"
    return visitor.client.open(path[1], method=method)


def is_let_in(response: TestResponse) -> bool:
    """Whoever is not gets the page to sign in, or a plain no."""
    to_the_door = response.status_code == 303 and "/organise/sign-in" in response.headers["Location"]
    return not (to_the_door or response.status_code == 403)


def test_each_route_lets_in_whom_the_table_names_and_nobody_else(site: Site) -> None:
    people, wrong = everybody(site), []
    before = site.everything()
    for endpoint, who_may in WHO_MAY.items():
        for rule in rules_of(site.app, endpoint):
            for somebody in people:
                response = ask(somebody.visitor, rule)
                assert response.status_code < 500, rule
                if is_let_in(response) != (somebody.kind in who_may):
                    wrong.append((rule.rule, somebody.kind, response.status_code))
    assert wrong == []
    assert site.everything() == before, "nobody changed anything without a form's token"


def test_strangers_sign_in_first_and_other_roles_are_told_so(site: Site) -> None:
    stranger = site.visitor()
    stranger.open("/organise/people/3")
    assert (stranger.page.heading, stranger.address) == ("Sign in", "/organise/sign-in?next=/organise/people/3")
    lead = signed_in(site, add_member(site, role=Role.LEAD))
    lead.open("/ar/organise/people")
    assert lead.page.status == 403
    lead.open("/organise/people")
    assert lead.page.heading == "This page is not for your role"


@pytest.mark.parametrize("path", ["/organise/nothing", "/organise/people/x", "/organise/people/99999999999999999999"])
def test_what_is_not_there_is_not_there_for_anybody(site: Site, path: str) -> None:
    admin = signed_in(site, add_member(site))
    assert admin.open(path).status == 404


def test_in_production_nothing_of_development_is_there(production: Site) -> None:
    for endpoint, access in OPEN.items():
        if access is Access.DEVELOPMENT:
            for rule in rules_of(production.app, endpoint):
                built = rule.build(dict.fromkeys(rule.arguments, "x"))
                assert built is not None
                method = "POST" if "POST" in (rule.methods or ()) else "GET"
                host = "https://letters.example.org"
                assert production.app.test_client().open(built[1], method=method, base_url=host).status_code == 404
