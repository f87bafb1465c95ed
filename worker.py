"""The worker: answers rings until it is asked to stop, and runs the embedded Redis when none is configured."""

from __future__ import annotations

import gc
import os
import signal
import sys

gc.disable()  # as in wsgi.py

from app.bootstrap import Platform, platform_from_environment, warm_up
from app.config import ConfigError
from app.doorbell.embedded import EmbeddedRedis, find_server
from app.doorbell.listener import Listener
from app.logs import install_logs
from app.worker.delivering import DeliveryWorker


def run(platform: Platform) -> None:
    """Work until SIGTERM or SIGINT. Mail that is being handed over is finished and settled first."""
    worker = DeliveryWorker(platform)
    worker.start()
    try:
        _answer_rings(platform, worker)
    finally:
        worker.stop()


def _answer_rings(platform: Platform, worker: DeliveryWorker) -> None:
    config = platform.config
    if config.redis_url:
        Listener(config.redis_url, worker.deliver_due).listen(worker.stopping)
    elif find_server() is None:
        # The platform has said so when it was built; what is left to do here is to wait for the end.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stopping.set())
        worker.stopping.wait()
    else:
        embedded = EmbeddedRedis(config.instance_dir)
        try:
            Listener(embedded.url, worker.deliver_due, before=embedded.ensure_running).listen(worker.stopping)
        finally:
            embedded.stop()


def main() -> None:
    """Start from the environment; a setting that is missing or wrong is one sentence and no traceback."""
    install_logs()
    try:
        platform = platform_from_environment(os.environ)
    except ConfigError as error:
        sys.exit(str(error))
    warm_up()
    run(platform)


if __name__ == "__main__":
    main()
