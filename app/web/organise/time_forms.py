"""When a campaign opens and closes, as staff type it: a day and a time, by the campaign's clock."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.validators import AnyOf

from app.campaigns.dates import NoSuchTimeError, moment_of
from app.web.organise.run_forms import MOST_PEOPLE, NumberField, whole
from app.web.public.forms import add_error, at_most, readable, strip

LAST_TIME = "23:59"
"""At which a campaign closes on its last day unless somebody says when."""
USUAL_TIME = "09:00"
"""At which a campaign opens unless somebody chooses another time."""
NOW, LATER = "now", "later"


def _typed(label: str) -> StringField:
    return StringField(label, filters=[strip], validators=[at_most(40), readable])


class LaunchForm(FlaskForm):
    """When a campaign opens and closes, and for how many people."""

    people = NumberField(
        _l("How many people do you expect to take part?"),
        filters=[strip],
        validators=[whole(1, MOST_PEOPLE, _l("Please write a number from 1 to 5 million; a guess will do."))],
    )
    when = StringField(_l("When does it open?"), validators=[AnyOf((NOW, LATER), _l("Please choose when it opens."))])
    opens_day = _typed(_l("Opening day"))
    opens_time = _typed(_l("Opening time"))
    closes_day = _typed(_l("Last day"))
    closes_time = _typed(_l("Closing time"))

    def times(self, zone: ZoneInfo, now: datetime) -> tuple[datetime | None, datetime | None] | None:
        """The opening (none is now) and the closing (none is when staff say so); none of it where one is wrong."""
        opens = None
        if self.when.data == LATER:
            opens = _moment(self.opens_day, self.opens_time, zone)
            if opens is not None and opens <= now:
                add_error(self.opens_day, _past())
        closes = _closing(self.closes_day, self.closes_time, zone)
        if closes is not None and closes <= (opens or now):
            add_error(self.closes_day, _("It has to close after it opens."))
        return None if self.errors else (opens, closes)


class LastDayForm(FlaskForm):
    """When a campaign that is open closes."""

    closes_day = _typed(_l("Last day"))
    closes_time = _typed(_l("Closing time"))

    def closing(self, zone: ZoneInfo) -> datetime | None:
        """When it closes; none is when staff say so, or where what was typed is no time: then the form has errors."""
        return _closing(self.closes_day, self.closes_time, zone)

    def refuse_past(self) -> None:
        """Say that it has to close later than now."""
        add_error(self.closes_day, _past())


def _past() -> str:
    return _("This time has passed. Please choose one that lies ahead.")


def _closing(day_field: Field, time_field: Field, zone: ZoneInfo) -> datetime | None:
    """The closing; none where nothing was typed, or nothing that is a time."""
    if not (day_field.data or time_field.data):
        return None
    return _moment(day_field, time_field, zone, otherwise=LAST_TIME)


def _moment(day_field: Field, time_field: Field, zone: ZoneInfo, otherwise: str = "") -> datetime | None:
    """The moment that was typed, `otherwise` being the time where none was; what is wrong is said beside the fields."""
    day, at = _day_of(day_field), _time_of(time_field, otherwise)
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


def _time_of(field: Field, otherwise: str) -> time | None:
    try:
        found = time.fromisoformat(field.data or otherwise)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        add_error(field, _("Please choose a time, like 09:00."))
        return None
    return found
