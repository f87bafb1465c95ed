"""What the letters are about: invented councils, one campaign, and a letter of three thousand bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.text import parts_of, template_in_force, variables_for
from app.campaigns.models import Campaign, CampaignKind, CampaignPage, CampaignState, LetterTemplate, TargetRule
from app.db import Sessions
from app.letters.compose import ActionText, TemplateParts
from app.targets.datasets import Dataset, DatasetHead, Holds
from app.targets.models import Target
from app.targets.records import Provenance, TargetRecord, TargetRole
from app.targets.sync import sync_datasets
from app.targets.verify import verify

COUNCILS = 60
"""Receiving mail domains, so lanes."""
TITLE = "Homes for everybody"
LIST = "bench"

_PARAGRAPH = (
    "In our town people wait for years for a home that is dry, safe and near their work and their children's school. "
    "Those who came here to find safety wait longest, and are moved from one place to the next without being asked. "
    "You can change this: publish what you have, repair what stands empty, and listen to all of those who live there. "
)
_BODY = "\n\n".join(
    f"{opening} {_PARAGRAPH}".strip()
    for opening in (
        "I write to you about “{{ campaign.title }}”.",
        "It is a matter of health.",
        "It is a matter of money, too.",
        "It can be done.",
        "It has been done elsewhere.",
        "I ask you to act before the winter, and to tell me what you will do.",
        "I have read what you publish, and what is missing from it: how many homes stand empty, and for how long.",
    )
)


@dataclass(frozen=True, slots=True)
class Scene:
    """The rows that every letter refers to."""

    campaign_id: int
    template_id: int
    parts: TemplateParts
    targets: Sequence[Target]


def make_scene(sessions: Sessions, now: datetime, councils: int = COUNCILS) -> Scene:
    """Councils with ten verified addresses each, and a live campaign, committed."""
    records = [_record(council, person) for council in range(councils) for person in range(10)]
    provenance = Provenance("Invented for a benchmark", date(2026, 11, 1), "CC0-1.0")
    head = DatasetHead(LIST, Holds.TARGETS, "Those who are written to", provenance, demo=False)
    with sessions.write() as session:
        sync_datasets(session, [Dataset(head, targets=tuple(records))], now, include_demo=False)
        for target in session.scalars(select(Target)):
            verify(target, "invented for a benchmark", now)
        campaign = _campaign(now)
        session.add(campaign)
    with sessions.read() as session:
        return _found(session, campaign.id)


def writer(number: int) -> tuple[str, ActionText]:
    """The address of the supporter with this number, and what they say."""
    name = f"Alice Adams the {number}."
    words = (
        f"My name is {name} I have lived here for {number % 40 + 1} years, and my neighbours at number {number} too."
    )
    email = f"alice.{number}@supporter-{number % 97}.example"
    return email, ActionText(name, "ZZ1 1AA", words, None, None, variables_for(TITLE, None))


def _record(council: int, person: int) -> TargetRecord:
    return TargetRecord(
        f"council-{council}-{person}",
        TargetRole.COMPANY,
        f"Cllr Sam Sample {council}-{person}",
        f"Dear Cllr Sample {council}-{person}",
        organisation=f"Borough Council {council}",
        email=f"sam.sample.{person}@council-{council}.example",
    )


def _campaign(now: datetime) -> Campaign:
    page = CampaignPage(language="en", title=TITLE, ask="Ask for homes.", summary="Homes.", body_html="<p>Homes.</p>")
    template = LetterTemplate(
        language="en",
        version=1,
        subject="Homes for everybody: please act",
        opening="{{ salutation }},",
        body=_BODY,
        closing="Yours sincerely,\n\n{{ supporter.name }}",
        created_at=now,
    )
    return Campaign(
        slug="bench",
        kind=CampaignKind.LETTER,
        state=CampaignState.LIVE,
        colour="#7a1f5c",
        position=10,
        target_rule=TargetRule.ALL,
        target_lists=LIST,
        created_at=now,
        pages=[page],
        templates=[template],
    )


def _found(session: Session, campaign_id: int) -> Scene:
    template = template_in_force(session, session.get_one(Campaign, campaign_id))
    targets = session.scalars(select(Target).order_by(Target.id)).all()
    return Scene(campaign_id, template.id, parts_of(template), targets)
