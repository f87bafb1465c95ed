"""Commands for what waits to leave: see it, stop it, let it go on, decide what is in doubt."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.bootstrap import Platform
from app.cli.brakes import add_brakes, tell_brakes
from app.cli.options import with_reason
from app.cli.refusals import refusals
from app.delivery.desk import (
    SETTLED_AS,
    SHOWN,
    Line,
    cancel,
    in_state,
    lines,
    reasons,
    release,
    release_all,
    settle,
)
from app.delivery.dispatch import BATCH
from app.delivery.forecast import forecast
from app.delivery.resend import blocked, resend, resend_all
from app.queue.models import Delivery
from app.queue.states import DeliveryState
from app.queue.story import story_of

_STATES = sorted(state.value for state in SETTLED_AS)
_ids = click.argument("ids", type=int, nargs=-1, metavar="ID...", required=True)
_some_ids = click.argument("ids", type=int, nargs=-1, metavar="ID...")


def deliveries(platform: Platform) -> AppGroup:
    """Give `flask deliveries`."""
    group = AppGroup("deliveries", help="What waits to leave, what is held, what is in doubt.")
    add_brakes(group, platform)
    _add_lists(group, platform)
    _add_decisions(group, platform)
    _add_blocked(group, platform)
    return group


def _add_lists(group: AppGroup, platform: Platform) -> None:
    @group.command("due")
    @click.option("--limit", type=click.IntRange(1, BATCH), default=50, show_default=True)
    def due(limit: int) -> None:
        """Show exactly what would go next, and what would be held and why; nothing is changed."""
        tell_brakes(platform)
        with refusals(), platform.sessions.read() as session:
            for one in forecast(session, platform.renderer, platform.lane_rules, platform.clock(), limit):
                _tell(one.line, one.obstacle or "goes")

    @group.command("waiting")
    @click.option("--limit", type=click.IntRange(1), default=SHOWN, show_default=True)
    def waiting(limit: int) -> None:
        """List what is queued, whether it may go now or not, with its Message-ID: what waits longest first."""
        with refusals(), platform.sessions.read() as session:
            for line in in_state(session, DeliveryState.QUEUED, limit=limit):
                _tell(line, platform.renderer.sender.message_id(line.id))
            _tell_more(sum(reasons(session, DeliveryState.QUEUED).values()), limit)

    @group.command("uncertain")
    def uncertain() -> None:
        """List the letters that were handed over and whose answer was lost, with what is known of each."""
        _show_uncertain(platform)

    @group.command("held")
    @click.option("--reason", help="Only those held for this.")
    def held(reason: str | None) -> None:
        """Count what is held for which reason, and list it."""
        _show_held(platform, reason)

    @group.command("show")
    @click.argument("delivery_id", type=int, metavar="ID")
    def show(delivery_id: int) -> None:
        """Tell the story of one delivery."""
        with refusals(), platform.sessions.read() as session:
            found = lines(session, [delivery_id])
            if not found:
                raise click.ClickException(f"There is no delivery {delivery_id}.")
            _tell(found[0], platform.renderer.sender.message_id(delivery_id))
            for change in story_of(session, session.get_one(Delivery, delivery_id)):
                came = f"{change.from_state or 'new'} → {change.to_state}"
                click.echo(f"  {change.at:%Y-%m-%d %H:%M:%S} {change.source:9} {came:22} {change.detail}")


def _show_uncertain(platform: Platform) -> None:
    with refusals(), platform.sessions.read() as session:
        for line in in_state(session, DeliveryState.UNCERTAIN):
            claimed = f"claimed {line.claimed_at:%Y-%m-%d %H:%M:%S} UTC" if line.claimed_at else ""
            _tell(line, f"{platform.renderer.sender.message_id(line.id)} {claimed}: {line.said}")
        _tell_more(sum(reasons(session, DeliveryState.UNCERTAIN).values()))


def _show_held(platform: Platform, reason: str | None) -> None:
    with refusals(), platform.sessions.read() as session:
        counts = reasons(session, DeliveryState.HELD)
        shown = {name: number for name, number in counts.items() if reason in {None, name}}
        for name, number in shown.items():
            click.echo(f"{number} held as {name}")
        for line in in_state(session, DeliveryState.HELD, reason):
            _tell(line, line.said)
        _tell_more(sum(shown.values()))


def _add_decisions(group: AppGroup, platform: Platform) -> None:
    @group.command("settle")
    @_ids
    @click.option(
        "--as",
        "state",
        type=click.Choice(_STATES),
        required=True,
        help="What became of them.",
    )
    @with_reason
    def settle_them(ids: tuple[int, ...], state: str, why: str) -> None:
        """Say what became of uncertain letters; as queued they are sent again, and may arrive twice."""
        with refusals(), platform.sessions.write() as session:
            moved = settle(session, ids, DeliveryState(state), why, platform.clock())
        if moved and state == DeliveryState.QUEUED:
            platform.doorbell.ring(0)
            click.echo("sent again, they may arrive twice")
        _tell_moved(ids, moved, state, "uncertain")

    @group.command("release")
    @_some_ids
    @click.option("--reason", help="All that are held for this.")
    @with_reason
    def release_them(ids: tuple[int, ...], reason: str | None, why: str) -> None:
        """Let held deliveries go."""
        if bool(ids) == bool(reason):
            raise click.UsageError("Give either IDs or --reason.")
        if reason:
            _release_for(platform, reason, why)
        else:
            _release_these(platform, ids, why)

    @group.command("cancel")
    @_ids
    @with_reason
    def cancel_them(ids: tuple[int, ...], why: str) -> None:
        """Cancel deliveries of which nothing has left."""
        with refusals(), platform.sessions.write() as session:
            moved = cancel(session, ids, why, platform.clock())
        _tell_moved(ids, moved, "cancelled", "queued or held")


def _add_blocked(group: AppGroup, platform: Platform) -> None:
    @group.command("blocked")
    def show() -> None:
        """List the letters that came back because their receiver blocks us, with what it said."""
        with refusals(), platform.sessions.read() as session:
            found = session.scalars(blocked()).all()
            for line in lines(session, found[:SHOWN]):
                _tell(line, line.said)
        _tell_more(len(found))

    @group.command("resend")
    @_some_ids
    @click.option("--lane", metavar="KEY", help="All that were blocked there.")
    @with_reason
    def resend_them(ids: tuple[int, ...], lane: str | None, why: str) -> None:
        """Send letters once more that were blocked; each waits until its lane is open."""
        if bool(ids) == bool(lane):
            raise click.UsageError("Give either IDs or --lane.")
        if lane:
            _resend_lane(platform, lane, why)
        else:
            _resend_these(platform, ids, why)


def _resend_lane(platform: Platform, lane: str, why: str) -> None:
    with refusals():
        queued = resend_all(platform.sessions, lane, why, platform.clock())
    if not queued:
        raise click.ClickException(f"Nothing is blocked by {lane}.")
    platform.doorbell.ring(0)
    click.echo(f"{queued} queued")


def _resend_these(platform: Platform, ids: tuple[int, ...], why: str) -> None:
    with refusals(), platform.sessions.write() as session:
        moved = resend(session, ids, why, platform.clock())
    if moved:
        platform.doorbell.ring(0)
    _tell_moved(ids, moved, "queued", "blocked")


def _release_for(platform: Platform, reason: str, why: str) -> None:
    with refusals():
        released = release_all(platform.sessions, reason, why, platform.clock())
    if not released:
        raise click.ClickException(f"Nothing is held as {reason}.")
    platform.doorbell.ring(0)
    click.echo(f"{released} queued")


def _release_these(platform: Platform, ids: tuple[int, ...], why: str) -> None:
    with refusals(), platform.sessions.write() as session:
        moved = release(session, ids, why, platform.clock())
    if moved:
        platform.doorbell.ring(0)
    _tell_moved(ids, moved, "queued", "held")


def _tell(line: Line, what: str) -> None:
    to = line.recipient or ("the supporter" if line.campaign else "staff")
    state = f"{line.state}{f' ({line.reason})' if line.reason else ''}"
    head = f"{line.id} {line.purpose} {line.campaign or '(no campaign)'} to {to} by {line.lane}: {state}"
    click.echo(f"{head}, due {line.due_at:%Y-%m-%d %H:%M} UTC. {what}".rstrip())


def _tell_more(number: int, shown: int = SHOWN) -> None:
    if number > shown:
        click.echo(f"and {number - shown} more")


def _tell_moved(ids: tuple[int, ...], moved: list[int], to: str, wanted: str) -> None:
    click.echo(f"{len(moved)} {to}")
    if left := sorted(set(ids) - set(moved)):
        raise click.ClickException(f"Left alone, for they are not {wanted}: {' '.join(map(str, left))}.")
