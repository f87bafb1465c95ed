"""What supporters have in common: the way they came by, their language, how much of the letter is their own."""

from __future__ import annotations

from app.actions.activity import BY_LANGUAGE, BY_SAMENESS, BY_SOURCE, Step, tally_name
from app.actions.sources import Source
from app.letters.likeness import UNCHANGED
from app.reporting.cells import Leaf, Protected, coarse
from app.reporting.counters import Counters
from app.reporting.tables import Cell, Table, rate

SOURCES = ("source", *(step.value for step in Step), "rate")
LANGUAGES = ("language", *(step.value for step in Step))
WORDS = ("sameness_from", "letters", "share")
"""The columns of the three tables."""
TENTHS = tuple(str(tenth) for tenth in range(0, UNCHANGED + 1, 10))


def by_source(counters: Counters) -> Table:
    """How many came how far by each way."""
    rows = []
    for source in Source:
        steps = [counters.tallies[tally_name(step, BY_SOURCE)][source] for step in Step]
        if any(steps):
            rows.append((source.value, *steps, rate(steps[-1], steps[0])))
    return Table("sources", SOURCES, rows)


def by_language(counters: Counters) -> Table:
    """How many came how far in each language, as published. A language says something of a person: small numbers are
    withheld, and a language without any other is not named.
    """
    counted = [counters.published.get(tally_name(step, BY_LANGUAGE), {}) for step in Step]
    languages = sorted(set().union(*counted))
    first, *later = ([Leaf(labels.get(language, 0)) for language in languages] for labels in counted)
    base = Protected(first)
    columns = [base, *(Protected(leaves, base) for leaves in later)]
    numbers = [[coarse(column.leaf(place)) for column in columns] for place in range(len(languages))]
    rows = [(language, *row) for language, row in zip(languages, numbers, strict=True) if any(row)]
    return Table("languages", LANGUAGES, rows)


def own_words(counters: Counters) -> Table:
    """How much of the confirmed letters is the campaign's own text, by tenths; the last is those left as they were."""
    counted = counters.tallies[tally_name(Step.CONFIRMED, BY_SAMENESS)]
    rows: list[tuple[Cell, ...]] = [
        (int(tenth), counted[tenth], rate(counted[tenth], counted.total())) for tenth in TENTHS
    ]
    return Table("words", WORDS, rows)
