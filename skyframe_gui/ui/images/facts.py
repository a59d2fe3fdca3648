"""What panes and readout both ask of a state: scale, units, bins, noise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from skyframe_gui.wording import unit_of

if TYPE_CHECKING:
    from skyframe_gui.app.pictures import Shown
    from skyframe_gui.app.state import State, View
    from skyframe_gui.engine import BinGrid


def scale_of(state: State) -> tuple[float, float] | None:
    """Return the scale, and its error, that the shown exposure's sky frame is taken times.

    It is the fitted one, or the one that a person tries; that one is given the fit's error, so that
    it is written with as many digits.
    """
    shown, fit = state.results.shown, state.results.fit
    if shown is None or fit is None or shown.key not in fit.keys:
        return None
    solution = fit.solution
    if state.view.trial is not None and math.isfinite(solution.error):
        return state.view.trial, solution.error
    return (solution.scale, solution.error) if math.isfinite(solution.scale) else None


def units_of(state: State) -> tuple[str, str]:
    """Return the unit of the shown exposure and the unit of its sky frame."""
    shown = state.results.shown
    key = "" if shown is None else shown.key
    ours = unit_of(next((item.source.unit for item in state.exposures if item.key == key), ""))
    if shown is None or shown.sky_frame is None:
        return ours, ours
    return ours, shown.sky_frame.unit or "sky frame"


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
    if "subtracted" not in (shown.limits or {}):
        return math.nan
    from skyframe_gui.app.display_limits import RESIDUAL_SIGMAS

    return float(shown.limits["subtracted"]["auto"][1]) / RESIDUAL_SIGMAS
