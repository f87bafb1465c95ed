"""What every route keeps to: its policy, its headers, its hosts and methods; in development and in production."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.web.policy import Access, Csrf, policy, policy_of
from tests.web.reading import Page
from tests.web.site import Site
from tests.web.visitor import Visitor
from tests.web.ways import READ_IT, WARD, to_confirm, to_letter, to_own, to_preview

HTTPS = "https://letters.example.org"
EXAMPLES = {
    "member_id": 1,
    "session_id": 1,
    "passkey_id": 1,
    "token_id": 1,
    "hook_id": 1,
    "delivery_id": 1,
    "job_id": 1,
    "review_id": 1,
    "lane_id": 1,
    "scope": "letters",
    "subject_id": 0,
    "approval_id": 1,
    "slug": "abolish-reporting",
    "step": "ask",
    "part": "en",
    "token": "forged",
    "name": "none.eml",
    "filename": "site.css",
    "language": "ar",
    "target_id": 1,
    "list_id": 1,
    "upload_id": 1,
    "correction_id": 1,
    "suppression_id": 1,
    "code": "Z09000001",
    "digest": "0" * 64,
    "kind": "csv",
}
MEGABYTE = 1024 * 1024


def addresses(app: Flask) -> list[tuple[Rule, str]]:
    """An address of every route."""
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        return [
            (rule, adapter.build(rule.endpoint, {name: EXAMPLES[name] for name in rule.arguments}))
            for rule in app.url_map.iter_rules()
        ]


@pytest.fixture(params=["site", "production"])
def either(request: pytest.FixtureRequest) -> tuple[Site, str]:
    """The site in development and in production, and the address to ask it at."""
    site: Site = request.getfixturevalue(request.param)
    return site, HTTPS if request.param == "production" else "http://localhost"


def test_every_route_states_its_policy(site: Site) -> None:
    without = {rule.endpoint for rule in site.app.url_map.iter_rules() if policy_of(site.app, rule.endpoint) is None}
    assert without == set()


def test_a_route_without_a_policy_does_not_run(make_site: Callable[..., Site]) -> None:
    site, ran = make_site(), []
    site.app.add_url_rule("/forgotten", "forgotten", lambda: ran.append(1) or "shown", methods=["GET", "POST"])
    assert policy_of(site.app, "forgotten") is None
    client = site.app.test_client()
    assert client.get("/forgotten").status_code == 500
    assert client.post("/forgotten").status_code == 500
    assert ran == []


def test_every_route_that_takes_a_post_checks_a_token(site: Site) -> None:
    for rule in site.app.url_map.iter_rules():
        stated = policy_of(site.app, rule.endpoint)
        assert stated is not None
        writes = bool((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"})
        assert writes == (stated.csrf is not Csrf.READ_ONLY), rule


def test_a_route_that_only_reads_refuses_every_other_method(either: tuple[Site, str]) -> None:
    site, base = either
    client = site.app.test_client()
    seen = set()
    posted = {rule.rule for rule in site.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    for rule, address in addresses(site.app):
        if policy_of(site.app, rule.endpoint).csrf is not Csrf.READ_ONLY or "GET" not in (rule.methods or ()):  # type: ignore[union-attr]
            continue
        if rule.rule in posted:
            continue  # another route takes the post there
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            answer = client.open(address, method=method, base_url=base)
            assert answer.status_code in (405, 404, 308), (method, address)
        seen.add(rule.endpoint)
    assert {"public.home", "public.campaign", "public.privacy", "public.own", "public.colours"} <= seen


def test_a_refused_method_says_which_are_allowed(alice: Visitor) -> None:
    answer = alice.client.delete("/privacy")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_every_answer_carries_the_security_headers(either: tuple[Site, str]) -> None:
    site, base = either
    client = site.app.test_client()
    for rule, address in addresses(site.app):
        for method in sorted((rule.methods or set()) & {"GET", "HEAD", "POST"}):
            headers = client.open(address, method=method, base_url=base).headers
            content = headers["Content-Security-Policy"]
            assert "default-src 'none'" in content, address
            assert "'unsafe-inline'" not in content, address
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "same-origin"
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert "Permissions-Policy" in headers
            assert ("Strict-Transport-Security" in headers) is (base == HTTPS)


@pytest.mark.parametrize(
    "address", ["/nowhere", "/ar/nowhere", "/static/../wsgi.py", "/static/nothing.css", "/c/none", "/en/"]
)
def test_error_pages_carry_them_too(alice: Visitor, address: str) -> None:
    headers = alice.client.get(address).headers
    assert "script-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


def test_no_page_may_be_kept_by_a_cache(either: tuple[Site, str]) -> None:
    site, base = either
    client = site.app.test_client()
    kept = set()
    for rule, address in addresses(site.app):
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            if client.open(address, method=method, base_url=base).headers["Cache-Control"] != "no-store":
                kept.add(rule.endpoint)
    assert kept == {"static", "public.colours"}


def test_no_page_asks_for_anything_that_its_own_policy_forbids(site: Site, alice: Visitor) -> None:
    pages = [alice.open("/"), alice.open("/privacy"), to_letter(alice, WARD), to_preview(alice, WARD)]
    pages += [to_confirm(site, alice, WARD), alice.press(WARD.send), alice.open("/nowhere")]
    for page in pages:
        assert page.root.all("script", "style", "iframe", "object", "embed", "base") == []
        assert [e.tag for e in page.root.walk() if "style" in e or any(name.startswith("on") for name in e.attrs)] == []
        for element in page.root.all("link", "img"):
            assert element.attrs.get("href", element.attrs.get("src", "")).startswith("/")
        assert {form.element["method"] for form in page.forms} <= {"post"}


def cookie_of(site: Site, base: str) -> str:
    answer = site.app.test_client().get("/c/abolish-reporting", base_url=base)
    (cookie,) = answer.headers.getlist("Set-Cookie")
    return cookie


def test_the_cookie_of_production_is_bound_to_its_host_and_to_https(production: Site) -> None:
    name, *flags = cookie_of(production, HTTPS).split("; ")
    assert name.startswith("__Host-session=")
    assert set(flags) == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


def test_the_cookie_of_development_works_without_https(site: Site) -> None:
    name, *flags = cookie_of(site, "http://localhost").split("; ")
    assert name.startswith("session=")
    assert set(flags) == {"HttpOnly", "Path=/", "SameSite=Lax"}


def test_the_whole_way_works_in_production(production: Site) -> None:
    visitor = Visitor(production.app.test_client())
    visitor.client.environ_base["wsgi.url_scheme"] = "https"
    visitor.client.environ_base["HTTP_HOST"] = "letters.example.org"
    page = Page(200, visitor.client.get("/c/capita-gps-tagging", base_url=HTTPS).get_data(as_text=True))
    values = {**page.form.values, "name": "Alice", "email": "alice@supporter.example", "body": "Text.", "subject": "S"}
    answer = visitor.client.post(
        "/c/capita-gps-tagging/submit", data=values, base_url=HTTPS, headers={"Referer": HTTPS}
    )
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/c/capita-gps-tagging/check-mail"


def test_the_outbox_does_not_exist_in_production(production: Site) -> None:
    client = production.app.test_client()
    routes = [address for rule, address in addresses(production.app) if rule.endpoint.startswith("outbox.")]
    assert len(routes) == 3
    for address in routes:
        assert client.get(address, base_url=HTTPS).status_code == 404
        assert client.head(address, base_url=HTTPS).status_code == 404
    for rule in production.app.url_map.iter_rules():
        stated = policy_of(production.app, rule.endpoint)
        assert stated is not None
        assert (stated.access is Access.DEVELOPMENT) == rule.endpoint.startswith(("outbox.", "organise.demo"))


def test_no_page_of_production_speaks_of_the_demonstration(production: Site) -> None:
    client = production.app.test_client()
    for address in ("/", "/privacy", "/c/abolish-reporting", "/nowhere"):
        text = client.get(address, base_url=HTTPS).get_data(as_text=True)
        assert "demonstration" not in text
        assert "ZZ1" not in text
        assert "/outbox" not in text


@pytest.mark.parametrize("name", ["nothing.eml", "..%2f..%2fetc%2fpasswd", "%2e%2e", ".hidden", "x" * 5000, "%00.eml"])
def test_the_outbox_shows_nothing_but_its_own_mails(alice: Visitor, name: str) -> None:
    assert alice.client.get(f"/outbox/{name}").status_code == 404
    assert alice.client.get(f"/outbox/{name}/html").status_code == 404


def test_the_outbox_of_development_shows_every_mail(site: Site, alice: Visitor) -> None:
    to_own(site, alice, WARD)
    site.deliver()
    page = alice.open("/outbox/")
    mails = [href for link in page.root.one("main").all("a") if (href := link["href"]).endswith(".eml")]
    assert len(mails) == 5
    for address in mails:
        assert alice.open(address).status == 200
        html = alice.client.get(f"{address}/html")
        assert html.status_code == 200
        assert "sandbox" in html.headers["Content-Security-Policy"]


def test_an_error_of_ours_shows_nothing_of_its_cause_and_logs_no_link(
    production: Site, caplog: pytest.LogCaptureFixture
) -> None:
    @policy(Access.LINK, Csrf.READ_ONLY)
    def broken(token: str) -> str:
        raise RuntimeError(f"broken by a letter of {len(token)}")

    production.app.add_url_rule("/letters/<token>/broken", "broken", broken)
    answer = production.app.test_client().get("/letters/somebodys-key/broken", base_url=HTTPS)
    assert answer.status_code == 500
    text = answer.get_data(as_text=True)
    assert Page(500, text).heading == "Something went wrong here"
    assert "Traceback" not in text
    assert "RuntimeError" not in text
    logged = caplog.text
    assert 'event="request failed" method=GET endpoint=broken' in logged
    assert "RuntimeError" in logged
    assert "of 13" not in logged
    assert "somebodys-key" not in logged


def test_there_is_no_console_in_production(production: Site) -> None:
    assert not production.app.debug
    assert production.app.test_client().get("/console", base_url=HTTPS).status_code == 404


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "evil.example:80", "", "letters.example.org", "localhost@evil.example"],
)
def test_another_host_is_refused(site: Site, host: str) -> None:
    client = site.app.test_client()
    for address in ("/", "/c/abolish-reporting", "/nowhere", "/static/site.css"):
        answer = client.get(address, headers={"Host": host})
        assert answer.status_code == 400, (host, address)
        assert "evil" not in answer.get_data(as_text=True)
        assert "evil" not in answer.headers.get("Location", "")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "evil.example"])
def test_production_answers_to_its_own_name_only(production: Site, host: str) -> None:
    client = production.app.test_client()
    assert client.get("/", base_url=f"https://{host}").status_code == 400
    assert client.get("/", base_url=HTTPS).status_code == 200


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:5000"])
def test_development_answers_to_this_machine(site: Site, host: str) -> None:
    assert site.app.test_client().get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("address", ["/c/abolish-reporting/write", "/c/abolish-reporting/submit", "/confirm/forged"])
def test_a_body_over_the_limit_is_refused_in_words(alice: Visitor, address: str, kind: str) -> None:
    answer = alice.client.post(address, data=b"own_words=" + b"w" * MEGABYTE, content_type=kind)
    assert answer.status_code == 413
    assert Page(413, answer.get_data(as_text=True)).heading == "This is too long to send"


def test_a_body_of_the_longest_letter_in_the_longest_letters_is_taken(alice: Visitor) -> None:
    to_letter(alice, WARD)
    page = alice.press(
        READ_IT,
        name="字" * 80,
        email="alice@supporter.example",
        own_words="字" * 3000,
        body="𐍈" * 8000,
        subject="𐍈" * 150,
    )
    assert page.status == 200
    assert len(page.letters) == 3


def test_a_thousand_fields_too_many_break_nothing(alice: Visitor) -> None:
    body = "&".join(f"field{number}=x" for number in range(5000))
    kind = "application/x-www-form-urlencoded"
    assert alice.client.post("/c/abolish-reporting/write", data=body, content_type=kind).status_code == 422
    parts = {f"field{number}": "x" for number in range(1500)}
    answer = alice.client.post("/c/abolish-reporting/write", data=parts, content_type="multipart/form-data")
    assert answer.status_code == 413


@pytest.mark.parametrize("slug", ["none", "Abolish-Reporting", "a" * 3000, "%F0%9F%92%A9", "%00", "..", "'--", "%FF"])
def test_a_campaign_that_is_not_there_is_not_found(alice: Visitor, slug: str) -> None:
    assert alice.client.get(f"/c/{slug}").status_code == 404
    assert alice.client.post(f"/c/{slug}/submit").status_code == 404


def test_a_draft_is_as_unknown_as_one_that_never_was(make_site: Callable[..., Site]) -> None:
    site = make_site()
    with site.change() as session:
        session.connection().exec_driver_sql("UPDATE campaign SET state = 'draft' WHERE slug = 'bibby-stockholm'")
    client = site.app.test_client()
    draft, never = client.get("/c/bibby-stockholm"), client.get("/c/never-was")
    assert draft.status_code == never.status_code == 404
    assert draft.data == never.data.replace(b"never-was", b"bibby-stockholm")
    assert "bibby-stockholm" not in client.get("/").get_data(as_text=True)
