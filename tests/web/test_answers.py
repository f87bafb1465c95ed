"""Telling who has answered, what supporters see of answers, and who sees their address."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes

import pytest
from sqlalchemy import select, update

from app.actions.models import Action, Letter
from app.campaigns.models import Campaign, Replies
from app.replies.inbox import Inbox
from app.replies.models import Answer, Reply
from app.replies.relay import Taken
from app.replies.survey import ask_due
from tests.replies.conftest import answer
from tests.web.site import Site, link_in
from tests.web.visitor import Visitor
from tests.web.ways import EMAIL, WARD, to_confirm, to_letter, to_mail, to_own, to_preview

YES, AUTOMATIC, NO = "Yes, they answered", "Only an automatic reply", "No, nothing yet"
SEND = "Tell the campaign"
STOP = "Do not ask me again"
PROTECTED = "They do not see your e-mail address."


def protect(site: Site) -> None:
    with site.change() as session:
        session.execute(update(Campaign).values(replies=Replies.PROTECTED))


def letter_ids(site: Site) -> list[int]:
    with site.platform.sessions.read() as session:
        return list(session.scalars(select(Letter.id).order_by(Letter.id)))


def replies(site: Site) -> dict[int, tuple[Answer, bool | None, str | None]]:
    with site.platform.sessions.read() as session:
        return {row.letter_id: (row.answer, row.helpful, row.note) for row in session.scalars(select(Reply))}


def asked(site: Site, alice: Visitor) -> str:
    """Alice's letters have gone, and two weeks later she is asked; the page that she is asked to open."""
    to_own(site, alice, WARD)
    site.deliver()
    site.clock.forward(timedelta(days=15))
    with site.change() as session:
        assert ask_due(session, site.clock.time, timedelta(days=14)) == 1
    [mail] = site.deliver_to(EMAIL)
    assert mail.subject.startswith("Did they answer?")
    link = link_in(mail)
    alice.open(link)
    return link


def tell(alice: Visitor, site: Site, *answers: str, **more: str) -> None:
    """Answer for the letters in order, and press the button."""
    typed = {f"answer-{number}": said for number, said in zip(letter_ids(site), answers, strict=False)}
    first = letter_ids(site)[0]
    alice.press(SEND, **typed, **{f"{name}-{first}": said for name, said in more.items()})


def test_a_supporter_tells_who_has_answered_and_changes_it(site: Site, alice: Visitor) -> None:
    link = asked(site, alice)
    first, second, third = letter_ids(site)
    tell(alice, site, YES, NO, helpful="Yes", note="They were kind.")
    assert alice.page.heading == "Thank you for telling us"
    assert replies(site) == {first: (Answer.ANSWERED, True, "They were kind."), second: (Answer.NONE, None, None)}
    alice.open(link)
    assert "They were kind." in alice.page.text
    tell(alice, site, AUTOMATIC, NO, YES)
    assert replies(site)[first][0] is Answer.AUTOMATIC
    assert replies(site)[third][0] is Answer.ANSWERED
    alice.follow("See what became of your letters")
    assert "You told us that they have answered." in alice.page.text
    assert "You told us that an automatic reply came." in alice.page.text


def test_opening_the_question_changes_nothing_however_often_scanners_do_it(site: Site, alice: Visitor) -> None:
    link = asked(site, alice)
    before, scanner = site.everything(), site.visitor()
    for path in ("", "/thanks"):
        assert scanner.open(link + path).status == 200
    assert scanner.client.get(f"{Visitor._path(link)}/stop").status_code == 405
    assert site.everything() == before


def test_what_was_typed_stays_when_something_is_wrong(site: Site, alice: Visitor) -> None:
    asked(site, alice)
    note = "x" * 1001
    tell(alice, site, YES, note=note)
    assert alice.response.status_code == 422
    assert "This is too long" in alice.page.text
    assert note in alice.page.text
    first = letter_ids(site)[0]
    alice.press(SEND, forged={f"answer-{first}": "perhaps", f"note-{first}": ""})
    assert alice.response.status_code == 422
    assert "Please choose one of these." in alice.page.text
    alice.press(SEND, forged={"csrf_token": "stale", f"answer-{first}": "answered"})
    assert alice.response.status_code == 422
    assert replies(site) == {}


def test_leaving_everything_out_tells_nothing(site: Site, alice: Visitor) -> None:
    asked(site, alice)
    alice.press(SEND)
    assert alice.page.heading == "Thank you for telling us"
    assert replies(site) == {}


def test_nobody_tells_of_letters_that_are_not_theirs(site: Site, alice: Visitor) -> None:
    asked(site, alice)
    strangers = max(letter_ids(site)) + 1
    alice.press(SEND, forged={f"answer-{strangers}": "answered"})
    assert replies(site) == {}


def test_who_presses_the_button_is_never_asked_again(site: Site, alice: Visitor) -> None:
    link = asked(site, alice)
    alice.press(STOP)
    assert alice.page.heading == "We will not ask you again"
    alice.open(link)
    assert not [form for form in alice.page.forms if STOP in [button.text for button in form.buttons]]


@pytest.mark.parametrize("path", ["/answers/forged", "/answers/forged/thanks", "/answers/"])
def test_a_forged_link_leads_nowhere(site: Site, path: str) -> None:
    assert site.visitor().open(path).status == 404


def test_the_links_of_one_page_do_not_open_another(site: Site, alice: Visitor) -> None:
    link = asked(site, alice)
    token = link.rpartition("/")[2]
    for other in ("letters", "confirm"):
        assert site.visitor().open(f"/{other}/{token}").status == 404


def test_ones_own_page_leads_to_the_question_once_a_letter_has_gone(site: Site, alice: Visitor) -> None:
    to_own(site, alice, WARD)
    own = alice.address
    assert "Tell us who has answered" not in alice.page.text
    site.deliver()
    alice.open(own)
    alice.follow("Tell us who has answered")
    assert alice.page.heading == "Did they answer?"


def test_the_pages_say_who_sees_the_address(site: Site, alice: Visitor) -> None:
    to_letter(alice, WARD)
    assert "Answers to your letter come to this address." in alice.page.text
    to_preview(alice, WARD)
    assert EMAIL in alice.page.text
    assert PROTECTED not in alice.page.text
    protect(site)
    to_letter(alice, WARD)
    assert "Those you write to do not see this address" in alice.page.text
    to_preview(alice, WARD)
    assert PROTECTED in alice.page.text
    assert EMAIL not in alice.page.text
    assert "An address of ours. We pass answers on to you." in alice.page.text


def test_what_was_promised_is_kept_though_the_campaign_changes(site: Site, alice: Visitor) -> None:
    protect(site)
    to_mail(alice, WARD)
    with site.change() as session:
        session.execute(update(Campaign).values(replies=Replies.DIRECT))
    alice.open(site.delivered_link())
    assert "An address of ours" in alice.page.text
    assert EMAIL not in alice.page.text
    alice.press(WARD.send)
    letters = [mail for mail in site.deliver() if EMAIL not in mail.to]
    assert len(letters) == 3
    for mail in letters:
        assert "answers+" in mail.reply_to
        raw = (site.platform.config.outbox_dir / mail.name).read_bytes()
        assert message_from_bytes(raw)["To"] == mail.to
        assert b"supporter.example" not in raw


def test_an_answer_is_passed_on_and_stands_on_ones_own_page(site: Site, alice: Visitor) -> None:
    protect(site)
    to_confirm(site, alice, WARD)
    alice.press(WARD.send)
    own = alice.address
    mails = site.deliver()
    [thanks] = [mail for mail in mails if EMAIL in mail.to]
    assert "They do not see your e-mail address." in thanks.text
    letter = next(mail for mail in mails if EMAIL not in mail.to)
    platform = site.platform
    inbox: Inbox = platform.inbox
    with site.change() as session:
        raw = answer(letter.reply_to)
        assert inbox.take_in(session, raw, "", site.clock.time) is Taken.PASSED_ON
    [passed_on] = site.deliver_to(EMAIL)
    assert "I will vote against it." in passed_on.text
    alice.open(own)
    assert "They answered on 24 November 2026. We have passed it on to you." in alice.page.text
    with platform.sessions.read() as session:
        assert session.scalars(select(Action.protected)).all() == [True]
