"""The quartiles of a set of pixels, exactly, by counting instead of sorting."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.kernels.compiled import FLOAT32_MAX, jit

if TYPE_CHECKING:
    from numpy.typing import NDArray


MAX_CELLS = 1024
"""Of a histogram: four of them, filled in turns, take half of a processor's first cache."""
CHUNK = 4096
"""Values that are looked at in one go by several loops: they stay in the first cache."""
FEW = 24
"""So few values are put in order one by one."""
GOLDEN = 0.6180339887498949
"""Steps of this part of a whole fall on all rows and columns of a box alike."""


@jit
def between(low: float, high: float, index: float) -> float:
    """Return the percentile at a fractional index from its two neighbours in sorted order."""
    weight = index - math.floor(index)
    return (1.0 - weight) * low + weight * high


@jit
def ordered_quartiles(ordered: NDArray[np.float32], n: int) -> tuple[float, float, float]:
    """Return the quartiles of ``n`` values that are in order."""
    result = np.empty(3)
    for q in range(3):
        index = 0.25 * (q + 1) * (n - 1)
        low = int(index)
        high = min(low + 1, n - 1)
        result[q] = between(np.float64(ordered[low]), np.float64(ordered[high]), index)
    return result[0], result[1], result[2]


@jit
def put_in_order(values: NDArray[np.float32]) -> None:
    """Sort a few values where they are."""
    for i in range(1, values.size):
        value = values[i]
        j = i
        while j > 0 and values[j - 1] > value:
            values[j] = values[j - 1]
            j -= 1
        values[j] = value


@jit
def pair_at(
    values: NDArray[np.float32], place: int, counts: NDArray[np.int32]
) -> tuple[np.float32, np.float32]:
    """Return the values at a place and after it in sorted order, the last one for what is beyond.

    Parameters
    ----------
    values : float32 [m]
        At least one, none NaN; changed.
    place : int
        0 to m - 1.
    counts : int32 [MAX_CELLS]
        Scratch.

    Notes
    -----
    Each pass counts in cells of equal steps of the bit pattern, which rises with the value: four
    passes tell any 32 bits apart, whatever the values are.
    """
    m = values.size
    keys = values.view(np.int32)
    beyond = np.float32(np.inf)
    while m > FEW:
        least, most = np.int64(keys[0]), np.int64(keys[0])
        least = most = least ^ ((least >> 31) & 0x7FFFFFFF)
        for i in range(m):
            key = np.int64(keys[i])
            key ^= (key >> 31) & 0x7FFFFFFF
            least = min(least, key)
            most = max(most, key)
        if least == most:
            break
        n_cells = 64
        while n_cells < MAX_CELLS and n_cells < m:
            n_cells *= 2
        shift = 0
        while (most - least) >> shift >= n_cells:
            shift += 1
        counts[:n_cells] = 0
        for i in range(m):
            key = np.int64(keys[i])
            key ^= (key >> 31) & 0x7FFFFFFF
            counts[(key - least) >> shift] += 1
        cell, passed = 0, 0
        while passed + counts[cell] <= place:
            passed += counts[cell]
            cell += 1
        kept = 0
        for i in range(m):
            value = values[i]
            key = np.int64(keys[i])
            key ^= (key >> 31) & 0x7FFFFFFF
            where = (key - least) >> shift
            values[kept] = value
            kept += where == cell
            beyond = value if where > cell and value < beyond else beyond
        m = kept
        place -= passed
    if m <= FEW:
        put_in_order(values[:m])
    low = values[place]
    high = values[place + 1] if place + 1 < m else beyond
    return low, high if high <= FLOAT32_MAX else low


@jit
def sampled_range(values: NDArray[np.float32], n: int) -> tuple[float, float]:
    """Return a guess of median and interquartile range from some 64 of the ``n`` good values.

    The steps are by the golden ratio: whole steps through a box may all hit the same column.
    """
    sample = np.empty(64, np.float32)
    m = 0
    where = 0.5
    for _ in range(96):
        value = values[int(where * values.size)]
        if m < 64 and value <= FLOAT32_MAX:
            sample[m] = value
            m += 1
        where += GOLDEN
        if where >= 1.0:
            where -= 1.0
    if m < 16:
        return 0.0, -1.0
    put_in_order(sample[:m])
    return (
        np.float64(sample[m // 2]),
        np.float64(sample[(3 * m) // 4]) - np.float64(sample[m // 4]),
    )


@jit
def cells_about(
    values: NDArray[np.float32],
    n_cells: int,
    centre: float,
    quartile_range: float,
    cells: NDArray[np.uint16],
) -> None:
    """Fill each value's cell: equal cells two quartile ranges to either side of a centre.

    Cell 0 and the last take what lies outside.
    """
    low = np.float32(centre - 2.0 * quartile_range)
    per_cell = np.float32((n_cells - 2) / (4.0 * quartile_range))
    top = np.float32(n_cells - 1)
    zero = np.float32(0.0)
    one = np.float32(1.0)
    for i in range(values.size):
        position = (values[i] - low) * per_cell + one
        position = position if position < top else top
        position = position if position > zero else zero
        cells[i] = np.uint16(np.int32(position))


@jit
def cells_by_bits(values: NDArray[np.float32], n_cells: int, cells: NDArray[np.uint16]) -> None:
    """Fill each value's cell: equal steps of the bit pattern from the least good value to the most.

    It needs no guess. The last cell takes the values that are not good.
    """
    keys = values.view(np.int32)
    least, most = np.int64(0x7FFFFFFF), np.int64(-0x7FFFFFFF)
    for i in range(values.size):
        key = np.int64(keys[i])
        key ^= (key >> 31) & 0x7FFFFFFF
        least = min(least, key)
        most = max(most, key if values[i] <= FLOAT32_MAX else np.int64(-0x7FFFFFFF))
    shift = 0
    while (most - least) >> shift >= n_cells - 1:
        shift += 1
    for i in range(values.size):
        key = np.int64(keys[i])
        key ^= (key >> 31) & 0x7FFFFFFF
        cell = (key - least) >> shift
        cells[i] = np.uint16(cell if cell < n_cells - 1 else n_cells - 1)


@jit
def count_cells(cells: NDArray[np.uint16], counts: NDArray[np.int32]) -> None:
    """Fill the first of four histograms with how many values each cell has.

    Values alike come one after the other: four histograms in turns need not wait for each other.
    """
    counts[:] = 0
    quarter = cells.size // 4
    for i in range(quarter):
        counts[0, cells[4 * i]] += 1
        counts[1, cells[4 * i + 1]] += 1
        counts[2, cells[4 * i + 2]] += 1
        counts[3, cells[4 * i + 3]] += 1
    for i in range(4 * quarter, cells.size):
        counts[0, cells[i]] += 1
    for c in range(counts.shape[1]):
        counts[0, c] += counts[1, c] + counts[2, c] + counts[3, c]


@jit
def append_flagged(
    flags: NDArray[np.uint8],
    size: int,
    start: int,
    most: int,
    places: NDArray[np.int32],
    m: int,
) -> int:
    """Append to the first ``m`` places where a flag is 1, counted from ``start``; return how many.

    Without a choice at each flag, whose outcome no processor foresees; or, where ``most`` of all
    that are looked at are few, with one at eight of them.
    """
    where = np.uint64(m)  # an index that may be negative would be looked at twice
    if most * 64 < places.size:
        words = flags.view(np.uint64)
        flags[size : (size + 7) // 8 * 8] = 0
        for word in range((size + 7) // 8):
            if words[word] != 0:
                for i in range(8 * word, 8 * word + 8):
                    places[where] = start + i
                    where += np.uint64(flags[i])
    else:
        for i in range(size):
            places[where] = start + i
            where += np.uint64(flags[i])
    return np.int64(where)  # type: ignore[return-value]  # int() leaves it without a sign


@jit
def collect(
    cells: NDArray[np.uint16],
    ranges: NDArray[np.uint16],
    most: int,
    flags: NDArray[np.uint8],
    places: NDArray[np.int32],
) -> int:
    """Fill the places of ``most`` values in one of three ranges of cells; return how many."""
    a, b, c = ranges[0], ranges[2], ranges[4]
    to_a, to_b, to_c = ranges[1] - a, ranges[3] - b, ranges[5] - c
    a_end, b_end, c_end = np.uint16(to_a), np.uint16(to_b), np.uint16(to_c)
    m = 0 * cells.size  # a plain 0 is a type of its own: what takes it is compiled twice
    for start in range(0, cells.size, CHUNK):
        part = cells[start : min(start + CHUNK, cells.size)]
        for i in range(part.size):
            cell = part[i]
            flags[i] = (
                (np.uint16(cell - a) <= a_end)
                | (np.uint16(cell - b) <= b_end)
                | (np.uint16(cell - c) <= c_end)
            )
        m = append_flagged(flags, part.size, start, most, places, m)
    return m


@jit
def quartiles(
    values: NDArray[np.float32],
    n: int,
    guess_centre: float,
    guess_range: float,
    cells: NDArray[np.uint16],
    counts: NDArray[np.int32],
    flags: NDArray[np.uint8],
    places: NDArray[np.int32],
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
    counts : int32 [4, MAX_CELLS]
        Scratch.
    flags : uint8 [CHUNK]
        Scratch.
    places : int32 [m + 8]
        Scratch.
    """
    if not guess_range > 0.0:
        guess_centre, guess_range = sampled_range(values, n)
    n_cells = 64
    while n_cells < MAX_CELLS and n_cells * 8 < n:
        n_cells *= 2
    ranges = np.zeros(6, np.uint16)
    before = np.zeros(3, np.int64)
    by_guess = guess_range > 0.0
    while True:
        if by_guess:
            cells_about(values, n_cells, guess_centre, guess_range, cells)
        else:
            cells_by_bits(values, n_cells, cells)
        count_cells(cells, counts[:, :n_cells])
        cell, passed, total = 0, 0, 0 * n
        for q in range(3):
            rank = int(0.25 * (q + 1) * (n - 1))
            while passed + counts[0, cell] <= rank:
                passed += counts[0, cell]
                cell += 1
            upper = min(rank + 1, n - 1)
            reach_cell, reach = cell, passed + counts[0, cell]
            while reach <= upper:
                reach_cell += 1
                reach += counts[0, reach_cell]
            ranges[2 * q], ranges[2 * q + 1] = cell, reach_cell
            before[q] = passed
            total += reach - passed
        if not by_guess or (ranges[0] > 0 and ranges[5] < n_cells - 1):
            break
        by_guess = False

    total = collect(cells, ranges, total, flags, places)
    result = np.empty(3)
    candidates = np.empty(total + 1, np.float32)
    for q in range(3):
        m = 0
        first, last = ranges[2 * q], ranges[2 * q + 1]
        for k in range(total):
            cell = cells[places[k]]
            candidates[m] = values[places[k]]
            m += (cell >= first) & (cell <= last)
        index = 0.25 * (q + 1) * (n - 1)
        low, high = pair_at(candidates[:m], int(index) - before[q], counts[1])
        result[q] = between(np.float64(low), np.float64(high), index)
    return result[0], result[1], result[2]
