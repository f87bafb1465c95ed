"""The local outbox as pages: what would have been sent, on a developer's machine only."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime

from app.mail.outbox import OutboxMail, list_mails, read_mail
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy

blueprint = Blueprint("outbox", __name__, url_prefix="/outbox")

MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""A mail's HTML is shown as its reader would see it, and can do nothing."""


@blueprint.get("/")
@policy(Access.DEVELOPMENT, Csrf.READ_ONLY)
def index() -> ResponseReturnValue:
    """List the mails, newest first."""
    mails = [
        {"url": url_for("outbox.show", name=mail.name), "to": mail.to, "subject": mail.subject, "date": mail.date}
        for mail in list_mails(platform().config.outbox_dir)
    ]
    return render_template("public/outbox.html", mails=mails)


@blueprint.get("/<name>")
@policy(Access.DEVELOPMENT, Csrf.READ_ONLY)
def show(name: str) -> ResponseReturnValue:
    """Show one mail: its headers and its text."""
    mail = _mail_or_404(name)
    headers = [("From", mail.sender), ("Reply-To", mail.reply_to), ("To", mail.to), ("Date", _date(mail))]
    shown = {
        "subject": mail.subject,
        "headers": [(label, value) for label, value in headers if value],
        "text": mail.text,
        "html_url": url_for("outbox.show_html", name=name) if mail.html else None,
    }
    return render_template("public/outbox_mail.html", mail=shown, outbox_url=url_for("outbox.index"))


@blueprint.get("/<name>/html")
@policy(Access.DEVELOPMENT, Csrf.READ_ONLY)
def show_html(name: str) -> ResponseReturnValue:
    """Show the HTML part of one mail by itself."""
    mail = _mail_or_404(name)
    if mail.html is None:
        abort(404)
    return Response(mail.html, headers={"Content-Security-Policy": MAIL_POLICY})


def _date(mail: OutboxMail) -> str:
    return format_datetime(mail.date, "medium")


def _mail_or_404(name: str) -> OutboxMail:
    mail = read_mail(platform().config.outbox_dir, name)
    if mail is None:
        abort(404)
    return mail
