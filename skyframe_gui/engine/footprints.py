"""Footprints of detected things: an image smoothed, what reaches a limit in it, and that grown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.exposure import read_only
from skyframe_gui.engine.parallel import run_pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.engine.progress import Watch

STRIP_PIXELS = 1 << 19
"""Pixels smoothed or grown between two looks at the watch: some 15 ms."""


def strips(image: NDArray[np.generic]) -> list[slice]:
    """Return the rows of an image in pieces of work."""
    height, width = image.shape
    rows = max(STRIP_PIXELS // width, 1)
    return [slice(first, min(first + rows, height)) for first in range(0, height, rows)]


def gaussian(sigma: float, reach: int) -> NDArray[np.float64]:
    """Return the 2 reach + 1 taps of a Gaussian whose sum is 1."""
    taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return np.asarray(taps / taps.sum())


def half_widths(radius: float) -> NDArray[np.int64]:
    """Return how far a disc reaches to either side, by the number of rows from its centre."""
    rows = np.arange(int(radius) + 1)
    return np.asarray(np.sqrt(radius**2 - rows**2), np.int64)


def smooth(
    image: NDArray[np.float32],
    model: NDArray[np.float32] | None,
    taps: NDArray[np.float64],
    smoothed: NDArray[np.float32],
    watch: Watch | None,
    threads: int | None,
) -> NDArray[np.float32]:
    """Smooth an image less a model along both axes.

    Parameters
    ----------
    image, model : float32 [H, W]
        Read-only.
    taps : float64 [n]
        An odd number. Sums run in float32; a NaN spreads over all that the taps reach.
    smoothed : float32 [H, W]
        Filled; NaN on the border of n // 2 pixels, where the taps do not fit.
    watch, threads : optional
        As of `run_pieces`.

    Returns
    -------
    restored : float32 [H, W]
        The image less the model, with the model added again: rounded twice.
    """
    from skyframe_gui.engine import kernels

    taps32 = taps.astype(np.float32)
    reach = len(taps) // 2
    height, width = image.shape
    restored = image if model is None else np.empty_like(image)
    smoothed[:reach] = np.nan
    smoothed[max(height - reach, 0) :] = np.nan

    def run(rows: slice) -> None:
        first = max(rows.start - reach, 0)
        wide = slice(first, min(rows.stop + reach, height))
        rest = image[wide]
        if model is not None:
            made = np.empty((wide.stop - wide.start, width), np.float32)
            kernels.subtract_scaled(rest, model[wide], np.float32(1), made)
            rest = read_only(made, np.float32)
            own = rest[rows.start - first : rows.stop - first]
            kernels.subtract_scaled(own, model[rows], np.float32(-1), restored[rows])
        if len(rest) >= len(taps):
            kernels.smooth(rest, taps32, smoothed[first + reach : wide.stop - reach])

    run_pieces(run, strips(image), watch, "", threads)
    return read_only(restored, np.float32)


def mark_grown(
    smoothed: NDArray[np.float32],
    limit: NDArray[np.float32],
    widths: NDArray[np.int64],
    bits: int,
    mask: NDArray[np.int32],
    watch: Watch | None,
    threads: int | None,
) -> None:
    """Set ``bits`` in the mask on what is not below the limit ([H, W] or [1, 1]), grown.

    ``widths`` says how far to either side what is detected reaches, by the number of rows away.
    """
    from skyframe_gui.engine import kernels

    def run(rows: slice) -> None:
        kernels.mark_grown(smoothed, limit, widths, bits, rows.start, rows.stop, mask)

    run_pieces(run, strips(smoothed), watch, "", threads)
