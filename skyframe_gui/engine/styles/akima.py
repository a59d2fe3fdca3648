"""AKIMA_SPLINE: Akima's local cubic of 1970."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.styles import Pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "AKIMA_SPLINE"
DOC = "Akima's local cubic: follows a jump without ringing; at the borders a parabola."
MIN_POINTS = 5


def pieces(x: NDArray[np.float64], y: NDArray[np.float64]) -> Pieces:
    """Return Akima's cubics, and outside a parabola that goes on from the end interval.

    H. Akima, J. ACM 17 (1970) 589, with the end slopes and the treatment of flat stretches that
    GSL's ``gsl_interp_akima`` has: where the slopes on both sides of an interval's left node agree
    pairwise the interval is a straight line; where they do at its right node, its own slope is
    taken there.
    """
    h = np.diff(x)
    m = np.empty((y.shape[0], len(h) + 4))
    m[:, 2:-2] = np.diff(y) / h
    m[:, 1] = 2 * m[:, 2] - m[:, 3]
    m[:, 0] = 3 * m[:, 2] - 2 * m[:, 3]
    m[:, -2] = 2 * m[:, -3] - m[:, -4]
    m[:, -1] = 3 * m[:, -3] - 2 * m[:, -4]

    jumps = np.abs(np.diff(m))
    left, right = jumps[:, :-2], jumps[:, 2:]
    weight = left + right
    flat = weight == 0
    a = left / np.where(flat, 1.0, weight)
    node_slope = (1 - a) * m[:, 1:-2] + a * m[:, 2:-1]

    own = m[:, 2:-2]
    straight = flat[:, :-1]
    b = np.where(straight, own, node_slope[:, :-1])
    end = np.where(flat[:, 1:], own, node_slope[:, 1:])
    end = np.where(straight, own, end)
    coefficients = np.zeros((y.shape[0], len(x) + 1, 4))
    inner = coefficients[:, 1:-1]
    inner[:, :, 0] = y[:, :-1]
    inner[:, :, 1] = b
    inner[:, :, 2] = np.where(straight, 0.0, (3 * own - 2 * b - end) / h)
    inner[:, :, 3] = np.where(straight, 0.0, (b + end - 2 * own) / h**2)
    coefficients[:, 0, :3] = inner[:, 0, :3]
    coefficients[:, -1, 0] = y[:, -1]
    coefficients[:, -1, 1] = end[:, -1]
    coefficients[:, -1, 2] = inner[:, -1, 2] + 3 * inner[:, -1, 3] * h[-1]
    return Pieces(x, np.concatenate([x[:1], x]), coefficients)
