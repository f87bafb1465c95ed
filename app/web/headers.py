"""Headers that every answer carries."""

from __future__ import annotations

from flask import Flask, Response

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'none'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

WITH_OUR_SCRIPT = CONTENT_SECURITY_POLICY.replace("script-src 'none'", "script-src 'self'")
"""For pages that are better with a script, which is a file of ours. Nothing inside a page may be one."""

WITH_ASKING_SCRIPT = WITH_OUR_SCRIPT.replace("default-src 'none';", "default-src 'none'; connect-src 'self';")
"""For pages whose script asks us something while the page stays."""


def with_our_script(page: str, status: int = 200, *, asks: bool = False) -> Response:
    """An answer whose page may load scripts from us; `asks`: which may ask us."""
    policy = WITH_ASKING_SCRIPT if asks else WITH_OUR_SCRIPT
    return Response(page, status, {"Content-Security-Policy": policy}, mimetype="text/html")


def install(app: Flask, *, https: bool) -> None:
    """Send the security headers with every answer. Nothing but static files may be kept by a cache."""

    @app.after_request
    def add(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers["X-Content-Type-Options"] = "nosniff"
        # Links to a supporter's own page hold its key; other sites must not learn them.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "interest-cohort=(), browsing-topics=()"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "no-store")
        if https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response
