"""What staff type about targets, checked at the edge; the registry's own rules are its own."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, IntegerField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, NumberRange, Optional, ValidationError

from app.targets.fields import FieldError, web_address
from app.targets.importers.formats import FORMATS
from app.targets.importers.plain_csv import NAME as CSV
from app.targets.overrides import OVERRIDABLE
from app.targets.records import TargetRole
from app.targets.search import Shown
from app.web.public.forms import LONGEST_EMAIL, at_most, one_line, readable, strip

LONGEST_REASON = 500
LONGEST_TEXT = 300
_MOST_PAGES = 100_000
CHOOSE = _l("Please choose one of these.")


class SoughtForm(FlaskForm):
    """Whom to show; by GET, so without a token."""

    class Meta:
        """Reading needs no proof against forged requests."""

        csrf = False

    text = StringField(_l("Name, organisation or address"), filters=[strip], validators=[at_most(100), readable])
    shown = StringField(_l("Show"), validators=[Optional(), AnyOf(list(Shown), CHOOSE)])
    page = IntegerField(validators=[Optional(), NumberRange(1, _MOST_PAGES)])


def _reason(label: str, missing: str) -> TextAreaField:
    return TextAreaField(label, filters=[strip], validators=[DataRequired(missing), at_most(LONGEST_REASON), readable])


class HowForm(FlaskForm):
    """How an address, or the source of many, was checked."""

    how = _reason(_l("How was it checked?"), _l("Please say how it was checked."))
    seen = StringField(validators=[at_most(64)])


class AddressCodeForm(FlaskForm):
    """The code that was mailed to an address."""

    code = StringField(
        _l("The code"), filters=[strip], validators=[DataRequired(_l("Please write the code.")), at_most(40), readable]
    )


class WhyForm(FlaskForm):
    """Why something is done."""

    why = _reason(_l("Why?"), _l("Please say why."))


class OverrideForm(WhyForm):
    """What is put over the source's value, and until when."""

    field = StringField(_l("What"), validators=[AnyOf(list(OVERRIDABLE), CHOOSE)])
    value = StringField(
        _l("What it is to say"), filters=[strip], validators=[at_most(LONGEST_TEXT), readable, one_line]
    )
    until = DateField(_l("Until"), validators=[DataRequired(_l("Please give a day, as in 2027-03-31."))])


class AcceptForm(FlaskForm):
    """What was found about a correction, and what follows from it."""

    note = _reason(_l("What did you find?"), _l("Please say what you found."))
    then = StringField(
        _l("What follows?"), validators=[AnyOf(["keep", "remove", "set"], _l("Please choose what follows."))]
    )
    field = StringField(_l("What"), validators=[Optional(), AnyOf(list(OVERRIDABLE), CHOOSE)])
    value = StringField(
        _l("What it is to say"), filters=[strip], validators=[at_most(LONGEST_TEXT), readable, one_line]
    )
    until = DateField(_l("Until"), validators=[Optional()])


class DismissForm(FlaskForm):
    """Why a correction is wrong."""

    reason = _reason(_l("Why is there nothing to do?"), _l("Please say why."))


class UploadForm(FlaskForm):
    """A file."""

    file = FileField(_l("The file"))


class PlanForm(FlaskForm):
    """How a file is to be read, and what it is to fill. The mapping of columns has fields of its own."""

    format = StringField(_l("What kind of file is it?"), validators=[AnyOf([CSV, *FORMATS], CHOOSE)])
    role = StringField(_l("What are its rows?"), validators=[Optional(), AnyOf(list(TargetRole), CHOOSE)])
    list = IntegerField(_l("Which list does it fill?"), validators=[Optional()])
    list_name = StringField(
        _l("The name of the new list"), filters=[strip], validators=[at_most(200), readable, one_line]
    )
    source = StringField(
        _l("Who published it?"), filters=[strip], validators=[at_most(LONGEST_TEXT), readable, one_line]
    )
    source_url = StringField(
        _l("Where? (its address in the web)"), filters=[strip], validators=[at_most(1990), readable, one_line]
    )
    as_of = DateField(
        _l("Which day does it describe?"), validators=[DataRequired(_l("Please give a day, as in 2026-11-28."))]
    )
    licence = StringField(
        _l("Under which licence may it be used?"), filters=[strip], validators=[at_most(120), readable, one_line]
    )
    council_code = StringField(
        _l("The council’s GSS code"), filters=[strip], validators=[at_most(9), readable, one_line]
    )
    council_name = StringField(_l("The council’s name"), filters=[strip], validators=[at_most(120), readable, one_line])

    def validate_source_url(self, field: StringField) -> None:
        """An address of the web, or none."""
        try:
            web_address(field.data or "")
        except FieldError:
            raise ValidationError(_l("Please write a whole address, like https://www.example.org/page.")) from None


class TakeOverForm(FlaskForm):
    """Who has looked at a preview says so."""

    seen = StringField(validators=[at_most(64)])
    allow_shrink = BooleanField(_l("They have really left"))
    how = TextAreaField(_l("How was it checked?"), filters=[strip], validators=[at_most(LONGEST_REASON), readable])


class AddressForm(FlaskForm):
    """An address that is sought among those that must not be mailed."""

    address = StringField(
        _l("E-mail address"),
        filters=[strip],
        validators=[
            DataRequired(_l("Please write an e-mail address.")),
            at_most(LONGEST_EMAIL),
            readable,
            one_line,
        ],
    )

    def validate_address(self, field: StringField) -> None:
        """Something that can be an address."""
        if "@" not in (field.data or ""):
            raise ValidationError(_l("Please write a whole e-mail address, like name@example.org."))


class SuppressForm(AddressForm):
    """An address that is not to be mailed any more, and why."""

    why = _reason(_l("Why?"), _l("Please say why."))

    def validate_why(self, field: TextAreaField) -> None:
        """The address itself is kept scrambled, so it may not stand in the reason."""
        if "@" in (field.data or ""):
            raise ValidationError(_l("Please leave the address out of the reason."))


class LiftForm(WhyForm):
    """Why an address may be mailed again."""

    def validate_why(self, field: TextAreaField) -> None:
        """As of `SuppressForm`."""
        if "@" in (field.data or ""):
            raise ValidationError(_l("Please leave the address out of the reason."))
