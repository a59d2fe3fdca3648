"""Bin grids: an exposure binned, and the clipped average of many grids, the sky frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine import styles
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import BBox, Exposure, MaskPlanes, read_only
from skyframe_gui.engine.progress import step
from skyframe_gui.engine.statistics import box_statistics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from skyframe_gui.engine.config import BackgroundConfig
    from skyframe_gui.engine.model import BackgroundModel
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


@dataclass(frozen=True, eq=False)
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


def _centers(edges: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(edges[:-1] + 0.5 * np.diff(edges) - 0.5)


def measure_background(
    exposure: Exposure,
    config: BackgroundConfig,
    watch: Watch | None = None,
    threads: int | None = None,
) -> BinGrid:
    """Return the bin grid of an exposure: LSST's stats image.

    Parameters
    ----------
    exposure : Exposure
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
    if config.algorithm is None or config.algorithm == "NONE":
        styles.get(config.algorithm)
    x_edges = bin_edges(exposure.width, n_bins(exposure.width, config.xBinSize))
    y_edges = bin_edges(exposure.height, n_bins(exposure.height, config.yBinSize))
    found = box_statistics(
        exposure.image,
        exposure.mask,
        exposure.planes.bits(config.mask) if exposure.has_mask else 0,
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


@dataclass(frozen=True, eq=False)
class SkyFrame:
    """The clipped average of many grids of one detector.

    Attributes
    ----------
    grid : BinGrid
        Value, error (square root of the variance) and mask of each bin; ``n_good`` is the number
        of exposures that have a value there.
    variance : float32 [ny, nx]
        Squared standard error; NaN where fewer than two exposures were used.
    n_used, n_clipped : int64 [ny, nx]
        Number of exposures in the average, and dropped by the clip.
    clipped : bool [n, ny, nx]
        Which exposure was dropped where.
    filled : bool [ny, nx]
        Bins without a value of their own, which got the median of the others.
    algorithm : str
        The interpolation style it is meant for.
    """

    grid: BinGrid
    variance: NDArray[np.float32]
    n_used: NDArray[np.int64]
    n_clipped: NDArray[np.int64]
    clipped: NDArray[np.bool_]
    filled: NDArray[np.bool_]
    algorithm: str

    @property
    def mask(self) -> NDArray[np.int32]:
        """[ny, nx]: OR of the good inputs' masks, exactly NO_DATA where no input was good."""
        return self.grid.mask

    def model(self) -> BackgroundModel:
        """Return the sky frame as an image model, in its own interpolation style."""
        from skyframe_gui.engine.model import BackgroundModel

        return BackgroundModel(self.grid, self.algorithm)


def average_backgrounds(
    grids: Sequence[BinGrid],
    algorithm: str = "NATURAL_SPLINE",
    watch: Watch | None = None,
    names: Sequence[str] = (),
) -> SkyFrame:
    """Return the sky frame: per bin the clipped mean (3 sigma, 3 iterations) over the grids.

    The average is unweighted and the grids' own errors are not looked at. With one or two grids
    nothing can be clipped, and with three at 3 sigma nothing ever is.

    Parameters
    ----------
    grids : sequence of BinGrid
        One detector's grids, all of the same shape and bounding box. Bins that are NaN, infinite
        or masked BAD are left out. The grids are not changed.
    algorithm : str
        The interpolation style the sky frame is meant for.
    watch : Watch, optional
        Told at the start and at the end.
    names : sequence of str, optional
        What to call the grids in messages.

    Raises
    ------
    SkyFrameError
        No grid, grids that do not fit together, no finite value at all, or a style of NONE.
    Cancelled
        The watch said so.
    """
    from skyframe_gui.engine import kernels

    style = styles.get(algorithm)
    if not grids:
        raise SkyFrameError("There is no bin grid to average; give at least one exposure.")
    _check_alike(grids, names)
    step(watch, 0, 1, "Averaging")
    planes = MaskPlanes.LSST_DEFAULT
    bad, no_data = planes.bits(["BAD"]), planes.bits(["NO_DATA"])
    values = np.stack([grid.values for grid in grids])
    masks = np.stack([grid.mask for grid in grids])
    masks = np.where(np.isnan(values), np.int32(bad), masks)
    good = np.isfinite(values) & (masks & bad == 0)

    n, ny, nx = values.shape
    stack = np.where(good, values, np.float32(np.inf)).reshape(n, -1).T
    mean = np.empty(ny * nx)
    variance = np.empty(ny * nx)
    clipped = np.zeros((ny * nx, n), np.bool_)
    kernels.average_cells(np.ascontiguousarray(stack), CLIP, N_ITER, mean, variance, clipped)

    value = mean.reshape(ny, nx).astype(np.float32)
    squared_error = variance.reshape(ny, nx).astype(np.float32)
    n_good = good.sum(axis=0)
    mask = np.bitwise_or.reduce(np.where(good, masks, np.int32(0)), axis=0)
    mask = np.where(n_good == 0, np.int32(no_data), mask)
    filled = np.isnan(value)
    if filled.all():
        raise SkyFrameError(
            f"No bin of the {n} exposures has a finite value, so there is no sky frame; "
            "look at the mask planes in background.mask."
        )
    value = np.where(filled, np.float32(np.median(value[~filled])), value)
    clipped_planes = np.ascontiguousarray(clipped.T.reshape(n, ny, nx))
    n_clipped = clipped_planes.sum(axis=0)
    step(watch, 1, 1, "Averaging")
    return SkyFrame(
        grid=BinGrid.from_values(
            value,
            grids[0].bbox,
            errors=np.sqrt(squared_error),
            mask=mask,
            n_good=n_good,
            n_clipped=n_clipped,
        ),
        variance=read_only(squared_error, np.float32),
        n_used=read_only(n_good - n_clipped, np.int64),
        n_clipped=read_only(n_clipped, np.int64),
        clipped=read_only(clipped_planes, np.bool_),
        filled=read_only(filled, np.bool_),
        algorithm=style.NAME,
    )


def _check_alike(grids: Sequence[BinGrid], names: Sequence[str]) -> None:
    """Name the grid that does not fit, by what most of the grids are."""
    kinds = [(grid.values.shape, grid.bbox) for grid in grids]
    usual = max(kinds, key=kinds.count)
    for index, kind in enumerate(kinds):
        if kind == usual:
            continue
        name = names[index] if index < len(names) and names[index] else f"Grid {index + 1}"
        (ny, nx), (x0, y0, x1, y1) = kind
        (usual_ny, usual_nx), (ux0, uy0, ux1, uy1) = usual
        raise SkyFrameError(
            f"{name} has {nx} x {ny} bins over x {x0} to {x1}, y {y0} to {y1}, but the others "
            f"have {usual_nx} x {usual_ny} bins over x {ux0} to {ux1}, y {uy0} to {uy1}; "
            "a sky frame needs exposures of one detector, binned alike."
        )
