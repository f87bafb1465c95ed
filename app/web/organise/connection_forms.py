"""What staff type about programs elsewhere: which supporters they take away, tokens, webhooks."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectMultipleField, StringField
from wtforms.validators import AnyOf, DataRequired, Optional, ValidationError

from app.actions.consent import Standing
from app.actions.contact_tables import Format
from app.announcements.models import CHOOSABLE
from app.hooks.addresses import LONGEST_URL, UnfitUrlError, check_url
from app.staff.api_tokens import LIFETIMES
from app.staff.token_models import Scope
from app.web.platform import platform
from app.web.public.forms import LONGEST_NAME, at_most, one_line, readable, strip


class TakeForm(FlaskForm):
    """Which supporters are taken away, and how they are written."""

    standing = StringField(_l("Who"), validators=[AnyOf(list(Standing), _l("Please choose who."))])
    campaign = StringField(_l("Campaign"), filters=[strip], validators=[Optional(), at_most(80)])
    since = DateField(_l("Only what is new since this day"), validators=[Optional()])
    format = StringField(_l("How"), validators=[AnyOf(list(Format), _l("Please choose how."))])


def _a_name(label: str) -> StringField:
    return StringField(
        label,
        filters=[strip],
        validators=[DataRequired(_l("Please give it a name.")), at_most(LONGEST_NAME), readable, one_line],
    )


class TokenForm(FlaskForm):
    """A new token."""

    name = _a_name(_l("What is it for?"))
    scopes = SelectMultipleField(
        _l("What may it read?"),
        choices=[scope.value for scope in Scope],  # type: ignore[misc] # plain values are newer than the stubs
        validators=[DataRequired(_l("Please choose at least one."))],
    )
    days = IntegerField(_l("For how long?"), validators=[AnyOf(LIFETIMES, _l("Please choose how long."))])


class HookForm(FlaskForm):
    """A new webhook."""

    name = _a_name(_l("What is it for?"))
    url = StringField(
        _l("The receiver’s address"),
        filters=[strip],
        validators=[DataRequired(_l("Please write the address.")), at_most(LONGEST_URL), readable, one_line],
    )
    events = SelectMultipleField(
        _l("What is it told?"),
        choices=[event.value for event in CHOOSABLE],  # type: ignore[misc] # plain values are newer than the stubs
        validators=[DataRequired(_l("Please choose at least one."))],
    )
    campaign = StringField(_l("Campaign"), filters=[strip], validators=[Optional(), at_most(80)])

    def validate_url(self, field: StringField) -> None:
        """An address that may be used; where its name leads is looked at when something is sent."""
        try:
            check_url(field.data or "", anywhere=platform().config.development)
        except UnfitUrlError as error:
            raise ValidationError(_why_unfit(str(error))) from None


def _why_unfit(code: str) -> str:
    match code:
        case "not_https":
            return _("Please use an address that begins with https://.")
        case "not_public":
            return _("This address is inside a private network. Please use a public one.")
        case _:
            return _("Please write a whole address, like https://crm.example.org/hooks.")
