"""The first number, the funnel, and where all letters are: what is asked first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.actions.activity import Step
from app.campaigns.models import FALLBACK_LANGUAGE
from app.columns import UNIX_EPOCH
from app.queue.models import LETTERS
from app.queue.states import DeliveryState
from app.reporting.counters import Counters
from app.reporting.periods import Unit, happened, periods
from app.reporting.tables import Cell, Table, rate

S = DeliveryState
FUNNEL = ("stage", "number", "rate")
STATES = ("state", "letters", "share")
CAMPAIGNS = ("campaign", "title", "state", "people", "letters", "waiting", "handed_over", "arrived", "came_back")
"""The columns of the three tables."""
HANDED_OVER = (S.SENT, S.DELIVERED, S.BOUNCED, S.COMPLAINED)
"""States of letters that the receiver's server, or ours before it, has taken."""
ARRIVED = (S.DELIVERED, S.COMPLAINED)
"""States of letters that are reported to have reached a mailbox; whoever marks one as unwanted has it."""
CAME_BACK = (S.BOUNCED, S.FAILED)
"""States of letters that were turned away, at the door or later."""


@dataclass(frozen=True, slots=True)
class FirstNumber:
    """How many people wrote because of us, and what came of it (writetothem #389)."""

    people: int
    letters: int
    handed_over: int
    arrived: int
    since: datetime | None
    """When the first of them confirmed, to the hour."""
    today: int
    """How many have confirmed since midnight."""
    week: int
    """How many have since Monday."""


def first_number(counters: Counters, now: datetime) -> FirstNumber:
    """The first number of some campaigns."""
    scope, states = counters.scope, counters.states
    began = counters.first_hours.get(Step.CONFIRMED)
    today, week = (periods(unit, scope.zone, now, now)[0] for unit in (Unit.DAYS, Unit.WEEKS))
    lately = happened(counters.session, scope, [today, week], [Step.CONFIRMED])
    return FirstNumber(
        people=scope.people,
        letters=scope.letters,
        handed_over=sum(states[state] for state in HANDED_OVER),
        arrived=sum(states[state] for state in ARRIVED),
        since=None if began is None else UNIX_EPOCH + timedelta(hours=began),
        today=lately[0, Step.CONFIRMED],
        week=lately[1, Step.CONFIRMED],
    )


def funnel(counters: Counters) -> Table:
    """How many came how far: people up to the confirmation, their letters from there.

    The rate is to the step before; of the first step of people, and of the letters, there is none.
    """
    steps, states = counters.steps, counters.states
    handed_over, arrived = (sum(states[state] for state in some) for some in (HANDED_OVER, ARRIVED))
    stages = [*((step.value, steps[step]) for step in Step), (LETTERS, counters.scope.letters)]
    stages += [("handed_over", handed_over), ("arrived", arrived)]
    rows: list[tuple[Cell, ...]] = []
    before: Cell = None
    for stage, number in stages:
        rows.append((stage, number, rate(number, before) if stage != LETTERS else None))
        before = number
    return Table("funnel", FUNNEL, rows)


def states_table(counters: Counters) -> Table:
    """Every state with its letters. They sum to the letters that were confirmed; `flask ledger check` proves it."""
    states = counters.states
    total = states.total()
    rows = [(state.value, states[state], rate(states[state], total)) for state in DeliveryState]
    return Table("states", STATES, rows)


def campaigns_table(counters: Counters) -> Table:
    """Each campaign, by its slug and its title in the site's own language, with what came of it."""
    states = counters.states_by_campaign
    rows = [
        (
            campaign.slug,
            campaign.page_in(FALLBACK_LANGUAGE).title,
            campaign.state.value,
            campaign.confirmed_count,
            campaign.letter_count,
            *(
                sum(states[campaign.id][state] for state in some)
                for some in ((S.QUEUED, S.SENDING, S.HELD), HANDED_OVER, ARRIVED, CAME_BACK)
            ),
        )
        for campaign in counters.scope.campaigns
    ]
    return Table("campaigns", CAMPAIGNS, rows)
