"""Filling a list from a file: upload, say what it is, look at what it would change, take it over."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge

from app.delivery.release import release_all_verified, release_fresh
from app.registrar.models import Upload
from app.registrar.plans import Plan
from app.registrar.uploads import (
    LARGEST,
    Decision,
    OtherChangesError,
    Preview,
    content_of,
    keep_upload,
    preview,
    take_over,
    upload_of,
)
from app.roles import Permission
from app.targets.by_key import list_called
from app.targets.changes import by_mark
from app.targets.importers.formats import FORMATS, guess
from app.targets.importers.parsed import NotThisFormatError
from app.targets.importers.plain_csv import NAME as CSV
from app.targets.importers.reading import decode
from app.targets.importers.sheets import header_names
from app.targets.lists import ListOwnedError
from app.targets.overlay import ended_lines
from app.targets.records import NotACouncilError, Rejected
from app.targets.rejections import SHOWN as ROWS_SHOWN
from app.targets.shrinking import WouldShrinkError
from app.web.organise.door import blueprint, me, ring
from app.web.organise.targets.forms import PlanForm, TakeOverForm, UploadForm
from app.web.organise.targets.frame import LARGEST_ID, refused, registrar, show
from app.web.organise.targets.plan_page import column_names, fill_form, offered, plan_of
from app.web.organise.targets.words import format_words, guard_words
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.forms import add_error
from app.web.routing import localized

TOO_LARGE = 413
_ROOM_FOR_THE_FORM = 64 * 1024
_NO_TABLE = ("<", "{", "[")
"""What begins XML and JSON, in which commas and semicolons part nothing."""
LINES_SHOWN = 50
"""How many lines of a kind a preview shows."""
_KINDS = {"+": "added", "~": "changed", ">": "moved", "-": "gone", "!": "overridden", "=": "agreed"}


@localized(blueprint, "/organise/targets/upload", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.TARGETS)
def upload() -> ResponseReturnValue:
    """Ask for a file."""
    return show("upload", form=UploadForm(formdata=None), formats=_formats(), largest=LARGEST // 1024 // 1024)


@localized(blueprint, "/organise/targets/upload", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.TARGETS)
def upload_now() -> ResponseReturnValue:
    """Keep the file for a day, and go on to what it is."""
    request.max_content_length = LARGEST + _ROOM_FOR_THE_FORM
    try:
        form = UploadForm()
    except RequestEntityTooLarge:
        form = UploadForm(formdata=None)
        add_error(form.file, _("This file is too large: at most %(max)d MB can be taken.", max=LARGEST // 1024 // 1024))
        page, _status = _refuse_file(form)
        return page, TOO_LARGE
    given = form.file.data
    raw = given.read(LARGEST + 1) if given else b""
    if not form.validate():
        return _refuse_file(form)
    if problem := _problem_of(raw):
        add_error(form.file, problem)
        return _refuse_file(form)
    with platform().sessions.write() as session:
        kept = keep_upload(session, me().id, _file_name(given.filename), raw, platform().clock())
        found = guess(raw)
        kept.plan = Plan(format=CSV if found is None else found.name).stored()
        upload_id = kept.id
    return redirect(url_for("organise.upload_plan", upload_id=upload_id), 303)


@localized(blueprint, "/organise/targets/uploads/<int:upload_id>", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.TARGETS)
def upload_plan(upload_id: int) -> ResponseReturnValue:
    """Ask what the file is, where it comes from, and which list it fills."""
    with platform().sessions.read() as session:
        kept = _upload_or_404(session, upload_id)
        raw, plan = content_of(kept), Plan.read(kept.plan)
        return show("plan", form=fill_form(session, plan), **offered(session, kept, raw, plan))


@localized(blueprint, "/organise/targets/uploads/<int:upload_id>", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.TARGETS)
def upload_plan_now(upload_id: int) -> ResponseReturnValue:
    """Keep that, and go on to what would change."""
    form = PlanForm(request.form)
    with platform().sessions.write() as session:
        kept = _upload_or_404(session, upload_id)
        raw, before = content_of(kept), Plan.read(kept.plan)
        valid = form.validate()
        plan = plan_of(session, form, raw, request.form)
        kept.plan = plan.stored()
        if valid and plan.format != before.format:
            return redirect(url_for("organise.upload_plan", upload_id=upload_id), 303)
        complete = _completed(form, plan)
        if not (valid and complete):
            return refused("plan", form, **offered(session, kept, raw, plan))
    return redirect(url_for("organise.upload_preview", upload_id=upload_id), 303)


@localized(blueprint, "/organise/targets/uploads/<int:upload_id>/preview", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.TARGETS)
def upload_preview(upload_id: int) -> ResponseReturnValue:
    """Show what taking the file over would change; nothing is changed by looking."""
    return _preview_page(upload_id, TakeOverForm(formdata=None))


@localized(blueprint, "/organise/targets/uploads/<int:upload_id>/take-over", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.TARGETS)
def upload_take_over(upload_id: int) -> ResponseReturnValue:
    """Fill the list, if that changes what was looked at and nothing else."""
    form, site = TakeOverForm(request.form), platform()
    if not form.validate():
        return _preview_page(upload_id, form)
    decision = Decision(form.seen.data or "", bool(form.allow_shrink.data), form.how.data or "")
    try:
        with site.sessions.write() as session:
            kept = _upload_or_404(session, upload_id)
            slug = Plan.read(kept.plan).list_slug
            take_over(registrar(session), kept, decision)
            list_id = list_called(session, slug).id
    except OtherChangesError:
        return _preview_page(upload_id, form, _("The registry has changed meanwhile. Please look once more."))
    except WouldShrinkError:
        add_error(form.allow_shrink, _("Please say that those who would be archived have really left."))
        return _preview_page(upload_id, form)
    except (ValueError, ListOwnedError):
        return _preview_page(upload_id, form)
    now = site.clock()
    released = [*release_all_verified(site.sessions, now), *release_fresh(site.sessions, now)]
    ring(released[0] if released else None)
    return redirect(url_for("organise.target_list", list_id=list_id), 303)


@localized(blueprint, "/organise/targets/uploads/<int:upload_id>/discard", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.TARGETS)
def discard_upload(upload_id: int) -> ResponseReturnValue:
    """Throw the file away."""
    with platform().sessions.write() as session:
        session.delete(_upload_or_404(session, upload_id))
    return redirect(url_for("organise.targets"), 303)


def _preview_page(upload_id: int, form: TakeOverForm, problem: str | None = None) -> ResponseReturnValue:
    """What would change; where the file cannot be used so, the page before once more."""
    site = platform()
    with site.sessions.read() as session:
        kept = _upload_or_404(session, upload_id)
        raw, plan, name = content_of(kept), Plan.read(kept.plan), kept.name
    if not plan.complete:
        return redirect(url_for("organise.upload_plan", upload_id=upload_id), 303)
    try:
        found = preview(site.sessions, raw, plan, site.clock())
    except (ValueError, ListOwnedError) as error:
        words = _("Give the council’s code, as in E08000035, and its name.")
        with site.sessions.read() as session:
            kept = _upload_or_404(session, upload_id)
            plan_form = fill_form(session, plan)
            problem = words if isinstance(error, NotACouncilError) else str(error)
            return refused("plan", plan_form, problem, **offered(session, kept, raw, plan))
    context = {"upload_id": upload_id, "file_name": name, "plan": plan, **_shown(found)}
    form.seen.data = found.mark
    if problem or form.errors:
        return refused("preview", form, problem, **context)
    return show("preview", form=form, **context)


def _shown(found: Preview) -> dict[str, Any]:
    done = found.done
    lines = [*done.areas.lines, *by_mark(done.targets.lines, shown=LINES_SHOWN)]
    kinds: dict[str, list[str]] = {}
    for one in lines[len(done.areas.lines) :]:
        kinds.setdefault(_KINDS.get(one[0], "more"), []).append(one[2:] if one[0] in _KINDS else one)
    return {
        "counts": done.targets,
        "areas": done.areas,
        "kinds": kinds,
        "notes": [*ended_lines(done.ended), *done.targets.notes],
        "rejected": done.rejected[:ROWS_SHOWN],
        "rejected_number": len(done.rejected),
        "remarks": _by_reason(done.remarks),
        "vacant": done.vacant,
        "guard": None if found.guard is None else guard_words(found.guard),
        "waiting": found.unverified,
    }


def _by_reason(told: tuple[Rejected, ...]) -> list[tuple[str, list[str]]]:
    """What is said of rows, each with the first of their places."""
    places: dict[str, list[str]] = {}
    for one in told:
        places.setdefault(one.reason, []).append(one.place)
    return [(reason, of[:5]) for reason, of in list(places.items())[:ROWS_SHOWN]]


def _completed(form: PlanForm, plan: Plan) -> bool:
    """Whether the plan says enough; what it lacks is said beside its fields."""
    needed = [
        (plan.source, form.source, _("Please say who published it.")),
        (plan.licence, form.licence, _("Please say under which licence it may be used.")),
        (plan.list_slug, form.list_name, _("Please choose a list, or give the new one a name in Latin letters.")),
    ]
    if plan.format == CSV:
        needed.append((plan.role, form.role, _("Please say what its rows are.")))
    elif FORMATS[plan.format].one_council:
        needed.append(
            (plan.council_code, form.council_code, _("Please give the code of the council that it is about."))
        )
    missing = [(field, words) for value, field, words in needed if not value]
    for field, words in missing:
        add_error(field, words)
    return not missing


def _refuse_file(form: UploadForm) -> tuple[str, int]:
    return refused("upload", form, formats=_formats(), largest=LARGEST // 1024 // 1024)


def _problem_of(raw: bytes) -> str | None:
    """Why a file cannot be taken, if so."""
    if not raw:
        return _("Please choose a file.")
    if len(raw) > LARGEST:
        return _("This file is too large: at most %(max)d MB can be taken.", max=LARGEST // 1024 // 1024)
    if guess(raw) is not None:
        return None
    try:
        names, text = column_names(header_names(raw)), decode(raw).text.lstrip()
    except NotThisFormatError as error:
        return str(error)
    return (
        None
        if len(names) > 1 and not text.startswith(_NO_TABLE)
        else _("This is no table, and none of the kinds of file that are known here.")
    )


def _upload_or_404(session: Session, upload_id: int) -> Upload:
    """One's own file; anybody else's is not here."""
    found = upload_of(session, me().id, upload_id, platform().clock()) if upload_id <= LARGEST_ID else None
    if found is None:
        abort(404)
    return found


def _formats() -> list[str]:
    return [format_words(name) for name in (*FORMATS, CSV)]


def _file_name(given: str | None) -> str:
    """What a file is called, without the folders that some browsers tell, for its owner to know it."""
    name = (given or "").replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in name if char.isprintable())[:120] or "file"
