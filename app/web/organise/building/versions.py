"""The versions of a campaign's letters: to read, to compare, to bring back."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.drafts.desk import FilesOwnError
from app.drafts.versions import PARTS, Version, letters_of
from app.drafts.work import Work
from app.letters.changes import changes_between
from app.roles import Permission
from app.web.organise.building.here import desk, head_for, work_here
from app.web.organise.building.letter import part_words
from app.web.organise.door import blueprint
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized


@localized(blueprint, "/organise/campaigns/<slug:slug>/versions", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.CAMPAIGNS)
def versions(slug: str) -> ResponseReturnValue:
    """List every version of every letter: who wrote it, and when."""
    with platform().sessions.read() as session:
        work = work_here(session, slug)
        letters = [_letter(work, part, found) for part, found in _letters(session, work).items()]
        return render_template("organise/versions.html", campaign=head_for(work), letters=letters)


@localized(blueprint, "/organise/campaigns/<slug:slug>/versions/<part>", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.CAMPAIGNS)
def version(slug: str, part: str) -> ResponseReturnValue:
    """Compare two versions of a letter; if nothing else is asked for, the newest with the one before it."""
    with platform().sessions.read() as session:
        work = work_here(session, slug)
        found = _of_part(session, work, part)
        new = _numbered(found, request.args.get("new", type=int)) or found[0]
        old = _numbered(found, request.args.get("old", type=int)) or _numbered(found, new.number - 1) or new
        names = _names()
        parts = [(names[key], changes_between(old.texts()[key], new.texts()[key])) for key in PARTS]
        parts = [(name, pieces) for name, pieces in parts if pieces]
        return render_template(
            "organise/version.html",
            campaign=head_for(work),
            letter=_letter(work, part, found),
            old=_shown(old),
            new=_shown(new),
            parts=parts,
            newest=found[0].number,
            may_restore=not work.owned_by_files,
        )


@localized(blueprint, "/organise/campaigns/<slug:slug>/versions/<part>/restore", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.CAMPAIGNS)
def restore_version(slug: str, part: str) -> ResponseReturnValue:
    """Bring an old version's text back, as a new version."""
    try:
        with platform().sessions.write() as session:
            work = work_here(session, slug)
            old = _numbered(_of_part(session, work, part), request.form.get("version", type=int))
            if old is None:
                abort(404)
            after = desk(session).restore(slug, part, old.values())
    except FilesOwnError:
        return redirect(url_for("organise.build", slug=slug), 303)
    to = "organise.build" if after.pending else "organise.versions"
    return redirect(url_for(to, slug=slug), 303)


def _letters(session: Session, work: Work) -> dict[str, list[Version]]:
    return letters_of(session, work.campaign) if work.campaign else {}


def _of_part(session: Session, work: Work, part: str) -> list[Version]:
    found = _letters(session, work).get(part)
    if not found:
        abort(404)
    return found


def _numbered(found: list[Version], number: int | None) -> Version | None:
    return next((each for each in found if each.number == number), None)


def _letter(work: Work, part: str, found: list[Version]) -> dict[str, Any]:
    return {
        "part": part,
        "name": part_words(part),
        "url": url_for("organise.version", slug=work.slug, part=part),
        "versions": [_shown(each) for each in found],
    }


def _shown(version: Version) -> dict[str, Any]:
    return {"number": version.number, "at": version.at, "author": version.author}


def _names() -> dict[str, str]:
    return {
        "subject": _("Subject"),
        "opening": _("Opening"),
        "body": _("Middle"),
        "reasons": _("Reasons"),
        "closing": _("Closing"),
    }
