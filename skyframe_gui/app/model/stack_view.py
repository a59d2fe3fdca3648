"""The exposures behind a sky frame, and one bin of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.engine import SkyFrame
    from skyframe_gui.engine.stack import Pulls

USED, NO_VALUE, OUTSIDE = -1, -2, -3
"""What `BinView.clipped_at` says of an exposure that no pass has clipped."""


@dataclass(frozen=True, eq=False, kw_only=True)
class StackView:
    """The exposures behind one sky frame.

    Attributes
    ----------
    key : str
        Of the sky frame.
    sky_frame : SkyFrame
        The average of the exposures that are in it.
    members : tuple of str
        Keys of all exposures that it was built from, in their order.
    names, dates : tuple of str
        What they are called, and when they were taken (UTC, ISO 8601, "" where nobody tells).
    inside : tuple of bool
        Which of them are in the frame now.
    values : float32 [n, ny, nx]
        The bins of all of them, +inf where there is none; see `skyframe_gui.engine.stack.stacked`.
    levels : tuple of float
        The median bin of each exposure, before any division by it.
    residuals : float32 [n, ny, nx]
        Bins minus the frame and minus the median of that, NaN where there is none: what is left of
        the pattern, whatever the level.
    rms : float64 [n]
        Root of the mean square of the residuals.
    pulls : Pulls
        Of the exposures that are inside; of the others what they would pull if they alone came back
        in.
    """

    key: str
    sky_frame: SkyFrame
    members: tuple[str, ...]
    names: tuple[str, ...]
    dates: tuple[str, ...]
    inside: tuple[bool, ...]
    values: NDArray[np.float32]
    levels: tuple[float, ...]
    residuals: NDArray[np.float32]
    rms: NDArray[np.float64]
    pulls: Pulls


@dataclass(frozen=True, eq=False, kw_only=True)
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
