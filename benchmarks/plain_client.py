"""SendGrid's client used as its own pages show: `python -m benchmarks.plain_client <url> <mails.json> <how many>`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Mail

from benchmarks.starting_line import say_done, wait_for_go


def main() -> None:
    """Wait for the start, then make one call for each mail."""
    url, mails, calls = sys.argv[1:]
    letters = json.loads(Path(mails).read_text(encoding="utf-8"))[: int(calls)]
    client = SendGridAPIClient("SG.bench", host=url)
    wait_for_go()
    for letter in letters:
        client.send(
            Mail(
                from_email=letter["sender"],
                to_emails=letter["recipient"],
                subject=letter["subject"],
                plain_text_content=letter["text"],
                html_content=letter["html"],
            )
        )
    say_done()


if __name__ == "__main__":
    main()
