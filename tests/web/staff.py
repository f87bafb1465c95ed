"""Staff at their browsers: who is invited and joins, and who has signed in already."""

from __future__ import annotations

from app.roles import Role
from app.staff.account import Account
from app.staff.models import MemberState, StaffMember
from app.staff.people import Newcomer, Personnel, Position
from app.staff.sessions import begin
from tests.support.staff import ADA, PASSWORD
from tests.web.site import Site
from tests.web.visitor import Visitor


def add_member(
    site: Site, email: str = ADA, role: Role = Role.ADMIN, name: str = "Ada Admin", partner: str = "Tenants of Zedmere"
) -> int:
    """Somebody who may sign in with `PASSWORD`; their id. `partner` is whose a partner is."""
    partner = partner if role is Role.PARTNER else ""
    with site.change() as session:
        personnel = Personnel(session, site.platform.config.field_keys, None, site.clock())
        member, _delivery_id = personnel.invite(Newcomer(email, name, "en", Position(role, partner)))
        member.state, member.password = MemberState.ACTIVE, _stored(site)
        return member.id


def add_second_factor(site: Site, member_id: int, secret: str, code: str) -> list[str]:
    """An authenticator app; the recovery codes."""
    with site.change() as session:
        account = Account(session, session.get_one(StaffMember, member_id), site.clock())
        added = account.add_app(site.platform.config.field_keys, secret, code)
    assert added is not None
    return added[0]


def signed_in(site: Site, member_id: int, *, owes_factor: bool = False) -> Visitor:
    """The member at a browser that is signed in already."""
    visitor = site.visitor()
    with site.change() as session:
        member = session.get_one(StaffMember, member_id)
        token = begin(session, member, "Firefox on a phone", site.clock(), owes_factor=owes_factor)
    name = "staff" if site.platform.config.development else "__Host-staff"
    visitor.client.set_cookie(name, token, domain="localhost")
    return visitor


_STORED: dict[bytes, str] = {}


def _stored(site: Site) -> str:
    """`PASSWORD` as the site keeps it; made once, for it takes a while."""
    passwords = site.platform.passwords
    if passwords.pepper not in _STORED:
        _STORED[passwords.pepper] = passwords.store(PASSWORD)
    return _STORED[passwords.pepper]
