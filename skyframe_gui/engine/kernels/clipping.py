"""Moments of a set of pixels, and its clipped mean."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.kernels.compiled import FLOAT32_MAX, jit, jit_sums
from skyframe_gui.engine.kernels.quartiles import (
    CHUNK,
    append_flagged,
    between,
    ordered_quartiles,
    quartiles,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray


MEAN, MEDIAN, MEANCLIP = 0, 1, 2
STATISTIC_CODES = {"MEAN": MEAN, "MEDIAN": MEDIAN, "MEANCLIP": MEANCLIP}

IQR_TO_STDEV = 0.741301109252802
"""Standard deviation of a Gaussian with an interquartile range of 1."""
CORE = 0.75
"""Part of the first clip's half width that the later ones keep, unless outliers are many."""
LIMITLESS = 1.7976931348623157e308


@jit
def of_sums(number: float, first: float, second: float, centre: float) -> tuple[int, float, float]:
    """Return number, mean and unbiased variance from sums about a centre."""
    if number == 0.0:
        return 0, math.nan, math.nan
    mean = first / number
    if number == 1.0:
        return 1, centre + mean, math.nan
    return int(number), centre + mean, (second - first * mean) / (number - 1.0)


@jit_sums
def moments(
    values: NDArray[np.float32], centre: float, half_width: float
) -> tuple[int, float, float]:
    """Return number, mean and unbiased variance of the values with |v - centre| <= half width.

    Sums are taken about the centre, so that values near 1e6 with a sigma of 3 keep their digits.
    """
    number, first, second = 0.0, 0.0, 0.0
    for i in range(values.size):
        wide = np.float64(values[i]) - centre
        inside = abs(wide) <= half_width
        d = wide if inside else 0.0
        number += 1.0 if inside else 0.0
        first += d
        second += d * d
    return of_sums(number, first, second, centre)


@jit
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


@jit
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
        centre, half_width, before = mean, next_half_width, count
        count, mean, variance = accurate_moments(values, centre, half_width)
        if n > 1:
            next_half_width = clip * math.sqrt(variance if not variance < 0.0 else 0.0)
        # Every further pass would find the same pixels again, to within the last digit of a mean.
        if count == 0 or (count == before and abs(mean - centre) <= 1e-13 * half_width):
            break
    return count, mean, variance, centre, half_width


@jit
def set_tails_apart(
    values: NDArray[np.float32],
    low: np.float32,
    high: np.float32,
    flags: NDArray[np.uint8],
    places: NDArray[np.int32],
) -> int:
    """Fill the places of the good values below ``low`` and above ``high``; return how many."""
    m = 0 * values.size
    for start in range(0, values.size, CHUNK):
        part = values[start : min(start + CHUNK, values.size)]
        for i in range(part.size):
            flags[i] = (part[i] < low) | ((part[i] > high) & (part[i] <= FLOAT32_MAX))
        m = append_flagged(flags, part.size, start, values.size, places, m)
    return m


@jit_sums
def sums_between(
    values: NDArray[np.float32], low: np.float32, high: np.float32, centre: float
) -> tuple[float, float, float]:
    """Return number, sum and sum of squares about a centre of the values from low to high."""
    number, first, second = 0.0, 0.0, 0.0
    for i in range(values.size):
        inside = (values[i] >= low) & (values[i] <= high)
        d = np.float64(values[i]) - centre if inside else 0.0
        number += 1.0 if inside else 0.0
        first += d
        second += d * d
    return number, first, second


@jit_sums
def sums_within(
    values: NDArray[np.float32], about: float, centre: float, half_width: float
) -> tuple[float, float, float]:
    """Return number, sum and sum of squares about a value of those within a half width."""
    number, first, second = 0.0, 0.0, 0.0
    for i in range(values.size):
        wide = np.float64(values[i])
        inside = abs(wide - centre) <= half_width
        d = wide - about if inside else 0.0
        number += 1.0 if inside else 0.0
        first += d
        second += d * d
    return number, first, second


@jit
def clip_tails(
    values: NDArray[np.float32],
    n: int,
    median: float,
    iqr: float,
    clip: float,
    n_iter: int,
    flags: NDArray[np.uint8],
    places: NDArray[np.int32],
) -> tuple[int, float, float]:
    """Return number, mean and variance as `clip_passes`, with one look at most of the values.

    What lies in the inner three quarters of the first pass is summed once; every pass looks at the
    tails alone, as long as it keeps all of the inner part.
    """
    half_width = clip * IQR_TO_STDEV * iqr
    inner = CORE * half_width
    low, high = np.float32(median - inner), min(np.float32(median + inner), FLOAT32_MAX)
    core = sums_between(values, low, high, median)
    m = set_tails_apart(values, low, high, flags, places)
    beyond = np.empty(m, np.float32)
    for k in range(m):
        beyond[k] = values[places[k]]
    count, mean, variance = 0, median, math.nan
    for _ in range(n_iter):
        centre, before = mean, count
        if low - centre >= -half_width and high - centre <= half_width:
            more = sums_within(beyond, median, centre, half_width)
            count, mean, variance = of_sums(
                core[0] + more[0], core[1] + more[1], core[2] + more[2], median
            )
            offset = mean - median
            if count > 1 and not variance > 1e-4 * offset * offset:
                count, mean, variance = accurate_moments(values, centre, half_width)
        else:
            count, mean, variance = accurate_moments(values, centre, half_width)
        if n > 1:
            half_width = clip * math.sqrt(variance if not variance < 0.0 else 0.0)
        if count == 0 or (count == before and abs(mean - centre) <= 1e-13 * half_width):
            break
    return count, mean, variance


@jit
def clip_ordered(
    ordered: NDArray[np.float32], n: int, median: float, iqr: float, clip: float, n_iter: int
) -> tuple[int, float, float]:
    """Return number, mean and variance as `clip_passes`, of ``n`` values that are in order."""
    half_width = clip * IQR_TO_STDEV * iqr
    centre, variance = median, math.nan
    count = 0
    low, high = 0, n
    for number in range(n_iter):
        first, last = low, high
        while first > 0 and abs(ordered[first - 1] - centre) <= half_width:
            first -= 1
        while first < n and not ordered[first] - centre >= -half_width:
            first += 1
        while last < n and abs(ordered[last] - centre) <= half_width:
            last += 1
        while last > first and not ordered[last - 1] - centre <= half_width:
            last -= 1
        if number > 0 and first == low and last == high:
            break
        low, high = first, last
        count, mean, variance = accurate_moments(ordered[low:high], centre, LIMITLESS)
        if count == 0:
            return 0, math.nan, math.nan
        centre = mean
        if n > 1:
            half_width = clip * math.sqrt(variance if not variance < 0.0 else 0.0)
    return count, centre, variance


@jit
def statistic_of_ordered(
    ordered: NDArray[np.float32], n: int, statistic: int, clip: float, n_iter: int
) -> tuple[float, float, int]:
    """Return value, error and number of used values of ``n`` values that are in order."""
    if n == 0:
        return math.nan, math.nan, 0
    q25, median, q75 = ordered_quartiles(ordered, n)
    if statistic == MEDIAN:
        _, _, variance = accurate_moments(ordered[:n], median, LIMITLESS)
        return median, math.sqrt(0.5 * math.pi * variance / n), n
    count, mean, variance = clip_ordered(ordered, n, median, q75 - q25, clip, n_iter)
    if count == 0:
        return math.nan, math.nan, 0
    return mean, math.sqrt(variance / count), count


@jit
def statistic_of(
    values: NDArray[np.float32],
    n: int,
    statistic: int,
    clip: float,
    n_iter: int,
    guess_centre: float,
    guess_range: float,
    cells: NDArray[np.uint16],
    counts: NDArray[np.int32],
    flags: NDArray[np.uint8],
    places: NDArray[np.int32],
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
    q25, median, q75 = quartiles(values, n, guess_centre, guess_range, cells, counts, flags, places)
    if statistic == MEDIAN:
        count, mean, variance = accurate_moments(values, median, LIMITLESS)
        return median, math.sqrt(0.5 * math.pi * variance / n), n, median, q75 - q25
    count, mean, variance = clip_tails(values, n, median, q75 - q25, clip, n_iter, flags, places)
    if count == 0 or math.isnan(mean):  # no pass at all gives NaN too, as in the original
        return math.nan, math.nan, 0, median, q75 - q25
    return mean, math.sqrt(variance / count), count, median, q75 - q25


@jit
def average_cells(
    stack: NDArray[np.float32],
    ordered: NDArray[np.float32],
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
    ordered : float32 [cells, n]
        Those of each cell in order.
    clip, n_iter
        Of MEANCLIP.
    value, variance : float64 [cells]
        Filled with the mean and its squared error.
    clipped : bool [cells, n]
        Filled: which values the last pass left out.
    """
    for cell in range(stack.shape[0]):
        values = stack[cell]
        n = 0 * values.size
        for i in range(values.size):
            n += values[i] <= FLOAT32_MAX
        value[cell] = math.nan
        variance[cell] = math.nan
        if n == 0:
            continue
        q25, median, q75 = ordered_quartiles(ordered[cell], n)
        count, mean, spread, centre, half_width = clip_passes(
            values, n, median, q75 - q25, clip, n_iter
        )
        value[cell] = mean
        if count > 0:
            variance[cell] = spread / count
        for i in range(values.size):
            inside = abs(np.float64(values[i]) - centre) <= half_width
            clipped[cell, i] = values[i] <= FLOAT32_MAX and not inside


@jit
def clip_history(
    values: NDArray[np.float32],
    ordered: NDArray[np.float32],
    clip: float,
    n_iter: int,
    centres: NDArray[np.float64],
    half_widths: NDArray[np.float64],
) -> int:
    """Fill what each pass of `average_cells` compared one cell's values with.

    Parameters
    ----------
    values : float32 [n]
        +inf where there is none.
    ordered : float32 [n]
        The same in order.
    clip, n_iter
        Of MEANCLIP.
    centres, half_widths : float64 [n_iter]
        Filled: pass k keeps values within ``half_widths[k]`` of ``centres[k]``.

    Returns
    -------
    int
        Number of values that are there.
    """
    n = 0 * values.size
    for i in range(values.size):
        n += values[i] <= FLOAT32_MAX
    centres[:] = math.nan
    half_widths[:] = math.nan
    if n == 0:
        return 0
    q25, median, q75 = ordered_quartiles(ordered, n)
    for k in range(n_iter):
        _, _, _, centre, half_width = clip_passes(values, n, median, q75 - q25, clip, k + 1)
        centres[k], half_widths[k] = centre, half_width
    return n


@jit
def averages_without(
    stack: NDArray[np.float32],
    orders: NDArray[np.int64],
    clip: float,
    n_iter: int,
    out: NDArray[np.float64],
) -> None:
    """Fill the clipped mean of each cell over all exposures but one, for each that is left out.

    Parameters
    ----------
    stack : float32 [cells, n]
        The grids' values, +inf where there is none.
    orders : int64 [cells, n]
        Which of a cell's values is the first in order, the second and so on.
    clip, n_iter
        Of MEANCLIP.
    out : float64 [n, cells]
        Filled; NaN where no value is left.
    """
    size = stack.shape[1]
    rest = np.empty(size, np.float32)
    quartile = np.empty(3)
    for cell in range(stack.shape[0]):
        # In order once: leaving one value out only shifts those behind it by one place.
        order = orders[cell]
        n = 0
        for i in range(size):
            rest[i] = stack[cell, i]
            n += rest[i] <= FLOAT32_MAX
        for place in range(size):
            index = order[place]
            value = stack[cell, index]
            left = n - 1 if place < n else n
            out[index, cell] = math.nan
            if left == 0:
                continue
            rest[index] = np.float32(np.inf)
            for q in range(3):
                where = 0.25 * (q + 1) * (left - 1)
                low = int(where)
                high = min(low + 1, left - 1)
                below = stack[cell, order[low + 1 if place < n and low >= place else low]]
                above = stack[cell, order[high + 1 if place < n and high >= place else high]]
                quartile[q] = between(np.float64(below), np.float64(above), where)
            _, mean, _, _, _ = clip_passes(
                rest, left, quartile[1], quartile[2] - quartile[0], clip, n_iter
            )
            out[index, cell] = mean
            rest[index] = value
