"""CONSTANT: steps half way between the nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.styles import Pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "CONSTANT"
DOC = "Steps half way between the bin centres; each step is the mean of two neighbouring bins."
MIN_POINTS = 1


def pieces(x: NDArray[np.float64], y: NDArray[np.float64]) -> Pieces:
    """Return the steps: y_0, then (y_{j-1} + y_j) / 2, and y_{n-1} past the last half spacing.

    The odd averaging is that of afw's InterpolateConstant, which looks up half a bin to the left.
    """
    curves, n = y.shape
    if n == 1:
        breaks = np.empty(0)
        values = y
    else:
        middles = 0.5 * (x[1:] + x[:-1])
        outer = x[-1] + 0.5 * (x[-1] - x[-2])
        breaks = np.append(middles, outer)
        values = np.concatenate([y[:, :1], 0.5 * (y[:, :-1] + y[:, 1:]), y[:, -1:]], axis=1)
    coefficients = np.zeros((curves, values.shape[1], 4))
    coefficients[:, :, 0] = values
    return Pieces(breaks, np.zeros(values.shape[1]), coefficients)
