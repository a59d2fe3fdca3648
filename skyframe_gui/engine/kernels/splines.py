"""The cubics of splines through many curves' nodes; see the styles for what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.kernels.compiled import jit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@jit
def fill_natural(
    x: NDArray[np.float64], y: NDArray[np.float64], coefficients: NDArray[np.float64]
) -> None:
    """Fill the natural spline's cubics, and the straight lines outside.

    The half second derivatives c solve the usual tridiagonal system, h_{j-1} c_{j-1} +
    2 (h_{j-1} + h_j) c_j + h_j c_{j+1} = 3 (m_j - m_{j-1}), with c = 0 at both ends. It is solved
    by elimination with rows exchanged, as LAPACK's dgtsv does it, to the same last digit.

    Parameters
    ----------
    x : float64 [n]
    y : float64 [curves, n]
    coefficients : float64 [curves, n + 1, 4]
        Filled.
    """
    n = x.size
    h, slopes, c = np.empty(n), np.empty(n), np.empty(n)
    for j in range(n - 1):
        h[j] = x[j + 1] - x[j]
    # The system is that of all curves: it is eliminated once.
    diagonal, above, second = np.ones(n), np.zeros(n), np.zeros(n)
    factor, exchanged = np.zeros(n), np.zeros(n, np.uint8)
    for j in range(1, n - 1):
        diagonal[j] = 2 * (h[j - 1] + h[j])
        above[j] = h[j]
    for j in range(n - 1):
        below = h[j] if j < n - 2 else 0.0
        if abs(diagonal[j]) >= abs(below):
            factor[j] = below / diagonal[j]
            diagonal[j + 1] -= factor[j] * above[j]
        else:
            exchanged[j] = 1
            factor[j] = diagonal[j] / below
            diagonal[j], diagonal[j + 1], above[j], second[j] = (
                below,
                above[j] - factor[j] * diagonal[j + 1],
                diagonal[j + 1],
                above[j + 1],
            )
            above[j + 1] = -factor[j] * above[j + 1]
    for curve in range(y.shape[0]):
        nodes, cubics = y[curve], coefficients[curve]
        for j in range(n - 1):
            slopes[j] = (nodes[j + 1] - nodes[j]) / h[j]
        c[0] = c[n - 1] = 0.0
        for j in range(1, n - 1):
            c[j] = 3 * (slopes[j] - slopes[j - 1])
        for j in range(n - 1):
            if exchanged[j]:
                c[j], c[j + 1] = c[j + 1], c[j] - factor[j] * c[j + 1]
            else:
                c[j + 1] -= factor[j] * c[j]
        c[n - 1] /= diagonal[n - 1]
        c[n - 2] = (c[n - 2] - above[n - 2] * c[n - 1]) / diagonal[n - 2]
        for j in range(n - 3, -1, -1):
            c[j] = (c[j] - above[j] * c[j + 1] - second[j] * c[j + 2]) / diagonal[j]
        for j in range(n - 1):
            cubics[j + 1, 0] = nodes[j]
            cubics[j + 1, 1] = slopes[j] - h[j] * (c[j + 1] + 2 * c[j]) / 3
            cubics[j + 1, 2] = c[j]
            cubics[j + 1, 3] = (c[j + 1] - c[j]) / (3 * h[j])
        cubics[0, 0], cubics[0, 1] = nodes[0], cubics[1, 1]
        cubics[n, 0] = nodes[n - 1]
        cubics[n, 1] = slopes[n - 2] + h[n - 2] * c[n - 2] / 3
        cubics[0, 2] = cubics[0, 3] = cubics[n, 2] = cubics[n, 3] = 0.0


@jit
def fill_akima(
    x: NDArray[np.float64], y: NDArray[np.float64], coefficients: NDArray[np.float64]
) -> None:
    """Fill Akima's cubics, and the parabolas outside; the arrays are as for `fill_natural`."""
    n = x.size
    m, jumps = np.empty(n + 3), np.empty(n + 2)
    for curve in range(y.shape[0]):
        nodes, cubics = y[curve], coefficients[curve]
        # The slope of interval j stands at j + 2, two made up ones on either side.
        for j in range(n - 1):
            m[j + 2] = (nodes[j + 1] - nodes[j]) / (x[j + 1] - x[j])
        m[1] = 2 * m[2] - m[3]
        m[0] = 3 * m[2] - 2 * m[3]
        m[n + 1] = 2 * m[n] - m[n - 1]
        m[n + 2] = 3 * m[n] - 2 * m[n - 1]
        for j in range(n + 2):
            jumps[j] = abs(m[j + 1] - m[j])
        end = b = 0.0
        for j in range(n):
            own = m[j + 2]  # of the interval that begins at this node; its left one's is m[j + 1]
            weight = jumps[j] + jumps[j + 2]
            a = jumps[j] / weight if weight != 0.0 else jumps[j]
            slope = (1 - a) * m[j + 1] + a * own
            if j > 0:
                h, left = x[j] - x[j - 1], m[j + 1]
                straight = jumps[j - 1] + jumps[j + 1] == 0.0
                end = left if straight or weight == 0.0 else slope
                cubics[j, 0] = nodes[j - 1]
                cubics[j, 1] = b
                cubics[j, 2] = 0.0 if straight else (3 * left - 2 * b - end) / h
                cubics[j, 3] = 0.0 if straight else (b + end - 2 * left) / (h * h)
            b = own if weight == 0.0 else slope
        last = cubics[n - 1]
        cubics[0, 0], cubics[0, 1], cubics[0, 2] = nodes[0], cubics[1, 1], cubics[1, 2]
        cubics[n, 0], cubics[n, 1] = nodes[n - 1], end
        cubics[n, 2] = last[2] + 3 * last[3] * (x[n - 1] - x[n - 2])
        cubics[0, 3] = cubics[n, 3] = 0.0
