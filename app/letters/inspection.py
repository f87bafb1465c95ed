"""A look at a whole letter, as its recipient would read it: what somebody should see before thousands of it leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from app.letters.compose import ComposedLetter, Recipient, TemplateParts
from app.letters.findings import Finding, Level
from app.letters.grammar import parse
from app.letters.greeting import greeting_findings
from app.letters.readability import Measure, measure
from app.letters.wording import PARAGRAPHS_KEPT, links_of, paragraph_findings, quoted
from app.sentences import say as _l

FEWEST_WORDS, MOST_WORDS = 40, 500
"""Of the letter's middle. With fewer it can hardly say who writes, why, and what is asked. More do not fit on a page of
A4 and take over two minutes; offices that get hundreds of letters skim those."""
LONGEST_SUBJECT = 78
"""Characters: mail programs cut longer ones off, and RFC 5322 (2.1.1) wants no line to be longer."""
MOST_LINKS = 3
"""More look like an advertisement, to filters and to people."""
OLDEST_READERS = 16
"""Who leaves school at sixteen reads it with ease; councillors are lay people, and read hundreds of pages a week."""
MOST_EXCLAMATIONS = 3


@dataclass(frozen=True, slots=True)
class Figures:
    """How much there is of a letter's middle."""

    measure: Measure
    links: int

    @property
    def words(self) -> int:
        """Its words."""
        return self.measure.words


def inspect_letter(letter: ComposedLetter, recipient: Recipient, parts: TemplateParts) -> Iterator[Finding]:
    """What is odd about the letter from this template to this recipient, part by part.

    Two letters that have the same fault have findings that differ in their quotes only.
    """
    opening, middle, closing = _split(letter)
    yield from _subject_findings(letter.subject)
    yield from greeting_findings(recipient)
    yield from _blanks(parts, recipient)
    blocks = [("opening", opening), *((f"paragraph {number}", text) for number, text in enumerate(middle, 1))]
    for where, text in (*blocks, ("closing", closing)):
        for finding in paragraph_findings(text):
            yield replace(finding, where=where)
    yield from _whole(figures_of(letter), letter.text)


def figures_of(letter: ComposedLetter) -> Figures:
    """How much there is of the letter, its greeting and closing left out: they would make it look easier to read."""
    each = [_figures(text) for text in _split(letter)[1]]
    return Figures(sum((one.measure for one in each), Measure()), sum(one.links for one in each))


@lru_cache(PARAGRAPHS_KEPT)
def _figures(paragraph: str) -> Figures:
    return Figures(measure(paragraph), len(links_of(paragraph)))


def _split(letter: ComposedLetter) -> tuple[str, list[str], str]:
    """The letter's opening, the paragraphs of its middle, and its closing."""
    middle = letter.text[letter.common]
    if not middle:
        return letter.text, [], ""
    before, after = letter.text[: letter.common.start], letter.text[letter.common.stop :]
    return before.strip(), middle.split("\n\n"), after.strip()


def _subject_findings(subject: str) -> Iterator[Finding]:
    where = "subject"
    if not subject:
        yield Finding(Level.STOP, _l("The letter has no subject."), where)
    if len(subject) > LONGEST_SUBJECT:
        sentence = _l("The subject is longer than %(most)s characters: its end will not be seen.", most=LONGEST_SUBJECT)
        yield Finding(Level.NOTE, sentence, where, quoted(subject))
    for finding in paragraph_findings(subject):
        yield replace(finding, where=where)
    letters = [letter for letter in subject if letter.isalpha()]
    if len(letters) > 3 and subject.isupper():  # noqa: PLR2004 - longer than an abbreviation
        yield Finding(Level.WARN, _l("The whole subject is in capitals."), where, quoted(subject))


def _blanks(parts: TemplateParts, recipient: Recipient) -> Iterator[Finding]:
    """Lines that are left blank, inside a part, because this recipient has no organisation."""
    if recipient.organisation:
        return
    for where, source in (("opening", parts.opening), ("closing", parts.closing)):
        if "target.organisation" in blank_when_empty(source):
            sentence = _l("A line is blank where the recipient's organisation would stand: there is none.")
            yield Finding(Level.WARN, sentence, where, recipient.name)


@lru_cache
def blank_when_empty(source: str) -> frozenset[str]:
    """The placeholders that stand alone on a line between others: without a value they leave that line blank."""
    lines = source.splitlines()
    return frozenset(
        tag.path
        for tag in parse(source).tags
        if tag.shows
        and tag.alone
        and 1 < tag.line < len(lines)
        and lines[tag.line - 2].strip()
        and lines[tag.line].strip()
    )


def _whole(figures: Figures, text: str) -> Iterator[Finding]:
    if figures.words < FEWEST_WORDS:
        yield Finding(
            Level.NOTE,
            _l("The letter has fewer than %(least)s words.", least=FEWEST_WORDS),
            quote=_l("%(number)s words", number=figures.words),
        )
    if figures.words > MOST_WORDS:
        yield Finding(
            Level.WARN,
            _l("The letter has more than %(most)s words.", most=MOST_WORDS),
            quote=_l("%(number)s words", number=figures.words),
        )
    if figures.links > MOST_LINKS:
        yield Finding(
            Level.WARN,
            _l("The letter has more than %(most)s links.", most=MOST_LINKS),
            quote=_l("%(number)s links", number=figures.links),
        )
    age = figures.measure.reading_age
    if age is not None and age > OLDEST_READERS:
        sentence = _l("The letter is hard to read: its reading age is over %(age)s.", age=OLDEST_READERS)
        yield Finding(Level.NOTE, sentence, quote=_l("reading age %(age)s", age=age))
    if (marks := text.count("!")) > MOST_EXCLAMATIONS:
        sentence = _l("The letter has more than %(most)s exclamation marks.", most=MOST_EXCLAMATIONS)
        yield Finding(Level.WARN, sentence, quote=_l("%(number)s of them", number=marks))
