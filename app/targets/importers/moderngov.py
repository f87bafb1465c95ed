"""What a council's ModernGov site answers to `mgWebService.asmx/GetCouncillorsByWard`: councillors by ward, as XML.

A councillor's stable key is their user id on the site. The e-mail address of the work address goes before that of the
home address; of postal addresses that of work alone is read, for a letter goes to the town hall, never to a home. Of
several terms of office the latest counts. Posts and committees become attributes. The council itself is not named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from app.targets.areas import plain
from app.targets.fields import clean_text
from app.targets.importers.account import Account
from app.targets.importers.addresses import NO_EMAIL, MailField, quoted, stated_address
from app.targets.importers.councillors import Councillor, take
from app.targets.importers.parsed import Format, NotThisFormatError, Parsed
from app.targets.importers.reading import Element, cell_text, read_xml, unescaped
from app.targets.models import Confidence

ROOT = "councillorsbyward"
_UNSPECIFIED = frozenset({"", "unspecified", "not specified", "n/a", "-"})
_ADDRESS = (*(f"line{number}" for number in range(1, 6)), "postcode")
_LINE_END = re.compile(r"[\r\n;]+|<br\s*/?>", re.IGNORECASE)
_NEXT_POST = re.compile(
    r",\s*(?=(?:acting|assistant|cabinet|chair|champion|convener|deputy|executive|group|lead|leader|lord|mayor|member|"
    r"opposition|portfolio|provost|representative|shadow|spokes|vice|whip)\w*\b)",
    re.IGNORECASE,
)
"""A comma between two posts; others stand inside one, such as "Cabinet Member for Housing, Planning and Waste"."""


def parse(raw: bytes) -> Parsed:
    """Read the answer.

    Raises:
        NotThisFormatError: it is not XML, has a document type, or answers something else.
    """
    root, remarks = read_xml(raw)
    if root.name != ROOT:
        raise NotThisFormatError(f"The file is XML of <{root.name}>, not of <{ROOT}>.")
    account = Account()
    account.add(remarks)
    for ward in _within(root, "ward"):
        _ward(account, ward)
    for stray in _within(root, "councillor", beside="ward"):
        account.reject(f"line {stray.line}", "the councillor stands in no ward", clean_text(stray.text("councillorid")))
    if next(_within(root, "email"), None) is None:
        account.without_addresses()
    return account.parsed()


def _ward(account: Account, ward: Element) -> None:
    """Put a ward's councillors into the account, and tell where their number is not what the ward says."""
    title = clean_text(ward.text("wardtitle"))
    called = title or "a ward without a name"
    councillors = list(_within(ward, "councillor"))
    for councillor in councillors:
        with account.entry(f"line {councillor.line}") as entry:
            entry.external_id = _text(councillor, "councillorid")
            take(account, entry, _councillor(cell_text("wardtitle", title), councillor))
    stated = clean_text(ward.text("councillors", "councillorcount"))
    if not councillors:
        account.remark(f"line {ward.line}", f"{called} has no councillor")
    if stated and stated != str(len(councillors)):
        remark = f"{called} says that it has {stated} councillors, but has {len(councillors)}"
        account.remark(f"line {ward.line}", remark)


def _councillor(ward: str, element: Element) -> Councillor:
    """Return a councillor as stated.

    Raises:
        FieldError: a text has lost characters.
    """
    district = _text(element, "districttitle")
    differs = ward and district and plain(ward) != plain(district)
    email, left_out = _email(element)
    start, end, remark = _term(element)
    return Councillor(
        name=_text(element, "fullusername"),
        ward=ward or district,
        email=email,
        party=_text(element, "politicalpartytitle"),
        address=" / ".join(filter(None, (_text(element, "workaddress", line) for line in _ADDRESS))),
        attributes=_attributes(element),
        valid_from=start,
        valid_to=end,
        remarks=(f"the district is another than the ward: {quoted(district)}" if differs else "", left_out, remark),
    )


def _email(element: Element) -> tuple[MailField, str]:
    """Return the e-mail field that counts, and what is to be said of the other one."""
    work, home = (stated_address(partial(_emails, element, place)) for place in ("workaddress", "homeaddress"))
    if home.email and not work.email:
        said = "the e-mail address is that of the home address"
        return home, said if work.remark == NO_EMAIL else f"{said}; of that of work: {work.remark}"
    told = {address.casefold() for address in (work.email, *work.others) if address}
    if home.remark != NO_EMAIL and home.email.casefold() not in told:
        untold = not work.email and (work.untold or home.untold)
        return replace(work, untold=untold), "the e-mail field of the home address is left out"
    return work, ""


def _emails(element: Element, place: str) -> str:
    """Return the e-mail fields of an address; some sites print several."""
    fields = [email for address in element.all(place) for email in address.all("email")]
    return "; ".join(filter(None, (cell_text("email", field.text()) for field in fields)))


def _term(element: Element) -> tuple[date | None, date | None, str]:
    """Return the first and the last day of the latest term of office, and what is to be said of them."""
    remarks: list[str] = []
    terms = [
        (_day(term.text("startdate"), remarks), _day(term.text("enddate"), remarks))
        for term in _within(element, "termofoffice")
    ]
    start, end = max(terms, key=lambda term: term[0] or date.min, default=(None, None))
    return start, end, "; ".join(remarks)


def _day(text: str, remarks: list[str]) -> date | None:
    """Return a day written as dd/mm/yyyy; what is neither that nor a word for none is told."""
    text = clean_text(text)
    if text.casefold() in _UNSPECIFIED:
        return None
    try:
        return datetime.strptime(text[:10], "%d/%m/%Y").date()  # noqa: DTZ007 - a day of the calendar has no zone
    except ValueError:
        remarks.append(f"this is no day of a term of office: {quoted(text)}")
        return None


def _attributes(element: Element) -> dict[str, list[str]]:
    """Return the posts and the committees of a councillor."""
    posts = [post for line in _LINE_END.split(unescaped(element.text("keyposts"))) for post in _NEXT_POST.split(line)]
    committees = [
        next(filter(None, (committee.text(name) for name in ("committeetitle", "committeename", "title", "name"))), "")
        or committee.text()
        for committee in _within(element, "committee")
    ]
    found = {"posts": posts, "committees": committees}
    cleaned = {name: [cell_text(name, text).strip(" ,") for text in texts] for name, texts in found.items()}
    return {name: list(dict.fromkeys(filter(None, texts))) for name, texts in cleaned.items() if any(texts)}


def _text(element: Element, *path: str) -> str:
    return cell_text(path[-1], element.text(*path))


def _within(element: Element, name: str, beside: str = "") -> Iterator[Element]:
    """Yield the elements of that name anywhere within, but none inside another of them, nor inside one of `beside`."""
    for child in element.children:
        if child.name == name:
            yield child
        elif child.name != beside:
            yield from _within(child, name, beside)


FORMAT = Format("moderngov", "ModernGov: GetCouncillorsByWard (XML)", parse, Confidence.OFFICIAL, one_council=True)
