"""What staff type when they check, approve and run a campaign."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, StringField, SubmitField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, Optional, StopValidation

from app.campaigns.dates import NoSuchTimeError, moment_of
from app.web.public.forms import add_error, at_most, readable, strip

LONGEST_NOTE = 1000
LONGEST_WON = 600
LONGEST_NUMBER = 20
MOST_PEOPLE = 5_000_000
MOST_LETTERS = 50_000_000
LAST_TIME = "23:59"
"""At which a campaign closes on its last day unless somebody says when."""
NOW, LATER = "now", "later"
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


class LaunchForm(FlaskForm):
    """When a campaign opens and closes, and for how many people."""

    people = NumberField(
        _l("How many people do you expect to take part?"),
        filters=[strip],
        validators=[whole(1, MOST_PEOPLE, _l("Please write a number from 1 to 5 million; a guess will do."))],
    )
    when = StringField(_l("When does it open?"), validators=[AnyOf((NOW, LATER), _l("Please choose when it opens."))])
    opens_day = StringField(_l("Opening day"), filters=[strip], validators=[at_most(40), readable])
    opens_time = StringField(_l("Opening time"), filters=[strip], validators=[at_most(40), readable])
    closes_day = StringField(_l("Last day"), filters=[strip], validators=[at_most(40), readable])
    closes_time = StringField(_l("Closing time"), filters=[strip], validators=[at_most(40), readable])

    def times(self, zone: ZoneInfo, now: datetime) -> tuple[datetime | None, datetime | None] | None:
        """The opening (none is now) and the closing (none is when staff say so); none of it where one is wrong."""
        opens = closes = None
        if self.when.data == LATER:
            opens = self._moment(self.opens_day, self.opens_time, zone)
            if opens is not None and opens <= now:
                add_error(self.opens_day, _("This time has passed. Please choose one that lies ahead."))
        if self.closes_day.data or self.closes_time.data:
            self.closes_time.data = self.closes_time.data or LAST_TIME
            closes = self._moment(self.closes_day, self.closes_time, zone)
            if closes is not None and closes <= (opens or now):
                add_error(self.closes_day, _("It has to close after it opens."))
        return None if self.errors else (opens, closes)

    def _moment(self, day_field: Field, time_field: Field, zone: ZoneInfo) -> datetime | None:
        day, at = _day_of(day_field), _time_of(time_field)
        if day is None or at is None:
            return None
        try:
            return moment_of(datetime.combine(day, at), zone)
        except NoSuchTimeError:
            add_error(time_field, _("The clocks go forward over this time. Please choose one an hour later."))
        except OverflowError:
            add_error(day_field, _("Please choose a day, like 2026-12-01."))
        return None


def _day_of(field: Field) -> date | None:
    try:
        return date.fromisoformat(field.data or "")
    except ValueError:
        add_error(field, _("Please choose a day, like 2026-12-01."))
        return None


def _time_of(field: Field) -> time | None:
    try:
        found = time.fromisoformat(field.data or "")
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        add_error(field, _("Please choose a time, like 09:00."))
        return None
    return found


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
        validators=[DataRequired(_l("Please write a sentence or two.")), at_most(LONGEST_NOTE), readable],
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
        _l("Why?"),
        filters=[strip],
        validators=[DataRequired(_l("Please say why, for those who come after you.")), at_most(200), readable],
    )


class TestForm(FlaskForm):
    """How many sample letters somebody sends to themselves."""

    __test__ = False
    number = NumberField(
        _l("How many?"), filters=[strip], validators=[whole(1, 5, _l("Please write a number from 1 to 5."))]
    )
