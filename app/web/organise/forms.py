"""What staff type, checked at the edge."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, PasswordField, StringField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Optional, ValidationError

from app.actions.addresses import DisposableAddressError, NotAnAddressError, parse_email
from app.i18n import LANGUAGES
from app.roles import Role
from app.staff.passkeys import Answer
from app.staff.passwords import LONGEST, SHORTEST, PasswordProblem, problem_of
from app.web.platform import platform
from app.web.public.forms import LONGEST_EMAIL, LONGEST_NAME, a_name, add_error, at_most, one_line, readable, strip

LONGEST_PARTNER = 120
LONGEST_CREDENTIAL = 20_000


class SignInForm(FlaskForm):
    """Who signs in. What is typed is compared and never judged."""

    email = StringField(
        _l("Your e-mail address"),
        filters=[strip],
        validators=[DataRequired(_l("Please write your e-mail address.")), at_most(LONGEST_EMAIL), readable],
    )
    password = PasswordField(_l("Your password"), validators=[InputRequired(_l("Please write your password."))])


class CodeForm(FlaskForm):
    """The second factor."""

    code = StringField(
        _l("The code of your app, or a recovery code"),
        filters=[strip],
        validators=[DataRequired(_l("Please write the code.")), at_most(40)],
    )


class AgainForm(FlaskForm):
    """The password once more."""

    password = PasswordField(_l("Your password"), validators=[InputRequired(_l("Please write your password."))])


class ForgottenForm(FlaskForm):
    """Whose password is forgotten."""

    email = StringField(
        _l("Your e-mail address"),
        filters=[strip],
        validators=[DataRequired(_l("Please write your e-mail address.")), at_most(LONGEST_EMAIL), readable],
    )


class NewPasswordForm(FlaskForm):
    """A password to sign in with from now on."""

    password = PasswordField(_l("Your new password"), validators=[InputRequired(_l("Please choose a password."))])

    def suits(self, known: Sequence[str]) -> bool:
        """Whether all is well with the form, and the password is not one that others would guess."""
        if not self.validate():
            return False
        problem = problem_of(self.password.data or "", [*known, platform().config.organisation])
        if problem is not None:
            add_error(self.password, _words(problem))
        return problem is None


class ChangePasswordForm(NewPasswordForm):
    """The same, by somebody who knows the present one."""


class AppForm(FlaskForm):
    """A new authenticator app shows that it has the secret."""

    secret = StringField()
    code = StringField(
        _l("The six digits that the app shows"),
        filters=[strip],
        validators=[DataRequired(_l("Please write the six digits.")), at_most(40)],
    )


class AnswerForm(FlaskForm):
    """What a passkey has answered; filled in by a script."""

    credential = StringField(validators=[DataRequired(_l("Please try again.")), at_most(LONGEST_CREDENTIAL)])
    challenge = StringField(validators=[at_most(LONGEST_CREDENTIAL)])

    def answer(self, session_id: int) -> Answer:
        """For the session of the browser that sent it."""
        return Answer(self.credential.data or "", self.challenge.data or "", session_id)


class PasskeyForm(AnswerForm):
    """A passkey that is added."""

    name = StringField(
        _l("What do you call it?"),
        filters=[strip],
        validators=[DataRequired(_l("Please give it a name.")), at_most(LONGEST_NAME), readable, one_line],
    )


class PositionForm(FlaskForm):
    """What somebody is there for."""

    role = StringField(_l("Role"), validators=[AnyOf(list(Role), _l("Please choose a role."))])
    partner = StringField(
        _l("The partner’s organisation"), filters=[strip], validators=[at_most(LONGEST_PARTNER), readable, one_line]
    )

    def validate_partner(self, field: StringField) -> None:
        """Whoever is a partner belongs to an organisation."""
        if self.role.data == Role.PARTNER and not field.data:
            raise ValidationError(_("Please write the name of the organisation whose campaigns they may see."))


class InviteForm(PositionForm):
    """Who is invited, and as what."""

    name = StringField(
        _l("Their name"),
        filters=[strip],
        validators=[DataRequired(_l("Please write their name.")), at_most(LONGEST_NAME), readable, one_line, a_name],
    )
    email = StringField(
        _l("Their e-mail address"),
        filters=[strip],
        validators=[
            DataRequired(_l("Please write their e-mail address.")),
            at_most(LONGEST_EMAIL),
            readable,
            one_line,
        ],
    )
    language = StringField(
        _l("The language of mails to them"), validators=[AnyOf(LANGUAGES, _l("Please choose a language."))]
    )

    def validate_email(self, field: StringField) -> None:
        """An address that mail can go to."""
        try:
            parse_email(field.data or "")
        except DisposableAddressError:
            raise ValidationError(_("This looks like a throw-away address. Please use a lasting one.")) from None
        except NotAnAddressError:
            raise ValidationError(_("Please write a whole e-mail address, like name@example.org.")) from None


class SoughtForm(FlaskForm):
    """Which entries of the audit are asked for; by GET, so without a token."""

    class Meta:
        """Reading needs no proof against forged requests."""

        csrf = False

    actor = IntegerField(_l("Who"), validators=[Optional()])
    kind = StringField(_l("What kind of thing"), filters=[strip], validators=[Optional(), at_most(40)])
    day = DateField(_l("On which day"), validators=[Optional()])
    before = IntegerField(validators=[Optional()])


def _words(problem: PasswordProblem) -> str:
    match problem:
        case PasswordProblem.SHORT:
            return _("Please use at least %(min)d characters: four or five words, for example.", min=SHORTEST)
        case PasswordProblem.LONG:
            return _("Please use at most %(max)d characters.", max=LONGEST)
        case PasswordProblem.GUESSABLE:
            return _("This would be guessed quickly. Four or five words that have nothing to do with you are better.")
