"""What staff change about one target: values over the source's, on the list or off it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.registrar.desk import Registrar
from app.roles import Permission
from app.targets.by_key import UnknownTargetError, target_by_id_to_change
from app.targets.fields import FieldError
from app.targets.models import Target
from app.targets.overrides import LASTS, LONGEST, OVERRIDABLE, OverrideError
from app.targets.removal import RemovalError
from app.web.organise.door import blueprint
from app.web.organise.targets.forms import OverrideForm, WhyForm
from app.web.organise.targets.frame import LARGEST_ID, refused, registrar, show, target_or_404
from app.web.organise.targets.words import field_words
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.forms import add_error
from app.web.routing import localized


@localized(blueprint, "/organise/targets/<int:target_id>/override", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.TARGETS)
def override(target_id: int) -> ResponseReturnValue:
    """Ask what is put over which value, until when and why."""
    until = (platform().clock() + LASTS).date()
    asked = request.args.get("field")
    form = OverrideForm(formdata=None, field=asked if asked in OVERRIDABLE else "email", until=until)
    with platform().sessions.read() as session:
        return show("override", form=form, **_offered(target_or_404(session, target_id)))


@localized(blueprint, "/organise/targets/<int:target_id>/override", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.TARGETS)
def override_now(target_id: int) -> ResponseReturnValue:
    """Put it there."""
    form, problem = OverrideForm(request.form), None
    if form.validate():
        problem = decide(target_id, lambda acting, of: put_over(acting, of, form))
        if problem is None:
            return redirect(url_for("organise.target", target_id=target_id), 303)
        add_error(form.value, problem)
    with platform().sessions.read() as session:
        return refused("override", form, **_offered(target_or_404(session, target_id)))


@localized(blueprint, "/organise/targets/<int:target_id>/end-override", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.TARGETS)
def end_override(target_id: int) -> ResponseReturnValue:
    """Let the source's value count again; where somebody else was faster the card shows how things stand."""
    field = request.form.get("field", "")
    decide(target_id, lambda acting, of: acting.end_override(of, field))
    return redirect(url_for("organise.target", target_id=target_id), 303)


@localized(blueprint, "/organise/targets/<int:target_id>/remove", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.TARGETS)
def remove_target(target_id: int) -> ResponseReturnValue:
    """Ask why they are taken off the list."""
    with platform().sessions.read() as session:
        return show("remove", form=WhyForm(formdata=None), target=target_or_404(session, target_id))


@localized(blueprint, "/organise/targets/<int:target_id>/remove", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.TARGETS)
def remove_target_now(target_id: int) -> ResponseReturnValue:
    """Take them off."""
    form = WhyForm(request.form)
    if not form.validate():
        with platform().sessions.read() as session:
            return refused("remove", form, target=target_or_404(session, target_id))
    decide(target_id, lambda acting, of: acting.remove(of, form.why.data or ""))
    return redirect(url_for("organise.target", target_id=target_id), 303)


@localized(blueprint, "/organise/targets/<int:target_id>/restore", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.TARGETS)
def restore_target(target_id: int) -> ResponseReturnValue:
    """Put them on the list again."""
    decide(target_id, Registrar.restore)
    return redirect(url_for("organise.target", target_id=target_id), 303)


def decide(target_id: int, act: Callable[[Registrar, Target], Any]) -> str | None:
    """Change one target in a transaction of its own; what the registry says against it, if it does."""
    try:
        with platform().sessions.write() as session:
            act(registrar(session), target_by_id_to_change(session, min(target_id, LARGEST_ID)))
    except (OverrideError, FieldError, RemovalError) as error:
        return registry_words(error)
    except UnknownTargetError:
        return _("This target is not here.")
    return None


def put_over(acting: Registrar, of: Target, form: OverrideForm) -> None:
    """Put a value over the source's, until the end of the day before the one that the form names."""
    assert form.until.data is not None, "the form asks for it"  # noqa: S101
    acting.put_over(
        of,
        form.field.data or "",
        form.value.data or "",
        why=form.why.data or "",
        expires_at=end_of(form.until.data),
    )


def end_of(day: Any) -> datetime:
    """When something that stands until a day ends."""
    return datetime.combine(day, time(), UTC)


def registry_words(error: Exception) -> str:
    """What the registry refuses, as words beside a field."""
    if isinstance(error, OverrideError) and "end within" in str(error):
        return _("The day must be after today, and within %(days)d days.", days=LONGEST // timedelta(days=1))
    if isinstance(error, OverrideError):
        return _("The source says this already.")
    return _("This cannot be used: %(reason)s.", reason=str(error))


def _offered(of: Target) -> dict[str, Any]:
    return {
        "target": of,
        "fields": [{"id": field, "name": field_words(field)} for field in OVERRIDABLE],
        "values": [(field_words(field), getattr(of, field)) for field in OVERRIDABLE],
    }
