"""The quartiles of a set of pixels, exactly, by counting instead of sorting."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.kernels.compiled import part
from skyframe_gui.engine.kernels.packing import pack
from skyframe_gui.engine.kernels.vectors import bits_of, float_of

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


@part
def between(low: float, high: float, index: float) -> float:
    """Return the percentile at a fractional index from its two neighbours in sorted order."""
    weight = index - math.floor(index)
    return (1.0 - weight) * low + weight * high


@part
def ordered_quartiles(ordered: NDArray[np.float32]) -> tuple[float, float, float]:
    """Return the quartiles of values that are in order."""
    n = ordered.size
    q25 = q50 = q75 = 0.0
    for q in range(1, 4):
        index = 0.25 * q * (n - 1)
        low = int(index)
        high = low + 1 if low + 1 < n else low
        value = between(np.float64(ordered[low]), np.float64(ordered[high]), index)
        q25, q50, q75 = q50, q75, value
    return q25, q50, q75


@part
def put_in_order(values: NDArray[np.float32]) -> None:
    """Sort a few values where they are."""
    for i in range(1, values.size):
        value = values[i]
        j = i
        while j > 0 and values[j - 1] > value:
            values[j] = values[j - 1]
            j -= 1
        values[j] = value


@part
def rising(value: np.float32) -> np.int64:
    """Return the bit pattern of a float as a number that rises with it."""
    key = np.int64(bits_of(value))
    return key ^ ((key >> 31) & 0x7FFFFFFF)


@part
def risen(key: np.int64) -> np.float32:
    """Return the float that `rising` makes a number of."""
    return float_of(np.int32(key ^ ((key >> 31) & 0x7FFFFFFF)))


@part
def bit_scheme(values: NDArray[np.float32], n_cells: int) -> tuple[np.int64, np.int64]:
    """Return the least bit pattern, and the shift that leaves ``n_cells`` or fewer steps of them.

    The shift is -1 where all values are one.
    """
    least, most = np.int64(0x7FFFFFFF), np.int64(-0x80000000)
    for i in range(values.size):
        key = rising(values[i])
        least = key if key < least else least
        most = key if key > most else most
    if least == most:
        return least, np.int64(-1)
    shift = np.int64(0)
    while (most - least) >> shift >= n_cells:
        shift += 1
    return least, shift


@part
def fill_cells(
    values: NDArray[np.float32],
    n_cells: int,
    low: np.float32,
    per_cell: np.float32,
    least: np.int64,
    shift: np.int64,
    cells: NDArray[np.uint16],
) -> None:
    """Fill each value's cell: equal steps of the value, or of its bit pattern.

    By the value from ``low`` on, cell 0 and the last take what lies outside; where ``per_cell`` is
    0, by the bit pattern from ``least`` on, in steps of two to the power of ``shift``.
    """
    if per_cell > np.float32(0.0):
        top = np.float32(n_cells - 1)
        zero = np.float32(0.0)
        one = np.float32(1.0)
        for i in range(values.size):
            position = (values[i] - low) * per_cell + one
            position = position if position < top else top
            position = position if position > zero else zero
            cells[i] = np.uint16(np.int32(position))
    else:
        for i in range(values.size):
            cells[i] = np.uint16((rising(values[i]) - least) >> shift)


@part
def count(
    values: NDArray[np.float32],
    n_cells: int,
    low: np.float32,
    per_cell: np.float32,
    least: np.int64,
    shift: np.int64,
    cells: NDArray[np.uint16],
    counts: NDArray[np.int32],
) -> None:
    """Fill the first of four histograms with how many values each cell has; see `fill_cells`.

    Values alike come one after the other: four histograms in turns need not wait for each other.
    """
    one, two, three, four = counts[0], counts[1], counts[2], counts[3]
    for c in range(n_cells):
        one[c] = two[c] = three[c] = four[c] = 0
    for start in range(0, values.size, CHUNK):
        chunk = values[start : start + CHUNK]
        fill_cells(chunk, n_cells, low, per_cell, least, shift, cells)
        quarter = chunk.size // 4
        for i in range(quarter):
            one[cells[4 * i]] += 1
            two[cells[4 * i + 1]] += 1
            three[cells[4 * i + 2]] += 1
            four[cells[4 * i + 3]] += 1
        for i in range(4 * quarter, chunk.size):
            one[cells[i]] += 1
    for c in range(n_cells):
        one[c] += two[c] + three[c] + four[c]


@part
def collect(
    values: NDArray[np.float32],
    n_cells: int,
    low: np.float32,
    per_cell: np.float32,
    least: np.int64,
    shift: np.int64,
    ranges: NDArray[np.uint16],
    cells: NDArray[np.uint16],
    flags: NDArray[np.uint8],
    out: NDArray[np.float32],
) -> int:
    """Put the values in one of three ranges of cells one after the other; return how many.

    See `fill_cells`. ``out`` may be ``values``.
    """
    a, b, c = ranges[0], ranges[2], ranges[4]
    to_a, to_b, to_c = np.uint16(ranges[1] - a), np.uint16(ranges[3] - b), np.uint16(ranges[5] - c)
    m = 0 * values.size  # a plain 0 is a type of its own: what takes it is compiled twice
    for start in range(0, values.size, CHUNK):
        chunk = values[start : start + CHUNK]
        fill_cells(chunk, n_cells, low, per_cell, least, shift, cells)
        for i in range(chunk.size):
            cell = cells[i]
            flags[i] = (
                (np.uint16(cell - a) <= to_a)
                | (np.uint16(cell - b) <= to_b)
                | (np.uint16(cell - c) <= to_c)
            )
        m = pack(chunk, flags, out, m)
    return m


@part
def pair_at(
    values: NDArray[np.float32],
    place: int,
    cells: NDArray[np.uint16],
    counts: NDArray[np.int32],
    flags: NDArray[np.uint8],
) -> tuple[np.float32, np.float32]:
    """Return the values at a place and after it in sorted order, the last one for what is beyond.

    Parameters
    ----------
    values : float32 [m]
        At least one, none NaN; changed.
    place : int
        0 to m - 1.
    cells, counts, flags
        Scratch, see `quartiles`.

    Notes
    -----
    Each pass counts in cells of equal steps of the bit pattern, which rises with the value: four
    passes tell any 32 bits apart, whatever the values are.
    """
    m = values.size
    ranges = np.empty(6, np.uint16)
    none = np.float32(0.0)
    while m > FEW:
        some = values[:m]
        n_cells = 64
        while n_cells < MAX_CELLS and n_cells * 4 < m:
            n_cells *= 2
        least, shift = bit_scheme(some, n_cells)
        if shift < 0:
            return some[0], some[0]
        count(some, n_cells, none, none, least, shift, cells, counts)
        cell, passed = 0, 0
        while passed + counts[0, cell] <= place:
            passed += counts[0, cell]
            cell += 1
        after = cell
        while passed + counts[0, cell] == place + 1 < m and (after == cell or not counts[0, after]):
            after += 1
        if after > cell:
            last, next_one = np.int64(-0x80000000), np.int64(0x7FFFFFFF)
            for i in range(m):
                key = rising(some[i])
                where = (key - least) >> shift
                last = key if (where == cell) & (key > last) else last
                next_one = key if (where == after) & (key < next_one) else next_one
            return risen(last), risen(next_one)
        for k in range(6):
            ranges[k] = cell
        m = collect(some, n_cells, none, none, least, shift, ranges, cells, flags, some)
        place -= passed
    put_in_order(values[:m])
    return values[place], values[place + 1 if place + 1 < m else place]


@part
def take_sample(values: NDArray[np.float32], sample: NDArray[np.float32]) -> None:
    """Fill a sample with values from all over.

    The steps are by the golden ratio: whole steps through a box may all hit the same column.
    """
    where = 0.5
    for i in range(sample.size):
        sample[i] = values[int(where * values.size)]
        where += GOLDEN
        if where >= 1.0:
            where -= 1.0


@part
def sampled_range(values: NDArray[np.float32]) -> tuple[float, float]:
    """Return a guess of median and interquartile range from 64 of the values."""
    sample = np.empty(64, np.float32)
    take_sample(values, sample)
    put_in_order(sample)
    return np.float64(sample[32]), np.float64(sample[48]) - np.float64(sample[16])


@part
def quartiles(
    values: NDArray[np.float32],
    guess_centre: float,
    guess_range: float,
    cells: NDArray[np.uint16],
    counts: NDArray[np.int32],
    flags: NDArray[np.uint8],
    near: NDArray[np.float32],
    own: NDArray[np.float32],
) -> tuple[float, float, float]:
    """Return the quartiles of some values exactly, by counting instead of sorting.

    Parameters
    ----------
    values : float32 [n]
        At least one, all finite.
    guess_centre, guess_range : float
        What the median and the interquartile range may be; a negative range: not known. A wrong
        guess costs time only.
    cells, flags : uint16, uint8 [CHUNK]
        Scratch.
    counts : int32 [4, MAX_CELLS]
        Scratch.
    near, own : float32 [n + LANES]
        Scratch.
    """
    n = values.size
    n_cells = 64
    while n_cells < MAX_CELLS and n_cells * 8 < n:
        n_cells *= 2
    ranges = np.empty(6, np.uint16)
    before = np.empty(3, np.int64)
    low, per_cell = np.float32(0.0), np.float32(0.0)
    least, shift = np.int64(0), np.int64(0)
    sampled = by_bits = False
    while True:
        # Equal cells two quartile ranges to either side of the guess; at last by the bits.
        if not guess_range > 0.0 and not sampled:
            sampled = True
            guess_centre, guess_range = sampled_range(values)
        if guess_range > 0.0:
            low = np.float32(guess_centre - 2.0 * guess_range)
            per_cell = np.float32((n_cells - 2) / (4.0 * guess_range))
        else:
            by_bits, per_cell = True, np.float32(0.0)
            least, shift = bit_scheme(values, n_cells)
            if shift < 0:
                only = np.float64(values[0])
                return only, only, only
        count(values, n_cells, low, per_cell, least, shift, cells, counts)
        cell, passed, total = 0, 0, 0 * n
        for q in range(3):
            rank = int(0.25 * (q + 1) * (n - 1))
            while passed + counts[0, cell] <= rank:
                passed += counts[0, cell]
                cell += 1
            upper = rank + 1 if rank + 1 < n else rank
            reach_cell, reach = cell, passed + counts[0, cell]
            while reach <= upper:
                reach_cell += 1
                reach += counts[0, reach_cell]
            ranges[2 * q], ranges[2 * q + 1] = cell, reach_cell
            before[q] = passed
            total += reach - passed
        inside = ranges[0] > 0 and ranges[5] < n_cells - 1
        if by_bits or (inside and (sampled or ranges[0] < ranges[4])):
            break
        guess_range = -1.0

    some = values
    if total * 2 < n:
        m = collect(values, n_cells, low, per_cell, least, shift, ranges, cells, flags, near)
        some = near[:m]
    one = np.empty(6, np.uint16)
    q25 = q50 = q75 = 0.0
    for q in range(3):
        for k in range(3):
            one[2 * k], one[2 * k + 1] = ranges[2 * q], ranges[2 * q + 1]
        k = collect(some, n_cells, low, per_cell, least, shift, one, cells, flags, own)
        index = 0.25 * (q + 1) * (n - 1)
        below, above = pair_at(own[:k], int(index) - before[q], cells, counts, flags)
        value = between(np.float64(below), np.float64(above), index)
        q25, q50, q75 = q50, q75, value
    return q25, q50, q75
