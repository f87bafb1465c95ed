"""Logs of ids and numbers, one line each, as `key=value` (logfmt). No address, no name and no text belongs in one.

An error's own words are left out wherever it is logged, by our own loggers or a library's: a database quotes the row
that it would not take ("Failing row contains …"), a parser the text that it could not read. Its kind and the lines of
code that it came by are enough to find it.
"""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import TypeAlias

import structlog
from sqlalchemy.exc import OperationalError, ProgrammingError
from structlog.typing import EventDict

_ExcInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)  # as `sys.exc_info` gives it


_logfmt = structlog.processors.LogfmtRenderer(key_order=["event"], bool_as_flag=False)


class LineFormatter(logging.Formatter):
    """The standard library's formatter, but for the words of errors."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s level=%(levelname)s logger=%(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Write the line."""
        record.exc_text = None  # another formatter's, which may be handed on with the record
        return super().format(record)

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - the base's
        """See `traceback_of`."""
        return traceback_of(ei)


def install_logs(level: int = logging.INFO) -> None:
    """Send the house's logs through the standard library's, to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter())
    logging.basicConfig(level=level, handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)  # an upgrade that went well has nothing to say
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.processors.ExceptionRenderer(traceback_of),
            _render,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _render(logger: object, method: str, told: EventDict) -> tuple[tuple[str], dict[str, bool]]:
    """What the standard library is called with: the line, and no error, which it would write a second time."""
    return (_logfmt(logger, method, told),), {"exc_info": False}


def traceback_of(exc_info: _ExcInfo) -> str:
    """What kind of error it was and where it came from, its causes first; of its words only what cannot be personal."""
    return "\n".join(reversed([_told(error) for error in _chain(exc_info[1])]))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came from, as Python would show them."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _told(error: BaseException) -> str:
    lines = "".join(traceback.format_tb(error.__traceback__))
    words = _words_of(error)
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    return f"Traceback (most recent call last):\n{lines}{name}{words and f': {words}'}"


def _words_of(error: BaseException) -> str:
    """Words about the database or the machine, in which no value of a row can stand."""
    if isinstance(error, OperationalError | ProgrammingError):
        return (str(error.orig).strip().splitlines() or [""])[0]
    if isinstance(error, OSError) and isinstance(error.errno, int):
        return os.strerror(error.errno)  # not the error's own: smtplib's errors are of this kind
    return ""
