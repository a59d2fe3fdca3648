"""The quartiles of a set of pixels from where they are expected: one pass where a guess is good."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.kernels.compiled import part
from skyframe_gui.engine.kernels.packing import pack_within, sift
from skyframe_gui.engine.kernels.quartiles import between, pair_at, take_sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST, MOST, PART = 1024, 4096, 128
"""Size of a sample: a part of the values, at most so many; fewer tell too little."""
MARGIN = 2.0
"""Half width of a window in ranks of the sample, over the root of its size: 4 sigma and more."""
WORTH = 4096
"""Fewer pixels than these tell too little: their windows would hold half of them."""
WIDTH = 7.0
"""Half width of a window in quartile ranges, times the root of the pixels' number.

The quartiles of neighbours differ by 1.5 / sqrt(n) quartile ranges (1 sigma) where only noise
tells them apart, and a slope that is known to a third of that.
"""


@part
def expect_from_sample(
    values: NDArray[np.float32],
    limits: NDArray[np.float32],
    cells: NDArray[np.uint16],
    counts: NDArray[np.int32],
    flags: NDArray[np.uint8],
    near: NDArray[np.float32],
    own: NDArray[np.float32],
) -> bool:
    """Fill windows about the quartiles of many values from a sample, if they are enough."""
    n = min(MOST, values.size // PART)
    if n < LEAST:
        return False
    margin = MARGIN * math.sqrt(n)
    take_sample(values, own[:n])
    for k in range(6):
        place = int(0.25 * (k // 2 + 1) * (n - 1) + (margin if k % 2 else -margin))
        for i in range(n):
            near[i] = own[i]
        limits[k], _ = pair_at(near[:n], place, cells, counts, flags)
    return True


@part
def expect_from_neighbour(n: int, guess: NDArray[np.float64], limits: NDArray[np.float32]) -> bool:
    """Fill windows about the quartiles of ``n`` values as those of the boxes before lead to.

    Return whether there is a box before, and whether windows are worth it.
    ``guess`` is what `learn` leaves.
    """
    if guess[4] < 1.0 or n < WORTH:
        return False
    half = WIDTH * (guess[2] - guess[0]) / math.sqrt(n)
    for q in range(3):
        limits[2 * q] = np.float32(guess[q] + guess[3] - half)
        limits[2 * q + 1] = np.float32(guess[q] + guess[3] + half)
    return True


@part
def learn(q25: float, median: float, q75: float, guess: NDArray[np.float64]) -> None:
    """Take what a box has for the guess of the next: quartiles, slope of the median, number."""
    step = median - guess[1]
    if guess[4] == 1.0:
        guess[3] = step
    elif guess[4] > 1.0:
        guess[3] += 0.15 * (step - guess[3])
    guess[0], guess[1], guess[2] = q25, median, q75
    guess[4] += 1.0


@part
def expected_quartiles(
    values: NDArray[np.float32],
    limits: NDArray[np.float32],
    numbers: NDArray[np.int64],
    near: NDArray[np.float32],
    own: NDArray[np.float32],
    cells: NDArray[np.uint16],
    counts: NDArray[np.int32],
    flags: NDArray[np.uint8],
) -> tuple[float, float, float]:
    """Return the quartiles of some values from windows about them; NaN where the windows are off.

    Windows that miss one are moved once by what was counted below and in them.

    Parameters
    ----------
    values : float32 [n]
        All finite, two or more.
    limits : float32 [6]
        Least and greatest value of each window; changed.
    numbers, near, own, cells, counts, flags
        Scratch.
    """
    n = values.size
    for _ in range(2):
        for k in range(4):
            numbers[k] = 0
        sift(values, limits, near, numbers)
        some = near[: numbers[0]]
        missed = False
        q25 = q50 = q75 = 0.0
        held = 0 * n
        for q in range(3):
            index = 0.25 * (q + 1) * (n - 1)
            low, high = limits[2 * q], limits[2 * q + 1]
            if q == 0 or low != limits[2 * q - 2] or high != limits[2 * q - 1]:
                held = pack_within(some, low, high, own)
            place = int(index) - numbers[1 + q]
            if held == 0:
                return math.nan, math.nan, math.nan
            if not 0 <= place < held - 1:  # the value after it is looked at, too
                missed = True
                move = (high - low) * np.float32((place + 0.5) / held - 0.5)
                limits[2 * q] += move
                limits[2 * q + 1] += move
            elif not missed:
                below = above = low
                if low != high:  # else all that it holds is one value, perhaps a million times
                    below, above = pair_at(own[:held], place, cells, counts, flags)
                value = between(np.float64(below), np.float64(above), index)
                q25, q50, q75 = q50, q75, value
        if not missed:
            return q25, q50, q75
    return math.nan, math.nan, math.nan
