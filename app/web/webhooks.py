"""Where providers report what became of mails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import structlog
from flask import Blueprint, Response, abort, current_app, request
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from app.delivery.tallies import count_up
from app.delivery.tracking import receive
from app.mail.reports import Report
from app.mail.sendgrid_events import (
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    BadSignatureError,
    Events,
    NotEventsError,
    read_events,
    verify,
)
from app.web.gathered import Gathered
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy

LARGEST_POST = 4 * 1024 * 1024
"""Bytes. SendGrid gathers events for some seconds, and posts them together."""

AT_ONCE = 200
"""Reports in one transaction: a large post must not keep letters waiting to be written down."""

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")

_REFUSED = "solidarity_refused_posts"

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@blueprint.post("/mail/sendgrid")
@policy(Access.SIGNED, Csrf.SIGNATURE)
def sendgrid() -> ResponseReturnValue:
    """Take in SendGrid's events. What is signed is answered with success: told again it would be the same."""
    key = platform().webhook_key
    if key is None:
        abort(404)
    request.max_content_length = LARGEST_POST
    body = request.get_data(cache=False)
    headers = request.headers
    try:
        verify(key, headers.get(SIGNATURE_HEADER), headers.get(TIMESTAMP_HEADER), body, platform().clock())
        _take_in(read_events(body))
    except BadSignatureError as error:
        _log.warning("webhook refused", reason=str(error))
        _count_refused()
        return Response("This is not signed as it should be.\n", 403, mimetype="text/plain")
    except NotEventsError as error:
        _log.warning("webhook not understood", reason=str(error), size=len(body))
    return Response(status=204)


@blueprint.record_once
def _begin_to_count(state: BlueprintSetupState) -> None:
    state.app.extensions[_REFUSED] = Gathered()


def _count_refused() -> None:
    """Anybody may post what is not signed: few of these posts may cost a write, and none may fail by it."""
    gathered: Gathered = current_app.extensions[_REFUSED]
    if number := gathered.one_more(platform().clock()):
        try:
            with platform().sessions.write() as session:
                count_up(session, "reports", {(0, "refused"): number})
        except SQLAlchemyError as error:
            _log.warning("refused posts are not counted", number=number, kind=type(error).__name__)


def _take_in(events: Events) -> None:
    new = repeated = unattributed = 0
    for some in _parts(events.reports):
        with platform().sessions.write() as session:
            received = receive(session, some, platform().clock(), platform().random)
        new, repeated = new + received.new, repeated + received.repeated
        unattributed += received.unattributed
    others = {(0, "ignored"): events.ignored, (0, "malformed"): events.malformed}
    with platform().sessions.write() as session:
        count_up(session, "reports", {place: number for place, number in others.items() if number})
    _log.info(
        "webhook",
        new=new,
        repeated=repeated,
        unattributed=unattributed,
        ignored=events.ignored,
        malformed=events.malformed,
    )


def _parts(reports: Sequence[Report]) -> Iterator[Sequence[Report]]:
    """The reports in the order in which things happened, in parts."""
    ordered = sorted(reports, key=lambda report: report.at)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]
