"""The verdict on a run: the server's books, the supporters' memory and the house's ledger, held against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.models import Action, Letter, Supporter
from app.delivery.ledger import differences
from app.queue.models import Delivery, DeliveryEvent
from app.queue.states import DeliveryState, Purpose
from app.targets.models import Target
from tests.faults.books import Books, Taken
from tests.faults.supporters import Pair

_S = DeliveryState
LEFT = frozenset({_S.SENT, _S.DELIVERED, _S.BOUNCED, _S.COMPLAINED})
"""States that say that the next server took the mail."""
NEVER_LEFT = frozenset({_S.FAILED, _S.SUPPRESSED, _S.CANCELLED})
"""States that say that nobody took the mail and nobody will."""


@dataclass(frozen=True, slots=True)
class Row:
    """One delivery as the house tells it at the end."""

    id: int
    letter: bool
    state: DeliveryState
    reason: str
    pair: Pair
    """Of a notice, nobody and its supporter."""
    said: str = ""
    """What its last event says."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A letter that stayed uncertain."""

    delivery_id: int
    known: str
    """What the server knows of it: `taken`, `begun` or `never begun`."""
    why: str


@dataclass(slots=True)
class Verdict:
    """What became of every letter. What must not be is in the lists of words; all of them must be empty."""

    letters: int
    delivered: int = 0
    """Letters that the server has, at least once."""
    states: Counter[DeliveryState] = field(default_factory=Counter)
    uncertain: list[Doubt] = field(default_factory=list)
    notices: int = 0
    notices_repeated: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    """What the house says of a letter, and the server knows better."""
    differences: list[str] = field(default_factory=list)
    """Of the ledger with itself."""
    strange: list[str] = field(default_factory=list)
    """What else should not have happened."""

    @property
    def broken(self) -> dict[str, list[str]]:
        """What must not be, by kind."""
        kinds = {
            "lost": self.lost,
            "delivered twice": self.twice,
            "untrue": self.untrue,
            "ledger": self.differences,
            "strange": self.strange,
        }
        return {kind: found for kind, found in kinds.items() if found}


def judge(session: Session, books: Books, confirmed: Sequence[Pair]) -> Verdict:
    """Hold the ledger against the books and against what the supporters know that they confirmed."""
    rows = list(_rows(session))
    verdict = Verdict(letters=len(confirmed))
    verdict.differences.extend(differences(session))
    verdict.strange.extend(books.strange)
    compare(verdict, rows, books, confirmed)
    return verdict


def compare(verdict: Verdict, rows: Sequence[Row], books: Books, confirmed: Collection[Pair]) -> None:
    """Add to a verdict what follows from these rows and books."""
    copies = books.copies()
    letters = [row for row in rows if row.letter]
    _compare_pairs(verdict, letters, copies, confirmed)
    for row in letters:
        verdict.states[row.state] += 1
        _judge_letter(verdict, row, copies.get(row.id, []), books)
    for row in rows:
        if not row.letter:
            _judge_notice(verdict, row, copies.get(row.id, []))
    known = {row.id for row in rows}
    verdict.strange += [f"the server took delivery {number}, which is none of ours" for number in copies.keys() - known]


def _compare_pairs(
    verdict: Verdict, letters: Sequence[Row], copies: Mapping[int, Sequence[Taken]], confirmed: Collection[Pair]
) -> None:
    """By writer and recipient, as the world sees letters, whatever numbers the house gives them."""
    arrived = Counter(Pair(one.writer, one.recipient) for some in copies.values() for one in some if one.writer)
    verdict.delivered = len(arrived)
    verdict.twice += [f"{number} copies for {pair}" for pair, number in arrived.items() if number > 1]
    verdict.strange += [f"a letter that nobody wrote: {pair}" for pair in arrived.keys() - set(confirmed)]
    there = Counter(row.pair for row in letters)
    verdict.lost += [f"{pair} was confirmed and has no delivery" for pair in set(confirmed) - there.keys()]
    verdict.strange += [f"{number} deliveries for {pair}" for pair, number in there.items() if number > 1]
    verdict.strange += [f"a delivery that nobody confirmed: {pair}" for pair in there.keys() - set(confirmed)]


def _judge_letter(verdict: Verdict, row: Row, copies: Sequence[Taken], books: Books) -> None:
    name = f"letter {row.id} ({row.state} {row.reason})".replace(" )", ")")
    if len(copies) > 1:
        verdict.twice.append(f"{name}: the server took {len(copies)} copies")
    if any((one.writer, one.recipient) != (row.pair.writer, row.pair.recipient) for one in copies):
        verdict.strange.append(f"{name} went to somebody else")
    match row.state:
        case _S.UNCERTAIN:
            known = "taken" if copies else "begun" if row.id in books.begun else "never begun"
            verdict.uncertain.append(Doubt(row.id, known, f"{row.reason}: {row.said}"))
            if known == "never begun":
                verdict.untrue.append(f"{name}: it never reached hand-over")
        case state if state in LEFT:
            if not copies:
                verdict.lost.append(f"{name}: the server never took it")
        case state if state in NEVER_LEFT:
            if copies:
                verdict.untrue.append(f"{name}: the server took it")
        case _:
            verdict.lost.append(f"{name}: nobody sends it any more")


def _judge_notice(verdict: Verdict, row: Row, copies: Sequence[Taken]) -> None:
    """A notice may come twice and must not be lost; one that was refused, or had nothing left to say, has failed."""
    verdict.notices += 1
    verdict.notices_repeated += max(0, len(copies) - 1)
    if row.state in LEFT and not copies:
        verdict.lost.append(f"notice {row.id} ({row.state}): the server never took it")
    if row.state not in LEFT | NEVER_LEFT:
        verdict.lost.append(f"notice {row.id} ({row.state} {row.reason}): nobody sends it any more")


def _rows(session: Session) -> Iterator[Row]:
    last = dict(
        session.execute(select(DeliveryEvent.delivery_id, DeliveryEvent.detail).order_by(DeliveryEvent.id)).all()
    )
    found = session.execute(
        select(Delivery, Supporter.email, Target.email)
        .join(Action, Action.id == Delivery.action_id)
        .join(Supporter, Supporter.id == Action.supporter_id)
        .outerjoin(Letter, Letter.id == Delivery.id)
        .outerjoin(Target, Target.id == Letter.target_id)
        .order_by(Delivery.id)
    )
    for delivery, writer, recipient in found:
        letter = delivery.purpose is Purpose.LETTER
        pair = Pair(writer, recipient) if letter else Pair("", writer)
        yield Row(delivery.id, letter, delivery.state, delivery.reason, pair, last.get(delivery.id, ""))
