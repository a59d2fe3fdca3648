"""The compiled loops over pixels; nothing else in the project is compiled.

All kernels release the GIL, write only to their last arguments and are kept compiled on disk.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MEAN, MEDIAN, MEANCLIP = 0, 1, 2
STATISTIC_CODES = {"MEAN": MEAN, "MEDIAN": MEDIAN, "MEANCLIP": MEANCLIP}

IQR_TO_STDEV = 0.741301109252802
"""Standard deviation of a Gaussian with an interquartile range of 1."""

FLOAT32_MAX = np.float32(3.4028234663852886e38)
INFINITE = np.float32(np.inf)
LIMITLESS = 1.7976931348623157e308
SORT_BELOW = 192
"""Sets smaller than this are sorted; a histogram would cost more."""
MAX_CELLS = 2048

_jit = numba.njit(nogil=True, cache=True)
# Sums may be reordered so that they run in vector registers; NaN and infinities keep their meaning.
_jit_sums = numba.njit(nogil=True, cache=True, fastmath={"reassoc"})


@_jit
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


@_jit_sums
def moments(
    values: NDArray[np.float32], centre: float, half_width: float
) -> tuple[int, float, float]:
    """Return number, mean and unbiased variance of the values with |v - centre| <= half width.

    Sums are taken about the centre, so that values near 1e6 with a sigma of 3 keep their digits.
    """
    count = 0
    first = 0.0
    second = 0.0
    for i in range(values.size):
        d = np.float64(values[i]) - centre
        inside = bool(abs(d) <= half_width)
        count += inside
        first += d if inside else 0.0
        second += d * d if inside else 0.0
    if count == 0:
        return 0, math.nan, math.nan
    mean = first / count
    if count == 1:
        return 1, centre + mean, math.nan
    return count, centre + mean, (second - first * mean) / (count - 1)


@_jit
def accurate_moments(
    values: NDArray[np.float32], centre: float, half_width: float
) -> tuple[int, float, float]:
    """Return `moments`, refined where the centre is so far off that digits cancel.

    Without it a set of equal values could get a mean one rounding beside them and a half width of
    0, and lose all of them in the next pass.
    """
    count, mean, variance = moments(values, centre, half_width)
    if count < 2:
        return count, mean, variance
    offset = mean - centre
    if variance > 1e-4 * offset * offset:
        return count, mean, variance
    first = 0.0
    second = 0.0
    for i in range(values.size):
        if abs(np.float64(values[i]) - centre) <= half_width:
            d = np.float64(values[i]) - mean
            first += d
            second += d * d
    return count, mean + first / count, max(second - first * first / count, 0.0) / (count - 1)


@_jit
def _between(low: float, high: float, index: float) -> float:
    """Return the percentile at a fractional index from its two neighbours in sorted order."""
    weight = index - math.floor(index)
    return (1.0 - weight) * low + weight * high


@_jit
def _sorted_quartiles(values: NDArray[np.float32], n: int) -> tuple[float, float, float]:
    ordered = np.sort(values)
    result = np.empty(3)
    for q in range(3):
        index = 0.25 * (q + 1) * (n - 1)
        low = int(index)
        high = min(low + 1, n - 1)
        result[q] = _between(np.float64(ordered[low]), np.float64(ordered[high]), index)
    return result[0], result[1], result[2]


@_jit
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


@_jit
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
        return _sorted_quartiles(values, n)
    if not guess_range > 0.0:
        guess_centre, guess_range = _sampled_range(values, n)
    if not guess_range > 0.0:
        return _sorted_quartiles(values, n)
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
        return _sorted_quartiles(values, n)

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
        result[q] = _between(np.float64(ordered[position]), np.float64(ordered[upper]), index)
    return result[0], result[1], result[2]


@_jit
def clip_passes(
    values: NDArray[np.float32], n: int, median: float, iqr: float, clip: float, n_iter: int
) -> tuple[int, float, float, float, float]:
    """Clip ``n_iter`` times.

    Returns number, mean and variance of what the last pass used, then its centre and half width.
    """
    centre, mean, variance = median, median, math.nan
    next_half_width = clip * IQR_TO_STDEV * iqr
    half_width = next_half_width
    count = 0
    for _ in range(n_iter):
        centre, half_width = mean, next_half_width
        count, mean, variance = accurate_moments(values, centre, half_width)
        if n > 1:
            next_half_width = clip * math.sqrt(variance if not variance < 0.0 else 0.0)
    return count, mean, variance, centre, half_width


@_jit
def average_cells(
    stack: NDArray[np.float32],
    clip: float,
    n_iter: int,
    value: NDArray[np.float64],
    variance: NDArray[np.float64],
    clipped: NDArray[np.bool_],
) -> None:
    """Fill the clipped mean over the exposures of each cell.

    Parameters
    ----------
    stack : float32 [cells, n]
        The grids' values, +inf where there is none.
    clip, n_iter
        Of MEANCLIP.
    value, variance : float64 [cells]
        Filled with the mean and its squared error.
    clipped : bool [cells, n]
        Filled: which values the last pass left out.
    """
    for cell in range(stack.shape[0]):
        values = stack[cell]
        n = 0
        for i in range(values.size):
            n += values[i] <= FLOAT32_MAX
        value[cell] = math.nan
        variance[cell] = math.nan
        if n == 0:
            continue
        q25, median, q75 = _sorted_quartiles(values, n)
        count, mean, spread, centre, half_width = clip_passes(
            values, n, median, q75 - q25, clip, n_iter
        )
        value[cell] = mean
        if count > 0:
            variance[cell] = spread / count
        for i in range(values.size):
            inside = abs(np.float64(values[i]) - centre) <= half_width
            clipped[cell, i] = values[i] <= FLOAT32_MAX and not inside


@_jit
def statistic_of(
    values: NDArray[np.float32],
    n: int,
    statistic: int,
    clip: float,
    n_iter: int,
    guess_centre: float,
    guess_range: float,
    cells: NDArray[np.uint16],
) -> tuple[float, float, int, float, float]:
    """Return value, error and number of used values of a set, and its median and quartile range.

    ``values`` holds the ``n`` good values, and +inf for the others; see engine.statistics for the
    definitions.
    """
    if n == 0:
        return math.nan, math.nan, 0, math.nan, -1.0
    if statistic == MEAN:
        first = 0
        while values[first] > FLOAT32_MAX:
            first += 1
        count, mean, variance = accurate_moments(values, np.float64(values[first]), LIMITLESS)
        return mean, math.sqrt(variance / count), count, math.nan, -1.0
    q25, median, q75 = quartiles(values, n, guess_centre, guess_range, cells)
    if statistic == MEDIAN:
        count, mean, variance = accurate_moments(values, median, LIMITLESS)
        return median, math.sqrt(0.5 * math.pi * variance / n), n, median, q75 - q25
    count, mean, variance, _, _ = clip_passes(values, n, median, q75 - q25, clip, n_iter)
    if count == 0 or math.isnan(mean):  # no pass at all gives NaN too, as in the original
        return math.nan, math.nan, 0, median, q75 - q25
    return mean, math.sqrt(variance / count), count, median, q75 - q25


@_jit
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


@_jit
def evaluate_pieces(
    first_pixel: NDArray[np.int64],
    starts: NDArray[np.float64],
    coefficients: NDArray[np.float64],
    x0: int,
    out: NDArray[Any],
) -> None:
    """Evaluate piecewise cubics at the pixels x0, x0 + 1, ...

    Parameters
    ----------
    first_pixel : int64 [P + 1]
        Piece p covers the pixels ``first_pixel[p] <= x < first_pixel[p + 1]``.
    starts : float64 [P]
        Where each piece's variable is 0.
    coefficients : float64 [curves, P, 4]
        Constant, linear, quadratic and cubic coefficient.
    x0 : int
        The first pixel.
    out : float32 or float64 [curves, width]
        Filled.
    """
    stop = x0 + out.shape[1]
    for curve in range(out.shape[0]):
        line = out[curve]
        for p in range(starts.size):
            low = max(first_pixel[p], x0)
            high = min(first_pixel[p + 1], stop)
            start = starts[p]
            c0, c1, c2, c3 = (
                coefficients[curve, p, 0],
                coefficients[curve, p, 1],
                coefficients[curve, p, 2],
                coefficients[curve, p, 3],
            )
            for x in range(low, high):
                t = np.float64(x) - start
                line[x - x0] = c0 + t * (c1 + t * (c2 + t * c3))


@_jit
def subtract_scaled(
    image: NDArray[np.float32],
    sky: NDArray[np.float32],
    scale: np.float32,
    out: NDArray[np.float32],
) -> None:
    """Fill ``out`` with ``image - float32(scale * sky)``, rounded twice as the original does."""
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            out[y, x] = image[y, x] - scale * sky[y, x]
