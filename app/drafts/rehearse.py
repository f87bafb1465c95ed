"""What a draft would do, before it is anything: whom it would write to, and how its letter would read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session

from app.actions.everybody import everybody
from app.actions.reach import Reach, reached_by
from app.actions.rehearsal import WRITER, WRITERS_POSTCODE, unmade
from app.actions.search import Meant
from app.actions.text import recipient_of, variables_for
from app.campaigns.columns import campaign_columns
from app.campaigns.document import SETTINGS, Document
from app.campaigns.files import CampaignFiles
from app.campaigns.models import Campaign, TargetRule
from app.campaigns.settings import Settings, read_settings
from app.campaigns.source import read_toml
from app.campaigns.targeting import EVERYBODY
from app.drafts.places import Step, changed_places
from app.drafts.work import Work, title_in
from app.letters.compose import ActionText, ComposedLetter, Recipient, TemplateParts, compose
from app.letters.findings import Finding, Level
from app.letters.inspection import inspect_letter
from app.letters.placeholders import TemplateFault
from app.problems import FileProblem
from app.targets.facts import PLACE, facts_of

NOBODY = Recipient("Cllr Sam Sample", "Sample Council", "Dear Cllr Sample")
"""Who reads the sample while the draft writes to nobody."""
AREA, COUNCIL = "Sample Ward", "Sample Council"


@dataclass(slots=True)
class Coverage:
    """Whom a draft would write to."""

    reach: Reach | None = None
    """None where no postcode is asked for, or where the campaign names its places."""
    targets: int = 0
    """How many can be written to."""
    mute: int = 0
    """How many have no address."""
    excluded: int = 0
    audiences: Counter[str] | None = None
    """How many read which letter."""
    names: tuple[str, ...] = ()
    """Some of them."""
    unverified: Counter[int] = field(default_factory=Counter)
    """How many addresses nobody has verified, by the id of their list: real mail to them is held."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A draft's letter to somebody real, from somebody invented."""

    recipient: Recipient
    real: bool
    letter: ComposedLetter


def settings_of(slug: str, texts: Mapping[str, str]) -> Settings | None:
    """What a draft's settings say as far as they can be read; none when they say neither what it is nor to whom."""
    problems: list[FileProblem] = []
    raw = texts.get(SETTINGS, "").encode("utf-8", "surrogatepass")
    source = read_toml(Path(slug) / SETTINGS, raw, problems)
    settings = read_settings(source, None, problems) if source else None
    unclear = any(problem.key.startswith("targets") for problem in problems)
    return None if unclear else settings


def would_be(slug: str, settings: Settings) -> Campaign:
    """The campaign that a draft's settings describe; a row of no session."""
    return Campaign(slug=slug, **campaign_columns(settings))


def coverage_of(session: Session, campaign: Campaign, *, named: int = 3) -> Coverage:
    """Count whom a campaign would write to; on the whole country it takes some seconds.

    Where it names its places, the country's postcodes are not counted: nobody expects it to reach them.
    """
    narrowed = bool(campaign.targeting.who.of_key(PLACE))
    found = Coverage(None if narrowed else reached_by(session, campaign), audiences=Counter())
    names: list[str] = []
    for meant in everybody(session, campaign):
        if meant.excluded:
            found.excluded += 1
        elif not meant.target.email:
            found.mute += 1
        else:
            found.targets += 1
            found.unverified[meant.target.list_id] += not meant.target.verified
            _count(found, campaign, meant)
            if len(names) < named:
                names.append(meant.target.name)
    found.names = tuple(names)
    found.unverified = +found.unverified
    return found


def _count(found: Coverage, campaign: Campaign, meant: Meant) -> None:
    if campaign.targeting.segments and found.audiences is not None:
        found.audiences[campaign.targeting.audience_of(facts_of(meant.target))] += 1


def sample_of(
    session: Session, campaign: Campaign, audience: str, title: str, parts: TemplateParts
) -> Sample | TemplateFault:
    """How the letter reads to the first who would get it; or why it cannot be made."""
    meant = next((each for each in everybody(session, campaign) if _reads(campaign, each, audience)), None)
    place = {"area": {"name": AREA}, "council": {"name": COUNCIL}} if meant is None else {}
    action = ActionText(
        name=WRITER,
        postcode=WRITERS_POSTCODE if campaign.target_rule is TargetRule.AREA else "",
        own_words="",
        subject=None,
        body=None,
        reasons=tuple(reason.key for reason in parts.reasons),
        variables={**place, **variables_for(title, meant.area if meant else None)},
    )
    recipient = recipient_of(meant.target) if meant else NOBODY
    try:
        return Sample(recipient, meant is not None, compose(parts, action, recipient))
    except TemplateFault as fault:
        return fault


def faults_of_changed(session: Session, work: Work, files: CampaignFiles) -> Iterator[tuple[str, Finding]]:
    """What should be looked at in the letters that have changed, each as the first one reads it who would get it.

    It takes a moment and is shown before they are published; all letters are looked at when a worker checks them.
    """
    before = Document.of(work.published.texts)
    changed = {place.part for place in changed_places(before, work.document) if place.step is Step.LETTER}
    campaign = would_be(work.slug, files.settings)
    for letter in files.letters:
        part = letter.language if letter.audience == EVERYBODY else f"{letter.language}.{letter.audience}"
        if part in changed:
            sample = sample_of(session, campaign, letter.audience, title_in(work.texts), letter.parts)
            yield from ((part, one) for one in _faults(sample, letter.parts) if one.level is not Level.NOTE)


def _faults(sample: Sample | TemplateFault, parts: TemplateParts) -> Iterator[Finding]:
    if isinstance(sample, TemplateFault):
        yield unmade(sample)
    else:
        yield from inspect_letter(sample.letter, sample.recipient, parts)


def _reads(campaign: Campaign, meant: Meant, audience: str) -> bool:
    if not meant.reachable:
        return False
    segments = campaign.targeting.segments
    return (campaign.targeting.audience_of(facts_of(meant.target)) if segments else EVERYBODY) == audience
