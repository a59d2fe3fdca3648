"""A bin grid as a Chebyshev polynomial: LSST's backgrounds with an approximation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.model import GridModel
from skyframe_gui.engine.parallel import run_pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.engine.bins import BinGrid
    from skyframe_gui.engine.model import Box
    from skyframe_gui.engine.progress import Watch


BLOCK_ROWS = 128
"""Rows evaluated at a time: their sums stay in the cache."""


def reduced_order(shape: tuple[int, ...], order: int) -> int:
    """Return the order that LSST takes for a grid: one less than its bins where they are too few.

    Done when a background is measured; the order in a file is the one that was used.
    """
    fewest = min(shape)
    return fewest - 1 if fewest <= order else order


class ChebyshevModel(GridModel):
    """A bin grid and the polynomial that is fitted to its bins by least squares.

    The terms are T_i(x) T_j(y) with i + j <= order. Bins that are not finite are left out, with
    weighting also those whose error is NaN or 0; the mask is not looked at.

    Parameters
    ----------
    grid : BinGrid
        Its values and, with weighting, its errors.
    order : int
        Of the polynomial, 0 or more.
    weighting : bool
        Whether bins are weighted by 1 / error. (LSST means 1 / variance, but its plane called
        variance holds the error.)
    algorithm : str
        The interpolation style that the list names beside it; it plays no part.

    Raises
    ------
    SkyFrameError
        The order is none, no bin is left, or the bins do not determine all terms.
    """

    def __init__(
        self, grid: BinGrid, order: int, weighting: bool, algorithm: str = "AKIMA_SPLINE"
    ) -> None:
        super().__init__(grid, algorithm)
        if isinstance(order, bool) or int(order) != order or order < 0:
            raise SkyFrameError(
                f"A Chebyshev approximation has an order of 0 or more, not {order}."
            )
        self.order = int(order)
        self.weighting = bool(weighting)
        self._coefficients = self._fit()

    def with_grid(self, grid: BinGrid) -> ChebyshevModel:
        """Return the same approximation of another grid."""
        return ChebyshevModel(grid, self.order, self.weighting, self.algorithm)

    def _fit(self) -> NDArray[np.float64]:
        """Return the coefficients, float64 [order + 1 (y), order + 1 (x)]."""
        grid, n = self.grid, self.order + 1
        with np.errstate(divide="ignore", invalid="ignore"):
            weight = np.ones(grid.values.shape) if not self.weighting else 1.0 / grid.errors
            known = np.isfinite(grid.values + weight)
        if not known.any():
            raise SkyFrameError(
                "No bin of the grid has a finite value"
                + (" and error" if self.weighting else "")
                + ", so that no Chebyshev approximation can be fitted."
            )
        columns = _terms(grid.x_centers, self.width, n)
        rows = _terms(grid.y_centers, self.height, n)
        j, i = np.array([(j, i) for j in range(n) for i in range(n - j)]).T
        design = (rows[j][:, :, np.newaxis] * columns[i][:, np.newaxis, :])[:, known].T
        w, z = np.asarray(weight[known], np.float64), grid.values[known].astype(np.float64)
        if np.linalg.matrix_rank(design[w != 0]) < len(i):
            raise SkyFrameError(
                f"A Chebyshev approximation of order {self.order} has {len(i)} terms, which the "
                f"{int(known.sum())} usable bins of the grid do not determine; lower the order."
            )
        weighted = design * w[:, np.newaxis]
        found = np.zeros((n, n))
        found[j, i] = np.linalg.solve(design.T @ weighted, weighted.T @ z)
        return found

    def image(
        self,
        box: Box | None = None,
        watch: Watch | None = None,
        threads: int | None = None,
        out: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """Return the image, float32 [H, W]; see `BackgroundModel.image`.

        Raises
        ------
        SkyFrameError
            The box is no box, is empty or reaches outside, or ``out`` has another shape.
        Cancelled
            The watch said so.
        """
        (x0, y0, x1, y1), filled = self._part(box, out)
        n = self.order + 1
        columns = _terms(np.arange(x0, x1), self.width, n)
        rows = _terms(np.arange(y0, y1), self.height, n)
        # Sums term by term, not as a product of matrices: so a part has the numbers of the whole.
        slopes = sum(rows[j][:, np.newaxis] * self._coefficients[j] for j in range(n))

        def run(first: int) -> None:
            part = slopes[first : first + BLOCK_ROWS]
            total = part[:, :1] * columns[0]
            for i in range(1, n):
                total += part[:, i : i + 1] * columns[i]
            filled[first : first + BLOCK_ROWS] = total

        run_pieces(run, range(0, y1 - y0, BLOCK_ROWS), watch, "Evaluating", threads)
        return filled


def _terms(x: NDArray[np.generic], size: int, n: int) -> NDArray[np.float64]:
    """Return T_0 to T_{n-1} at pixel positions of an axis, float64 [n, len(x)]."""
    at = (np.asarray(x, np.float64) - (size - 1) / 2) / (size / 2)
    terms = np.ones((n, len(at)))
    if n > 1:
        terms[1] = at
    for k in range(2, n):
        terms[k] = 2 * at * terms[k - 1] - terms[k - 2]
    return terms
