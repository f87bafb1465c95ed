"""Numbers of bodies in public registers, checked by their form and written the way org-id.guide does.

An identifier begins with the code of its register: `GB-COH-07921508` for Companies House, `GB-NHS-RVV` for the NHS's
Organisation Data Service, `GB-CHC-1164883` for the Charity Commission. Whether the register has it is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from app.targets.areas import plain
from app.targets.fields import FieldError, clean_text, fitting
from app.targets.models import Target
from app.targets.records import TargetRole

COMPANIES_HOUSE = "GB-COH"
NHS = "GB-NHS"

_COMPANY_PREFIXES = (
    "AC|BR|CE|CS|EN|ES|FC|FE|GE|GN|GS|IC|IP|LP|NA|NC|NF|NI|NL|NO|NP|NR|NV|NZ|OC|OE|PC|RC|RS|SA|SC|SE|SF|SG|SI|SL|SO|SP|SR|"
    "SZ|ZC"
)
"""Of Companies House's guide to its web addresses, with those that have come since (CE, CS, OE, RS, SG), and BR for
the branches of companies from abroad."""
_COMPANY = re.compile(rf"([0-9]{{1,8}})|({_COMPANY_PREFIXES})([0-9]{{1,6}})|(R)([0-9]{{1,7}})")
_SOCIETY = re.compile(r"(IP|NP|SP)([0-9]{5}[A-Z]|[0-9]{4}[A-Z]{2})")
"""Registered societies have letters at the end too, as in IP27256R."""
_WORDS_BEFORE = re.compile(
    r"((company|co\.|crn|registered|registration|reg\.?|in|england|and|wales|scotland|northern|ireland)\s+)+"
    r"((number|no\.?)\s*)?:?|(number|no\.)\s*:?",
    re.IGNORECASE,
)
"""What people write before a number. "NO 000102" is a number: NO is a prefix of its own."""
_IDENTIFIER = re.compile(r"([A-Z]{2,3}-[A-Z0-9]+)-(\S+)", re.IGNORECASE)
_LICENCE = re.compile(r"(FCA|Ofcom)\b.*[0-9].*", re.IGNORECASE)


def check_registration(text: str, register: str = COMPANIES_HOUSE) -> str:
    """Return a number in a public register as an identifier; an empty text stays empty.

    Args:
        text: an identifier of org-id.guide, or a number alone. A number that names the FCA or Ofcom, and an
            identifier of a register whose form is not known here, are left as they are.
        register: whose number it is where the text does not say.

    Raises:
        FieldError: it has not the form of that register's numbers.
    """
    text = clean_text(text)
    if not text or _LICENCE.fullmatch(text):
        return fitting(Target.registration, text)
    identifier = _IDENTIFIER.fullmatch(text)
    if identifier:
        register, text = identifier[1].upper(), identifier[2]
    check = _FORMS.get(register)
    number = check(text) if check else text
    return fitting(Target.registration, f"{register}-{number}")


def register_of(role: TargetRole) -> str:
    """Return the register whose number a target of this role has where its number does not say."""
    return NHS if role is TargetRole.NHS_TRUST else COMPANIES_HOUSE


def company_number(text: str) -> str:
    """Return a number of Companies House in its eight characters; zeros that a spreadsheet dropped are put back.

    Raises:
        FieldError: it has not the form of one.
    """
    words = _WORDS_BEFORE.match(text)
    bare = _bare(text[words.end() :] if words else text).removesuffix(".0")  # a number through a spreadsheet
    if _SOCIETY.fullmatch(bare):
        return bare
    found = _COMPANY.fullmatch(bare)
    if not found or not int(found[1] or found[3] or found[5]):
        raise FieldError(
            f"the company number {text!r} is not eight figures, nor letters such as SC, NI or OC and six figures"
        )
    letters = found[2] or found[4] or ""
    return letters + bare.removeprefix(letters).zfill(8 - len(letters))


def ods_code(text: str) -> str:
    """Return a code of the NHS's Organisation Data Service, such as RVV, in capitals.

    Raises:
        FieldError: it is not three to nine letters and figures.
    """
    if not re.fullmatch(r"[A-Z0-9]{3,9}", code := _bare(text)):
        raise FieldError(f"the ODS code {text!r} is not three to nine letters and figures")
    return code


def organisations_differ(rows: Iterable[tuple[str, str, str]]) -> Iterator[tuple[int, str]]:
    """Yield each row that names another organisation than the first one of its registration, and what is wrong.

    Args:
        rows: place, registration and organisation of each; rows without a registration are passed over.
    """
    first: dict[str, tuple[str, str]] = {}
    for number, (place, registration, organisation) in enumerate(rows):
        at, name = first.setdefault(registration, (place, organisation))
        if registration and plain(name) != plain(organisation):
            yield (
                number,
                f"{registration} is {organisation!r} here and {name!r} at {at}; offices of one body share its name",
            )


def _charity(text: str) -> str:
    if not re.fullmatch(r"[0-9]{6,7}(-[0-9]{1,3})?", number := _bare(text)):
        raise FieldError(f"the charity number {text!r} is not six or seven figures")
    return number


def _scottish_charity(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,6}", number := _bare(text).removeprefix("SC")):
        raise FieldError(f"the Scottish charity number {text!r} is not SC and six figures")
    return f"SC{number.zfill(6)}"


def _northern_irish_charity(text: str) -> str:
    if not re.fullmatch(r"[0-9]{6}", number := _bare(text).removeprefix("NIC")):
        raise FieldError(f"the Northern Irish charity number {text!r} is not six figures")
    return number


def _bare(text: str) -> str:
    """Return the text in capitals without the spaces that people put into numbers."""
    return "".join(text.split()).upper()


_FORMS: dict[str, Callable[[str], str]] = {
    COMPANIES_HOUSE: company_number,
    NHS: ods_code,
    "GB-CHC": _charity,
    "GB-SC": _scottish_charity,
    "GB-NIC": _northern_irish_charity,
}
