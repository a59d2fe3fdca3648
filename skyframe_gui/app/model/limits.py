"""Which limits a layer is shown with: measured when an exposure is first shown, or set by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from skyframe_gui.app.model.looks import DIFFERENCES, FRAMES, colours_of, presets_of, with_look
from skyframe_gui.app.model.residual_map import LAYER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skyframe_gui.app.model.looks import CompareLayer, Layer, Look
    from skyframe_gui.app.model.residual_map import ResidualMap
    from skyframe_gui.app.model.shown import Shown
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.view import View

    Pair = tuple[float, float]

__all__ = [
    "BY_HAND",
    "DIFFERENCE",
    "colours_of",
    "difference_name",
    "is_by_hand",
    "layers_sharing_limits",
    "limits_of",
    "looked_at",
    "looks_with_limits",
    "own_limits",
    "preset_name",
    "presets_of",
    "with_difference_limits",
    "with_first_limits",
    "with_limits_of",
    "with_map_limits",
]

BY_HAND = "by hand"
OWN_GRID = "own grid"
"""Under this name `View.measured` has the limits of the exposure's own bins."""
NOWHERE: Pair = (0.0, 1.0)
DIFFERENCE: Layer = "difference"


def difference_name(layer: CompareLayer) -> str:
    """Return under which name `View.measured` has the limits of A minus B of a layer."""
    return f"{DIFFERENCE} {layer}"


def limits_of(state: State, layer: Layer) -> Pair:
    """Return where a layer's colours begin and end, in the unit of its pixels.

    Those set by hand where they hold for the shown exposure, else what was measured by the look's
    preset when that was first shown; while pictures blink or run, those that the film is held to.
    The model's are in the unit of its sky frame.
    """
    held = state.view.held_limits.get(layer)
    return own_limits(state, layer) if held is None else held


def own_limits(state: State, layer: Layer) -> Pair:
    """Return a layer's limits without those that a film is held to."""
    look = state.looks[layer]
    if look.by_hand is not None and look.of in ("", looked_at(state)):
        return look.by_hand
    return _measured(state, layer)


def preset_name(state: State, layer: Layer) -> str:
    """Return how a layer's limits were chosen: `BY_HAND`, or one of `presets_of` the layer."""
    return BY_HAND if is_by_hand(state, layer) else state.looks[layer].preset


def is_by_hand(state: State, layer: Layer) -> bool:
    """Whether a layer's limits are others than its preset measures."""
    return own_limits(state, layer) != _measured(state, layer)


def looked_at(state: State) -> str:
    """Return the key of the exposure, or of the sky frame alone, that the panes show."""
    shown = state.results.shown
    if shown is not None:
        return shown.key
    return state.selection.exposure or state.selection.sky_frame


def layers_sharing_limits(state: State, layer: Layer) -> tuple[Layer, ...]:
    """Return the layers that have one pair of limits: model and the grid it is made of."""
    if layer not in ("grid", "model"):
        return (layer,)
    shown = state.results.shown
    own = shown is not None and state.view.own_grid and shown.grid is not None and not shown.own
    return (layer,) if own else ("grid", "model")


def looks_with_limits(state: State, layer: Layer, low: float, high: float) -> Mapping[Layer, Look]:
    """Return the looks with limits of a layer set by hand; see `LookCommands.set_limits`."""
    looks = state.looks
    if not (low < high and math.isfinite(high - low)):
        return looks
    pairs: dict[Layer, Pair] = {
        one: (float(low), float(high)) for one in layers_sharing_limits(state, layer)
    }
    half = (high - low) / 2
    if state.view.limits_linked and layer == "exposure":
        pairs["subtracted"] = (-half, half)
    elif state.view.limits_linked and layer == "subtracted":
        middle = sum(limits_of(state, "exposure")) / 2
        pairs["exposure"] = (middle - half, middle + half)
    for one, pair in pairs.items():
        key = "" if one in (*DIFFERENCES, *FRAMES) else looked_at(state)
        looks = with_look(looks, one, by_hand=pair, of=key)
    return looks


def with_first_limits(view: View, old: Shown | None, new: Shown | None) -> View:
    """Return the view with limits for what was not shown before; else the view as it is.

    A preview of the same exposure with another config keeps its limits, so that what changes on
    the screen is what changed in the data. Another exposure of the same size keeps the frames.
    """
    if new is None:
        return view
    found: dict[str, Mapping[str, Pair]] = dict(new.limits)
    if old is not None and old.key == new.key:
        kept = dict(view.measured)
        if old.sky_frame is not new.sky_frame:
            kept = {name: pairs for name, pairs in kept.items() if name not in ("grid", "model")}
        found |= kept
    view = _with_measured(view, found)
    if view.film:
        return view  # a film that moves is none
    if old is not None and (old.width, old.height) != (new.width, new.height):
        view = replace(view, frames=(None,) * len(view.frames))
    return view


def with_limits_of(state: State, layers: tuple[Layer, ...]) -> View:
    """Return the view with some layers' limits measured again: those of what is shown now.

    A film is held to them from there on.
    """
    view = _measured_again(state, layers)
    if not view.held_limits:
        return view
    own: dict[str, Pair] = {one: own_limits(replace(state, view=view), one) for one in layers}
    return replace(view, held_limits=MappingProxyType({**view.held_limits, **own}))


def _measured_again(state: State, layers: tuple[Layer, ...]) -> View:
    view, results = state.view, state.results
    names: set[str] = set(layers)
    if "grid" in names:
        names.add(OWN_GRID)
    found = {} if results.shown is None else results.shown.limits
    new = {name: pairs for name, pairs in found.items() if name in names}
    view = _with_measured(view, {**view.measured, **new})
    if LAYER not in names:
        return view
    found_map = results.residual
    if found_map is None and results.compare is not None and results.compare.pictures is not None:
        found_map = results.compare.pictures.maps[1]  # no pane shows one of its own
    return with_map_limits(view, found_map, again=True)


def with_map_limits(view: View, found: ResidualMap | None, again: bool = False) -> View:
    """Return the view with limits for the map, where it has none yet or ``again`` says so."""
    if found is None or (LAYER in view.measured and not again):
        return view
    measured = MappingProxyType({**view.measured, LAYER: found.limits})
    return view if measured == view.measured else replace(view, measured=measured)


def with_difference_limits(view: View, found: Mapping[CompareLayer, Mapping[str, Pair]]) -> View:
    """Return the view with the limits of A minus B as they are measured on new pictures."""
    fresh = {difference_name(layer): pairs for layer, pairs in found.items()}
    return _with_measured(view, {**view.measured, **fresh})


def _with_measured(view: View, found: Mapping[str, Mapping[str, Pair]]) -> View:
    if found == dict(view.measured):
        return view
    return replace(view, measured=MappingProxyType(dict(found)))


def _measured(state: State, layer: Layer) -> Pair:
    view = state.view
    name: str = layer
    if layer == "grid" and view.own_grid and OWN_GRID in view.measured:
        name = OWN_GRID
    elif layer == DIFFERENCE:
        name = difference_name(view.compared)
    presets = view.measured.get(name) or {}
    found = presets.get(state.looks[layer].preset)
    return found if found is not None else next(iter(presets.values()), NOWHERE)
