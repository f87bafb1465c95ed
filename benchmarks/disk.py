"""Table 4: how many bytes on the disk a letter costs, beside keeping each letter's text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Column, Integer, MetaData, insert
from sqlalchemy import Table as Rows
from sqlalchemy.orm import Session

from app.actions.audiences import Audience
from app.actions.confirm import confirm_action
from app.actions.mailboxes import mailboxes_of
from app.actions.models import Action
from app.actions.recipients import Recipients
from app.actions.submit import Desk, Submission
from app.actions.throttle import Gate, forget_windows
from app.campaigns.models import LetterTemplate
from app.config import Limits
from app.db import Sessions
from app.privacy.fields import EncryptedText
from app.privacy.keys import FieldKeys
from app.queue.models import Delivery
from benchmarks.bench import Bench
from benchmarks.databases import Store, bytes_used, fresh, opened, tidy
from benchmarks.ours import Ours, by_smtp
from benchmarks.report import Goal, Table
from benchmarks.scene import Scene, make_scene
from benchmarks.seed import CONFIRM_WITHIN, Act, acts, letters_of

MOST = 500
"""Bytes that an unedited letter may cost."""

FEW, MANY = 1, 3
"""Targets of one action."""

ACTIONS_AT_ONCE = 100
WARM_SHARE = 10
"""A tenth as many letters come before the first measurement: an empty database's first pages say nothing."""

WIDE = Limits(address_per_day=10**6, network_per_hour=10**6, unconfirmed_per_hour=10**6)


@dataclass(frozen=True, slots=True)
class Growth:
    """Bytes by which a database has grown with each letter."""

    waiting: float
    """While the letters wait."""
    sent: float
    """When a worker has delivered them."""


@dataclass(frozen=True, slots=True)
class Waves:
    """The growth by a wave of letters, and by one more as large: PostgreSQL writes the second's into the room that
    older versions of the first's rows have left, where the first's had to find new room.
    """

    first: Growth
    second: Growth


@dataclass(frozen=True, slots=True)
class Cost:
    """Bytes on the disk for each letter, on one kind of database."""

    kind: str
    alone: Waves
    """With one letter in each action, of all that the action leaves."""
    among_three: Waves
    """With three letters in each action, of all that the action leaves."""
    stored: float
    """Of a letter's subject and text, encrypted as every personal text here."""

    @property
    def further(self) -> Waves:
        """Of one letter more in an action: what the letter itself costs."""
        return Waves(
            _further(self.alone.first, self.among_three.first), _further(self.alone.second, self.among_three.second)
        )


def _further(alone: Growth, among_three: Growth) -> Growth:
    pairs = zip(astuple(alone), astuple(among_three), strict=True)
    return Growth(*((MANY * many - few) / (MANY - FEW) for few, many in pairs))


def measure(bench: Bench) -> Table:
    """Submit and confirm letters as the site does, and see how the database grows."""
    ours = Ours(bench.scratch, by_smtp(bench.sink.port))
    costs = [_cost(bench, store, ours) for store in bench.stores]
    return Table(
        title="4. Bytes on the disk per unedited letter",
        columns=("", "the letter", "an act with 1", "an act with 3, each", "the letter, first wave", "its text stored"),
        rows=list(_rows(costs)),
        goals=list(_goals(costs)),
        notes=[
            "The letter: what one more in an act costs. An act: all that submitting and confirming leave, with the",
            "supporter and two mails to them, divided by its letters.",
            f"Measured as the growth by {bench.plan.stored_letters:,} letters that follow as many, events and indexes",
            "included. First wave: by those that came before, into a database that had hardly any.",
        ],
        measured=[asdict(cost) | {"further": asdict(cost.further)} for cost in costs],
    )


def _rows(costs: Sequence[Cost]) -> Iterator[tuple[str, ...]]:
    for cost in costs:
        growths = (cost.further.second, cost.alone.second, cost.among_three.second, cost.further.first)
        for when in ("waiting", "sent"):
            sizes = (getattr(growth, when) for growth in growths)
            yield f"{cost.kind}, {when}", *(f"{size:,.0f}" for size in (*sizes, cost.stored))


def _goals(costs: Sequence[Cost]) -> Iterator[Goal]:
    for cost in costs:
        yield Goal(f"{cost.kind}, bytes of a letter that waits", cost.further.second.waiting, MOST, at_most=True)
        yield Goal(f"{cost.kind}, bytes of a letter that was sent", cost.further.second.sent, MOST, at_most=True)


def _cost(bench: Bench, store: Store, ours: Ours) -> Cost:
    grown = {each: _waves(bench, store, ours, each) for each in (FEW, MANY)}
    return Cost(store.kind, grown[FEW], grown[MANY], _stored(bench, store, ours.keys))


def _waves(bench: Bench, store: Store, ours: Ours, targets_each: int) -> Waves:
    """How the database grows with letters, `targets_each` an action."""
    letters = bench.plan.stored_letters
    bench.say(f"{store.kind}: twice {letters:,} letters, {targets_each} an action")
    with fresh(store, "disk", ours.keys) as sessions:
        scene = make_scene(sessions, bench.now)
    warm, wave = letters // WARM_SHARE // targets_each, letters // targets_each
    total = (warm + 2 * wave) * targets_each
    everyone = list(acts(scene, total, targets_each))
    ends = (0, warm, warm + wave, len(everyone))
    _, first, second = (_wave(bench, store, ours, scene, everyone[start:end]) for start, end in pairwise(ends))
    ours.check(store, "disk", total)
    store.drop("disk")
    return Waves(first, second)


def _wave(bench: Bench, store: Store, ours: Ours, scene: Scene, everyone: Sequence[Act]) -> Growth:
    """How the database grows while these take part and a worker delivers their letters."""
    written = sum(len(act.targets) for act in everyone)
    with opened(store, "disk", ours.keys) as sessions:
        before = bytes_used(sessions)
        _take_part(sessions, scene, everyone, ours.keys, bench.now)
        waiting = bytes_used(sessions) - before
    ours.deliver(store, "disk")
    with opened(store, "disk", ours.keys) as sessions:
        sent = bytes_used(sessions) - before
    return Growth(waiting / written, sent / written)


def _take_part(sessions: Sessions, scene: Scene, everyone: Sequence[Act], keys: FieldKeys, now: datetime) -> None:
    gate = Gate(WIDE, keys)
    for start in range(0, len(everyone), ACTIONS_AT_ONCE):
        with sessions.write() as session:
            for act in everyone[start : start + ACTIONS_AT_ONCE]:
                _act(session, gate, scene, act, now)
        tidy(sessions)
    with sessions.write() as session:
        forget_windows(session, now + timedelta(days=2))  # counts of the limits do not last


def _act(session: Session, gate: Gate, scene: Scene, act: Act, now: datetime) -> None:
    """Hand in a letter without a word of one's own, and confirm it."""
    submission = Submission(
        text=replace(act.text, own_words=""),
        email=act.email,
        language="en",
        consent=True,
        consent_wording="Yes, you may write to me about this campaign.",
        network="192.0.2.7",
    )
    everybody = Audience(session.get_one(LetterTemplate, scene.template_id), mailboxes_of(act.targets))
    delivery_id = Desk(gate, CONFIRM_WITHIN).submit(session, [everybody], Recipients(act.targets), submission, now)
    delivery = session.get_one(Delivery, delivery_id)
    confirm_action(session, gate, session.get_one(Action, delivery.action_id), now)


def _stored(bench: Bench, store: Store, keys: FieldKeys) -> float:
    """Bytes of a letter whose text is kept in a row of its own."""
    rows = Rows(
        "stored_letter",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("action_id", Integer, nullable=False),
        Column("target_id", Integer, nullable=False),
        Column("subject", EncryptedText("stored.subject"), nullable=False),
        Column("text", EncryptedText("stored.text"), nullable=False),
    )
    with fresh(store, "stored", keys) as sessions:
        scene = make_scene(sessions, bench.now)
        rows.create(sessions.engine)
        before = bytes_used(sessions)
        values = [
            {"action_id": act.number, "target_id": target.id, "subject": letter.subject, "text": letter.text}
            for act in acts(scene, bench.plan.stored_letters, FEW)
            for target, letter in letters_of(scene, act)
        ]
        with sessions.write() as session:
            session.execute(insert(rows), values)
        growth = (bytes_used(sessions) - before) / len(values)
    store.drop("stored")
    return growth
