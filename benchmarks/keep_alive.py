"""The limit of HTTPS: threads that each post ready-made bodies over one kept connection and look at nothing.

`python -m benchmarks.keep_alive <port> <mails.json> <how many> <threads>`
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.client import HTTPSConnection
from pathlib import Path
from queue import Empty, SimpleQueue

from benchmarks.certificate import HOST
from benchmarks.starting_line import say_done, wait_for_go

PATH = "/v3/mail/send"
HEADERS = {"Authorization": "Bearer SG.bench", "Content-Type": "application/json"}


def body(letter: dict[str, str]) -> bytes:
    """A mail as mail/send takes it."""
    told = {
        "personalizations": [{"to": [{"email": letter["recipient"]}]}],
        "from": {"email": letter["sender"]},
        "subject": letter["subject"],
        "content": [
            {"type": "text/plain", "value": letter["text"]},
            {"type": "text/html", "value": letter["html"]},
        ],
    }
    return json.dumps(told).encode()


def post(port: int, bodies: SimpleQueue[bytes]) -> None:
    """Post until there are no more."""
    connection = HTTPSConnection(HOST, port)
    while True:
        try:
            content = bodies.get_nowait()
        except Empty:
            break
        connection.request("POST", PATH, content, HEADERS)
        answer = connection.getresponse()
        answer.read()
        if answer.status != HTTPStatus.ACCEPTED:
            raise RuntimeError(f"the server said {answer.status}")
    connection.close()


def main() -> None:
    """Make the bodies, wait for the start, post."""
    port, mails, calls, threads = sys.argv[1:]
    bodies: SimpleQueue[bytes] = SimpleQueue()
    for letter in json.loads(Path(mails).read_text(encoding="utf-8"))[: int(calls)]:
        bodies.put(body(letter))
    wait_for_go()
    with ThreadPoolExecutor(int(threads)) as pool:
        for posting in [pool.submit(post, int(port), bodies) for _ in range(int(threads))]:
            posting.result()
    say_done()


if __name__ == "__main__":
    main()
