"""How long an English text takes to read, and how old its readers should be.

The reading age is the Flesch–Kincaid grade and five years. The grade is 0.39 · words per sentence + 11.8 · syllables
per word − 15.59 (Kincaid, Fishburne, Rogers and Chissom: Derivation of new readability formulas for Navy enlisted
personnel, 1975); the first grade of a school in the United States begins at six. Syllables are counted by the spelling:
against the CMU Pronouncing Dictionary (1.1.3) one word in seventy of running text is wrong, and the sum is one per cent
too low, which is two months. The libraries that do the same bring a dictionary along, or fetch one over the network
(docs/adr/0020-preflight.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

WORDS_A_MINUTE = 238
"""How fast adults read English that is not fiction (M. Brysbaert: How many words do we read per minute?, 2019)."""
FEWEST_WORDS = 50
"""A text with fewer words has no reading age: two long names would decide."""
YOUNGEST = 6

WORD = re.compile(r"[^\W\d_]+(?:['’‑-][^\W\d_]+)*")
_ITEM = re.compile(r"\s*(?:[-*•–]|\(?\w{1,2}[.)])\s+")
"""What begins an item of a list."""
_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)")
_ABBREVIATION = re.compile(
    r"(?:\b(?:mrs?|ms|mx|dr|cllr|prof|rev|hon|st|no|vs|e\.g|i\.e|cf|approx)|\b[a-z])\.", re.IGNORECASE
)
"""What a stop behind does not end a sentence: a short title, or an initial."""

_GROUPS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(
    r"(?:[^aeiouyl]|[aeiouy]l)e$|[gq]ues?$"
    r"|(?:[^aeiouydtl]|[aeiouyl]l)ed$"
    r"|(?:[^aeiouyscxzghl]|[aeiouy]l)es$"
    r"|(?<=[^aeioul])e(?=ly$|ment|ful|less|ness|ty$)|(?<=^som)e(?=..)|(?<=^ever)y(?=.)"
)
"""Groups of vowels that are written and not said."""
_APART = re.compile(
    r"(?<![ctsgxl])i(?:a(?![gm])|o(?!us)|e(?=t))|lia[nr]|[^ctsg]iou|(?<![gqs])ua(?!r)|(?<![gp])eo|[aeouy]ing"
    r"|[^aeiou]ism|[^cst]ien[ct]|creat|scien|tuen|ier$|iu[ms]|coop|diet|being|poem|idea|area"
)
"""Where one written group is two syllables."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How much of it a text has. Measures add up."""

    words: int = 0
    sentences: int = 0
    syllables: int = 0

    def __add__(self, other: Measure) -> Measure:
        return Measure(self.words + other.words, self.sentences + other.sentences, self.syllables + other.syllables)

    @property
    def minutes(self) -> int:
        """How long it takes to read, in whole minutes, one at the least."""
        return max(1, round(self.words / WORDS_A_MINUTE))

    @property
    def reading_age(self) -> int | None:
        """From which age on a text is read with ease; none for one that is too short to tell."""
        if self.words < FEWEST_WORDS:
            return None
        grade = 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59
        return max(YOUNGEST, round(grade + 5))


def measure(text: str) -> Measure:
    """Measure an English text; each item of a list counts as a sentence, and so does a line without a stop."""
    return sum(map(_measure_unit, _units(text.splitlines())), Measure())


def syllables(word: str) -> int:
    """How many syllables an English word has, by its spelling; one at the least."""
    letters = "".join(filter(str.isalpha, word.casefold()))
    return max(1, len(_GROUPS.findall(letters)) - len(_SILENT.findall(letters)) + len(_APART.findall(letters)))


def _units(lines: Iterable[str]) -> Iterator[str]:
    """The paragraphs and items of a list that the lines make up."""
    unit: list[str] = []
    for line in lines:
        if unit and (not line.strip() or _ITEM.match(line)):
            yield " ".join(unit)
            unit = []
        if line.strip():
            unit.append(line.strip())
    if unit:
        yield " ".join(unit)


def _measure_unit(text: str) -> Measure:
    words = WORD.findall(text)
    if not words:
        return Measure()
    return Measure(len(words), _sentences(text), sum(map(syllables, words)))


def _sentences(text: str) -> int:
    number, start = 0, 0
    for end in _END.finditer(text):
        if WORD.search(text, start, end.start()) and not _is_abbreviation(text, end):
            number, start = number + 1, end.end()
    return number + 1 if WORD.search(text, start) else number


def _is_abbreviation(text: str, end: re.Match[str]) -> bool:
    """Whether a stop belongs to the word before it, and more follows."""
    if end[0] != "." or end.end() == len(text):
        return False
    before = text[text.rfind(" ", 0, end.start()) + 1 : end.start() + 1].lstrip("(“\"'‘")
    return _ABBREVIATION.fullmatch(before) is not None
