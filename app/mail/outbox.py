"""The default adapter: every message becomes a file that a developer can read, and nothing leaves the machine."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from itertools import count, islice
from pathlib import Path

from app.mail.headers import UnsendableMessageError
from app.mail.message import Message, to_mime
from app.mail.transport import Accepted, Deferred, Outcome, Refused, StoppedError, Uncertain, Watcher, note_of

_WRITTEN_AT = "%Y%m%dT%H%M%S.%fZ"
_FILE_NAME = re.compile(r"(\d{8}T\d{6}\.\d{6}Z)-(\d{1,19})(?:-(\d{1,9}))?\.eml", re.ASCII)


@dataclass(frozen=True, slots=True)
class OutboxMail:
    """One mail of the outbox for the development page, its header texts decoded; a field that is not there is empty."""

    name: str
    """The name of its file."""
    date: datetime
    """When the file was written, in UTC."""
    sender: str = field(repr=False)
    to: str = field(repr=False)
    reply_to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(default="", repr=False)
    """Lines end in a bare line feed. `list_mails` reads no further than the headers and leaves text and HTML empty."""
    html: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class OutboxTransport:
    """Writes `<directory>/<UTC time>-<delivery id>.eml`, whole or not at all, for the owner's eyes only.

    A second hand-over of one delivery makes a second file: a doubled letter is to be seen, not hidden.
    """

    directory: Path
    clock: Callable[[], datetime]

    @property
    def reaches_people(self) -> bool:
        """No: files stay here, so unverified targets are welcome."""
        return False

    def hand_over(self, messages: Iterator[Message], watcher: Watcher) -> None:
        """See `Transport.hand_over`."""
        for message in messages:
            with suppress(StoppedError):
                watcher.leaving([message.id])
                watcher.answered(message, self._keep(message))

    def close(self) -> None:
        """Nothing is kept open."""

    def _keep(self, message: Message) -> Outcome:
        now = self.clock().astimezone(UTC)
        try:
            name = _write_new(self.directory, f"{now.strftime(_WRITTEN_AT)}-{message.id}", to_mime(message, now))
        except UnsendableMessageError as error:
            return Refused(note_of(error))
        except OSError as error:
            return Deferred(note_of("outbox:", error.strerror))
        try:
            _sync(self.directory)
        except OSError as error:
            return Uncertain(note_of("outbox:", name, "may not survive a power cut:", error.strerror))
        return Accepted(note_of("outbox:", name))


def list_mails(directory: Path, limit: int = 200) -> list[OutboxMail]:
    """The newest mails of the outbox, newest first, at most `limit` of them. An outbox not made yet is empty."""
    names = (path.name for path in directory.glob("*.eml"))
    newest_first = sorted((name for name in names if _FILE_NAME.fullmatch(name)), key=_order, reverse=True)
    return list(islice(_listed(directory, newest_first), limit))


def name_of(directory: Path, delivery_id: int) -> str | None:
    """The name of the mail that a delivery became, the newest where it was handed over twice; None if there is none."""
    forms = (_FILE_NAME.fullmatch(path.name) for path in directory.glob(f"*-{delivery_id}*.eml"))
    names = [form[0] for form in forms if form is not None and int(form[2]) == delivery_id]
    return max(names, key=_order, default=None)


def read_mail(directory: Path, name: str) -> OutboxMail | None:
    """One mail with its text and HTML, or None. The name may come from a URL: only the outbox's own form counts."""
    try:
        content = (directory / name).read_bytes() if _FILE_NAME.fullmatch(name) else None
    except FileNotFoundError:
        content = None
    if content is None:
        return None
    mail = BytesParser(_class=EmailMessage, policy=policy.SMTP).parsebytes(content)
    return replace(_headers(name, mail), text=_body(mail, "plain") or "", html=_body(mail, "html"))


def _write_new(directory: Path, stem: str, content: bytes) -> str:
    """Write a file that was not there before; a name that is taken gets a number. Returns the file's name."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    draft = directory / f".{stem}.{secrets.token_hex(8)}"
    try:
        draft.touch(mode=0o600, exist_ok=False)
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return _link_new(draft, stem)
    finally:
        draft.unlink(missing_ok=True)


def _link_new(draft: Path, stem: str) -> str:
    # A link, unlike a rename, never replaces a file that is already there.
    for number in count(1):
        name = f"{stem}.eml" if number == 1 else f"{stem}-{number}.eml"
        with suppress(FileExistsError):
            draft.with_name(name).hardlink_to(draft)
            return name
    raise AssertionError  # pragma: no cover - there is always another number


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _order(file_name: str) -> tuple[str, int, int]:
    match = _FILE_NAME.fullmatch(file_name)
    assert match is not None  # noqa: S101 - only names of this form are sorted
    return match[1], int(match[2]), int(match[3] or 1)


def _listed(directory: Path, names: list[str]) -> Iterator[OutboxMail]:
    parser = BytesHeaderParser(_class=EmailMessage, policy=policy.SMTP)
    for name in names:
        with suppress(FileNotFoundError):  # swept away since the folder was listed
            yield _headers(name, parser.parsebytes((directory / name).read_bytes()))


def _headers(name: str, mail: EmailMessage) -> OutboxMail:
    return OutboxMail(
        name=name,
        date=datetime.strptime(_order(name)[0], _WRITTEN_AT).replace(tzinfo=UTC),
        sender=_field(mail, "From"),
        to=_field(mail, "To"),
        reply_to=_field(mail, "Reply-To"),
        subject=_field(mail, "Subject"),
    )


def _field(mail: EmailMessage, field_name: str) -> str:
    # The newer parser of the standard library puts a space between the encoded words of a long name.
    raw = dict(mail.raw_items()).get(field_name, "")
    return str(make_header(decode_header("".join(raw.splitlines()))))


def _body(mail: EmailMessage, subtype: str) -> str | None:
    part = mail.get_body(preferencelist=(subtype,))
    if part is None or part.get_content_subtype() != subtype:
        return None
    return str(part.get_content()).replace("\r\n", "\n")
