"""Commands for lanes."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.bootstrap import Platform
from app.cli.refusals import refusals
from app.delivery.lane_report import (
    LaneReport,
    forget_troubles,
    lane_reports,
    let_try,
    move_waiting,
    set_rules,
    split,
)
from app.hours import HoursFormatError

HOUSE = "house"


def lanes(platform: Platform) -> AppGroup:
    """Give `flask lanes`."""
    group = AppGroup("lanes", help="Receiving mail domains: pace, hours, who blocks us and what they said.")

    @group.command("list")
    @click.option("--troubled", is_flag=True, help="Only those that turn mail away.")
    def show(*, troubled: bool) -> None:
        """Print every lane: what waits there, how it stands, what its receiver said last."""
        hours = platform.config.lanes.hours
        with refusals(), platform.sessions.read() as session:
            for report in lane_reports(session, platform.lane_rules, hours, platform.clock()):
                if report.troubled_since is not None or not troubled:
                    _tell(report)

    @group.command("set")
    @click.argument("key")
    @click.option("--pace", required=True, help="Letters an hour; 0 is as fast as can be; `house` is the house's pace.")
    @click.option("--hours", required=True, help="Such as `mon-fri 08:00-18:00`, `always`, or `house`.")
    def change(key: str, pace: str, hours: str) -> None:
        """Give a lane its own pace and hours."""
        if pace != HOUSE and not pace.isdecimal():
            raise click.UsageError("--pace takes a whole number, or `house`.")
        try:
            with refusals(), platform.sessions.write() as session:
                set_rules(session, key, None if pace == HOUSE else int(pace), None if hours == HOUSE else hours)
        except HoursFormatError:
            raise click.UsageError("--hours takes `always`, `mon-fri 08:00-18:00`, or `house`.") from None
        click.echo(f"{key} is set")

    @group.command("split")
    @click.argument("address")
    def split_off(address: str) -> None:
        """Set one mailbox that many letters go to apart as a lane of its own."""
        with refusals(), platform.sessions.write() as session:
            lane_id = split(session, address)
        click.echo(f"set apart; {_move_all(platform, address, lane_id)} that wait leave by it")

    @group.command("probe")
    @click.argument("key")
    @click.option("--sound", is_flag=True, help="Take the lane for sound again at once, without trying.")
    def probe(key: str, *, sound: bool) -> None:
        """Let a resting lane try with one letter now."""
        with refusals(), platform.sessions.write() as session:
            (forget_troubles if sound else let_try)(session, key)
        click.echo(f"{key} is sound" if sound else f"{key} tries")

    return group


def _tell(report: LaneReport) -> None:
    pace = f"{report.pace} an hour" if report.pace else "no limit"
    waiting = f"{report.waiting} waiting, {report.held} held"
    click.echo(f"{report.key}: {report.standing}; {waiting}; {pace}, {report.hours}")
    if report.troubled_since is not None:
        click.echo(f"  since {report.troubled_since:%Y-%m-%d %H:%M} UTC: {report.said}")


def _move_all(platform: Platform, address: str, lane_id: int) -> int:
    moved = 0
    while True:
        with refusals(), platform.sessions.write() as session:
            some = move_waiting(session, address, lane_id)
        moved += some
        if not some:
            return moved
