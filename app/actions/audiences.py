"""Who reads which letter: a campaign may have letters of their own for segments of its targets, its audiences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.actions.mailboxes import Mailbox, mailboxes_of
from app.actions.text import template_in_force
from app.campaigns.models import Campaign, LetterTemplate
from app.campaigns.targeting import EVERYBODY
from app.targets.facts import facts_of
from app.targets.models import Target


@dataclass(frozen=True, slots=True)
class Audience:
    """Those of an action's recipients who read the same letter."""

    template: LetterTemplate
    mailboxes: Sequence[Mailbox]

    @property
    def name(self) -> str:
        """What the campaign's files call it."""
        return self.template.audience

    @property
    def targets(self) -> list[Target]:
        """All of them, by mailbox."""
        return [target for mailbox in self.mailboxes for target in mailbox.targets]


def audiences_among(session: Session, campaign: Campaign, targets: Iterable[Target]) -> list[Audience]:
    """The audiences of one action, that of the letter to everybody first, each with its letter in force.

    Those behind one mailbox who belong to different audiences are written to like everybody, for that letter is true
    for each of them.
    """
    mailboxes = mailboxes_by_audience(campaign, targets)
    ordered = sorted(mailboxes, key=lambda name: (name != EVERYBODY, name))
    return [Audience(template_in_force(session, campaign, name), mailboxes[name]) for name in ordered]


def mailboxes_by_audience(campaign: Campaign, targets: Iterable[Target]) -> dict[str, list[Mailbox]]:
    """The mailboxes of one action's targets by the audience whose letter they get."""
    mailboxes: defaultdict[str, list[Mailbox]] = defaultdict(list)
    for mailbox in mailboxes_of(targets):
        names = {campaign.targeting.audience_of(facts_of(target)) for target in mailbox.targets}
        mailboxes[names.pop() if len(names) == 1 else EVERYBODY].append(mailbox)
    return dict(mailboxes)
