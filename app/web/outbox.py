"""The local outbox as pages: what would have been sent, on a developer's machine only."""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _
from markupsafe import escape

from app.mail.outbox import OutboxMail, list_mails, name_of, read_mail
from app.mail_settings import MailTransport
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import SlugConverter

_SLUG = re.compile(SlugConverter.regex)
_BODY = re.compile(r"<body[^>]*>")

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
    campaign = _campaign()
    headers = [("From", mail.sender), ("Reply-To", mail.reply_to), ("To", mail.to), ("Date", _date(mail))]
    shown = {
        "subject": mail.subject,
        "headers": [(label, value) for label, value in headers if value],
        "text": mail.text,
        "html_url": url_for("outbox.show_html", name=name, campaign=campaign, opens=request.args.get("opens"))
        if mail.html
        else None,
    }
    check_url = url_for("organise.check", slug=campaign) if campaign else ""
    launch_url = url_for("organise.launch", slug=campaign) if campaign and "opens" in request.args else ""
    return render_template(
        "public/outbox_mail.html",
        mail=shown,
        outbox_url=url_for("outbox.index"),
        check_url=check_url,
        launch_url=launch_url,
    )


@blueprint.get("/<name>/html")
@policy(Access.DEVELOPMENT, Csrf.READ_ONLY)
def show_html(name: str) -> ResponseReturnValue:
    """Show the HTML part of one mail by itself, below the way back to the whole of it."""
    mail = _mail_or_404(name)
    if mail.html is None:
        abort(404)
    back = url_for("outbox.show", name=name, campaign=_campaign(), opens=request.args.get("opens"))
    words = _("Back to the mail")
    way = f'<p><a href="{escape(back)}">{escape(words)}</a></p><hr>'
    page = _BODY.sub(lambda body: body[0] + way, mail.html, count=1)
    return Response(page, headers={"Content-Security-Policy": MAIL_POLICY})


def keeps_mail() -> bool:
    """Whether mail stays here, to be read on these pages."""
    config = platform().config
    return config.development and config.mail_transport is MailTransport.OUTBOX


def page_of(delivery_id: int, campaign: str, *, opens: bool) -> str:
    """The page of what a delivery became, with the way back to the campaign's check, or on to its opening if that comes
    next (`opens`); empty where it has not left.
    """
    name = name_of(platform().config.outbox_dir, delivery_id)
    return url_for("outbox.show", name=name, campaign=campaign, opens=1 if opens else None) if name else ""


def _campaign() -> str | None:
    """The campaign whose check led here, as the address of the page says."""
    campaign = request.args.get("campaign", "")
    return campaign if _SLUG.fullmatch(campaign) else None


def _date(mail: OutboxMail) -> str:
    return format_datetime(mail.date, "medium")


def _mail_or_404(name: str) -> OutboxMail:
    mail = read_mail(platform().config.outbox_dir, name)
    if mail is None:
        abort(404)
    return mail
