"""MEAN, MEDIAN and MEANCLIP of sets of pixels, with errors and counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skyframe_gui.engine.buffers import recycled
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.parallel import run_pieces

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from skyframe_gui.engine.progress import Watch

NO_MASK = np.zeros((1, 1), np.int32)
"""Stands for a mask that is not looked at."""
NO_MASK.flags.writeable = False  # as those of exposures: kernels are compiled anew for another kind
Box = tuple[int, int, int, int]
PIECE_PIXELS = 1 << 20
"""Pixels measured between two looks at the watch: some 2 ms."""
MOST_PIECES = 16
"""Rows of small bins are measured in about so many pieces, as long as those are not too large."""


class Statistic(NamedTuple):
    """A statistic of a set of pixels."""

    value: float
    """NaN where no pixel is good, or where MEANCLIP loses all."""
    error: float
    """Standard error of the value; NaN where one pixel was used."""
    n_good: int
    """Number of good pixels."""
    n_used: int
    """Number of pixels in the value: those of the last clip pass, 0 where the value is NaN."""


class BoxStatistics(NamedTuple):
    """Statistics of a grid of boxes, each array [ny, nx]."""

    value: NDArray[np.float64]
    error: NDArray[np.float64]
    n_good: NDArray[np.int64]
    n_used: NDArray[np.int64]


def compute_statistic(
    image: ArrayLike,
    mask: ArrayLike | None = None,
    bits: int = 0,
    statistic: str = "MEANCLIP",
    clip: float = 3.0,
    n_iter: int = 3,
) -> Statistic:
    """Return a statistic of the good pixels of an image, as afw's ``makeStatistics`` has it.

    A pixel is good when it is finite and has none of ``bits`` set in its mask.

    Parameters
    ----------
    image : array of any shape
        Pixel values, taken as float32; all arithmetic is in float64.
    mask : array, optional
        Bit planes, of the image's shape.
    bits : int
        Mask pattern that makes a pixel bad.
    statistic : {"MEANCLIP", "MEAN", "MEDIAN"}
        MEAN has the error ``sqrt(variance / n)`` with the unbiased variance. MEDIAN, with linear
        interpolation between neighbours in sorted order, ``sqrt(pi / 2 * variance / n)``. MEANCLIP
        starts from the median and 0.7413 times the interquartile range, and in each of exactly
        ``n_iter`` iterations takes mean and variance of ALL good pixels within ``clip`` sigma
        (inclusive); its error is ``sqrt(variance / n_used)``.
    clip : float
        Threshold of MEANCLIP in standard deviations.
    n_iter : int
        Number of MEANCLIP's iterations.

    Raises
    ------
    SkyFrameError
        Unknown statistic, a clip or number of iterations that cannot be, or mask and image of
        different shape.
    """
    if not (clip > 0 and n_iter >= 0):
        raise SkyFrameError(
            f"A clip of {clip} sigma in {n_iter} iterations cannot be done; the clip is above 0 "
            "and the number of iterations not negative."
        )
    pixels = np.ascontiguousarray(image, np.float32)
    if mask is None or not bits:
        flags, bits = NO_MASK, 0
    else:
        flags = np.ascontiguousarray(mask, np.int32)
        if flags.shape != pixels.shape:
            raise SkyFrameError(
                f"The mask has the shape {flags.shape} but the image {pixels.shape}; "
                "they must be alike."
            )
        flags = flags.reshape(1, -1)
    pixels = pixels.reshape(1, -1)
    if not pixels.size:
        return Statistic(np.nan, np.nan, 0, 0)
    edges = np.array([0, pixels.size])
    found = box_statistics(
        pixels, flags, bits, edges, np.array([0, 1]), statistic, clip, n_iter, threads=1
    )
    return Statistic(
        float(found.value[0, 0]),
        float(found.error[0, 0]),
        int(found.n_good[0, 0]),
        int(found.n_used[0, 0]),
    )


def _scratch(size: int) -> NDArray[np.float32]:
    """Return memory for pixels; that for a box as large as an image is not kept for the next."""
    return recycled((1, size))[0] if size <= 4 * PIECE_PIXELS else np.empty(size, np.float32)


def box_statistics(
    image: NDArray[np.float32] | Callable[[Box, NDArray[np.float32]], NDArray[np.float32]],
    mask: NDArray[np.int32],
    bits: int,
    x_edges: NDArray[np.int64],
    y_edges: NDArray[np.int64],
    statistic: str,
    clip: float = 3.0,
    n_iter: int = 3,
    watch: Watch | None = None,
    label: str = "",
    threads: int | None = None,
) -> BoxStatistics:
    """Return the statistic of every box between the edges; see `compute_statistic`.

    Parameters
    ----------
    image, mask : float32, int32 [H, W]
        The mask is not looked at where ``bits`` is 0. An image that is yet to be made is what
        fills an array with a part of it, half-open (x0, y0, x1, y1), and returns the array; it
        has no mask.
    bits : int
        Mask pattern that makes a pixel bad.
    x_edges, y_edges : int64 [nx + 1], [ny + 1]
        Box (j, i) is ``x_edges[j] <= x < x_edges[j + 1]``, y alike.
    statistic, clip, n_iter
        See `compute_statistic`.
    watch, label : optional
        Told of every finished piece of work (a row of boxes, or one large box).
    threads : int, optional
        How many; by default one for each processor. The result is the same for any number.

    Raises
    ------
    SkyFrameError
        Unknown statistic.
    Cancelled
        The watch said so.
    """
    # numba takes most of a second to import: a program that only shows files must not wait for it.
    from skyframe_gui.engine import kernels

    code = kernels.STATISTIC_CODES.get(statistic)
    if code is None:
        raise SkyFrameError(
            f"There is no statistic {statistic}; choose one of "
            f"{', '.join(kernels.STATISTIC_CODES)}."
        )
    nx, ny = len(x_edges) - 1, len(y_edges) - 1
    x_edges = np.ascontiguousarray(x_edges, np.int64)
    y_edges = np.ascontiguousarray(y_edges, np.int64)
    mask = np.ascontiguousarray(mask)
    if not callable(image):
        image = np.ascontiguousarray(image)
    result = BoxStatistics(
        np.empty((ny, nx)),
        np.empty((ny, nx)),
        np.empty((ny, nx), np.int64),
        np.empty((ny, nx), np.int64),
    )

    def run(piece: tuple[int, int, int, int]) -> None:
        row, last_row, first, last = piece
        x, y = x_edges[first : last + 1], y_edges[row : last_row + 1]
        scratch = _scratch(kernels.scratch_size(box_pixels, len(x) - 1))
        if callable(image):
            box = (int(x[0]), int(y[0]), int(x[-1]), int(y[-1]))
            shape = (box[3] - box[1], box[2] - box[0])
            alone = len(x) == len(y) == 2
            memory = kernels.place_of_one(scratch, *shape) if alone else recycled(shape)
            part = image(box, memory).view()
            x, y = x - x[0], y - y[0]
        else:
            part = image.view()
        part.flags.writeable = False
        kernels.statistics_of_boxes(
            part,
            mask if bits else part.view(np.int32),  # of the image's shape, and no plane counts
            bits,
            x,
            y,
            code,
            float(clip),
            int(n_iter),
            scratch,
            result.value[row:last_row, first:last],
            result.error[row:last_row, first:last],
            result.n_good[row:last_row, first:last],
            result.n_used[row:last_row, first:last],
        )

    # A piece of work is some rows of bins, or a part of one: boxes of a million pixels go one by
    # one, so that a cancel is heard in time and all processors have work.
    box_pixels = max(int(np.diff(y_edges).max()) * int(np.diff(x_edges).max()), 1)
    columns = max(min(nx, PIECE_PIXELS // box_pixels), 1)
    rows = max(min(ny // MOST_PIECES, PIECE_PIXELS // (2 * box_pixels * nx)), 1)
    pieces = [
        (row, min(row + rows, ny), first, min(first + columns, nx))
        for row in range(0, ny, rows)
        for first in range(0, nx, columns)
    ]
    run_pieces(run, pieces, watch, label, threads)
    return result
