"""Pages behind the links of mails to staff. Opening one changes nothing, for mail scanners open every link first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.actions.links import ForgedLinkError
from app.staff.account import Account, LinkUsedError
from app.staff.links import find_link
from app.staff.models import LinkKind, StaffLink
from app.staff.sessions import begin
from app.web.organise.door import blueprint, caller, let_in, owes_second_factor, ring
from app.web.organise.forms import NewPasswordForm
from app.web.organise.sign_in import refuse
from app.web.platform import platform
from app.web.policy import Access, Csrf, policy
from app.web.routing import localized

T = TypeVar("T")

GONE = 410


@localized(blueprint, "/organise/invitation/<token>", methods=["GET"])
@policy(Access.LINK, Csrf.READ_ONLY)
def invitation(token: str) -> ResponseReturnValue:
    """Ask for a first password."""
    return _ask(LinkKind.INVITATION, token)


@localized(blueprint, "/organise/invitation/<token>", methods=["POST"])
@policy(Access.LINK, Csrf.FORM)
def accept(token: str) -> ResponseReturnValue:
    """Join, and go on to the second factor."""

    def join(account: Account, link: StaffLink, stored: str) -> str:
        account.accept(link, stored)
        return begin(account.session, link.member, caller().browser, account.now)

    def go_on(begun: str, link: StaffLink) -> ResponseReturnValue:
        return let_in(begun, url_for("organise.second_factor" if owes_second_factor(link.member) else "organise.home"))

    return _set_password(LinkKind.INVITATION, token, join, go_on)


@localized(blueprint, "/organise/password/<token>", methods=["GET"])
@policy(Access.LINK, Csrf.READ_ONLY)
def other_password(token: str) -> ResponseReturnValue:
    """Ask for another password."""
    return _ask(LinkKind.PASSWORD, token)


@localized(blueprint, "/organise/password/<token>", methods=["POST"])
@policy(Access.LINK, Csrf.FORM)
def other_password_now(token: str) -> ResponseReturnValue:
    """Set it. They sign in with it, and with their second factor, like everybody."""

    def go_on(delivery_id: int, _link: StaffLink) -> ResponseReturnValue:
        ring(delivery_id)
        return redirect(url_for("organise.sign_in"), 303)

    return _set_password(LinkKind.PASSWORD, token, Account.set_forgotten, go_on)


@blueprint.get("/organise/demo/<token>")
@policy(Access.DEVELOPMENT, Csrf.READ_ONLY)
def demo(token: str) -> ResponseReturnValue:
    """Show the button that signs the demonstration's admin in."""
    if _find(LinkKind.DEMO, token) is None:
        return _gone()
    return render_template("organise/demo.html")


@blueprint.post("/organise/demo/<token>")
@policy(Access.DEVELOPMENT, Csrf.TOKEN)
def demo_now(token: str) -> ResponseReturnValue:
    """Sign the demonstration's admin in."""
    site, link = platform(), _find(LinkKind.DEMO, token)
    if link is None:
        return _gone()
    with site.sessions.write() as session:
        begun = site.porter.enter_by_link(session, session.get_one(StaffLink, link.id), caller(), site.clock())
    return _gone() if begun is None else let_in(begun, url_for("organise.home"))


def _ask(kind: LinkKind, token: str) -> ResponseReturnValue:
    link = _find(kind, token)
    if link is None:
        return _gone()
    form = NewPasswordForm(formdata=None)
    return render_template("organise/password_link.html", form=form, member=link.member, kind=kind)


def _set_password(
    kind: LinkKind,
    token: str,
    use: Callable[[Account, StaffLink, str], T],
    go_on: Callable[[T, StaffLink], ResponseReturnValue],
) -> ResponseReturnValue:
    """Let the link set the password that was typed. `use` writes; `go_on` answers once that is committed."""
    form, site = NewPasswordForm(request.form), platform()
    link = _find(kind, token)
    if link is None:
        return _gone()
    if not form.suits([link.member.name, link.member.email]):
        return refuse("password_link", form, member=link.member, kind=link.kind)
    stored = site.passwords.store(form.password.data or "")
    try:
        with site.sessions.write() as session:
            again = session.get_one(StaffLink, link.id)
            done = use(Account(session, again.member, site.clock()), again, stored)
    except LinkUsedError:
        return _gone()
    return go_on(done, link)


def _find(kind: LinkKind, token: str) -> StaffLink | None:
    site = platform()
    try:
        public_id = site.links.read_staff_token(kind, token)
    except ForgedLinkError:
        return None
    with site.sessions.read() as session:
        return find_link(session, public_id, kind, site.clock())


def _gone() -> ResponseReturnValue:
    """Say kindly that the link leads nowhere, whatever the reason."""
    return render_template("organise/link_gone.html"), GONE
