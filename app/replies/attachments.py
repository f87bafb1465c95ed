"""What came with an answer, as it is kept until the answer is passed on: names and sizes, never the files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from app.mail.answers import Attachment


def kept(attachments: Iterable[Attachment]) -> str:
    """Attachments as text."""
    return json.dumps([[one.name, one.size] for one in attachments])


def read_kept(text: str) -> Sequence[Attachment]:
    """The attachments that `kept` was given."""
    return [Attachment(name, size) for name, size in json.loads(text)]
