"""What the public says is wrong: the queue, and deciding about each, with what follows from it in the same step."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.registrar.desk import Remedy
from app.roles import Permission
from app.targets.correction_models import Correction
from app.targets.corrections import NotToBeDecidedError, open_correction, open_corrections
from app.targets.fields import FieldError
from app.targets.overrides import LASTS, OVERRIDABLE, OverrideError
from app.targets.removal import RemovalError
from app.web.organise.door import blueprint
from app.web.organise.targets.changes import end_of, registry_words
from app.web.organise.targets.forms import AcceptForm, DismissForm
from app.web.organise.targets.frame import LARGEST_ID, refused, registrar, show
from app.web.organise.targets.words import correction_words, field_words, role_of_target
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.forms import add_error
from app.web.routing import localized


@localized(blueprint, "/organise/targets/corrections", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.TARGETS)
def corrections() -> ResponseReturnValue:
    """Show what nobody has decided, the oldest first."""
    with platform().sessions.read() as session:
        return show("corrections", corrections=[_shown(one) for one in open_corrections(session)])


@localized(blueprint, "/organise/targets/corrections/<int:correction_id>", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.TARGETS)
def correction(correction_id: int) -> ResponseReturnValue:
    """Show one, and what can be decided."""
    with platform().sessions.read() as session:
        return show("correction", **_offered(_open_or_404(session, correction_id)))


@localized(blueprint, "/organise/targets/corrections/<int:correction_id>/accept", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.TARGETS)
def accept_correction(correction_id: int) -> ResponseReturnValue:
    """Keep that it is right, and do what follows; both, or neither."""
    form, site = AcceptForm(request.form), platform()
    if _complete(form):
        try:
            with site.sessions.write() as session:
                registrar(session).accept(_known(session, correction_id), form.note.data or "", _remedy(form))
            return redirect(url_for("organise.corrections"), 303)
        except NotToBeDecidedError:
            return redirect(url_for("organise.corrections"), 303)  # somebody else was faster
        except (OverrideError, FieldError) as error:
            add_error(form.value, registry_words(error))
        except RemovalError:
            add_error(form.then, _("They were removed before."))
    with site.sessions.read() as session:
        return refused("correction", form, **_offered(_open_or_404(session, correction_id), accept=form))


@localized(blueprint, "/organise/targets/corrections/<int:correction_id>/dismiss", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.TARGETS)
def dismiss_correction(correction_id: int) -> ResponseReturnValue:
    """Keep that there is nothing to do."""
    form, site = DismissForm(request.form), platform()
    if not form.validate():
        with site.sessions.read() as session:
            return refused("correction", form, **_offered(_open_or_404(session, correction_id), dismiss=form))
    # Where somebody else was faster, the queue shows how things stand.
    with suppress(NotToBeDecidedError), site.sessions.write() as session:
        registrar(session).dismiss(_known(session, correction_id), form.reason.data or "")
    return redirect(url_for("organise.corrections"), 303)


def _complete(form: AcceptForm) -> bool:
    """Whether all is there that what follows needs."""
    valid = form.validate()
    if form.then.data == "set":
        if not form.field.data:
            add_error(form.field, _("Please choose one of these."))
        if form.until.data is None and not form.until.errors:
            add_error(form.until, _("Please give a day, as in 2027-03-31."))
        return bool(valid and form.field.data and form.until.data is not None)
    return bool(valid)


def _remedy(form: AcceptForm) -> Remedy:
    if form.then.data == "remove":
        return Remedy(remove=True)
    if form.then.data == "set":
        return Remedy(values={form.field.data or "": form.value.data or ""}, expires_at=end_of(form.until.data))
    return Remedy()


def _known(session: Session, correction_id: int) -> int:
    """The id, if there is such a correction, decided or not."""
    if correction_id > LARGEST_ID or session.get(Correction, correction_id) is None:
        abort(404)
    return correction_id


def _open_or_404(session: Session, correction_id: int) -> Correction:
    found = open_correction(session, correction_id) if correction_id <= LARGEST_ID else None
    if found is None:
        abort(404)
    return found


def _offered(
    one: Correction, *, accept: AcceptForm | None = None, dismiss: DismissForm | None = None
) -> dict[str, Any]:
    until = (platform().clock() + LASTS).date()
    return {
        "correction": _shown(one),
        "target": one.target,
        "accept": accept or AcceptForm(formdata=None, then="keep", until=until),
        "dismiss": dismiss or DismissForm(formdata=None),
        "ways": [
            {"id": "keep", "name": _("Nothing more: the target stays as it is")},
            {"id": "remove", "name": _("They are taken off the list for good")},
            {"id": "set", "name": _("Another value is put over the source’s, as below")},
        ],
        "fields": [{"id": field, "name": field_words(field)} for field in OVERRIDABLE],
    }


def _shown(one: Correction) -> dict[str, Any]:
    of = one.target
    return {
        "url": url_for("organise.correction", correction_id=one.id),
        "id": one.id,
        "at": one.made_at,
        "kind": correction_words(one.kind),
        "words": one.words,
        "name": of.name,
        "organisation": of.organisation or role_of_target(of.role),
        "target_url": url_for("organise.target", target_id=of.id),
        "gone": of.archived_at is not None,
    }
