"""Commands for lanes."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.bootstrap import Platform
from app.cli.refusals import refusals
from app.delivery.lane_desk import forget_troubles, let_try, set_hours, set_pace, split
from app.delivery.lane_report import LaneReport, LaneStanding, lane_reports
from app.hours import ALWAYS, HoursFormatError

HOUSE = "house"
LONGEST_PACE = 6
"""Digits."""


def lanes(platform: Platform) -> AppGroup:
    """Give `flask lanes`."""
    group = AppGroup("lanes", help="Receiving mail domains: pace, hours, who blocks us and what they said.")

    @group.command("list")
    @click.option("--troubled", is_flag=True, help="Only those that turn mail away.")
    def show(*, troubled: bool) -> None:
        """Print every lane: what waits there, how it stands, what its receiver said last."""
        hours = platform.config.lanes.hours if platform.transport.reaches_people else ALWAYS
        with refusals(), platform.sessions.read() as session:
            for report in lane_reports(session, platform.lane_rules, hours, platform.clock()):
                if report.troubled_since is not None or not troubled:
                    _tell(report)

    @group.command("set")
    @click.argument("key")
    @click.option("--pace", help="Letters an hour; 0 is as fast as can be; `house` is the house's pace.")
    @click.option("--hours", help="Such as `mon-fri 08:00-18:00`, `always`, or `house`.")
    def change(key: str, pace: str | None, hours: str | None) -> None:
        """Give a lane its own pace, or hours, or both."""
        if pace is None and hours is None:
            raise click.UsageError("Give --pace, --hours, or both.")
        _set_rules(platform, key, pace, hours)
        click.echo(f"{key} is set")

    @group.command("split")
    @click.argument("address")
    def split_off(address: str) -> None:
        """Set one mailbox that many letters go to apart as a lane of its own."""
        with refusals():
            moved = split(platform.sessions, address)
        click.echo(f"set apart; {moved} that wait leave by it")

    @group.command("probe")
    @click.argument("key")
    @click.option("--sound", is_flag=True, help="Take the lane for sound again at once, without trying.")
    def probe(key: str, *, sound: bool) -> None:
        """Let a resting lane try with one letter now."""
        with refusals(), platform.sessions.write() as session:
            (forget_troubles if sound else let_try)(session, key)
        platform.doorbell.ring(0)
        click.echo(f"{key} is sound" if sound else f"{key} tries")

    return group


def _tell(report: LaneReport) -> None:
    pace = f"{report.pace} an hour" if report.pace else "no limit"
    waiting = f"{report.waiting} waiting, {report.held} held"
    click.echo(f"{report.key}: {_standing(report)}; {waiting}; {pace}, {report.hours}")
    if report.troubled_since is not None:
        click.echo(f"  since {report.troubled_since:%Y-%m-%d %H:%M} UTC: {report.said}")


def _standing(report: LaneReport) -> str:
    match report.standing:
        case LaneStanding.RESTS:
            return f"rests until {report.rests_until:%Y-%m-%d %H:%M} UTC"
        case LaneStanding.CLOSED:
            return "closed until its hours"
        case LaneStanding.TRIES:
            return "tries with single letters"
        case _:
            return report.standing.value


def _set_rules(platform: Platform, key: str, pace: str | None, hours: str | None) -> None:
    try:
        with refusals(), platform.sessions.write() as session:
            if pace is not None:
                set_pace(session, key, _pace(pace))
            if hours is not None:
                set_hours(session, key, None if hours == HOUSE else hours)
    except HoursFormatError:
        raise click.UsageError("--hours takes `always`, `mon-fri 08:00-18:00`, or `house`.") from None


def _pace(text: str) -> int | None:
    if text == HOUSE:
        return None
    if not text.isdecimal() or len(text) > LONGEST_PACE:
        raise click.UsageError("--pace takes a whole number below a million, or `house`.")
    return int(text)
