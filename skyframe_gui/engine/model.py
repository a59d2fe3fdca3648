"""From a grid of bins to an image: whole, or any part of it with the same numbers."""

from __future__ import annotations

import operator
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine import styles
from skyframe_gui.engine.buffers import recycled
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import read_only
from skyframe_gui.engine.parallel import run_pieces

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from skyframe_gui.engine.bins import BinGrid
    from skyframe_gui.engine.exposure import BBox
    from skyframe_gui.engine.progress import Watch

    Rows = NDArray[np.int64] | NDArray[np.float64]

Box = tuple[int, int, int, int]
BLOCK_ROWS = 512
"""No more rows are interpolated at a time: their coefficients stay in the cache."""
NOTHING: NDArray[np.float32] = np.zeros((0, 0), np.float32)
"""Stands for no image to subtract from."""
NOTHING.flags.writeable = False  # as those of exposures: kernels are compiled anew for another kind


class GridModel(ABC):
    """A bin grid and how it becomes an image: what members of a background list have in common.

    Attributes
    ----------
    grid : BinGrid
    algorithm : str
        The interpolation style as it was asked for.
    """

    def __init__(self, grid: BinGrid, algorithm: str | None) -> None:
        ny, nx = grid.values.shape
        if nx > grid.width or ny > grid.height:
            raise SkyFrameError(
                f"The grid has {nx} x {ny} bins but the detector only {grid.width} x {grid.height} "
                "pixels; a sky frame cannot be finer than its image."
            )
        self.grid = grid
        self.algorithm = str(algorithm)

    @abstractmethod
    def with_grid(self, grid: BinGrid) -> GridModel:
        """Return a model of another grid that is like this one in all else."""

    @abstractmethod
    def image(
        self,
        box: Box | None = None,
        watch: Watch | None = None,
        threads: int | None = None,
        out: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """Return the image, float32 [H, W]; see `BackgroundModel.image`."""

    def subtracted_from(
        self,
        pixels: NDArray[np.float32],
        scale: float,
        box: Box | None = None,
        watch: Watch | None = None,
        threads: int | None = None,
    ) -> NDArray[np.float32]:
        """Return ``pixels - float32(float32(scale) * image)``, float32 [H, W].

        Parameters
        ----------
        pixels : float32 [H, W]
            Read-only, of the part's shape.
        scale : float
        box, watch, threads : optional
            As of `image`.

        Returns
        -------
        array : float32 [H, W]
            Its memory is used again when nobody holds it any more.
        """
        from skyframe_gui.engine import kernels

        out = self.image(box, watch, threads, recycled(pixels.shape))
        kernels.subtract_scaled(pixels, read_only(out, np.float32), np.float32(scale), out)
        return out

    def parts(self) -> Callable[[Box, NDArray[np.float32]], NDArray[np.float32]]:
        """Return what fills an array with a part of the image, as `image` does on one thread.

        For many parts beside each other, by several threads at once: what they have in common is
        worked out once.
        """
        return lambda box, out: self.image(box, None, 1, out)

    @property
    def bbox(self) -> BBox:
        """The detector's bounding box in parent coordinates, inclusive."""
        return self.grid.bbox

    @property
    def width(self) -> int:
        """Width of the image in pixels."""
        return self.grid.width

    @property
    def height(self) -> int:
        """Height of the image in pixels."""
        return self.grid.height

    def box_of(self, bbox: BBox, name: str = "") -> Box:
        """Return the part of the image that a bounding box in parent coordinates covers.

        Raises
        ------
        SkyFrameError
            It is not wholly inside the model's own bounding box.
        """
        x0, y0, x1, y1 = self.bbox
        if bbox[0] < x0 or bbox[1] < y0 or bbox[2] > x1 or bbox[3] > y1:
            raise SkyFrameError(
                f"{name or 'The exposure'} covers x {bbox[0]} to {bbox[2]}, y {bbox[1]} to "
                f"{bbox[3]}, but the sky frame only x {x0} to {x1}, y {y0} to {y1}; "
                "use the sky frame of this detector."
            )
        return bbox[0] - x0, bbox[1] - y0, bbox[2] - x0 + 1, bbox[3] - y0 + 1

    def _part(
        self, box: Box | None, out: NDArray[np.float32] | None
    ) -> tuple[Box, NDArray[np.float32]]:
        """Check the part that is asked for, and make or check the array that takes it."""
        try:
            x0, y0, x1, y1 = map(operator.index, box or (0, 0, self.width, self.height))
        except (TypeError, ValueError) as error:
            raise SkyFrameError(
                f"A part of the model is four whole numbers (x0, y0, x1, y1), not {box}."
            ) from error
        if not (0 <= x0 < x1 <= self.width and 0 <= y0 < y1 <= self.height):
            raise SkyFrameError(
                f"The part {box} of the model is empty or reaches outside of its "
                f"{self.width} x {self.height} pixels."
            )
        shape = (y1 - y0, x1 - x0)
        if out is None:
            out = np.empty(shape, np.float32)
        elif out.shape != shape:
            raise SkyFrameError(f"The output has the shape {out.shape}; {shape} is needed.")
        return (x0, y0, x1, y1), out


class BackgroundModel(GridModel):
    """A bin grid and the style in which it is interpolated.

    The interpolation runs along the columns of the grid first, then along every pixel row, as
    afw's ``BackgroundMI`` does it; bins that are NaN are skipped. Where an axis has fewer bins than
    the style needs, both axes take the best style for the smaller number.

    Parameters
    ----------
    grid : BinGrid
        Only its values count.
    algorithm : str
        CONSTANT, LINEAR, NATURAL_SPLINE (or CUBIC_SPLINE) or AKIMA_SPLINE.

    Raises
    ------
    SkyFrameError
        The style is NONE or unknown, a bin is infinite, or there are more bins than pixels.
    """

    def __init__(self, grid: BinGrid, algorithm: str | None) -> None:
        self._style = styles.fitting(algorithm, min(grid.values.shape))
        super().__init__(grid, algorithm)
        infinite = np.isinf(grid.values)
        if infinite.any():
            row, column = np.argwhere(infinite)[0]
            raise SkyFrameError(
                f"Bin ({column}, {row}) of the grid is infinite and would spread over the image; "
                "set it to NaN to leave it out."
            )

    def __reduce__(self) -> tuple[type[BackgroundModel], tuple[BinGrid, str]]:
        return BackgroundModel, (self.grid, self.algorithm)  # a style is a module

    def with_grid(self, grid: BinGrid) -> BackgroundModel:
        """Return another grid in the same style."""
        return BackgroundModel(grid, self.algorithm)

    @property
    def style_as_used(self) -> str:
        """The style's name after the number of bins has had its say."""
        return self._style.NAME

    def image(
        self,
        box: Box | None = None,
        watch: Watch | None = None,
        threads: int | None = None,
        out: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """Return the image, float32 [H, W].

        Parameters
        ----------
        box : (x0, y0, x1, y1), optional
            Half-open, relative to the lower left pixel: only this part, with the same numbers.
        watch : Watch, optional
            Told of every block of rows.
        threads : int, optional
            How many; by default one for each processor. The result is the same for any number.
        out : float32 [H, W], optional
            Filled and returned; a fresh array costs as much as the interpolation.

        Raises
        ------
        SkyFrameError
            The box is no box, is empty or reaches outside, or ``out`` has another shape.
        Cancelled
            The watch said so.
        """
        return self._fill(box, watch, threads, out)

    def subtracted_from(
        self,
        pixels: NDArray[np.float32],
        scale: float,
        box: Box | None = None,
        watch: Watch | None = None,
        threads: int | None = None,
    ) -> NDArray[np.float32]:
        """Return ``pixels - float32(float32(scale) * image)``; see `GridModel.subtracted_from`."""
        return self._fill(box, watch, threads, recycled(pixels.shape), pixels, scale)

    def sampled(
        self, columns: NDArray[np.float64], rows: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """Return the model where some columns and rows of pixels cross.

        Parameters
        ----------
        columns, rows : float64 [w], [h]
            Relative to the lower left pixel; they may lie between pixels.

        Returns
        -------
        float32 [h, w]
        """
        curves_of = self._row_curves()
        if curves_of is None:
            return np.full((len(rows), len(columns)), np.nan, np.float32)
        breaks, starts, coefficients = curves_of(rows)
        piece = np.searchsorted(breaks, columns, side="right")
        t = columns - starts[piece]
        c0, c1, c2, c3 = np.moveaxis(coefficients[:, piece], -1, 0)
        return np.asarray(c0 + t * (c1 + t * (c2 + t * c3)), np.float32)

    def _fill(
        self,
        box: Box | None,
        watch: Watch | None,
        threads: int | None,
        out: NDArray[np.float32] | None,
        taken_from: NDArray[np.float32] | None = None,
        scale: float = 1.0,
    ) -> NDArray[np.float32]:
        """Return the image, or what is left of ``taken_from`` without its multiple."""
        from skyframe_gui.engine import kernels

        (x0, y0, x1, y1), out = self._part(box, out)
        curves_of = self._row_curves()
        if curves_of is None:
            out.fill(np.nan)
            return out
        n_rows = min(BLOCK_ROWS, -(-(y1 - y0) // 4))  # work for some threads in small images, too

        def run(first: int) -> None:
            rows = slice(first, first + n_rows)
            pieces = curves_of(np.arange(y0 + first, min(y0 + first + n_rows, y1)))
            kernels.evaluate_rows(
                _first_pixels(pieces.breaks, x0, x1),
                pieces.starts,
                pieces.coefficients,
                x0,
                NOTHING if taken_from is None else taken_from[rows],
                np.float32(scale),
                out[rows],
            )

        run_pieces(run, range(0, y1 - y0, n_rows), watch, "Interpolating", threads)
        return out

    def parts(self) -> Callable[[Box, NDArray[np.float32]], NDArray[np.float32]]:
        """Return what fills an array with a part of the image; see `GridModel.parts`."""
        from skyframe_gui.engine import kernels

        curves_of = self._row_curves()
        if curves_of is None:
            return super().parts()
        lock = threading.Lock()
        strips: dict[tuple[int, int], styles.Pieces] = {}

        def fill(box: Box, out: NDArray[np.float32]) -> NDArray[np.float32]:
            (x0, y0, x1, y1), out = self._part(box, out)
            with lock:
                pieces = strips.get((y0, y1))
                if pieces is None:
                    if len(strips) > 1:  # parts come row by row: the one before is at work at most
                        del strips[next(iter(strips))]
                    pieces = strips[y0, y1] = curves_of(np.arange(y0, y1))
            first = _first_pixels(pieces.breaks, x0, x1)
            starts, coefficients = pieces.starts, pieces.coefficients
            kernels.evaluate_rows(first, starts, coefficients, x0, NOTHING, np.float32(1), out)
            return out

        return fill

    def _row_curves(self) -> Callable[[Rows], styles.Pieces] | None:
        """Return what makes the curves along x of some rows; None where the grid is empty."""
        known = np.flatnonzero(np.isfinite(self.grid.values).any(axis=0))
        if not len(known):
            return None
        style = styles.fitting(self._style.NAME, len(known))
        x = self.grid.x_centers[known]
        curves = self._curves(known)
        return lambda rows: style.pieces(x, _values_at(rows, len(known), curves))

    def _curves(self, known: NDArray[np.int64]) -> list[tuple[NDArray[np.int64], styles.Pieces]]:
        """Return which of the ``known`` columns are interpolated together along y, and how."""
        cells = self.grid.values[:, known].T.astype(np.float64)
        y = self.grid.y_centers
        found = []
        # Columns that miss the same bins are done together; nearly always that is all of them.
        patterns, which = np.unique(np.isfinite(cells), axis=0, return_inverse=True)
        for index, pattern in enumerate(patterns):
            nodes = np.flatnonzero(pattern)
            members = np.flatnonzero(which.ravel() == index)
            style = styles.fitting(self._style.NAME, len(nodes))
            pieces = style.pieces(y[nodes], cells[np.ix_(members, nodes)])
            by_piece = np.ascontiguousarray(pieces.coefficients.transpose(1, 2, 0))
            found.append((members, pieces._replace(coefficients=by_piece)))
        return found


def _values_at(
    rows: Rows, n: int, curves: list[tuple[NDArray[np.int64], styles.Pieces]]
) -> NDArray[np.float64]:
    """Return what all ``n`` columns have in some rows: float64 [rows, n]."""
    values = np.empty((len(rows), n))
    for members, (breaks, starts, coefficients) in curves:
        piece = np.searchsorted(breaks, rows, side="right")
        t = (rows - starts[piece])[:, np.newaxis]
        chosen = coefficients[piece]
        one = chosen[:, 2] + t * chosen[:, 3]
        one = chosen[:, 0] + t * (chosen[:, 1] + t * one)
        if len(members) == n:
            return one
        values[:, members] = one
    return values


def _first_pixels(breaks: NDArray[np.float64], start: int, stop: int) -> NDArray[np.int64]:
    """Return where each piece's pixels begin, and the end of the last; a break is the right's."""
    return np.concatenate([[start], np.ceil(breaks).astype(np.int64), [stop]])
