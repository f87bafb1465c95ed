"""Before a campaign opens: everything that can be known beforehand, and a plain verdict."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.readiness import shortcomings
from app.actions.rehearsal import Rehearsal, SampleLetter, Tally, TextReport, rehearse
from app.campaigns.find import campaign_called
from app.campaigns.models import Campaign
from app.campaigns.targeting import EVERYBODY
from app.db import Sessions
from app.delivery.models import Suppression
from app.delivery.suppressions import address_hash
from app.i18n import own_name
from app.letters.findings import Finding, Level, Remedy
from app.letters.wording import paragraph_findings
from app.mail.html_text import html_text
from app.mail.records import LookUp
from app.mail.sending_domain import DomainCheck, Sender, State, check_sending_domain
from app.sentences import say as _l


@dataclass(frozen=True, slots=True)
class Ask:
    """What a preflight is asked for."""

    slug: str
    today: date
    sample: int = 20
    """How many letters are shown as they would arrive."""
    seed: int = 0
    """Another number shows other letters."""
    replies_to: str = ""
    """The mailbox of protected answers; empty where there is none."""
    watch: Callable[[int], None] = field(default=lambda _letters: None)
    """Is told how many letters were looked at so far; what it raises ends the preflight."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a preflight found. Its findings are about letters (`tallies`), about the campaign, and about the domain."""

    texts: Sequence[TextReport]
    tallies: Sequence[Tally]
    findings: Sequence[Finding]
    domain: Sequence[DomainCheck]
    sample: Sequence[SampleLetter]
    each: int
    """How many letters one supporter's act makes at the most."""
    protected: bool = False
    """Whether the letters do not show their writer's address."""

    @property
    def letters(self) -> int:
        """How many letters were looked at."""
        return sum(text.letters for text in self.texts)

    @property
    def all_findings(self) -> list[Finding]:
        """All findings, each once."""
        return [*self.findings, *(tally.finding for tally in self.tallies), *_of_domain(self.domain)]

    def of(self, level: Level) -> list[Finding]:
        """The findings of one level."""
        return [finding for finding in self.all_findings if finding.level is level]

    @property
    def ready(self) -> bool:
        """Whether nothing speaks against opening the campaign."""
        return not self.of(Level.STOP)

    @property
    def verdict(self) -> str:
        """The verdict in words."""
        stops, warns = self.of(Level.STOP), self.of(Level.WARN)
        if stops:
            more = f" (and {len(stops) - 1} more)" if len(stops) > 1 else ""
            return f"Not ready: {stops[0]}{more}"
        if warns:
            return f"Ready, with {len(warns)} warning{'s' if len(warns) > 1 else ''}"
        return "Ready"


def preflight(sessions: Sessions, ask: Ask, sender: Sender | None, look_up: LookUp) -> Report:
    """Look at a campaign before it opens; nothing is changed, and nothing is sent.

    Args:
        sessions: opens one reading transaction, which is over before the DNS is asked.
        ask: which campaign, and how large a sample.
        sender: whose mail it will be; none where mail reaches nobody, and the DNS is not asked.
        look_up: asks the DNS.

    Raises:
        UnknownCampaignError: there is no such campaign.
    """
    with sessions.read() as session:
        campaign = campaign_called(session, ask.slug)
        chance = Random(ask.seed)  # noqa: S311 - no secret
        rehearsal = rehearse(session, campaign, sample=ask.sample, random=chance, watch=ask.watch)
        findings = [
            *shortcomings(session, campaign, rehearsal.census, ask.today),
            *_of_texts(rehearsal),
            *_suppressed(session, rehearsal.addresses),
            *_unanswerable(campaign, ask),
            *_of_pages(campaign),
        ]
        protected = campaign.protects_replies
    checks = check_sending_domain(sender, look_up) if sender else []
    if sender is None:
        findings.append(
            Finding(
                Level.NOTE,
                _l("Mail stays on this machine. Your mail domain is looked at once mail leaves it."),
                remedy=Remedy.NONE,
            )
        )
    return Report(rehearsal.texts, rehearsal.tallies, findings, checks, rehearsal.sample, rehearsal.each, protected)


def _unanswerable(campaign: Campaign, ask: Ask) -> Iterator[Finding]:
    if campaign.protects_replies and not ask.replies_to:
        held = _l("Its replies are protected and REPLY_ADDRESS is not set: each letter would be held.")
        yield Finding(Level.STOP, held, remedy=Remedy.REPLIES)


def _of_pages(campaign: Campaign) -> Iterator[Finding]:
    """What is odd about the words of its pages and of our mails to supporters: each fault once for a language."""
    for page in campaign.pages:
        texts = (page.title, page.ask, page.summary, page.invitation, page.confirmation, page.thanks)
        story = html_text(page.body_html).split("\n\n")
        found: dict[str, Finding] = {}
        for text in (*texts, *story):
            for one in paragraph_findings(text):
                found.setdefault(one.sentence, one)
        where = _l("the campaign’s page (%(language)s)", language=own_name(page.language))
        yield from (replace(one, where=where, remedy=Remedy.TEXT) for one in found.values())


def _of_texts(rehearsal: Rehearsal) -> Iterator[Finding]:
    """Letters that nobody would read."""
    if not rehearsal.letters:
        yield Finding(Level.STOP, _l("Not one letter can be made."), remedy=Remedy.TARGETS)
        return
    for text in rehearsal.texts:
        if not text.letters:
            all_others = text.audience == EVERYBODY  # who are nobody where each group reads a letter of its own
            level, remedy = (Level.NOTE, Remedy.NONE) if all_others else (Level.WARN, Remedy.AUDIENCE)
            nobody = _l("Nobody would get the letter to “%(audience)s”.", audience=text.audience)
            yield Finding(level, nobody, remedy=remedy)


def _suppressed(session: Session, addresses: Collection[str]) -> Iterator[Finding]:
    hashes = {bytes(one) for one in session.scalars(select(Suppression.address_hash))}
    number = sum(address_hash(session, address) in hashes for address in addresses) if hashes else 0
    if number:
        level = Level.STOP if number == len(addresses) else Level.WARN
        yield Finding(
            level,
            _l(
                "%(number)s of %(all)s addresses must not be mailed: see `flask suppressions list`.",
                number=number,
                all=len(addresses),
            ),
            remedy=Remedy.SUPPRESSED,
        )


def _of_domain(checks: Sequence[DomainCheck]) -> Iterator[Finding]:
    """What is wrong stops a campaign, for receivers turn its mail away; what only the relay knows is no warning."""
    wrong = [check for check in checks if check.state is State.WRONG]
    yield from (Finding(Level.STOP, check.sentence, remedy=Remedy.NONE) for check in wrong)
    unknown = [check for check in checks if check.state is State.UNKNOWN]
    yield from (Finding(Level.NOTE, check.sentence, remedy=Remedy.NONE) for check in unknown if not check.away)
    if away := [check.name for check in unknown if check.away]:
        yield Finding(
            Level.WARN,
            _l(
                "Nobody answered when your mail domain was asked about, so nothing is known of %(parts)s.",
                parts=tuple(away),
            ),
            remedy=Remedy.NONE,
        )
