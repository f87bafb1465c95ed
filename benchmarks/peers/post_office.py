"""django-post_office with the settings that let it send fastest; run in the peers' environment.

`python -m benchmarks.peers.post_office fill <settings> <mails.json> text [html]` makes the tables and queues the mails;
`… send <settings>` sends them as the project's documentation says, by its command `send_queued_mail`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command

from benchmarks.starting_line import say_done, wait_for_go

PROCESSES, THREADS = 2, 5
BATCH = 5000


def set_up(told: dict[str, Any]) -> None:
    """Configure Django; as durable as ours is: every commit is on the disk."""
    settings.configure(
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
        DATABASES={"default": _database(told)},
        EMAIL_BACKEND="post_office.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=told["port"],
        POST_OFFICE={
            "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
            "BATCH_SIZE": BATCH,
            "THREADS_PER_PROCESS": THREADS,
            "LOG_LEVEL": 1,  # failures only: a row less for each mail
        },
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()


def _database(told: dict[str, Any]) -> dict[str, Any]:
    if told["engine"] == "postgresql":
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": told["database"],
            "USER": "postgres",
            "HOST": told["host"],
        }
    pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"
    options = {"timeout": 60, "transaction_mode": "IMMEDIATE", "init_command": pragmas}
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": told["database"], "OPTIONS": options}


def fill(mails: Path, parts: set[str]) -> None:
    """Make the tables and queue the mails."""
    from django.db import connection  # noqa: PLC0415 - it needs the settings
    from post_office import mail  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    mail.send_many([_queued(one, parts) for one in json.loads(mails.read_text(encoding="utf-8"))])
    connection.close()  # SQLite's file is whole, for it is copied for each round


def _queued(one: dict[str, str], parts: set[str]) -> dict[str, Any]:
    return {
        "sender": one["sender"],
        "recipients": [one["recipient"]],
        "subject": one["subject"],
        "message": one["text"],
        "html_message": one["html"] if "html" in parts else "",
        "headers": {"Reply-To": one["reply_to"]},
    }


def send(lock: str) -> None:
    """Wait for the start and send everything."""
    from post_office.models import STATUS, Email  # noqa: PLC0415 - as above

    Email.objects.exists()  # the connection is open
    wait_for_go()
    call_command("send_queued_mail", processes=PROCESSES, lockfile=lock)
    say_done(sent=Email.objects.filter(status=STATUS.sent).count())


def main() -> None:
    """Do what the command line says."""
    task, told, *rest = sys.argv[1:]
    where = json.loads(told)
    set_up(where)
    if task == "fill":
        fill(Path(rest[0]), set(rest[1:]))
    else:
        send(where["lock"])


if __name__ == "__main__":
    main()
