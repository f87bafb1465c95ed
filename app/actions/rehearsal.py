"""Every letter of a campaign, made and looked at, and none of them sent: to each target, from somebody invented.

A country has 20,000 councillors. The letters are made one after the other; what stays is a tally of what was found, and
a sample that chance has spread over audiences and targets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle, groupby
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from app.actions.audiences import mailboxes_by_audience
from app.actions.everybody import everybody
from app.actions.readiness import Census
from app.actions.search import Meant, fallback_targets
from app.actions.text import LETTER_LANGUAGE, parts_of, template_in_force, variables_for
from app.campaigns.models import Campaign, LetterTemplate, TargetRule
from app.letters.compose import ActionText, ComposedLetter, Recipient, compose
from app.letters.findings import Finding, Level, Remedy
from app.letters.inspection import Figures, figures_of, inspect_letter
from app.letters.placeholders import TemplateFault
from app.sentences import say as _l
from app.targets.known_areas import AnyArea
from app.targets.models import Target

WRITER, WRITERS_POSTCODE = "Robin Sample", "ZZ9 9ZZ"
"""Who writes, and where they say they live. Nobody is called so, and nobody has this postcode, in the demonstration
neither; the area is real.
"""
WRITES_FROM = "robin.sample@supporter.example"
"""The invented writer's own address, which answers go to."""
EXAMPLES = 3
"""Letters that are named for each thing that was found."""
NO_POSTCODE = _l("where no postcode is given")
ALL_REASONS = _l("with all its reasons")


@dataclass(frozen=True, slots=True)
class _Planned:
    """One letter that is to be made: by which template, to whom, and where its writer lives."""

    template: LetterTemplate
    recipient: Recipient
    address: str
    area: AnyArea | None
    subject_variant: int


@dataclass(frozen=True, slots=True)
class SampleLetter:
    """A letter as it would leave."""

    audience: str
    recipient: Recipient
    address: str
    letter: ComposedLetter


@dataclass(slots=True)
class Tally:
    """How many letters to an audience something was found in, and some of them."""

    audience: str
    finding: Finding
    letters: int = 0
    examples: list[tuple[str, str]] = field(default_factory=list)
    """Whom the letter is to, and the words that it was found by; letters with other words first of all."""

    def add(self, whom: str, quote: str) -> None:
        """Count one more letter."""
        self.letters += 1
        if len(self.examples) < EXAMPLES and quote not in {known for _, known in self.examples}:
            self.examples.append((whom, quote))


@dataclass(slots=True)
class TextReport:
    """What is to be said of the letter to one audience."""

    audience: str
    version: int
    letters: int = 0
    figures: Figures | None = None
    """Of its first letter; others differ in names."""


@dataclass(slots=True)
class Rehearsal:
    """What came of it."""

    texts: list[TextReport]
    census: Census = field(default_factory=Census)
    tallies: list[Tally] = field(default_factory=list)
    sample: list[SampleLetter] = field(default_factory=list)
    addresses: set[str] = field(default_factory=set)
    each: int = 0
    """How many letters one supporter's act makes at the most."""

    @property
    def letters(self) -> int:
        """How many letters were made."""
        return sum(text.letters for text in self.texts)


def rehearse(
    session: Session,
    campaign: Campaign,
    *,
    sample: int,
    random: Random,
    watch: Callable[[int], None] = lambda _letters: None,
) -> Rehearsal:
    """Make and look at every letter that the campaign can lead to now.

    Args:
        session: only read from.
        campaign: in any state.
        sample: how many letters to keep.
        random: chooses those.
        watch: is told after each letter how many there were; what it raises ends the rehearsal.
    """
    stage = _Stage(session, campaign, sample, random)
    for number, planned in enumerate(stage.plan(), 1):
        stage.make(planned)
        watch(number)
    return stage.done()


class _Stage:
    """One rehearsal under way."""

    def __init__(self, session: Session, campaign: Campaign, sample: int, random: Random) -> None:
        self._session, self._campaign, self._size, self._random = session, campaign, sample, random
        self._title = campaign.page_in(LETTER_LANGUAGE).title
        self._asks_postcode = campaign.target_rule is TargetRule.AREA
        self._templates = {name: template_in_force(session, campaign, name) for name in campaign.audiences}
        self._texts = {name: TextReport(name, template.version) for name, template in self._templates.items()}
        self._kept: dict[str, list[_Planned]] = {name: [] for name in self._templates}
        # Each letter takes the next subject, so that all of them meet all kinds of places.
        self._turns = {name: cycle(range(len(each.parts.subjects))) for name, each in self._templates.items()}
        self._tallies: dict[tuple[str, Finding], Tally] = {}
        self._census, self._addresses = Census(), set[str]()
        self._each = 0

    def plan(self) -> Iterator[_Planned]:
        """The letters that are to be made, those of one area in a row; those to the campaign's fallback come last."""
        area = None
        for own, group in groupby(self._counted(), key=self._action_of):
            targets = [meant.target for meant in group]
            area = None if isinstance(own, int) else own
            yield from self._letters(targets, area)
        if area or not self._asks_postcode:  # whoever finds nobody lives somewhere else, in an area like that one
            yield from self._letters(fallback_targets(self._session, self._campaign), area)

    def _counted(self) -> Iterator[Meant]:
        """Those who are written to; all others are counted too."""
        for meant in everybody(self._session, self._campaign):
            self._census.add(meant)
            if meant.reachable:
                yield meant

    def _action_of(self, meant: Meant) -> AnyArea | int:
        """What those have in common whom one supporter writes to: an area, or all lists; else everybody is alone."""
        if meant.area is not None:
            return meant.area
        return 0 if self._campaign.target_rule is TargetRule.ALL else meant.target.id

    def _letters(self, targets: Iterable[Target], area: AnyArea | None) -> Iterator[_Planned]:
        by_audience = mailboxes_by_audience(self._campaign, targets)
        self._each = max(self._each, sum(map(len, by_audience.values())))
        for audience, mailboxes in by_audience.items():
            for mailbox in mailboxes:
                turn = next(self._turns[audience])
                yield _Planned(self._templates[audience], mailbox.recipient, mailbox.first.email, area, turn)

    def make(self, planned: _Planned) -> None:
        """Make one letter, look at it, and perhaps keep it for the sample."""
        text = self._texts[planned.template.audience]
        text.letters += 1
        self._addresses.add(planned.address)
        try:
            letter = self._compose(planned)
        except TemplateFault as fault:
            self._count(planned, [unmade(fault)])
            return
        found = list(inspect_letter(letter, planned.recipient, parts_of(planned.template)))
        self._count(planned, found)
        if text.figures is None:
            text.figures = figures_of(letter)
            self._try_other_forms(planned, found)
        self._keep(planned)

    def _try_other_forms(self, planned: _Planned, found: Sequence[Finding]) -> None:
        """Look once how a letter reads whose writer has chosen their area from the list, with each of its subjects, and
        with all of its reasons.
        """
        parts = parts_of(planned.template)
        if self._asks_postcode:
            self._try(planned, found, NO_POSTCODE, postcode="")
        for number in range(1, len(parts.subjects)):
            self._try(planned, found, _l("with its subject %(number)s", number=number + 1), subject_variant=number)
        if parts.reasons:
            self._try(planned, found, ALL_REASONS, reasons=tuple(reason.key for reason in parts.reasons))

    def _try(self, planned: _Planned, found: Sequence[Finding], form: str, **changed: Any) -> None:
        """Count what is found in the letter in another form, and not in its plain one."""
        try:
            letter = self._compose(planned, **changed)
        except TemplateFault as fault:
            self._count(planned, [unmade(fault)], form)
            return
        known = {replace(one, quote="") for one in found}
        more = inspect_letter(letter, planned.recipient, parts_of(planned.template))
        self._count(planned, [one for one in more if replace(one, quote="") not in known], form)

    def _compose(self, planned: _Planned, **changed: Any) -> ComposedLetter:
        action = ActionText(
            name=WRITER,
            postcode=WRITERS_POSTCODE if self._asks_postcode else "",
            own_words="",
            subject=None,
            body=None,
            variables=variables_for(self._title, planned.area),
            subject_variant=planned.subject_variant,
        )
        return compose(parts_of(planned.template), replace(action, **changed), planned.recipient)

    def _count(self, planned: _Planned, found: Sequence[Finding], whom: str = "") -> None:
        """Count a letter once for each different thing that was found in it."""
        audience = planned.template.audience
        for finding, quote in {replace(one, quote=""): one.quote for one in reversed(found)}.items():
            tally = self._tallies.setdefault((audience, finding), Tally(audience, finding))
            tally.add(whom or planned.recipient.name, quote)

    def _keep(self, planned: _Planned) -> None:
        """Keep it for the sample so that every letter to its audience has the same chance to be among those kept."""
        audience = planned.template.audience
        kept = self._kept[audience]
        if len(kept) < self._size:
            kept.append(planned)
        elif (place := self._random.randrange(self._texts[audience].letters)) < self._size:
            kept[place] = planned

    def done(self) -> Rehearsal:
        """What came of it."""
        levels = list(Level)
        return Rehearsal(
            texts=list(self._texts.values()),
            census=self._census,
            tallies=sorted(
                self._tallies.values(), key=lambda tally: (levels.index(tally.finding.level), -tally.letters)
            ),
            sample=[
                SampleLetter(one.template.audience, one.recipient, one.address, self._compose(one))
                for one in self._spread()
            ],
            addresses=self._addresses,
            each=self._each * self._chosen(),
        )

    def _chosen(self) -> int:
        """How many of those who are looked at one by one a supporter writes to."""
        several = self._campaign.target_rule in (TargetRule.CHOOSE, TargetRule.RANDOM, TargetRule.ROTATE)
        return max(1, min(self._campaign.targeting.most, len(self._addresses))) if several else 1

    def _spread(self) -> list[_Planned]:
        """The sample: a letter to each audience in turn, as long as there are any."""
        kept = [self._random.sample(each, len(each)) for each in self._kept.values()]
        turns = [planned for turn in range(self._size) for each in kept for planned in each[turn : turn + 1]]
        return turns[: self._size]


def unmade(fault: TemplateFault) -> Finding:
    """What is said of a letter that a template cannot be made into."""
    return Finding(
        Level.STOP, _l("The letter cannot be made: %(fault)s.", fault=fault.args[0]), remedy=Remedy.PLACEHOLDER
    )
