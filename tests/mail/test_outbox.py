from __future__ import annotations

import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.mail.message import Message, to_mime
from app.mail.outbox import OutboxMail, OutboxTransport, list_mails, read_mail
from app.mail.transport import Accepted, Deferred, Refused
from tests.mail.conftest import MakeMessage
from tests.support.watching import RecordingWatcher, hand_over

FIRST = "20261124T093000.000000Z-1.eml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "instance" / "outbox"


@pytest.fixture
def outbox(folder: Path, now: datetime) -> OutboxTransport:
    return OutboxTransport(folder, lambda: now)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_outbox_reaches_nobody(outbox: OutboxTransport) -> None:
    assert outbox.reaches_people is False


def test_a_message_becomes_a_file_that_holds_it_exactly(
    outbox: OutboxTransport, folder: Path, make_message: MakeMessage, now: datetime
) -> None:
    message = make_message(1)
    assert hand_over(outbox, [message]) == [(message, Accepted(f"outbox: {FIRST}"))]
    assert [path.name for path in folder.iterdir()] == [FIRST]
    assert (folder / FIRST).read_bytes() == to_mime(message, now)


def test_only_the_owner_may_look(outbox: OutboxTransport, folder: Path, make_message: MakeMessage) -> None:
    folder.mkdir(parents=True, mode=0o755)
    hand_over(outbox, [make_message()])
    assert mode_of(folder) == 0o700
    assert mode_of(folder / FIRST) == 0o600


def test_a_second_copy_is_not_hidden(outbox: OutboxTransport, folder: Path, make_message: MakeMessage) -> None:
    hand_over(outbox, [make_message(1, subject=subject) for subject in ("one", "two", "three")])
    assert [mail.subject for mail in list_mails(folder)] == ["three", "two", "one"]
    assert [mail.name for mail in list_mails(folder)] == [
        FIRST.replace("-1", "-1-3"),
        FIRST.replace("-1", "-1-2"),
        FIRST,
    ]


def test_a_message_that_cannot_be_written_out_is_refused_alone(
    outbox: OutboxTransport, folder: Path, make_message: MakeMessage
) -> None:
    told = hand_over(outbox, [make_message(1, subject="one\ntwo"), make_message(2)])
    assert [type(outcome) for _, outcome in told] == [Refused, Accepted]
    assert len(list(folder.iterdir())) == 1


def test_a_folder_that_cannot_be_made_defers(tmp_path: Path, make_message: MakeMessage, now: datetime) -> None:
    (tmp_path / "taken").write_text("a file stands where the folder should be")
    outbox = OutboxTransport(tmp_path / "taken", lambda: now)
    assert [outcome for _, outcome in hand_over(outbox, [make_message()])] == [Deferred("outbox: File exists")]


def test_a_message_is_taken_when_the_one_before_has_its_answer(
    outbox: OutboxTransport, make_message: MakeMessage
) -> None:
    watcher = RecordingWatcher()

    def messages() -> Iterator[Message]:
        for number in range(3):
            assert len(watcher.answers) == len(watcher.left) == number
            yield make_message(number)

    outbox.hand_over(messages(), watcher)
    assert watcher.left == [0, 1, 2]


def test_what_is_stopped_is_not_written(outbox: OutboxTransport, folder: Path, make_message: MakeMessage) -> None:
    watcher = RecordingWatcher(stopped=frozenset({1}))
    outbox.hand_over(iter([make_message(1), make_message(2)]), watcher)
    assert [message.id for message, _ in watcher.answers] == [2]
    assert len(list_mails(folder)) == 1


def test_an_outbox_that_was_never_used_is_empty(folder: Path) -> None:
    assert list_mails(folder) == []
    assert read_mail(folder, FIRST) is None


def test_the_list_is_newest_first_and_limited(folder: Path, make_message: MakeMessage, now: datetime) -> None:
    times = iter(now + timedelta(seconds=second) for second in (5, 0, 5, 9))
    hand_over(OutboxTransport(folder, lambda: next(times)), [make_message(number) for number in (9, 2, 10, 4)])
    ids = [mail.name.removesuffix(".eml").partition("-")[2] for mail in list_mails(folder)]
    assert ids == ["4", "10", "9", "2"]
    assert [mail.date for mail in list_mails(folder, limit=2)] == [
        now + timedelta(seconds=9),
        now + timedelta(seconds=5),
    ]


def test_the_list_tells_who_writes_to_whom(outbox: OutboxTransport, folder: Path, make_message: MakeMessage) -> None:
    name = "أمينة محمد من زدمير وضواحيها"
    hand_over(outbox, [make_message(from_name=name, reply_to_name=name, subject=f"رسالة من {name}")])
    assert list_mails(folder) == [
        OutboxMail(
            name=FIRST,
            date=datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
            sender=f"{name} <letters@solidarity-post.example>",
            to='"Cllr Bob Sample" <bob.sample@zedmere.example>',
            reply_to=f"{name} <alice@supporter.example>",
            subject=f"رسالة من {name}",
        )
    ]


def test_a_mail_opens_with_its_text_and_its_html(
    outbox: OutboxTransport, folder: Path, make_message: MakeMessage
) -> None:
    hand_over(outbox, [make_message(text="Dear Cllr Sample,\n\n.\nسلام\n", html="<p>سلام</p>")])
    mail = read_mail(folder, FIRST)
    assert mail is not None
    assert (mail.text, mail.html) == ("Dear Cllr Sample,\n\n.\nسلام\n", "<p>سلام</p>\n")
    assert mail.reply_to == '"Alice Adams" <alice@supporter.example>'


def test_a_mail_of_text_alone_and_without_reply_address_opens(
    outbox: OutboxTransport, folder: Path, make_message: MakeMessage
) -> None:
    hand_over(outbox, [make_message(text="Hello\n", reply_to=None)])
    mail = read_mail(folder, FIRST)
    assert mail is not None
    assert (mail.text, mail.html, mail.reply_to) == ("Hello\n", None, "")


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../secret.eml",
        f"../{FIRST}",
        f"outbox/{FIRST}",
        f"./{FIRST}",
        f"{FIRST}\n",
        f"{FIRST}\0",
        f" {FIRST}",
        FIRST.upper(),
        FIRST.replace("1", "١"),
        "20261124T093000.000000Z-2.eml",
        "draft.eml",
    ],
)
def test_no_other_file_can_be_read(outbox: OutboxTransport, folder: Path, make_message: MakeMessage, name: str) -> None:
    hand_over(outbox, [make_message()])
    (folder.parent / FIRST).write_text("Subject: secret\r\n\r\n")
    (folder.parent / "secret.eml").write_text("Subject: secret\r\n\r\n")
    (folder / "draft.eml").write_text("Subject: secret\r\n\r\n")
    assert read_mail(folder, name) is None


def test_files_of_others_are_not_listed(outbox: OutboxTransport, folder: Path, make_message: MakeMessage) -> None:
    hand_over(outbox, [make_message()])
    (folder / "draft.eml").write_text("Subject: secret\r\n\r\n")
    (folder / f".{FIRST}.12ab").write_text("half a mail")
    (folder / FIRST.replace("-1", "-7")).symlink_to(folder / "swept away")
    assert [mail.name for mail in list_mails(folder)] == [FIRST]


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """The system refuses to let a file of this process grow beyond `size` bytes, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_takes_no_more_defers_and_keeps_no_half_mail(
    outbox: OutboxTransport, folder: Path, make_message: MakeMessage
) -> None:
    with largest_file(3000):
        told = hand_over(outbox, [make_message(1), make_message(2, text="x" * 5000), make_message(3)])
    outcomes = [outcome for _, outcome in told]
    assert [type(outcome) for outcome in outcomes] == [Accepted, Deferred, Accepted]
    assert outcomes[1].note == "outbox: File too large"
    assert sorted(path.name for path in folder.iterdir()) == [FIRST, FIRST.replace("-1", "-3")]
