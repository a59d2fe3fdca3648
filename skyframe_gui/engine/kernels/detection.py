"""Detection of objects: a separable smoothing, a threshold, and footprints grown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.kernels.compiled import jit, part

if TYPE_CHECKING:
    from numpy.typing import NDArray


@part
def _add_taps(
    total: NDArray[np.float32],
    first: NDArray[np.float32],
    second: NDArray[np.float32],
    third: NDArray[np.float32],
    fourth: NDArray[np.float32],
    taps: NDArray[np.float32],
) -> None:
    """Add four taps' products, one rounding after the other; four, so that sums stay at hand."""
    k0, k1, k2, k3 = taps[0], taps[1], taps[2], taps[3]
    for x in range(total.size):
        total[x] = (((total[x] + k0 * first[x]) + k1 * second[x]) + k2 * third[x]) + k3 * fourth[x]


@part
def _add_tap(total: NDArray[np.float32], line: NDArray[np.float32], tap: np.float32) -> None:
    for x in range(total.size):
        total[x] += tap * line[x]


@jit
def smooth(
    image: NDArray[np.float32], taps: NDArray[np.float32], smoothed: NDArray[np.float32]
) -> None:
    """Smooth an image along x, then along y, where the taps fit.

    Parameters
    ----------
    image : float32 [H + n - 1, W]
    taps : float32 [n]
        An odd number. Sums run in float32, tap by tap from the lower end; a NaN spreads over all
        that the taps reach.
    smoothed : float32 [H, W]
        Filled; NaN in the first and last n // 2 columns.
    """
    width = image.shape[1]
    n = taps.size
    reach = n // 2
    inner = width - 2 * reach
    for y in range(smoothed.shape[0]):
        for x in range(width):
            smoothed[y, x] = np.float32(np.nan)
    if inner < 1:
        return
    fours = n - n % 4
    along_x = np.empty((image.shape[0], inner), np.float32)
    for y in range(image.shape[0]):
        pixels, line = image[y], along_x[y]
        for x in range(inner):
            line[x] = np.float32(0)
        for t in range(0, fours, 4):
            _add_taps(
                line,
                pixels[t : t + inner],
                pixels[t + 1 : t + 1 + inner],
                pixels[t + 2 : t + 2 + inner],
                pixels[t + 3 : t + 3 + inner],
                taps[t : t + 4],
            )
        for t in range(fours, n):
            _add_tap(line, pixels[t : t + inner], taps[t])
    for y in range(smoothed.shape[0]):
        line = smoothed[y, reach : reach + inner]
        for x in range(inner):
            line[x] = np.float32(0)
        for t in range(0, fours, 4):
            _add_taps(
                line,
                along_x[y + t],
                along_x[y + t + 1],
                along_x[y + t + 2],
                along_x[y + t + 3],
                taps[t : t + 4],
            )
        for t in range(fours, n):
            _add_tap(line, along_x[y + t], taps[t])


@jit
def mark_grown(
    smoothed: NDArray[np.float32],
    limit: NDArray[np.float32],
    half_widths: NDArray[np.int64],
    bits: int,
    y0: int,
    y1: int,
    mask: NDArray[np.int32],
) -> None:
    """Set ``bits`` in the rows ``y0 <= y < y1`` of the mask on what is detected, grown.

    Parameters
    ----------
    smoothed : float32 [H, W]
        Detected is what is not below the limit; NaN is not.
    limit : float32 [H, W], or [1, 1] for one limit everywhere
    half_widths : int64 [r + 1]
        A detected pixel marks those up to ``half_widths[|dy|]`` beside it in the row ``dy`` away.
    bits : int
        Set where a footprint reaches, and else left as they are.
    y0, y1 : int
        Rows to fill.
    mask : int32 [H, W]
        Changed in these rows only.
    """
    height, width = smoothed.shape
    reach = half_widths.size - 1
    far = np.uint16(reach + 1)
    one = np.uint16(1)
    low = y0 - reach if y0 > reach else 0
    high = y1 + reach if y1 + reach < height else height
    # How many rows away the next detected pixel of the column is: first upwards, then both ways.
    distance = np.empty((high - low, width), np.uint16)
    for y in range(low, high):
        line = distance[y - low]
        values = smoothed[y]
        if limit.size == 1:
            least = limit[0, 0]
            for x in range(width):
                line[x] = np.uint16(0) if values[x] >= least else far
        else:
            limits = limit[y]
            for x in range(width):
                line[x] = np.uint16(0) if values[x] >= limits[x] else far
        if y > low:
            above = distance[y - low - 1]
            for x in range(width):
                next_one = np.uint16(above[x] + one)
                line[x] = line[x] if line[x] < next_one else next_one
    reaches = np.empty(reach + 2, np.int64)
    for row in range(reach + 1):
        reaches[row] = half_widths[row]
    reaches[reach + 1] = -1
    for y in range(high - 1, y0 - 1, -1):
        line = distance[y - low]
        if y < high - 1:
            below = distance[y - low + 1]
            for x in range(width):
                next_one = np.uint16(below[x] + one)
                line[x] = line[x] if line[x] < next_one else next_one
        if y >= y1:
            continue
        marked = mask[y]
        until = -1
        for x in range(width):
            reached = x + reaches[line[x] if line[x] < far else far]
            until = reached if reached > until else until
            if x <= until:
                marked[x] |= bits
        until = width
        for x in range(width - 1, -1, -1):
            reached = x - reaches[line[x] if line[x] < far else far]
            until = reached if reached < until else until
            if x >= until:
                marked[x] |= bits
