"""Claimed letters into mails: the path that a million letters take, so it reads plain columns and makes no objects.

All letters of a batch take one step before any takes the next: a processor that stays with a step has its code at hand,
which takes a quarter off the time of this path (docs/adr/0031-what-a-letter-costs.md).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from app.actions.models import Action, ActionPart, FrozenRecipient, Letter, LetterAddressee, Supporter
from app.actions.text import LETTER_LANGUAGE, parts_of, reason_keys
from app.asked_often import row_of
from app.campaigns.models import LetterTemplate
from app.delivery.obstacles import Conditions, obstacle_to
from app.delivery.page import page_blocks, whole_page
from app.delivery.prepared import Address, DeliveryFact, Prepared, Unsendable
from app.delivery.suppressions import suppressed_among
from app.letters.compose import ActionText, ComposedLetter, Recipient, TemplateParts, compose
from app.mail.message import Blocks, Common, Message
from app.queue.brakes import brakes_on
from app.queue.models import Delivery, Lane
from app.ready import Ready, ReadyObjects, one_of_given, plan_for_batches
from app.statements import among
from app.targets.freshness import day_of
from app.targets.models import Target

_WANTED = (
    select(
        Delivery.id,
        Delivery.attempts,
        Delivery.action_id,
        Delivery.campaign_id,
        Delivery.lane_id,
        Lane.key.label("lane_key"),
        Letter.part_id,
        Letter.shared,
        Letter.target_id,
        FrozenRecipient.name.label("recipient_name"),
        FrozenRecipient.organisation,
        FrozenRecipient.salutation,
        Letter.text_hash,
        Target.email,
        Target.archived_at.is_not(None).label("archived"),
        Target.verified_at.is_not(None).label("verified"),
        Target.stale_from,
        Action.template_id,
        Action.name,
        Action.postcode,
        Action.own_words,
        Action.subject,
        Action.body,
        Action.reasons,
        Action.subject_variant,
        cast(Action.variables, Text).label("variables"),
        Action.withdrawn_at.is_not(None).label("withdrawn"),
        Action.protected,
        Supporter.email.label("supporter_email"),
    )
    .join(Lane, Lane.id == Delivery.lane_id)
    .join(Letter, Letter.id == Delivery.id)
    .join(FrozenRecipient, FrozenRecipient.id == Letter.recipient_id)
    .join(Target, Target.id == Letter.target_id)
    .join(Action, Action.id == Delivery.action_id)
    .join(Supporter, Supporter.id == Action.supporter_id)
    .order_by(Delivery.id)
)
_LETTERS = Ready(lambda dialect: _WANTED.where(one_of_given(dialect, Delivery.id)))
_Row = row_of(_WANTED)

_PARTS = select(ActionPart.id, ActionPart.template_id, ActionPart.subject, ActionPart.body, ActionPart.subject_variant)
_ADDRESSEES = select(
    LetterAddressee.letter_id,
    LetterAddressee.target_id,
    Target.email,
    Target.archived_at.is_not(None).label("archived"),
    Target.verified_at.is_not(None).label("verified"),
    Target.stale_from,
).join(Target, Target.id == LetterAddressee.target_id)


VARIABLES_KEPT = 1024
"""Values of actions that are read once: of many an area's supporters, all have the same."""


class _Ground(NamedTuple):
    """What the letters of a batch stand on."""

    parts: Mapping[int, Any]
    """What actions say to further audiences than their first."""
    addressees: Mapping[int, Sequence[Any]]
    """By letter: the further targets behind its mailbox, as they are now."""
    templates: Mapping[int, TemplateParts]


def prepare_letters(
    session: Session, ids: Collection[int], sender: Address, prepared: Prepared, *, now: datetime
) -> None:
    """Add the letters among the claimed deliveries `ids` to `prepared`.

    Raises:
        UndecryptableError: no key of the ring reads a row.
        TemplateFault: a template asks for what an action does not have.
    """
    plan_for_batches(session)
    rows = list(map(_Row._make, _LETTERS.run(session, ids=sorted(ids)).all()))
    parts = _parts(session, {row.part_id for row in rows if row.part_id is not None})
    texts = {row.template_id for row in rows} | {part.template_id for part in parts.values()}
    ground = _Ground(
        parts=parts,
        addressees=_addressees(session, {row.id for row in rows if row.shared}),
        templates=_templates(session, texts),
    )
    conditions = Conditions(
        suppressed=suppressed_among(session, {row.email for row in rows}, of_targets=True),
        brakes=brakes_on(session),
        reaches_people=sender.reaches_people,
        relays=bool(sender.replies_to),
        today=day_of(now),
    )
    prepared.facts |= {row.id: _fact(row, ground) for row in rows}
    written = []
    for row, letter in [(row, _composed(row, ground)) for row in rows]:
        others = ground.addressees[row.id] if row.shared else ()
        if obstacle := obstacle_to(row, letter.digest, others, conditions):
            prepared.take(Unsendable(row.id, *obstacle, address=row.email))
        else:
            written.append((row, letter))
    pages = [page_blocks(letter.blocks, LETTER_LANGUAGE) for _, letter in written]
    names = [*sender.names_of(row.id for row, _ in written)]
    for (row, letter), page, named in zip(written, pages, names, strict=True):
        prepared.take(_message(row, letter, page, named, sender))


def _parts(session: Session, ids: Collection[int]) -> dict[int, Any]:
    """The parts that letters of the batch say; most batches have none, and cost no statement."""
    return {row.id: row for row in session.execute(_PARTS.where(among(session, ActionPart.id, ids)))} if ids else {}


def _addressees(session: Session, letter_ids: Collection[int]) -> dict[int, list[Any]]:
    """The further addressees of the batch's letters; most batches have none, and cost no statement."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    if letter_ids:
        for row in session.execute(_ADDRESSEES.where(among(session, LetterAddressee.letter_id, letter_ids))):
            found[row.letter_id].append(row)
    return found


def _templates(session: Session, ids: Collection[int]) -> dict[int, TemplateParts]:
    return {row.id: parts_of(row) for row in _TEMPLATES.all(session, ids=sorted(ids))}


_TEMPLATES = ReadyObjects(lambda dialect: select(LetterTemplate).where(one_of_given(dialect, LetterTemplate.id)))


def _fact(row: Any, ground: _Ground) -> DeliveryFact:
    return DeliveryFact(
        at_most_once=True,
        attempts=row.attempts,
        lane_id=row.lane_id,
        campaign_id=row.campaign_id,
        action_id=row.action_id,
        target_id=row.target_id,
        with_targets=tuple(one.target_id for one in ground.addressees[row.id]) if row.shared else (),
    )


def _composed(row: Any, ground: _Ground) -> ComposedLetter:
    said = row if row.part_id is None else ground.parts[row.part_id]
    return compose(
        ground.templates[said.template_id],
        ActionText(
            row.name,
            row.postcode,
            row.own_words,
            said.subject,
            said.body,
            _variables(row.variables),
            reason_keys(row.reasons),
            said.subject_variant,
        ),
        Recipient(row.recipient_name, row.organisation, row.salutation),
    )


@lru_cache(VARIABLES_KEPT)
def _variables(text: str) -> Mapping[str, Any]:
    """The public values of an action: those of one area have them alike, and nobody changes them."""
    values: dict[str, Any] = json.loads(text)
    return values


def _message(
    row: Any, letter: ComposedLetter, page: tuple[str, ...], named: tuple[str, str], sender: Address
) -> Message:
    message_id, bounce_address = named
    return Message(
        id=row.id,
        message_id=message_id,
        from_address=sender.mail_from,
        from_name=row.name,
        to_address=row.email,
        to_name=row.recipient_name,
        reply_to=sender.reply_address(row.id) if row.protected else row.supporter_email,
        reply_to_name=row.name,
        subject=letter.subject,
        text=letter.text + "\n",
        html=whole_page(page),
        language=LETTER_LANGUAGE,
        bounce_address=bounce_address,
        group=_group(row),
        common=partial(_common, letter, page),
        blocks=Blocks(letter.blocks, page),
    )


def _common(letter: ComposedLetter, page: Sequence[str]) -> Common:
    """Where text and page have the letter's middle."""
    if letter.common.stop == 0:
        return Common(letter.common, slice(0, 0))
    before = page[: 2 if letter.common.start else 1]  # its head, and the opening if there is one
    after = page[-2 if letter.common.stop < len(letter.text) else -1 :]
    start, stop = (sum(map(len, some)) + len(some) for some in (before, page[: -len(after)]))
    return Common(letter.common, slice(start, stop - len("\n")))


def _group(row: Any) -> int | None:
    """Which of its writer's letters this one differs from in its recipient only; none with a Reply-To of its own."""
    if row.protected:
        return None
    group: int = row.action_id if row.part_id is None else -row.part_id
    return group
