"""Error pages in plain words, in the language of the path."""

from __future__ import annotations

from flask import Flask, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException, SecurityError

from app.web.api.problems import API_ROOT, problem_for


def install(app: Flask) -> None:
    """Answer every error with a page that says what can be done."""
    app.register_error_handler(HTTPException, _explain)


def _explain(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    status = error.code or 500
    if isinstance(error, SecurityError):
        # A page has links, and none can be made for a host that is not ours.
        return Response("This is not the name of this site.\n", status, mimetype="text/plain")
    if request.path.startswith(API_ROOT):
        return problem_for(error)
    heading, text = _words(status)
    kept = [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
    return render_template("public/error.html", heading=heading, text=text), status, kept


def _words(status: int) -> tuple[str, str]:
    match status:
        case 404 | 405:
            return _("This page is not here"), _("Perhaps the link is old, or a letter of it is missing.")
        case 403:
            return (
                _("This page is not for your role"),
                _("If you need it for your work, ask an admin to give you another role."),
            )
        case 400 if request.method == "POST":
            return (
                _("Please press the button once more"),
                _("Go back to the page before and press its button again. If you see this again, allow cookies."),
            )
        case 400:
            return _("This cannot be read"), _("Something in the address of this page is not as it should be.")
        case 413:
            return (
                _("This is too long to send"),
                _("Go back to the page before: what you wrote is still there. Make it shorter and try again."),
            )
        case _:
            return (
                _("Something went wrong here"),
                _("It was not your mistake. Please try again in a few minutes. What was sent is not sent twice."),
            )
