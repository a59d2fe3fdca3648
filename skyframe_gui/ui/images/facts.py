"""What panes and readout both ask of a state: scale, units, bins, noise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from skyframe_gui.app.model.looks import THREE_SIGMA
from skyframe_gui.app.model.queries import scale_of as scale_of
from skyframe_gui.numbers import unit_of

if TYPE_CHECKING:
    from skyframe_gui.app.model.looks import Layer
    from skyframe_gui.app.model.shown import Shown
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.view import View
    from skyframe_gui.engine import BinGrid


def units_of(state: State) -> tuple[str, str]:
    """Return the unit of the shown exposure and the unit of its sky frame."""
    shown = state.results.shown
    key = "" if shown is None else shown.key
    ours = unit_of(next((item.source.unit for item in state.exposures if item.key == key), ""))
    if shown is None or shown.sky_frame is None:
        return ours, ours
    return ours, shown.sky_frame.unit or "sky frame"


def factor_of(state: State, layer: Layer) -> float:
    """Return by what kept limits are multiplied where they are shown: the model's by its scale."""
    shown = state.results.shown
    if layer != "model" or shown is None or shown.own:
        return 1.0
    found = scale_of(state)
    return 1.0 if found is None or not found[0] else found[0]


def edges_grid(view: View, shown: Shown) -> BinGrid | None:
    """Return the bins that are looked at: the sky frame's, or the exposure's own."""
    if shown.sky_frame is not None and not (view.own_grid and shown.grid is not None):
        return shown.sky_frame.sky_frame.grid
    return shown.grid


def is_own_grid(view: View, shown: Shown) -> bool:
    """Whether these are the exposure's own."""
    return shown.sky_frame is None or (view.own_grid and shown.grid is not None)


def pixel_error(shown: Shown) -> float:
    """Return the scatter of the sky's pixels, for how many digits a value has; NaN if unknown."""
    if "subtracted" not in shown.limits:
        return math.nan
    return float(shown.limits["subtracted"][THREE_SIGMA][1]) / 3
