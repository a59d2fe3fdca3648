"""What a level bar shows: colours, their values, and how many pixels have them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from skyframe_gui.app.model.shown import Histogram
    from skyframe_gui.ui.images.content import Content

BEYOND = 0.04
"""How far the axis goes on beyond either limit, by their distance."""
LARGEST, SMALLEST = 1e4, 0.05
"""Numbers beyond these get a power of ten, as ticks have room for four digits and a sign."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Levels:
    """Colours and their values.

    Attributes
    ----------
    limits : (low, high)
        Values of the first and of the last colour; of counts the smallest and the largest.
    lut : uint32 [n]
        0xffRRGGBB, from low to high; of counts one for each.
    unit : str
    power : int or None
        The power of ten that is taken out of the ticks; None for what `power_of` says.
    histogram : (counts, edges) or None
        Edges in ``unit``.
    symmetric : bool
        Whether one limit is the other's negative.
    steps : bool
        Whether values are whole numbers, a colour each; such limits cannot be dragged.
    """

    limits: tuple[float, float]
    lut: NDArray[np.uint32]
    unit: str = ""
    power: int | None = None
    histogram: Histogram | None = None
    symmetric: bool = False
    steps: bool = False

    def same_as(self, other: Levels | None) -> bool:
        """Whether another would be drawn alike; arrays are compared by identity."""
        return other is not None and (
            self.limits == other.limits
            and self.lut is other.lut
            and self.unit == other.unit
            and self.power == other.power
            and self.symmetric == other.symmetric
            and self.steps == other.steps
            and _counts(self) is _counts(other)
        )

    @property
    def tick_power(self) -> int:
        """The power of ten that is taken out of the ticks."""
        return power_of(*self.limits) if self.power is None else self.power

    @property
    def span(self) -> tuple[float, float]:
        """What the axis shows."""
        low, high = self.limits
        more = 0.5 if self.steps else BEYOND * (high - low)
        return low - more, high + more

    @property
    def ends(self) -> tuple[float, float]:
        """How far up the axis the limits are while it is at rest, 0 to 1."""
        end = 0.0 if self.steps else BEYOND / (1 + 2 * BEYOND)
        return end, 1.0 - end


def levels_of(content: Content, symmetric: bool) -> Levels | None:
    """Return what stands beside a picture; None where there is none."""
    if content.why:
        return None
    return Levels(
        limits=content.limits,
        lut=content.lut,
        unit=content.unit,
        histogram=content.histogram,
        symmetric=symmetric,
    )


def _counts(levels: Levels) -> NDArray[np.intp] | None:
    return None if levels.histogram is None else levels.histogram[0]


def power_of(low: float, high: float) -> int:
    """Return the power of ten that is taken out of the numbers of an axis, a multiple of 3."""
    most, width = max(abs(low), abs(high)), high - low
    if not (math.isfinite(most) and most > 0 and width > 0):
        return 0
    if most >= LARGEST or most < SMALLEST:
        return 3 * math.floor(math.log10(most) / 3)
    return 0
