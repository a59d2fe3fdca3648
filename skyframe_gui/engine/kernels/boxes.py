"""Boxes of an image: their good pixels gathered and measured."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.kernels.clipping import statistic_of
from skyframe_gui.engine.kernels.compiled import FLOAT32_MAX, INFINITE, jit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@jit
def gather(
    image: NDArray[np.float32],
    mask: NDArray[np.int32],
    bits: int,
    x0: int,
    x1: int,
    y0: int,
    y1: int,
    out: NDArray[np.float32],
) -> int:
    """Copy a box to ``out`` with +inf in place of every bad pixel; return the number of good ones.

    ``mask`` is not looked at where ``bits`` is 0. Two plain loops a row instead of one with both
    tests: only so do they become vector instructions.
    """
    width = x1 - x0
    n_good = 0
    for y in range(y0, y1):
        row = out[(y - y0) * width : (y - y0 + 1) * width]
        pixels = image[y, x0:x1]
        for x in range(width):
            value = pixels[x]
            row[x] = value if abs(value) <= FLOAT32_MAX else INFINITE
        if bits != 0:
            flags = mask[y, x0:x1]
            for x in range(width):
                row[x] = row[x] if (flags[x] & bits) == 0 else INFINITE
        for x in range(width):
            n_good += row[x] <= FLOAT32_MAX
    return n_good


@jit
def statistics_of_boxes(
    image: NDArray[np.float32],
    mask: NDArray[np.int32],
    bits: int,
    x_edges: NDArray[np.int64],
    y0: int,
    y1: int,
    statistic: int,
    clip: float,
    n_iter: int,
    value: NDArray[np.float64],
    error: NDArray[np.float64],
    n_good: NDArray[np.int64],
    n_used: NDArray[np.int64],
) -> None:
    """Fill the statistics of one row of boxes, ``y0 <= y < y1`` and between the ``x_edges``."""
    widest = 0
    for j in range(x_edges.size - 1):
        widest = max(widest, x_edges[j + 1] - x_edges[j])
    scratch = np.empty(widest * (y1 - y0), np.float32)
    cells = np.empty(scratch.size, np.uint16)
    guess_centre, guess_range = math.nan, -1.0
    for j in range(x_edges.size - 1):
        size = (x_edges[j + 1] - x_edges[j]) * (y1 - y0)
        n = gather(image, mask, bits, x_edges[j], x_edges[j + 1], y0, y1, scratch)
        n_good[j] = n
        value[j], error[j], n_used[j], guess_centre, guess_range = statistic_of(
            scratch[:size], n, statistic, clip, n_iter, guess_centre, guess_range, cells
        )
