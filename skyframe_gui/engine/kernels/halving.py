"""Images at half the size, again and again: what is shown of a large image on a small screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.kernels.compiled import jit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@jit
def halve(image: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Fill ``out`` with the means of 2 x 2 pixels, leaving out those that are not finite.

    Parameters
    ----------
    image : float32 [H, W]
    out : float32 [ceil(H / 2), ceil(W / 2)]
        NaN where none of the pixels is finite.
    """
    height, width = image.shape
    half = width // 2
    for y in range(out.shape[0]):
        top = image[2 * y]
        bottom = image[min(2 * y + 1, height - 1)]
        line = out[y]
        for x in range(half):
            line[x] = (
                (top[2 * x] + top[2 * x + 1]) + (bottom[2 * x] + bottom[2 * x + 1])
            ) * np.float32(0.25)
        if width % 2:
            line[half] = (top[width - 1] + bottom[width - 1]) * np.float32(0.5)
        for x in range(line.size):
            if not np.isfinite(line[x]):
                total, n = np.float64(0.0), 0
                for row in (top, bottom):
                    for column in range(2 * x, min(2 * x + 2, width)):
                        if np.isfinite(row[column]):
                            total += row[column]
                            n += 1
                line[x] = np.float32(total / n) if n else np.float32(np.nan)


@jit
def halve_planes(mask: NDArray[np.int32], out: NDArray[np.int32]) -> None:
    """Fill ``out`` with the OR of 2 x 2 mask pixels, so that no masked pixel is lost to the eye."""
    height, width = mask.shape
    half = width // 2
    for y in range(out.shape[0]):
        top = mask[2 * y]
        bottom = mask[min(2 * y + 1, height - 1)]
        for x in range(half):
            out[y, x] = top[2 * x] | top[2 * x + 1] | bottom[2 * x] | bottom[2 * x + 1]
        if width % 2:
            out[y, half] = top[width - 1] | bottom[width - 1]


@jit
def masked_part(mask: NDArray[np.int32], bits: np.int32, out: NDArray[np.uint8]) -> None:
    """Fill ``out`` with 255 times the part of each 2 x 2 mask pixels that have one of ``bits``."""
    height, width = mask.shape
    for y in range(out.shape[0]):
        top = mask[2 * y]
        bottom = mask[min(2 * y + 1, height - 1)]
        for x in range(out.shape[1]):
            right = min(2 * x + 1, width - 1)
            n = (
                np.int32((top[2 * x] & bits) != 0)
                + np.int32((top[right] & bits) != 0)
                + np.int32((bottom[2 * x] & bits) != 0)
                + np.int32((bottom[right] & bits) != 0)
            )
            out[y, x] = n * 255 // 4


@jit
def halve_part(part: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
    """Fill ``out`` with the rounded means of 2 x 2 parts."""
    height, width = part.shape
    for y in range(out.shape[0]):
        top = part[2 * y]
        bottom = part[min(2 * y + 1, height - 1)]
        for x in range(out.shape[1]):
            right = min(2 * x + 1, width - 1)
            total = (
                np.int32(top[2 * x])
                + np.int32(top[right])
                + np.int32(bottom[2 * x])
                + np.int32(bottom[right])
            )
            out[y, x] = (total + 2) // 4
