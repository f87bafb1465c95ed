"""Who may sign in, and as what: for admins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.actions.addresses import parse_email
from app.i18n import DEFAULT_LANGUAGE, LANGUAGES, own_name
from app.roles import Permission, Role
from app.staff.models import MemberState, StaffMember
from app.staff.people import (
    AlreadyStaffError,
    LastAdminError,
    Newcomer,
    Personnel,
    Position,
    WrongStateError,
    everybody,
)
from app.web.organise.door import blueprint, me, ring
from app.web.organise.forms import InviteForm, PositionForm
from app.web.organise.sign_in import UNPROCESSABLE, note_stale, refuse
from app.web.organise.words import role_choices, role_words, state_words
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.forms import add_error
from app.web.routing import localized

LARGEST_ID = 2**31 - 1


@localized(blueprint, "/organise/people", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.PEOPLE)
def people() -> ResponseReturnValue:
    """List everybody."""
    with platform().sessions.read() as session:
        members = [_shown(member) for member in everybody(session)]
    return render_template("organise/people.html", members=members)


@localized(blueprint, "/organise/people/invite", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.PEOPLE, fresh=True)
def invite() -> ResponseReturnValue:
    """Ask who is invited, and as what."""
    form = InviteForm(formdata=None, language=g.language)
    return render_template("organise/invite.html", form=form, **_offered())


@localized(blueprint, "/organise/people/invite", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.PEOPLE, fresh=True)
def invite_now() -> ResponseReturnValue:
    """Invite them by mail."""
    form, site = InviteForm(request.form), platform()
    if not form.validate():
        return refuse("invite", form, **_offered())
    newcomer = Newcomer(
        email=parse_email(form.email.data or ""),
        name=form.name.data or "",
        language=form.language.data or DEFAULT_LANGUAGE,
        position=_position(form),
    )
    try:
        with site.sessions.write() as session:
            member, delivery_id = _personnel(session).invite(newcomer)
            member_id = member.id
    except AlreadyStaffError:
        add_error(form.email, _("Somebody with this address is staff already."))
        return refuse("invite", form, **_offered())
    ring(delivery_id)
    return redirect(url_for("organise.person", member_id=member_id), 303)


@localized(blueprint, "/organise/people/<int:member_id>", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.PEOPLE)
def person(member_id: int) -> ResponseReturnValue:
    """Show one member, and what can be decided about them."""
    with platform().sessions.read() as session:
        return _person_page(_member(session, member_id))


@localized(blueprint, "/organise/people/<int:member_id>/role", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.PEOPLE, fresh=True)
def place(member_id: int) -> ResponseReturnValue:
    """Give them another role."""
    form, site = PositionForm(request.form), platform()
    if not form.validate():
        note_stale(form)
        with site.sessions.read() as session:
            return _person_page(_member(session, member_id), form), UNPROCESSABLE
    return _decide(member_id, lambda personnel, member: personnel.place(member, _position(form)))


@localized(blueprint, "/organise/people/<int:member_id>/invite-again", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.PEOPLE, fresh=True)
def invite_again(member_id: int) -> ResponseReturnValue:
    """Mail them a fresh invitation."""
    return _decide(member_id, Personnel.invite_again)


@localized(blueprint, "/organise/people/<int:member_id>/deactivate", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.PEOPLE, fresh=True)
def deactivate(member_id: int) -> ResponseReturnValue:
    """Let them sign in no more."""
    return _decide(member_id, Personnel.deactivate)


@localized(blueprint, "/organise/people/<int:member_id>/activate", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.PEOPLE, fresh=True)
def activate(member_id: int) -> ResponseReturnValue:
    """Let them sign in again."""
    return _decide(member_id, Personnel.activate)


@localized(blueprint, "/organise/people/<int:member_id>/unlock", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.PEOPLE, fresh=True)
def unlock(member_id: int) -> ResponseReturnValue:
    """Let them try again."""
    return _decide(member_id, Personnel.unlock)


@localized(blueprint, "/organise/people/<int:member_id>/reset-second-factor", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.PEOPLE, fresh=True)
def reset_second_factor(member_id: int) -> ResponseReturnValue:
    """Take away a second factor that is lost."""
    return _decide(member_id, Personnel.reset_second_factor)


def _decide(member_id: int, act: Callable[[Personnel, StaffMember], int | None]) -> ResponseReturnValue:
    """Decide about a member, then show them; what makes no sense any more is not done."""
    site = platform()
    try:
        with site.sessions.write() as session:
            delivery_id = act(_personnel(session), _member(session, member_id))
    except WrongStateError:
        delivery_id = None  # somebody else was faster; the page shows how things stand
    except LastAdminError:
        with site.sessions.read() as session:
            problem = _("They are the only admin. Make somebody else one first.")
            return _person_page(_member(session, member_id), problem=problem), UNPROCESSABLE
    ring(delivery_id)
    return redirect(url_for("organise.person", member_id=member_id), 303)


def _personnel(session: Session) -> Personnel:
    site = platform()
    return Personnel(session, site.config.field_keys, me().id, site.clock())


def _member(session: Session, member_id: int) -> StaffMember:
    member = session.get(StaffMember, member_id) if member_id <= LARGEST_ID else None
    if member is None:
        abort(404)
    return member


def _person_page(member: StaffMember, form: PositionForm | None = None, problem: str | None = None) -> str:
    partner = "" if member.partner is None else member.partner.name
    form = form or PositionForm(formdata=None, role=member.role.value, partner=partner)
    if problem:
        form.form_errors.append(problem)
    return render_template("organise/person.html", person=_shown(member), form=form, roles=role_choices())


def _offered() -> dict[str, Any]:
    """What the form to invite somebody lets one choose from."""
    return {"roles": role_choices(), "spoken": [{"id": code, "name": own_name(code)} for code in LANGUAGES]}


def _position(form: PositionForm) -> Position:
    return Position(Role(form.role.data or ""), form.partner.data or "")


def _shown(member: StaffMember) -> dict[str, object]:
    """A member as pages show them."""
    now = platform().clock()
    return {
        "id": member.id,
        "url": url_for("organise.person", member_id=member.id),
        "name": member.name,
        "email": member.email,
        "role": role_words(member.role)[0],
        "partner": "" if member.partner is None else member.partner.name,
        "state": state_words(member, now),
        "invited": member.state is MemberState.INVITED,
        "deactivated": member.state is MemberState.DEACTIVATED,
        "locked": member.locked(now),
        "second_factor": member.has_second_factor,
        "signed_in_at": member.signed_in_at,
    }
