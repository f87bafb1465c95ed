"""Letters into the tutorial's database: `python -m benchmarks.peers.tutorial.fill <mails.json> <how many>`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks.peers.tutorial.app import Letter, app, db


def main() -> None:
    """Make the table and fill it."""
    mails = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))[: int(sys.argv[2])]
    for mail in mails:
        del mail["sender"]
    with app.app_context():
        db.create_all()
        db.session.add_all([Letter(**mail) for mail in mails])
        db.session.commit()


if __name__ == "__main__":
    main()
