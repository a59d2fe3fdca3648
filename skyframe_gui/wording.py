"""How numbers are written for people."""

from __future__ import annotations

import math

UNKNOWN_UNIT = "adu"
"""What pixels are counted in where a file has no BUNIT."""


def unit_of(unit: str) -> str:
    """Return the unit of pixel values, as a file tells it or as it is taken to be."""
    return unit or UNKNOWN_UNIT


def with_error(value: float, error: float) -> str:
    """Return a number with as many digits as its error allows: ``1012.4 ± 0.6``."""
    if not math.isfinite(value):
        return "none"
    if not (math.isfinite(error) and error > 0):
        return f"{value:.6g}"
    # The Particle Data Group's rule: two digits of an error up to 3.5, one above, so that it is
    # rounded by less than a seventh of itself.
    exponent = math.floor(math.log10(error))
    digits = 1 if error / 10**exponent < 3.55 else 0
    decimals = max(digits - exponent, 0)
    return f"{value:.{decimals}f} ± {error:.{decimals}f}"
