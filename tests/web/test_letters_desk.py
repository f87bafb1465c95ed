"""The letters desk: what organisers find, decide, read and stop, and what they are not told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.actions.models import Action
from app.actions.review_models import Review
from app.delivery.bulk import carry_on, open_jobs
from app.delivery.bulk_models import BulkJob
from app.delivery.ledger import differences
from app.mail.outbox import OutboxMail
from app.queue.lanes import TRIPS_AFTER, note_trouble
from app.queue.models import Brake, Delivery, Lane
from app.queue.rows import Move, move
from app.queue.states import DeliveryState, EventSource, Purpose
from app.roles import Role
from app.staff.models import AuditEntry
from tests.support.dumps import dump
from tests.web.site import Site, link_in
from tests.web.staff import add_member, signed_in
from tests.web.visitor import Visitor
from tests.web.ways import EMAIL, NAME, OWN_WORDS, READ_IT, WARD, to_letter, to_mail

S = DeliveryState
RUDE = "You are bastards, all three of you."
NOTE = "Please leave out the insult: they stop reading there."
WHY = "their clerk asked for it"
COUNCILLOR = "Adaeze Okoro-Finch"
TITLE, TITLE_IN_ARABIC = "Abolish reporting", "لا للحضور الإلزامي لدى سلطات الهجرة"


@pytest.fixture
def ben(site: Site) -> Visitor:
    """An organiser who has signed in."""
    visitor = signed_in(site, add_member(site, "ben@staff.example", Role.ORGANISER, "Ben Bold"))
    site.deliver()
    return visitor


def write(site: Site, own_words: str = OWN_WORDS, email: str = EMAIL) -> Visitor:
    """Somebody hands in a letter to three councillors and confirms it."""
    visitor = site.visitor()
    to_mail(visitor, own_words=own_words, email=email)
    visitor.open(link_in(site.deliver_to(email)[0]))
    visitor.press(WARD.send)
    return visitor


def letters(site: Site, state: DeliveryState | None = None) -> list[Delivery]:
    wanted = select(Delivery).where(Delivery.purpose == Purpose.LETTER).order_by(Delivery.id)
    with site.platform.sessions.read() as session:
        return [row for row in session.scalars(wanted) if state in (None, row.state)]


def put_aside(site: Site, to: DeliveryState, reason: str) -> list[int]:
    """Move all letters that wait."""
    ids = [letter.id for letter in letters(site, S.QUEUED)]
    with site.change() as session:
        move(session, ids, Move(S.QUEUED, S.SENDING, EventSource.WORKER), site.clock())
        move(session, ids, Move(S.SENDING, to, EventSource.WORKER, reason, "said nothing"), site.clock())
    return ids


def work(site: Site) -> BulkJob:
    """The worker carries out what waits; the last job."""
    with site.platform.sessions.read() as session:
        waiting = open_jobs(session)
    for job_id in waiting:
        while (job := carry_on(site.platform.sessions, job_id, site.clock(), at_once=2)).state == "open":
            pass
    return job


def deeds(site: Site) -> list[tuple[str, str]]:
    with site.platform.sessions.read() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    return [(row.action, row.note) for row in rows if not row.action.startswith("staff.")]


def holds(site: Site) -> bool:
    with site.platform.sessions.read() as session:
        found = list(differences(session))
    assert found == []
    return True


# Finding


def test_the_desk_counts_and_lists_and_names_no_supporter(site: Site, ben: Visitor) -> None:
    write(site)
    ben.open("/organise/letters")
    assert "Waiting4 Going out0 Handed over2" in ben.page.text  # three letters and the thank-you wait
    ben.follow("Waiting")
    assert COUNCILLOR in ben.page.text
    assert NAME not in ben.page.text
    assert EMAIL not in ben.page.text
    ben.open(f"/organise/letters/{letters(site)[0].id}")
    assert "It was put on the queue." in ben.page.text
    assert NAME not in ben.page.text
    assert not any(EMAIL in address or "Alice" in address for address in ben.addresses)


def test_a_recipient_is_found_by_name(site: Site, ben: Visitor) -> None:
    write(site)
    ben.open("/organise/letters?to=okoro")
    assert [COUNCILLOR in ben.page.text, "Tomasz Bellwether" in ben.page.text] == [True, False]
    ben.open("/organise/letters?to=nobody+at+all")
    assert "Nobody on our lists has this name." in ben.page.text
    ben.open("/organise/letters?to=a")
    assert "Several have this name." in ben.page.text


def test_campaigns_are_called_by_their_titles_in_the_readers_language(site: Site, ben: Visitor) -> None:
    write(site, RUDE)
    first = letters(site)[0]
    ben.open(f"/organise/letters/stop?scope=campaign&subject={first.campaign_id}")
    ben.press("Stop it now", why=WHY)
    for page in ("", f"/{first.id}", "/review", "/stops"):
        assert TITLE in ben.open(f"/organise/letters{page}").text
        assert TITLE_IN_ARABIC in ben.open(f"/ar/organise/letters{page}").text
        assert "abolish-reporting" not in ben.page.text


@pytest.mark.parametrize("query", ["state=lost", "campaign=x", "lane=0", "target=99999999999", "before=-1"])
def test_what_nobody_can_look_for_is_said_so(ben: Visitor, query: str) -> None:
    assert ben.open(f"/organise/letters?{query}").status == 422


def test_pages_follow_each_other(site: Site, ben: Visitor) -> None:
    for n in range(13):
        write(site, email=f"{n}@supporter.example")
    seen: list[str] = []
    ben.open("/organise/letters")
    while True:
        seen += [link for link in ben.page.addresses if link.removeprefix("/organise/letters/").isdigit()]
        if "Look at older ones" not in ben.page.text:
            break
        ben.follow("Look at older ones")
    assert len(set(seen)) == len(seen) == site.count(Delivery)


# Deciding about one


def test_a_held_letter_is_let_go_with_a_reason(site: Site, ben: Visitor) -> None:
    write(site)
    first = put_aside(site, S.HELD, "target_archived")[0]
    ben.open(f"/organise/letters/{first}")
    ben.press("Do it")
    assert (ben.page.status, "Please choose what to do." in ben.page.text) == (422, True)
    ben.press(
        "Do it",
        deed="Let go It is sent when its turn comes. If what held it is not put right, it is held again.",
        why=WHY,
    )
    assert "Waiting" in ben.page.text
    assert [letter.state for letter in letters(site)] == [S.QUEUED, S.HELD, S.HELD]
    assert deeds(site) == [("letter.release", WHY)]
    assert holds(site)


def test_a_doubt_is_settled_by_somebody_who_knows_whose_letter_it_is(site: Site, ben: Visitor) -> None:
    write(site)
    first = put_aside(site, S.UNCERTAIN, "answer_lost")[0]
    ben.open(f"/organise/letters/{first}")
    assert NAME in ben.page.text
    assert "My neighbour has to report every week." in ben.page.text
    assert EMAIL not in ben.page.text
    ben.press("Do it", deed="It has arrived Its reader says so. Nothing is sent again.", why=WHY)
    assert letters(site)[0].state is S.DELIVERED
    assert NAME not in ben.page.text
    assert holds(site)


def test_what_has_changed_meanwhile_is_not_done(site: Site, ben: Visitor) -> None:
    alice = write(site)
    first = letters(site)[0].id
    ben.open(f"/organise/letters/{first}")
    alice.press("Withdraw what has not been sent")
    ben.press("Do it", deed="Cancel It is never sent. This cannot be undone.", why=WHY)
    assert (ben.page.status, "Something has happened to it meanwhile." in ben.page.text) == (422, True)
    assert deeds(site) == []


def test_one_that_staff_cancelled_is_not_called_withdrawn(site: Site, ben: Visitor) -> None:
    alice = write(site)
    ben.open(f"/organise/letters/{letters(site)[0].id}")
    ben.press("Do it", deed="Cancel It is never sent. This cannot be undone.", why=WHY)
    alice.open(alice.address)
    assert "We have stopped this letter. It was not sent." in alice.page.text


# Deciding about many


def test_all_that_a_search_finds_is_done_by_the_worker(site: Site, ben: Visitor) -> None:
    for email in (EMAIL, "charlie@supporter.example"):
        write(site, email=email)
        put_aside(site, S.HELD, "no_address")
    ben.open("/organise/letters?state=held&reason=no_address")
    ben.follow("All of them: Cancel")
    assert "This is about 6 letters or mails:" in ben.page.text
    ben.press("Do it to all 6")
    assert ben.page.status == 422
    ben.press("Do it to all 6", why=WHY)
    assert "Under way. 0 of 6 looked at." in ben.page.text
    assert work(site).done == 6
    ben.follow("Look again")
    assert "Finished. 6 of 6 looked at." in ben.page.text
    assert {letter.state for letter in letters(site)} == {S.CANCELLED}
    assert deeds(site) == [("bulk.cancel", WHY), ("bulk.finished", "")]
    ben.open("/organise/letters/jobs")
    assert WHY in ben.page.text
    assert "Ben Bold" in ben.page.text
    assert holds(site)


def test_a_job_is_stopped(site: Site, ben: Visitor) -> None:
    write(site)
    put_aside(site, S.HELD, "no_address")
    ben.open("/organise/letters/all?state=held&reason=no_address&deed=cancel")
    ben.press("Do it to all 3", why=WHY)
    ben.press("Stop it here")
    assert "Stopped. The rest is as it was." in ben.page.text
    assert {letter.state for letter in letters(site)} == {S.HELD}


@pytest.mark.parametrize(
    "query", ["", "deed=release", "deed=release&state=sent", "deed=burn&state=held", "deed=cancel&state=x"]
)
def test_what_cannot_be_done_to_many_has_no_page(ben: Visitor, query: str) -> None:
    assert ben.open(f"/organise/letters/all?{query}").status == 404


# Reading first


def test_a_rude_letter_is_read_sent_back_changed_and_goes_out(site: Site, ben: Visitor) -> None:
    alice = write(site, RUDE)
    assert "One of us reads your letter before it goes out." in alice.page.text
    site.deliver()
    assert {letter.state for letter in letters(site)} == {S.HELD}
    ben.open("/organise/letters")
    ben.follow("1 letter waits for somebody to read it.")
    assert NAME not in ben.page.text
    ben.open(f"/organise/letters/review/{the_review(site)}")
    assert "Words that insult or threaten: “bastards”" in ben.page.text
    assert f"[added:] {RUDE} [end]" in ben.page.text
    assert EMAIL not in ben.page.text
    ben.press("Send it back")
    assert (ben.page.status, "Please write a note: they want to know why." in ben.page.text) == (422, True)
    ben.press("Send it back", note=NOTE)
    assert "There is nothing to read." in ben.page.text
    alice.open(alice.address)
    assert "Sent back to you" in alice.page.text
    (mail,) = site.deliver_to(EMAIL)
    assert NOTE in mail.text
    alice.open(link_in(mail))
    assert NOTE in alice.page.text
    alice.follow("Change your letter")
    alice.press(READ_IT, own_words="Please listen to us.")
    assert "Please listen to us." in alice.page.text
    alice.press(WARD.send)
    assert {letter.state for letter in letters(site)} == {S.CANCELLED, S.QUEUED}
    sent = [mail for mail in site.deliver() if is_letter(mail)]
    assert len(sent) == 3
    assert all("Please listen to us." in mail.text and RUDE not in mail.text for mail in sent)
    assert deeds(site) == [("review.sent_back", "")]
    assert holds(site)


def is_letter(mail: OutboxMail) -> bool:
    return EMAIL in mail.reply_to


def the_review(site: Site) -> int:
    with site.platform.sessions.read() as session:
        return session.scalars(select(Review.id)).one()


def test_a_letter_that_is_sent_back_keeps_what_is_typed_beside_an_error(site: Site, ben: Visitor) -> None:
    write(site, RUDE)
    ben.open(f"/organise/letters/review/{the_review(site)}")
    ben.press("Send it back", note=NOTE)
    alice = site.visitor()
    alice.open(link_in(site.deliver_to(EMAIL)[-1]))
    alice.follow("Change your letter")
    alice.press(READ_IT, own_words="Better words.", name="")
    assert alice.page.status == 422
    assert "Better words." in alice.page.text
    assert NOTE in alice.page.text


def test_a_letter_that_is_sent_back_has_its_reasons_and_others_may_be_chosen(site: Site, ben: Visitor) -> None:
    alice = site.visitor()
    to_letter(alice)
    subject = alice.page.form_with("subject").value("subject")
    alice.press(READ_IT, name=NAME, email=EMAIL, own_words=RUDE, reason=("It is a matter of fairness",))
    alice.press(WARD.hand_in)
    alice.open(link_in(site.deliver_to(EMAIL)[0]))
    alice.press(WARD.send)
    ben.open(f"/organise/letters/review/{the_review(site)}")
    assert "Reasons that they ticked" in ben.page.text
    assert "For me it is a matter of fairness." in ben.page.text
    ben.press("Send it back", note=NOTE)
    alice.open(link_in(site.deliver_to(EMAIL)[-1]))
    assert "For me it is a matter of fairness." in alice.page.text
    alice.follow("Change your letter")
    assert alice.page.form_with("subject").value("subject") == subject
    assert alice.page.form_with("reason").held("reason") == ["fairness"]
    alice.press(READ_IT, own_words="Better.", reason=("I want my neighbours to live without fear",))
    assert "I want my neighbours to live without fear, whatever papers they have." in alice.page.text
    assert "For me it is a matter of fairness." not in alice.page.text


def test_only_a_letter_that_was_sent_back_is_changed(site: Site, alice: Visitor) -> None:
    to_mail(alice)
    link = link_in(site.deliver_to(EMAIL)[0])
    assert alice.open(f"{link}/change").status == 404
    alice.open(link)
    assert "Change your letter" not in alice.page.text


def test_a_link_that_is_too_old_is_said_so(site: Site, ben: Visitor) -> None:
    write(site, RUDE)
    ben.open(f"/organise/letters/review/{the_review(site)}")
    ben.press("Send it back", note=NOTE)
    link = link_in(site.deliver_to(EMAIL)[-1])
    site.clock.forward(site.platform.config.confirm_within + timedelta(seconds=1))
    alice = site.visitor()
    assert alice.open(f"{link}/change").status == 410


def test_a_letter_is_let_go(site: Site, ben: Visitor) -> None:
    write(site, RUDE)
    ben.open(f"/organise/letters/review/{the_review(site)}")
    ben.press("Let it go")
    assert len([mail for mail in site.deliver() if is_letter(mail)]) == 3
    ben.open(f"/organise/letters/review/{the_review(site)}")
    assert "It was let go. There is nothing to decide any more." in ben.page.text
    assert RUDE not in ben.page.text


def test_a_rejected_letter_ends_with_a_reason(site: Site, ben: Visitor) -> None:
    alice = write(site, RUDE)
    site.deliver()
    ben.open(f"/organise/letters/review/{the_review(site)}")
    ben.press("Reject it", note=NOTE)
    (mail,) = site.deliver_to(EMAIL)
    assert mail.subject.startswith("Your letter was not sent")
    assert NOTE in mail.text
    alice.open(link_in(mail))
    assert "we cannot send it. We wrote to you why." in alice.page.text
    assert holds(site)


def test_it_is_decided_once(site: Site, ben: Visitor) -> None:
    alice = write(site, RUDE)
    ben.open(f"/organise/letters/review/{the_review(site)}")
    alice.press("Withdraw what has not been sent")
    ben.press("Let it go")
    assert (ben.page.status, "This is decided already. Nothing was done." in ben.page.text) == (422, True)
    assert {letter.state for letter in letters(site)} == {S.CANCELLED}


def test_neither_the_audit_nor_an_address_tells_of_a_supporter(site: Site, ben: Visitor) -> None:
    write(site, RUDE)
    ben.open(f"/organise/letters/review/{the_review(site)}")
    ben.press("Reject it", note=NOTE)
    told = str(dump(site.platform.sessions.engine)["audit_entry"])
    for secret in (NAME, EMAIL, RUDE, NOTE):
        assert secret not in told
        assert not any(secret in address for address in ben.addresses)


# Mail domains and stops


def trouble(site: Site) -> int:
    with site.change() as session:
        lane = session.scalars(select(Lane).where(Lane.key != "notices")).first()
        assert lane is not None
        for _time in range(TRIPS_AFTER):
            note_trouble(lane, "554 5.7.1 blocked by policy", site.clock(), site.platform.random)
        return lane.id


def test_who_blocks_us_stands_on_top_with_what_they_said(site: Site, ben: Visitor) -> None:
    write(site)
    ben.open("/organise/letters/lanes")
    assert "Nobody turns us away." in ben.page.text
    lane_id = trouble(site)
    ben.open("/organise/letters/lanes")
    assert "554 5.7.1 blocked by policy" in ben.page.text
    assert "Rests" in ben.page.text
    ben.press(f"Take it for sound again: {lane_key(site, lane_id)}")
    assert "Nobody turns us away." in ben.page.text
    assert deeds(site) == [("lane.sound", "")]


def lane_key(site: Site, lane_id: int) -> str:
    with site.platform.sessions.read() as session:
        return session.get_one(Lane, lane_id).key


def test_a_resting_domain_tries_when_it_is_told(site: Site, ben: Visitor) -> None:
    write(site)
    lane_id = trouble(site)
    ben.open("/organise/letters/lanes")
    ben.press(f"Try one letter now: {lane_key(site, lane_id)}")
    assert "Tries with single letters" in ben.page.text


def test_all_letters_are_stopped_and_go_on(site: Site, ben: Visitor) -> None:
    write(site)
    ben.open("/organise/letters/stops")
    ben.follow("Stop all letters")
    ben.press("Stop it now")
    assert (ben.page.status, site.count(Brake)) == (422, 0)
    ben.press("Stop it now", why=WHY)
    assert WHY in ben.page.text
    assert not [mail for mail in site.deliver() if is_letter(mail)]
    ben.press("Let it go on: All letters")
    assert "Nothing is stopped." in ben.page.text
    assert len([mail for mail in site.deliver() if is_letter(mail)]) == 3
    assert deeds(site) == [("stop.put_on", WHY), ("stop.taken_off", "")]


@pytest.mark.parametrize(
    ("link", "left"),
    [
        ("Pause letters to this recipient", 2),
        ("Pause the campaign’s letters", 0),
    ],
)
def test_what_a_letter_belongs_to_is_stopped_from_its_page(site: Site, ben: Visitor, link: str, left: int) -> None:
    write(site)
    ben.open(f"/organise/letters/{letters(site)[0].id}")
    ben.follow(link)
    ben.press("Stop it now", why=WHY)
    assert len([mail for mail in site.deliver() if is_letter(mail)]) == left


def test_what_was_held_for_a_recipient_goes_when_they_go_on(site: Site, ben: Visitor) -> None:
    write(site)
    ben.open(f"/organise/letters/{letters(site)[0].id}")
    ben.follow("Pause letters to this recipient")
    ben.press("Stop it now", why=WHY)
    site.deliver()
    assert len(letters(site, S.HELD)) == 1
    ben.press(f"Let it go on: The letters to one recipient {COUNCILLOR}")
    assert work(site).done == 1
    assert len([mail for mail in site.deliver() if is_letter(mail)]) == 1


@pytest.mark.parametrize(
    "query", ["", "scope=letters&subject=3", "scope=campaign", "scope=campaign&subject=999", "scope=house&subject=0"]
)
def test_what_is_not_there_cannot_be_stopped(ben: Visitor, query: str) -> None:
    assert ben.open(f"/organise/letters/stop?{query}").status == 404


@pytest.mark.parametrize("path", ["999", "review/999", "jobs/999", "99999999999999", "review/99999999999999"])
def test_what_is_not_there_is_not_there(ben: Visitor, path: str) -> None:
    assert ben.open(f"/organise/letters/{path}").status == 404


def test_a_review_says_what_was_changed_in_the_letter(site: Site, ben: Visitor) -> None:
    write(site, RUDE)
    with site.change() as session:
        action = session.scalars(select(Action)).one()
        action.subject = "Another subject"
    ben.open(f"/organise/letters/review/{the_review(site)}")
    assert "[added:] Another subject [end]" in " ".join(ben.page.text.split())


def test_an_admin_gives_a_mail_domain_its_own_pace_and_hours(site: Site, ben: Visitor) -> None:
    write(site)
    lane_id = letters(site)[0].lane_id
    assert ben.open(f"/organise/letters/lanes/{lane_id}").status == 403
    assert "Change" not in ben.open("/organise/letters/lanes").text
    ada = signed_in(site, add_member(site, "ada@staff.example", Role.ADMIN, "Ada Admin"))
    ada.open("/organise/letters/lanes")
    ada.follow("Change: zedmere.example")
    ada.press("Save", pace="fast", hours="mornings")
    assert [ada.page.status, ada.page.error_beside("pace"), ada.page.error_beside("hours")] == [
        422,
        "Please write a whole number below a million.",
        "Please write hours like “mon-fri 08:00-18:00”, or “always”.",
    ]
    ada.press("Save", pace="30", hours="mon-fri 09:00-17:00")
    with site.platform.sessions.read() as session:
        lane = session.get_one(Lane, lane_id)
        assert (lane.pace, lane.hours) == (30, "mon-fri 09:00-17:00")
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "lane.set")).one()
        assert (entry.before, entry.after) == (
            {"pace": None, "hours": None},
            {"pace": 30, "hours": "mon-fri 09:00-17:00"},
        )
    ada.open(f"/organise/letters/lanes/{lane_id}")
    ada.press("Save", pace="", hours="")
    with site.platform.sessions.read() as session:
        assert (session.get_one(Lane, lane_id).pace, session.get_one(Lane, lane_id).hours) == (None, None)
