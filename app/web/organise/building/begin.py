"""New campaigns: from nothing, like one that there is, or from files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from wtforms import StringField
from wtforms.validators import DataRequired

from app.campaigns.folder import NotAFolderError, folder_in
from app.campaigns.models import FALLBACK_LANGUAGE, Campaign, CampaignState
from app.campaigns.pictures import LARGEST_FILE
from app.drafts.blank import blank, copied, slug_for
from app.drafts.export import NotReadableError, imported
from app.drafts.places import Step
from app.drafts.work import Work, find_work
from app.roles import Permission
from app.web.organise.building.here import desk, may_see
from app.web.organise.door import blueprint
from app.web.organise.sign_in import UNPROCESSABLE, note_stale
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.public.forms import add_error, at_most, one_line, readable, strip
from app.web.public.pages import SHOWN_STATES
from app.web.routing import localized

LONGEST_TITLE = 120
NOTHING = ""
LARGEST_UPLOAD = LARGEST_FILE + 512 * 1024
"""Bytes: an image, and all texts."""


class BeginForm(FlaskForm):
    """What it is called, and what it begins with."""

    title = StringField(
        _l("What is the campaign called?"),
        filters=[strip],
        validators=[
            DataRequired(_l("Please give it a title. You can change it later.")),
            at_most(LONGEST_TITLE),
            readable,
            one_line,
        ],
    )
    like = StringField(_l("What do you begin with?"))


class ImportForm(FlaskForm):
    """The archive."""

    archive = FileField(_l("The archive (.zip)"))


@localized(blueprint, "/organise/campaigns/new", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.CAMPAIGNS)
def begin() -> ResponseReturnValue:
    """Ask what it is called, and what it begins with."""
    with platform().sessions.read() as session:
        like = request.args.get("like", NOTHING)
        return _page(session, BeginForm(formdata=None, like=like))


@localized(blueprint, "/organise/campaigns/new", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.CAMPAIGNS)
def begin_now() -> ResponseReturnValue:
    """Begin a draft."""
    form = BeginForm(request.form)
    with platform().sessions.write() as session:
        like = form.like.data or NOTHING
        source = _source(session, like)
        if not form.validate() or source is None:
            note_stale(form)
            if source is None:
                add_error(form.like, _("Please choose what to begin with."))
            return _page(session, form), UNPROCESSABLE
        title = form.title.data or ""
        document = copied(source.document, title) if source.slug else blank(title)
        slug = desk(session).begin(slug_for(title), document, like, source.image).slug
    return redirect(url_for("organise.build_step", slug=slug, step=Step.ASK.value), 303)


@localized(blueprint, "/organise/campaigns/import", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.CAMPAIGNS)
def import_files() -> ResponseReturnValue:
    """Ask for an archive."""
    return render_template("organise/import.html", form=ImportForm(formdata=None), problems=[])


@localized(blueprint, "/organise/campaigns/import", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.CAMPAIGNS)
def import_files_now() -> ResponseReturnValue:
    """Begin a draft with the files of an archive."""
    request.max_content_length = LARGEST_UPLOAD
    form, upload = ImportForm(), request.files.get("archive")
    if not form.validate() or upload is None or not upload.filename:
        note_stale(form)
        if not form.errors:
            add_error(form.archive, _("Please choose an archive."))
        return render_template("organise/import.html", form=form, problems=[]), UNPROCESSABLE
    try:
        folder = folder_in(upload.stream.read(), slug_for(upload.filename.removesuffix(".zip")))
        texts, image = imported(folder)
    except NotAFolderError:
        add_error(form.archive, _("This is not an archive with the files of one campaign."))
        return render_template("organise/import.html", form=form, problems=[]), UNPROCESSABLE
    except NotReadableError as error:
        add_error(form.archive, _("Some of its files cannot be read. Nothing was imported."))
        return render_template("organise/import.html", form=form, problems=error.problems), UNPROCESSABLE
    with platform().sessions.write() as session:
        slug = desk(session).begin(folder.path.name, texts, "files", image).slug
    return redirect(url_for("organise.build", slug=slug), 303)


def _source(session: Session, like: str) -> Work | None:
    """What to copy; an empty one for nothing, none for what the member may not copy.

    Of a campaign that is not theirs they get what supporters can read, not what somebody is writing just now.
    """
    if like == NOTHING:
        return Work("", {}, None, None)
    work = find_work(session, like)
    if work is None or may_see(session, work):
        return work
    public = work.campaign is not None and work.campaign.state in SHOWN_STATES
    return work.published if public else None


def _page(session: Session, form: BeginForm) -> str:
    return render_template("organise/begin.html", form=form, starters=_starters(session, form.like.data or NOTHING))


def _starters(session: Session, like: str) -> list[Mapping[str, Any]]:
    """What to begin with: nothing, what was asked for, and campaigns that supporters can see, the newest first."""
    rows = session.scalars(
        select(Campaign)
        .where(Campaign.state.in_(SHOWN_STATES) | (Campaign.slug == like))
        .order_by(Campaign.created_at.desc(), Campaign.position, Campaign.slug)
        .options(selectinload(Campaign.pages))
    ).all()
    offered: list[Mapping[str, Any]] = [
        {
            "id": NOTHING,
            "name": _("From the start"),
            "organisation": _("Half written already: you put in what you ask for, and why."),
        }
    ]
    for row in rows:
        if row.state is not CampaignState.DRAFT or _source(session, row.slug) is not None:
            page = row.page_in(FALLBACK_LANGUAGE)
            offered.append(
                {"id": row.slug, "name": _("A copy of “%(title)s”", title=page.title), "organisation": page.summary}
            )
    return offered
