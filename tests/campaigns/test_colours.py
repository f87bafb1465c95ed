"""Contrast: the published examples, and that the order of the colours does not matter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.campaigns.colours import PAPER, READABLE, WHITE, contrast, is_colour, readable_contrast

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21),
        ("#ffffff", "#ffffff", 1),
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#FFFFFF", 4.54),
        ("#ff0000", "#ffffff", 4.00),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_contrast_is_what_other_tools_say(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


@given(colours, colours)
def test_contrast_lies_between_1_and_21_whatever_the_order(one: str, other: str) -> None:
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21


def test_a_colour_that_white_text_can_stand_on_may_still_be_too_light_on_paper() -> None:
    assert contrast("#757575", WHITE) > READABLE > contrast("#757575", PAPER)
    assert readable_contrast("#757575") == contrast("#757575", PAPER)


@pytest.mark.parametrize("text", ["", "#fff", "7a1f5c", "#7a1f5g", "#7a1f5c ", "#7a1f5c0", "#7a1f5c\n", "#٧a1f5c"])
def test_only_hash_and_six_digits_is_a_colour(text: str) -> None:
    assert not is_colour(text)
