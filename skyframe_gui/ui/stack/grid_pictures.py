"""Small grids of values with their colours."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtGui import QColor, QImage

from skyframe_gui.ui.images.stretch import lookup

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, eq=False)
class ColouredGrid:
    """Values with their colours.

    Attributes
    ----------
    values : float array [ny, nx]
        NaN where there is none.
    limits : (low, high)
        Values of the first and of the last colour; of counts the smallest and the largest.
    colours : str
        See `skyframe_gui.ui.images.stretch`.
    steps : bool
        Whether they are whole numbers, a colour each.
    turned : bool
        Whether the last colour is of the lowest value.
    power : int
        The power of ten that is taken out of the numbers beside them.
    symmetric : bool
        Whether the limits are symmetric about 0.
    stretch : str
        How values share out the colours.
    """

    values: NDArray[np.floating | np.integer]
    limits: tuple[float, float]
    colours: str
    steps: bool = False
    turned: bool = False
    power: int = 0
    symmetric: bool = False
    stretch: str = "linear"

    @property
    def n_steps(self) -> int:
        """Number of whole steps."""
        return round(self.limits[1] - self.limits[0]) + 1

    def table(self) -> NDArray[np.uint32]:
        """Return the colours from low to high, uint32 0xffRRGGBB."""
        quantiles = None
        if self.stretch == "histogram":
            finite = self.values[np.isfinite(self.values)]
            quantiles = np.quantile(finite, np.linspace(0, 1, 257)) if finite.size else None
        table = lookup(self.colours, self.stretch, self.limits, quantiles)
        if self.steps:
            places = np.linspace(0, len(table) - 1, max(self.n_steps, 2)).round().astype(int)
            # A single step is the untroubled one.
            table = table[places]
            if self.n_steps == 1:
                table = table[:1]
        return table[::-1] if self.turned else table

    def words(self, nothing: str) -> NDArray[np.uint32]:
        """Return the colour of each bin, uint32 [ny, nx] 0xffRRGGBB.

        Parameters
        ----------
        nothing : str
            Colour of bins without a value.
        """
        low, high = self.limits
        table = self.table()
        there = np.isfinite(self.values)
        with np.errstate(invalid="ignore"):
            place = (self.values - low) / ((high - low) or 1.0) * (len(table) - 1)
        place = np.clip(np.where(there, place, 0), 0, len(table) - 1).round().astype(np.intp)
        return np.where(there, table[place], np.uint32(QColor(nothing).rgb()))

    def image(self, nothing: str) -> QImage:
        """Return the picture, a pixel for each bin, the first row at the bottom."""
        words = self.words(nothing)[::-1]
        ny, nx = words.shape
        raw = np.ascontiguousarray(words, np.uint32).tobytes()
        # A copy, as QImage does not keep the bytes.
        return QImage(raw, nx, ny, 4 * nx, QImage.Format.Format_RGB32).copy()


def value_limits(
    values: NDArray[np.floating | np.integer], floor: float | None = None
) -> tuple[float, float]:
    """Return limits for all but the farthest values, from ``floor`` on where that is given."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return (0.0, 1.0)
    low, high = (float(one) for one in np.percentile(finite, (0.5, 99.5)))
    if floor is not None:
        low = floor
    if not high > low:
        half = abs(low) * 1e-3 or 0.5
        return (low if floor is not None else low - half, high + half)
    return low, high


def fitting_box(width: float, height: float, aspect: float) -> tuple[float, float]:
    """Return the largest width and height of an aspect within a room, in whole pixels."""
    across = min(width, height * aspect)
    return max(math.floor(across), 1), max(math.floor(across / aspect), 1)
