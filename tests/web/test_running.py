"""Checking, approving and running a campaign on staff's pages: who may, what it does, and what is written down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.actions.confirm import confirm_action
from app.actions.models import Action
from app.actions.recipients import Wish
from app.announcements.models import Hook
from app.campaigns.find import campaign_called
from app.campaigns.models import Campaign, CampaignState, LetterTemplate, OpeningHeld, Replies, TargetRule
from app.columns import Base
from app.delivery.ledger import differences
from app.letters.findings import Remedy
from app.queue.brakes import put_on
from app.queue.models import Brake, BrakeScope, Delivery
from app.queue.states import DeliveryState, Purpose
from app.roles import Role
from app.running.approvals import MAILED_AN_HOUR
from app.running.endings import wind_up
from app.running.models import Approval, ApprovalState, Check
from app.staff.models import AuditEntry, PartnerCampaign, StaffMember
from app.targets.models import Target, TargetList
from tests.support.builders import ALICE, BOB, add_campaign, hand_in
from tests.support.staff import ADA, BEN
from tests.web.site import Site, address_of
from tests.web.staff import add_member, signed_in
from tests.web.test_staff_campaigns import give
from tests.web.visitor import Visitor

SLUG = "warm-homes"
CHECK, RUN = f"/organise/campaigns/{SLUG}/check", f"/organise/campaigns/{SLUG}/run"
NOW = "Now People can write at once."
LATER = "At a time It opens by itself. Until then everybody can read its page."
CLEO = "cleo@staff.example"
LOOK_AT_THEM = "Look at the addresses that this campaign writes to, and say how you checked them."
DAY_AFTER = {"opens_day": "2026-11-25", "opens_time": "09:00"}
BIG, SMALL = "2000", "5"
SEND = "Send them Those who wrote them were promised that."
CANCEL = "Cancel them They never go out. This cannot be undone."


def own_campaign(site: Site, **columns: object) -> int:
    """A campaign that no file owns, to the broadcasters of the demonstration, as a draft."""
    usual = {
        "slug": SLUG,
        "state": CampaignState.DRAFT,
        "target_rule": TargetRule.ALL,
        "target_lists": "demo-broadcasters",
    }
    with site.change() as session:
        return add_campaign(session, site.clock(), **(usual | columns)).id


def campaign_of(site: Site, slug: str = SLUG) -> Campaign:
    with site.platform.sessions.read() as session:
        return campaign_called(session, slug)


def change_letter(site: Site) -> None:
    """A new version of the letter."""
    with site.change() as session:
        campaign = campaign_called(session, SLUG)
        newest = campaign.templates[0]
        parts = {
            name: getattr(newest, name) for name in ("language", "audience", "subject", "opening", "body", "closing")
        }
        more = {"version": newest.version + 1, "body": newest.body + "\n\nOne more thing.", "created_at": site.clock()}
        session.add(LetterTemplate(campaign_id=campaign.id, **(parts | more)))


def work(site: Site) -> None:
    """What a worker does beside delivering."""
    site.platform.clockwork.turn(site.clock())
    site.platform.checker.run_due()
    while wind_up(site.platform.sessions, site.clock()):
        pass


def deeds(site: Site) -> list[str]:
    """What the audit says was done with campaigns, oldest first."""
    with site.platform.sessions.read() as session:
        wanted = select(AuditEntry.action).where(AuditEntry.kind == "campaign").order_by(AuditEntry.id)
        return [action.removeprefix("campaign.") for action in session.scalars(wanted)]


def write(site: Site, email: str, *, confirmed: bool = True, language: str = "en") -> None:
    """Somebody writes in the campaign, and confirms it."""
    with site.change() as session:
        campaign = campaign_called(session, SLUG)
        gate = site.platform.gate
        hand_in(session, gate, campaign.id, email, site.clock(), wish=Wish(), language=language)
        if confirmed:
            action = session.scalars(select(Action).order_by(Action.id.desc()).limit(1)).one()
            confirm_action(session, gate, action, site.clock())


def states(site: Site, purpose: Purpose) -> list[DeliveryState]:
    with site.platform.sessions.read() as session:
        return list(session.scalars(select(Delivery.state).where(Delivery.purpose == purpose).order_by(Delivery.id)))


@pytest.fixture(autouse=True)
def _unverified(site: Site) -> None:
    """Nobody has looked at the addresses yet, unlike those of the demonstration."""
    site.forget_verification()


@pytest.fixture
def ada(site: Site) -> Visitor:
    """An organiser who has signed in, and her campaign."""
    own_campaign(site)
    visitor = signed_in(site, add_member(site, role=Role.ORGANISER))
    site.deliver()
    return visitor


@pytest.fixture
def ben(site: Site, ada: Visitor) -> Visitor:  # noqa: ARG001 - she is there first
    """An admin who could be her second person."""
    visitor = signed_in(site, add_member(site, BEN, Role.ADMIN, "Ben Bold"))
    site.deliver()
    return visitor


def checked(site: Site, visitor: Visitor) -> None:
    visitor.open(CHECK)
    visitor.press("Check again" if "Check again" in visitor.page.text else "Check it now")
    work(site)
    visitor.open(CHECK)


def launch(visitor: Visitor, when: str = "Now", people: str = SMALL, **times: str) -> None:
    visitor.open(f"{RUN}/launch")
    visitor.press("Open or schedule it", people=people, when=NOW if when == "Now" else LATER, **times)


# The check


def test_a_check_is_made_by_the_worker_and_shown_when_it_is_done(site: Site, ada: Visitor) -> None:
    ada.open(f"/organise/campaigns/{SLUG}")
    ada.follow("Check")
    ada.press("Check it now")
    assert "The check is under way. 0 letters looked at so far." in ada.page.text
    assert '<noscript><meta http-equiv="refresh" content="2">' in ada.page.html
    work(site)
    ada.open(CHECK)
    assert 'http-equiv="refresh"' not in ada.page.html
    assert "Not ready: something would go wrong. 5 letters were made and looked at" in ada.page.text
    assert "Must be put right: 5 of 5 addresses are not verified" in ada.page.text
    assert LOOK_AT_THEM in ada.page.text
    assert "Your mail domain is looked at once mail leaves it" in ada.page.text
    sheets = ada.page.root.all("article")
    assert sheets
    assert "Robin Sample" in sheets[0].text
    assert deeds(site) == ["checked"]


def test_what_a_worker_found_is_told_in_the_language_of_who_reads(site: Site, ada: Visitor) -> None:
    with site.change() as session:
        campaign = campaign_called(session, SLUG)
        campaign.templates[0].body = "WE WANT THIS NOW, at [insert place].\n\nWrite back!!"
    checked(site, ada)
    english = ada.open(CHECK).text
    assert "A place that is to be filled in is left." in english
    assert "Mail stays on this machine. Your mail domain is looked at once mail leaves it." in english
    arabic = ada.open(f"/ar{CHECK}")
    assert "بقي موضع يجب ملؤه." in arabic.text
    assert "[insert place]" in arabic.text, "what was found is quoted as it is"
    assert "A place that is to be filled in is left." not in arabic.text
    assert "nobody has checked whether" not in arabic.text


def test_a_check_says_when_the_campaign_has_changed_since(site: Site, ada: Visitor) -> None:
    checked(site, ada)
    assert "The campaign has changed since." not in ada.page.text
    change_letter(site)
    assert "The campaign has changed since." in ada.open(CHECK).text


def test_sample_letters_go_to_who_asks_marked_and_counted_nowhere(site: Site, ada: Visitor) -> None:
    checked(site, ada)
    ada.press("Send myself a test", number="9")
    assert ada.page.error_beside("number") == "Please write a number from 1 to 5."
    ada.press("Send myself a test", number="2")
    assert "2 sample letters are on their way to ada@staff.example" in ada.page.text
    mails = site.deliver()
    assert [address_of(mail) for mail in mails] == [ADA, ADA]
    assert all(mail.subject.startswith("[Test] Please oppose reporting") for mail in mails)
    assert "Robin Sample" in mails[0].text
    campaign = campaign_of(site)
    assert (campaign.confirmed_count, campaign.letter_count) == (0, 0)
    with site.platform.sessions.read() as session:
        assert list(differences(session)) == []
    for _turn in range(3):
        ada.open(CHECK)
        ada.press("Send me another test", number="5")
    ada.open(CHECK)
    ada.press("Send me another test", number="5")
    assert ada.page.error_beside("number").startswith("You have had 20 within the hour.")
    site.clock.forward(timedelta(hours=1, seconds=1))
    ada.open(CHECK)
    ada.press("Send me another test", number="5")
    assert ada.page.status == 200


def test_a_test_looks_like_a_real_letter_and_is_read_at_once_where_mail_stays_here(site: Site, ada: Visitor) -> None:
    checked(site, ada)
    ada.press("Send myself a test")
    assert "Read it now" not in ada.page.text, "it has not left yet"
    (mail,) = site.deliver()
    assert mail.sender.startswith(('"Robin Sample" <letters@', "Robin Sample <letters@"))
    assert mail.reply_to.replace('"', "") == "Robin Sample <robin.sample@supporter.example>"
    assert "1 sample letter was sent to ada@staff.example." in ada.open(CHECK).text
    assert "Look into your mailbox." not in ada.page.text
    ada.follow("Read it now")
    assert "Robin Sample" in ada.page.text
    ada.open(ada.page.link("See the HTML part"))
    ada.follow("Back to the mail")
    ada.follow("Back to the campaign’s check")
    assert ada.address == CHECK
    assert "Back to the campaign’s check" not in ada.open(f"/outbox/{mail.name}?campaign=//elsewhere.example").text


def test_answers_to_a_test_of_protected_letters_do_not_go_to_a_supporter(site: Site, ada: Visitor) -> None:
    with site.change() as session:
        campaign_called(session, SLUG).replies = Replies.PROTECTED
    checked(site, ada)
    ada.press("Send myself a test")
    (mail,) = site.deliver()
    assert "supporter.example" not in mail.reply_to
    assert "+" not in mail.reply_to, "it names no letter"


def test_a_test_that_could_not_be_sent_is_no_test(site: Site, ada: Visitor) -> None:
    with site.change() as session:
        session.execute(update(Target).values(verified_at=site.clock()))
    checked(site, ada)
    ada.press("Send myself a test")
    with site.change() as session:
        session.execute(update(Delivery).where(Delivery.purpose == Purpose.STAFF_TEST).values(state="failed"))
    assert "A test could not be sent." in ada.open(CHECK).text
    assert "Go on: send yourself a test" in ada.open(f"/organise/campaigns/{SLUG}").text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ["They go straight to the supporter.", "At any hour of the day and the night.", "As fast as"]),
        ({"replies": Replies.PROTECTED}, ["They come to us, and we pass them on."]),
        ({"hours": "mon-fri 09:00-17:00", "pace": 30}, ["Monday to Friday, from 09:00", "30 letters an hour at most."]),
    ],
)
def test_the_check_says_how_the_campaign_will_go(
    site: Site, ada: Visitor, changes: dict[str, object], words: list[str]
) -> None:
    with site.change() as session:
        campaign = campaign_called(session, SLUG)
        for name, value in changes.items():
            setattr(campaign, name, value)
    checked(site, ada)
    said = ada.page.text
    assert [one for one in [*words, f"/c/{SLUG}"] if one not in said] == [], said
    assert f"/organise/campaigns/{SLUG}/build/delivery#replies" in ada.page.html
    assert "If it is more than 200 people, a colleague has to approve it first." in ada.open(f"{RUN}/launch").text


def test_who_opens_it_reads_when_letters_leave(make_site: Callable[..., Site]) -> None:
    site = make_site(MAIL_TRANSPORT="smtp", SMTP_HOST="localhost", SMTP_SECURITY="none", LANE_HOURS="08:00-20:00")
    own_campaign(site)
    ada = signed_in(site, add_member(site, role=Role.ORGANISER))
    zone = "by the clock of Europe/London."
    usual = f"Every day, from 08:00 to 20:00, {zone}"
    for hours, words in {
        None: usual,
        "always": usual,
        "mon-fri 09:00-17:00": f"Monday to Friday, from 09:00 to 17:00, {zone} But never outside",
        "sat-sat 09:00-24:00": f"Saturday, from 09:00 to 24:00, {zone} But",
        "sat-mon 00:00-24:00": f"Saturday to Monday, from 00:00 to 24:00, {zone} But",
    }.items():
        with site.change() as session:
            campaign_called(session, SLUG).hours = hours
        assert f"When letters leave: {words}" in ada.open(f"{RUN}/launch").text


def test_nobody_is_sent_a_letter_that_the_campaign_does_not_write_any_more(site: Site, ada: Visitor) -> None:
    checked(site, ada)
    site.clock.forward(timedelta(minutes=1))
    change_letter(site)
    ada.press("Send myself a test", number="1")
    assert (ada.page.status, ada.page.summary_texts) == (422, ["The campaign has changed since. Check it again first."])
    assert site.deliver() == []


def links_of(visitor: Visitor) -> set[tuple[str, str]]:
    """Where what was found is put right: the words of the links, and where they lead."""
    found = visitor.page.root.one("section", **{"aria-labelledby": "found"})
    return {(link.text, link["href"]) for link in found.all("a")}


def test_each_thing_that_was_found_leads_to_the_very_place_where_it_is_put_right(site: Site, ada: Visitor) -> None:
    with site.change() as session:
        letter = campaign_called(session, SLUG).templates[0]
        letter.subject, letter.body = "PLEASE OPPOSE REPORTING NOW", "We want this at [insert place]."
        odd = session.scalars(select(Target).where(Target.email != "").join(TargetList)).all()
        odd = [target for target in odd if target.list.slug == "demo-broadcasters"]
        odd[0].salutation, odd[1].email = "Dear ,", ""
        list_id, odd_id, odd_name = odd[0].list_id, odd[0].id, odd[0].name
    checked(site, ada)
    build = f"/organise/campaigns/{SLUG}/build"
    assert links_of(ada) >= {
        ("Look at the addresses", f"/organise/campaigns/{SLUG}/addresses"),
        ("Look at the list", f"/organise/targets/lists/{list_id}?shown=no_address"),
        ("Go to “The letter”", f"{build}/letter?part=en#subject"),
        ("Go to “The letter”", f"{build}/letter?part=en"),
        (odd_name, f"/organise/targets/{odd_id}"),
    }
    letter_step = ada.open(f"{build}/letter?part=en").html
    assert all(f'id="{name}"' in letter_step for name in ("subject", "opening", "closing"))


def keep_findings(site: Site, *findings: dict[str, object]) -> None:
    """Let the last check have found this in the campaign, and nothing else."""
    with site.change() as session:
        check = session.scalars(select(Check)).one()
        check.report = {**(check.report or {}), "letter_findings": [], "campaign_findings": list(findings)}


def advice(visitor: Visitor) -> dict[str, str]:
    """What the check's page says about each thing that was found, by its sentence."""
    visitor.open(CHECK)
    found = visitor.page.root.one("section", **{"aria-labelledby": "found"}).all("div")
    said = {div.all("bdi")[0].text: [words.text for words in div.all("p")[1:]] for div in found}
    return {sentence: " ".join(words) for sentence, words in said.items()}


def test_whatever_has_to_change_has_a_way_to_do_it(site: Site, ada: Visitor) -> None:
    checked(site, ada)
    remedies = [remedy for remedy in Remedy if remedy not in (Remedy.GREETING, Remedy.PLACEHOLDER)]  # of letters
    keep_findings(site, *({"level": "warn", "sentence": f"({one.name})", "remedy": one.value} for one in remedies))
    said = advice(ada)
    assert {sentence for sentence, words in said.items() if not words} == {f"({Remedy.NONE.name})"}
    assert len(set(said.values())) == len(remedies), "and each is another one"


def test_a_report_that_was_kept_before_there_were_remedies_is_shown_without_advice(site: Site, ada: Visitor) -> None:
    checked(site, ada)
    keep_findings(site, {"level": "warn", "sentence": "Nobody is on the list demo."})
    assert advice(ada) == {"Nobody is on the list demo.": ""}


def test_who_may_not_enter_the_room_of_targets_is_told_who_may(site: Site, ada: Visitor) -> None:
    member_id = add_member(site, CLEO, Role.PARTNER, "Cleo Clear")
    give(site, SLUG, member_id)
    checked(site, ada)
    cleo = signed_in(site, member_id)
    assert f"{LOOK_AT_THEM} An admin or an organiser of the house can do that." in cleo.open(CHECK).text
    assert not any("targets" in address or "addresses" in address for _words, address in links_of(cleo))


def begins_by_itself(visitor: Visitor) -> bool:
    """Whether a script asks for the check as soon as the page is there."""
    return any("data-at-once" in form.element.attrs for form in visitor.open(CHECK).forms)


def test_a_draft_is_checked_by_itself_when_one_comes_and_when_one_comes_back(site: Site, ada: Visitor) -> None:
    assert begins_by_itself(ada)
    checked(site, ada)
    assert not begins_by_itself(ada)
    site.clock.forward(timedelta(minutes=1))
    with site.change() as session:
        first = session.scalars(select(Target.id).where(Target.email != "").limit(1)).one()
    ada.open(f"/organise/targets/{first}/verify")
    ada.press("It is right", how="Rang them.")
    assert begins_by_itself(ada), "what stood in the way may be mended now"
    assert "Something about those who are written to has changed since." in ada.page.text
    checked(site, ada)
    assert not begins_by_itself(ada)
    site.move(SLUG, CampaignState.LIVE)
    change_letter(site)
    assert not begins_by_itself(ada), "of one that is open staff ask for it"
    assert "The campaign has changed since." in ada.page.text


# Opening


def test_nobody_opens_what_nobody_has_looked_at(site: Site, ada: Visitor) -> None:
    ada.open(RUN)
    ada.follow("Open or schedule it")
    assert "Check it first." in ada.page.text
    ada.press("Open or schedule it", people=SMALL, when=NOW)
    assert (ada.page.status, "Please check the campaign first" in ada.page.text) == (422, True)
    assert campaign_of(site).state is CampaignState.DRAFT


def test_a_campaign_is_opened_paused_and_goes_on(site: Site, ada: Visitor) -> None:
    checked(site, ada)
    launch(ada)
    assert "People can write, and their letters go out." in ada.page.text
    assert site.visitor().open(f"/c/{SLUG}").status == 200
    ada.press("Pause")
    assert "Those that were written wait." in ada.page.text
    assert "Resting for now" in site.visitor().open(f"/c/{SLUG}").text
    ada.press("End the pause")
    assert campaign_of(site).state is CampaignState.LIVE
    assert deeds(site) == ["checked", "opened", "paused", "resumed"]


def test_a_scheduled_campaign_says_when_it_opens_opens_and_closes_by_itself(site: Site, ada: Visitor) -> None:
    checked(site, ada)
    launch(ada, "later", closes_day="2026-12-24", closes_time="18:00", **DAY_AFTER)
    assert "It opens on Wednesday, 25 November 2026, 09:00." in ada.page.text
    assert "It closes on Thursday, 24 December 2026, 18:00." in ada.page.text
    alice = site.visitor()
    assert "You can write from Wednesday, 25 November 2026, 09:00." in alice.open(f"/c/{SLUG}").text
    assert SLUG not in " ".join(alice.open("/").addresses)
    site.clock.time = datetime(2026, 11, 25, 9, 0, 7, tzinfo=UTC)
    work(site)
    assert "You can write until Thursday, 24 December 2026, 18:00." in alice.open(f"/c/{SLUG}").text
    site.clock.time = datetime(2026, 12, 24, 18, tzinfo=UTC)
    work(site)
    assert "It ended on Thursday, 24 December 2026, 18:00." in alice.open(f"/c/{SLUG}").text
    assert deeds(site) == ["checked", "scheduled", "opened", "closed"]


@pytest.mark.parametrize(
    ("typed", "field", "problem"),
    [
        ({"opens_day": "", "opens_time": "09:00"}, "opens_day", "Please choose a day"),
        ({"opens_day": "1 December", "opens_time": "9"}, "opens_day", "Please choose a day"),
        ({"opens_day": "2026-12-01", "opens_time": "nine"}, "opens_time", "Please choose a time"),
        ({"opens_day": "2026-11-24", "opens_time": "09:29"}, "opens_day", "This time has passed."),
        ({"opens_day": "2027-03-28", "opens_time": "01:30"}, "opens_time", "The clocks go forward over this time."),
        ({**DAY_AFTER, "closes_day": "2026-11-25", "closes_time": "08:59"}, "closes_day", "It has to close after"),
        ({**DAY_AFTER, "closes_time": "18:00"}, "closes_day", "Please choose a day"),
        ({**DAY_AFTER, "people": "0"}, "people", "Please write a number from 1"),
        ({**DAY_AFTER, "people": "many"}, "people", "Please write a number from 1"),
    ],
)
def test_what_is_wrong_with_times_stands_beside_them_and_all_stays(
    site: Site, ada: Visitor, typed: dict[str, str], field: str, problem: str
) -> None:
    checked(site, ada)
    ada.open(f"{RUN}/launch")
    all_typed = {"people": SMALL, **typed}
    ada.press("Open or schedule it", when=LATER, **all_typed)
    assert ada.page.status == 422
    assert ada.page.error_beside(field).startswith(problem)
    form = ada.page.form_with("people")
    assert {name: form.value(name) for name in typed if name != "people"} == {
        name: text for name, text in typed.items() if name != "people"
    }
    assert form.value("people") == all_typed["people"]
    assert campaign_of(site).state is CampaignState.DRAFT


def test_times_can_be_changed_and_taken_back(site: Site, ada: Visitor) -> None:
    checked(site, ada)
    launch(ada, "later", **DAY_AFTER)
    ada.follow("Change the times")
    assert ada.page.form_with("opens_day").value("opens_time") == "09:00"
    ada.press("Open or schedule it", opens_time="10:30")
    assert "It opens on Wednesday, 25 November 2026, 10:30." in ada.page.text
    ada.press("Take it off the schedule")
    assert campaign_of(site).state is CampaignState.DRAFT
    assert site.visitor().open(f"/c/{SLUG}").status == 404


def test_what_opens_too_late_waits_for_a_person_and_says_so(site: Site, ada: Visitor) -> None:
    checked(site, ada)
    launch(ada, "later", **DAY_AFTER)
    site.clock.time = datetime(2026, 11, 25, 11, 0, 1, tzinfo=UTC)
    work(site)
    work(site)
    assert campaign_of(site).opening_held is OpeningHeld.LATE
    (mail,) = site.deliver_to(ADA)
    assert mail.text.startswith("The campaign “Abolish reporting” waits for a person to decide.")
    assert "You can write here soon." in site.visitor().open(f"/c/{SLUG}").text
    ada = signed_in(site, 1)
    ada.open("/organise")
    ada.follow("It did not open by itself: Abolish reporting")
    assert "because nothing was running then" in ada.page.text
    ada.press("Open it now")
    assert campaign_of(site).state is CampaignState.LIVE


def test_who_comes_second_is_told_how_it_stands(site: Site, ada: Visitor) -> None:
    checked(site, ada)
    launch(ada)
    site.move(SLUG, CampaignState.CLOSED)
    ada.press("Pause")
    assert (ada.page.status, "somebody was faster" in ada.page.text) == (422, True)
    assert campaign_of(site).state is CampaignState.CLOSED


# Another last day


def start(site: Site, visitor: Visitor, **closes: str) -> None:
    """Open the campaign, and go to the page that changes its last day."""
    checked(site, visitor)
    launch(visitor, **closes)
    visitor.follow("Change the last day")


def test_the_last_day_of_a_live_campaign_is_changed_and_it_closes_then(site: Site, ada: Visitor) -> None:
    start(site, ada, closes_day="2026-12-01", closes_time="18:00")
    form = ada.page.form_with("closes_day")
    assert (form.value("closes_day"), form.value("closes_time")) == ("2026-12-01", "18:00")
    assert "It closes on Tuesday, 1 December 2026, 18:00." in ada.page.text
    ada.press("Save", closes_day="2026-12-24", closes_time="")
    assert "It closes on Thursday, 24 December 2026, 23:59." in ada.page.text
    assert "You can write until Thursday, 24 December 2026, 23:59." in site.visitor().open(f"/c/{SLUG}").text
    site.clock.time = datetime(2026, 12, 1, 18, 0, 1, tzinfo=UTC)
    work(site)
    assert campaign_of(site).state is CampaignState.LIVE, "the old time no longer counts"
    site.clock.time = datetime(2026, 12, 24, 23, 59, tzinfo=UTC)
    work(site)
    assert campaign_of(site).state is CampaignState.CLOSED
    assert deeds(site) == ["checked", "opened", "last_day_changed", "closed"]


def test_the_last_day_is_taken_away_and_given_while_it_rests(site: Site, ada: Visitor) -> None:
    start(site, ada, closes_day="2026-12-01", closes_time="18:00")
    ada.press("Save", closes_day="", closes_time="")
    assert (ada.address, campaign_of(site).closes_at) == (RUN, None)
    ada.press("Pause")
    ada.follow("Change the last day")
    assert "So far it closes when you say so." in ada.page.text
    ada.press("Save", closes_day="2026-11-30", closes_time="12:00")
    assert "It closes on Monday, 30 November 2026, 12:00." in ada.page.text
    assert campaign_of(site).state is CampaignState.PAUSED
    with site.platform.sessions.read() as session:
        wanted = select(AuditEntry).where(AuditEntry.action == "campaign.last_day_changed").order_by(AuditEntry.id)
        told = [(entry.before, entry.after) for entry in session.scalars(wanted)]
    assert told == [
        ({"closes_at": "2026-12-01T18:00+00:00"}, {}),
        ({}, {"closes_at": "2026-11-30T12:00+00:00"}),
    ]


@pytest.mark.parametrize(
    ("typed", "field", "problem"),
    [
        ({"closes_day": "Christmas", "closes_time": "18:00"}, "closes_day", "Please choose a day"),
        ({"closes_day": "", "closes_time": "18:00"}, "closes_day", "Please choose a day"),
        ({"closes_day": "2026-12-24", "closes_time": "late"}, "closes_time", "Please choose a time"),
        ({"closes_day": "2027-03-28", "closes_time": "01:30"}, "closes_time", "The clocks go forward over this time."),
        ({"closes_day": "2026-11-23", "closes_time": ""}, "closes_day", "This time has passed."),
        ({"closes_day": "2026-11-24", "closes_time": "09:30"}, "closes_day", "This time has passed."),
    ],
)
def test_what_is_wrong_with_a_last_day_stands_beside_it_and_all_stays(
    site: Site, ada: Visitor, typed: dict[str, str], field: str, problem: str
) -> None:
    start(site, ada, closes_day="2026-12-01", closes_time="18:00")
    ada.press("Save", **typed)
    assert ada.page.status == 422
    assert ada.page.error_beside(field).startswith(problem)
    form = ada.page.form_with("closes_day")
    assert {name: form.value(name) for name in typed} == typed
    assert f"{campaign_of(site).closes_at:%Y-%m-%d %H:%M}" == "2026-12-01 18:00"
    assert "last_day_changed" not in deeds(site)


def test_no_check_and_no_approval_lapses_by_another_last_day(site: Site, ada: Visitor, ben: Visitor) -> None:
    checked(site, ada)
    ask(ada)
    ben.open(RUN)
    ben.press("Approve", forged={"grant": "y"})
    launch(ada, people=BIG)
    ada.follow("Change the last day")
    ada.press("Save", closes_day="2026-12-24")
    assert "Approved" in ada.page.text
    assert "Lapsed" not in ada.page.text
    assert "The campaign has changed since." not in ada.open(CHECK).text


@pytest.mark.parametrize("state", [CampaignState.DRAFT, CampaignState.SCHEDULED, CampaignState.CLOSED])
def test_what_is_not_open_has_no_last_day_to_change(site: Site, ada: Visitor, state: CampaignState) -> None:
    start(site, ada)
    site.move(SLUG, state)
    ada.press("Save", closes_day="2026-12-24")
    assert (ada.page.status, "somebody was faster" in ada.page.text) == (422, True)
    assert "Change the last day" not in ada.page.text
    assert campaign_of(site).closes_at is None
    assert "What you can do" in ada.open(f"{RUN}/last-day").text


def test_the_last_day_in_a_file_is_changed_there(site: Site, ada: Visitor) -> None:
    page = "/organise/campaigns/abolish-reporting/run"
    ada.open(page)
    assert "Change the last day" not in ada.page.text
    token = ada.page.forms[0].value("csrf_token") or ""
    ada.send(f"{page}/last-day", {"csrf_token": token, "closes_day": "2026-12-24", "closes_time": ""})
    assert ada.page.status == 422
    assert campaign_of(site, "abolish-reporting").closes_at is None


# Approval


def ask(visitor: Visitor, note: str = "The union mails its members on Monday.") -> None:
    launch(visitor, people=BIG)
    assert visitor.page.root.one("h2").text == "Ask for approval"
    visitor.press("Ask them", note=note)


def test_many_letters_need_a_second_person_who_is_never_the_first(site: Site, ada: Visitor, ben: Visitor) -> None:
    checked(site, ada)
    ask(ada)
    assert "Waits for a second person" in ada.page.text
    assert "Approve" not in [button.text for form in ada.page.forms for button in form.buttons]
    (mail,) = site.deliver()
    assert (address_of(mail), "asks you to approve" in mail.text) == (BEN, True)
    token = ada.page.forms[0].value("csrf_token") or ""
    ada.send(f"{RUN}/approval/1", {"csrf_token": token, "grant": "y"})
    assert (ada.page.status, "A second person decides." in ada.page.text) == (422, True)
    ben.open("/organise")
    ben.follow("Approve, or say why not: Abolish reporting")
    assert "The union mails its members on Monday." in ben.page.text
    ben.press("Decline", forged={"decline": "y"})
    assert ben.page.error_beside("answer").startswith("Please say why")
    ben.press("Approve", answer="Good letter.", forged={"grant": "y"})
    assert "Approved" in ben.page.text
    (told,) = site.deliver()
    assert (address_of(told), told.subject) == (ADA, "Approved: Abolish reporting")
    assert "They wrote:\n\nGood letter.\n\n" in told.text
    launch(ada, people=BIG)
    assert campaign_of(site).state is CampaignState.LIVE
    assert deeds(site) == ["checked", "approval_asked", "approval_granted", "opened"]
    assert "Approve, or say why not" not in ben.open("/organise").text


def test_times_that_were_chosen_are_kept_while_a_second_person_looks(site: Site, ada: Visitor, ben: Visitor) -> None:
    checked(site, ada)
    times = {"opens_day": "2026-12-01", "opens_time": "09:30", "closes_day": "2026-12-20", "closes_time": ""}
    launch(ada, when="later", people=BIG, **times)
    assert "Once it is approved, it opens by itself on Tuesday, 1 December 2026, 09:30." in ada.page.text
    ada.press("Ask them")
    assert campaign_of(site).state is CampaignState.DRAFT
    plan = (
        "Once it is approved, everybody can read its page, and it opens by itself on Tuesday, 1 December 2026, 09:30."
    )
    assert plan in ben.open(RUN).text, "who approves knows what follows"
    ben.press("Approve", answer="", forged={"grant": "y"})
    assert "It opens on Tuesday, 1 December 2026, 09:30." in ben.page.text
    [told] = [mail for mail in site.deliver() if mail.subject.startswith("Approved")]
    assert "It opens by itself on Tuesday, 1 December 2026, 09:30." in told.text
    assert "Decided by Ben Bold" in ada.open(RUN).text
    assert deeds(site) == ["checked", "approval_asked", "approval_granted", "scheduled"]
    found = campaign_of(site)
    assert found.state is CampaignState.SCHEDULED
    assert f"{found.opens_at:%Y-%m-%d %H:%M}" == "2026-12-01 09:30"
    assert f"{found.closes_at:%Y-%m-%d %H:%M}" == "2026-12-20 23:59"


def test_what_is_planned_is_what_was_asked_for(site: Site, ada: Visitor, ben: Visitor) -> None:
    checked(site, ada)
    launch(ada, when="later", people=BIG, **DAY_AFTER)
    ada.press("Ask them", letters="1500")
    ben.open(RUN)
    ben.press("Approve", forged={"grant": "y"})
    assert (campaign_of(site).state, campaign_of(site).letters_expected) == (CampaignState.SCHEDULED, 1500)


def test_a_plan_whose_time_has_passed_waits_for_who_made_it(site: Site, ada: Visitor, ben: Visitor) -> None:
    checked(site, ada)
    launch(ada, when="later", people=BIG, **DAY_AFTER)
    ada.press("Ask them")
    site.clock.forward(timedelta(days=2))
    with site.change() as session:
        again = session.scalars(select(StaffMember.id).where(StaffMember.role == Role.ADMIN)).one()
    ben = signed_in(site, again)
    assert "Once it is approved" not in ben.open(RUN).text
    ben.press("Approve", forged={"grant": "y"})
    assert "Approved" in ben.page.text
    assert campaign_of(site).state is CampaignState.DRAFT


def test_who_approves_reads_a_letter_and_the_page_where_they_decide(site: Site, ada: Visitor, ben: Visitor) -> None:
    checked(site, ada)
    ask(ada)
    assert "Read it first" not in ada.page.text
    read = ben.open(RUN)
    assert "Read it first" in read.text
    assert "Robin Sample" in read.root.one("article").text
    pages = [each.text for each in read.root.all("div", class_="prose")]
    assert len(pages) == 2, "in English and in Arabic"
    assert "What the check found, and more letters" in read.text
    assert "What comes next" not in read.text, "nothing else is asked of them"
    ben.press("Approve", forged={"grant": "y"})
    assert "Read it first" not in ben.page.text


def test_what_needs_no_second_person_says_so(site: Site, ada: Visitor) -> None:
    checked(site, ada)
    launch(ada)
    assert "Letters expected: 25. Up to 1,000 need no approval." in ada.page.text


def test_a_draft_has_no_letters_that_could_be_stopped(site: Site, ada: Visitor) -> None:
    assert "Stop its letters" not in ada.open(RUN).text
    checked(site, ada)
    launch(ada)
    assert "Stop its letters" in ada.open(RUN).text


def test_letters_of_a_paused_campaign_are_stopped_without_a_word_of_new_ones(site: Site, ada: Visitor) -> None:
    checked(site, ada)
    launch(ada)
    assert "Supporters can still write; their letters wait." in ada.page.text
    ada.press("Pause")
    assert "Within two seconds nothing leaves any more." in ada.page.text
    assert "Supporters can still write" not in ada.page.text


def test_nothing_is_pressed_upon_who_looks_at_a_live_campaign(site: Site, ada: Visitor) -> None:
    checked(site, ada)
    launch(ada)
    deeds_shown = ada.page.root.one("ul", class_="list deeds")
    buttons = deeds_shown.all("button") + [link for link in deeds_shown.all("a") if "button" in link.classes]
    assert [button.text for button in buttons] == ["Pause", "Change the last day", "Close it", "It is won"]
    assert all("second" in button.classes for button in buttons)


def test_who_is_refused_is_told_so_and_why_by_mail(site: Site, ada: Visitor, ben: Visitor) -> None:
    checked(site, ada)
    ask(ada)
    site.deliver()
    ben.open(RUN)
    ben.press("Decline", answer="The second paragraph is wrong.", forged={"decline": "y"})
    (told,) = site.deliver()
    assert (address_of(told), told.subject) == (ADA, "Not approved: Abolish reporting")
    assert "was not approved" in told.text
    assert "The second paragraph is wrong." in told.text


def test_who_asks_again_and_again_fills_nobodys_mailbox(site: Site, ada: Visitor, ben: Visitor) -> None:
    checked(site, ada)
    for number in range(MAILED_AN_HOUR + 2):
        ask(ada, f"Please, {number}.")
    assert [address_of(mail) for mail in site.deliver()] == [BEN] * MAILED_AN_HOUR
    assert f"Please, {MAILED_AN_HOUR + 1}." in ben.open(RUN).text
    site.clock.forward(timedelta(hours=1))
    ask(ada)
    assert len(site.deliver()) == 1


def test_an_approval_counts_for_what_was_approved_and_nothing_else(site: Site, ada: Visitor, ben: Visitor) -> None:
    checked(site, ada)
    ask(ada)
    ben.open(RUN)
    change_letter(site)
    ben.press("Approve", forged={"grant": "y"})
    assert (ben.page.status, "the campaign has changed" in ben.page.text) == (422, True)
    checked_again(site, ada)
    ask(ada)
    ben.open(RUN)
    ben.press("Approve", forged={"grant": "y"})
    change_letter(site)
    assert "Lapsed: the campaign has changed since it was approved." in ada.open(RUN).text
    checked_again(site, ada)
    launch(ada, people=BIG)
    assert ada.page.root.one("h2").text == "Ask for approval"
    with site.platform.sessions.read() as session:
        kept = session.scalars(select(Approval.state).order_by(Approval.id)).all()
    assert list(kept) == [ApprovalState.WITHDRAWN, ApprovalState.GRANTED]


def checked_again(site: Site, visitor: Visitor) -> None:
    visitor.open(CHECK)
    visitor.press("Check again")
    work(site)


def test_what_lapses_before_its_time_does_not_open_by_itself(site: Site, ada: Visitor, ben: Visitor) -> None:
    checked(site, ada)
    ask(ada)
    ben.open(RUN)
    ben.press("Approve", forged={"grant": "y"})
    launch(ada, "later", people=BIG, **DAY_AFTER)
    assert campaign_of(site).state is CampaignState.SCHEDULED
    change_letter(site)
    site.clock.time = datetime(2026, 11, 25, 9, 0, 1, tzinfo=UTC)
    work(site)
    assert campaign_of(site).opening_held is OpeningHeld.APPROVAL
    ada = signed_in(site, 1)
    ada.open(RUN)
    ada.press("Open it now")
    assert (ada.page.status, "A second person has to approve it first." in ada.page.text) == (422, True)


def test_beyond_what_was_approved_letters_wait_until_more_is(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(APPROVAL_LETTERS="10")
    ada, ben = two_people(site)
    checked(site, ada)
    launch(ada, people="1")
    for name in ("a", "b", "c"):
        write(site, f"{name}@supporter.example")
    work(site)
    ada.open(RUN)
    assert "more letters than were approved" in ada.page.text
    site.deliver()
    assert DeliveryState.SENT not in states(site, Purpose.LETTER)
    ada.follow("Ask a second person to approve more letters")
    ada.press("Ask them", letters="500", note="More than we thought.")
    ben.open(RUN)
    ben.press("Approve", forged={"grant": "y"})
    work(site)
    site.deliver()
    assert set(states(site, Purpose.LETTER)) == {DeliveryState.SENT}
    assert deeds(site)[-3:] == ["letters_stopped", "approval_asked", "approval_granted"]


def two_people(site: Site) -> tuple[Visitor, Visitor]:
    own_campaign(site)
    ada = signed_in(site, add_member(site, role=Role.ORGANISER))
    ben = signed_in(site, add_member(site, BEN, Role.ADMIN, "Ben Bold"))
    site.deliver()
    return ada, ben


def test_without_a_threshold_nobody_is_asked(make_site: Callable[..., Site]) -> None:
    site = make_site(APPROVAL_LETTERS="0")
    ada, _ben = two_people(site)
    checked(site, ada)
    launch(ada, people="1000000")
    assert campaign_of(site).state is CampaignState.LIVE
    assert "Ask a second person" not in ada.page.text


# What comes next


def test_a_draft_leads_from_one_page_to_the_next_until_it_is_open(site: Site, ada: Visitor) -> None:
    page = f"/organise/campaigns/{SLUG}"
    ada.open(page)
    ada.follow("Go on: check it")
    assert ada.address == CHECK
    assert "What comes next" not in ada.page.text
    checked(site, ada)
    assert "What comes next" not in ada.page.text, "the check has found something, and stands on the page"
    assert "The check has found something that would go wrong." in ada.open(RUN).text
    ada.open(CHECK)
    ada.follow("Look at the addresses")
    ada.press("Go on with 5 invented addresses")
    assert ada.address.startswith(CHECK)
    assert "5 addresses are checked." in ada.page.text
    assert "The check is under way." in ada.page.text, "nobody need ask for it once more"
    work(site)
    ada.open(CHECK)
    assert "What comes next It is written and checked. See how a letter arrives" in ada.page.text
    assert "Open or schedule it" not in ada.page.text, "a test comes first"
    assert "No test has been sent yet." in ada.open(f"{RUN}/launch").text
    ada.open(page)
    ada.follow("Go on: send yourself a test")
    ada.press("Send myself a test")
    assert "1 sample letter is on its way to ada@staff.example." in ada.page.text
    assert "A test is on its way to you. Read it, then open the campaign." in ada.page.text
    assert "a test was sent" not in ada.page.text, "it has not left yet"
    ada.follow("Open or schedule it")
    assert ada.address == f"{RUN}/launch"
    assert "No test has been sent yet." not in ada.page.text
    assert "A test is on its way to you." in ada.page.text
    site.deliver()
    assert "A test is on its way" not in ada.open(f"{RUN}/launch").text
    assert "a test was sent" in ada.open(CHECK).text
    site.clock.forward(timedelta(minutes=1))
    change_letter(site)
    for place in (page, RUN):
        assert "The campaign has changed since it was checked." in ada.open(place).text
    checked(site, ada)
    launch(ada, people=BIG)
    assert "There is nobody else who could approve it." in ada.page.text
    assert ada.page.link("Go back and choose a lower number") == f"{RUN}/launch"
    assert "Ask them" not in [button.text for form in ada.page.forms for button in form.buttons]
    add_member(site, BEN, Role.ORGANISER, "Ben")
    launch(ada, people=BIG)
    ada.press("Ask them", note="Please.")
    assert "It waits for a second person to approve it. See how it stands" in ada.open(page).text
    launch(ada)
    assert "What comes next" not in ada.open(page).text


def test_how_addresses_were_checked_is_asked_where_they_are_anybodys_and_kept(site: Site, ada: Visitor) -> None:
    with site.change() as session:
        session.execute(update(TargetList).values(demo=False))
    ada.open(f"/organise/campaigns/{SLUG}/addresses")
    ada.press("I have checked these 5 addresses", how=" ")
    assert ada.page.error_beside("how") == "Please say how it was checked."
    ada.press("I have checked these 5 addresses", how="Compared with the council's own page.")
    with site.change() as session:
        assert set(session.scalars(select(Target.verified_how))) >= {"Compared with the council's own page."}


def test_a_source_is_offered_where_a_list_names_one_and_nowhere_else(site: Site, ada: Visitor) -> None:
    assert "They are invented for the demonstration" in ada.open(f"/organise/campaigns/{SLUG}/addresses").text
    assert "The list names no page" not in ada.page.text
    with site.change() as session:
        session.execute(update(Target).values(source_url=""))
        session.execute(update(TargetList).values(source_url="", demo=False))
    assert "The list names no page" in ada.open(f"/organise/campaigns/{SLUG}/addresses").text
    assert "Open the source" not in ada.page.text
    with site.change() as session:
        session.execute(update(TargetList).values(source_url="https://source.example/"))
    assert "The list names no page" not in ada.open(f"/organise/campaigns/{SLUG}/addresses").text
    assert ada.page.link("Open the source") == "https://source.example/"


def test_a_lead_is_not_sent_where_they_may_not_go(site: Site, ada: Visitor) -> None:
    lead = signed_in(site, add_member(site, CLEO, Role.LEAD))
    assert "What comes next" not in lead.open(f"/organise/campaigns/{SLUG}").text
    assert "What comes next" in ada.open(f"/organise/campaigns/{SLUG}").text


# Changes of an open campaign


def test_what_is_published_in_an_open_campaign_is_checked_and_what_was_found_is_said(site: Site, ada: Visitor) -> None:
    with site.change() as session:
        session.execute(update(Target).values(verified_at=site.clock()))
    checked(site, ada)
    launch(ada)
    with site.change() as session:
        campaign_called(session, SLUG).templates[0].body = "We want this at [insert place]."
    ada.open(CHECK)
    ada.press("Check again")
    work(site)
    assert "Must be put right: A place that is to be filled in is left." in ada.open(f"{CHECK}?published=1").text
    assert "Published. Supporters see it from now on." in ada.page.text
    assert "Until this is put right you can pause it, or stop its letters:" in ada.page.text
    ada.follow("to the page Run")
    assert ada.address == RUN


def test_a_change_that_no_second_person_has_seen_says_that_letters_will_wait(
    site: Site, ada: Visitor, ben: Visitor
) -> None:
    checked(site, ada)
    ask(ada)
    ben.open(RUN)
    ben.press("Approve", forged={"grant": "y"})
    launch(ada, people=BIG)
    assert campaign_of(site).state is CampaignState.LIVE
    assert "Beyond 1,000 letters everything waits" not in ada.open(CHECK).text
    change_letter(site)
    assert "Beyond 1,000 letters everything waits until somebody approves it again." in ada.open(CHECK).text
    ada.follow("Ask for approval")
    assert ada.address == f"{RUN}/approval"


# A draft that nobody needs


def tied_to(site: Site, campaign_id: int) -> set[str]:
    """The tables with something of the campaign."""
    with site.platform.sessions.read() as session:
        tables = [table for table in Base.metadata.sorted_tables if "campaign_id" in table.c]
        rows = {one.name: session.execute(select(one).where(one.c.campaign_id == campaign_id)).all() for one in tables}
    return {name for name, found in rows.items() if found}


def test_a_complete_draft_is_thrown_away_with_all_that_was_made_for_it(site: Site, ada: Visitor, ben: Visitor) -> None:
    campaign = campaign_of(site)
    checked(site, ada)
    ada.press("Send myself a test", number="1")
    ask(ada)
    launch(ada, "later", **DAY_AFTER)
    site.visitor().open(f"/c/{SLUG}")
    ada.press("Take it off the schedule")
    give(site, SLUG, add_member(site, CLEO, Role.PARTNER, "Cleo Clear"))
    with site.change() as session:
        put_on(session, BrakeScope.CAMPAIGN, campaign.id, "To see that it goes too.", site.clock())
    assert {"campaign_check", "approval", "partner_campaign", "staff_mail"} <= tied_to(site, campaign.id)
    ada.open(RUN)
    ada.follow("Throw it away")
    assert "It cannot be brought back." in ada.page.text
    ada.press("Throw this draft away")
    assert ada.address.startswith("/organise/campaigns?")
    assert "The draft is thrown away." in ada.page.text
    assert SLUG not in " ".join(ada.page.addresses)
    assert tied_to(site, campaign.id) == set()
    assert ben.open(RUN).status == 404
    with site.platform.sessions.read() as session:
        deed = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        assert session.scalars(select(Brake)).all() == []
        assert list(differences(session)) == []
    assert (deed.action, deed.before) == ("campaign.thrown_away", {"slug": SLUG, "title": "Abolish reporting"})
    assert "Threw a campaign’s draft away" in ben.open("/organise/audit").text
    assert {address_of(mail) for mail in site.deliver()} == {CLEO}, "an invitation; what waited speaks of nothing now"


def test_what_the_audit_says_of_a_draft_that_is_gone_is_not_said_of_the_next_one(site: Site, ben: Visitor) -> None:
    before = campaign_of(site)
    ben.open(f"{RUN}/throw-away")
    ben.press("Throw this draft away")
    site.clock.forward(timedelta(minutes=1))
    own_campaign(site, slug="next", id=before.id)  # as a small database does
    assert f"Threw a campaign’s draft away campaign {before.id}" in ben.open("/organise/audit").text


def test_nothing_is_thrown_away_that_was_opened_or_has_letters_or_is_of_files(site: Site, ada: Visitor) -> None:
    checked(site, ada)
    ada.open(f"{RUN}/throw-away")
    token = ada.page.forms[0].value("csrf_token") or ""
    launch(ada)
    for state in (CampaignState.LIVE, CampaignState.CLOSED):
        site.move(SLUG, state)
        assert "Throw it away" not in ada.open(RUN).text
        ada.send(f"{RUN}/throw-away", {"csrf_token": token})
        assert (ada.page.status, "It cannot be thrown away any more." in ada.page.text) == (422, True)
    site.move(SLUG, CampaignState.LIVE)
    write(site, ALICE, confirmed=False)
    files = "/organise/campaigns/abolish-reporting/run"
    with site.change() as session:
        for slug in (SLUG, "abolish-reporting"):
            campaign_called(session, slug).state = CampaignState.DRAFT
    for page in (RUN, files):
        assert "Throw it away" not in ada.open(page).text
        assert "Throw this draft away" not in ada.open(f"{page}/throw-away").text
        assert ada.send(f"{page}/throw-away", {"csrf_token": token}).status == 422
    assert {campaign_of(site).slug, campaign_of(site, "abolish-reporting").slug} == {SLUG, "abolish-reporting"}


def test_a_draft_that_a_webhook_is_told_of_stays_until_that_is_gone(site: Site, ada: Visitor) -> None:
    with site.change() as session:
        owner, campaign = session.scalars(select(StaffMember)).first(), campaign_called(session, SLUG)
        assert owner is not None
        hook = {"name": "Ours", "url": "https://hook.example/", "secret": "s", "made_at": site.clock()}
        session.add(Hook(owner_id=owner.id, campaign_id=campaign.id, **hook))
    assert "Throw it away" not in ada.open(RUN).text


# The brake


def test_a_paused_campaign_whose_letters_are_stopped_says_which_button_does_what(site: Site, ada: Visitor) -> None:
    checked(site, ada)
    launch(ada)
    write(site, ALICE)
    ada.open(RUN)
    ada.press("Stop its letters", why="The council rang.")
    ada.press("Pause")
    buttons = [button.text for form in ada.page.forms for button in form.buttons]
    assert buttons == ["Sign out", "End the pause", "Let its letters go"]
    assert "Letters are taken again. They wait as long as letters are stopped: see below." in ada.page.text
    assert "This takes off this stop alone: its letters wait on, as the campaign rests." in ada.page.text
    ada.press("Let its letters go")
    assert "Letters are taken again, and those that wait go out." in ada.page.text


def test_letters_are_stopped_and_go_on_even_of_a_campaign_of_files(site: Site, ada: Visitor) -> None:
    page = "/organise/campaigns/abolish-reporting/run"
    ada.open(page)
    assert "letter_templates/abolish-reporting/campaign.toml" in ada.page.text
    assert [button.text for form in ada.page.forms for button in form.buttons][1:] == ["Stop its letters"]
    ada.press("Stop its letters")
    assert ada.page.error_beside("why").startswith("Please say why")
    ada.press("Stop its letters", why="The council rang.")
    assert "The council rang." in ada.page.text
    ada.press("Let its letters go")
    assert deeds(site) == ["letters_stopped", "letters_go_on"]
    token = ada.page.forms[0].value("csrf_token") or ""
    ada.send(f"{page}/pause", {"csrf_token": token})
    assert ada.page.status == 422
    assert campaign_of(site, "abolish-reporting").state is CampaignState.LIVE


# The end


def test_closing_cancels_what_waits_if_that_is_said(site: Site, ada: Visitor) -> None:
    checked(site, ada)
    launch(ada)
    write(site, ALICE)
    write(site, BOB, confirmed=False)
    ada.open(RUN)
    ada.follow("Close it")
    assert "1 person has not confirmed yet." in ada.page.text
    ada.press("Close the campaign")
    assert ada.page.error_beside("waiting") == "Please choose what happens to them."
    ada.press("Close the campaign", waiting=CANCEL)
    assert [mail for mail in site.deliver() if "Robin" in mail.text or mail.reply_to] == [], "not one letter leaves"
    work(site)
    assert set(states(site, Purpose.LETTER)) == {DeliveryState.CANCELLED}
    ada.open(RUN)
    assert "letters that waited are cancelled." in ada.page.text
    assert "All of it is done." in ada.page.text


def test_closing_sends_what_waits_otherwise(site: Site, ada: Visitor) -> None:
    checked(site, ada)
    launch(ada)
    write(site, ALICE)
    ada.open(f"{RUN}/close")
    ada.press("Close the campaign", waiting=SEND)
    work(site)
    site.deliver()
    assert set(states(site, Purpose.LETTER)) == {DeliveryState.SENT}


def test_a_win_is_told_on_the_page_and_once_to_everybody_who_wrote(site: Site, ada: Visitor) -> None:
    checked(site, ada)
    launch(ada)
    write(site, ALICE)
    write(site, BOB, language="ar")
    write(site, "charlie@supporter.example", confirmed=False)
    site.deliver()
    ada.open(f"{RUN}/win")
    assert "What happens to letters" not in ada.page.text, "none waits"
    ada.press("Say that it is won")
    assert ada.page.error_beside("won_en") == "Please write what was won (English)."
    ada.press("Say that it is won", won_en="They gave in.", won_ar="لقد استسلموا.")
    assert "The mails to 0 of 2 people are on their way." in ada.page.text
    work(site)
    mails = site.deliver()
    assert sorted(address_of(mail) for mail in mails) == [ALICE, BOB]
    by_address = {address_of(mail): mail for mail in mails}
    assert by_address[ALICE].text.startswith("“Abolish reporting” is won, and you were part of it. Thank you.")
    assert "They gave in." in by_address[ALICE].text
    assert "لقد استسلموا." in by_address[BOB].text
    assert "They gave in." in site.visitor().open(f"/c/{SLUG}").text
    ada.open(RUN)
    ada.follow("Take the win back")
    ada.press("Close the campaign")
    ada.follow("It is won")
    ada.press("Say that it is won")
    work(site)
    assert site.deliver() == [], "nobody is told twice"


def test_a_win_may_be_told_to_nobody_and_send_what_waits(site: Site, ada: Visitor) -> None:
    checked(site, ada)
    launch(ada)
    write(site, ALICE)
    ada.open(f"{RUN}/win")
    ada.press("Say that it is won", won_en="They gave in.", won_ar="نعم.", waiting=SEND, forged={"tells": None})
    work(site)
    site.deliver()
    assert states(site, Purpose.WON) == []
    assert set(states(site, Purpose.LETTER)) == {DeliveryState.SENT}


# Who may


def test_a_partner_runs_their_own_campaigns_only_and_approves_none(site: Site, ada: Visitor) -> None:
    member_id = add_member(site, CLEO, Role.PARTNER, "Cleo Clear")
    cleo = signed_in(site, member_id)
    for page in (CHECK, RUN, f"{RUN}/launch", f"{RUN}/close", f"{RUN}/win", f"{RUN}/approval"):
        assert cleo.open(page).status == 404
    give(site, SLUG, member_id)
    checked(site, cleo)
    ask(cleo)
    assert "Waits for a second person" in cleo.page.text
    dan = signed_in(site, add_member(site, "dan@staff.example", Role.PARTNER, "Dan"))
    dan.open(RUN)
    token = dan.page.forms[0].value("csrf_token") or ""
    assert dan.client.post(f"{RUN}/approval/1", data={"csrf_token": token, "grant": "y"}).status_code == 403
    assert "Approve, or say why not" not in dan.open("/organise").text
    ada.open(RUN)
    ada.press("Approve", forged={"grant": "y"})
    assert "Approved" in ada.page.text


def test_nobody_decides_about_another_campaigns_request(site: Site, ada: Visitor, ben: Visitor) -> None:
    checked(site, ada)
    ask(ada)
    ben.open(RUN)
    token = ben.page.forms[0].value("csrf_token") or ""
    other = "/organise/campaigns/abolish-reporting/run/approval/1"
    assert ben.client.post(other, data={"csrf_token": token, "grant": "y"}).status_code == 404


@pytest.mark.usefixtures("ada")
def test_every_post_to_another_partners_campaign_is_as_if_it_were_not_there(site: Site) -> None:
    member_id = add_member(site, CLEO, Role.PARTNER, "Cleo Clear")
    own_campaign(site, slug="theirs", position=20)
    give(site, "theirs", member_id)
    cleo = signed_in(site, member_id)
    token = cleo.open("/organise/campaigns/theirs/run").forms[0].value("csrf_token") or ""
    before = site.everything()
    ends = (
        "pause",
        "go-on",
        "unschedule",
        "open",
        "stop-letters",
        "let-letters-go",
        "launch",
        "last-day",
        "close",
        "win",
        "approval",
    )
    typed = {
        "csrf_token": token,
        "why": "x",
        "waiting": "cancel",
        "letters": "1",
        "note": "x",
        "people": "1",
        "when": "now",
    }
    for end in ends:
        assert cleo.client.post(f"{RUN}/{end}", data=typed).status_code == 404, end
    for end in ("ask", "test"):
        assert cleo.client.post(f"{CHECK}/{end}", data={"csrf_token": token, "number": "1"}).status_code == 404, end
    assert site.everything() == before
    assert PartnerCampaign.__tablename__ in before
