"""Mail that comes in: the new mails of a maildir, each of them once, or one from standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path


def incoming(maildir: Path | None, largest: int) -> Iterator[bytes]:
    """Each new mail of the maildir, or without one the mail on standard input; up to `largest` bytes of each.

    A mail is marked as seen when the next one is asked for: one that could not be taken in stays new. The files are
    moved as they are (https://cr.yp.to/proto/maildir.html): what a mail holds is its reader's affair.
    """
    if maildir is None:
        yield sys.stdin.buffer.read(largest)
        return
    for path in sorted((maildir / "new").glob("[!.]*")):
        with path.open("rb") as file:
            raw = file.read(largest)
        yield raw
        path.rename(maildir / "cur" / f"{path.name.partition(':')[0]}:2,S")
