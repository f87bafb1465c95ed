"""Who shares a mailbox: several targets behind one address get one letter, which names them all (writetothem #322)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from app.actions.text import recipient_of
from app.letters.compose import Recipient
from app.letters.joint import joint_recipient
from app.targets.models import Target


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The targets behind one address, by name."""

    targets: tuple[Target, ...]

    @property
    def first(self) -> Target:
        """The one whom the letter belongs to in our books."""
        return self.targets[0]

    @property
    def recipient(self) -> Recipient:
        """All of them as a letter addresses them now."""
        return joint_recipient([recipient_of(target) for target in self.targets])


def mailboxes_of(targets: Iterable[Target]) -> list[Mailbox]:
    """The mailboxes of targets that have an address, by the name of the first behind each."""
    by_address: defaultdict[str, list[Target]] = defaultdict(list)
    for target in sorted(targets, key=lambda target: (target.name, target.id)):
        by_address[target.email.casefold()].append(target)
    return [Mailbox(tuple(behind)) for behind in by_address.values()]
