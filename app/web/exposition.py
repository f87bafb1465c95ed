"""The figures of the house as Prometheus reads them (https://prometheus.io/docs/instrumenting/exposition_formats/).

They are read from rows when somebody asks, whichever process answers: none of the library's own counters are used, and
nothing is kept between two askings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from app.delivery.figures import Figures

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

_Samples = Iterable[tuple[tuple[str, ...], float]]
"""The values of the labels, and the value."""


def exposition(figures: Figures) -> bytes:
    """The figures in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Reading(figures))
    return generate_latest(registry)


class _Reading(Collector):
    """The figures of one moment."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """See `Collector.collect`."""
        yield from _of_the_house(self._figures)
        yield from _of_the_lanes(self._figures)


def _of_the_house(figures: Figures) -> Iterator[Metric]:
    yield _gauge(
        "deliveries",
        "Mails in each state, letters and our notices to supporters.",
        ("kind", "state"),
        figures.deliveries.items(),
    )
    yield _gauge(
        "oldest_due_seconds",
        "For how long the oldest queued mail has been due, whatever it waits for: pace, hours, a pause, a worker.",
        ("kind",),
        (((kind,), age.total_seconds()) for kind, age in figures.oldest_due.items()),
    )
    yield _gauge(
        "overdue_seconds",
        "For how long the oldest mail that nothing keeps from leaving has lain. Workers hold it near 0.",
        ("kind",),
        (((kind,), age.total_seconds()) for kind, age in figures.overdue.items()),
    )
    yield _gauge(
        "last_sweep_timestamp_seconds",
        "When a worker swept last, in seconds since 1970; 0 if none ever has.",
        (),
        [((), 0.0 if figures.swept_at is None else figures.swept_at.timestamp())],
    )
    yield _gauge(
        "brakes",
        "Pauses that are on, by what they stop.",
        ("scope",),
        (((scope,), number) for scope, number in figures.brakes.items()),
    )
    yield _counter(
        "reports",
        "Reports of mails that had left, by what they say or what became of them: SendGrid's webhook and bounces.",
        ("report",),
        (((label,), number) for label, number in figures.reports.items()),
    )


def _of_the_lanes(figures: Figures) -> Iterator[Metric]:
    lanes = figures.lanes.items()
    yield _gauge(
        "lane_deliveries",
        "Mails in each state that is not their last, by the receiver's mail domain.",
        ("lane", "state"),
        (((name, state), number) for name, lane in lanes for state, number in lane.open.items()),
    )
    yield _counter(
        "sends",
        "Answers of the next server (or provider) to mails handed over, by the receiver's mail domain.",
        ("lane", "outcome"),
        (((name, outcome), number) for name, lane in lanes for outcome, number in lane.sends.items()),
    )
    yield _gauge(
        "lane_resting",
        "Lanes of this name that rest, because their receiver turned mail away.",
        ("lane",),
        (((name,), lane.resting) for name, lane in lanes),
    )
    yield _gauge(
        "lane_troubled",
        "Lanes of this name whose receiver turns mail away: they rest, or try with single letters.",
        ("lane",),
        (((name,), lane.troubled) for name, lane in lanes),
    )


def _gauge(name: str, words: str, labels: tuple[str, ...], samples: _Samples) -> Metric:
    family = GaugeMetricFamily(f"solidarity_{name}", words, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family


def _counter(name: str, words: str, labels: tuple[str, ...], samples: _Samples) -> Metric:
    family = CounterMetricFamily(f"solidarity_{name}", words, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family
