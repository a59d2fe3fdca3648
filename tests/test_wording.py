"""Numbers are written with the digits that their error allows, and never as ``± inf``."""

from __future__ import annotations

import math

import pytest

from skyframe_gui.wording import unit_of, with_error


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (1012.4444, 0.6, "1012.4 ± 0.6"),
        (1012.4444, 0.354, "1012.44 ± 0.35"),
        (1012.4444, 0.356, "1012.4 ± 0.4"),
        (1012.4444, 12.0, "1012 ± 12"),
        (1012.4444, 600.0, "1012 ± 600"),
        (-0.001234, 0.0001, "-0.00123 ± 0.00010"),
        (1012.4444, 0.0, "1012.44"),
        (1012.4444, -1.0, "1012.44"),
        (1012.4444, math.inf, "1012.44"),
        (1012.4444, math.nan, "1012.44"),
        (math.nan, 0.6, "none"),
        (-math.inf, 0.6, "none"),
    ],
)
def test_a_value_has_the_digits_that_its_error_allows(
    value: float, error: float, text: str
) -> None:
    assert with_error(value, error) == text


def test_a_file_that_tells_no_unit_has_counts() -> None:
    assert unit_of("") == "adu"
    assert unit_of("electron") == "electron"
