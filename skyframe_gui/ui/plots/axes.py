"""Numbers along axes: how they are written, and which range shows everything."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MINUS = "\u2212"
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


class Range(NamedTuple):
    """Part of an axis, in its own unit."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """From end to end."""
        return self.high - self.low

    def scaled(self, factor: float, about: float) -> Range:
        """Return it made wider by a factor, with one value left where it is."""
        return Range(about + (self.low - about) * factor, about + (self.high - about) * factor)

    def moved(self, by: float) -> Range:
        """Return it moved along."""
        return Range(self.low + by, self.high + by)


def with_minus(text: str) -> str:
    """Return a number's text with the true minus sign."""
    return text.replace("-", MINUS)


def number(value: float, decimals: int, sign: bool = False) -> str:
    """Return a number as text, ``none`` where there is none, with a sign if wanted."""
    if not math.isfinite(value):
        return "none"
    text = f"{value:+.{decimals}f}" if sign else f"{value:.{decimals}f}"
    if not float(text):
        text = text.lstrip("+-")  # no sign where nothing is left to have one
    return with_minus(text)


def decimals_for(precision: float, most: int = 8) -> int:
    """Return how many decimals a number needs whose least part that matters is this large."""
    if not (math.isfinite(precision) and precision > 0):
        return 2
    return min(max(0, 1 - math.floor(math.log10(precision))), most)


def around(values: NDArray[np.float64], margin: float = 0.05) -> Range:
    """Return a range around all finite values with a margin; 0 to 1 where there is none."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return Range(0.0, 1.0)
    return widened(Range(float(finite.min()), float(finite.max())), margin)


def widened(span: Range, margin: float) -> Range:
    """Return a range made wider at both ends by a part of its width, never of no width."""
    if span.width <= 0:
        half = abs(span.low) * 0.05 or 0.5
        return Range(span.low - half, span.high + half)
    return Range(span.low - margin * span.width, span.high + margin * span.width)
