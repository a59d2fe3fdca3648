"""What a person can do with how layers are drawn: their limits, stretch, colours and bins."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from skyframe_gui.app.model.limits import layers_sharing_limits, looks_with_limits, with_limits_of
from skyframe_gui.app.model.looks import (
    LARGEST_BIN,
    LARGEST_SMOOTHING,
    LAYER_WORDS,
    SMALLEST_BIN,
    SMOOTHED,
    STRETCHES,
    colours_of,
    presets_of,
    with_look,
)

if TYPE_CHECKING:
    from skyframe_gui.app.model.looks import Layer
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.model.view import PlaneLayer

USUAL_SMOOTHING = 2.0
"""Pixels of sigma."""


class LookCommands:
    """A part of the `Commands`.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def set_limits(self, layer: Layer, low: float, high: float) -> None:
        """Set by hand where a layer's colours begin and end, in the unit of its pixels.

        The model's are in its sky frame's unit. Limits that cannot be are passed over. Grid and
        model are set alike; so is the width of exposure and subtracted where these are linked.
        """
        looks = looks_with_limits(self._store.state, layer, low, high)
        self._store.edit(f"limits of {LAYER_WORDS[layer]}", looks=looks)

    def set_limits_preset(self, layer: Layer, preset: str) -> None:
        """Choose how a layer's limits are measured; one of `presets_of` it."""
        if preset not in presets_of(layer):
            return
        looks = self._store.state.looks
        for one in layers_sharing_limits(self._store.state, layer):
            looks = with_look(looks, one, preset=preset, by_hand=None, of="")
        self._store.edit(f"limits preset of {LAYER_WORDS[layer]}", looks=looks)

    def set_stretch(self, layer: Layer, stretch: str) -> None:
        """Choose how a layer's values share out the colours."""
        if stretch in STRETCHES:
            looks = with_look(self._store.state.looks, layer, stretch=stretch)
            self._store.edit(f"stretch of {LAYER_WORDS[layer]}", looks=looks)

    def set_colours(self, layer: Layer, colours: str) -> None:
        """Choose a layer's colour map; one of `colours_of` it."""
        if colours in colours_of(layer):
            looks = with_look(self._store.state.looks, layer, colours=colours)
            self._store.edit(f"colours of {LAYER_WORDS[layer]}", looks=looks)

    def set_residual_bins(self, size: int | None) -> None:
        """Choose the side of the residual map's bins in pixels; None for the config's."""
        if size is not None:
            size = min(max(int(size), SMALLEST_BIN), LARGEST_BIN)
        looks = with_look(self._store.state.looks, "residual", bins=size)
        self._store.edit(f"bins of {LAYER_WORDS['residual']}", looks=looks)

    def set_smoothing(self, layer: Layer, sigma: float | None) -> None:
        """Smooth a layer on the screen with a Gaussian of this sigma in pixels; None for not."""
        if layer in SMOOTHED:
            smooth = 0.0 if sigma is None else min(max(sigma, 0.0), LARGEST_SMOOTHING)
            looks = with_look(self._store.state.looks, layer, smooth=smooth)
            self._store.edit(f"smoothing of {LAYER_WORDS[layer]}", looks=looks)

    def switch_smoothing(self, layer: Layer) -> None:
        """Smooth a layer on the screen, or no longer."""
        is_on = self._store.state.looks[layer].smooth > 0
        self.set_smoothing(layer, None if is_on else USUAL_SMOOTHING)

    def set_plane_limits(self, layer: PlaneLayer, limits: tuple[float, float] | None) -> None:
        """Keep limits of a layer of the focal plane, or take measured ones."""
        view = self._store.state.view
        kept = {one: pair for one, pair in view.plane_limits.items() if one != layer}
        if limits is not None:
            kept[layer] = limits
        self._store.set(view=replace(view, plane_limits=MappingProxyType(kept)))

    def reset_limits(self, layer: Layer) -> None:
        """Measure a layer's limits again, in the way that is chosen for it."""
        state = self._store.state
        looks = state.looks
        layers = layers_sharing_limits(state, layer)
        for one in layers:
            looks = with_look(looks, one, by_hand=None, of="")
        self._store.edit(f"measure limits of {LAYER_WORDS[layer]}", looks=looks)
        self._store.set(view=with_limits_of(self._store.state, layers))
