"""Which column of a CSV file is which of our fields: guessed from the header, shown, and put right by hand.

Written down, a mapping is texts of the form `field=column`; `field=` says that nothing is taken for it. Some fields may
come from several columns: parts of an address are joined, further e-mail addresses are told, each post is one.
"""

from __future__ import annotations

import re
from collections import Counter, abc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.targets.areas import plain
from app.targets.importers.sheets import folded

_KNOWN = {
    "id": "id|external id|identifier|reference|ref|unique id|uid|person id|member id|ods code",
    "name": (
        "full name|fullname|name|contact name|councillor name|councillor|cllr|mp name|mp|member name|member|"
        "display name|display as|contact|person|officer|recipient"
    ),
    "first_name": "first name|firstname|forename|forenames|forename s|given name|given names|christian name",
    "last_name": "last name|lastname|surname|family name",
    "title": "title|honorific|honorific prefix|prefix|mr ms",
    "salutation": "salutation|greeting|dear",
    "email": (
        "email address|e mail address|email|e mail|contact email|work email|email 1|email address 1|email 2|"
        "email address 2|member email|mail|emails"
    ),
    "organisation": (
        "organisation|organization|organisation name|organization name|company|company name|trust|trust name|employer|"
        "body|broadcaster|regulator|publisher|newspaper|station|institution"
    ),
    "registration": (
        "registration|company number|company no|company registration number|registration number|registered number|"
        "companies house number|crn|org id|organisation identifier"
    ),
    "posts": "posts|post|position|positions|job title|role|roles|office|designation|job",
    "address": (
        "address|postal address|full address|address 1|address line 1|line 1|address1|street|address 2|address line 2|"
        "line 2|address2|address 3|address line 3|line 3|address3|address 4|address line 4|locality|town|town city|"
        "city|post town|county|postcode|post code|postal code"
    ),
    "party": "party|political party|party name|party text|political group|group",
    "ward": "ward|ward name|electoral ward|wards",
    "division": "division|electoral division|division name|county division",
    "constituency": "constituency|constituency name|parliamentary constituency|pcon name",
    "gss_code": "gss code|gss|ons code|ward code|ward gss code|area code|constituency code|pcon code|division code",
    "council": "council|council name|local authority|authority|local authority name|council code|council id",
    "source_url": "source url|url|uri|web page|webpage|page|profile|profile url|link|web address",
    "valid_from": "valid from|start date|term start|elected on|date elected|from|in office since",
    "valid_to": "valid to|end date|term end|term ends|term of office ends|until",
}
"""What each field's column is called in files that people have, the likeliest name first."""
FIELDS = tuple(_KNOWN)
"""What a column may be mapped to, besides `attribute.<key>`."""
_SEVERAL = frozenset({"address", "email", "posts"})
_ATTRIBUTE = re.compile(r"attribute\.(?!posts$)[a-z][a-z0-9_]{0,39}")
_NO_ID = (
    "made of name and organisation, and of the e-mail address too where several rows share them; who gets another name "
    "then counts as somebody else"
)
_JOINED = {
    "address": 'joined by " / "',
    "email": "the first that can be mailed is used, others are told",
    "posts": "each is one post",
}


class MappingError(ValueError):
    """A mapping cannot be used; the message says why, and which columns or fields there are."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """Our fields, each with the columns that it is read from, in the order in which they are joined."""

    header: tuple[str, ...]
    """The file's columns as it names them."""
    columns: abc.Mapping[str, tuple[str, ...]]

    @classmethod
    def guess(cls, header: Sequence[str]) -> Mapping:
        """Map the columns whose names are in common use; columns without a name or named twice are left alone."""
        times = Counter(map(folded, header))
        names = [name for name in header if name and times[folded(name)] == 1]
        return cls(tuple(header), _consistent(dict(_guessed(names))))

    @classmethod
    def parse(cls, texts: Iterable[str], header: Sequence[str]) -> Mapping:
        """Map by hand: what the texts say wins over the guess, for their fields and for their columns.

        Raises:
            MappingError: a text is not of the form `field=column`, or names a field or a column that there is not.
        """
        by_hand = _by_hand(texts, header)
        taken = {column for columns in by_hand.values() for column in columns}
        guessed = {
            field: tuple(column for column in columns if column not in taken)
            for field, columns in cls.guess(header).columns.items()
            if field not in by_hand
        }
        return cls(tuple(header), _consistent({**guessed, **by_hand}, by_hand))

    @property
    def left(self) -> tuple[str, ...]:
        """The columns that nothing is read from."""
        taken = {column for columns in self.columns.values() for column in columns}
        return tuple(name for name in dict.fromkeys(self.header) if name and name not in taken)

    def texts(self) -> list[str]:
        """Return the mapping as `parse` takes it."""
        lines = [f"{field}={column}" for field, columns in self.columns.items() for column in columns]
        return [*lines, *(f"{field}=" for field in self.guess(self.header).columns if field not in self.columns)]

    def lines(self) -> list[str]:
        """Return what to show a person before the mapping is used."""
        shown = []
        for field, columns in self.columns.items():
            how = f" ({_JOINED[field]})" if len(columns) > 1 and field in _JOINED else ""
            shown.append(f"{field} <- {', '.join(columns)}{how}")
        if "id" not in self.columns:
            shown.append(f"id <- {_NO_ID}")
        shown.append(f"not used: {', '.join(self.left) or 'no column'}")
        return shown


def _guessed(names: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each field that a column is found for, with its column or columns."""
    by_plain: dict[str, str] = {}
    for name in names:
        by_plain.setdefault(plain(name).replace("-", " "), name)
    for field, known in _KNOWN.items():
        found = [by_plain[name] for name in known.split("|") if name in by_plain]
        if field == "address":
            found.sort(key=names.index)
        if found:
            yield field, tuple(found if field in _SEVERAL else found[:1])


def _by_hand(texts: Iterable[str], header: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the fields that the texts name, with their columns."""
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        field, equals, column = (part.strip() for part in text.partition("="))
        if not equals:
            raise MappingError(f"{text!r} is not of the form field=column.")
        if field not in _KNOWN and not _ATTRIBUTE.fullmatch(field):
            raise MappingError(f"There is no field {field!r}. The fields are {', '.join(_KNOWN)}, and attribute.<key>.")
        found[field] = (*found.get(field, ()), *([_column(column, header)] if column else []))
        if len(found[field]) > 1 and field in _KNOWN and field not in _SEVERAL:
            raise MappingError(f"{field} is read from one column; only {', '.join(sorted(_SEVERAL))} may have several.")
    return found


def _column(name: str, header: Sequence[str]) -> str:
    """Return the column as the header names it; capitals and space do not matter."""
    found = [column for column in header if folded(column) == folded(name)]
    if len(found) != 1:
        what = "is named more than once" if found else "is not in the file"
        raise MappingError(f"The column {name!r} {what}. The columns are {', '.join(filter(None, header))}.")
    return found[0]


def _consistent(columns: dict[str, tuple[str, ...]], by_hand: abc.Collection[str] = ()) -> dict[str, tuple[str, ...]]:
    """Return the fields in their own order, without those that no column is left for, and with one way to a name.

    A file that has "Name" beside "First name" and no "Surname" calls the surname so.
    """
    parts = [field for field in ("first_name", "last_name") if columns.get(field)]
    if columns.get("name") and parts:
        if parts == ["first_name"] and not {"name", "last_name"} & {*by_hand} and plain(columns["name"][0]) == "name":
            columns["last_name"] = columns.pop("name")
        elif "name" in by_hand or not {*parts} & {*by_hand}:
            columns = {field: names for field, names in columns.items() if field not in parts}
        else:
            del columns["name"]
    order = [*_KNOWN, *sorted(field for field in columns if field not in _KNOWN)]
    return {field: columns[field] for field in order if columns.get(field)}
