"""Decisions about everything that a filter finds: what exactly will be done, how far it is, and stopping it."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.delivery.bulk import DeedDoesNotFitError, begin, jobs, plan, sought_by, stop
from app.delivery.bulk_models import BulkDeed, BulkJob, JobState
from app.delivery.find import Sought
from app.roles import Permission
from app.staff.models import StaffMember
from app.web.headers import with_our_script
from app.web.organise.door import blueprint, me
from app.web.organise.letter_forms import LARGEST_ID, DeedForm, SoughtLettersForm
from app.web.organise.letter_words import deed_choice
from app.web.organise.letters import address_of, sought_words
from app.web.organise.sign_in import UNPROCESSABLE, note_stale
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized

SHOWN = 50


@localized(blueprint, "/organise/letters/all", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.LETTERS, fresh=True)
def bulk() -> ResponseReturnValue:
    """Say what would be done, and to how many."""
    deed = request.args.get("deed", "")
    return _plan_page(DeedForm(formdata=None, deed=deed))


@localized(blueprint, "/organise/letters/all", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.LETTERS, fresh=True)
def bulk_now() -> ResponseReturnValue:
    """Give it to the worker."""
    form, site = DeedForm(request.form), platform()
    if not form.validate():
        note_stale(form)
        return _plan_page(form), UNPROCESSABLE
    with site.sessions.write() as session:
        wanted = plan(session, BulkDeed(form.deed.data or ""), _sought())
        job_id = begin(session, wanted, form.why.data or "", me().id, site.clock()).id
    return redirect(url_for("organise.job", job_id=job_id), 303)


@localized(blueprint, "/organise/letters/jobs", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.LETTERS)
def job_list() -> ResponseReturnValue:
    """List the newest decisions about many."""
    with platform().sessions.read() as session:
        shown = [_shown(session, job) for job in jobs(session, SHOWN)]
    return render_template("organise/jobs.html", jobs=shown)


@localized(blueprint, "/organise/letters/jobs/<int:job_id>", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.LETTERS)
def job(job_id: int) -> ResponseReturnValue:
    """Show how far one is."""
    with platform().sessions.read() as session:
        found = session.get(BulkJob, job_id) if job_id <= LARGEST_ID else None
        if found is None:
            abort(404)
        page = render_template("organise/job.html", job=_shown(session, found))
    return with_our_script(page, asks=True)


@localized(blueprint, "/organise/letters/jobs/<int:job_id>/stop", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.LETTERS)
def stop_job(job_id: int) -> ResponseReturnValue:
    """Leave the rest as it is."""
    site = platform()
    with site.sessions.write() as session:
        if job_id > LARGEST_ID or session.get(BulkJob, job_id) is None:
            abort(404)
        stop(session, job_id, me().id, site.clock())
    return redirect(url_for("organise.job", job_id=job_id), 303)


def _sought() -> Sought:
    """What the address asks for, which both the page and its button have."""
    asked = SoughtLettersForm(request.args)
    if not asked.validate():
        abort(404)
    return asked.sought()


def _plan_page(form: DeedForm) -> str:
    sought = _sought()
    if form.deed.data not in list(BulkDeed):
        abort(404)
    with platform().sessions.read() as session:
        try:
            wanted = plan(session, BulkDeed(form.deed.data), sought)
        except DeedDoesNotFitError:
            abort(404)
        words = sought_words(session, sought)
    name, what = deed_choice(wanted.deed)
    return render_template(
        "organise/bulk.html",
        form=form,
        deed=name,
        what=what,
        sought=words,
        total=wanted.total,
        action=address_of(sought, "organise.bulk_now", deed=wanted.deed.value),
        back=address_of(sought),
    )


def _shown(session: Session, job: BulkJob) -> dict[str, Any]:
    """A job as pages show it."""
    member = None if job.member_id is None else session.get(StaffMember, job.member_id)
    looked_at = job.done + job.skipped + job.failed
    return {
        "id": job.id,
        "url": url_for("organise.job", job_id=job.id),
        "deed": deed_choice(job.deed)[0],
        "sought": sought_words(session, sought_by(job)),
        "back": address_of(sought_by(job)),
        "open": job.state is JobState.OPEN,
        "stopped": job.state is JobState.CANCELLED,
        "total": max(job.total, looked_at),
        "looked_at": looked_at,
        "done": job.done,
        "skipped": job.skipped,
        "failed": job.failed,
        "why": job.why,
        "by": "" if member is None else member.name,
        "created_at": job.created_at,
        "changed_at": job.changed_at,
    }
