"""Sums along a band that is laid over an image in any direction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.kernels.compiled import jit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@jit
def add_along(
    values: NDArray[np.float32],
    image: NDArray[np.float32],
    mask: NDArray[np.int32],
    bits: int,
    band: NDArray[np.float64],
    step: float,
    counts: NDArray[np.int64],
    sums: NDArray[np.float64],
) -> None:
    """Add the pixels whose centres lie in a band to the sums of its steps.

    Parameters
    ----------
    values : float32 [H, W]
        What is added up: the image itself, or a model of it.
    image : float32 [H, W]
        Says, with the mask, which pixels are good.
    mask : int32 [H, W] or [0, 0]
    bits : int
        A pixel with one of them is not good, nor is one that is not finite.
    band : float64 [6]
        x and y of its beginning, cosine and sine of its direction, its length, half its width.
        Pixels within half a pixel of either end belong to it.
    step : float
        Pixels along the band that are added up; the last step has the rest.
    counts : int64 [n, 2]
        All pixels of each step, and the good ones.
    sums : float64 [n]
        Of the good ones.
    """
    height, width = image.shape
    x0, y0, cosine, sine, length, half = band
    # The band's corners say which rows it crosses; in each of them two pairs of parallel lines say
    # where about. Whether a pixel is in it is asked of the pixel alone.
    low = min(y0 - 0.5 * sine, y0 + (length + 0.5) * sine) - half * abs(cosine)
    high = max(y0 - 0.5 * sine, y0 + (length + 0.5) * sine) + half * abs(cosine)
    for y in range(max(int(np.floor(low)), 0), min(int(np.ceil(high)) + 1, height)):
        up = y - y0
        first, last = 0.0, width - 1.0
        if abs(cosine) > 1e-9:
            one, other = (-0.5 - up * sine) / cosine, (length + 0.5 - up * sine) / cosine
            first = max(first, x0 + min(one, other) - 1.0)
            last = min(last, x0 + max(one, other) + 1.0)
        if abs(sine) > 1e-9:
            one, other = (up * cosine - half) / sine, (up * cosine + half) / sine
            first = max(first, x0 + min(one, other) - 1.0)
            last = min(last, x0 + max(one, other) + 1.0)
        for x in range(int(first), int(last) + 1):
            along = (x - x0) * cosine + up * sine
            across = up * cosine - (x - x0) * sine
            if along < -0.5 or along >= length + 0.5 or across <= -half or across > half:
                continue
            k = min(int((along + 0.5) / step), sums.size - 1)
            counts[k, 0] += 1
            if (mask.size == 0 or (mask[y, x] & bits) == 0) and np.isfinite(image[y, x]):
                counts[k, 1] += 1
                sums[k] += values[y, x]
