"""When a campaign opens and closes: days and times by its own clock, which is put forward and back once a year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.campaigns.fields import Fields


class NoSuchTimeError(ValueError):
    """The clock is put forward over this time of day."""


@dataclass(frozen=True, slots=True)
class Dates:
    """When a campaign opens, and when it closes; none where nobody has said so."""

    opens: datetime | None = None
    closes: datetime | None = None


NO_DATES = Dates()


def moment_of(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which the clock of the zone shows the day and time `local`.

    A time that it shows twice, when it is put back, is the first of both: a campaign opens when its clock shows the
    time, not an hour after.

    Raises:
        NoSuchTimeError: it is put forward over that time.
    """
    moment = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local:
        raise NoSuchTimeError(local.isoformat(timespec="minutes"))
    return moment


def read_dates(fields: Fields, time_zone: str) -> Dates:
    """The table `[dates]` of `campaign.toml`: `opens` and `closes`, each of them or both."""
    zone = ZoneInfo(time_zone)
    dates = Dates(_moment(fields, "opens", zone), _moment(fields, "closes", zone))
    if dates.opens and dates.closes and dates.closes <= dates.opens:
        fields.refuse("closes", "`closes` must be later than `opens`")
    fields.finish()
    return dates


def _moment(fields: Fields, key: str, zone: ZoneInfo) -> datetime | None:
    local = fields.local_time(key)
    if local is None:
        return None
    try:
        return moment_of(local, zone)
    except NoSuchTimeError as error:
        fields.refuse(key, f"`{key}` is a time that {zone.key} does not have: its clock is put forward over {error}")
        return None
