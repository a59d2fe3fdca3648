"""Values that are chosen put one after the other, many at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.kernels.compiled import FLOAT32_MAX, part
from skyframe_gui.engine.kernels.vectors import (
    LANES,
    append_flagged,
    append_good,
    sift_blocks,
    sum_core_blocks,
    within_blocks,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray


@part
def pack(
    values: NDArray[np.float32], flags: NDArray[np.uint8], out: NDArray[np.float32], n: int
) -> int:
    """Append the values whose flag is 1 to the first ``n`` of ``out``; return how many it has then.

    ``out`` may be ``values`` itself, and else has `LANES` more elements than it takes.
    """
    whole = values.size // LANES * LANES
    for i in range(0, whole, LANES):
        n = append_flagged(values, flags, i, out, n)
    for i in range(whole, values.size):
        out[n] = values[i]
        n += flags[i] != 0
    return n


@part
def pack_good(
    pixels: NDArray[np.float32],
    mask: NDArray[np.int32],
    bits: np.int32,
    out: NDArray[np.float32],
    n: int,
) -> int:
    """Append, as `pack`, the pixels that are finite and have none of ``bits`` in their mask."""
    whole = pixels.size // LANES * LANES
    for i in range(0, whole, LANES):
        n = append_good(pixels, mask, bits, i, out, n)
    for i in range(whole, pixels.size):
        out[n] = pixels[i]
        n += (abs(pixels[i]) <= FLOAT32_MAX) & ((mask[i] & bits) == 0)
    return n


@part
def sift(
    values: NDArray[np.float32],
    limits: NDArray[np.float32],
    out: NDArray[np.float32],
    numbers: NDArray[np.int64],
) -> None:
    """Put the values in any of three windows one after the other, and count those below each.

    Parameters
    ----------
    values : float32 [n]
    limits : float32 [6]
        Least and greatest value of each window.
    out : float32 [n + LANES]
    numbers : int64 [4]
        To be added to: how many ``out`` holds, and how many lie below each window.
    """
    blocks = values.size // LANES
    sift_blocks(values, blocks, limits, out, numbers)
    for i in range(blocks * LANES, values.size):
        near = False
        for k in range(3):
            numbers[1 + k] += values[i] < limits[2 * k]
            near |= (values[i] >= limits[2 * k]) & (values[i] <= limits[2 * k + 1])
        out[numbers[0]] = values[i]
        numbers[0] += near


@part
def sum_core(
    values: NDArray[np.float32],
    low: np.float32,
    high: np.float32,
    about: float,
    sums: NDArray[np.float64],
    tails: NDArray[np.float32],
) -> int:
    """Sum the values from low to high, put the others into ``tails`` and return their number.

    ``sums`` takes the sums of the distances from ``about`` and of their squares. Sixteen partial
    sums in a fixed order: the same on every machine.
    """
    blocks = values.size // LANES
    m = sum_core_blocks(values, blocks, low, high, about, sums, tails)
    for i in range(blocks * LANES, values.size):
        value = values[i]
        inside = (value >= low) & (value <= high)
        d = np.float64(value) - about if inside else 0.0
        sums[0] += d
        sums[1] += d * d
        tails[m] = value
        m += not inside
    return m


@part
def pack_within(
    values: NDArray[np.float32], low: np.float32, high: np.float32, out: NDArray[np.float32]
) -> int:
    """Put the values from low to high one after the other into ``out``; return how many."""
    blocks = values.size // LANES
    n = within_blocks(values, blocks, low, high, out)
    for i in range(blocks * LANES, values.size):
        out[n] = values[i]
        n += (values[i] >= low) & (values[i] <= high)
    return n
