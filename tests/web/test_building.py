"""Building a campaign through the pages: from nothing to complete, by several people, and whose it is."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from PIL import Image
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.actions.rehearsal import WRITES_FROM
from app.campaigns.document import Document
from app.campaigns.find import campaign_called
from app.campaigns.matching import Who
from app.campaigns.models import Campaign, CampaignState, LetterTemplate
from app.campaigns.texts import LONGEST_PAGE
from app.drafts.models import CampaignDraft
from app.roles import Role
from app.staff.models import Partner, StaffMember
from app.targets.models import Target
from tests.support.staff import ADA, BEN
from tests.web.site import Site
from tests.web.staff import add_member, signed_in
from tests.web.visitor import Visitor

TITLE = "Warm homes for all"
SLUG = "warm-homes-for-all"
BUILD = f"/organise/campaigns/{SLUG}/build"
ASK = {
    "ask": "Ask your councillors to fix damp homes.",
    "summary": "No more mould.",
    "invitation": "What is your home like?",
    "body": "## Why\n\nMould makes **children** ill.",
}
LIST = "Around Zedmere: NHS trusts demo-nhs-trusts"
THEIR_WARD = "The supporter’s own councillors Those of their ward: one letter to each."
TO_US = "To us, and we pass them on Nobody but us sees the supporter’s address. For people who could be in danger."
STAY, GO_ON = "Save and stay here", "Save and go on: {}"


@pytest.fixture(autouse=True)
def _unverified(site: Site) -> None:
    """Nobody has looked at the addresses yet, unlike those of the demonstration."""
    site.forget_verification()


def organiser(site: Site, email: str = ADA, role: Role = Role.ORGANISER) -> Visitor:
    return signed_in(site, add_member(site, email, role))


def begin(visitor: Visitor, title: str = TITLE) -> None:
    visitor.open("/organise/campaigns")
    visitor.follow("A new campaign")
    visitor.press("Begin", title=title)


def built(visitor: Visitor) -> None:
    begin(visitor)
    visitor.press(GO_ON.format("Who to write to"), **ASK)
    if GO_ON.format("The letter") in visitor.page.html:  # a partner may not look at addresses
        visitor.press(GO_ON.format("The letter"))
    else:
        visitor.press(GO_ON.format("Look at the addresses"))
        visitor.follow("go on without it")
    visitor.press(GO_ON.format("Check"), subject="Damp homes in {{ area.name }}", body="I live in {{ area.name }}.")
    visitor.open(f"{BUILD}/mails")
    visitor.press(GO_ON.format("Delivery"))
    visitor.press(GO_ON.format("Address and look"))
    visitor.press(GO_ON.format("Check"))


def campaign_of(site: Site, slug: str = SLUG) -> Campaign:
    with site.platform.sessions.read() as session:
        return campaign_called(session, slug)


def test_a_campaign_is_built_from_nothing(site: Site) -> None:
    ada = organiser(site)
    begin(ada)
    assert (ada.address, ada.page.heading) == (f"{BUILD}/ask", TITLE)
    assert ada.page.summary is None, "what nobody has filled in yet is no reproach"
    ada.press(GO_ON.format("Who to write to"), **ASK)
    assert "Supporters find somebody at" in ada.page.text
    ada.press(GO_ON.format("Look at the addresses"))
    ada.press("Go on with 15 invented addresses")
    assert ada.address.startswith(f"{BUILD}/letter"), "on to what comes next: nobody has checked the campaign yet"
    assert "15 addresses are checked." in ada.page.text
    assert "{{ area.name }}" in ada.page.text
    ada.press(GO_ON.format("Check"), subject="Damp homes in {{ area.name }}", body="I live in {{ area.name }}.")
    assert ada.address == f"{BUILD.removesuffix('/build')}/check", "what comes after the letter may stay as it is"
    assert "The check is under way." in ada.page.text, "the same press has begun it"
    ada.open(f"{BUILD}/letter")
    ada.follow("Our mails")
    ada.press(GO_ON.format("Delivery"), confirmation="Nearly there.", thanks="Tell a neighbour.")
    ada.press(GO_ON.format("Address and look"), pace="60", hours="mon-fri 09:00-17:00")
    ada.press(GO_ON.format("Check"), goal="500")
    assert (ada.address, ada.page.heading) == (f"{BUILD.removesuffix('/build')}/check", TITLE), "one press leads on"
    ada.open(BUILD)
    assert "Complete. Nobody but staff sees it before it opens." in ada.page.text
    campaign = campaign_of(site)
    assert (campaign.state, campaign.files_state) == (CampaignState.DRAFT, None)
    assert (campaign.pace, campaign.hours, campaign.goal) == (60, "mon-fri 09:00-17:00", 500)
    assert site.visitor().open(f"/c/{SLUG}").status == 404
    assert ada.open(f"/organise/campaigns/{SLUG}").status == 200


def test_whatever_is_typed_is_kept_and_what_is_wrong_stands_beside_its_field(site: Site) -> None:
    ada = organiser(site)
    begin(ada)
    ada.press(GO_ON.format("Who to write to"), ask="Half a thought", title="x" * 121)
    assert ada.page.status == 422
    assert ada.page.wrong_fields == {"title", "body"}
    assert ada.page.error_beside("title") == "Title: 121 characters are too many; 120 are the most."
    assert ada.page.error_beside("body") == "Story: please put your own words where [[ ]] stands."
    assert ada.page.form_with("ask").values["summary"] == "Half a thought", "who writes no summary means the ask"
    assert "Saved." in ada.page.text
    assert ada.page.form_with("ask").values["ask"] == "Half a thought"
    again = organiser(site, BEN)
    again.open(f"{BUILD}/ask")
    assert again.page.form_with("ask").values["ask"] == "Half a thought"
    assert again.page.wrong_fields == {"title"}, "what is only missing waits for its turn"


def test_what_is_true_of_every_letter_stands_below_the_story_unless_it_is_taken_away(site: Site) -> None:
    ada = organiser(site)
    begin(ada)
    ada.press("Save and stay here", body="Mould makes children ill.")
    assert ada.page.form_with("ask").values["body"] == "Mould makes children ill."
    assert "They see nothing else about you." in ada.page.root.one("div", class_="prose").text
    ada.press("Save and stay here", forged={"promises": None})
    assert ada.page.root.one("div", class_="prose").text == "Mould makes children ill."
    assert ada.open(f"{BUILD}/ask").form_with("ask").values.get("promises") is None
    assert "promises" not in ada.open(f"{BUILD}/ask?part=ar").form_with("ask").names, "they are English"


def test_a_new_campaign_is_half_written_and_complete_when_its_blanks_are_filled_in(site: Site) -> None:
    ada = organiser(site)
    begin(ada)
    assert ada.page.form_with("ask").values["ask"] == "Ask your councillors to [[do what? Finish the sentence]]."
    assert "Type your own words over each [[ ]]." in ada.page.text
    assert "Your words go into the letter too: write what every supporter can say." in ada.page.text
    assert "addresses wait to be checked" not in ada.page.text, "nobody has chosen yet who is written to"
    fill_blanks(ada, GO_ON.format("Who to write to"), ("ask", "body"))
    assert ada.page.summary is None
    assert "addresses wait to be checked" not in ada.page.text
    assert "Delivery may stay as it is" in ada.page.text
    ada.press(GO_ON.format("Look at the addresses"))
    ada.follow("go on without it")
    assert "thing to do" not in ada.page.text, "the letter has its words from the first step"
    assert "Your words from step 1 are in this letter already." in ada.page.text
    assert "Please put your own words" not in ada.page.text
    assert "Who to write to 15 addresses wait to be checked" in ada.page.text
    assert "They may stay as they are." in ada.page.text
    ada.press(GO_ON.format("Check"))
    ada.open(f"{BUILD}/mails")
    assert "The letter done" in ada.page.text
    assert "Everything that has to be written is written." in ada.page.text
    with site.platform.sessions.read() as session:
        letter = campaign_called(session, SLUG).templates[0]
    assert letter.subject == "{{ campaign.title }}"
    assert letter.body.startswith("I live in {{ area.name }}, and I am writing to ask for your help.")
    assert "\n\nhave damp homes repaired\n\nI ask you to have damp homes repaired.\n\n" in letter.body


def test_a_blank_left_in_the_ask_is_the_only_thing_said_of_it(site: Site) -> None:
    ada = organiser(site)
    begin(ada)
    ada.press(GO_ON.format("Who to write to"))
    assert ada.page.wrong_fields == {"ask", "body"}, "the summary follows the ask by itself"
    assert "Ask and story 2 things to do" in ada.page.text
    ada.press(STAY, ask="", summary="")
    assert ada.page.wrong_fields == {"ask", "body"}
    ada.press(STAY, ask="Ask them. " * 30)
    assert "summary" in ada.page.wrong_fields, "an ask that is too long for one is none"


def test_the_letter_of_an_open_campaign_does_not_follow_its_page(site: Site) -> None:
    ada = organiser(site)
    begin(ada)
    ada.press(GO_ON.format("Who to write to"), **ASK)
    assert "I ask you to fix damp homes." in ada.open(f"{BUILD}/letter").text
    site.move(SLUG, CampaignState.LIVE)
    ada.open(f"{BUILD}/ask")
    ada.press(STAY, ask="Ask your councillors to be quick.")
    assert "I ask you to fix damp homes." in ada.open(f"{BUILD}/letter").text


def fill_blanks(visitor: Visitor, button: str, names: tuple[str, ...]) -> None:
    """Somebody's own words in the place of each blank, and nothing else changed."""
    values = visitor.page.form_with(names[0]).values
    visitor.press(button, **{name: re.sub(r"\[\[.+?\]\]", "have damp homes repaired", values[name]) for name in names})


def test_the_summary_follows_the_ask_until_somebody_writes_another_one(site: Site) -> None:
    ada = organiser(site)
    begin(ada)

    def summary(**typed: str) -> str:
        ada.press(STAY, **typed)
        return ada.page.form_with("ask").value("summary") or ""

    assert summary() == "", "an ask with a blank says nothing yet"
    assert summary(ask="Ask them to help.") == "Ask them to help."
    assert summary(ask="Ask them to help soon.") == "Ask them to help soon."
    assert summary(summary="Help, soon.") == "Help, soon."
    assert summary(ask="Ask them again.") == "Help, soon."


def test_a_step_that_was_saved_leads_on_and_offers_a_page_in_another_language_last(site: Site) -> None:
    ada = organiser(site)
    built(ada)
    ada.open(f"{BUILD}/ask")
    assert "(not written yet)" not in ada.page.text
    ada.press(STAY, ask="Ask them once more.")
    ada.follow("Go on to “Who to write to”")
    ada.open(f"{BUILD}/ask")
    (arabic,) = [link["href"] for link in ada.page.root.all("a") if link["href"].endswith("?part=ar")]
    assert "العربية (not written yet)" in ada.open(arabic).text


def test_the_starting_letter_names_a_place_only_where_a_postcode_is_asked_for(site: Site) -> None:
    ada = organiser(site)
    begin(ada)
    ada.open(f"{BUILD}/who")
    ada.press(
        GO_ON.format("Look at the addresses"), whom="Everybody on a list One letter to each of them.", lists=(LIST,)
    )
    ada.follow("go on without it")
    assert (ada.page.form_with("body").value("body") or "").startswith("I am writing to ask for your help.")
    ada.open(f"{BUILD}/who")
    ada.press(GO_ON.format("Look at the addresses"), whom=THEIR_WARD)
    ada.follow("go on without it")
    assert (ada.page.form_with("body").value("body") or "").startswith("I live in {{ area.name }}, and I am writing")


def test_the_first_closing_gives_a_postcode_only_where_one_is_asked_for(site: Site) -> None:
    ada = organiser(site)
    begin(ada)
    ada.open(f"{BUILD}/letter")
    assert "{{ supporter.postcode }}" in (ada.page.form_with("closing").value("closing") or "")
    ada.open(f"{BUILD}/who")
    ada.press(
        GO_ON.format("Look at the addresses"), whom="Everybody on a list One letter to each of them.", lists=(LIST,)
    )
    ada.follow("go on without it")
    assert (ada.address, ada.page.summary) == (f"{BUILD}/letter", None)
    assert ada.page.form_with("closing").value("closing") == "Yours sincerely,\n\n{{ supporter.name }}"
    ada.press(STAY, closing="Bye, {{ supporter.name }}")
    ada.open(f"{BUILD}/who")
    ada.press(STAY, whom=THEIR_WARD)
    ada.open(f"{BUILD}/letter")
    assert ada.page.form_with("closing").value("closing") == "Bye, {{ supporter.name }}"


def test_two_people_at_one_step_are_told_and_nothing_is_lost(site: Site) -> None:
    ada, ben = organiser(site), organiser(site, BEN)
    begin(ada)
    ben.open(f"{BUILD}/ask")
    ada.press(STAY, **{**ASK, "ask": "Hers."})
    ben.press(STAY, **{**ASK, "ask": "His."})
    assert ben.page.status == 422
    assert "Ada Admin saved this step at" in ben.page.summary_texts[0]
    assert ben.page.form_with("ask").values["ask"] == "His."
    ada.open(f"{BUILD}/ask")
    assert ada.page.form_with("ask").values["ask"] == "Hers."
    ben.press(STAY)
    assert ben.page.status == 200
    ada.open(f"{BUILD}/ask")
    assert ada.page.form_with("ask").values["ask"] == "His."


def test_a_stale_token_loses_nothing(site: Site) -> None:
    ada = organiser(site)
    begin(ada)
    ada.press(STAY, forged={"csrf_token": "stale"}, **ASK)
    assert ada.page.status == 422
    assert "Please press the button once more." in ada.page.summary_texts[0]
    assert ada.page.form_with("ask").values["ask"] == ASK["ask"]
    ada.press(STAY)
    assert "Saved." in ada.page.text


def test_a_list_a_group_and_a_reason(site: Site) -> None:
    ada = organiser(site)
    built(ada)
    ada.open(f"{BUILD}/who")
    ada.press(
        STAY,
        **{
            "exclude-0-name": "Agree already",
            "exclude-0-who-0-key": "Party",
            "exclude-0-who-0-texts": "Green Party",
            "exclude-0-reason": "They support this already.",
            "segment-0-name": "Leaders",
            "segment-0-who-0-key": "Post, such as leader",
            "segment-0-who-0-texts": "*Leader*\nMayor",
        },
    )
    assert "Saved." in ada.page.text
    targeting = campaign_of(site).targeting
    assert [(each.key, str(each.who)) for each in targeting.exclude] == [("agree-already", "party Green Party")]
    assert [(each.audience, str(each.who)) for each in targeting.segments] == [("leaders", "posts *Leader* or Mayor")]
    ada.open(f"{BUILD}/letter")
    ada.follow("To “leaders”")
    assert ada.page.form_with("subject").values["subject"] == "Damp homes in {{ area.name }}"
    ada.press(STAY, subject="You lead", body="You lead this council.")
    with site.platform.sessions.read() as session:
        found = session.scalars(
            select(LetterTemplate).where(LetterTemplate.audience == "leaders", LetterTemplate.author_id.is_not(None))
        ).all()
        assert {row.subject for row in found} == {"You lead", "Damp homes in {{ area.name }}"}
    ada.open(f"{BUILD}/who")
    ada.press(STAY, **{"segment-0-name": "Bosses"})
    ada.open(f"{BUILD}/letter")
    ada.follow("To “bosses”")
    assert ada.page.form_with("subject").values["subject"] == "You lead", "a letter goes along with its group's name"


def test_it_is_asked_first_which_place_and_all_the_pages_keep_to_it(site: Site) -> None:
    ada = organiser(site)
    built(ada)
    ada.open(f"{BUILD}/who")
    form = ada.page.form_with("whom")
    assert next(name for name in form.names if name not in ("csrf_token", "seen")) == "council-0"
    ada.press(STAY, **{"council-0": "Zedmere: 8 addresses"})
    assert "8 addresses wait to be checked." in ada.page.text
    assert "8 people or organisations with an e-mail address." in ada.page.text
    assert campaign_of(site).targeting.who == Who.of({"place": ["Zedmere"]})
    ada.press(STAY, **{"council-1": "Weirdale: 5 addresses"})
    assert campaign_of(site).targeting.who == Who.of({"place": ["Zedmere", "Weirdale"]})
    ada.press(STAY, whom="The supporter’s Member of Parliament", **{"constituency-0": "Zedmere and Thornby: 1 address"})
    assert campaign_of(site).targeting.who == Who.of({"place": ["Zedmere and Thornby"]})
    assert "Everywhere: 1 address" in ada.page.text
    ada.press(STAY, forged={"constituency-0": ""})
    assert campaign_of(site).targeting.who == Who()


def test_who_would_be_written_to_is_shown_before_it_is_saved(site: Site) -> None:
    ada = organiser(site)
    begin(ada)
    ada.open(f"{BUILD}/who")
    assert "Supporters find somebody at" in ada.page.text
    typed = {**ada.page.form_with("whom").values, "council-0": "Zedmere"}
    shown = ada.send(f"{BUILD}/who/preview", typed).html
    assert "8 people or organisations with an e-mail address." in shown
    assert "People who live elsewhere are told so." in shown
    shown = ada.send(f"{BUILD}/who/preview", {**typed, "whom": "all", "lists": "demo-nhs-trusts"}).html
    assert "with an e-mail address." in shown
    assert "postcode" not in shown
    assert "as soon as it is clear whom it goes to" in ada.send(f"{BUILD}/who/preview", {**typed, "whom": ""}).html
    assert ada.open(f"{BUILD}/who").form_with("whom").values["council-0"] == "", "nothing was saved"


def test_what_few_campaigns_need_is_folded_until_one_needs_it(site: Site) -> None:
    ada = organiser(site)
    begin(ada)
    ada.open(f"{BUILD}/who")

    def unfolded() -> bool:
        (other,) = [one for one in ada.page.root.all("details") if one.text.startswith("Other ways")]
        return "open" in other

    assert not unfolded()
    ada.press(STAY, whom="The supporter’s Member of Parliament")
    assert not unfolded()
    ada.press(
        STAY,
        whom="Councillors of the supporter’s whole council Choose by post or committee under"
        " “Only some of them”, such as the leader.",
    )
    assert unfolded()
    assert draft_targets(site)["area"] == "council"
    ada.press(STAY, whom=THEIR_WARD, **{"exclude-0-name": "Greens"})
    assert unfolded()
    assert ada.page.summary is not None
    ada.press(STAY, forged={"whom": ""})
    assert ada.page.error_beside("whom") == "Please fill this in: Who gets the letter."


def draft_targets(site: Site) -> dict[str, str]:
    with site.platform.sessions.read() as session:
        files = session.scalars(select(CampaignDraft.files)).one()
    targets: dict[str, str] = Document.of(files).settings["targets"]
    return targets


def test_a_place_that_no_list_covers_stays_among_the_descriptions(site: Site) -> None:
    ada = organiser(site)
    built(ada)
    ada.open(f"{BUILD}/who")
    ada.press(STAY, **{"who-0-key": "Place: ward, council or constituency", "who-0-texts": "Zed*\nCanalside"})
    form = ada.page.form_with("whom")
    assert form.values["who-0-texts"].split() == ["Zed*", "Canalside"]
    assert form.values["council-0"] == ""
    assert campaign_of(site).targeting.who == Who.of({"place": ["Zed*", "Canalside"]})


def test_a_supporter_of_another_place_is_told_that_the_campaign_is_not_for_theirs(site: Site) -> None:
    ada = organiser(site)
    built(ada)
    ada.open(f"{BUILD}/who")
    ada.press(STAY, **{"council-0": "Weirdale: 5 addresses"})
    site.move(SLUG, CampaignState.LIVE)
    alice = site.visitor()
    alice.open(f"/c/{SLUG}")
    alice.press("Find my councillors", postcode="ZZ1 1AA")
    assert "This campaign is for other places than yours." in alice.page.error_beside("postcode")


def test_a_campaign_to_a_list_asks_how_many_and_forgets_what_has_no_place_there(site: Site) -> None:
    ada = organiser(site)
    built(ada)
    ada.open(f"{BUILD}/who")
    choose = "Those whom the supporter chooses from a list Up to a number that you set."
    ada.press(STAY, whom=choose, lists=(LIST,), most="many")
    assert ada.page.status == 200
    assert ada.page.error_beside("most") == "How many?: please write a number from 1 to 100."
    assert ada.page.form_with("most").values["most"] == "many"
    ada.press(STAY, most="2")
    assert ada.page.wrong_fields == set()
    ada.open(f"{BUILD}/letter?saved=1")
    assert "area.name" in ada.page.error_beside("body"), "the letter still speaks of a place that nobody is asked for"


def test_a_colour_that_cannot_be_read_and_an_address(site: Site) -> None:
    ada = organiser(site)
    built(ada)
    begin(ada, "Another one")
    ada.open(f"{BUILD}/look")
    ada.press(GO_ON.format("Check"), colour="#ffff00", slug="another-one")
    assert ada.page.status == 422
    assert "hard to read" in ada.page.error_beside("colour")
    assert ada.page.error_beside("slug") == "Address: another campaign has this one."
    ada.press(GO_ON.format("Check"), colour="#00645c", slug="Warm Homes!")
    assert "small letters" in ada.page.error_beside("slug")
    ada.press(GO_ON.format("Check"), colour="#00645c", slug="warm-homes")
    assert ada.address == "/organise/campaigns/warm-homes/check"
    assert campaign_of(site, "warm-homes").colour == "#00645c"
    assert ada.open(BUILD).status == 404


def picture(width: int = 500) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, 300), "#00645c").save(out, "PNG")
    return out.getvalue()


def upload_image(visitor: Visitor, content: bytes, **fields: str) -> TestResponse:
    visitor.open(f"{BUILD}/ask")
    data = {**visitor.page.form_with("ask").values, **fields, "image": (io.BytesIO(content), "photo.png")}
    return visitor.client.post(f"{BUILD}/ask", data=data, content_type="multipart/form-data")


def test_an_image_is_kept_without_what_a_camera_adds_and_needs_words(site: Site) -> None:
    ada = organiser(site)
    built(ada)
    answer = upload_image(ada, picture(), go_on="1")
    assert answer.status_code == 422
    assert "What the image shows" in answer.get_data(as_text=True)
    ada.open(f"{BUILD}/ask")
    ada.press(STAY, image_alt="A green wall.")
    with site.platform.sessions.read() as session:
        campaign = campaign_called(session, SLUG)
        assert [image.width for image in campaign.images] == [400, 500]
        assert campaign.page_in("en").image_alt == "A green wall."
    assert ada.client.get(f"/organise/campaigns/{SLUG}/image.webp").data[:4] == b"RIFF"
    first = ada.client.get(f"/organise/campaigns/{SLUG}/files.zip").data
    copy = upload(ada, first).headers["Location"].split("/")[3]
    second = ada.client.get(f"/organise/campaigns/{copy}/files.zip").data
    names = [zipfile.ZipFile(io.BytesIO(archive)) for archive in (first, second)]
    images = [archive.read(name) for archive in names for name in archive.namelist() if name.endswith("image.webp")]
    assert images[0] == images[1]
    assert upload_image(ada, b"no image").status_code == 422
    assert upload_image(ada, picture(300)).status_code == 422
    ada.open(f"{BUILD}/ask")
    ada.press(STAY, no_image="on")
    with site.platform.sessions.read() as session:
        campaign = campaign_called(session, SLUG)
        assert (campaign.images, campaign.page_in("en").image_alt) == ([], "")


def test_a_letter_has_several_subjects_and_reasons(site: Site) -> None:
    ada = organiser(site)
    built(ada)
    ada.open(f"{BUILD}/letter")
    typed = {"reason-0-label": "I rent", "reason-0-text": "I rent my home in {{ area.name }}."}
    ada.press(STAY, more_subjects="Mould\nCold", **typed)
    ada.press(STAY, **{"reason-1-label": "I rent", "reason-1-text": "Another one."})
    with site.platform.sessions.read() as session:
        newest = campaign_called(session, SLUG).templates[0]
    assert newest.more_subjects == ["Mould", "Cold"]
    assert [reason["key"] for reason in newest.reasons] == ["i-rent", "i-rent-2"]
    assert "I rent my home in " in ada.page.letters[0].text, "the sample shows what a reason brings along"
    ada.open(f"{BUILD}/ask?part=ar")
    assert "label-i-rent" in ada.page.form_with("ask").names
    ada.open(f"/organise/campaigns/{SLUG}/versions/en?new=2")
    ada.press("Bring version 2 back")
    with site.platform.sessions.read() as session:
        assert campaign_called(session, SLUG).templates[0].reasons == []


def test_changes_of_an_open_campaign_wait_until_somebody_publishes_them(site: Site) -> None:
    ada = organiser(site)
    built(ada)
    site.move(SLUG, CampaignState.LIVE)
    ada.open(f"{BUILD}/ask")
    ada.press(STAY, ask="Ask them louder.")
    assert "Supporters do not see it yet." in ada.page.text
    assert "Ask them louder." not in site.visitor().open(f"/c/{SLUG}").text
    ada.open(BUILD)
    assert "Changes that are not published Ask and story" in ada.page.text
    old = ada.page.form_with("revision").values
    ada.open(f"{BUILD}/ask")
    ada.press(STAY, ask="Ask them louder still.")
    ada.send(f"{BUILD}/publish", old)
    assert ada.page.status == 422
    assert "has changed something" in ada.page.text
    ada.press("Publish the changes")
    assert ada.address.startswith(f"/organise/campaigns/{SLUG}/check")
    assert "Published. Supporters see it from now on." in ada.page.text
    assert "The check is under way." in ada.page.text, "nobody need ask for it"
    assert "This is what supporters see." in ada.open(BUILD).text
    assert "Ask them louder still." in site.visitor().open(f"/c/{SLUG}").text


def test_a_changed_letter_of_an_open_campaign_is_looked_at_before_it_is_published(site: Site) -> None:
    ada = organiser(site)
    built(ada)
    site.move(SLUG, CampaignState.LIVE)
    ada.open(f"{BUILD}/ask")
    ada.press(STAY, ask="Ask them [insert how].")
    assert "Please look at this before you publish it." not in ada.open(BUILD).text, "its letter is as it was"
    ada.open(f"{BUILD}/letter")
    ada.press(STAY, body="I live in {{ area.name }}, at [insert street].")
    assert "Please look at this before you publish it." in ada.open(BUILD).text
    assert "Must be put right: A place that is to be filled in is left. [insert street]" in ada.page.text
    ada.open(f"{BUILD}/letter")
    ada.press(STAY, body="I live in {{ area.name }}, and my bedroom wall is black with mould.")
    assert "Please look at this before you publish it." not in ada.open(BUILD).text


def test_versions_are_compared_and_brought_back(site: Site) -> None:
    ada = organiser(site)
    built(ada)
    ada.open(f"{BUILD}/letter")
    ada.press(STAY, body="I was born in {{ area.name }}.")
    ada.follow("Versions of the letter")
    assert [item.text for item in ada.page.root.one("ul", class_="list people").all("strong")] == [
        "Version 3",
        "Version 2",
        "Version 1",
    ], "the first one took its words from the first step"
    assert "Ada Admin" in ada.page.text
    ada.follow("Version 3")
    diff = ada.page.root.one("div", class_="sheet changes")
    assert [mark.text for mark in diff.all("del")] == ["[removed:] live [end]"]
    assert [mark.text for mark in diff.all("ins")] == ["[added:] was born [end]"]
    ada.open(f"/organise/campaigns/{SLUG}/versions/en?new=2")
    ada.press("Bring version 2 back")
    with site.platform.sessions.read() as session:
        rows = session.scalars(select(LetterTemplate).where(LetterTemplate.campaign_id == campaign_of(site).id)).all()
    assert {row.version: row.body for row in rows if row.version > 1} == {
        2: "I live in {{ area.name }}.",
        3: "I was born in {{ area.name }}.",
        4: "I live in {{ area.name }}.",
    }


def test_a_campaign_of_files_is_shown_with_its_path_and_copied_to_edit(site: Site) -> None:
    ada = organiser(site)
    ada.open("/organise/campaigns/abolish-reporting/build/ask")
    assert ada.address == "/organise/campaigns/abolish-reporting/build"
    assert "letter_templates/abolish-reporting" in ada.page.text
    assert str(site.platform.config.content_dir) not in ada.page.text
    before = site.everything()
    token = ada.page.forms[0].values["csrf_token"]
    ada.send("/organise/campaigns/abolish-reporting/build/ask", {"csrf_token": token, "title": "Mine now"})
    assert "kept as files now" in ada.page.summary_texts[0]
    assert site.everything() == before
    ada.open("/organise/campaigns/abolish-reporting/build")
    ada.follow("Copy to edit")
    ada.press("Begin", title="Abolish it here")
    assert ada.address == "/organise/campaigns/abolish-it-here/build/ask"
    assert ada.page.form_with("ask").values["ask"].startswith("Ask your councillors")
    assert campaign_of(site, "abolish-it-here").audiences == campaign_of(site, "abolish-reporting").audiences


def upload(visitor: Visitor, archive: bytes, name: str = "files.zip") -> TestResponse:
    visitor.open("/organise/campaigns/import")
    data = {
        "csrf_token": visitor.page.form_with("archive").values["csrf_token"],
        "archive": (io.BytesIO(archive), name),
    }
    return visitor.client.post("/organise/campaigns/import", data=data, content_type="multipart/form-data")


def test_files_are_taken_away_and_brought_back_to_the_byte(site: Site) -> None:
    ada = organiser(site)
    built(ada)
    first = ada.client.get(f"/organise/campaigns/{SLUG}/files.zip").data
    answer = upload(ada, first)
    assert answer.status_code == 303
    copy = answer.headers["Location"].split("/")[3]
    second = ada.client.get(f"/organise/campaigns/{copy}/files.zip").data
    read = [zipfile.ZipFile(io.BytesIO(archive)) for archive in (first, second)]
    files = [{name.partition("/")[2]: archive.read(name) for name in archive.namelist()} for archive in read]
    assert files[0] == files[1]
    assert set(files[0]) == {"campaign.toml", "letter.en.md", "page.en.md"}


@pytest.mark.parametrize("archive", [b"", b"no archive", b"PK\x05\x06" + b"\x00" * 18])
def test_what_is_no_archive_of_a_campaign_is_refused(site: Site, archive: bytes) -> None:
    ada = organiser(site)
    before = site.everything()
    assert upload(ada, archive).status_code == 422
    assert site.everything() == before


def test_a_file_that_cannot_be_read_is_named(site: Site) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("own/campaign.toml", "kind = ")
        archive.writestr("own/letter.en.md", "no fence")
        archive.writestr("own/run.sh", "echo")
    answer = upload(organiser(site), out.getvalue())
    assert answer.status_code == 422
    for name in ("campaign.toml:1", "letter.en.md:1", "run.sh:1"):
        assert name in answer.get_data(as_text=True)


def test_partners_build_their_own_campaigns_and_see_no_others(site: Site) -> None:
    ben = organiser(site, BEN, Role.PARTNER)
    teammate = organiser(site, "cem@staff.example", Role.PARTNER)
    with site.change() as session:
        other = session.get_one(StaffMember, add_member(site_session := site, "dee@staff.example", Role.PARTNER))
        assert site_session is site
        other.partner = Partner(name="Friends of Weirdale")
        session.flush()
        other_id = other.id
    stranger = signed_in(site, other_id)
    ada = organiser(site)
    begin(ben)
    for visitor, status in ((teammate, 200), (stranger, 404), (ada, 200)):
        assert visitor.open(BUILD).status == status
    ben.press(GO_ON.format("Who to write to"), **ASK)
    ben.press(GO_ON.format("The letter"))
    ben.press(GO_ON.format("Check"), subject="Damp", body="Please act.")
    campaign_of(site)
    for path in ("", "/build", "/build/ask", "/versions", "/versions/en", "/files.zip"):
        address = f"/organise/campaigns/{SLUG}{path}"
        for visitor, status in ((ben, 200), (teammate, 200), (stranger, 404), (ada, 200)):
            assert visitor.client.get(address).status_code == status, (address, status)
    token = stranger.open("/organise/campaigns/new").forms[0].values["csrf_token"]
    before = site.everything()
    for path in ("/build/ask", "/build/ask/preview", "/build/publish", "/build/throw-away", "/versions/en/restore"):
        assert stranger.send(f"/organise/campaigns/{SLUG}{path}", {"csrf_token": token, "version": "1"}).status == 404
    stranger.open("/organise/campaigns/new")
    stranger.press("Begin", title="Stolen", forged={"like": SLUG})
    assert stranger.page.status == 422
    assert site.everything() == before


def test_admins_share_a_campaign_with_partners(site: Site) -> None:
    ben = organiser(site, BEN, Role.PARTNER)
    ada = organiser(site, role=Role.ADMIN)
    assert ben.open("/organise/campaigns/bibby-stockholm/build").status == 404
    ada.open("/organise/campaigns/bibby-stockholm/build")
    ada.press("Share it with these", partner="on")
    assert ben.open("/organise/campaigns/bibby-stockholm/build").status == 200
    ada.press("Share it with these", forged={"partner": None})
    assert ben.open("/organise/campaigns/bibby-stockholm/build").status == 404
    assert "Shared a campaign with partners" in ada.open("/organise/audit").text


def test_what_is_typed_is_shown_as_it_will_be_read_and_not_saved(site: Site) -> None:
    ada = organiser(site)
    built(ada)
    before = site.everything()
    ada.open(f"{BUILD}/ask")
    typed = {**ada.page.form_with("ask").values, "body": "## New\n\n<script>x</script>"}
    shown = ada.send(f"{BUILD}/ask/preview", typed).html
    assert "<h2>New</h2>" in shown
    assert "<script>" not in shown
    ada.open(f"{BUILD}/letter")
    typed = {**ada.page.form_with("subject").values, "body": "Dear me, {{ area.name }}!"}
    shown = ada.send(f"{BUILD}/letter/preview", typed).html
    assert "Dear me, " in shown
    assert "{{" not in shown
    typed["body"] = "{{ nonsense }}"
    assert "nonsense" in ada.send(f"{BUILD}/letter/preview", typed).html
    assert site.everything() == before


def test_the_sample_says_where_answers_will_go(site: Site) -> None:
    ada = organiser(site)
    built(ada)
    assert WRITES_FROM in ada.open(f"{BUILD}/letter").text
    ada.open(f"{BUILD}/delivery")
    ada.press(
        STAY,
        replies=TO_US,
    )
    assert WRITES_FROM not in ada.open(f"{BUILD}/letter").text


def test_the_lists_with_addresses_that_nobody_verified_are_named_where_it_is_chosen_who_gets_the_letter(
    site: Site,
) -> None:
    ada = organiser(site)
    built(ada)
    ada.open(f"{BUILD}/who")
    assert "15 addresses wait to be checked." in ada.page.text
    assert "Nobody has checked these addresses yet. You see them on the next page." in ada.page.text
    ada.open(f"{BUILD}/letter")
    assert "Who to write to 15 addresses wait to be checked" in ada.page.text, "a step is not done while they wait"
    ada.open(f"{BUILD}/who")
    ada.follow("Look at the addresses")
    assert ada.page.form_with("how").values["how"] == "Invented addresses: there is nothing to compare."
    headings = [element.text for element in ada.page.root.all("h3")]
    assert "Zedmere Borough Council: councillors" in headings
    assert len(headings) > 1, "all lists on one page"
    (button,) = [b.text for form in ada.page.forms for b in form.buttons if b.text.startswith("Go on with")]
    with site.change() as session:
        session.execute(update(Target).where(Target.name == "Shirin Vale-Amini").values(email="other@zedmere.example"))
    ada.press(button)
    assert "Please look at the addresses once more." in ada.page.summary_texts[0]
    ada.press(button)
    assert ada.address.startswith(f"{BUILD.removesuffix('/build')}/check"), "the check is made again"
    assert "15 addresses are checked." in ada.page.text
    assert "wait to be checked" not in ada.page.text
    ada.open(f"{BUILD}/who")
    assert "Nobody has checked" not in ada.page.text
    ada.open(f"{BUILD.removesuffix('/build')}/addresses")
    assert "Somebody has looked at all of them already." in ada.page.text


def test_only_pages_that_change_while_one_works_may_ask_with_a_script(site: Site) -> None:
    ada = organiser(site)
    built(ada)
    ada.open("/organise/campaigns")
    assert "connect-src" not in ada.response.headers["Content-Security-Policy"]
    ada.open(f"{BUILD}/letter")
    assert "script-src 'self'" in ada.response.headers["Content-Security-Policy"]
    assert "connect-src 'self'" in ada.response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    ["/build/nothing", "/build/ask?part=../x", "/build/letter?part=en.A B", "/build/who?part=ar", "/versions/xx"],
)
def test_what_is_no_step_is_not_there(site: Site, path: str) -> None:
    ada = organiser(site)
    built(ada)
    assert ada.open(f"/organise/campaigns/{SLUG}{path}").status == 404


def test_a_draft_that_is_thrown_away_is_gone_and_the_audit_knows(site: Site) -> None:
    ada = organiser(site, role=Role.ADMIN)
    begin(ada)
    ada.open(BUILD)
    ada.press("Throw this draft away")
    assert site.count(CampaignDraft) == 0
    assert "Threw away what was not published" in ada.open("/organise/audit").text


def test_of_a_story_that_is_far_too_long_only_so_much_is_read_as_markdown(site: Site) -> None:
    """Brackets that never end take a parser of Markdown the square of their number: half a minute for 500 kB."""
    ada = organiser(site)
    begin(ada)
    ada.press(STAY, **{**ASK, "body": "![[" * 8_000 + "![not a picture](https://x.example/y.png)"})
    ada.open(f"{BUILD}/ask")
    assert ada.page.form_with("body").values["body"].endswith("y.png)"), "what was typed is kept"
    assert "are too many" in ada.page.error_beside("body")
    assert "images are not allowed" not in ada.page.text
    typed = {**ada.page.form_with("body").values, "body": "![[" * 10_000}
    preview = ada.client.post(f"{BUILD}/ask/preview", data=typed)
    assert preview.status_code == 200
    assert preview.text.count("![[") == LONGEST_PAGE // 3
