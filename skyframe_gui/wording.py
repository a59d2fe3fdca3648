"""How numbers are written for people."""

from __future__ import annotations

import math


def with_error(value: float, error: float) -> str:
    """Return a number with as many digits as its error allows: ``1012.4 ± 0.6``."""
    if not math.isfinite(value):
        return "none"
    if not (math.isfinite(error) and error > 0):
        return f"{value:.6g}"
    # Two digits of an error that begins with 1, as is the custom, else one.
    exponent = math.floor(math.log10(error))
    digits = 1 if error / 10**exponent < 2 else 0
    decimals = max(digits - exponent, 0)
    return f"{value:.{decimals}f} ± {error:.{decimals}f}"
