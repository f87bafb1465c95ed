"""A worker's own notes of what left and what was answered, so that its death leaves as little doubt as can be.

The database says which deliveries a worker has claimed. How far it came with them between two commits only the worker
knows; so it notes, before the bytes that may make the next server take a message over, that the message is leaving, and
the answer as soon as it is read. A note is one `write` to a file: it outlives the process, whatever kills it, and costs
microseconds where a commit costs milliseconds. A lock on the file says whether its worker lives. After a crash of the
whole machine notes may be missing, so then only what they say counts and not what they leave out.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from app.mail.transport import Accepted, Deferred, Outcome, Refused, Uncertain

_SUFFIX = ".journal"
_KINDS: dict[str, type[Accepted | Deferred | Refused | Uncertain]] = {
    "accepted": Accepted,
    "deferred": Deferred,
    "refused": Refused,
    "uncertain": Uncertain,
}
_WORDS = {kind: word for word, kind in _KINDS.items()}
_LEASE = re.compile(r"lease (\S+)")
_LINE = re.compile(r"(leaving|returned) (\d+)|(accepted|deferred|refused|uncertain) (\d+) (.*)")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(slots=True)
class Notes:
    """What a worker noted of its last claim."""

    name: str
    """What its leases begin with."""
    lease: str = ""
    """The token of the lease that the notes are of; nothing where the worker died before it had one."""
    complete: bool = True
    """Whether what is not noted did not happen; not so after a crash of the machine."""
    leaving: set[int] = field(default_factory=set)
    """What left and was not returned."""
    answers: dict[int, Outcome] = field(default_factory=dict)


class Journal:
    """The notes of one worker process. Made on first use; its directory is made where it is missing."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._name = secrets.token_hex(8)
        self._file: int | None = None
        self._claims = 0

    def new_lease(self) -> str:
        """The token of the next lease. Call it before the claim is committed: from then on the file vouches for it."""
        if self._file is None:
            self._file = self._open()
        self._claims += 1
        lease = f"{self._name}.{self._claims}"
        os.ftruncate(self._file, 0)
        os.write(self._file, f"boot {_boot_id()}\nlease {lease}\n".encode())
        return lease

    def leaving(self, ids: Sequence[int]) -> None:
        """Note that these may be taken over from now on."""
        self._write("".join(f"leaving {delivery_id}\n" for delivery_id in ids))

    def returned(self, ids: Sequence[int]) -> None:
        """Note that none of these was taken over; they may be leaving again."""
        self._write("".join(f"returned {delivery_id}\n" for delivery_id in ids))

    def answered(self, delivery_id: int, outcome: Outcome) -> None:
        """Note an answer."""
        self._write(f"{_WORDS[type(outcome)]} {delivery_id} {outcome.note}\n")

    def close(self) -> None:
        """Remove the file: everything it speaks of is settled."""
        if self._file is not None:
            self._path.unlink(missing_ok=True)
            os.close(self._file)
            self._file = None

    @property
    def _path(self) -> Path:
        return self._directory / f"{self._name}{_SUFFIX}"

    def _write(self, lines: str) -> None:
        assert self._file is not None  # noqa: S101 - nothing is handed over without a lease
        data = lines.encode(errors="replace")
        while data:
            data = data[os.write(self._file, data) :]

    def _open(self) -> int:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._path.with_suffix(".draft")
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        draft.rename(self._path)
        return file


@dataclass(slots=True)
class Orphan:
    """The journal of a worker that is gone. `settled` removes it."""

    notes: Notes
    path: Path
    file: int

    def settled(self) -> None:
        """Everything it speaks of is settled."""
        self.path.unlink(missing_ok=True)


def orphans(directory: Path) -> Iterator[Orphan]:
    """The journals in `directory` whose workers are gone, each locked while it is looked at."""
    for path in sorted(directory.glob(f"*{_SUFFIX}")):
        with suppress(FileNotFoundError, BlockingIOError):
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if path.exists():  # another worker may have settled it while this one waited for nothing
                    yield Orphan(_read(path), path, file)
            finally:
                os.close(file)


def _read(path: Path) -> Notes:
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    notes = Notes(path.stem, complete=lines[0] == f"boot {_boot_id()}" != "boot ")
    for line in _whole(lines[1:]):
        _take_note(notes, line)
    return notes


def _whole(lines: Sequence[str]) -> Iterable[str]:
    """All but the last, which is empty, or was cut."""
    return lines[:-1]


def _take_note(notes: Notes, line: str) -> None:
    match _LEASE.fullmatch(line) or _LINE.fullmatch(line):
        case None:
            return
        case note if note.re is _LEASE:
            notes.lease = note[1]
        case note if note[1] == "leaving":
            notes.leaving.add(int(note[2]))
        case note if note[1]:
            notes.leaving.discard(int(note[2]))
        case note:
            notes.answers[int(note[4])] = _KINDS[note[3]](note[5])


def _boot_id() -> str:
    """Which start of the machine this is; nothing where the system does not tell."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""
