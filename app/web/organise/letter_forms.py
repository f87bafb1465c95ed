"""What staff type at the letters desk, checked at the edge."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, NumberRange, Optional, ValidationError

from app.delivery.bulk_models import BulkDeed
from app.delivery.find import Sought
from app.queue.models import BrakeScope
from app.queue.states import DeliveryState
from app.web.public.forms import at_most, readable, strip

LARGEST_ID = 2**31 - 1
LONGEST_WHY = 300
LONGEST_NOTE = 1500

_an_id = NumberRange(1, LARGEST_ID)


class SoughtLettersForm(FlaskForm):
    """Which deliveries are asked for; by GET, so without a token."""

    class Meta:
        """Reading needs no proof against forged requests."""

        csrf = False

    state = StringField(_l("State"), filters=[strip], validators=[Optional(), AnyOf(list(DeliveryState))])
    reason = StringField(_l("Why"), filters=[strip], validators=[Optional(), at_most(40)])
    campaign = IntegerField(_l("Campaign"), validators=[Optional(), _an_id])
    lane = IntegerField(_l("Mail domain"), validators=[Optional(), _an_id])
    target = IntegerField(validators=[Optional(), _an_id])
    to = StringField(_l("Recipient’s name"), filters=[strip], validators=[Optional(), at_most(120), readable])
    before = IntegerField(validators=[Optional(), NumberRange(1)])

    def sought(self) -> Sought:
        """What is asked for; only of a form that has passed its checks."""
        return Sought(
            DeliveryState(self.state.data) if self.state.data else None,
            self.reason.data or None,
            self.campaign.data,
            self.lane.data,
            self.target.data,
        )


class WhyForm(FlaskForm):
    """A reason, for those who come after."""

    why = StringField(
        _l("Why? For those who come after you. Name no supporter."),
        filters=[strip],
        validators=[DataRequired(_l("Please say why.")), at_most(LONGEST_WHY), readable],
    )


class DeedForm(WhyForm):
    """What is to be done."""

    deed = StringField(_l("What is to be done?"), validators=[AnyOf(list(BulkDeed), _l("Please choose what to do."))])


class ReviewForm(FlaskForm):
    """What the supporter is told of their letter."""

    note = TextAreaField(
        _l("Your note to its writer"), filters=[strip], validators=[Optional(), at_most(LONGEST_NOTE), readable]
    )
    alike = BooleanField(_l("Also the others that say the very same"))

    def needs_note(self) -> bool:
        """Whether all is well with the form, and there is a note."""
        valid = bool(self.validate())
        if valid and not self.note.data:
            self.note.errors = [_("Please write a note: they want to know why.")]
            return False
        return valid


class StopForm(WhyForm):
    """What is to be stopped."""

    scope = StringField(_l("What is to be stopped?"), validators=[AnyOf(list(BrakeScope), _l("Please choose."))])
    subject = IntegerField(validators=[Optional(), NumberRange(0, LARGEST_ID)])

    def validate_subject(self, field: IntegerField) -> None:
        """One campaign, lane or target is named; all letters, and all mail, are nobody's."""
        named = self.scope.data not in (BrakeScope.EVERYTHING, BrakeScope.LETTERS)
        if named != bool(field.data):
            raise ValidationError(_("Please choose."))
