"""Commands for those who work at `/organise`: the first admin, and the way back in when no admin is left."""

from __future__ import annotations

import functools
from collections.abc import Callable

import click
from flask.cli import AppGroup

from app.actions.addresses import DisposableAddressError, NotAnAddressError, parse_email
from app.bootstrap import Platform
from app.cli.refusals import refusals
from app.i18n import DEFAULT_LANGUAGE, LANGUAGES
from app.roles import Role
from app.staff.demo import demo_link
from app.staff.models import MemberState, StaffMember
from app.staff.people import Newcomer, Personnel, Position, everybody
from app.staff.sign_in import member_of

_address = click.argument("email", metavar="EMAIL")


def staff(platform: Platform) -> AppGroup:
    """Give `flask staff`."""
    group = AppGroup("staff", help="Those who sign in at /organise.")
    _add_invite(group, platform)
    _add_list(group, platform)
    _add_decisions(group, platform)
    _add_role(group, platform)
    _add_demo(group, platform)
    return group


def _add_invite(group: AppGroup, platform: Platform) -> None:
    @group.command("invite")
    @_address
    @click.option("--name", required=True, help="Their name.")
    @click.option(
        "--role", type=click.Choice([role.value for role in Role]), default=Role.ADMIN.value, show_default=True
    )
    @click.option("--partner", default="", help="The organisation of somebody whose role is partner.")
    @click.option("--language", type=click.Choice(LANGUAGES), default=DEFAULT_LANGUAGE, show_default=True)
    def invite(email: str, name: str, role: str, partner: str, language: str) -> None:
        """Mail somebody a link to choose a password and join."""
        if (role == Role.PARTNER) != bool(partner.strip()):
            raise click.UsageError("Give --partner with the role partner, and with no other.")
        newcomer = Newcomer(_parsed(email), name.strip(), language, Position(Role(role), partner.strip()))
        with refusals(), platform.sessions.write() as session:
            _member, delivery_id = Personnel(session, platform.config.field_keys, None, platform.clock()).invite(
                newcomer
            )
        platform.doorbell.ring(delivery_id)
        click.echo(f"delivery {delivery_id} takes the invitation to them; it works for seven days")


def _add_list(group: AppGroup, platform: Platform) -> None:
    @group.command("list")
    def show() -> None:
        """List everybody who may sign in, might, or might once."""
        with refusals(), platform.sessions.read() as session:
            for member in everybody(session):
                click.echo(_line(member, locked=member.locked(platform.clock())))


def _add_decisions(group: AppGroup, platform: Platform) -> None:
    decide = functools.partial(_decide, platform)

    @group.command("invite-again")
    @_address
    def invite_again(email: str) -> None:
        """Mail a fresh invitation; the earlier link works no more."""
        decide(email, Personnel.invite_again, "invited again")

    @group.command("deactivate")
    @_address
    def deactivate(email: str) -> None:
        """Let somebody sign in no more, from this moment on."""
        decide(email, Personnel.deactivate, "deactivated")

    @group.command("activate")
    @_address
    def activate(email: str) -> None:
        """Let somebody sign in again."""
        decide(email, Personnel.activate, "activated")

    @group.command("unlock")
    @_address
    def unlock(email: str) -> None:
        """Let somebody try again whom too many failures have locked out."""
        decide(email, Personnel.unlock, "unlocked")

    @group.command("reset-second-factor")
    @_address
    def reset_second_factor(email: str) -> None:
        """Take away a second factor that is lost; ask first whether it is really they who ask."""
        decide(email, Personnel.reset_second_factor, "they sign in with their password alone until they add another")


def _add_role(group: AppGroup, platform: Platform) -> None:
    @group.command("role")
    @_address
    @click.argument("role", type=click.Choice([role.value for role in Role]))
    @click.option("--partner", default="", help="The organisation of somebody whose role is partner.")
    def place(email: str, role: str, partner: str) -> None:
        """Give somebody another role."""
        if (role == Role.PARTNER) != bool(partner.strip()):
            raise click.UsageError("Give --partner with the role partner, and with no other.")
        position = Position(Role(role), partner.strip())
        _decide(platform, email, lambda personnel, member: personnel.place(member, position), f"{role} from now on")


def _add_demo(group: AppGroup, platform: Platform) -> None:
    @group.command("demo-link")
    def demo() -> None:
        """Print a link that signs in an invented admin once; on a developer's machine only."""
        if not platform.config.development:
            raise click.ClickException("There is no demonstration in production: use `flask staff invite`.")
        with refusals(), platform.sessions.write() as session:
            link = demo_link(session, platform.config.field_keys, platform.clock())
        click.echo(platform.links.staff(link.kind, link.public_id, DEFAULT_LANGUAGE))


def _decide(platform: Platform, email: str, act: Callable[[Personnel, StaffMember], int | None], done: str) -> None:
    with refusals(), platform.sessions.write() as session:
        member = member_of(session, platform.config.field_keys, email)
        if member is None:
            raise click.ClickException("Nobody of staff has that address.")
        delivery_id = act(Personnel(session, platform.config.field_keys, None, platform.clock()), member)
    if delivery_id is not None:
        platform.doorbell.ring(delivery_id)
    click.echo(done)


def _parsed(email: str) -> str:
    try:
        return parse_email(email)
    except (NotAnAddressError, DisposableAddressError):
        raise click.UsageError("EMAIL must be a lasting e-mail address.") from None


def _line(member: StaffMember, *, locked: bool) -> str:
    partner = "" if member.partner is None else f" of {member.partner.name}"
    state = "locked out" if locked and member.state is MemberState.ACTIVE else member.state.value
    factor = "with" if member.has_second_factor else "without"
    return f"{member.id} {member.name} <{member.email}>, {member.role}{partner}: {state}, {factor} a second factor"
