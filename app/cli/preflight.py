"""`flask campaigns preflight`: everything that can be known of a campaign before it opens, and a verdict."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

import click
from flask.cli import AppGroup

from app.actions.rehearsal import WRITER, WRITES_FROM, SampleLetter, Tally, TextReport
from app.bootstrap import Platform
from app.cli.refusals import refusals
from app.delivery.preflight import Ask, Report, preflight
from app.letters.findings import Finding
from app.mail.sending_domain import DomainCheck
from app.targets.freshness import day_of


def add_preflight(group: AppGroup, platform: Platform) -> None:
    """Add `flask campaigns preflight`."""

    @group.command("preflight")
    @click.argument("slug")
    @click.option("--sample", type=click.IntRange(0, 1000), default=20, show_default=True, help="Letters to show.")
    @click.option("--seed", type=int, default=0, show_default=True, help="Another number shows other letters.")
    def command(slug: str, sample: int, seed: int) -> None:
        """Make and look at every letter that a campaign can lead to, and at the sending domain; exit 1 if not ready.

        Nothing is sent and nothing is changed.
        """
        ask = Ask(slug, day_of(platform.clock()), sample, seed, platform.config.replies_to)
        with refusals():
            report = preflight(platform.sessions, ask, platform.sender, platform.look_up)
        config = platform.config
        for line in _lines(report, config.mail_from, config.replies_to if report.protected else WRITES_FROM):
            click.echo(line)
        sys.exit(0 if report.ready else 1)


def _lines(report: Report, mail_from: str, replies_to: str) -> Iterator[str]:
    """The report, the longest part first: what matters stands at the end, where a terminal shows it."""
    for number, letter in enumerate(report.sample, 1):
        yield from _letter(letter, f"{number} of {len(report.sample)}", mail_from, replies_to)
    yield "Letters"
    yield from map(_text, report.texts)
    for title, lines in (
        ("What was found in them", _tallies(report.tallies, report.texts)),
        ("The campaign", map(_finding, report.findings)),
        ("The sending domain", map(_check, report.domain)),
    ):
        yield from _section(title, lines)
    yield ""
    yield report.verdict


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield from ("", title, *found)


def _letter(sample: SampleLetter, number: str, mail_from: str, replies_to: str) -> Iterator[str]:
    yield f"---- letter {number}, to the audience “{sample.audience}”"
    yield f"From: {WRITER} <{mail_from}>"
    yield f"To: {sample.recipient.name} <{sample.address}>"
    yield f"Reply-To: {WRITER} <{replies_to}>"
    yield f"Subject: {sample.letter.subject}"
    yield from ("", sample.letter.text, "")


def _text(text: TextReport) -> str:
    line = f"  to “{text.audience}”, version {text.version}: {text.letters:,} letter{'' if text.letters == 1 else 's'}"
    if text.figures is None:
        return line
    measure = text.figures.measure
    age = "" if measure.reading_age is None else f", reading age {measure.reading_age}"
    minutes = f"{measure.minutes} minute{'' if measure.minutes == 1 else 's'}"
    return f"{line}; {text.figures.words} words, {minutes} to read{age}"


def _tallies(tallies: Iterable[Tally], texts: Iterable[TextReport]) -> Iterator[str]:
    of_all = {text.audience: text.letters for text in texts}
    for tally in tallies:
        finding, all_letters = tally.finding, of_all[tally.audience]
        number = "all" if tally.letters == all_letters > 1 else f"{tally.letters:,} of {all_letters:,}"
        place = f"{finding.where}: " if finding.where else ""
        yield f"  {finding.level:4}  {place}{finding} ({number} to “{tally.audience}”)"
        for whom, quote in tally.examples:
            yield f"          {whom}: {quote}" if quote else f"          {whom}"


def _finding(finding: Finding) -> str:
    quoted = f" ({finding.where}: {finding.quote})" if finding.quote else ""
    return f"  {finding.level:4}  {finding}{quoted}"


def _check(check: DomainCheck) -> str:
    return f"  {check.state:7}  {check.sentence}"
