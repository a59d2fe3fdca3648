"""Holes in a grid: smoothed over, or filled from the cells around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine import styles
from skyframe_gui.engine.errors import SkyFrameError

if TYPE_CHECKING:
    from numpy.typing import NDArray

QUARTILE_RANGE = 0.74
"""LSST's rounded factor from a range of quartiles to a standard deviation."""


def curve_at(
    algorithm: str,
    x: NDArray[np.float64],
    y: NDArray[np.float64] | NDArray[np.float32],
    at: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the curve through nodes at any positions, float64: LSST's ``interpolate1D``.

    Parameters
    ----------
    algorithm : str
        A style; the best one for the number of nodes where they are too few for it.
    x, y : array [n]
        Nodes, x rising. Without any the result is NaN.
    at : float64 [m]
        Where the curve is wanted; inside or outside of the nodes.

    Raises
    ------
    SkyFrameError
        The style is NONE or unknown.
    """
    style = styles.fitting(algorithm, len(x))
    if not len(x):
        return np.full(len(at), np.nan)
    curve = style.pieces(x, np.asarray(y, np.float64)[np.newaxis])
    piece = np.searchsorted(curve.breaks, at, side="right")
    t = at - curve.starts[piece]
    c0, c1, c2, c3 = curve.coefficients[0, piece].T
    return np.asarray(c0 + t * (c1 + t * (c2 + t * c3)))


def fill_bad(
    grid: NDArray[np.float32], bad: NDArray[np.bool_], algorithm: str
) -> NDArray[np.float32]:
    """Return a grid with its bad cells filled: LSST's ``interpolateBadPixels``.

    Rows first, then columns. Only what is NaN after the rows is filled in the columns: a bad cell
    with a number in a row without any good cell stays, and the columns are filled from it.

    Parameters
    ----------
    grid : float32 [ny, nx]
    bad : bool [ny, nx]
    algorithm : str
        A style; see `curve_at`.

    Raises
    ------
    SkyFrameError
        All cells are bad, or the style is NONE or unknown.
    """
    if bad.all():
        raise SkyFrameError("No cell of the grid is good, so that nothing is there to fill it.")
    out = grid.copy()
    _fill_rows(out, bad, algorithm)
    _fill_rows(out.T, np.isnan(out.T), algorithm)
    return out


def _fill_rows(grid: NDArray[np.float32], bad: NDArray[np.bool_], algorithm: str) -> None:
    index = np.arange(grid.shape[1], dtype=np.float64)
    for row in np.flatnonzero(bad.any(axis=1) & ~bad.all(axis=1)):
        holes = bad[row]
        grid[row, holes] = curve_at(algorithm, index[~holes], grid[row, ~holes], index[holes])


def smooth(grid: NDArray[np.float32], bad: NDArray[np.bool_], sigma: float) -> NDArray[np.float64]:
    """Return a grid smoothed by a Gaussian over its good cells: LSST's ``smoothArray``.

    Parameters
    ----------
    grid : float32 [ny, nx]
    bad : bool [ny, nx]
        Cells that do not count.
    sigma : float
        In cells.

    Returns
    -------
    float64 [ny, nx]
        Holes within reach of a good cell are filled; NaN where none is.
    """
    from scipy.ndimage import gaussian_filter

    # The cells are rounded to float32 after each axis as in the original, their weights are not.
    number = gaussian_filter(np.where(bad, np.float32(0), grid), sigma, mode="constant", cval=0.0)
    weight = gaussian_filter(np.where(bad, 0.0, 1.0), sigma, mode="constant", cval=0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(number / weight, np.float64)


def robust_mean(values: NDArray[np.float64], reject: float) -> float:
    """Return the mean of the values near the median: LSST's ``robustMean``.

    The deviation is 0.74 times the range from the lower quartile to the *maximum*, as there.

    Parameters
    ----------
    values : float64 [n]
    reject : float
        Values beyond so many deviations (or just on the limit) are left out.

    Returns
    -------
    float
        NaN where all are left out.
    """
    low, median, high = np.percentile(values, (25.0, 50.0, 100.0))
    near = np.abs(values - median) < reject * QUARTILE_RANGE * (high - low)
    return float(values[near].mean()) if near.any() else float("nan")
