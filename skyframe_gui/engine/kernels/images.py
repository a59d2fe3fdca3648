"""Images from piecewise cubics, and one image taken off another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.engine.kernels.compiled import jit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@jit
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


@jit
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
