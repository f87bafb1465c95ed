"""What the rooms refuse, as one line on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.campaigns.find import UnknownCampaignError
from app.campaigns.lifecycle import IllegalMoveError
from app.delivery.desk import NotToBeReleasedError
from app.delivery.lane_desk import UnknownLaneError, UnknownMailboxError
from app.drafts.export import NotReadableError
from app.hooks.desk import TooManyHooksError, UnknownHookError
from app.privacy.keys import UndecryptableError
from app.staff.people import AlreadyStaffError, LastAdminError, WrongStateError
from app.targets.by_key import UnknownTargetError
from app.targets.corrections import NotToBeDecidedError, UnknownCorrectionError
from app.targets.councils import NoCouncilsError
from app.targets.fields import FieldError
from app.targets.freshness import NotAcceptableError, UnknownElectionError
from app.targets.importers.mapping import MappingError
from app.targets.importers.parsed import NotThisFormatError
from app.targets.imports import NothingToImportError
from app.targets.lists import ListOwnedError
from app.targets.overrides import OverrideError
from app.targets.records import NotACouncilError
from app.targets.removal import RemovalError
from app.targets.shrinking import WouldShrinkError
from app.targets.verify import NothingToVerifyError

REFUSED = (
    FieldError,
    NotToBeDecidedError,
    AlreadyStaffError,
    LastAdminError,
    NotToBeReleasedError,
    UnknownLaneError,
    UnknownMailboxError,
    IllegalMoveError,
    ListOwnedError,
    MappingError,
    NoCouncilsError,
    NotACouncilError,
    NotAcceptableError,
    NotReadableError,
    NotThisFormatError,
    NothingToImportError,
    NothingToVerifyError,
    OverrideError,
    RemovalError,
    TooManyHooksError,
    UndecryptableError,
    UnknownCampaignError,
    UnknownCorrectionError,
    UnknownElectionError,
    UnknownHookError,
    UnknownTargetError,
    WouldShrinkError,
    WrongStateError,
)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what a room refuses into one line and exit 1; the transaction is rolled back."""
    try:
        yield
    except REFUSED as error:
        raise click.ClickException(str(error)) from None
    except (OperationalError, ProgrammingError) as error:
        said = str(error.orig).strip().splitlines()[0]
        raise click.ClickException(f"The database cannot be used ({said}). Has `flask prepare` run?") from None
