"""What programs read: by token, in pages, with nothing of any person unless the token is for that."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import ignored_auth
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.actions.models import Supporter
from app.campaigns.models import CampaignState
from app.delivery.models import SuppressionReason
from app.delivery.suppressions import suppress
from app.roles import Role
from app.staff.api_tokens import NewToken, make_token
from app.staff.models import AuditEntry, MemberState, StaffMember
from app.staff.token_models import ApiToken, Scope
from app.web.api.openapi import openapi
from app.web.api.tables import declared
from app.web.policy import Access, policy_of
from tests.web.site import Site
from tests.web.staff import add_member, signed_in
from tests.web.ways import WARD, to_own, to_own_with_consent

BOTH = frozenset(Scope)
ROOT = "/api/v1"


def token_of(site: Site, scopes: Iterable[Scope] = BOTH, role: Role = Role.ADMIN, **lifetime: int) -> str:
    """A token of somebody new."""
    member_id = add_member(site, f"{role}-{site.count(StaffMember)}@staff.example", role)
    with site.change() as session:
        new = NewToken("a program", frozenset(scopes), timedelta(**lifetime or {"days": 30}))
        return make_token(session, member_id, new, site.clock())[1]


def ask(site: Site, path: str, token: str | None = None, method: str = "GET") -> TestResponse:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return site.app.test_client().open(ROOT + path, method=method, headers=headers)


def problem(answer: TestResponse) -> dict[str, Any]:
    assert answer.content_type == "application/problem+json"
    told = answer.get_json(force=True)
    assert isinstance(told, dict)
    assert told["status"] == answer.status_code
    assert {"type", "title", "detail"} < set(told)
    return told


def paths(site: Site) -> list[str]:
    """Every route of the API that asks for a token."""
    rules = [rule for rule in site.app.url_map.iter_rules() if rule.endpoint.startswith("api.")]
    private = [rule for rule in rules if policy_of(site.app, rule.endpoint).access is Access.API]  # type: ignore[union-attr]
    with site.app.test_request_context():
        adapter = site.app.url_map.bind("localhost")
        return [
            adapter.build(rule.endpoint, {"slug": "abolish-reporting"} if rule.arguments else {}).removeprefix(ROOT)
            for rule in private
        ]


def test_without_a_token_nothing_is_answered(site: Site) -> None:
    assert len(paths(site)) == len(declared())
    for path in paths(site):
        answer = ask(site, path)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
        problem(answer)


@pytest.mark.parametrize("text", ["x", "spost_", "spost_" + "a" * 43, "spost_" + "ä" * 43, " ", "spost_" + "a" * 5000])
def test_what_is_no_token_opens_nothing(site: Site, text: str) -> None:
    raw = text.encode("utf-8").decode("latin-1")
    answer = site.app.test_client().get(f"{ROOT}/campaigns", headers={"Authorization": f"Bearer {raw}"})
    assert answer.status_code == 401
    assert text.strip() not in problem(answer)["detail"] or not text.strip() or text == "x"


def test_a_cookie_of_staffs_opens_nothing(site: Site) -> None:
    admin = signed_in(site, add_member(site))
    assert admin.client.get(f"{ROOT}/campaigns").status_code == 401


def test_no_answer_sets_a_cookie_or_may_be_kept(site: Site) -> None:
    token = token_of(site)
    for path in [*paths(site), "/openapi.json", "/nothing"]:
        answer = ask(site, path, token)
        assert not SimpleCookie(answer.headers.get("Set-Cookie", ""))
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("scope", Scope)
def test_a_token_opens_what_its_scope_says_and_nothing_else(site: Site, scope: Scope) -> None:
    token = token_of(site, [scope])
    for table, path in zip(declared(), paths(site), strict=True):
        answer = ask(site, path, token)
        assert answer.status_code == (200 if table.scope is scope else 403), path
        if answer.status_code == 403:
            assert str(table.scope) in problem(answer)["detail"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_a_token_ends_with_its_owners_role(site: Site, role: Role) -> None:
    token = token_of(site)
    with site.change() as session:
        member = session.scalars(select(StaffMember).order_by(StaffMember.id.desc()).limit(1)).one()
        if role is Role.PARTNER:
            return
        member.role = role
    assert {ask(site, path, token).status_code for path in paths(site)} == {403}


def test_a_token_ends_by_time_by_revoking_and_with_its_owners_account(site: Site) -> None:
    token = token_of(site, hours=1)
    assert ask(site, "/campaigns", token).status_code == 200
    site.clock.forward(timedelta(hours=1))
    assert ask(site, "/campaigns", token).status_code == 401
    revoked, left = token_of(site), token_of(site)
    with site.change() as session:
        second, third = session.scalars(select(ApiToken).order_by(ApiToken.id.desc()).limit(2)).all()[::-1]
        second.revoked_at = site.clock()
        session.get_one(StaffMember, third.member_id).state = MemberState.DEACTIVATED
    assert [ask(site, "/campaigns", one).status_code for one in (revoked, left)] == [401, 401]
    assert 'error="invalid_token"' in ask(site, "/campaigns", revoked).headers["WWW-Authenticate"]


def test_only_a_hash_of_a_token_is_kept(site: Site) -> None:
    token = token_of(site)
    assert token not in str(site.everything())
    with site.platform.sessions.read() as session:
        assert session.scalars(select(ApiToken)).one().prefix == token[:12]


def test_when_a_token_was_used_is_known_to_some_minutes(site: Site) -> None:
    token = token_of(site)
    times = []
    for minutes in (0, 1, 5):
        site.clock.forward(timedelta(minutes=minutes))
        ask(site, "/campaigns", token)
        with site.platform.sessions.read() as session:
            times.append(session.scalars(select(ApiToken.used_at)).one())
    assert times == [times[0], times[0], times[0] + timedelta(minutes=6)]


def test_a_token_that_asks_too_often_is_told_when_to_come_back(make_site: Any) -> None:
    site = make_site(LIMIT_API_PER_MINUTE="3")
    token, other = token_of(site), token_of(site)
    assert [ask(site, "/campaigns", token).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = ask(site, "/campaigns", token)
    problem(refused)
    wait = int(refused.headers["Retry-After"])
    assert 1 <= wait <= 60
    assert ask(site, "/campaigns", other).status_code == 200
    site.clock.forward(timedelta(seconds=wait))
    assert ask(site, "/campaigns", token).status_code == 200


def test_campaigns_come_in_pages_until_there_are_no_more(site: Site) -> None:
    token = token_of(site)
    whole = ask(site, "/campaigns", token).get_json()
    assert whole["next"] is None
    slugs, following, pages = [], "", 0
    while following is not None:
        answer = ask(site, f"/campaigns?limit=3{following and f'&cursor={following}'}", token)
        page = answer.get_json()
        slugs += [record["slug"] for record in page["items"]]
        following, pages = page["next"], pages + 1
        assert ("Link" in answer.headers) == (following is not None)
    assert slugs == [record["slug"] for record in whole["items"]]
    assert pages == 4
    assert len(slugs) == 10


@pytest.mark.parametrize(
    "asked",
    [
        "limit=0",
        "limit=501",
        "limit=x",
        "limit=-1",
        "limit=١",
        "cursor=x",
        "cursor=",
        "cursor=after--1",
        "cursor=after-12345678901",
    ],
)
def test_what_cannot_be_read_is_told(site: Site, asked: str) -> None:
    answer = ask(site, f"/campaigns?{asked}", token_of(site))
    assert answer.status_code == 400
    assert problem(answer)["detail"].startswith(asked.partition("=")[0])


@pytest.mark.parametrize("since", ["x", "", "2026-13-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_cannot_be_read_is_told(site: Site, since: str) -> None:
    answer = site.app.test_client().get(
        f"{ROOT}/supporters", query_string={"since": since}, headers={"Authorization": f"Bearer {token_of(site)}"}
    )
    assert answer.status_code == 400
    assert problem(answer)["detail"].startswith("since")


@pytest.mark.parametrize("state", [CampaignState.DRAFT, CampaignState.SCHEDULED])
def test_what_has_not_opened_is_as_unknown_as_what_never_was(site: Site, state: CampaignState) -> None:
    site.move("bibby-stockholm", state)
    token = token_of(site)
    assert "bibby-stockholm" not in ask(site, "/campaigns", token).get_data(as_text=True)
    for part in ("", "/outreaches"):
        draft, never = (ask(site, f"/campaigns/{slug}{part}", token) for slug in ("bibby-stockholm", "never-was"))
        assert (draft.status_code, never.status_code) == (404, 404)
        assert problem(draft) == problem(never)


def test_figures_are_those_of_the_ledger(site: Site) -> None:
    to_own(site, site.visitor(), WARD)
    site.deliver()
    campaign = ask(site, "/campaigns/abolish-reporting", token_of(site)).get_json()
    assert (campaign["total_outreaches"], campaign["total_letters"]) == (1, 3)
    states = {state: number for state, number in campaign["letters_by_state"].items() if number}
    assert states == {"sent": 3}
    assert sum(campaign["letters_by_state"].values()) == campaign["total_letters"]
    assert campaign["browser_url"] == "http://localhost:8000/c/abolish-reporting"


def test_an_outreach_names_a_day_and_nobody(site: Site) -> None:
    to_own(site, site.visitor(), WARD)
    page = ask(site, "/campaigns/abolish-reporting/outreaches", token_of(site, [Scope.REPORTS])).get_json()
    [outreach] = page["items"]
    assert set(outreach) == {"identifiers", "origin_system", "type", "action_date"}
    assert outreach["action_date"] == "2026-11-24"


def test_supporters_are_read_with_their_own_scope_and_that_is_in_the_audit(site: Site) -> None:
    to_own_with_consent(site, site.visitor())
    token = token_of(site)
    page = ask(site, "/supporters", token).get_json()
    with site.platform.sessions.read() as session:
        supporter = session.scalars(select(Supporter)).one()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "supporters.exported")).one()
    assert [(one["id"], one["email"], one["campaign"]) for one in page["items"]] == [
        (supporter.id, supporter.email, "abolish-reporting")
    ]
    assert entry.after == {"what": "opted_in", "rows": 1, "token": token[:12]}
    assert entry.actor_id is not None
    assert ask(site, "/supporters/withdrawn", token).get_json() == {"items": [], "next": None}
    assert ask(site, "/supporters?since=2026-11-25T00:00:00Z", token).get_json()["items"] == []
    with site.change() as session:
        suppress(session, supporter.email, SuppressionReason.COMPLAINT, "they complained", site.clock())
    assert ask(site, "/supporters", token).get_json() == {"items": [], "next": None}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_changed(site: Site, method: str) -> None:
    answer = ask(site, "/campaigns", token_of(site), method)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    problem(answer)


def test_what_is_not_there_is_told_as_programs_read_it(site: Site) -> None:
    answer = ask(site, "/nothing")
    assert answer.status_code == 404
    problem(answer)


def test_the_document_names_every_table_and_nothing_private(site: Site) -> None:
    document = ask(site, "/openapi.json").get_json()
    assert len(document["paths"]) == len(declared())
    assert document == openapi("Solidarity Post", "http://localhost:8000")
    assert document["servers"] == [{"url": "http://localhost:8000/api/v1"}]


def test_the_api_keeps_its_word(standing_site: Site, sqlite_template: Any, now: Any) -> None:
    """Schemathesis asks whatever the document allows, and more; every answer is one that the document names. Without a
    token, or with a wrong one, the tests above ask.
    """
    standing_site.begin_anew(sqlite_template, now)
    site = standing_site
    to_own(site, site.visitor(), WARD)
    token = token_of(site)
    schema = schemathesis.openapi.from_wsgi(f"{ROOT}/openapi.json", site.app)
    seen: set[str] = set()
    for result in schema.get_all_operations():
        operation = result.ok()
        strategy = operation.as_strategy()
        seen.add(operation.path)

        @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(strategy)
        def holds(case: Any) -> None:
            site.clock.forward(timedelta(seconds=1))
            answer = case.call(headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code < 500
            case.validate_response(answer, excluded_checks=[ignored_auth])

        holds()
    assert len(seen) == len(declared())
