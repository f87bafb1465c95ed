"""What is said above a form that was not taken, though nothing in its fields is wrong."""

from __future__ import annotations

from flask_babel import format_time
from flask_babel import gettext as _

from app.actions.throttle import ThrottledError

UNPROCESSABLE = 422
TOO_MANY = 429


def press_again() -> str:
    """The form's token was stale."""
    return _("Please press the button once more. If you see this again, allow cookies for this site.")


def try_again(throttled: ThrottledError) -> str:
    """Too much was asked from this network."""
    return _(
        "A lot was sent from here in a short time. Please try again after %(time)s. What you wrote is still here.",
        time=format_time(throttled.again_at, "short"),
    )
