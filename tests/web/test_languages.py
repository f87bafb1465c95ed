"""The language is in the path and stays there; what has no translation says in which language it is."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.web.reading import Element, Page
from tests.web.site import Site, link_in
from tests.web.visitor import Visitor
from tests.web.ways import EMAIL, NAME, OWN_WORDS

IN_ARABIC = "/ar/c/abolish-reporting"
IN_ENGLISH_ONLY = "/ar/c/capita-gps-tagging"


def own_links(page: Page) -> list[str]:
    """Where the page's links and forms lead on this site, less files, the outbox and the language switcher."""
    switcher = {link["href"] for link in page.root.all("a") if "hreflang" in link}
    found = [
        element[name]
        for element in page.root.walk()
        for name in ("href", "action", "formaction")
        if name in element and element.tag in ("a", "form", "button")
    ]
    return [
        link
        for link in found
        if link.startswith("/") and not link.startswith(("/static", "/outbox")) and link not in switcher
    ]


def press_only_button(visitor: Visitor, **typed: str) -> Page:
    """Press the first button of the page's form, whatever it says."""
    form = visitor.page.form
    return visitor.press(form.buttons[0].text, **typed)


def test_an_arabic_page_is_marked_as_one(alice: Visitor) -> None:
    for address in ("/ar/", "/ar/privacy", IN_ARABIC, IN_ENGLISH_ONLY, "/ar/letters/forged", "/ar/c/none"):
        document = alice.open(address).document
        assert (document["lang"], document["dir"]) == ("ar", "rtl"), address


def test_an_address_that_leads_nowhere_keeps_its_language(alice: Visitor) -> None:
    page = alice.open("/ar/nowhere")
    assert page.status == 404
    assert (page.document["lang"], page.document["dir"]) == ("ar", "rtl")
    assert all(link.startswith("/ar/") for link in own_links(page))


def test_an_english_page_is_marked_as_one(alice: Visitor) -> None:
    for address in ("/", "/privacy", "/c/abolish-reporting", "/nowhere", "/arx/nowhere"):
        document = alice.open(address).document
        assert (document["lang"], document["dir"]) == ("en", "ltr")


def test_links_keep_the_language_all_the_way(site: Site, alice: Visitor) -> None:
    pages = [alice.open("/ar/"), alice.open("/ar/privacy"), alice.open(IN_ARABIC)]
    pages.append(press_only_button(alice, postcode="ZZ9"))
    assert pages[-1].status == 422
    pages.append(press_only_button(alice, postcode="ZZ1 1AA"))
    assert pages[-1].status == 200
    pages.append(press_only_button(alice, name=NAME, email=EMAIL, own_words=OWN_WORDS))
    pages.append(press_only_button(alice))
    assert alice.address == "/ar/c/abolish-reporting/check-mail"
    link = site.delivered_link()
    assert urlsplit(link).path.startswith("/ar/confirm/")
    pages.append(alice.open(link))
    pages.append(press_only_button(alice))
    assert alice.address.startswith("/ar/letters/")
    (thanks,) = site.deliver_to(EMAIL)
    assert urlsplit(link_in(thanks)).path == alice.address
    pages.append(press_only_button(alice) if alice.page.forms else alice.page)
    for page in pages:
        assert (page.document["lang"], page.document["dir"]) == ("ar", "rtl")
        assert own_links(page)
        assert [link for link in own_links(page) if not link.startswith("/ar/")] == []
    assert pages[-1].root.one("a", href="http://localhost:8000/ar/c/abolish-reporting?via=share")


def test_the_letter_is_in_english_whatever_its_writer_reads(site: Site, alice: Visitor) -> None:
    alice.open(IN_ARABIC)
    press_only_button(alice, postcode="ZZ1 1AA")
    page = press_only_button(alice, name=NAME, email=EMAIL)
    assert "Dear Cllr Okoro-Finch," in page.letters[0].text
    press_only_button(alice)
    alice.open(site.delivered_link())
    press_only_button(alice)
    (letter,) = site.deliver_to("tomasz.bellwether@zedmere.example")
    assert letter.text.startswith("Dear Cllr Bellwether,\n")
    assert "Yours sincerely," in letter.text
    assert letter.subject.isascii()


@pytest.mark.parametrize(
    "address", ["/", "/privacy", "/c/abolish-reporting", "/c/abolish-reporting/check-mail", "/letters/forged"]
)
def test_english_has_no_prefix(alice: Visitor, address: str) -> None:
    answer = alice.client.get(f"/en{address}")
    assert answer.status_code == 308
    assert urlsplit(answer.headers["Location"]).path == address
    assert alice.open(f"/en{address}").document["lang"] == "en"


@pytest.mark.parametrize("address", ["/fr/", "/AR/", "/xx/c/abolish-reporting", "/ar/ar/"])
def test_a_language_that_the_site_does_not_speak_is_not_found(alice: Visitor, address: str) -> None:
    assert alice.open(address).status == 404


@pytest.mark.parametrize("path", ["/", "/privacy", "/c/abolish-reporting", "/c/bibby-stockholm/check-mail"])
def test_the_switcher_leads_to_the_same_page_in_the_other_language_and_back(alice: Visitor, path: str) -> None:
    alice.open(path)
    page = alice.follow("العربية")
    assert page.document["lang"] == "ar"
    assert alice.address == f"/ar{path}"
    page = alice.follow("English")
    assert alice.address == path


def test_a_campaign_is_offered_in_the_languages_alone_that_it_is_written_in(alice: Visitor) -> None:
    def offered(address: str) -> list[str]:
        return [link["hreflang"] for link in alice.open(address).root.all("a") if "hreflang" in link]

    assert offered("/c/abolish-reporting") == ["ar"]
    assert offered("/c/capita-gps-tagging") == []
    assert offered(IN_ENGLISH_ONLY) == ["en"], "who comes from the Arabic start page finds the way back"


def test_the_switcher_keeps_a_link_that_only_its_holder_knows(site: Site, alice: Visitor) -> None:
    alice.open("/c/capita-gps-tagging")
    press_only_button(alice)
    press_only_button(alice, name=NAME, email=EMAIL)
    press_only_button(alice)
    alice.open(site.delivered_link())
    address = alice.address
    page = alice.follow("العربية")
    assert alice.address == f"/ar{address}"
    assert page.status == 200
    press_only_button(alice)
    assert alice.address.startswith("/ar/letters/")


def english_words(page: Page, words: str) -> list[Element]:
    """The innermost elements that hold these words."""
    holding = [element for element in page.root.one("main").walk() if words in element.text]
    return [element for element in holding if not any(words in e.text for e in element.walk() if e is not element)]


def test_a_campaign_without_an_arabic_page_shows_its_english_one_marked_as_english(alice: Visitor) -> None:
    english = alice.open("/c/capita-gps-tagging")
    title = english.heading
    ask = next(p.text for p in english.root.all("p") if "lead" in p.classes)
    page = alice.open(IN_ENGLISH_ONLY)
    for words in (title, ask):
        found = english_words(page, words)
        assert found
        assert {element.lang for element in found} == {"en"}
    prose = next(element for element in page.root.all("div") if "prose" in element.classes)
    assert (prose.lang, prose["dir"]) == ("en", "ltr")
    home = alice.open("/ar/")
    assert {element.lang for element in english_words(home, title)} == {"en"}


def test_a_campaign_with_an_arabic_page_shows_it(alice: Visitor) -> None:
    page = alice.open(IN_ARABIC)
    assert page.root.one("h1").lang == "ar"
    assert not page.heading.isascii()
    prose = next(element for element in page.root.all("div") if "prose" in element.classes)
    assert (prose.lang, prose["dir"]) == ("ar", "rtl")


def test_the_mails_of_a_supporter_are_in_the_language_that_they_read(site: Site, alice: Visitor) -> None:
    alice.open("/ar/c/capita-gps-tagging")
    press_only_button(alice)
    press_only_button(alice, name=NAME, email=EMAIL)
    press_only_button(alice)
    (mail,) = site.deliver()
    assert mail.html is not None
    assert '<html lang="ar" dir="rtl">' in mail.html
    assert urlsplit(link_in(mail)).path.startswith("/ar/confirm/")


@pytest.mark.parametrize("prefix", ["", "/ar"])
def test_the_message_of_a_mistake_is_tied_to_its_field_in_every_language(alice: Visitor, prefix: str) -> None:
    alice.open(f"{prefix}/c/abolish-reporting")
    page = press_only_button(alice, postcode="nowhere")
    (control,) = page.form.controls("postcode")
    errors = [page.by_id(name) for name in control["aria-describedby"].split() if name.endswith("-error")]
    assert len(errors) == 1
    assert errors[0].text
