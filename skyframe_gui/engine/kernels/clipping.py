"""Moments of a set of pixels, and its clipped mean."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.kernels.compiled import part, part_sums
from skyframe_gui.engine.kernels.packing import sum_core

if TYPE_CHECKING:
    from numpy.typing import NDArray


MEAN, MEDIAN, MEANCLIP = 0, 1, 2
STATISTIC_CODES = {"MEAN": MEAN, "MEDIAN": MEDIAN, "MEANCLIP": MEANCLIP}

IQR_TO_STDEV = 0.741301109252802
"""Standard deviation of a Gaussian with an interquartile range of 1."""
CORE = 0.75
"""Part of the first clip's half width that the later ones keep, unless outliers are many."""
TOGETHER = 256
"""So few values are not told apart: to look at all of them in each pass takes less."""
LIMITLESS = 1.7976931348623157e308


@part_sums
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


@part
def moments(
    values: NDArray[np.float32], centre: float, half_width: float
) -> tuple[float, float, float]:
    """Return number, mean and unbiased variance of the values with |v - centre| <= half width.

    Sums are taken about the centre, so that values near 1e6 with a sigma of 3 keep their digits;
    and once more about the mean where the centre is so far off that digits cancel. Else a set of
    equal values could get a mean one rounding beside them and a half width of 0, and lose all of
    them in the next pass.
    """
    number, first, second = sums_within(values, centre, centre, half_width)
    if number == 0.0:
        return number, math.nan, math.nan
    offset = first / number
    mean = centre + offset
    if number == 1.0:
        return number, mean, math.nan
    variance = (second - first * offset) / (number - 1.0)
    if variance > 1e-4 * offset * offset:
        return number, mean, variance
    _, first, second = sums_within(values, mean, centre, half_width)
    variance = second - first * first / number
    variance = variance if variance > 0.0 else 0.0
    return number, mean + first / number, variance / (number - 1.0)


@part
def clipped(
    values: NDArray[np.float32],
    median: float,
    iqr: float,
    clip: float,
    n_iter: int,
    tails: NDArray[np.float32],
) -> tuple[float, float, float, float, float]:
    """Return number, mean and variance after ``n_iter`` clips, the last one's centre, half width.

    What lies in the inner three quarters of the first clip is summed once; every pass looks at the
    tails alone, as long as it keeps all of the inner part. Of few values all are looked at.

    Parameters
    ----------
    values : float32 [n]
        All finite.
    median, iqr : float
        Of the values.
    clip, n_iter
        Of MEANCLIP.
    tails : float32 [n + LANES]
        Scratch.
    """
    half_width = next_half_width = clip * IQR_TO_STDEV * iqr
    inner = CORE * half_width
    low = np.float32(median - inner)
    high = np.float32(median + inner)
    apart = values.size > TOGETHER
    core_first, core_second, m = 0.0, 0.0, 0 * values.size
    if apart:
        sums = np.empty(2)
        m = sum_core(values, low, high, median, sums, tails)
        core_first, core_second = sums[0], sums[1]
    core = np.float64(values.size - m)
    number, mean, variance, centre = 0.0, median, math.nan, median
    for _ in range(n_iter):
        centre, half_width, before = mean, next_half_width, number
        again = True
        if apart and low - centre >= -half_width and high - centre <= half_width:
            number, first, second = sums_within(tails[:m], median, centre, half_width)
            number += core
            first += core_first
            offset = first / number
            if number > 1.0:
                variance = (second + core_second - first * offset) / (number - 1.0)
                mean = median + offset
                again = not variance > 1e-4 * offset * offset
        if again:
            number, mean, variance = moments(values, centre, half_width)
        if values.size > 1:
            next_half_width = clip * math.sqrt(variance if not variance < 0.0 else 0.0)
        # Every further pass would find the same pixels again, to within the last digit of a mean.
        if number == 0.0 or (number == before and abs(mean - centre) <= 1e-13 * half_width):
            break
    return number, mean, variance, centre, half_width


@part
def clipped_ordered(
    values: NDArray[np.float32], median: float, iqr: float, clip: float, n_iter: int
) -> tuple[float, float, float]:
    """Return number, mean and variance as `clipped` does, of values that are in order.

    What is kept lies side by side, and a pass that would keep the same again is not done.
    """
    half_width = clip * IQR_TO_STDEV * iqr
    number, mean, variance = 0.0, median, math.nan
    kept_from = kept_to = -1
    for _ in range(n_iter):
        first, last = 0 * values.size, values.size
        # Not "less than": nothing lies within NaN of anything.
        while first < last and not np.float64(values[first]) - mean >= -half_width:
            first += 1
        while last > first and not np.float64(values[last - 1]) - mean <= half_width:
            last -= 1
        if first == kept_from and last == kept_to:
            break
        kept_from, kept_to = first, last
        number, mean, variance = moments(values[first:last], mean, half_width)
        if number == 0.0:
            break
        if values.size > 1:
            half_width = clip * math.sqrt(variance if not variance < 0.0 else 0.0)
    return number, mean, variance


@part
def statistic_of(
    values: NDArray[np.float32],
    q25: float,
    median: float,
    q75: float,
    statistic: int,
    clip: float,
    n_iter: int,
    tails: NDArray[np.float32],
    ordered: bool,
) -> tuple[float, float, int]:
    """Return value, error and number of used values of a set with these quartiles.

    See engine.statistics for the definitions, and `clipped` for the scratch; ``ordered`` where the
    values are.
    """
    n = values.size
    if statistic == MEANCLIP:
        if ordered:
            number, mean, variance = clipped_ordered(values, median, q75 - q25, clip, n_iter)
        else:
            number, mean, variance, _, _ = clipped(values, median, q75 - q25, clip, n_iter, tails)
        if number == 0.0 or math.isnan(mean):  # no pass at all gives NaN too, as in the original
            return math.nan, math.nan, 0
        return mean, math.sqrt(variance / number), int(number)
    about = median if statistic == MEDIAN else np.float64(values[0])
    _, mean, variance = moments(values, about, LIMITLESS)
    if statistic == MEDIAN:
        return median, math.sqrt(0.5 * math.pi * variance / n), n
    return mean, math.sqrt(variance / n), n
