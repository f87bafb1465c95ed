"""`make faults`: letters through everything that can break. docs/faults.md says what it proves and what it cannot."""

from __future__ import annotations

import argparse
import logging
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from app.logs import install_logs
from tests.faults.report import show
from tests.faults.run import DATABASES, TRANSPORTS, Plan, Result, run

LETTERS, SEED = 2000, 3
PATIENCE_SECONDS, PATIENCE_A_LETTER = 240, 0.4
"""After how long a run is given up: far longer than it takes on a busy machine."""
WIDTH = 120
"""Characters that a table may take where the terminal has fewer, or is none."""


def main() -> None:
    """Run, print, and exit with 1 if anything is broken that must not be."""
    arguments = _arguments()
    install_logs()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))  # with everything that was started
    console = Console(width=max(Console().width, WIDTH))
    console.print(f"{arguments.letters} letters in each run, seed {arguments.seed}", style="dim", highlight=False)
    patience = PATIENCE_SECONDS + PATIENCE_A_LETTER * arguments.letters
    plans = [
        Plan(arguments.letters, arguments.seed, database, transport, patience)
        for database in arguments.database or DATABASES
        for transport in arguments.transport or TRANSPORTS
    ]
    results = [_run(plan, console, keep=arguments.keep) for plan in plans]
    show(results, console)
    sys.exit(any(result.verdict.broken for result in results))


def _run(plan: Plan, console: Console, *, keep: bool) -> Result:
    """One run in a folder that is kept if something is broken."""

    def tell(words: str) -> None:
        console.print(words, style="dim", highlight=False)

    folder = Path(tempfile.mkdtemp(prefix="sp-faults-"))
    logging.basicConfig(filename=folder / "site.log", level=logging.INFO, force=True)
    tell(f"{plan.name}: begins")
    result = run(plan, folder, tell)
    if result.verdict.broken or keep:
        words = "is broken" if result.verdict.broken else "has ended"
        tell(f"{plan.name}: {words}; what it left behind is in {folder}")
    else:
        shutil.rmtree(folder)
    return result


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--letters", type=int, default=LETTERS, help="letters in each run")
    parser.add_argument("--seed", type=int, default=SEED, help="of the script of faults")
    parser.add_argument("--database", choices=DATABASES, action="append", help="on which database; both by default")
    parser.add_argument("--transport", choices=TRANSPORTS, action="append", help="by which way out; both by default")
    parser.add_argument("--keep", action="store_true", help="keep logs and database of a run that broke nothing, too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
