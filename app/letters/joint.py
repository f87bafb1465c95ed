"""How one letter addresses several recipients behind one mailbox. Pure text.

Nobody is left out and no name is cut: a list that is too long for its column says how many more there are. Two of the
same surname are told apart by their whole names, for "Dear Cllr Sample" would greet one of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from app.letters.compose import Recipient

LONGEST = 200
"""Characters of a frozen name, organisation or salutation."""

_DEAR = "Dear"
_COUNCILLOR = frozenset({"cllr", "councillor"})


def joint_recipient(recipients: Sequence[Recipient]) -> Recipient:
    """All of them (at least one) as one letter addresses them; somebody who is there twice is named once."""
    if len(recipients) == 1:
        return recipients[0]
    people = list({(one.name, one.salutation): one for one in recipients}.values())
    organisations = [one.organisation for one in recipients if one.organisation]
    return Recipient(
        name=_named([one.name for one in people], otherwise=f"{len(people)} recipients"),
        organisation=_named(organisations, otherwise=f"{len(set(organisations))} organisations"),
        salutation=_salutation(people),
    )


def _salutation(people: Sequence[Recipient]) -> str:
    titles = [_title(one) for one in people]
    number = Counter(titles)
    greeted = [
        _whole(title, one.name) if number[title] > 1 and _is_personal(title, one.name) else title
        for title, one in zip(titles, people, strict=True)
    ]
    if len({one.salutation for one in people}) == 1 and greeted == titles:
        return people[0].salutation
    greeting = f"{_DEAR} {_joined(_each_once(greeted))}"
    if len(greeting) <= LONGEST:
        return greeting
    if all(title.partition(" ")[0].casefold() in _COUNCILLOR for title in titles):
        return f"{_DEAR} Councillors"
    return f"{_DEAR} {_named(greeted, otherwise='all', room=LONGEST - len(_DEAR) - 1)}"


def _title(one: Recipient) -> str:
    """What follows "Dear" in the greeting; the whole name where the greeting is of another kind."""
    dear, _, title = one.salutation.partition(" ")
    return title if dear.casefold() == _DEAR.casefold() and title.strip() else one.name


def _is_personal(title: str, name: str) -> bool:
    """Whether the title ends in a word of the name, as that of a person does; "The Directors" are none."""
    first, *rest = name.casefold().split() or [""]
    return first != "the" and any(word in rest for word in title.casefold().split()[-1:])


def _whole(title: str, name: str) -> str:
    """The title with the whole name: Alice Sample, who is "Cllr Sample", is Cllr Alice Sample."""
    known = name.casefold().split()
    return " ".join([*(word for word in title.split() if word.casefold() not in known), name])


def _named(names: Sequence[str], *, otherwise: str, room: int = LONGEST) -> str:
    """The names as one phrase, each once: as many as there is room for, and how many others there are."""
    distinct = _each_once(names)
    for shown in range(len(distinct), 0, -1):
        others = len(distinct) - shown
        more = [f"{others} other{'s' if others > 1 else ''}"] if others else []
        phrase = _joined([*distinct[:shown], *more])
        if len(phrase) <= room:
            return phrase
    return otherwise if distinct else ""


def _each_once(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _joined(names: Sequence[str]) -> str:
    """The names as English joins them: A, B and C."""
    return " and ".join([*filter(None, [", ".join(names[:-1])]), names[-1]])
