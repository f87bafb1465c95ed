"""How much may be asked of the public forms and of the API, as the environment says it."""

from __future__ import annotations

from dataclasses import dataclass

from app.environment import Reader


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one address, one network, one token and the whole site may ask for; see `app.actions.throttle`."""

    address_per_day: int
    network_per_hour: int
    unconfirmed_per_hour: int
    corrections_per_hour: int = 20
    api_per_minute: int = 120


def read_limits(read: Reader) -> Limits:
    """The limits."""
    return Limits(
        address_per_day=read.count("LIMIT_ADDRESS_PER_DAY", 6),
        network_per_hour=read.count("LIMIT_NETWORK_PER_HOUR", 200),
        unconfirmed_per_hour=read.count("LIMIT_UNCONFIRMED_PER_HOUR", 2000),
        corrections_per_hour=read.count("LIMIT_CORRECTIONS_PER_HOUR", 20),
        api_per_minute=read.count("LIMIT_API_PER_MINUTE", 120),
    )
