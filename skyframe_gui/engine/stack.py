"""What each exposure does to a sky frame: who is clipped where and when, and who pulls how far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.bins import CLIP, N_ITER
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import MaskPlanes, read_only
from skyframe_gui.engine.parallel import run_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skyframe_gui.engine.bins import BinGrid
    from skyframe_gui.engine.progress import Watch
    from skyframe_gui.engine.sky_frame import SkyFrame

BLOCK = 128
"""Bins at a time."""


@dataclass(frozen=True, eq=False)
class BinHistory:
    """One bin of a stack.

    Attributes
    ----------
    values : float64 [n]
        Of every exposure, NaN where it has none.
    low, high : float64 [3]
        Limits of each pass of the clip; NaN where no exposure has a value.
    clipped_at : int64 [n]
        The first pass (from 0) whose limits the value is beyond, if the last pass left it out: -1
        used, -2 no value.
    """

    values: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    clipped_at: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pulls:
    """How far each exposure pulls the frame: the frame minus the frame without it.

    Attributes
    ----------
    rms, worst : float64 [n]
        Over the bins: root of the mean square, and the largest absolute value.
    n_clipped : int64 [n]
        Number of bins where the exposure is clipped.
    """

    rms: NDArray[np.float64]
    worst: NDArray[np.float64]
    n_clipped: NDArray[np.int64]


def stacked(grids: Sequence[BinGrid]) -> NDArray[np.float32]:
    """Return the values of grids that are alike, float32 [n, ny, nx]; +inf where there is none.

    A bin that is not finite or is masked BAD has no value, as in `average_backgrounds`.

    Raises
    ------
    SkyFrameError
        There is no grid, or they differ in shape.
    """
    if not grids:
        raise SkyFrameError("There is no bin grid to look at; build a sky frame first.")
    if len({grid.values.shape for grid in grids}) > 1:
        raise SkyFrameError("The bin grids differ in shape, so they are not of one sky frame.")
    bad = MaskPlanes.LSST_DEFAULT.bits(["BAD"])
    values = np.stack([grid.values for grid in grids])
    masks = np.stack([grid.mask for grid in grids])
    good = np.isfinite(values) & (masks & bad == 0)
    return np.where(good, values, np.float32(np.inf))


def bin_history(stack: NDArray[np.float32], row: int, column: int) -> BinHistory:
    """Return what happened in one bin.

    Parameters
    ----------
    stack : float32 [n, ny, nx]
        From `stacked`.
    row, column : int
        The bin.

    Raises
    ------
    SkyFrameError
        There is no such bin.
    """
    from skyframe_gui.engine import kernels

    _, ny, nx = stack.shape
    if not (0 <= row < ny and 0 <= column < nx):
        raise SkyFrameError(f"There is no bin ({column}, {row}); the grid has {nx} x {ny} bins.")
    values = np.ascontiguousarray(stack[:, row, column])
    passes = np.empty((1, N_ITER, 2))
    kernels.average_cells(
        np.sort(values)[np.newaxis], CLIP, N_ITER, np.empty(1), np.empty(1), passes
    )
    centres, half_widths = passes[0].T
    there = np.isfinite(values)
    wide = np.where(there, values.astype(np.float64), np.nan)
    beyond = np.abs(wide[:, np.newaxis] - centres) > half_widths
    clipped_at = np.where(beyond[:, -1], np.argmax(beyond, axis=1), -1)
    clipped_at[~there] = -2
    return BinHistory(
        read_only(wide, np.float64),
        read_only(centres - half_widths, np.float64),
        read_only(centres + half_widths, np.float64),
        read_only(clipped_at, np.int64),
    )


def pulls(
    stack: NDArray[np.float32],
    sky_frame: SkyFrame,
    watch: Watch | None = None,
    threads: int | None = None,
) -> Pulls:
    """Return how far each exposure pulls the frame, by leaving one out at a time.

    Parameters
    ----------
    stack : float32 [n, ny, nx]
        From `stacked`; the exposures that are in the frame.
    sky_frame : SkyFrame
        Their average.
    watch : Watch, optional
        Told of every block of bins.
    threads : int, optional
        How many; by default one for each processor. The result is the same for any number.

    Raises
    ------
    Cancelled
        The watch said so.
    """
    from skyframe_gui.engine import kernels

    n = len(stack)
    cells = np.ascontiguousarray(stack.reshape(n, -1).T)
    orders = np.argsort(cells)
    ordered = np.take_along_axis(cells, orders, 1)
    frame, _variance, _passes = (np.empty(len(cells) * size) for size in (1, 1, 2))
    kernels.average_cells(ordered, CLIP, N_ITER, frame, _variance, _passes.reshape(-1, 1, 2))
    without = np.empty((n, len(cells)))

    def leave_out(first: int) -> None:
        block = slice(first, first + BLOCK)
        part = np.empty((n, len(cells[block])))
        kernels.averages_without(ordered[block], orders[block], CLIP, N_ITER, part)
        without[:, block] = part

    run_pieces(leave_out, range(0, len(cells), BLOCK), watch, "Leaving one out", threads)
    rms, worst = np.full(n, np.nan), np.full(n, np.nan)
    for index in range(n):
        pull = frame - without[index]
        pull = pull[np.isfinite(pull)]
        if pull.size:
            rms[index] = np.sqrt(np.mean(np.square(pull)))
            worst[index] = np.abs(pull).max()
    return Pulls(
        read_only(rms, np.float64),
        read_only(worst, np.float64),
        read_only(sky_frame.clipped.sum(axis=(1, 2)), np.int64),
    )
