"""What a config comes to on the shown exposure, in the words of the form's hints."""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING

from skyframe_gui.app.model.queries import shown_exposure
from skyframe_gui.app.model.requests import algorithm_of, request_of
from skyframe_gui.engine.bins import n_bins
from skyframe_gui.engine.config import field_values
from skyframe_gui.engine.samples import sample_limits
from skyframe_gui.numbers import TIMES, area, unit_of, value_text

if TYPE_CHECKING:
    from pydantic import BaseModel

    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.engine import SkyMeasurementConfig

Size = tuple[int, int]
LEVEL_UNIT = "sky level"
"""The unit of a sky frame whose grids were divided by their level."""


def shown_size(state: State) -> Size | None:
    """Return width and height of what is looked at, in pixels; None where nothing is."""
    item = shown_exposure(state)
    if item is not None:
        return item.source.width, item.source.height
    shown = state.results.shown
    return None if shown is None else (shown.width, shown.height)


def bins_hint(config: SkyMeasurementConfig, size: Size | None) -> str:
    """Return how large the bins really are, and how many."""
    if size is None:
        return "effective: no exposure"
    asked = config.background.xBinSize, config.background.yBinSize
    is_larger = any(one > pixels for one, pixels in zip(asked, size, strict=True))
    counts = [n_bins(pixels, bin_size) for pixels, bin_size in zip(size, asked, strict=True)]
    wide, high = (pixels / n for pixels, n in zip(size, counts, strict=True))
    beyond = "larger than the image: " if is_larger else ""
    return f"{beyond}effective {area(wide, high)}, {counts[0]} {TIMES} {counts[1]}"


def boxes_hint(config: SkyMeasurementConfig, size: Size | None) -> str:
    """Return how large the sample boxes are."""
    if size is None:
        return "boxes: no exposure"
    wide, high = (
        _span(pixels, n)
        for pixels, n in zip(size, (config.xNumSamples, config.yNumSamples), strict=True)
    )
    return f"boxes of {wide} {TIMES} {high} px"


def _span(pixels: int, n: int) -> str:
    """Return the width of most boxes along an axis: they differ by one pixel at most."""
    limits = sample_limits(pixels, n)
    widths = (limits[1:] - limits[:-1]).tolist()
    return str(max(sorted(set(widths)), key=widths.count))


def background_hints(state: State) -> dict[str, str]:
    """Return what is said at the fields of ``background`` that do nothing, by their paths.

    They say how sky frames are made: one that is made is as it is, and the fit does not ask them.
    """
    frame = request_of(state).sky_frame
    if frame is None:
        return {}
    if frame.built is not None:
        return {
            name: f"made with {made}; build again to use this"
            for name, made in _made_otherwise(frame, state.config).items()
        }
    grid = frame.sky_frame.grid
    ny, nx = grid.values.shape
    x0, y0, x1, y1 = grid.bbox
    bins = area((x1 - x0 + 1) / nx, (y1 - y0 + 1) / ny)
    idle = "not in the fit: sky frame from file"
    return {
        "background.statistic": idle,
        "background.xBinSize": f"sky frame from file: bins of {bins}",
        "background.algorithm": f"sky frame from file: {algorithm_of(frame, state.config)} is used",
        "background.mask": idle,
    }


def background_note(state: State) -> str:
    """Return what stands beside the title of ``background`` where its fields do nothing now."""
    frame = request_of(state).sky_frame
    if frame is None:
        return ""
    if frame.built is None:
        return "for the next build"
    return "changes need a new build" if _made_otherwise(frame, state.config) else ""


def _made_otherwise(frame: SkyFrameItem, config: SkyMeasurementConfig) -> dict[str, str]:
    """Return the fields that a sky frame was built with otherwise than a config says."""
    if frame.made_with is None:
        return {}
    now, made = field_values(config), field_values(frame.made_with)
    return {
        name: value_text(made[name])
        for name in made
        if name.startswith("background.")
        and name != "background.algorithm"  # interpolated anew with every change
        and made[name] != now[name]
    }


def differences(one: BaseModel, other: BaseModel) -> tuple[str, ...]:
    """Return the dotted names of the fields in which two configs differ."""
    before = field_values(other)
    return tuple(name for name, value in field_values(one).items() if before.get(name) != value)


def exposure_unit(state: State, fit: VisitFit) -> str:
    """Return the unit of the fitted exposures."""
    return unit_of(fit.unit)


def scale_unit(state: State, fit: VisitFit) -> str:
    """Return the unit of the scale: the exposures' by the sky frames'.

    "" where both are alike or one of them is not known.
    """
    unit, frame_units = fit.unit, fit.frame_units
    if len(frame_units) != 1:
        return ""
    (frame_unit,) = frame_units
    if frame_unit == LEVEL_UNIT:
        return unit_of(unit)
    return f"{unit}/{frame_unit}" if unit and frame_unit not in ("", unit) else ""


def level_ratio(state: State, fit: VisitFit) -> float:
    """Return the scale by the median level of the exposures, as the table of the night has it.

    NaN where the sky frames are not in units of the level, or a level is not known yet.
    """
    if fit.frame_units != {LEVEL_UNIT}:
        return math.nan
    levels = [state.facts[key].level for key in fit.keys if key in state.facts]
    if len(levels) < len(fit.keys) or not levels:
        return math.nan
    level = median(levels)
    return fit.solution.scale / level if level else math.nan
