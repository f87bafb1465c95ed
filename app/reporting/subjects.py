"""The subjects that a campaign's letters began with, compared: whether one of them does better than chance explains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.activity import BY_SUBJECT, Step, subject_label, tally_name
from app.campaigns.models import LetterTemplate
from app.db import among
from app.reporting.chances import Comparison, Tried, compare, interval
from app.reporting.counters import tallies_of
from app.reporting.scope import Scope
from app.reporting.tables import Table, rate

COLUMNS = ("subject", "submitted", "confirmed", "confirmed_rate", "confirmed_rate_low", "confirmed_rate_high")


def by_subject(session: Session, scope: Scope) -> Table:
    """Each subject with how many handed a letter in that began with it, and how many of them confirmed."""
    rows = []
    for one in _tried(session, scope).values():
        known = interval(one.successes, one.trials)
        rates = (rate(one.successes, one.trials), round(known.low, 4), round(known.high, 4)) if known else (None,) * 3
        rows.append((one.name, one.trials, one.successes, *rates))
    return Table("subjects", COLUMNS, rows)


def differing_subjects(session: Session, scope: Scope) -> list[Comparison]:
    """Every pair of subjects that can be compared: those of one version of a letter, between which was drawn.

    Subjects of different versions, or of letters to others, had their turns at other times and with other people.
    """
    by_template: dict[str, list[Tried]] = defaultdict(list)
    for label, one in _tried(session, scope).items():
        by_template[label.partition("/")[0]].append(one)
    return [compared for drawn in by_template.values() for compared in compare(drawn)]


def _tried(session: Session, scope: Scope) -> Mapping[str, Tried]:
    names = {step: tally_name(step, BY_SUBJECT) for step in (Step.SUBMITTED, Step.CONFIRMED)}
    counted = tallies_of(session, scope, *names.values())
    submitted, confirmed = (counted[names[step]] for step in names)
    subjects = _subjects(session, scope)
    return {
        label: Tried(subjects.get(label, label), confirmed[label], number)
        for label, number in sorted(submitted.items(), key=lambda each: each[0])
    }


def _subjects(session: Session, scope: Scope) -> Mapping[str, str]:
    """The words of each subject, as the template has them."""
    wanted = select(LetterTemplate).where(among(session, LetterTemplate.campaign_id, scope.ids))
    return {
        subject_label(template.id, variant): subject
        for template in session.scalars(wanted)
        for variant, subject in enumerate((template.subject, *template.more_subjects))
    }
