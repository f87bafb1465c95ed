"""Logs of ids and numbers, one line each, as `key=value` (logfmt). No address, no name and no text belongs in one."""

from __future__ import annotations

import logging

import structlog


def install_logs(level: int = logging.INFO) -> None:
    """Send the house's logs through the standard library's, to standard error."""
    logging.basicConfig(level=level, format="%(asctime)s level=%(levelname)s logger=%(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)  # an upgrade that went well has nothing to say
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["event"], bool_as_flag=False),
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
