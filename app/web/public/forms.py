"""What supporters type, checked at the edge. Every message says what to do, and stands beside its field."""

from __future__ import annotations

import re
import types
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, Optional, StopValidation, ValidationError

from app.actions.addresses import DisposableAddressError, NotAnAddressError, parse_email
from app.actions.sources import Source, source_of
from app.campaigns.targeting import EVERYBODY

LONGEST_NAME = 80
LONGEST_EMAIL = 254
LONGEST_OWN_WORDS = 3000
LONGEST_SUBJECT = 150
LONGEST_BODY = 8000
MOST_NUMBERS = 200

_SUBJECT, _BODY = "subject", "body"
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_ROW_ID = re.compile("[0-9]{1,9}")
_KEY = re.compile("[a-z0-9-]{1,40}")
_ALLOWED_CONTROLS = frozenset("\n\r\t")
_DIRECTION_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def at_most(limit: int) -> Callable[[FlaskForm, Field], None]:
    """Refuse a text of more than `limit` characters, and look no further: later checks cost more the longer it is."""

    def check(_form: FlaskForm, field: Field) -> None:
        if isinstance(field.data, str) and len(field.data) > limit:
            raise StopValidation(_("This is too long. Please use at most %(max)d characters.", max=limit))

    return check


def readable(_form: FlaskForm, field: Field) -> None:
    """Refuse what did not arrive as text: bytes that are not UTF-8, and control characters."""
    text = field.data or ""
    if not isinstance(text, str):
        return
    if _REPLACEMENT in text:
        raise StopValidation(_l("Some of these characters could not be read. Please type them again."))
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in _ALLOWED_CONTROLS for c in text):
        raise StopValidation(_l("There are hidden characters in this text that cannot be sent. Please type it again."))


def one_line(_form: FlaskForm, field: Field) -> None:
    """Refuse line breaks where a mail's header will hold the text, and marks that turn the direction of text round."""
    text = field.data or ""
    if "\n" in text or "\r" in text or "\u2028" in text or "\u2029" in text:
        raise StopValidation(_l("Please write this on one line."))
    if any(c in _DIRECTION_OVERRIDES for c in text):
        raise StopValidation(_l("There are hidden characters in this text that cannot be sent. Please type it again."))


def a_name(_form: FlaskForm, field: Field) -> None:
    """Refuse addresses and advertising as a name: it is repeated in a mail to whoever's address was typed."""
    text = (field.data or "").casefold()
    if any(mark in text for mark in ("://", "www.", "@", "<", ">")) or not any(c.isalpha() for c in text):
        raise ValidationError(_l("Please write your name in letters."))


def an_address(_form: FlaskForm, field: Field) -> None:
    """Refuse what cannot receive a mail, and addresses that are thrown away."""
    try:
        parse_email(field.data)
    except DisposableAddressError:
        raise ValidationError(
            _l("This looks like a throw-away address. Please use one where the answers can reach you.")
        ) from None
    except NotAnAddressError:
        raise ValidationError(_l("Please write a whole e-mail address, like name@example.org.")) from None


def strip(text: str | None) -> str | None:
    """White space at the ends was not meant."""
    return text.strip() if isinstance(text, str) else text


def known_source(text: str | None) -> str | None:
    """The way that a form or an address names, where it is one of ours; none for the direct one."""
    source = source_of(text)
    return None if source is Source.DIRECT else source.value


class NumbersField(Field):
    """Any number of boxes or hidden fields of one name, each with the id of a row; other texts count as none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep the ids, each once."""
        self.data = list(dict.fromkeys(int(text) for text in valuelist[:MOST_NUMBERS] if _ROW_ID.fullmatch(text)))


class KeysField(Field):
    """Any number of boxes of one name, each with a key; other texts count as none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep the keys, each once."""
        self.data = list(dict.fromkeys(text for text in valuelist[:MOST_NUMBERS] if _KEY.fullmatch(text)))


class DrawField(Field):
    """A number that was drawn on an earlier step; whatever else comes back is none, and no mistake of anybody's."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep a short number."""
        self.data = int(valuelist[0]) if valuelist and _ROW_ID.fullmatch(valuelist[0]) else None


class StartForm(FlaskForm):
    """Who to write to: a postcode, an area chosen from a list, or chosen targets, as the campaign needs."""

    postcode = StringField(_l("Your postcode"), filters=[strip])
    """Read by the registry alone: what it cannot read never reaches a letter."""
    area = IntegerField(_l("Your area"), validators=[Optional()])
    division = IntegerField(_l("Your county division"), validators=[Optional()])
    """Where the county is written to beside the district: the answer about the upper tier."""
    target = NumbersField(_l("Who to write to"), default=list)
    via = StringField(filters=[known_source])
    """By which way the supporter came to the campaign's page, as its address said; none for who came directly."""
    instead = BooleanField()
    """Whether the letter may go to whoever the campaign names for when nobody else can be written to."""

    @property
    def letter_fields(self) -> list[str]:
        """The names of the fields that hold subjects and middles of letters."""
        return [field.name for field in self if field.name.partition("-")[0] in (_SUBJECT, _BODY)]


class LetterForm(StartForm):
    """Who writes, and their own words; the fields of their letters come from `letter_form`."""

    own_words = TextAreaField(
        _l("In your own words"),
        filters=[strip],
        validators=[
            Optional(),
            at_most(LONGEST_OWN_WORDS),
            readable,
        ],
    )
    name = StringField(
        _l("Your name"),
        filters=[strip],
        validators=[
            DataRequired(_l("Please write your name.")),
            at_most(LONGEST_NAME),
            readable,
            one_line,
            a_name,
        ],
    )
    email = StringField(
        _l("Your e-mail address"),
        filters=[strip],
        validators=[
            DataRequired(_l("Please write your e-mail address. We send the link to confirm to it.")),
            at_most(LONGEST_EMAIL),
            readable,
            one_line,
            an_address,
        ],
    )
    reason = KeysField(_l("Which of these are your reasons?"), default=list)
    """The keys of the reasons that are ticked."""
    draw = DrawField()
    """Which of a letter's subjects the supporter is shown: drawn on the first step, carried by the others."""
    consent = BooleanField()


@cache
def letter_form(audiences: tuple[str, ...]) -> type[LetterForm]:
    """A form with a subject and a middle for each of a campaign's audiences."""
    fields: dict[str, Field] = {}
    for audience in audiences:
        fields |= {subject_field(audience): _subject(), body_field(audience): _body()}
    made: type[LetterForm] = types.new_class("LetterForm", (LetterForm,), exec_body=lambda body: body.update(fields))
    return made


def subject_field(audience: str) -> str:
    """The name of the field that holds the subject of the letter to an audience."""
    return _SUBJECT if audience == EVERYBODY else f"{_SUBJECT}-{audience}"


def body_field(audience: str) -> str:
    """The name of the field that holds the middle of the letter to an audience."""
    return _BODY if audience == EVERYBODY else f"{_BODY}-{audience}"


def _subject() -> StringField:
    return StringField(
        _l("Subject"),
        filters=[strip],
        validators=[
            DataRequired(_l("Please give the letter a subject.")),
            at_most(LONGEST_SUBJECT),
            readable,
            one_line,
        ],
    )


def _body() -> TextAreaField:
    return TextAreaField(
        _l("The letter"),
        filters=[strip],
        validators=[
            DataRequired(_l("The letter is empty. Please write something, or start again from the campaign's page.")),
            at_most(LONGEST_BODY),
            readable,
        ],
    )


def add_error(field: Field, message: Any) -> None:
    """Put a message that the validators cannot know beside a field."""
    field.errors = [*field.errors, message]
