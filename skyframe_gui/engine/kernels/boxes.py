"""Boxes of an image: their good pixels gathered and measured."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.kernels.clipping import MEAN, statistic_of, statistic_of_ordered
from skyframe_gui.engine.kernels.compiled import FLOAT32_MAX, INFINITE, jit, jit_sums
from skyframe_gui.engine.kernels.quartiles import CHUNK, MAX_CELLS

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMALL = 256
"""Boxes of so many pixels or fewer are sorted, many at a time."""
SORTED = 4096
"""Pixels that are sorted at a time: they stay in the first cache."""
READ = 1 << 16
"""Pixels that are read at a time, in boxes side by side: they stay in the second cache."""


@jit
def gather(
    image: NDArray[np.float32],
    mask: NDArray[np.int32],
    bits: np.int32,
    x0: int,
    x1: int,
    y0: int,
    y1: int,
    out: NDArray[np.float32],
) -> None:
    """Copy a part of an image to ``out`` with +inf in place of every bad pixel.

    ``mask`` is not looked at where ``bits`` is 0. Two plain loops a row instead of one with both
    tests: only so do they become vector instructions.
    """
    width = x1 - x0
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


@jit_sums
def number_good(values: NDArray[np.float32]) -> int:
    """Return how many values are good; counted in 32 bits, as vector instructions do it fastest."""
    n_good = 0
    for start in range(0, values.size, CHUNK):
        part = values[start : min(start + CHUNK, values.size)]
        count = np.float32(0.0)
        for i in range(part.size):
            count += np.float32(1.0) if part[i] <= FLOAT32_MAX else np.float32(0.0)
        n_good += int(count)
    return n_good


@jit
def copy_box(
    strip: NDArray[np.float32], width: int, x0: int, out: NDArray[np.float32], box_width: int
) -> None:
    """Fill ``out`` with the box from ``x0`` on out of a strip of the image, both given flat."""
    for y in range(out.size // box_width):
        row = strip[y * width + x0 : y * width + x0 + box_width]
        line = out[y * box_width : (y + 1) * box_width]
        for x in range(row.size):
            line[x] = row[x]


@jit
def sort_lanes(values: NDArray[np.float32], lanes: int) -> None:
    """Sort columns of an array, given flat: Batcher's merging exchange, the same for all of them.

    Knuth, The Art of Computer Programming 3, algorithm 5.2.2M. Rows are compared as wholes.
    """
    n = values.size // lanes
    top = 1
    while 2 * top < n:
        top *= 2
    p = top
    while p > 0 and n > 1:
        q, r, d = top, 0, p
        while True:
            for base in range(r, n - d, 2 * p):
                size = (min(base + p, n - d) - base) * lanes
                lower = values[base * lanes : base * lanes + size]
                upper = values[(base + d) * lanes : (base + d) * lanes + size]
                for i in range(size):
                    a, b = lower[i], upper[i]
                    lower[i] = a if a < b else b
                    upper[i] = b if a < b else a
            if q == p:
                break
            d, r = q - p, p
            q //= 2
        p //= 2


@jit
def statistics_of_small_boxes(
    image: NDArray[np.float32],
    mask: NDArray[np.int32],
    bits: np.int32,
    x_edges: NDArray[np.int64],
    y0: int,
    y1: int,
    statistic: int,
    clip: float,
    n_iter: int,
    strip: NDArray[np.float32],
    columns: NDArray[np.float32],
    value: NDArray[np.float64],
    error: NDArray[np.float64],
    n_good: NDArray[np.int64],
    n_used: NDArray[np.int64],
) -> None:
    """Fill the statistics of one row of boxes that are all small.

    ``strip`` and ``columns`` are scratch: all pixels of the row, and those that are sorted at once.
    """
    left, width = x_edges[0], x_edges[-1] - x_edges[0]
    gather(image, mask, bits, left, x_edges[-1], y0, y1, strip)
    widest = 0
    for j in range(x_edges.size - 1):
        widest = max(widest, x_edges[j + 1] - x_edges[j])
    most = widest * (y1 - y0)
    lanes = columns.size // most
    ordered = np.empty(most, np.float32)
    for start in range(0, x_edges.size - 1, lanes):
        n_lanes = min(lanes, x_edges.size - 1 - start)
        used = columns[: n_lanes * most]
        for lane in range(n_lanes):
            x0, x1 = x_edges[start + lane] - left, x_edges[start + lane + 1] - left
            k = lane
            for y in range(y1 - y0):
                row = strip[y * width + x0 : y * width + x1]
                for x in range(row.size):
                    used[k] = row[x]
                    k += n_lanes
            while k < used.size:
                used[k] = INFINITE
                k += n_lanes
        sort_lanes(used, n_lanes)
        for lane in range(n_lanes):
            for i in range(most):
                ordered[i] = used[i * n_lanes + lane]
            n = number_good(ordered)
            j = start + lane
            n_good[j] = n
            value[j], error[j], n_used[j] = statistic_of_ordered(
                ordered, n, statistic, clip, n_iter
            )


@jit
def statistics_of_boxes(
    image: NDArray[np.float32],
    mask: NDArray[np.int32],
    bits: int,
    x_edges: NDArray[np.int64],
    y_edges: NDArray[np.int64],
    statistic: int,
    clip: float,
    n_iter: int,
    value: NDArray[np.float64],
    error: NDArray[np.float64],
    n_good: NDArray[np.int64],
    n_used: NDArray[np.int64],
) -> None:
    """Fill the statistics of some rows of boxes between the ``x_edges`` and the ``y_edges``."""
    widest, highest = 0, 0
    for j in range(x_edges.size - 1):
        widest = max(widest, x_edges[j + 1] - x_edges[j])
    for i in range(y_edges.size - 1):
        highest = max(highest, y_edges[i + 1] - y_edges[i])
    most = widest * highest
    pattern = np.int32(bits)
    if most <= SMALL and statistic != MEAN:
        strip = np.empty((x_edges[-1] - x_edges[0]) * highest, np.float32)
        columns = np.empty(max(SORTED, most), np.float32)
        for i in range(y_edges.size - 1):
            statistics_of_small_boxes(
                image,
                mask,
                pattern,
                x_edges,
                y_edges[i],
                y_edges[i + 1],
                statistic,
                clip,
                n_iter,
                strip,
                columns,
                value[i],
                error[i],
                n_good[i],
                n_used[i],
            )
        return
    # Some boxes side by side are read at once: memory is slow to give short rows.
    group = max(READ // most, 1)
    strip = np.empty(group * most, np.float32)
    box = np.empty(most if group > 1 else 0, np.float32)
    places = np.empty(most + 8, np.int32)
    cells = np.empty(most, np.uint16)
    counts = np.empty((4, MAX_CELLS), np.int32)
    flags = np.empty(CHUNK, np.uint8)
    for i in range(y_edges.size - 1):
        y0, y1 = y_edges[i], y_edges[i + 1]
        guess_centre, guess_range = math.nan, -1.0
        left, right = 0, 0
        for j in range(x_edges.size - 1):
            x0, x1 = x_edges[j], x_edges[j + 1]
            if j % group == 0:
                left, right = x0, x_edges[min(j + group, x_edges.size - 1)]
                gather(image, mask, pattern, left, right, y0, y1, strip)
            size = (x1 - x0) * (y1 - y0)
            values = strip[:size]
            if x1 - x0 < right - left:
                values = box[:size]
                copy_box(strip, right - left, x0 - left, values, x1 - x0)
            n = number_good(values)
            n_good[i, j] = n
            value[i, j], error[i, j], n_used[i, j], guess_centre, guess_range = statistic_of(
                values,
                n,
                statistic,
                clip,
                n_iter,
                guess_centre,
                guess_range,
                cells[:size],
                counts,
                flags,
                places,
            )
