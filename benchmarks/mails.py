"""The mails as our worker would hand them over, for the peers to send the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from sqlalchemy import select

from app.bootstrap import build_platform
from app.config import load_config
from app.mail.message import Message, to_mime
from app.queue.models import Delivery
from benchmarks.databases import Store
from benchmarks.ours import Ours


@dataclass(frozen=True, slots=True)
class Mails:
    """Where the mails are, and how long they are on average, in bytes."""

    path: Path
    text_size: int
    whole_size: int
    """With header fields and HTML, as it goes over the wire."""


def export(ours: Ours, store: Store, name: str, path: Path) -> Mails:
    """Write the mails of all deliveries of a database to a JSON file."""
    platform = build_platform(load_config(ours.environment(store.url(name))))
    with platform.sessions.read() as session:
        ids = session.scalars(select(Delivery.id)).all()
        messages = platform.renderer.prepare(session, ids, platform.clock()).messages
    platform.sessions.engine.dispose()
    path.write_text(json.dumps([_told(message) for message in messages]), encoding="utf-8")
    now = platform.clock()
    return Mails(
        path,
        round(mean(len(message.text.encode()) for message in messages)),
        round(mean(len(to_mime(message, now)) for message in messages)),
    )


def _told(message: Message) -> dict[str, str]:
    return {
        "sender": message.from_address,
        "recipient": message.to_address,
        "reply_to": message.reply_to or "",
        "subject": message.subject,
        "text": message.text,
        "html": message.html or "",
    }
