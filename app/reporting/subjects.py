"""The subjects that a campaign's letters began with, compared: whether one of them does better than chance explains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TypeAlias

from sqlalchemy import select

from app.actions.activity import BY_SUBJECT, Step, subject_label, tally_name
from app.campaigns.models import LetterTemplate
from app.reporting.chances import Comparison, Tried, compare, interval
from app.reporting.counters import Counters
from app.reporting.tables import Table, rate
from app.statements import among

COLUMNS = ("subject", "submitted", "confirmed", "confirmed_rate", "confirmed_rate_low", "confirmed_rate_high")


Trials: TypeAlias = Mapping[str, Tried]
"""The subjects by the labels that they are counted under."""


def by_subject(trials: Trials) -> Table:
    """Each subject with how many handed a letter in that began with it, and how many of them confirmed."""
    rows = []
    for one in trials.values():
        known = interval(one.successes, one.trials)
        rates = (rate(one.successes, one.trials), round(known.low, 4), round(known.high, 4)) if known else (None,) * 3
        rows.append((one.name, one.trials, one.successes, *rates))
    return Table("subjects", COLUMNS, rows)


def differing_subjects(trials: Trials) -> list[Comparison]:
    """Every pair of subjects that can be compared: those of one version of a letter, between which was drawn.

    Subjects of different versions, or of letters to others, had their turns at other times and with other people.
    """
    by_template: dict[str, list[Tried]] = defaultdict(list)
    for label, one in trials.items():
        by_template[label.partition("/")[0]].append(one)
    return [compared for drawn in by_template.values() for compared in compare(drawn)]


def tried_subjects(counters: Counters) -> Trials:
    """Each subject, how often a letter was handed in with it, and how often that was confirmed."""
    submitted, confirmed = (counters.tallies[tally_name(step, BY_SUBJECT)] for step in (Step.SUBMITTED, Step.CONFIRMED))
    subjects = _subjects(counters)
    return {
        label: Tried(subjects.get(label, label), confirmed[label], number)
        for label, number in sorted(submitted.items(), key=lambda each: each[0])
    }


def _subjects(counters: Counters) -> Mapping[str, str]:
    """The words of each subject, as the template has them."""
    wanted = select(LetterTemplate.id, LetterTemplate.subject, LetterTemplate.more_subjects).where(
        among(counters.session, LetterTemplate.campaign_id, counters.scope.ids)
    )
    return {
        subject_label(template_id, variant): subject
        for template_id, first, more in counters.session.execute(wanted)
        for variant, subject in enumerate((first, *more))
    }
