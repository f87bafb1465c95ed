"""What the formats of councillors have in common: a councillor as a file states them becomes a row of the account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import parse_qs, urlsplit

from app.targets.areas import ward_name
from app.targets.fields import FieldError, clean_text, fitting
from app.targets.importers.account import Account, Entry, beside_name
from app.targets.importers.addresses import MailField, quoted
from app.targets.importers.parsed import Place, TargetRow
from app.targets.models import AreaKind, Target
from app.targets.names import councillor_salutation, is_vacant, split_name
from app.targets.records import TargetRole


@dataclass(frozen=True, slots=True)
class Councillor:
    """A councillor as a file states them. The name carries its titles and honours; they are split off here."""

    name: str
    ward: str
    email: MailField
    party: str = ""
    council: str = ""
    """As in `Place.council`."""
    address: str = ""
    url: str = ""
    attributes: Mapping[str, list[str]] = field(default_factory=dict)
    valid_from: date | None = None
    valid_to: date | None = None
    remarks: tuple[str, ...] = ()
    """What the format has cleaned already."""


def take(account: Account, entry: Entry, stated: Councillor) -> None:
    """Put a councillor, or the vacant seat that stands in their place, into the account.

    The place is a ward; where the council turns out to be a county, it is that county's division.

    Raises:
        FieldError: the row cannot be used; `Account.entry` turns that into a rejected row.
    """
    place = Place(AreaKind.WARD, ward_name(stated.ward), council=stated.council)
    if is_vacant(stated.name) or (not clean_text(stated.name) and is_vacant(stated.party)):
        account.vacant(entry.line, place)
        return
    split = split_name(stated.name)
    if not split.name:
        raise FieldError("there is no name")
    if not entry.external_id:
        raise FieldError("there is no id, so the councillor has no stable key")
    url, remark = _page(stated.url)
    row = TargetRow(
        line=entry.line,
        external_id=fitting(Target.external_id, entry.external_id),
        role=TargetRole.COUNCILLOR,
        name=fitting(Target.name, split.name),
        salutation=fitting(Target.salutation, councillor_salutation(stated.name, stated.email.email)),
        place=place,
        email=stated.email.email,
        email_untold=stated.email.untold,
        address=fitting(Target.address, stated.address),
        party=fitting(Target.party, stated.party),
        attributes=stated.attributes,
        valid_from=stated.valid_from,
        valid_to=stated.valid_to,
        source_url=url,
    )
    account.use(row, (*stated.remarks, beside_name(split), stated.email.remark, remark))


def user_id(url: str) -> str:
    """Return the `UID` of the address of a councillor's page on a ModernGov site; empty where it has none."""
    try:
        ids = parse_qs(urlsplit(url).query).get("UID", [])
    except ValueError:
        ids = []
    return ids[0] if len(ids) == 1 and ids[0].isascii() and ids[0].isdigit() else ""


def _page(url: str) -> tuple[str, str]:
    """Return the address of a page, and what is to be said of it: only one of the web may stand as a link."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and url.isprintable() and " " not in url
    except ValueError:
        good = False
    return (url, "") if good or not url else ("", f"the page's address is none of the web: {quoted(url)}")
