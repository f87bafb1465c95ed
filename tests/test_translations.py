"""The catalogues: all that pages and mails say, in every language of the interface, and nothing else."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from gettext import GNUTranslations
from itertools import product

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from sqlalchemy import select

from app.config import ROOT, Config
from app.content import sync_content
from app.delivery.notices import Facts, Notice, already_written, confirmation, thank_you
from app.i18n import DEFAULT_LANGUAGE, LANGUAGES, TRANSLATIONS, direction, translations
from app.targets.models import Area, Target
from tests.web.reading import Element, Page
from tests.web.site import Site

TRANSLATED = [language for language in LANGUAGES if language != DEFAULT_LANGUAGE]
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None}
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")
LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
COUNTS = {"count", "num", "shown"}
"""Placeholders of a number: a plural form that serves one number alone may say it in words."""

Words = str | tuple[str, ...]


def test_directions_are_those_that_babel_knows() -> None:
    assert {one: direction(one) for one in LANGUAGES} == {one: Locale.parse(one).text_direction for one in LANGUAGES}


@pytest.fixture(scope="module")
def spoken() -> set[Words]:
    """Every message of code and templates, found where `make messages` looks; one with a plural is a pair."""
    methods = [
        (pattern, method)
        for method, pattern in re.findall(r"^\[(\w+): (\S+)\]$", (ROOT / "babel.cfg").read_text(), re.MULTILINE)
    ]
    found = extract_from_dir(str(ROOT), methods, keywords=KEYWORDS, directory_filter=_holds_code)
    return {message if isinstance(message, str) else tuple(message) for _file, _line, message, *_rest in found}


def _holds_code(folder: str) -> bool:
    return folder == str(ROOT / "app") or folder.startswith(str(ROOT / "app") + "/")


def catalogue(language: str) -> Catalog:
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def messages_of(language: str) -> dict[Words, Message]:
    return {_words(message.id): message for message in catalogue(language) if message.id}


def _words(of: str | list[str] | tuple[str, ...]) -> Words:
    return of if isinstance(of, str) else tuple(of)


def strings_of(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def numbers_of_forms(language: str) -> Counter[int]:
    """How many of the first thousand numbers each plural form serves, as the compiled catalogue decides it."""
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return Counter(map(GNUTranslations(compiled).plural, range(1000)))


# The catalogues


def test_each_language_has_its_catalogue() -> None:
    assert {path.parent.parent.name for path in TRANSLATIONS.glob("*/LC_MESSAGES/messages.po")} == set(TRANSLATED)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_holds_what_the_code_says_and_nothing_else(language: str, spoken: set[Words]) -> None:
    held = set(messages_of(language))
    assert len(spoken) > 100
    assert spoken - held == set(), "make messages adds these"
    assert held - spoken == set(), "make messages puts these aside"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_by_a_person(language: str) -> None:
    wanting = [
        words
        for words, message in messages_of(language).items()
        if message.fuzzy or not all(string.strip() for string in strings_of(message))
    ]
    assert wanting == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_plural_has_all_forms_of_its_language(language: str) -> None:
    forms = catalogue(language).num_plurals
    plurals = [message for message in messages_of(language).values() if message.pluralizable]
    assert plurals
    assert {len(strings_of(message)) for message in plurals} == {forms}
    assert sorted(numbers_of_forms(language)) == list(range(forms)), "a form that serves no number"


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_keep_the_placeholders(language: str) -> None:
    served = numbers_of_forms(language)
    for words, message in messages_of(language).items():
        known = placeholders(words if isinstance(words, str) else words[-1])
        for form, string in enumerate(strings_of(message)):
            in_words = COUNTS if message.pluralizable and served[form] == 1 else set()
            assert known - in_words <= placeholders(string) <= known, (words, string)


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_can_be_filled_in(language: str) -> None:
    for words, message in messages_of(language).items():
        values = dict.fromkeys(placeholders(str(words)), 7)
        for string in strings_of(message):
            assert "%" not in (string % values if values else string), (words, string)


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_site_speaks_from_the_catalogue(language: str) -> None:
    speaks = translations(language)
    for words, message in messages_of(language).items():
        if isinstance(words, str):
            assert speaks.gettext(words) == message.string, "the compiled catalogue is old: make test compiles it"
        else:
            assert speaks.ngettext(words[0], words[1], 3) in strings_of(message)


# Arabic


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "كتب شخص واحد"),
        (2, "كتب شخصان"),
        (3, "كتب 3 أشخاص"),
        (10, "كتب 10 أشخاص"),
        (11, "كتب 11 شخصًا"),
        (99, "كتب 99 شخصًا"),
        (100, "كتب 100 شخص"),
        (102, "كتب 102 شخص"),
        (103, "كتب 103 أشخاص"),
        (111, "كتب 111 شخصًا"),
    ],
)
def test_arabic_counts_people_as_its_grammar_does(number: int, said: str) -> None:
    one, many = "%(shown)s person has written", "%(shown)s people have written"
    assert translations("ar").ngettext(one, many, number) % {"shown": number} == said


def test_arabic_ends_a_sentence_where_english_does_with_its_own_marks() -> None:
    ends = {".": ".", "?": "؟", ":": ":", ",": "،"}
    for words, message in messages_of("ar").items():
        english = words if isinstance(words, str) else words[0]
        for string in strings_of(message):
            marks = (ends.get(english[-1]), string[-1:] if string[-1:] in ends.values() else None)
            assert marks[0] == marks[1], (english, string)
            assert not set(',;?"“”') & set(string), (english, string)


# Mails


@pytest.fixture(params=product(TRANSLATED, (False, True)), ids=str)
def facts(request: pytest.FixtureRequest) -> Facts:
    language, pledge = request.param
    return Facts(
        protected=False,
        language=language,
        organisation="Solidarity Post",
        supporter_name="Alice",
        campaign_title="Abolish reporting",
        unreachable=[],
        recipients=["Bob Sample", "Charlie Sample", "Dilys Sample"],
        pledge=pledge,
        link="https://letters.example.org/x",
        until=date(2026, 12, 1),
    )


def test_the_first_line_of_a_confirmation_says_that_nothing_has_been_sent(facts: Facts) -> None:
    first, *_rest = confirmation(facts).text.split("\n\n")
    english = "You have not joined yet." if facts.pledge else "Your letter has not been sent yet."
    assert first == translations(facts.language).gettext(english)
    assert not LATIN_WORD.search(first)


@pytest.mark.parametrize("write", [confirmation, already_written, thank_you])
def test_mails_hold_no_english_but_what_they_were_given(facts: Facts, write: Callable[[Facts], Notice]) -> None:
    given = " ".join([facts.organisation, facts.supporter_name, facts.campaign_title, *facts.recipients, facts.link])
    notice = write(facts)
    english = set(LATIN_WORD.findall(f"{notice.subject} {notice.text}"))
    assert english - set(LATIN_WORD.findall(given)) == set()
    assert facts.link in notice.text.split("\n\n"), "the link stands alone, where no direction of text can break it"


# Pages


@pytest.fixture
def site(config: Config, now: datetime) -> Iterator[Site]:
    """The site with the campaigns that ship."""
    site = Site(config, now)
    sync_content(site.platform.sessions, config, now, check=False)
    yield site
    site.close()


def names_of(site: Site) -> str:
    """What the registry and the organisation are called: names are not translated."""
    with site.platform.sessions.read() as session:
        areas = session.scalars(select(Area.name)).all()
        targets = session.execute(select(Target.name, Target.organisation)).all()
    return " ".join([site.platform.config.organisation, *areas, *(name for row in targets for name in row)])


def said_in(page: Page, language: str) -> str:
    """What a page says in one language: its text and its labels."""
    heard = []
    for element in page.document.one("body").walk():
        if element.lang == language and "hreflang" not in element:
            heard += [child for child in element.children if isinstance(child, str) and _is_said(element)]
            heard += [element.attrs.get(name, "") for name in ("aria-label", "alt", "title", "placeholder")]
    return " ".join(heard)


def _is_said(element: Element) -> bool:
    """Addresses of pages and of mailboxes are the same in every language."""
    return "://" not in element.raw and "@" not in element.raw


def arabic_pages(site: Site) -> Iterator[Page]:
    """A supporter's way in Arabic, astray first, through a campaign that has an Arabic page and one that has none."""
    say, visitor = translations("ar").gettext, site.visitor()
    for path in ("", "privacy", "nowhere", "confirm/forged", "c/justice-for-omisha", "c/truth-in-the-media"):
        yield visitor.open(f"/ar/{path}")
    yield visitor.press(say("Write my letter"))
    yield visitor.open("/ar/c/abolish-reporting")
    yield visitor.press(say("Find my councillors"), postcode="?")
    yield visitor.press(say("Find my councillors"), postcode="ZZ1 9ZZ")
    yield visitor.press(say("Find my councillors"), postcode="ZZ1 1AA", area="Canalside")
    yield visitor.press(say("Read it as they will"), name="", email="?", subject="")
    written = {
        "name": "أليس",
        "email": "alice@supporter.example",
        "subject": "Please listen",
        "own_words": "جارتي خائفة.",
    }
    yield visitor.press(say("Read it as they will"), **written)
    yield visitor.press(say("E-mail me the link to send it"))
    yield visitor.open(site.delivered_link())
    yield visitor.press(visitor.page.form.buttons[-1].text)
    yield visitor.press(say("Withdraw what has not been sent"))


def test_an_arabic_page_says_nothing_in_english_but_names_and_what_is_marked_as_english(site: Site) -> None:
    ours = " ".join(string for message in messages_of("ar").values() for string in strings_of(message))
    known = set(LATIN_WORD.findall(f"{names_of(site)} {ours} ZZ"))
    for page in arabic_pages(site):
        assert (page.document["lang"], page.document["dir"]) == ("ar", "rtl")
        assert set(LATIN_WORD.findall(said_in(page, "ar"))) - known == set(), page.heading
