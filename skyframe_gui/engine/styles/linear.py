"""LINEAR: straight lines between the nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.styles import Pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "LINEAR"
DOC = "Straight lines between the bin centres; at the borders the last line goes on."
MIN_POINTS = 2


def pieces(x: NDArray[np.float64], y: NDArray[np.float64]) -> Pieces:
    """Return one line an interval; the first and the last go on outside."""
    coefficients = np.zeros((y.shape[0], len(x) - 1, 4))
    coefficients[:, :, 0] = y[:, :-1]
    coefficients[:, :, 1] = np.diff(y) / np.diff(x)
    return Pieces(x[1:-1], x[:-1], coefficients)
