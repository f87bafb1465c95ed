"""Table 6: how long the reports take over a million letters to five hundred targets, and what their counters cost."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

from flask.testing import FlaskClient
from sqlalchemy import select, update

from app import create_app
from app.bootstrap import Platform, build_platform, warm_up
from app.campaigns.models import Campaign, TargetRule
from app.config import load_config
from app.db import Sessions
from app.queue.models import Delivery
from app.queue.rows import Move, move
from app.queue.states import DeliveryState, EventSource, Purpose
from app.reporting.publication import PublicationRound
from app.roles import Role
from app.staff.models import MemberState
from app.staff.people import Newcomer, Personnel, Position
from app.staff.sessions import begin
from app.web.organise import charts
from benchmarks.bench import Bench
from benchmarks.databases import Store, fresh, tidy
from benchmarks.multiply import multiply
from benchmarks.ours import Ours, by_smtp
from benchmarks.report import Goal, Series, Table
from benchmarks.rounds import Contestant, Group, interleave
from benchmarks.scene import make_scene
from benchmarks.seed import seed

PAGE_MS, COST = 150, 0.10
"""What we want to be: a page within so many milliseconds, and this share of a letter's time for the counters."""
COUNCILS = 50
"""With ten targets each."""
MOST_MADE = 2000
"""Letters that are made by the platform's functions; the others are copies of them."""
LOOKS = 21
"""How often each page is asked for; the pages take turns, so that a slow moment of the machine strikes all alike."""
TURNS = 4
"""How often each contestant sends in a round: a difference of some hundredths drowns in what a machine does besides."""
FILLED, TEMPLATE = "reports", "counted"

S = DeliveryState
PATHS: Sequence[Sequence[DeliveryState]] = (
    (S.SENDING, S.SENT),
    (S.SENDING, S.SENT, S.DELIVERED),
    (S.SENDING, S.SENT, S.DELIVERED),
    (S.SENDING, S.SENT, S.BOUNCED),
    (S.SENDING, S.FAILED),
    (S.HELD,),
    (S.SENDING, S.UNCERTAIN),
    (),
)
"""What becomes of the letters, in turn."""
PAGES = {
    "all campaigns": "/organise/reports",
    "one campaign": "/organise/campaigns/bench/report",
    "one campaign, in Arabic": "/ar/organise/campaigns/bench/report",
    "its part that is watched": "/organise/campaigns/bench/report?part=live",
    "its targets as CSV": "/organise/campaigns/bench/report/targets.csv",
}


PAGES_OF_PLACES = {
    "one campaign whose targets tell of places": "/organise/campaigns/bench/report",
    "its targets as CSV, of places": "/organise/campaigns/bench/report/targets.csv",
}
"""The same where no small number may be told, once the campaign's rule says that the supporter's area decides."""


@dataclass(frozen=True, slots=True)
class Look:
    """How long a page took."""

    store: str
    page: str
    first: float
    """Milliseconds the first time, when nothing is drawn yet."""
    usual: float
    """Milliseconds after that, the median."""


def measure(bench: Bench) -> Table:
    """Fill the databases, look at the pages, then send with the counters and without."""
    ours = Ours(bench.scratch, by_smtp(bench.sink.port))
    looks = [look for store in bench.stores for look in _looks(bench, ours, store)]
    return _table(bench, looks, _sendings(bench, ours))


def _looks(bench: Bench, ours: Ours, store: Store) -> list[Look]:
    bench.say(f"{store.kind}: {bench.plan.report_letters:,} letters")
    made = min(MOST_MADE, bench.plan.report_letters // 2)
    with fresh(store, FILLED, ours.keys) as sessions:
        scene = make_scene(sessions, bench.now, COUNCILS)
        seed(sessions, scene, made, 1, bench.now)
        _bring_about(sessions, bench)
        multiply(sessions, bench.plan.report_letters // made)
        PublicationRound(sessions).turn(bench.now)
        tidy(sessions)
    platform = _platform(bench, ours, store)
    client = _client(platform)
    warm_up()  # as wsgi.py does
    looks = _turns(client, store.kind, PAGES)
    with platform.sessions.write() as session:
        session.execute(update(Campaign).values(target_rule=TargetRule.AREA))
    looks += _turns(client, store.kind, PAGES_OF_PLACES)
    store.drop(FILLED)
    return looks


def _turns(client: FlaskClient, kind: str, pages: Mapping[str, str]) -> list[Look]:
    taken: dict[str, list[float]] = {page: [] for page in pages}
    for _ in range(LOOKS):
        for page, address in pages.items():
            # Between two looks at a running campaign its figures have changed, and so have the pictures of them.
            charts.bars.cache_clear()
            charts.columns.cache_clear()
            taken[page].append(_milliseconds(client, address))
    return [Look(kind, page, first, median(then)) for page, (first, *then) in taken.items()]


def _bring_about(sessions: Sessions, bench: Bench) -> None:
    """Let each letter come to where it is in an hour of its own, so that there is a long time to tell of."""
    with sessions.write() as session:
        waiting = session.scalars(select(Delivery.id).where(Delivery.purpose == Purpose.LETTER)).all()
        for place, delivery_id in enumerate(waiting):
            origin, at = S.QUEUED, bench.now - timedelta(hours=place)
            for to in PATHS[place % len(PATHS)]:
                move(session, [delivery_id], Move(origin, to, EventSource.SYSTEM), at)
                origin = to


def _platform(bench: Bench, ours: Ours, store: Store) -> Platform:
    folder: Path = bench.scratch / "site"
    url = store.url(FILLED).replace("postgresql://", "postgresql+psycopg://")
    config = load_config(
        {
            "INSTANCE_DIR": str(folder),
            "DATABASE_URL": url,
            "FIELD_KEYS": ours.ring,
            "INDEX_KEY": ours.index_key,
            "SECRET_KEY": ours.index_key,
        }
    )
    return build_platform(config)


def _client(platform: Platform) -> FlaskClient:
    """A browser at which a lead has signed in."""
    config = platform.config
    with platform.sessions.write() as session:
        newcomer = Newcomer("lead@staff.example", "Lea Lead", "en", Position(Role.LEAD, ""))
        member, _ = Personnel(session, config.field_keys, None, platform.clock()).invite(newcomer)
        member.state = MemberState.ACTIVE
        token = begin(session, member, "a benchmark", platform.clock(), owes_factor=False)
    client = create_app(platform).test_client()
    client.set_cookie("staff", token, domain="localhost")
    return client


def _milliseconds(client: FlaskClient, address: str) -> float:
    begun = time.perf_counter()
    answer = client.get(address)
    answer.get_data()
    taken = (time.perf_counter() - begun) * 1000
    if answer.status_code != 200:  # noqa: PLR2004 - OK
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return taken


def _sendings(bench: Bench, ours: Ours) -> list[Series]:
    for store in bench.stores:
        with fresh(store, TEMPLATE, ours.keys) as sessions:
            seed(sessions, make_scene(sessions, bench.now), bench.plan.letters, 1, bench.now)
            tidy(sessions)
    contestants = [
        _sending(bench, ours, store, counting=counting) for store in bench.stores for counting in (False, True)
    ]
    found = interleave(contestants, bench.plan.rounds * TURNS, bench.sink, bench.say)
    for store in bench.stores:
        store.drop(TEMPLATE)
    return [series for _, series in found]


def _sending(bench: Bench, ours: Ours, store: Store, *, counting: bool) -> Contestant:
    def run() -> float:
        store.copy(TEMPLATE, "round")
        finish = ours.deliver(store, "round", counting=counting)
        if counting:
            ours.check(store, "round", bench.plan.letters)
        store.drop("round")
        return finish.seconds

    name = f"{store.kind}, {'with' if counting else 'without'} the reports' counters"
    return Contestant(Group.OURS, name, bench.plan.letters, run)


def _table(bench: Bench, looks: Sequence[Look], sendings: Sequence[Series]) -> Table:
    rows = [(f"{look.store}, {look.page}", f"{look.first:,.0f}", f"{look.usual:,.0f}") for look in looks]
    goals = [Goal(f"{look.store}, {look.page}, ms", look.usual, PAGE_MS, at_most=True) for look in looks]
    notes = [f"{bench.plan.report_letters:,} letters to {COUNCILS * 10} targets; in the process, without the network."]
    for without, counted in zip(sendings[::2], sendings[1::2], strict=True):
        # Round by round: a machine that is slow for a minute would else pass for a cost.
        cost = median(1 - bare / whole for bare, whole in zip(without.seconds, counted.seconds, strict=True))
        goals.append(Goal(f"{counted.name}: their share of a letter's time", cost, COST, at_most=True))
        notes.append(f"{without.name}: {without.rate:,.0f} letters/s; with: {counted.rate:,.0f}; {counted.span}.")
    notes.append("The share is the median of the rounds' own shares.")
    return Table(
        title="6. The reports",
        columns=("", "first look, ms", "then, ms"),
        rows=rows,
        goals=goals,
        notes=notes,
        measured=[*looks, *sendings],
    )
