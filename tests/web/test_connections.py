"""Staff's pages about supporters, tokens and webhooks, and the page on which a supporter says to stop."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.announcements.models import Announcement, Hook, HookState
from app.delivery.models import SuppressionReason
from app.delivery.suppressions import suppress
from app.roles import Role
from app.staff.mails import mail_hook
from app.staff.models import AuditEntry, StaffMember
from app.web.organise.connection_forms import HookForm
from app.web.organise.door import FRESH_WHILE_TYPING
from tests.web.site import LINK, Site
from tests.web.staff import add_member, signed_in
from tests.web.visitor import Visitor
from tests.web.ways import EMAIL, NAME, WARD, to_own, to_own_with_consent

URL = "https://crm.example.org/hooks?key=quirina"
STOP = "Stop writing to me"
NOTICED = "Somebody has confirmed their letter"


def admin(site: Site) -> Visitor:
    return signed_in(site, add_member(site))


def deeds(site: Site) -> list[tuple[str, dict[str, object]]]:
    with site.platform.sessions.read() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(entry.action, entry.after) for entry in entries if not entry.action.startswith("staff.")]


def hook_of(site: Site) -> Hook:
    with site.platform.sessions.read() as session:
        return session.scalars(select(Hook)).one()


# A supporter takes it back


def test_a_supporter_takes_it_back_from_their_own_page(site: Site, alice: Visitor) -> None:
    page = to_own_with_consent(site, alice)
    assert page.heading == "What became of your letter"
    assert alice.follow(STOP).heading == STOP
    page = alice.press(STOP)
    assert (page.status, page.heading) == (200, "We will not write to you")
    alice.follow("Back to your own page")
    assert STOP not in alice.page.text
    staff = admin(site).open("/organise/supporters")
    assert "0 people said that you may write to them. 1 has taken that back." in staff.text


def test_opening_the_link_of_the_mail_changes_nothing(site: Site, alice: Visitor) -> None:
    to_own_with_consent(site, alice)
    [thanks] = site.deliver_to(EMAIL)
    own, stop = LINK.findall(thanks.text)
    assert stop.startswith(own)
    before = site.everything()
    scanner = site.visitor()
    assert scanner.open(stop).heading == STOP
    assert site.everything() == before
    assert scanner.press(STOP).heading == "We will not write to you"
    assert scanner.open(stop).heading == "We will not write to you"


def test_who_never_agreed_is_asked_nothing(site: Site, alice: Visitor) -> None:
    page = to_own(site, alice, WARD)
    assert STOP not in page.text
    [thanks] = site.deliver_to(EMAIL)
    assert len(LINK.findall(thanks.text)) == 1
    assert alice.open(f"{alice.address}/stop").heading == "We will not write to you"


def test_a_forged_link_stops_nothing(site: Site) -> None:
    for method in ("get", "post"):
        assert getattr(site.app.test_client(), method)("/letters/forged/stop").status_code in (400, 404)


# Taking supporters away


def test_an_organiser_takes_the_table_away_and_the_audit_knows(site: Site, alice: Visitor) -> None:
    to_own_with_consent(site, alice)
    organiser = signed_in(site, add_member(site, role=Role.ORGANISER))
    organiser.open("/organise/supporters")
    organiser.press("Download")
    answer = organiser.response
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="supporters-opted_in.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    [row] = csv.DictReader(io.StringIO(answer.get_data(as_text=True)))
    assert (row["name"], row["email"], row["language"], row["campaign"]) == (NAME, EMAIL, "en", WARD.slug)
    asked = {"what": "opted_in", "campaign_id": None, "since": None}
    assert deeds(site) == [
        ("supporters.export_begun", asked),
        ("supporters.exported", {**asked, "rows": 1, "left_out": 0, "whole": True}),
    ]
    assert EMAIL not in str(deeds(site))


def test_whose_address_must_not_be_mailed_is_left_out_and_counted(site: Site, alice: Visitor) -> None:
    to_own_with_consent(site, alice)
    with site.change() as session:
        suppress(session, EMAIL.upper(), SuppressionReason.HARD_BOUNCE, "no such mailbox", site.clock())
    organiser = signed_in(site, add_member(site, role=Role.ORGANISER))
    assert "Not in it either" in organiser.open("/organise/supporters").text
    organiser.press("Download")
    assert EMAIL not in organiser.response.get_data(as_text=True)
    _begun, (_what, told) = deeds(site)
    assert (told["rows"], told["left_out"]) == (0, 1)


def test_json_one_campaign_and_a_day_can_be_asked_for(site: Site, alice: Visitor) -> None:
    to_own_with_consent(site, alice)
    visitor = admin(site)
    for typed, number in (
        ({"campaign": "Abolish reporting"}, 1),
        ({"campaign": "Bibby Stockholm"}, 0),
        ({"since": "2026-11-24"}, 1),
        ({"since": "2026-11-25"}, 0),
    ):
        page = visitor.open("/organise/supporters")
        chosen = {name: _option(page, name, text) for name, text in typed.items()}
        visitor.press("Download", format="JSON, for programs", **chosen)
        assert len(json.loads(visitor.response.get_data(as_text=True))) == number, typed


def _option(page: object, name: str, text: str) -> str:
    if name != "campaign":
        return text
    [form] = [form for form in page.forms if "campaign" in form.names]  # type: ignore[attr-defined]
    [option] = [option for option in form.options("campaign") if text.lower() in option.lower()]
    return str(option)


def test_who_took_it_back_is_in_the_other_table(site: Site, alice: Visitor) -> None:
    to_own_with_consent(site, alice)
    alice.follow(STOP)
    alice.press(STOP)
    visitor = admin(site)
    visitor.open("/organise/supporters")
    visitor.press("Download", standing="Who has taken that back, to delete them elsewhere")
    [row] = csv.DictReader(io.StringIO(visitor.response.get_data(as_text=True)))
    assert (row["email"], row["campaign"]) == (EMAIL, WARD.slug)
    assert NAME not in visitor.response.get_data(as_text=True)
    visitor.open("/organise/supporters")
    visitor.press("Download")
    assert len(visitor.response.get_data(as_text=True).splitlines()) == 1


def test_who_proved_themselves_long_ago_does_so_again_before_anything_leaves(site: Site, alice: Visitor) -> None:
    to_own_with_consent(site, alice)
    visitor = admin(site)
    visitor.open("/organise/supporters")
    site.clock.forward(FRESH_WHILE_TYPING)
    page = visitor.press("Download")
    assert visitor.address == "/organise/again?next=/organise/supporters"
    assert EMAIL not in page.text
    assert deeds(site) == []


@pytest.mark.parametrize(
    "forged", [{"standing": "everybody"}, {"format": "xlsx"}, {"campaign": "none"}, {"since": "soon"}]
)
def test_what_cannot_be_asked_for_is_told_and_nothing_leaves(site: Site, forged: dict[str, str]) -> None:
    visitor = admin(site)
    visitor.open("/organise/supporters")
    page = visitor.press("Download", forged=forged)
    assert (page.status, page.heading) == (422, "Supporters")
    assert deeds(site) == []


# Tokens


def test_a_token_is_shown_once_and_opens_what_was_ticked(site: Site) -> None:
    visitor = admin(site)
    visitor.open("/organise/tokens")
    page = visitor.press("Make the token", name="Our figures board", days="30 days")
    token = _key(page.text)
    assert page.heading == "Your new token"
    assert visitor.response.headers["Cache-Control"] == "no-store"
    headers = {"Authorization": f"Bearer {token}"}
    client = site.app.test_client()
    assert client.get("/api/v1/campaigns", headers=headers).status_code == 200
    assert client.get("/api/v1/supporters", headers=headers).status_code == 403
    page = visitor.follow("I have it, go on")
    assert token not in page.text
    assert token[:12] in page.text
    visitor.press("Revoke Our figures board")
    assert client.get("/api/v1/campaigns", headers=headers).status_code == 401
    assert [deed for deed, _after in deeds(site)] == ["token.made", "token.revoked"]
    assert token not in str(site.everything())


def _key(text: str) -> str:
    return next(word for word in text.split() if word.startswith("spost_"))


def test_nobody_revokes_the_token_of_somebody_else(site: Site) -> None:
    first = admin(site)
    first.open("/organise/tokens")
    token = _key(first.press("Make the token", name="Mine", days="30 days").text)
    other = signed_in(site, add_member(site, "ben@staff.example"))
    page = other.open("/organise/tokens")
    assert "Mine" not in page.text
    csrf = page.forms[-1].values["csrf_token"]
    other.send("/organise/tokens/1/revoke", {"csrf_token": csrf})
    headers = {"Authorization": f"Bearer {token}"}
    assert site.app.test_client().get("/api/v1/campaigns", headers=headers).status_code == 200


@pytest.mark.parametrize("forged", [{"name": ""}, {"scopes": None}, {"scopes": "everything"}, {"days": "9999"}])
def test_a_token_that_cannot_be_is_not_made(site: Site, forged: dict[str, str | None]) -> None:
    visitor = admin(site)
    visitor.open("/organise/tokens")
    page = visitor.press("Make the token", name="Board", days="30 days", forged=forged)
    assert (page.status, page.heading) == (422, "Tokens")
    assert deeds(site) == []


# Webhooks


def added(site: Site) -> Visitor:
    visitor = admin(site)
    visitor.open("/organise/hooks")
    visitor.press("Add the webhook", name="CRM", url=URL, events=(NOTICED, "A letter has arrived"))
    return visitor


def test_a_webhook_is_added_and_its_secret_shown_once(site: Site) -> None:
    visitor = added(site)
    assert visitor.page.heading == "CRM"
    secret = hook_of(site).secret
    assert secret in visitor.page.text
    assert secret not in visitor.open(f"/organise/hooks/{hook_of(site).id}").text
    assert URL in visitor.page.text
    assert [event.kind for event in hook_of(site).events] == ["action.confirmed", "letter.delivered"]
    assert deeds(site) == [
        ("hook.added", {"name": "CRM", "events": ["action.confirmed", "letter.delivered"], "campaign_id": None})
    ]


def test_what_happens_is_on_its_page_with_how_it_went(site: Site, alice: Visitor) -> None:
    visitor = added(site)
    site.deliver()
    to_own(site, alice, WARD)
    page = visitor.open(f"/organise/hooks/{hook_of(site).id}")
    assert "1 message waits." in page.text
    assert "action.confirmed" in page.text
    with site.change() as session:
        row = session.scalars(select(Announcement)).one()
        row.status, row.attempts = 503, 2
    assert "(503)" in visitor.open(f"/organise/hooks/{hook_of(site).id}").text


def test_every_switch_works_and_is_in_the_audit(site: Site) -> None:
    visitor = added(site)
    hook_id, first = hook_of(site).id, hook_of(site).secret
    visitor.open(f"/organise/hooks/{hook_id}")
    assert "hook.test" in visitor.press("Send a test").text
    assert "Paused by staff" in visitor.press("Pause").text
    assert hook_of(site).state is HookState.PAUSED
    assert "Works" in visitor.press("Let it go on").text
    page = visitor.press("Make a new secret")
    assert hook_of(site).secret in page.text
    assert hook_of(site).old_secret == first
    visitor.open(f"/organise/hooks/{hook_id}")
    page = visitor.press("Remove for good")
    assert (page.heading, URL in page.text) == ("Webhooks", False)
    assert visitor.open(f"/organise/hooks/{hook_id}").status == 404
    verbs = [deed for deed, _after in deeds(site)]
    assert verbs == [f"hook.{verb}" for verb in ["added", "tested", "paused", "resumed", "secret_changed", "removed"]]
    assert "quirina" not in str(deeds(site))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://crm.example.org/", "Please use an address that begins with https://."),
        ("https://10.0.0.1/", "This address is inside a private network. Please use a public one."),
        ("https://localhost/", "This address is inside a private network. Please use a public one."),
        ("crm.example.org", "Please write a whole address, like https://crm.example.org/hooks."),
        ("", "Please write the address."),
    ],
)
def test_an_address_that_must_not_be_used_is_refused_in_words(production: Site, url: str, words: str) -> None:
    with production.app.test_request_context(method="POST", data={"url": url}, base_url="https://letters.example.org"):
        form = HookForm(meta={"csrf": False})
        assert not form.validate()
        assert words in [str(error) for error in form.url.errors]


def test_a_webhook_told_of_nothing_is_not_made(site: Site) -> None:
    visitor = admin(site)
    visitor.open("/organise/hooks")
    page = visitor.press("Add the webhook", name="CRM", url=URL)
    assert (page.status, page.heading) == (422, "Webhooks")
    assert URL in page.text or any(URL in form.values.values() for form in page.forms)


def test_the_owner_is_told_by_mail_with_the_way_to_the_page(site: Site) -> None:
    add_member(site)
    site.deliver()
    with site.change() as session:
        mail_hook(session, session.scalars(select(StaffMember)).one(), site.clock())
    [mail] = site.deliver()
    assert mail.subject == "A webhook does not work: Solidarity Post"
    assert LINK.findall(mail.text) == ["http://localhost:8000/organise/hooks"]


def test_a_page_that_is_old_asks_for_the_password_before_a_secret_changes(site: Site) -> None:
    visitor = added(site)
    visitor.open(f"/organise/hooks/{hook_of(site).id}")
    before = hook_of(site).secret
    site.clock.forward(FRESH_WHILE_TYPING + timedelta(seconds=1))
    visitor.press("Make a new secret")
    assert "/organise/again" in visitor.address
    assert hook_of(site).secret == before
