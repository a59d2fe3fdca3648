"""Parts of axes, and which of them shows everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Range(NamedTuple):
    """Part of an axis, in its own unit."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """From end to end."""
        return self.high - self.low


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
