"""What residuals can be drawn against, and which range shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.app.model.items import EMPTY
from skyframe_gui.app.model.rejection_steps import Mark
from skyframe_gui.numbers import fixed
from skyframe_gui.ui.samples.axis_range import Range, around, widened
from skyframe_gui.ui.samples.detector_columns import MANY, columns_of, spreads_of
from skyframe_gui.ui.samples.points import Guide

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from skyframe_gui.app.model.view import DetectorOrder
    from skyframe_gui.ui.samples.detector_columns import Spreads
    from skyframe_gui.ui.samples.sample_view import SampleView

    Floats = NDArray[np.float64]

BY: Mapping[DetectorOrder, str] = {
    "number": "detector",
    "radius": "detector, from the middle outwards",
    "deviation": "detector, by its median",
}
LOW, HIGH = 2.2, 4.5
"""How many half band widths are shown below and above 0 at most: the far ones are counted."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Axes:
    """Where the samples are in a plot.

    Attributes
    ----------
    x, y : float array [n]
    x_label, y_label : str
    x_range, y_range : Range
        What shows them.
    guide : Guide
    names : tuple of str
        Of the whole numbers along x; empty where x is a number.
    spreads : Spreads or None
        What is drawn in the place of the used samples.
    """

    x: Floats
    y: Floats
    x_label: str
    y_label: str
    x_range: Range
    y_range: Range
    guide: Guide
    names: tuple[str, ...] = ()
    spreads: Spreads | None = None


def axes_of(
    view: SampleView,
    kind: str,
    order: DetectorOrder = "number",
    radii: Mapping[str, float] = EMPTY,
) -> Axes:
    """Return the axes of a kind: "sky", "x", "y", "index", "detector" or "ratio".

    ``order`` and ``radii`` say where detectors stand, see `columns_of`.
    """
    rows = view.rows
    sky = rows.sky * view.sky_factor
    sky_label = f"sky sample [{view.sky_unit}]"
    finite = sky[view.marks != Mark.NO_DATA]
    if kind == "ratio":
        return _ratio(view, sky, sky_label, around(finite))
    y_label = f"residual [{view.unit}]"
    y_range = _residual_range(view)
    band = view.band
    label = f"± {fixed(band, view.decimals() + 1)} {view.unit}" if band > 0 else ""
    guide = Guide(value=np.zeros_like, half_width=lambda at: np.full_like(at, band), label=label)
    names: tuple[str, ...] = ()
    spreads: Spreads | None = None
    if kind == "sky":
        x, x_label, x_range = sky, sky_label, around(finite)
    elif kind == "detector":
        columns = columns_of(view, order, radii)
        box = np.arange(len(rows)) - rows.starts[rows.detector_index]
        share = (box + 0.5) / np.diff(rows.starts)[rows.detector_index] - 0.5
        # Side by side, in the order of the boxes.
        x = columns[rows.detector_index] + 0.8 * share
        x_label = BY[order if order != "radius" or radii else "number"]
        x_range = Range(-0.8, len(rows.keys) - 0.2)
        called = _without_zeros(rows.detectors)
        names = tuple(called[k] for k in np.argsort(columns))
        if len(names) > MANY:
            spreads = spreads_of(view, columns)
    elif kind == "index":
        x = (np.arange(len(rows)) - rows.starts[rows.detector_index]).astype(np.float64)
        x_label, x_range = "box, counted column by column", around(x, 0.02)
    else:
        low, high = (0, 2) if kind == "x" else (1, 3)
        x = (rows.boxes[:, low] + rows.boxes[:, high] - 1) / 2.0
        x_label = f"{kind} of the box [px]"
        x_range = widened(Range(0.0, float(rows.boxes[:, high].max(initial=1))), 0.02)
    return Axes(
        x=x,
        y=view.residuals,
        x_label=x_label,
        y_label=y_label,
        x_range=x_range,
        y_range=y_range,
        guide=guide,
        names=names,
        spreads=spreads,
    )


def _residual_range(view: SampleView) -> Range:
    last = view.steps[-1]
    spread = around(view.rows.image - last.scale * view.rows.sky, 0.06)
    band = view.reject * last.sigma
    if not band > 0:
        return spread
    low = max(spread.low, -LOW * band)
    high = min(spread.high, HIGH * band)
    # Always the whole band with some air, so that it is seen where all samples keep to it.
    return Range(min(low, -1.3 * band), max(high, 1.3 * band))


def _ratio(view: SampleView, sky: Floats, sky_label: str, x_range: Range) -> Axes:
    rows, step, last = view.rows, view.step, view.steps[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where(rows.sky != 0, rows.image / rows.sky, np.nan)
    half = view.band * view.sky_factor
    tiny = 1e-6 * max(abs(x_range.low), abs(x_range.high))

    def half_width(at: Floats) -> Floats:
        return half / np.maximum(np.abs(at), tiny)

    y_label = f"image / sky [{view.scale_unit}]" if view.scale_unit else "image / sky"
    scale = step.scale
    guide = Guide(value=lambda at: np.full_like(at, scale), half_width=half_width, straight=False)
    kept = np.isfinite(y) & (view.marks == Mark.USED)
    y_range = around(y)
    if kept.any() and np.isfinite(last.scale):
        # Near a sky of 0 ratios know no bounds, so the middle nine tenths say what is shown.
        low, high = np.percentile(y[kept], (5, 95))
        y_range = widened(Range(float(low), float(high)), 0.3)
    return Axes(
        x=sky,
        y=y,
        x_label=sky_label,
        y_label=y_label,
        x_range=x_range,
        y_range=y_range,
        guide=guide,
    )


def _without_zeros(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return detectors' numbers without the zeros before them, where all are numbers."""
    if not all(one.isdecimal() for one in names):
        return names
    return tuple(name.lstrip("0") or "0" for name in names)
