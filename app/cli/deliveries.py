"""Commands for what waits to leave: see it, stop it, let it go on, decide what is in doubt."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click
from flask.cli import AppGroup

from app.bootstrap import Platform
from app.cli.brakes import add_brakes
from app.cli.refusals import refusals
from app.delivery.desk import AT_ONCE, SETTLED_AS, Line, cancel, held_for, in_state, lines, release, settle, story
from app.queue.brakes import brakes_listed
from app.queue.claim import next_ids
from app.queue.states import DeliveryState

Command = Callable[..., None]

_STATES = sorted(state.value for state in SETTLED_AS)
_why = click.option("--why", required=True, help="The reason, for those who come after.")
_ids = click.argument("ids", type=int, nargs=-1, metavar="ID...")


def deliveries(platform: Platform) -> AppGroup:
    """Give `flask deliveries`."""
    group = AppGroup("deliveries", help="What waits to leave, what is held, what is in doubt.")
    add_brakes(group, platform)
    _add_lists(group, platform)
    _add_decisions(group, platform)
    return group


def _add_lists(group: AppGroup, platform: Platform) -> None:
    @group.command("due")
    @click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
    def due(limit: int) -> None:
        """Show exactly what would go next, and what would be held and why; nothing is changed."""
        _show_due(platform, limit)

    @group.command("uncertain")
    def uncertain() -> None:
        """List the letters that were handed over and whose answer was lost, with what is known of each."""
        with refusals(), platform.sessions.read() as session:
            for line in in_state(session, DeliveryState.UNCERTAIN):
                _tell(line, f"{platform.renderer.sender.message_id(line.id)} {line.said}")

    @group.command("held")
    @click.option("--reason", help="Only those held for this.")
    def held(reason: str | None) -> None:
        """List what is held, and why."""
        with refusals(), platform.sessions.read() as session:
            for line in in_state(session, DeliveryState.HELD, reason):
                _tell(line, line.said)

    @group.command("show")
    @click.argument("delivery_id", type=int, metavar="ID")
    def show(delivery_id: int) -> None:
        """Tell the story of one delivery."""
        with refusals(), platform.sessions.read() as session:
            found = lines(session, [delivery_id])
            if not found:
                raise click.ClickException(f"There is no delivery {delivery_id}.")
            _tell(found[0], platform.renderer.sender.message_id(delivery_id))
            for event in story(session, delivery_id):
                came = f"{event.from_state or 'new'} → {event.to_state}"
                click.echo(f"  {event.at:%Y-%m-%d %H:%M:%S} {event.source:9} {came:22} {event.detail}")


def _show_due(platform: Platform, limit: int) -> None:
    with refusals(), platform.sessions.read() as session:
        for brake in brakes_listed(session):
            click.echo(f"paused: {brake}")
        ids = next_ids(session, platform.clock(), limit, platform.lane_rules)
        prepared = platform.renderer.prepare(session, ids)
        obstacles = {one.delivery_id: f"{one.state}: {one.reason}" for one in prepared.unsendable}
        for line in lines(session, ids):
            _tell(line, obstacles.get(line.id, "goes"))


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
    @_why
    def settle_them(ids: tuple[int, ...], state: str, why: str) -> None:
        """Say what became of uncertain letters; as queued they are sent again, and may arrive twice."""
        with refusals(), platform.sessions.write() as session:
            moved = settle(session, ids, DeliveryState(state), why, platform.clock())
        _tell_moved(ids, moved, state, "uncertain")
        _ring(platform, moved if state == DeliveryState.QUEUED else [])

    @group.command("release")
    @_ids
    @click.option("--reason", help="All that are held for this.")
    @_why
    def release_them(ids: tuple[int, ...], reason: str | None, why: str) -> None:
        """Let held deliveries go."""
        if bool(ids) == bool(reason):
            raise click.UsageError("Give either IDs or --reason.")
        moved = list(_release_by_id(platform, ids, why) if ids else _release_all(platform, reason or "", why))
        _tell_moved(ids or moved, moved, "queued", "held")
        _ring(platform, moved)

    @group.command("cancel")
    @_ids
    @_why
    def cancel_them(ids: tuple[int, ...], why: str) -> None:
        """Cancel deliveries of which nothing has left."""
        with refusals(), platform.sessions.write() as session:
            moved = cancel(session, ids, why, platform.clock())
        _tell_moved(ids, moved, "cancelled", "queued or held")


def _release_by_id(platform: Platform, ids: tuple[int, ...], why: str) -> list[int]:
    with refusals(), platform.sessions.write() as session:
        return release(session, ids, why, platform.clock())


def _release_all(platform: Platform, reason: str, why: str) -> list[int]:
    return release_in_parts(platform, functools.partial(held_for, reason=reason), why)


def release_in_parts(platform: Platform, find: Callable[..., Any], why: str) -> list[int]:
    """Release all that `find` finds, some at a time, so that nothing else waits long."""
    moved: list[int] = []
    while True:
        with refusals(), platform.sessions.write() as session:
            ids = find(session)
            moved += release(session, ids, why, platform.clock())
        if len(ids) < AT_ONCE:
            return moved


def _tell(line: Line, what: str) -> None:
    to = line.recipient or "the supporter"
    state = f"{line.state}{f' ({line.reason})' if line.reason else ''}"
    head = f"{line.id} {line.purpose} {line.campaign} to {to} by {line.lane}: {state}"
    click.echo(f"{head}, due {line.due_at:%Y-%m-%d %H:%M} UTC. {what}".rstrip())


def _tell_moved(ids: tuple[int, ...] | list[int], moved: list[int], to: str, wanted: str) -> None:
    click.echo(f"{len(moved)} {to}")
    if left := sorted(set(ids) - set(moved)):
        raise click.ClickException(f"Left alone, for they are not {wanted}: {' '.join(map(str, left))}.")


def _ring(platform: Platform, moved: list[int]) -> None:
    for delivery_id in moved[:1]:  # one ring wakes the worker for all of them
        platform.doorbell.ring(delivery_id)
