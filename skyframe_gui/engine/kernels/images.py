"""Images from piecewise cubics, and one image taken off another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.kernels.compiled import jit, part

if TYPE_CHECKING:
    from numpy.typing import NDArray


@part
def subtract_row(
    pixels: NDArray[np.float32],
    sky: NDArray[np.float32],
    scale: np.float32,
    line: NDArray[np.float32],
) -> None:
    """Fill a row with ``pixels - float32(scale * sky)``, rounded twice as the original does."""
    for x in range(line.size):
        line[x] = pixels[x] - scale * sky[x]


@jit
def evaluate_rows(
    first_pixel: NDArray[np.int64],
    starts: NDArray[np.float64],
    coefficients: NDArray[np.float64],
    x0: int,
    image: NDArray[np.float32],
    scale: np.float32,
    out: NDArray[np.float32],
) -> None:
    """Evaluate piecewise cubics at the pixels x0, x0 + 1, ...; or subtract them from an image.

    Parameters
    ----------
    first_pixel : int64 [P + 1]
        Piece p covers the pixels ``first_pixel[p] <= x < first_pixel[p + 1]``.
    starts : float64 [P]
        Where each piece's variable is 0.
    coefficients : float64 [rows, P, 4]
        Constant, linear, quadratic and cubic coefficient.
    x0 : int
        The first pixel.
    image : float32 [rows, width] or [0, 0]
        What the curves times the scale are subtracted from; empty for nothing.
    scale : float32
    out : float32 [rows, width]
        Filled.
    """
    stop = x0 + out.shape[1]
    for row in range(out.shape[0]):
        line = out[row]
        for p in range(starts.size):
            low = first_pixel[p] if first_pixel[p] > x0 else x0
            high = first_pixel[p + 1] if first_pixel[p + 1] < stop else stop
            if high <= low:
                continue
            pixels = line[low - x0 : high - x0]
            start = np.float64(low) - starts[p]  # exact, as both are whole or half numbers
            c0, c1, c2, c3 = (
                coefficients[row, p, 0],
                coefficients[row, p, 1],
                coefficients[row, p, 2],
                coefficients[row, p, 3],
            )
            if image.size == 0:
                for x in range(pixels.size):
                    t = np.float64(np.uint32(x)) + start
                    pixels[x] = c0 + t * (c1 + t * (c2 + t * c3))
            else:
                given = image[row, low - x0 : high - x0]
                for x in range(pixels.size):
                    t = np.float64(np.uint32(x)) + start
                    sky = np.float32(c0 + t * (c1 + t * (c2 + t * c3)))
                    pixels[x] = given[x] - scale * sky


@jit
def subtract_scaled(
    image: NDArray[np.float32],
    sky: NDArray[np.float32],
    scale: np.float32,
    out: NDArray[np.float32],
) -> None:
    """Fill ``out`` with ``image - float32(scale * sky)``."""
    for y in range(image.shape[0]):
        subtract_row(image[y], sky[y], scale, out[y])
