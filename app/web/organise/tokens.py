"""Tokens for programs that read the API: one's own, made here, shown once."""

from __future__ import annotations

from datetime import timedelta

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.roles import Permission
from app.staff.api_tokens import LIFETIMES, NewToken, TooManyTokensError, make_token, revoke, tokens_of
from app.staff.token_models import ApiToken, Scope
from app.web.organise.connection_forms import TokenForm
from app.web.organise.connection_words import scope_words
from app.web.organise.door import blueprint, me
from app.web.organise.people import LARGEST_ID
from app.web.organise.sign_in import UNPROCESSABLE, note_stale
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized


@localized(blueprint, "/organise/tokens", methods=["GET"])
@policy(Access.STAFF, Csrf.READ_ONLY, Permission.CONNECTIONS)
def tokens() -> ResponseReturnValue:
    """List one's own tokens, and ask for what a new one would be."""
    with platform().sessions.read() as session:
        return _page(session, TokenForm(formdata=None, scopes=[Scope.REPORTS], days=LIFETIMES[1]))


@localized(blueprint, "/organise/tokens", methods=["POST"])
@policy(Access.STAFF, Csrf.FORM, Permission.CONNECTIONS, fresh=True)
def make_token_now() -> ResponseReturnValue:
    """Make one, and show it. The page is the answer to the button itself: the token stands nowhere else."""
    form, site = TokenForm(request.form), platform()
    valid = form.validate()
    note_stale(form)
    with site.sessions.write() as session:
        if not valid:
            return _page(session, form), UNPROCESSABLE
        scopes = [Scope(scope) for scope in form.scopes.data or ()]
        new = NewToken(form.name.data or "", scopes, timedelta(days=form.days.data or 0))
        try:
            row, text = make_token(session, me().id, new, site.clock())
        except TooManyTokensError:
            form.form_errors.append(_("You have many tokens already. Revoke one that you do not need."))
            return _page(session, form), UNPROCESSABLE
        return render_template("organise/token.html", token=_shown(row), text=text)


@localized(blueprint, "/organise/tokens/<int:token_id>/revoke", methods=["POST"])
@policy(Access.STAFF, Csrf.TOKEN, Permission.CONNECTIONS)
def revoke_token(token_id: int) -> ResponseReturnValue:
    """End one, at once."""
    if token_id > LARGEST_ID:
        abort(404)
    site = platform()
    with site.sessions.write() as session:
        revoke(session, me().id, token_id, site.clock())
    return redirect(url_for("organise.tokens"), 303)


def _page(session: Session, form: TokenForm) -> str:
    return render_template(
        "organise/tokens.html",
        form=form,
        tokens=[_shown(row) for row in tokens_of(session, me().id, platform().clock())],
        scopes=[{"id": scope.value, "name": scope_words(scope)} for scope in Scope],
        lifetimes=[{"id": days, "name": ngettext("%(num)d day", "%(num)d days", days)} for days in LIFETIMES],
    )


def _shown(row: ApiToken) -> dict[str, object]:
    return {
        "id": row.id,
        "name": row.name,
        "prefix": row.prefix,
        "scopes": [scope_words(scope) for scope in sorted(row.opens)],
        "expires_at": row.expires_at,
        "used_at": row.used_at,
    }
