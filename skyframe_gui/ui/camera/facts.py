"""What the status line tells of a place on the focal plane."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from skyframe_gui.app.model.queries import open_exposure
from skyframe_gui.numbers import (
    NONE,
    decimals_for,
    digits,
    fixed,
    short_unit,
    with_error,
    with_unit,
)
from skyframe_gui.ui.camera.rows import plane_of

if TYPE_CHECKING:
    from skyframe_gui.app.model.pointer import PlanePoint
    from skyframe_gui.app.model.state import State


def plane_scale(state: State) -> float:
    """Return what the models of the focal plane are taken times: tried or fitted; NaN for none."""
    view = state.results.camera
    if state.view.trial is not None:
        return state.view.trial
    return math.nan if view is None or view.fit is None else view.fit.solution.scale


def plane_facts(state: State, at: PlanePoint) -> list[tuple[str, str]]:
    """Return names and values."""
    plane = plane_of(state)
    parts = [("det", at.name or NONE)]
    if plane is None:
        return parts
    view, row = plane.view, plane.row(at.key)
    item = open_exposure(state, at.key)
    if item is not None:
        x0, y0 = item.source.xy0
        parts.append(("x y", f"{fixed(at.pixel[0] + x0, 1)}  {fixed(at.pixel[1] + y0, 1)}"))
    if view.layout.unit:
        place = "  ".join(fixed(one, 1 if view.layout.unit == "mm" else 0) for one in at.place)
        parts.append(("focal plane", f"{place} {view.layout.unit}"))
    if row is None or row.why:
        return [*parts, ("", "no data" if row is None else row.why)]
    one, scale = view.thumbnails[at.key], plane_scale(state)
    i, j = (int((p + 0.5) // one.block) for p in at.pixel)
    value, good = float(one.means[j, i]), int(one.good[j, i])
    bins = view.bins.get(at.key)
    if bins is not None and math.isfinite(scale):
        i, j = (int((p + 0.5) // bins.side) for p in at.pixel)
        left = float(bins.means[j, i]) - scale * float(bins.model[j, i])
        decimals = 1 if abs(left) < 1000 else 0
        text = with_unit(fixed(left, decimals, sign=True), plane.unit)
        parts.append(("residual", text if math.isfinite(left) else "no data"))
    else:
        parts.append(("exposure", digits(value, 6, plane.unit)))
    own = view.own
    if own is not None and row.fitted >= 0:
        k = row.fitted
        scale_text = with_error(float(own.scale[k]), float(own.error[k]))
        parts.append(("own scale", scale_text if math.isfinite(own.scale[k]) else NONE))
        parts.append(("rejected", f"{own.rejected[k]} of {own.usable[k]}"))
    parts.append(("good pixels", f"{fixed(100 * good / 255, 0)} %"))
    return parts


def short(value: float, unit: str = "") -> str:
    """Return a size in about two digits: 0.016, 1.3, 24, 150."""
    return with_unit(fixed(value, decimals_for(value)), short_unit(unit))
