"""What a council's code says about it."""

from __future__ import annotations

import pytest

from app.targets.tiers import Tier, tier_of


@pytest.mark.parametrize(
    ("code", "tier"),
    [
        ("E07000223", Tier.DISTRICT),
        ("E10000032", Tier.COUNTY),
        ("E06000043", Tier.UNITARY),
        ("E08000033", Tier.UNITARY),
        ("E09000007", Tier.UNITARY),
        ("W06000015", Tier.UNITARY),
        ("S12000027", Tier.UNITARY),
        ("N09000003", Tier.UNITARY),
        ("Z07000001", Tier.DISTRICT),
        ("Z09000001", Tier.UNITARY),
        ("Z10000001", Tier.COUNTY),
    ],
)
def test_a_councils_code_tells_its_tier(code: str, tier: Tier) -> None:
    assert tier_of(code) is tier


@pytest.mark.parametrize("code", ["E11000001", "E12000007", "E13000001", "E05000001", ""])
def test_other_places_have_no_tier(code: str) -> None:
    assert tier_of(code) is None
