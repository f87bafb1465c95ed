"""To how many letters each target answered, as far as anybody told us.

Nothing in the house takes reports of replies in yet, so nothing is known: that is none, and not nought.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.campaigns.models import Campaign


def answered(session: Session, campaign: Campaign) -> Mapping[int, int] | None:  # noqa: ARG001 - what it will be asked with
    """The answered letters of a campaign by their target; none where nobody is asked for replies."""
    return None
