"""Bins that were filled with the median, and borders where the model is made up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.engine.diagnostics.finding import Finding, detector_names, in_order
from skyframe_gui.numbers import digits, percent, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from skyframe_gui.engine.bins import BinGrid
    from skyframe_gui.engine.diagnostics.context import FitContext, FrameContext
    from skyframe_gui.engine.sky_frame import SkyFrame

ORDER = 80
GRAVE = 0.1
"""Part of the bins of a sky frame."""
FEW_PIXELS = 0.1
"""Part of a border bin's pixels: their middle can then be almost half a bin from the bin's own,
where the value is put."""


def sky_frames(context: FrameContext) -> Iterator[Finding]:
    """Count the bins without a value of their own, in all and along the borders."""
    yield from _filled(context)
    bad: dict[str, NDArray[np.bool_]] = {}
    for name, frame in context.frames.items():
        lacking = context.lacking.get(name)
        if grids := context.grids.get(name):
            few = _hardly_any_pixels(grids, frame)
            lacking = few if lacking is None else few | lacking
        if lacking is not None and (made_up := border_runs(~lacking)).any():
            bad[name] = made_up
    if not bad:
        return
    n = sum(int(made_up.sum()) for made_up in bad.values())
    reach = max(_reach(context.frames[name].grid, made_up) for name, made_up in bad.items())
    names = in_order(bad)
    whose = f" of {detector_names(names)}" if any(names) else ""
    yield Finding(
        kind="border-extrapolated",
        severity="note",
        title="The sky frame is extrapolated at its borders.",
        text=f"{plural(n, 'bin')} along the borders{whose} {'has' if n == 1 else 'have'} no value "
        f"of {'its' if n == 1 else 'their'} own or hardly any good pixel; up to {reach} pixels "
        "from the border the model is filled in or extrapolated. EDGE in background.mask and bins "
        "smaller than the masked border are the usual cause.",
        detectors=tuple(filter(None, names)),
        numbers={"n_bins": n, "reach_pixels": reach},
        short=f"{plural(n, 'bin')}, up to {reach} px from the border.",
    )


def fit(context: FitContext) -> Iterator[Finding]:
    """Name the samples of which half the box or more lies where the border is made up."""
    touched = np.zeros(len(context.group), np.bool_)
    for place, one in enumerate(context.samples):
        lacking = context.sky_frames.lacking.get(one.detector)
        if lacking is None or not len(one):
            continue
        grid = context.sky_frames.frames[one.detector].grid
        made_up = border_runs(~lacking)
        # Boxes count from the exposure's corner; only one that fills the sky frame has the same.
        fills = one.boxes[:, 2:].max(axis=0).tolist() == [grid.width, grid.height]
        if not made_up.any() or not fills:
            continue
        x0, y0, x1, y1 = one.boxes.T
        inside = _covered(grid, made_up, one.boxes)
        touched[context.group == place] = 2 * inside >= (x1 - x0) * (y1 - y0)
    touched &= context.usable
    if not touched.any():
        return
    n, n_kept = int(touched.sum()), int((touched & context.kept).sum())
    names = context.detectors_of(touched)
    yield Finding(
        kind="border-samples",
        severity="note",
        title="Samples on an extrapolated border.",
        text=f"{n} of {plural(int(context.usable.sum()), 'sample')} lie half or more where the "
        f"sky frame of {detector_names(names)} has no bin with a value of its own; {n_kept} of "
        f"them {'is' if n_kept == 1 else 'are'} in the fit.",
        samples=context.numbers_of(touched),
        detectors=names,
        numbers={"n_samples": n, "n_kept": n_kept},
        short=f"{plural(n, 'sample')}, {n_kept} in the fit.",
    )


def _filled(context: FrameContext) -> Iterator[Finding]:
    filled = {name: int(context.frames[name].filled.sum()) for name in context.lacking}
    total = sum(filled.values())
    if not total:
        return
    parts = {name: n / context.frames[name].filled.size for name, n in filled.items() if n}
    names = in_order(parts)
    worst = max(parts.values())
    n_bins = sum(context.frames[name].filled.size for name in parts)
    steps = [_step(context.frames[name], context.lacking[name]) for name in parts]
    step = max((one for one in steps if np.isfinite(one)), default=float("nan"))
    beside = (
        f" Their neighbours differ from it by {digits(step, 3, context.unit)}."
        if np.isfinite(step)
        else ""
    )
    whose = f" of {detector_names(names)}" if any(names) else ""
    yield Finding(
        kind="filled-bins",
        severity="warning" if worst > GRAVE else "note",
        title="Bins are filled with the median.",
        text=f"{total} of {plural(n_bins, 'bin')} ({percent(total / n_bins)}){whose} had no good "
        f"pixel in any exposure and got the median of the others.{beside}",
        detectors=tuple(filter(None, names)),
        numbers={"n_filled": total, "n_bins": n_bins, "worst_fraction": worst, "step": step},
        short=f"{total} of {plural(n_bins, 'bin')} ({percent(total / n_bins)}).",
    )


def border_runs(own: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the bins that lie between the border and the first bin of ``own`` inwards of it."""
    found = np.zeros(own.shape, np.bool_)
    for axis in (0, 1):
        for way in (slice(None), slice(None, None, -1)):
            flip = (way, slice(None)) if axis == 0 else (slice(None), way)
            found[flip] |= np.cumsum(own[flip], axis=axis) == 0
    return found


def _hardly_any_pixels(grids: Sequence[BinGrid], frame: SkyFrame) -> NDArray[np.bool_]:
    usual = [grid for grid in grids if grid.values.shape == frame.grid.values.shape]
    if not usual:
        return np.zeros(frame.filled.shape, np.bool_)
    pixels = np.outer(np.diff(frame.grid.y_edges), np.diff(frame.grid.x_edges))
    fraction = np.median([grid.n_good for grid in usual], axis=0) / pixels
    return np.asarray(fraction < FEW_PIXELS, np.bool_)


def _reach(grid: BinGrid, made_up: NDArray[np.bool_]) -> int:
    """Return how many pixels from the border the farthest of these bins reaches."""
    x, y = grid.x_edges, grid.y_edges
    rows, columns = np.nonzero(made_up)
    nearest = np.min(
        [y[rows + 1], grid.height - y[rows], x[columns + 1], grid.width - x[columns]], axis=0
    )
    return int(nearest.max())


def _covered(grid: BinGrid, bins: NDArray[np.bool_], boxes: NDArray[np.int64]) -> NDArray[Any]:
    """Return the number of pixels of each box that lie in these bins."""
    x0, y0, x1, y1 = boxes.T[:, :, np.newaxis]
    across = np.minimum(x1, grid.x_edges[1:]) - np.maximum(x0, grid.x_edges[:-1])
    up = np.minimum(y1, grid.y_edges[1:]) - np.maximum(y0, grid.y_edges[:-1])
    inside = np.clip(up, 0, None) @ bins.astype(np.int64)
    return np.asarray((inside * np.clip(across, 0, None)).sum(axis=1))


def _step(frame: SkyFrame, lacking: NDArray[np.bool_]) -> float:
    """Return how far the bins beside filled ones are from the fill value: the median distance."""
    values = np.where(lacking, np.nan, frame.grid.values.astype(np.float64))
    if lacking.all() or not frame.filled.any():
        return float("nan")
    padded = np.pad(frame.filled, 1)
    beside = padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]
    near = values[beside & ~lacking]
    return float(np.median(np.abs(near - np.nanmedian(values)))) if len(near) else float("nan")
