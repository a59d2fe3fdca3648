"""Which limits a layer is shown with: kept as they are until an exposure is first shown."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skyframe_gui.app.pictures import Shown
    from skyframe_gui.app.state import Layer, View

OTHERS: tuple[Layer, ...] = ("grid", "model", "subtracted")


def with_first_limits(view: View, old: Shown | None, new: Shown | None) -> View:
    """Return the view with limits for what was not shown before; else the view as it is.

    A preview of the same exposure with another config keeps its limits, so that what changes on
    the screen is what changed in the data. Another exposure of the same size keeps the frames.
    """
    if new is None:
        return view
    limits = dict(view.limits)
    if old is None or old.key != new.key:
        limits.update(_measured(view, new))
    else:
        for layer, pair in _measured(view, new).items():
            limits.setdefault(layer, pair)
        if old.sky_frame is not new.sky_frame:
            limits.update({k: v for k, v in _measured(view, new).items() if k in ("grid", "model")})
    frames = view.frames
    if old is not None and (old.width, old.height) != (new.width, new.height):
        frames = (None,) * len(frames)
    if limits == dict(view.limits) and frames == view.frames:
        return view
    return replace(view, limits=MappingProxyType(limits), frames=frames)


def _measured(view: View, shown: Shown) -> dict[Layer, tuple[float, float]]:
    found: dict[Layer, tuple[float, float]] = {}
    if "exposure" in shown.limits:
        found["exposure"] = mode_limits(view, shown)
    for layer in OTHERS:
        if layer in shown.limits:
            found[layer] = shown.limits[layer]["auto"]
    if view.own_grid and "own grid" in shown.limits:
        found["grid"] = shown.limits["own grid"]["auto"]
    return found


def mode_limits(view: View, shown: Shown) -> tuple[float, float]:
    """Return the exposure's limits by the view's mode."""
    modes = shown.limits["exposure"]
    pair: tuple[float, float] = modes.get(view.limits_mode, modes["zscale"])
    return pair
