"""Clipped means over the exposures of each cell of a stack of grids."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.kernels.clipping import clipped
from skyframe_gui.engine.kernels.compiled import FLOAT32_MAX, jit, part
from skyframe_gui.engine.kernels.quartiles import ordered_quartiles
from skyframe_gui.engine.kernels.vectors import LANES

if TYPE_CHECKING:
    from numpy.typing import NDArray


@part
def clipped_in_order(
    ordered: NDArray[np.float32],
    clip: float,
    n_iter: int,
    tails: NDArray[np.float32],
) -> tuple[float, float, float, float, float]:
    """Return what `clipped` does of values in order; NaN and 0 where there is none."""
    if ordered.size == 0:
        return 0.0, math.nan, math.nan, math.nan, math.nan
    q25, median, q75 = ordered_quartiles(ordered)
    return clipped(ordered, median, q75 - q25, clip, n_iter, tails)


@part
def those_there(ordered: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the values in order without the +inf of those that are not there."""
    n = 0 * ordered.size
    while n < ordered.size and ordered[n] <= FLOAT32_MAX:
        n += 1
    return ordered[:n]


@jit
def average_cells(
    ordered: NDArray[np.float32],
    clip: float,
    n_iter: int,
    mean: NDArray[np.float64],
    variance: NDArray[np.float64],
    passes: NDArray[np.float64],
) -> None:
    """Fill the clipped mean over the exposures of each cell.

    Parameters
    ----------
    ordered : float32 [cells, n]
        The grids' values, those of each cell in order; +inf where there is none.
    clip, n_iter
        Of MEANCLIP.
    mean, variance : float64 [cells]
        Filled with the mean and its squared error.
    passes : float64 [cells, k, 2]
        Filled with what each of the last k passes compared the values with, the last one last:
        it keeps those within the second of the first.
    """
    tails = np.empty(ordered.shape[1] + LANES, np.float32)
    for cell in range(ordered.shape[0]):
        values = those_there(ordered[cell])
        last = passes.shape[1] - 1
        for k in range(last + 1):
            number, value, spread, centre, half_width = clipped_in_order(
                values, clip, n_iter - last + k, tails
            )
            passes[cell, k, 0], passes[cell, k, 1] = centre, half_width
            mean[cell] = value
            variance[cell] = spread / number if number > 0.0 else math.nan


@jit
def averages_without(
    ordered: NDArray[np.float32],
    orders: NDArray[np.int64],
    clip: float,
    n_iter: int,
    out: NDArray[np.float64],
) -> None:
    """Fill the clipped mean of each cell over all exposures but one, for each that is left out.

    Parameters
    ----------
    ordered : float32 [cells, n]
        The grids' values, those of each cell in order; +inf where there is none.
    orders : int64 [cells, n]
        Which exposure each of them is of.
    clip, n_iter
        Of MEANCLIP.
    out : float64 [n, cells]
        Filled; NaN where no value is left.
    """
    size = ordered.shape[1]
    tails = np.empty(size + LANES, np.float32)
    rest = np.empty(size, np.float32)
    for cell in range(ordered.shape[0]):
        values = those_there(ordered[cell])
        n = values.size
        for i in range(n):
            rest[i] = values[i]
        for place in range(size - 1, -1, -1):
            # In order once: the one that was left out before takes the place of this one.
            left = n
            if place < n:
                left = n - 1
                if place < n - 1:
                    rest[place] = values[place + 1]
            _, mean, _, _, _ = clipped_in_order(rest[:left], clip, n_iter, tails)
            out[orders[cell, place], cell] = mean
