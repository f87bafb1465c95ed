"""A worker of RQ that does all the jobs and ends: `python -m benchmarks.peers.tutorial.work fork|preloaded|simple`.

The jobs are queued before the start, by their name as a site does that does not import its tasks.
"""

from __future__ import annotations

import importlib
import os
import sqlite3
import sys

from redis import Redis
from rq import Queue, SimpleWorker, Worker

from benchmarks.starting_line import say_done, wait_for_go

TASKS = "benchmarks.peers.tutorial.tasks"
DATABASE = os.environ["TUTORIAL_DATABASE"].removeprefix("sqlite:///")


def ids(condition: str) -> list[int]:
    """The letters that are so."""
    with sqlite3.connect(DATABASE) as connection:
        return [row[0] for row in connection.execute(f"SELECT id FROM letter WHERE {condition}")]  # noqa: S608 - ours


def main() -> None:
    """Queue the jobs, wait for the start, work."""
    kind = sys.argv[1]
    connection = Redis.from_url(os.environ["TUTORIAL_REDIS"])
    queue = Queue("letters", connection=connection)
    for letter_id in ids("NOT sent"):
        queue.enqueue(f"{TASKS}.send_letter", letter_id)
    if kind != "fork":
        importlib.import_module(TASKS)
    worker = (SimpleWorker if kind == "simple" else Worker)([queue], connection=connection)
    wait_for_go()
    worker.work(burst=True, logging_level="WARNING")
    left = len(ids("NOT sent"))
    if left:
        sys.exit(f"{left} letters were not sent")
    say_done()


if __name__ == "__main__":
    main()
