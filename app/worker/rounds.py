"""What the clock brings, one piece of work each: every one looks for itself whether there is something to do."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from app.bootstrap import Platform
from app.replies.retention import forget_answers, passed_on
from app.replies.survey import ask_due, is_due
from app.running.endings import wind_up
from app.targets.overrides import expire_overrides, overrides_due

_log: structlog.stdlib.BoundLogger = structlog.get_logger("worker")


def turn_clockwork(site: Platform) -> None:
    """Open, close and go on with campaigns whose time has come."""
    for delivery_id in site.clockwork.turn(site.clock()):
        site.doorbell.ring(delivery_id)


def queue_digests(site: Platform) -> None:
    """Queue the weekly mails that are due."""
    queued = site.digest_round.turn(site.clock())
    if queued:
        site.doorbell.ring(queued[-1])
        _log.info("digest", queued=len(queued))


def publish_figures(site: Platform) -> None:
    """Publish the figures of campaigns by place and language whose day has come."""
    if published := site.publication_round.turn(site.clock()):
        _log.info("publication", campaigns=published)


def end_overrides(site: Platform) -> None:
    """End the overrides whose time is over."""
    now = site.clock()
    with site.sessions.read() as session:
        due = overrides_due(session, now)
    if due:
        with site.sessions.write() as session:
            ended = expire_overrides(session, now)
        _log.info("overrides ended", number=len(ended))


def forget_passed_on(site: Platform) -> None:
    """Delete what was answered as soon as it is passed on."""
    with site.sessions.read() as session:
        ids = passed_on(session, site.clock())
    if ids:
        with site.sessions.write() as session:
            forget_answers(session, ids)


def ask_who_answered(site: Platform) -> None:
    """Queue one batch of questions; the next round goes on."""
    now, wait = site.clock(), site.config.reply_survey_after
    if wait is None:
        return
    with site.sessions.read() as session:
        due = is_due(session, now, wait)
    if due:
        with site.sessions.write() as session:
            looked_at = ask_due(session, now, wait)
        _log.info("reply survey", actions=looked_at)


def wind_up_campaigns(site: Platform, stopping: Callable[[], bool]) -> None:
    """Do what comes after a campaign's end, batch by batch."""
    done = 0
    while not stopping() and (batch := wind_up(site.sessions, site.clock())):
        done += batch
    if done:
        site.doorbell.ring(0)
        _log.info("endings", done=done)
