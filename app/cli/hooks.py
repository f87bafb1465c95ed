"""Commands for webhooks."""

from __future__ import annotations

from collections.abc import Callable

import click
from flask.cli import AppGroup

from app.announcements.models import CHOOSABLE, Happening, Hook
from app.bootstrap import Platform
from app.campaigns.find import campaign_called
from app.cli.refusals import refusals
from app.hooks.addresses import UnfitUrlError
from app.hooks.desk import HookDesk, NewHook, hook_called, hooks_listed, latest, waiting
from app.hooks.messages import message_id_of
from app.staff.sign_in import member_of

_EVENTS = click.Choice([event.value for event in CHOOSABLE])
_number = click.argument("number", metavar="NUMBER", type=int)


def hooks(platform: Platform) -> AppGroup:
    """Give `flask hooks`."""
    group = AppGroup("hooks", help="Webhooks: other programs that are told what happens.")
    _add_add(group, platform)
    _add_looks(group, platform)
    _add_decisions(group, platform)
    return group


def _add_add(group: AppGroup, platform: Platform) -> None:
    @group.command("add")
    @click.argument("url")
    @click.option("--name", required=True, help="What it is for.")
    @click.option("--owner", required=True, metavar="EMAIL", help="Who of staff is told when it does not work.")
    @click.option(
        "--event",
        "events",
        multiple=True,
        type=_EVENTS,
        help="Several may be given.",
    )
    @click.option("--campaign", metavar="SLUG", help="Only what happens in this campaign.")
    def add(url: str, name: str, owner: str, events: tuple[str, ...], campaign: str | None) -> None:
        """Add a webhook, told of everything unless you say otherwise, and print its secret."""
        with refusals(), platform.sessions.write() as session:
            member = member_of(session, platform.config.field_keys, owner)
            if member is None:
                raise click.ClickException("Nobody of staff has that address.")
            campaign_id = None if campaign is None else campaign_called(session, campaign).id
            told = [Happening(event) for event in events or CHOOSABLE]
            try:
                hook = HookDesk(session, None, platform.clock()).add(
                    NewHook(name, url, told, campaign_id, member.id), anywhere=platform.config.development
                )
            except UnfitUrlError:
                raise click.UsageError("URL must be a public https:// address.") from None
            click.echo(f"webhook {hook.id}; its secret, which is shown this once: {hook.secret}")


def _add_looks(group: AppGroup, platform: Platform) -> None:
    @group.command("list")
    def show() -> None:
        """List webhooks, with how they stand and what waits for them."""
        with refusals(), platform.sessions.read() as session:
            for hook in hooks_listed(session):
                why = f" ({hook.why})" if hook.why else ""
                events = ", ".join(event.kind for event in hook.events)
                click.echo(f"{hook.id} {hook.name}: {hook.state}{why}, {waiting(session, hook.id)} wait; {events}")

    @group.command("log")
    @_number
    def log(number: int) -> None:
        """Print what a webhook was told last, and how that went."""
        with refusals(), platform.sessions.read() as session:
            for row in latest(session, hook_called(session, number).id):
                answer = row.status or row.said or "not tried yet"
                click.echo(f"{row.at:%Y-%m-%d %H:%M} {message_id_of(row)} {row.kind}: {row.state}, {answer}")

    @group.command("go-round")
    def go_round() -> None:
        """Send what is due now, as the worker does all the time."""
        with refusals():
            click.echo(f"messages taken: {platform.announcer.go_round()}")


def _add_decisions(group: AppGroup, platform: Platform) -> None:
    def decide(number: int, act: Callable[[HookDesk, Hook], None], done: str) -> None:
        with refusals(), platform.sessions.write() as session:
            desk = HookDesk(session, None, platform.clock())
            act(desk, desk.find(number))
        click.echo(f"webhook {number}: {done}")

    @group.command("test")
    @_number
    def test(number: int) -> None:
        """Send a webhook an announcement of nothing."""
        decide(number, HookDesk.test, "a test waits to be sent")

    @group.command("pause")
    @_number
    def pause(number: int) -> None:
        """Tell a webhook nothing until it goes on."""
        decide(number, HookDesk.pause, "paused")

    @group.command("resume")
    @_number
    def resume(number: int) -> None:
        """Let a webhook go on; what it has not taken is sent again."""
        decide(number, HookDesk.resume, "goes on")

    @group.command("remove")
    @_number
    def remove(number: int) -> None:
        """Remove a webhook, with its address and its secret."""
        decide(number, HookDesk.remove, "removed")
