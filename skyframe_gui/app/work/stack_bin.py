"""One bin of a stack: the values of all exposures in it, and what the clip made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.exposure import read_only
from skyframe_gui.engine.stack import bin_history

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.app.work.stacks import StackView

USED, NO_VALUE, OUTSIDE = -1, -2, -3
"""What `BinView.clipped_at` says of an exposure that no pass has clipped."""


@dataclass(frozen=True, eq=False)
class BinView:
    """One bin of the stack that is looked at.

    Attributes
    ----------
    stack : StackView
        What it is a bin of.
    place : (column, row)
    box : (x0, x1, y0, y1)
        Its edges in pixels of the detector.
    values : float64 [n]
        Of every exposure in the stack's order, NaN where it has none.
    low, high : float64 [passes]
        Limits of each pass of the clip, over the exposures that are in the frame.
    clipped_at : int64 [n]
        The pass (from 0) that clipped the value; else `USED`, `NO_VALUE` or `OUTSIDE`, which is
        of an exposure that is left out.
    value, error : float
        Of the frame.
    filled : bool
        Whether the value is the median of the other bins, as this one has none of its own.
    """

    stack: StackView
    place: tuple[int, int]
    box: tuple[int, int, int, int]
    values: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    clipped_at: NDArray[np.int64]
    value: float
    error: float
    filled: bool

    def count(self, what: int) -> int:
        """Return how many exposures are `USED`, `NO_VALUE` or `OUTSIDE`."""
        return int(np.count_nonzero(self.clipped_at == what))

    @property
    def n_clipped(self) -> int:
        """Number of clipped values."""
        return int(np.count_nonzero(self.clipped_at >= 0))


def has_bin(stack: StackView, place: tuple[int, int] | None) -> bool:
    """Whether a stack has a bin at (column, row)."""
    if place is None:
        return False
    ny, nx = stack.values.shape[1:]
    return bool(0 <= place[0] < nx and 0 <= place[1] < ny)


def bin_view(stack: StackView, place: tuple[int, int]) -> BinView:
    """Return one bin (column, row) of a stack.

    Raises
    ------
    SkyFrameError
        There is no such bin.
    """
    column, row = place
    inside = np.array(stack.inside, bool)
    history = bin_history(stack.values[inside], row, column)
    values = stack.values[:, row, column].astype(np.float64)
    values[~np.isfinite(values)] = np.nan
    clipped_at = np.where(np.isnan(values), NO_VALUE, OUTSIDE)
    clipped_at[inside] = history.clipped_at
    frame = stack.sky_frame
    x, y = frame.grid.x_edges, frame.grid.y_edges
    return BinView(
        stack,
        place,
        (int(x[column]), int(x[column + 1]), int(y[row]), int(y[row + 1])),
        read_only(values, np.float64),
        history.low,
        history.high,
        read_only(clipped_at, np.int64),
        float(frame.grid.values[row, column]),
        float(frame.grid.errors[row, column]),
        bool(frame.filled[row, column]),
    )
