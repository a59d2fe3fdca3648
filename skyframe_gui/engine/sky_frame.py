"""Sky frames: the clipped average of many bin grids of one detector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.engine import styles
from skyframe_gui.engine.bins import CLIP, N_ITER, BinGrid, grid_rows
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import MaskPlanes, read_only
from skyframe_gui.engine.identity import NOBODY, Identity
from skyframe_gui.engine.model import BackgroundModel
from skyframe_gui.engine.progress import step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skyframe_gui.engine.progress import Watch


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
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
    notes : tuple of str
        What was noticed on reading it from a file, a sentence each.
    identity : Identity
        What it is of: instrument, detector, filter, unit, binning.
    inputs : tuple of str
        Names of the exposures in it, as far as they are known.
    """

    grid: BinGrid
    variance: NDArray[np.float32]
    n_used: NDArray[np.int64]
    n_clipped: NDArray[np.int64]
    clipped: NDArray[np.bool_]
    filled: NDArray[np.bool_]
    algorithm: str
    notes: tuple[str, ...] = ()
    identity: Identity = NOBODY
    inputs: tuple[str, ...] = ()

    def __repr__(self) -> str:
        ny, nx = self.grid.values.shape
        return f"<SkyFrame: {nx} x {ny} bins of {len(self.clipped)} exposures, {self.algorithm}>"

    def _repr_html_(self) -> str:
        from skyframe_gui.engine.showing import card

        rows = {
            **grid_rows(self.grid),
            "exposures": len(self.clipped),
            "filled": int(self.filled.sum()),
            "interpolation": self.algorithm,
        }
        return card("Sky frame", rows, self.grid.values)

    def plot(self, axes: Any = None) -> Any:
        """Draw the values with matplotlib (the extra ``plot``) and return the axes.

        Raises
        ------
        SkyFrameError
            There is no matplotlib.
        """
        from skyframe_gui.engine.showing import plotted_grid

        return plotted_grid(self.grid, "sky frame", axes)

    @property
    def mask(self) -> NDArray[np.int32]:
        """[ny, nx]: OR of the good inputs' masks, exactly NO_DATA where no input was good."""
        return self.grid.mask

    def model(self) -> BackgroundModel:
        """Return the sky frame as an image model, in its own interpolation style."""
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
    stack = np.ascontiguousarray(np.where(good, values, np.float32(np.inf)).reshape(n, -1).T)
    mean, variance, passes = np.empty(ny * nx), np.empty(ny * nx), np.empty((ny * nx, 1, 2))
    kernels.average_cells(np.sort(stack), CLIP, N_ITER, mean, variance, passes)
    kept = np.abs(stack - passes[:, :, 0]) <= passes[:, :, 1]
    clipped = np.isfinite(stack) & ~kept

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
        inputs=tuple(names),
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
