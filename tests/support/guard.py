"""Keep a server for as long as somebody uses it: `guard.py <users file> <folder> <uid> <gid> <program> [argument…]`.

Whoever uses the server holds a shared lock on the users file. The kernel drops that lock with its holder, a killed one
too; when the last is gone the guard ends the server, removes the folder and goes. Without uid and gid (both empty) the
server runs as whoever runs the guard.
"""

import fcntl
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

STOPS_WITHIN_SECONDS = 20


def main(users_file: str, folder: str, uid: str, gid: str, *command: str) -> None:
    other: dict[str, Any] = {"user": int(uid), "group": int(gid), "extra_groups": []} if uid else {}
    with (
        Path(users_file).open("w") as users,
        subprocess.Popen(command, **other) as server,  # noqa: S603 - our own command
    ):
        threading.Thread(target=_end_when_unused, args=(users.fileno(), server), daemon=True).start()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _end_when_unused(users: int, server: subprocess.Popen[bytes]) -> None:
    fcntl.flock(users, fcntl.LOCK_EX)
    server.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown; SIGTERM would wait for clients
    try:
        server.wait(STOPS_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()


if __name__ == "__main__":
    main(*sys.argv[1:])
