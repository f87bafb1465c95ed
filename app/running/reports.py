"""A preflight's report as it is kept, so that a page can show what a worker has found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.actions.rehearsal import SampleLetter, Tally, TextReport
from app.delivery.preflight import Report
from app.letters.findings import Finding, Level, Remedy
from app.mail.sending_domain import DomainCheck, State
from app.sentences import kept, read


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was found: in letters to an audience, in the campaign, or in the sending domain."""

    level: Level
    sentence: str
    where: str = ""
    audience: str = ""
    letters: int = 0
    """In how many letters to the audience."""
    examples: Sequence[tuple[str, str]] = ()
    """Whom some of them are to, and the words that it was found by."""
    remedy: Remedy = Remedy.NONE
    """None, too, in reports that were kept before there were remedies."""


@dataclass(frozen=True, slots=True)
class TextFigures:
    """The letter to one audience."""

    audience: str
    letters: int
    words: int
    minutes: int
    reading_age: int | None


@dataclass(frozen=True, slots=True)
class Sample:
    """A letter as it would arrive."""

    audience: str
    recipient: str
    organisation: str
    address: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class DomainPart:
    """One part of what receivers look at."""

    state: State
    sentence: str


@dataclass(frozen=True, slots=True)
class KeptReport:
    """What a preflight found, as it was kept."""

    letters: int
    each: int
    """How many letters one supporter's act makes at the most."""
    protected: bool
    """Whether the letters do not show their writer's address."""
    stops: int
    warns: int
    letter_findings: Sequence[Found] = ()
    campaign_findings: Sequence[Found] = ()
    domain: Sequence[DomainPart] = ()
    texts: Sequence[TextFigures] = ()
    sample: Sequence[Sample] = field(default=(), repr=False)

    @classmethod
    def of(cls, stored: dict[str, Any]) -> KeptReport:
        """What `as_json` wrote."""
        return cls(
            letters=stored["letters"],
            each=stored["each"],
            protected=stored["protected"],
            stops=stored["stops"],
            warns=stored["warns"],
            letter_findings=[_found(one) for one in stored["letter_findings"]],
            campaign_findings=[_found(one) for one in stored["campaign_findings"]],
            domain=[DomainPart(State(state), read(sentence)) for state, sentence in stored["domain"]],
            texts=[TextFigures(**one) for one in stored["texts"]],
            sample=[Sample(**one) for one in stored["sample"]],
        )


def as_json(report: Report) -> dict[str, Any]:
    """The report in JSON's own kinds of value."""
    return {
        "letters": report.letters,
        "each": report.each,
        "protected": report.protected,
        "stops": len(report.of(Level.STOP)),
        "warns": len(report.of(Level.WARN)),
        "letter_findings": [_tally(tally) for tally in report.tallies],
        "campaign_findings": [_of_campaign(finding) for finding in report.findings],
        "domain": [_part(check) for check in report.domain],
        "texts": [_text(text) for text in report.texts],
        "sample": [_sample(letter) for letter in report.sample],
    }


def _found(stored: dict[str, Any]) -> Found:
    examples = [(read(whom), read(quote)) for whom, quote in stored.get("examples", ())]
    said = {"level": Level(stored["level"]), "sentence": read(stored["sentence"]), "examples": examples}
    said["remedy"] = Remedy(stored.get("remedy", ""))
    return Found(**{**stored, **said})


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "level": finding.level.value,
        "sentence": kept(finding.sentence),
        "where": finding.where,
        "remedy": finding.remedy.value,
    }


def _of_campaign(finding: Finding) -> dict[str, Any]:
    quoted = {"examples": [[kept(finding.where), finding.quote]]} if finding.quote else {}
    return _finding(finding) | quoted


def _tally(tally: Tally) -> dict[str, Any]:
    more = {
        "audience": tally.audience,
        "letters": tally.letters,
        "examples": [[kept(whom), kept(quote)] for whom, quote in tally.examples],
    }
    return _finding(tally.finding) | more


def _part(check: DomainCheck) -> list[Any]:
    return [check.state.value, kept(check.sentence)]


def _text(text: TextReport) -> dict[str, Any]:
    measure = text.figures.measure if text.figures else None
    return {
        "audience": text.audience,
        "letters": text.letters,
        "words": text.figures.words if text.figures else 0,
        "minutes": measure.minutes if measure else 0,
        "reading_age": measure.reading_age if measure else None,
    }


def _sample(sample: SampleLetter) -> dict[str, Any]:
    return {
        "audience": sample.audience,
        "recipient": sample.recipient.name,
        "organisation": sample.recipient.organisation,
        "address": sample.address,
        "subject": sample.letter.subject,
        "text": sample.letter.text,
    }
