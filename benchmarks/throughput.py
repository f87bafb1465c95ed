"""Table 1: the same letters to the same SMTP sink, by us, by our peers, and by what does nothing but send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.bench import Bench
from benchmarks.databases import Store, fresh, tidy
from benchmarks.limits import limits
from benchmarks.mails import Mails, export
from benchmarks.ours import Ours, by_smtp
from benchmarks.post_office import post_offices
from benchmarks.report import Goal, Series, Table, ratio
from benchmarks.rounds import Contestant, Group, interleave
from benchmarks.scene import make_scene
from benchmarks.seed import seed
from benchmarks.tutorial import tutorials

OF_POST_OFFICE, OF_LIMIT = 6, 0.5
"""What we want to be: so many times django-post_office's best, and this part of the limit."""

TEMPLATE = "letters"


def measure(bench: Bench) -> Table:
    """Run all contestants, round by round, and compare their medians."""
    ours = Ours(bench.scratch, by_smtp(bench.sink.port))
    for store in bench.stores:
        with fresh(store, TEMPLATE, ours.keys) as sessions:
            seed(sessions, make_scene(sessions, bench.now), bench.plan.letters, 1, bench.now)
            tidy(sessions)
    mails = export(ours, bench.stores[0], TEMPLATE, bench.scratch / "mails.json")
    contestants = [
        *(_our_workers(bench, ours, store, workers) for store in bench.stores for workers in (1, 2)),
        *post_offices(bench, mails),
        *tutorials(bench, mails),
        *limits(bench, mails),
    ]
    series = interleave(contestants, bench.plan.rounds, bench.sink, bench.say)
    for store in bench.stores:
        store.drop(TEMPLATE)
    return _table(bench, mails, series)


def _our_workers(bench: Bench, ours: Ours, store: Store, workers: int) -> Contestant:
    name = f"ours, {store.kind}, {'one worker' if workers == 1 else f'{workers} workers'}"

    def run() -> float:
        store.copy(TEMPLATE, "round")
        finish = ours.deliver(store, "round", workers=workers)
        ours.check(store, "round", bench.plan.letters)
        store.drop("round")
        return finish.seconds

    return Contestant(Group.OURS, name, bench.plan.letters, run)


def _table(bench: Bench, mails: Mails, measured: Sequence[tuple[Group, Series]]) -> Table:
    best = {group: max((series.rate for found, series in measured if found is group), default=None) for group in Group}
    rows = [
        (
            series.name,
            f"{series.letters:,}",
            f"{series.rate:,.0f}",
            series.span,
            ratio(series.rate, best[Group.POST_OFFICE]),
            ratio(series.rate, best[Group.LIMIT]),
        )
        for _, series in measured
    ]
    return Table(
        title="1. Letters a second to one SMTP sink",
        columns=("", "letters", "letters/s", "rounds", "to post_office", "to the limit"),
        rows=rows,
        goals=list(_goals(bench, measured, best)),
        notes=[
            f"The sink is {bench.sink.name}; medians of {bench.plan.rounds} rounds.",
            f"A letter's text is {mails.text_size:,} bytes, its mail with HTML and header fields {mails.whole_size:,}.",
            *_without_html(measured, best),
        ],
        measured=[
            {"group": group, "name": one.name, "letters": one.letters, "seconds": one.seconds}
            for group, one in measured
        ],
    )


def _goals(
    bench: Bench, measured: Sequence[tuple[Group, Series]], best: Mapping[Group, float | None]
) -> Iterator[Goal]:
    for store in bench.stores:
        rate = max(one.rate for group, one in measured if group is Group.OURS and store.kind in one.name)
        if peer := best[Group.POST_OFFICE]:
            yield Goal(f"{store.kind}, times django-post_office's best", rate / peer, OF_POST_OFFICE)
        if limit := best[Group.LIMIT]:
            yield Goal(f"{store.kind}, part of the limit", rate / limit, OF_LIMIT)


def _without_html(measured: Sequence[tuple[Group, Series]], best: Mapping[Group, float | None]) -> Iterator[str]:
    """What becomes of the ratios where the others send less than we do."""
    ours = max(one.rate for group, one in measured if group is Group.OURS)
    for group in (Group.POST_OFFICE_TEXT, Group.LIMIT_TEXT):
        if other := best[group]:
            yield f"Ours, with HTML, to {group}: {ratio(ours, other)}."
