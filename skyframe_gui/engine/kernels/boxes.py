"""Boxes of an image: their good pixels gathered and measured."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.kernels.clipping import MEAN, statistic_of
from skyframe_gui.engine.kernels.compiled import FLOAT32_MAX, INFINITE, jit, part
from skyframe_gui.engine.kernels.expected import (
    expect_from_neighbour,
    expect_from_sample,
    expected_quartiles,
    learn,
)
from skyframe_gui.engine.kernels.packing import pack_good
from skyframe_gui.engine.kernels.quartiles import CHUNK, MAX_CELLS, ordered_quartiles, quartiles
from skyframe_gui.engine.kernels.vectors import LANES

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMALL = 256
"""Boxes of so many pixels or fewer are sorted, many at a time."""
SORTED = 4096
"""Pixels that are sorted at a time: they stay in the first cache."""
READ = 1 << 20
"""Pixels that are read at a time, in boxes side by side: memory is slow to give short rows."""


def scratch_size(most: int, n_x: int) -> int:
    """Return the room for boxes of so many pixels, as many of a row as are measured together.

    Some boxes side by side are read at once: memory is slow to give short rows.
    """
    group = (SORTED if most <= SMALL else READ) // most
    return (most + LANES) * (2 + min(max(group, 1), n_x))


def place_of_one(scratch: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Return the part of the scratch where the pixels of a box that is measured alone are packed.

    An image that is made there need not be moved: while it is packed onto itself nothing is
    overwritten that is still to be read.
    """
    room = height * width + LANES
    return scratch[2 * room : 2 * room + height * width].reshape(height, width)


@part
def number_there(ordered: NDArray[np.float32]) -> int:
    """Return how many of the values are good, and not +inf."""
    n = 0 * ordered.size
    for i in range(ordered.size):
        n += ordered[i] <= FLOAT32_MAX
    return n


@part
def widest(edges: NDArray[np.int64]) -> int:
    """Return the largest step of some edges."""
    most = 0 * edges.size  # a plain 0 is a type of its own
    for i in range(edges.size - 1):
        step = int(edges[i + 1] - edges[i])
        most = step if step > most else most
    return most


@part
def fill_lanes(
    image: NDArray[np.float32],
    mask: NDArray[np.int32],
    bits: np.int32,
    x_edges: NDArray[np.int64],
    y0: int,
    y1: int,
    row: NDArray[np.float32],
    columns: NDArray[np.float32],
) -> None:
    """Fill columns of an array, given flat, each with the pixels of one box, bad ones as +inf.

    ``row`` is scratch, as wide as the boxes. Two plain loops fill it instead of one with both
    tests: only so do they become vector instructions.
    """
    lanes = x_edges.size - 1
    left = x_edges[0]
    most = widest(x_edges)
    even = most * lanes == x_edges[lanes] - left
    for y in range(y0, y1):
        pixels, planes = image[y, left : x_edges[lanes]], mask[y, left : x_edges[lanes]]
        for x in range(pixels.size):
            row[x] = pixels[x] if abs(pixels[x]) <= FLOAT32_MAX else INFINITE
        for x in range(pixels.size):
            row[x] = row[x] if (planes[x] & bits) == 0 else INFINITE
        if even:
            for x in range(most):
                out = columns[((y - y0) * most + x) * lanes :]
                for lane in range(lanes):  # a vector instruction, where the step is one for all
                    out[lane] = row[lane * most + x]
        else:
            for lane in range(lanes):
                width = x_edges[lane + 1] - x_edges[lane]
                own = row[x_edges[lane] - left : x_edges[lane + 1] - left]
                k = (y - y0) * width * lanes + lane
                for x in range(width):
                    columns[k] = own[x]
                    k += lanes
    for lane in range(lanes):
        width = x_edges[lane + 1] - x_edges[lane]
        for k in range((y1 - y0) * width * lanes + lane, columns.size, lanes):
            columns[k] = INFINITE


@part
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
def statistics_of_boxes(
    image: NDArray[np.float32],
    mask: NDArray[np.int32],
    bits: int,
    x_edges: NDArray[np.int64],
    y_edges: NDArray[np.int64],
    statistic: int,
    clip: float,
    n_iter: int,
    scratch: NDArray[np.float32],
    value: NDArray[np.float64],
    error: NDArray[np.float64],
    n_good: NDArray[np.int64],
    n_used: NDArray[np.int64],
) -> None:
    """Fill the statistics of some rows of boxes between the ``x_edges`` and the ``y_edges``.

    ``mask`` has the image's shape also where ``bits`` is 0, ``scratch`` the size `scratch_size`.
    """
    n_x = x_edges.size - 1
    most = widest(x_edges) * widest(y_edges)
    small = most <= SMALL and statistic != MEAN
    room = most + LANES
    group = scratch.size // room - 2
    near, own = scratch[:room], scratch[room : 2 * room]
    good = scratch[2 * room : (2 + group) * room].reshape((group, room))
    columns = np.empty(group * most if small else 0, np.float32)
    row = np.empty(x_edges[n_x] - x_edges[0] if small else 0, np.float32)
    numbers = np.empty(group, np.int64)
    cells, flags = np.empty(CHUNK, np.uint16), np.empty(CHUNK, np.uint8)
    counts = np.empty((4, MAX_CELLS), np.int32)
    guess, limits, found = np.empty(5), np.empty(6, np.float32), np.empty(4, np.int64)
    for i in range(y_edges.size - 1):
        y0, y1 = y_edges[i], y_edges[i + 1]
        guess[:] = 0.0
        for first in range(0, n_x, group):
            edges = x_edges[first : first + group + 1]
            lanes = edges.size - 1
            for k in range(lanes):
                numbers[k] = 0
            if small:
                used = columns[: lanes * most]
                fill_lanes(image, mask, np.int32(bits), edges, y0, y1, row, used)
                sort_lanes(used, lanes)
            else:
                for y in range(y0, y1):
                    for k in range(lanes):
                        numbers[k] = pack_good(
                            image[y, edges[k] : edges[k + 1]],
                            mask[y, edges[k] : edges[k + 1]],
                            np.int32(bits),
                            good[k],
                            numbers[k],
                        )
            for k in range(lanes):
                n, j, box = numbers[k], first + k, good[k]
                if small:
                    box = good[0]  # the same for all, which stays in the first cache
                    for place in range(most):
                        box[place] = columns[place * lanes + k]
                    n = number_there(box[:most])
                n_good[i, j] = n
                if n == 0:
                    value[i, j] = error[i, j] = math.nan
                    n_used[i, j] = 0
                    continue
                values = box[:n]
                q25 = median = q75 = math.nan
                if small:
                    q25, median, q75 = ordered_quartiles(values)
                elif statistic != MEAN:
                    if expect_from_neighbour(n, guess, limits) or expect_from_sample(
                        values, limits, cells, counts, flags, near, own
                    ):
                        q25, median, q75 = expected_quartiles(
                            values, limits, found, near, own, cells, counts, flags
                        )
                    if math.isnan(median):
                        known = guess[4] > 0.0
                        q25, median, q75 = quartiles(
                            values,
                            guess[1],
                            guess[2] - guess[0] if known else -1.0,
                            cells,
                            counts,
                            flags,
                            near,
                            own,
                        )
                    learn(q25, median, q75, guess)
                value[i, j], error[i, j], n_used[i, j] = statistic_of(
                    values, q25, median, q75, statistic, clip, n_iter, near, small
                )
