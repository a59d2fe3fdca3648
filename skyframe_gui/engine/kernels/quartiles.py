"""The quartiles of a set of pixels, exactly, by counting instead of sorting."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.kernels.compiled import FLOAT32_MAX, INFINITE, jit

if TYPE_CHECKING:
    from numpy.typing import NDArray


SORT_BELOW = 192
"""Sets smaller than this are sorted; a histogram would cost more."""
MAX_CELLS = 2048


@jit
def between(low: float, high: float, index: float) -> float:
    """Return the percentile at a fractional index from its two neighbours in sorted order."""
    weight = index - math.floor(index)
    return (1.0 - weight) * low + weight * high


@jit
def sorted_quartiles(values: NDArray[np.float32], n: int) -> tuple[float, float, float]:
    """Return the quartiles of the ``n`` good values of a small set; the others are +inf."""
    ordered = np.sort(values)
    result = np.empty(3)
    for q in range(3):
        index = 0.25 * (q + 1) * (n - 1)
        low = int(index)
        high = min(low + 1, n - 1)
        result[q] = between(np.float64(ordered[low]), np.float64(ordered[high]), index)
    return result[0], result[1], result[2]


@jit
def _sampled_range(values: NDArray[np.float32], n: int) -> tuple[float, float]:
    """Return a guess of median and interquartile range from some 64 of the good values."""
    sample = np.empty(64, np.float32)
    stride = max(values.size // 64, 1)
    m = 0
    for i in range(0, values.size, stride):
        if m < 64 and values[i] <= FLOAT32_MAX:
            sample[m] = values[i]
            m += 1
    if m < 16:
        return 0.0, -1.0
    ordered = np.sort(sample[:m])
    return (
        np.float64(ordered[m // 2]),
        np.float64(ordered[(3 * m) // 4]) - np.float64(ordered[m // 4]),
    )


@jit
def quartiles(
    values: NDArray[np.float32],
    n: int,
    guess_centre: float,
    guess_range: float,
    cells: NDArray[np.uint16],
) -> tuple[float, float, float]:
    """Return the quartiles of the ``n`` good values exactly, by counting instead of sorting.

    Parameters
    ----------
    values : float32 [m]
        The good values, and +inf for the others.
    n : int
        Number of good values, at least 1.
    guess_centre, guess_range : float
        What the median and the interquartile range may be; a negative range: not known. A wrong
        guess costs time only.
    cells : uint16 [m]
        Scratch.
    """
    if n < SORT_BELOW:
        return sorted_quartiles(values, n)
    if not guess_range > 0.0:
        guess_centre, guess_range = _sampled_range(values, n)
    if not guess_range > 0.0:
        return sorted_quartiles(values, n)
    n_cells = 64
    while n_cells < MAX_CELLS and n_cells * 8 < n:
        n_cells *= 2
    # Two interquartile ranges about the guessed centre on either side; cell 0 and the last take
    # what lies outside, so all comparisons below are between whole cells.
    low = np.float32(guess_centre - 2.0 * guess_range)
    per_cell = np.float32((n_cells - 2) / (4.0 * guess_range))
    top = np.float32(n_cells - 1)
    zero = np.float32(0.0)
    one = np.float32(1.0)
    for i in range(values.size):
        position = (values[i] - low) * per_cell + one
        position = position if position < top else top
        position = position if position > zero else zero
        cells[i] = np.uint16(np.int32(position))
    counts = np.zeros((2, n_cells), np.int32)
    half = values.size // 2
    for i in range(half):
        counts[0, cells[2 * i]] += 1
        counts[1, cells[2 * i + 1]] += 1
    if values.size % 2:
        counts[0, cells[values.size - 1]] += 1

    first_cell = np.zeros(3, np.int64)
    last_cell = np.zeros(3, np.int64)
    before = np.zeros(3, np.int64)
    wanted = np.zeros(n_cells, np.uint8)
    cell = -1
    passed = 0
    current = 0
    for q in range(3):
        rank = int(0.25 * (q + 1) * (n - 1))
        while passed + current <= rank:
            passed += current
            cell += 1
            current = counts[0, cell] + counts[1, cell]
        first_cell[q] = cell
        before[q] = passed
        upper = min(rank + 1, n - 1)
        reach_cell, reach = cell, passed + current
        while reach <= upper:
            reach_cell += 1
            reach += counts[0, reach_cell] + counts[1, reach_cell]
        last_cell[q] = reach_cell
        wanted[cell] = 1
        wanted[reach_cell] = 1
    if first_cell[0] == 0 or last_cell[2] == n_cells - 1:
        return sorted_quartiles(values, n)

    total = 0
    for c in range(n_cells):
        if wanted[c]:
            total += counts[0, c] + counts[1, c]
    near = np.empty(total, np.float32)
    near_cells = np.empty(total, np.uint16)
    m = 0
    for i in range(values.size):
        if wanted[cells[i]]:
            near[m] = values[i]
            near_cells[m] = cells[i]
            m += 1
    result = np.empty(3)
    for q in range(3):
        index = 0.25 * (q + 1) * (n - 1)
        rank = int(index)
        m = 0
        least, most = INFINITE, -INFINITE
        candidates = np.empty(total, np.float32)
        for i in range(total):
            if first_cell[q] <= near_cells[i] <= last_cell[q]:
                candidates[m] = near[i]
                least = min(least, near[i])
                most = max(most, near[i])
                m += 1
        if least == most:  # integer-valued pixels: thousands alike, nothing to sort
            result[q] = np.float64(least)
            continue
        ordered = np.sort(candidates[:m])
        position = rank - before[q]
        upper = min(rank + 1, n - 1) - before[q]
        result[q] = between(np.float64(ordered[position]), np.float64(ordered[upper]), index)
    return result[0], result[1], result[2]
