"""Popolo JSON, as EveryPolitician and mySociety publish it: who sits in the House of Commons or in a council.

A row of this format is a membership: a person in an organisation, for an area. Which memberships count:

- Its role, its post's role or its organisation says that it is a member's or a councillor's. Others (of a party, of
  another parliament) are left out and told.
- It has not ended. An importer does not know the day, so a membership counts that has no end, or whose end is later
  than everything that the file knows to have begun; `valid_to` then says when it ends. Where it names a legislative
  period, its days are those of the period unless it has its own, and a period ends when the next one begins.
- A membership of a council without an area is an office of somebody who has a seat there, such as its leader: it
  becomes one of their `posts`.

A post that has an area, has not ended and is held by nobody is a vacant seat.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from app.targets.areas import ward_name
from app.targets.fields import FieldError, fitting, web_address
from app.targets.importers.account import Account, beside_name
from app.targets.importers.addresses import MailField, stated_address
from app.targets.importers.members import HOUSE, member_salutation
from app.targets.importers.parsed import Format, Parsed, Place, TargetRow
from app.targets.importers.popolo_files import Document, Item, Term, items_of, last_day, text_of
from app.targets.importers.reading import cell_text, read_json
from app.targets.models import AreaKind, Confidence, Target
from app.targets.names import councillor_salutation, is_vacant, split_name
from app.targets.records import TargetRole

KEYS = ("persons",)
_MEMBER = re.compile(r"\b(mp|member of parliament)\b", re.IGNORECASE)
_COUNCILLOR = re.compile(r"\b(cllr|councill?or)\b", re.IGNORECASE)
_SEAT = re.compile(r"member|mp|member of parliament|cllr|councill?or", re.IGNORECASE)
_NOT_SEATED = re.compile(r"\b(candidate|former|substitute)\b", re.IGNORECASE)
_COMMONS = re.compile(r"\bcommons\b", re.IGNORECASE)
_COUNCIL = re.compile(r"\b(council|local[ -_]authority)\b", re.IGNORECASE)
_GSS_CODE = re.compile(r"(?:.*[/:])?([A-Z][0-9]{8})")
_DIVISION = re.compile(r"\bdivision\b", re.IGNORECASE)
_COUNTY_DIVISION = "E58"


def parse(raw: bytes) -> Parsed:
    """Read the JSON file. A row is named by its place in the list of memberships, counted from 1.

    Raises:
        NotThisFormatError: the file is not JSON, or has no persons or no memberships.
    """
    value, remarks = read_json(raw)
    document, account = Document(value), Account()
    account.add(remarks)
    seats = list(_seats(document, account))
    several = len({text_of(seat.body, "id") for seat in seats}) > 1
    posts, claimed = _posts(seats, account), _claimed(seats)
    for seat in seats:
        if seat.area:
            external_id = "/".join(seat.key if several else seat.key[:1])
            _take(account, seat, external_id, posts.get(seat.key, []), claimed)
    _take_vacant_posts(account, document, seats)
    if not any(_has_email(item) for seat in seats for item in (seat.membership, seat.person)):
        account.without_addresses()
    return account.parsed()


FORMAT = Format("popolo", "Popolo JSON: MPs or councillors", parse, Confidence.COLLECTED)


@dataclass(frozen=True, slots=True)
class _Seat:
    """A membership that counts, with what it refers to."""

    line: str
    role: TargetRole
    membership: Item
    person: Item
    body: Item
    area: Item
    party: Item
    term: Term

    @property
    def key(self) -> tuple[str, str]:
        """The person and the organisation."""
        return text_of(self.person, "id"), text_of(self.body, "id")


def _seats(document: Document, account: Account) -> Iterator[_Seat]:
    """Yield the memberships that count; what is wrong with others goes into the account."""
    newest = document.newest()
    for number, membership in enumerate(document.memberships, 1):
        line = f"membership {number}"
        if not isinstance(membership, dict):
            account.reject(line, "this is not a membership")
            continue
        post = document.of(membership, "post", "posts")
        body = _either(document, "organization", "organizations", membership, post)
        role, term = _role(membership, post, body), document.term(membership)
        person = document.of(membership, "person", "persons")
        if role is None:
            account.remark(line, "left out: it is no seat in the House of Commons or a council")
        elif term.ends and (newest is None or term.ends <= newest):
            account.remark(line, "left out: it has ended")
        elif not set(person) - {"id"}:
            account.reject(line, "its person is not in the file")
        else:
            area = _either(document, "area", "areas", membership, post)
            party = document.of(membership, "on_behalf_of", "organizations")
            yield _Seat(line, role, membership, person, body, area, party, term)


def _either(document: Document, name: str, kind: str, *items: Item) -> Item:
    """Return what the first of the items that refers to such a thing refers to."""
    return next((found for item in items if (found := document.of(item, name, kind))), {})


def _role(membership: Item, post: Item, body: Item) -> TargetRole | None:
    """Return what a membership makes of its person; nothing where that is no office that letters go to.

    A post or role of another organisation, such as a party's councillor group, counts by its own words.
    """
    words = f"{text_of(membership, 'role')} {text_of(post, 'role')}"
    name, kind = text_of(body, "name"), text_of(body, "classification")
    if _NOT_SEATED.search(words):
        return None
    if _MEMBER.search(words) or _COMMONS.search(name):
        return TargetRole.MP
    if _COUNCILLOR.search(words) or _COUNCIL.search(name) or _COUNCIL.search(kind):
        return TargetRole.COUNCILLOR
    return None


def _posts(seats: list[_Seat], account: Account) -> dict[tuple[str, str], list[str]]:
    """Return the offices that people hold beside their seat, by person and organisation.

    A membership without an area that is no such office is rejected.
    """
    seated = {seat.key for seat in seats if seat.area}
    posts: dict[tuple[str, str], list[str]] = {}
    for seat in seats:
        if seat.area:
            continue
        words = text_of(seat.membership, "label") or text_of(seat.membership, "role")
        if seat.key in seated and words and not _SEAT.fullmatch(words):
            posts.setdefault(seat.key, []).append(words)
            account.remark(seat.line, f"left out: kept as a post beside the seat: {words}")
        else:
            account.reject(seat.line, "there is no area", text_of(seat.person, "id"))
    return posts


def _claimed(seats: list[_Seat]) -> frozenset[Place]:
    """Return the constituencies that more than one person is the member for: which is right is not said."""
    claims: dict[Place, set[str]] = {}
    for seat in seats:
        if seat.role is TargetRole.MP and seat.area:
            with suppress(FieldError):
                claims.setdefault(_place(seat), set()).add(seat.key[0])
    return frozenset(place for place, people in claims.items() if len(people) > 1)


def _take(account: Account, seat: _Seat, external_id: str, posts: list[str], claimed: frozenset[Place]) -> None:
    """Put a membership with an area into the account."""
    try:
        place, full_name = _place(seat), _full_name(seat.person)
        if is_vacant(full_name):
            account.vacant(seat.line, place)
        elif place in claimed:
            account.reject(seat.line, f"more than one person is the member for {place.name or place.code}", external_id)
        elif not seat.key[0] or not split_name(full_name).name:
            account.reject(seat.line, "there is no name" if seat.key[0] else "the person has no id", external_id)
        else:
            mail = stated_address(lambda: "; ".join(dict.fromkeys(_contacts(seat, "email"))))
            row = _row(seat, external_id, full_name, place=place, mail=mail, posts=posts)
            account.use(row, [beside_name(split_name(full_name)), mail.remark])
    except FieldError as error:
        account.reject(seat.line, str(error), external_id)


def _row(
    seat: _Seat, external_id: str, full_name: str, *, place: Place, mail: MailField, posts: list[str]
) -> TargetRow:
    """Return the target.

    Raises:
        FieldError: a part of it cannot be used.
    """
    is_member = seat.role is TargetRole.MP
    greet = member_salutation if is_member else councillor_salutation
    return TargetRow(
        line=seat.line,
        external_id=fitting(Target.external_id, external_id),
        role=seat.role,
        name=fitting(Target.name, split_name(full_name).name),
        salutation=fitting(Target.salutation, greet(full_name, mail.email)),
        place=place,
        organisation=HOUSE if is_member else fitting(Target.organisation, _named(seat.body)),
        email=mail.email,
        email_untold=mail.untold,
        address=fitting(Target.address, next(_contacts(seat, "address"), "")),
        party=fitting(Target.party, _named(seat.party)),
        attributes={"posts": posts} if posts else {},
        valid_from=seat.term.begins,
        valid_to=seat.term.ends,
        source_url=_source(seat),
    )


def _take_vacant_posts(account: Account, document: Document, seats: list[_Seat]) -> None:
    """Put the posts that nobody holds into the account."""
    held = {text_of(document.of(seat.membership, "post", "posts"), "id") for seat in seats}
    for number, post in enumerate(document.posts, 1):
        body, area = document.of(post, "organization", "organizations"), document.of(post, "area", "areas")
        role = _role({}, post, body)
        if role is None or not area or last_day(text_of(post, "end_date")) or text_of(post, "id") in held:
            continue
        seat = _Seat(f"post {number}", role, {}, {}, body, area, {}, Term(None, None))
        try:
            account.vacant(seat.line, _place(seat))
        except FieldError as error:
            account.reject(seat.line, str(error), nobody=True)


def _place(seat: _Seat) -> Place:
    """Return the area of a seat: by its GSS code where an identifier or its id is one, by its name besides."""
    name, code = text_of(seat.area, "name"), _gss_code(seat.area)
    if not code and not name:
        raise FieldError("its area is not in the file")
    name = ward_name(name) if name else ""
    if seat.role is TargetRole.MP:
        return Place(AreaKind.CONSTITUENCY, name, code)
    county = code.startswith(_COUNTY_DIVISION) or _DIVISION.search(text_of(seat.area, "classification"))
    kind = AreaKind.DIVISION if county else AreaKind.WARD
    return Place(kind, name, code, _gss_code(seat.body) or text_of(seat.body, "name"))


def _gss_code(item: Item) -> str:
    """Return the GSS code of an area or a council; empty where none is told."""
    told = [
        text_of(one, "identifier") for one in items_of(item, "identifiers") if "gss" in text_of(one, "scheme").lower()
    ]
    codes = (_GSS_CODE.fullmatch(text) for text in (*told, text_of(item, "id"), text_of(item, "identifier")))
    return next((found[1] for found in codes if found), "")


def _full_name(person: Item) -> str:
    """Return a person's name with the titles before it.

    mySociety keeps it among the other names, the main one without an end.
    """
    names = [person, *(one for one in items_of(person, "other_names") if not text_of(one, "end_date"))]
    main = next((one for one in names if text_of(one, "note").lower() == "main"), person)
    parts = " ".join(filter(None, (text_of(main, "given_name"), text_of(main, "family_name"))))
    name = text_of(person, "name") or text_of(main, "name") or parts
    titles = text_of(person, "honorific_prefix") or text_of(main, "honorific_prefix")
    return cell_text("name", f"{titles} {name}" if titles and not split_name(name).titles else name)


def _contacts(seat: _Seat, kind: str) -> Iterator[str]:
    """Yield what the membership and then the person say of how they are reached; an address in one line."""
    for item in (seat.membership, seat.person):
        if text := text_of(item, kind):
            yield text
        for one in items_of(item, "contact_details"):
            value = one.get("value")
            if text_of(one, "type").lower() == kind and isinstance(value, str):
                lines = (cell_text(kind, line) for line in value.splitlines())
                yield " / ".join(filter(None, lines))


def _has_email(item: Item) -> bool:
    """Whether an item has a place for an e-mail address, whatever stands there."""
    kinds = (one.get("type") for one in items_of(item, "contact_details"))
    return "email" in item or any(isinstance(kind, str) and kind.lower() == "email" for kind in kinds)


def _source(seat: _Seat) -> str:
    """Return the page that the membership or the person was read from."""
    sources = (*items_of(seat.membership, "sources"), *items_of(seat.person, "sources"))
    return next((web_address(url) for one in sources if (url := text_of(one, "url"))), "")


def _named(item: Item) -> str:
    return cell_text("name", text_of(item, "name"))
