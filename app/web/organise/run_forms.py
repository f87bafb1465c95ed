"""What staff type when they check, approve and run a campaign."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, StringField, SubmitField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, Optional, StopValidation

from app.web.public.forms import add_error, at_most, readable, strip

LONGEST_NOTE = 1000
LONGEST_WON = 600
LONGEST_NUMBER = 20
MOST_PEOPLE = 5_000_000
MOST_LETTERS = 50_000_000
SEND, CANCEL = "send", "cancel"


class NumberField(StringField):
    """A whole number, kept as it was typed, so that nothing typed is lost."""

    @property
    def number(self) -> int:
        """What was typed, once it is known to be one."""
        return int(_digits(self.data))


def _digits(typed: str | None) -> str:
    return (typed or "").replace(",", "").replace(" ", "")


def whole(least: int, most: int, otherwise: str) -> Callable[[FlaskForm, Field], None]:
    """Refuse whatever is not a whole number from `least` to `most`."""

    def check(_form: FlaskForm, field: Field) -> None:
        digits = _digits(field.data)
        if not (digits.isascii() and digits.isdecimal() and len(digits) < LONGEST_NUMBER):
            raise StopValidation(otherwise)
        if not least <= int(digits) <= most:
            raise StopValidation(otherwise)

    return check


class WaitingForm(FlaskForm):
    """What becomes of letters that wait when a campaign ends."""

    waiting = StringField(
        _l("What happens to letters that have not gone out yet?"),
        validators=[AnyOf((SEND, CANCEL), _l("Please choose what happens to them."))],
    )

    @property
    def sends(self) -> bool:
        """Whether they still go out."""
        return self.waiting.data == SEND


class WinForm(WaitingForm):
    """What was won, in each language of the campaign's pages, and who is told."""

    tells = BooleanField(_l("Tell everybody who took part, by one mail each"))


def win_form_for(languages: Sequence[tuple[str, str]]) -> type[WinForm]:
    """The form with a field `won_<language>` for each language: (code, what it is called)."""
    fields: dict[str, Any] = {
        won_field(code): TextAreaField(
            _("What was won (%(language)s)", language=name),
            filters=[strip],
            validators=[
                DataRequired(_("Please write what was won (%(language)s).", language=name)),
                at_most(LONGEST_WON),
                readable,
            ],
        )
        for code, name in languages
    }
    return type("WinForm", (WinForm,), fields)


def won_field(language: str) -> str:
    """The name of the field for a language."""
    return f"won_{language.replace('-', '_')}"


class AskForm(FlaskForm):
    """A request for approval."""

    letters = NumberField(
        _l("For how many letters?"),
        filters=[strip],
        validators=[whole(1, MOST_LETTERS, _l("Please write a number from 1 to 50 million."))],
    )
    note = TextAreaField(
        _l("What should they know?"),
        filters=[strip],
        validators=[Optional(), at_most(LONGEST_NOTE), readable],
    )


class DecideForm(FlaskForm):
    """A decision about one."""

    answer = TextAreaField(_l("Your note"), filters=[strip], validators=[Optional(), at_most(LONGEST_NOTE), readable])
    grant = SubmitField()
    decline = SubmitField()

    def decided(self) -> bool:
        """Whether all is well with it; whoever declines says why."""
        if not self.validate():
            return False
        if not self.grant.data and not self.answer.data:
            add_error(self.answer, _("Please say why, so that it can be put right."))
        return not self.errors


class StopForm(FlaskForm):
    """Why letters are stopped."""

    why = StringField(
        _l("Why do you stop them?"),
        filters=[strip],
        validators=[DataRequired(_l("Please say why, for those who come after you.")), at_most(200), readable],
    )


class TestForm(FlaskForm):
    """How many sample letters somebody sends to themselves."""

    __test__ = False
    number = NumberField(
        _l("How many sample letters?"),
        filters=[strip],
        validators=[whole(1, 5, _l("Please write a number from 1 to 5."))],
    )
