"""The kill switch as commands: `flask deliveries pause`, `resume` and `paused`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bootstrap import Platform
from app.campaigns.models import Campaign
from app.cli.refusals import refusals
from app.delivery.desk import release_all
from app.queue.brakes import brakes_listed, put_on, take_off
from app.queue.models import BrakeScope, Lane
from app.targets.models import Target, TargetList


@dataclass(frozen=True, slots=True)
class Subject:
    """What a brake stops, by its id, and what staff call it."""

    scope: BrakeScope
    id: int
    name: str


def _subject_options(command: Callable[..., None]) -> Callable[..., None]:
    """Ask for one subject (or all that are paused), and hand the command a function that finds it."""

    @click.option("--everything", is_flag=True, help="All mail, notices to supporters too.")
    @click.option("--letters", is_flag=True, help="All letters.")
    @click.option("--campaign", metavar="SLUG", help="One campaign's letters.")
    @click.option("--lane", metavar="KEY", help="One receiving mail domain, or a mailbox set apart.")
    @click.option("--target", nargs=2, metavar="LIST ID", help="One target.")
    @functools.wraps(command)
    def with_subject(**values: Any) -> None:
        names = ("everything", "letters", "campaign", "lane", "target", "all")
        given = {name: value for name in names if (value := values.pop(name, None))}
        if len(given) != 1:
            raise click.UsageError("Say one thing, such as --letters or --campaign SLUG.")
        command(find=functools.partial(_find, *next(iter(given.items()))), **values)

    return with_subject


def _find(scope: str, value: Any, session: Session) -> list[Subject]:
    match scope:
        case "all":
            return [Subject(brake.scope, brake.subject_id, brake.name) for brake in brakes_listed(session)]
        case "campaign":
            found = session.scalar(select(Campaign.id).where(Campaign.slug == value))
        case "lane":
            found = session.scalar(select(Lane.id).where(Lane.key == value.lower()))
        case "target":
            by_list = select(Target.id).join(TargetList, TargetList.id == Target.list_id)
            found = session.scalar(by_list.where(TargetList.slug == value[0], Target.external_id == value[1]))
        case _:
            return [Subject(BrakeScope(scope), 0, scope)]
    name = " ".join(value) if scope == "target" else value
    if found is None:
        raise click.ClickException(f"There is no {scope} {name}.")
    return [Subject(BrakeScope(scope), found, f"{scope} {name}")]


def add_brakes(group: AppGroup, platform: Platform) -> None:
    """Add the commands to `flask deliveries`."""

    @group.command("pause")
    @_subject_options
    @click.option("--why", required=True, help="The reason, for those who come after.")
    def pause(find: Callable[[Session], list[Subject]], why: str) -> None:
        """Stop mail from leaving, within two seconds; letters are still accepted, and wait."""
        with refusals(), platform.sessions.write() as session:
            [subject] = find(session)
            new = put_on(session, subject.scope, subject.id, why, platform.clock())
        click.echo(f"{subject.name} is paused" + ("" if new else " already"))

    @group.command("resume")
    @click.option("--all", is_flag=True, help="All that is paused.")
    @_subject_options
    def resume(find: Callable[[Session], list[Subject]]) -> None:
        """Let it go on."""
        with refusals(), platform.sessions.write() as session:
            subjects = {subject: take_off(session, subject.scope, subject.id) for subject in find(session)}
        released = _release_targets(platform, subjects)
        if released or any(subjects.values()):
            platform.doorbell.ring(0)
        for subject, was in subjects.items():
            click.echo(f"{subject.name} goes on" if was else f"{subject.name} was not paused")
        if released:
            click.echo(f"letters let go: {released}")

    @group.command("paused")
    def paused() -> None:
        """List what is paused, since when and why."""
        tell_brakes(platform)


def tell_brakes(platform: Platform) -> None:
    """Print what is paused, a line each."""
    with refusals(), platform.sessions.read() as session:
        for brake in brakes_listed(session):
            click.echo(f"{brake.name} is paused since {brake.at:%Y-%m-%d %H:%M} UTC: {brake.why}")


def _release_targets(platform: Platform, subjects: Iterable[Subject]) -> int:
    """Queue what was held while its target was paused, even if the brake came off long ago: a batch may be late."""
    targets = [subject.id for subject in subjects if subject.scope is BrakeScope.TARGET]
    with refusals():
        return sum(
            release_all(platform.sessions, "target_paused", "the target goes on", platform.clock(), target_id=target_id)
            for target_id in targets
        )
