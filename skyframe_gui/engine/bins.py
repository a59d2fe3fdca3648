"""Bin grids: an exposure measured in bins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.engine import styles
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import BBox, read_only
from skyframe_gui.engine.given import as_exposure
from skyframe_gui.engine.statistics import box_statistics

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from skyframe_gui.engine.config import BackgroundConfig
    from skyframe_gui.engine.given import ExposureLike
    from skyframe_gui.engine.progress import Watch

CLIP, N_ITER = 3.0, 3
"""MEANCLIP of bins and of sky frames; LSST has them fixed."""


def n_bins(size: int, bin_size: int) -> int:
    """Return the number of bins along an axis of ``size`` pixels: size / bin_size, rounded."""
    return max(int(size / bin_size + 0.5), 1)


def bin_edges(size: int, n: int) -> NDArray[np.int64]:
    """Return the n + 1 edges of n bins that share out ``size`` pixels as evenly as they can."""
    ends = (np.arange(1, n + 1, dtype=np.int64) * size + n // 2) // n
    return np.concatenate([[0], np.minimum(ends, size)])


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class BinGrid:
    """The bins of one detector.

    Attributes
    ----------
    values, errors : float32 [ny, nx]
        Value of each bin, NaN where no pixel was good, and its standard error.
    mask : int32 [ny, nx]
        Bit planes by `MaskPlanes.LSST_DEFAULT`; 0 as measured.
    n_good, n_clipped : int64 [ny, nx]
        Number of good pixels, and how many of them are not in the value.
    bbox : (min_x, min_y, max_x, max_y)
        The detector's bounding box in parent coordinates, inclusive.
    """

    values: NDArray[np.float32]
    errors: NDArray[np.float32]
    mask: NDArray[np.int32]
    n_good: NDArray[np.int64]
    n_clipped: NDArray[np.int64]
    bbox: BBox

    @classmethod
    def from_values(
        cls,
        values: ArrayLike,
        bbox: BBox,
        errors: ArrayLike | None = None,
        mask: ArrayLike | None = None,
        n_good: ArrayLike | None = None,
        n_clipped: ArrayLike | None = None,
    ) -> BinGrid:
        """Make a grid from its values.

        Parameters
        ----------
        values : array [ny, nx]
            Value of each bin.
        bbox : (min_x, min_y, max_x, max_y)
            The detector's bounding box, inclusive.
        errors, mask, n_good, n_clipped : array [ny, nx], optional
            NaN, 0, "1 where there is a value" and 0 where not given.

        Raises
        ------
        SkyFrameError
            The arrays are not two-dimensional and alike, or the box is empty.
        """
        grid = read_only(values, np.float32)
        if grid.ndim != 2 or not grid.size:
            raise SkyFrameError(
                f"A bin grid has the shape {grid.shape}; a two-dimensional grid with at least one "
                "bin is needed."
            )
        box = tuple(int(edge) for edge in bbox)
        if len(box) != 4 or box[2] < box[0] or box[3] < box[1]:
            raise SkyFrameError(
                f"The bounding box {tuple(bbox)} is empty; it goes (min_x, min_y, max_x, max_y) "
                "with the last pixels included."
            )
        planes = {
            "errors": (errors, np.float32, np.nan),
            "mask": (mask, np.int32, 0),
            "n_good": (n_good, np.int64, None),
            "n_clipped": (n_clipped, np.int64, 0),
        }
        arrays: dict[str, NDArray[np.generic]] = {}
        for name, (given, dtype, fill) in planes.items():
            if given is not None:
                arrays[name] = read_only(given, dtype)
            elif fill is None:
                arrays[name] = read_only(np.isfinite(grid), dtype)
            else:
                arrays[name] = read_only(np.full(grid.shape, fill), dtype)
            if arrays[name].shape != grid.shape:
                raise SkyFrameError(
                    f"A bin grid's {name} have the shape {arrays[name].shape} but its values "
                    f"{grid.shape}; they must be alike."
                )
        return cls(values=grid, bbox=(box[0], box[1], box[2], box[3]), **arrays)  # type: ignore[arg-type]  # dtypes are set just above

    @property
    def level(self) -> float:
        """The median of the bins that have a value, which is the exposure's level; NaN if none."""
        finite = self.values[np.isfinite(self.values)]
        return float(np.median(finite)) if finite.size else float("nan")

    def __repr__(self) -> str:
        ny, nx = self.values.shape
        return f"<BinGrid: {nx} x {ny} bins of {self.width} x {self.height} px>"

    def _repr_html_(self) -> str:
        from skyframe_gui.engine.showing import card

        return card("Bin grid", grid_rows(self), self.values)

    def plot(self, axes: Any = None) -> Any:
        """Draw the values with matplotlib (the extra ``plot``) and return the axes.

        Raises
        ------
        SkyFrameError
            There is no matplotlib.
        """
        from skyframe_gui.engine.showing import plotted_grid

        return plotted_grid(self, "bin grid", axes)

    @property
    def width(self) -> int:
        """Width of the detector in pixels."""
        return self.bbox[2] - self.bbox[0] + 1

    @property
    def height(self) -> int:
        """Height of the detector in pixels."""
        return self.bbox[3] - self.bbox[1] + 1

    @property
    def x_edges(self) -> NDArray[np.int64]:
        """[nx + 1], relative to the detector's lower left pixel."""
        return bin_edges(self.width, self.values.shape[1])

    @property
    def y_edges(self) -> NDArray[np.int64]:
        """[ny + 1], relative to the detector's lower left pixel."""
        return bin_edges(self.height, self.values.shape[0])

    @property
    def x_centers(self) -> NDArray[np.float64]:
        """[nx], relative to the detector's lower left pixel, whose own centre is at 0."""
        return _centers(self.x_edges)

    @property
    def y_centers(self) -> NDArray[np.float64]:
        """[ny], relative to the detector's lower left pixel, whose own centre is at 0."""
        return _centers(self.y_edges)


def grid_rows(grid: BinGrid) -> dict[str, object]:
    """Return what a notebook says of a grid."""
    ny, nx = grid.values.shape
    finite = grid.values[np.isfinite(grid.values)]
    middle = f"{np.median(finite):.6g}" if finite.size else "none"
    return {
        "bins": f"{nx} x {ny}",
        "detector": f"{grid.width} x {grid.height} px at ({grid.bbox[0]}, {grid.bbox[1]})",
        "median": middle,
        "without a value": grid.values.size - finite.size,
    }


def _centers(edges: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(edges[:-1] + 0.5 * np.diff(edges) - 0.5)


def measure_background(
    exposure: ExposureLike,
    config: BackgroundConfig,
    watch: Watch | None = None,
    threads: int | None = None,
) -> BinGrid:
    """Return the bin grid of an exposure: LSST's stats image.

    Parameters
    ----------
    exposure : Exposure, or what `as_exposure` takes
        Pixels with a plane of ``config.mask`` set, and those that are not finite, are left out.
    config : BackgroundConfig
        Bin sizes, statistic (MEANCLIP always with 3 sigma and 3 iterations) and mask planes.
    watch : Watch, optional
        Told of every row of bins.
    threads : int, optional
        How many; by default one for each processor. The result is the same for any number.

    Raises
    ------
    SkyFrameError
        The config's algorithm is NONE.
    Cancelled
        The watch said so.
    """
    styles.get(config.algorithm)
    exposure = as_exposure(exposure)
    x_edges = bin_edges(exposure.width, n_bins(exposure.width, config.xBinSize))
    y_edges = bin_edges(exposure.height, n_bins(exposure.height, config.yBinSize))
    found = box_statistics(
        exposure.image,
        exposure.mask,
        exposure.planes.left_out(config.mask) if exposure.has_mask else 0,
        x_edges,
        y_edges,
        config.statistic,
        CLIP,
        N_ITER,
        watch,
        f"Binning {exposure.name}".strip(),
        threads,
    )
    return BinGrid.from_values(
        found.value,
        exposure.bbox,
        errors=found.error,
        n_good=found.n_good,
        n_clipped=found.n_good - found.n_used,
    )
