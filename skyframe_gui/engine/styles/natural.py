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
    """Return the spline's cubics, and a straight line with the end slope on either side.

    The half second derivatives c solve the usual tridiagonal system, h_{j-1} c_{j-1} +
    2 (h_{j-1} + h_j) c_j + h_j c_{j+1} = 3 (m_j - m_{j-1}), with c = 0 at both ends.
    """
    from scipy.linalg import solve_banded

    h = np.diff(x)
    slopes = np.diff(y) / h
    bands = np.zeros((3, len(x)))
    bands[0, 2:] = h[1:]
    bands[1] = 1.0
    bands[1, 1:-1] = 2 * (h[:-1] + h[1:])
    bands[2, :-2] = h[:-1]
    right = np.zeros((len(x), y.shape[0]))
    right[1:-1] = 3 * np.diff(slopes).T
    c = solve_banded((1, 1), bands, right, overwrite_b=True, check_finite=False).T
    coefficients = np.zeros((y.shape[0], len(x) + 1, 4))
    inner = coefficients[:, 1:-1]
    inner[:, :, 0] = y[:, :-1]
    inner[:, :, 1] = slopes - h * (c[:, 1:] + 2 * c[:, :-1]) / 3
    inner[:, :, 2] = c[:, :-1]
    inner[:, :, 3] = np.diff(c) / (3 * h)
    coefficients[:, 0, :2] = inner[:, 0, :2]
    coefficients[:, -1, 0] = y[:, -1]
    coefficients[:, -1, 1] = slopes[:, -1] + h[-1] * c[:, -2] / 3
    return Pieces(x, np.concatenate([x[:1], x]), coefficients)
