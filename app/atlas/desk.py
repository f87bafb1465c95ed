"""Asks the atlas what our own table does not know, and keeps the answer. Visitors never wait for it twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.atlas.port import Atlas, LiveArea, NoAnswerError
from app.atlas.valve import Valve
from app.db import Sessions
from app.targets.postcode_answers import keep_answer, wants_answer
from app.targets.postcodes import NotAPostcode, normalise

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

NOBODYS = "ZZ"
"""The area of invented postcodes, which no service knows."""


class AtlasDesk:
    """Fills the gaps of our table from a service, if there is one.

    Args:
        sessions: where answers are kept.
        atlas: the service, or nothing.
        valve: lets questions through to it.
        clock: tells the time.
    """

    def __init__(self, sessions: Sessions, atlas: Atlas | None, valve: Valve, clock: Callable[[], datetime]) -> None:
        self._sessions, self._atlas, self._valve, self._clock = sessions, atlas, valve, clock

    def learn(self, typed: str) -> None:
        """Make sure that what can be known of a postcode is known, before anybody looks it up.

        Best effort: never raises, and asks nobody for what is no postcode, is known, or was asked a while ago. No
        transaction may be open in the caller: this may wait for the network.
        """
        if self._atlas is None:
            return
        try:
            postcode = normalise(typed)
        except NotAPostcode:
            return
        if postcode.startswith(NOBODYS):
            return
        try:
            self._learn(self._atlas, postcode)
        except SQLAlchemyError as error:
            _log.warning("an answer about a postcode was not kept", why=type(error).__name__)

    def _learn(self, atlas: Atlas, postcode: str) -> None:
        with self._sessions.read() as session:
            if not wants_answer(session, postcode, self._clock()):
                return
        if not self._valve.enter():
            return
        try:
            areas = atlas.look_up(postcode)
        except NoAnswerError as error:
            self._valve.failed()
            _log.warning("the service for postcodes did not answer", why=str(error))
            return
        except BaseException:
            self._valve.failed()
            raise
        self._valve.answered()
        self._keep(postcode, areas)

    def _keep(self, postcode: str, areas: tuple[LiveArea, ...] | None) -> None:
        names = None if areas is None else {area.code: area.name for area in areas}
        with self._sessions.write() as session:
            keep_answer(session, postcode, names, self._clock())
