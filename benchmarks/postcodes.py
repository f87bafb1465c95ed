"""Table 5: a national file of postcodes loaded, and postcodes looked up, beside bare SQLite."""

from __future__ import annotations

import csv
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

from sqlalchemy import text

from app.db import Sessions
from app.privacy.keys import FieldKeys
from app.targets.postcodes import areas_of
from benchmarks.bench import Bench
from benchmarks.databases import Store, bytes_used, fresh, opened
from benchmarks.national_file import HEADER, postcodes_of, write_national_file
from benchmarks.race import ROOT
from benchmarks.report import Goal, Series, Table, ratio

MOST_BYTES = 10e6
"""That a million postcodes may take."""
MOST_MILLISECONDS = 1.0
"""That a look-up may take."""
MOST_LOCKED = 15.0
"""Seconds that a writer may have to wait while a country is loaded: after so many it would give up."""
LOOK_UPS = 20_000
FEW_LOOK_UPS = 1000
"""Of the smoke run."""
CODES = ("ward", "laua", "cty", "ced", "pcon")


@dataclass(slots=True)
class Entrant:
    """Somebody who loads the file, or looks postcodes up."""

    name: str
    count: int
    """How many rows, or look-ups, in a round."""
    run: Callable[[], float]
    seconds: list[float] = field(default_factory=list)
    size: float | None = None
    """Bytes on the disk for a million postcodes."""

    @property
    def series(self) -> Series:
        """Its rounds."""
        return Series(self.name, self.count, self.seconds)


def measure(bench: Bench) -> Table:
    """Load the file into each database and into bare SQLite; then look postcodes up in all of them."""
    file, next_file, keys = bench.scratch / "national.csv", bench.scratch / "next.csv", FieldKeys.random()
    bench.say("two editions of a national file of postcodes")
    postcodes = postcodes_of(bench)
    count = write_national_file(file, postcodes)
    write_national_file(next_file, postcodes, drawn=1)
    bare = _Bare(bench.scratch / "bare.sqlite3", file)
    ours = [_Ours(bench, store, keys, file, next_file) for store in bench.stores]
    loads = [Entrant(f"ours, {one.store.kind}", count, one.load) for one in ours]
    loads.append(Entrant(bare.name, count, bare.load))
    _rounds(bench, loads)
    for one, load in zip([*ours, bare], loads, strict=True):
        load.size = one.size() / count * 1e6
    replaced = [Entrant(f"ours, {one.store.kind}", count, one.load, one.replacing) for one in ours]
    look_ups = LOOK_UPS if bench.peers else FEW_LOOK_UPS
    wanted = random.Random(5).choices(postcodes, k=look_ups)  # noqa: S311 - chance, not secrecy
    with closing(sqlite3.connect(bare.path)) as connection:
        looks = [Entrant("bare keyed SELECT, SQLite", len(wanted), partial(_select, connection, wanted))]
        looks = [
            *(Entrant(f"ours, {one.store.kind}", len(wanted), partial(_look_up, one, wanted)) for one in ours),
            *looks,
        ]
        _rounds(bench, looks)
    waited = max(one.longest_wait for one in ours if one.store.kind == "SQLite")
    table = _table(loads, replaced, looks, waited, file.stat().st_size)
    for one in ours:
        one.store.drop("postcodes")
    return table


class _Ours:
    """The platform's import, as an operator runs it, on one kind of database."""

    def __init__(self, bench: Bench, store: Store, keys: FieldKeys, *editions: Path) -> None:
        self.store, self._keys, self._editions = store, keys, editions
        self.replacing: list[float] = []
        """The seconds that an edition took which replaced another one, by round."""
        self._instance = bench.scratch / "postcodes-instance"
        self._empty = self._filled = 0
        self.longest_wait = 0.0
        """Seconds that another writer had to wait, of all rounds (SQLite)."""

    def load(self) -> float:
        """One round, into an empty registry: the whole command, its start included. Then the next edition."""
        if self._empty:
            self.store.drop("postcodes")
        with fresh(self.store, "postcodes", self._keys) as sessions:
            self._empty = bytes_used(sessions)
        first, following = self._editions
        seconds = self._import(first, "2021-11-01")
        with self.opened() as sessions:
            self._filled = bytes_used(sessions)
        self.replacing.append(self._import(following, "2022-02-01"))
        return seconds

    def _import(self, file: Path, as_of: str) -> float:
        url = self.store.url("postcodes")
        environment = {**os.environ, "INSTANCE_DIR": str(self._instance), "DATABASE_URL": url}
        about = ("--source", "a benchmark", "--as-of", as_of, "--licence", "none")
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "postcodes", "import", str(file), *about]
        with self._other_writer():
            begun = time.perf_counter()
            subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)  # noqa: S603 - our own command
            return time.perf_counter() - begun

    def size(self) -> int:
        """What the postcodes, their areas and groups take on the disk after a first edition."""
        return self._filled - self._empty

    @contextmanager
    def opened(self) -> Iterator[Sessions]:
        """Sessions on the database of the last round."""
        with opened(self.store, "postcodes", self._keys) as sessions:
            yield sessions

    @contextmanager
    def _other_writer(self) -> Iterator[None]:
        """Somebody writes all the while, as the site would; the longest wait is kept."""
        done = threading.Event()
        thread = threading.Thread(target=self._write_until, args=(done,))
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _write_until(self, done: threading.Event) -> None:
        with self.opened() as sessions:
            while not done.wait(0.01):
                begun = time.perf_counter()
                with sessions.write() as session:
                    session.execute(text("UPDATE campaign SET position = position"))
                self.longest_wait = max(self.longest_wait, time.perf_counter() - begun)


class _Bare:
    """SQLite alone: the file as it is, every cell as text; then, for look-ups, a table keyed by the postcode."""

    def __init__(self, path: Path, file: Path) -> None:
        self.path, self._file = path, file
        self._program = shutil.which("sqlite3")

    @property
    def name(self) -> str:
        """What it is called in the table."""
        return "sqlite3 .import" if self._program else "Python's sqlite3, executemany (no sqlite3 program here)"

    def load(self) -> float:
        """One round."""
        self.path.unlink(missing_ok=True)
        begun = time.perf_counter()
        if self._program:
            commands = f".mode csv\n.import {self._file} raw\n"
            subprocess.run([self._program, self.path], input=commands, text=True, check=True)  # noqa: S603 - no shell, our own words
        else:
            self._insert()
        return time.perf_counter() - begun

    def size(self) -> int:
        """What the keyed table takes, which is made here."""
        with closing(sqlite3.connect(self.path)) as connection:
            columns = ", ".join(("pcds", *CODES))
            connection.execute(f"CREATE TABLE keyed ({columns}, PRIMARY KEY (pcds)) WITHOUT ROWID")
            connection.execute(f"INSERT INTO keyed SELECT {columns} FROM raw ORDER BY pcds")  # noqa: S608 - names of ours
            connection.execute("DROP TABLE raw")
            connection.commit()
            connection.execute("VACUUM")
        return self.path.stat().st_size

    def _insert(self) -> None:
        with closing(sqlite3.connect(self.path)) as connection, self._file.open(newline="") as file:
            rows = csv.reader(file)
            connection.execute(f"CREATE TABLE raw ({', '.join(next(rows))})")
            places = ", ".join("?" * len(HEADER))
            while batch := list(islice(rows, 10_000)):
                connection.executemany(f"INSERT INTO raw VALUES ({places})", batch)  # noqa: S608 - question marks
            connection.commit()


def _look_up(ours: _Ours, wanted: Sequence[str]) -> float:
    """One round: each postcode's areas with their names and parents, in a session that knows none of them yet."""
    with ours.opened() as sessions, sessions.read() as session:
        areas_of(session, wanted[0])
        begun = time.perf_counter()
        for postcode in wanted:
            session.expunge_all()
            areas_of(session, postcode)
        return time.perf_counter() - begun


def _select(connection: sqlite3.Connection, wanted: Sequence[str]) -> float:
    """One round: each postcode's five codes."""
    begun = time.perf_counter()
    for postcode in wanted:
        connection.execute("SELECT ward, laua, cty, ced, pcon FROM keyed WHERE pcds = ?", (postcode,)).fetchone()
    return time.perf_counter() - begun


def _rounds(bench: Bench, entrants: Sequence[Entrant]) -> None:
    """Let each run once a round, each round beginning with another one."""
    for number in range(bench.plan.rounds):
        turn = number % len(entrants)
        for entrant in [*entrants[turn:], *entrants[:turn]]:
            bench.say(f"round {number + 1} of {bench.plan.rounds}: {entrant.name}")
            entrant.seconds.append(entrant.run())


def _table(
    loads: Sequence[Entrant], replaced: Sequence[Entrant], looks: Sequence[Entrant], waited: float, size: int
) -> Table:
    *_, bare = loads
    *_, select = looks
    rows = [
        [f"rows loaded: {one.name}", *_figures(one, bare), "–" if one.size is None else f"{one.size / 1e6:.1f} MB"]
        for one in loads
    ]
    rows += [[f"rows of the next edition: {one.name}", *_figures(one, bare), ""] for one in replaced]
    rows += [[f"looked up: {one.name}", *_figures(one, select), ""] for one in looks]
    slowest = max(1000 / one.series.rate for one in looks[:-1])
    return Table(
        "5. Postcodes",
        ("what", "a second", "slowest to fastest", "to bare", "a million on the disk"),
        rows,
        goals=[
            Goal(
                "bytes of a million postcodes, the most of ours",
                max(one.size or 0 for one in loads[:-1]),
                MOST_BYTES,
                at_most=True,
            ),
            Goal("milliseconds of a look-up, the most of ours", slowest, MOST_MILLISECONDS, at_most=True),
            Goal("seconds that a writer waited for SQLite at the most", waited, MOST_LOCKED, at_most=True),
        ],
        notes=[
            f"The file has {loads[0].count:,} postcodes in {size / 1e6:,.0f} MB, a third of them ended,",
            "shaped like NSPL. Ours is a command, from its start to its end.",
            "Bare SQLite takes every cell as text; on the disk it is a table of five codes by postcode.",
            "Ours looks up areas with names and parents, by the function that the site calls.",
        ],
        measured=[one.series for one in (*loads, *replaced, *looks)],
    )


def _figures(one: Entrant, bare: Entrant) -> list[str]:
    return [f"{one.series.rate:,.0f}", one.series.span, ratio(one.series.rate, bare.series.rate)]
