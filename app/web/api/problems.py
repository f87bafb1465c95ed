"""What went wrong, as programs read it (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from flask import Response
from werkzeug.exceptions import HTTPException

API_ROOT = "/api/v1/"


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """An answer that says what is wrong. `detail` helps who writes the program; it repeats nothing that was sent."""
    told = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return Response(json.dumps(told) + "\n", status, dict(headers or {}), content_type="application/problem+json")


def problem_for(error: HTTPException) -> Response:
    """The same for an error of the framework's."""
    status = error.code or 500
    kept = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    return problem(status, _DETAILS.get(status, "The server has failed. Try again later."), kept)


_DETAILS = {
    400: "The request cannot be read. See /api/v1/openapi.json.",
    404: "There is no such thing. See /api/v1/openapi.json.",
    405: "Only GET is answered here.",
    413: "The request is too large.",
}
