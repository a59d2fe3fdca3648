"""NATURAL_SPLINE: the cubic spline without curvature at its ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.styles import Pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "NATURAL_SPLINE"
DOC = "Cubic spline with zero curvature at both ends; at the borders a straight line."
MIN_POINTS = 3


def pieces(x: NDArray[np.float64], y: NDArray[np.float64]) -> Pieces:
    """Return the spline's cubics, and a straight line with the end slope on either side."""
    from skyframe_gui.engine.kernels import splines

    coefficients = np.empty((y.shape[0], len(x) + 1, 4))
    splines.fill_natural(x, np.ascontiguousarray(y), coefficients)
    return Pieces(x, np.concatenate([x[:1], x]), coefficients)
