"""Keeps the profile along the cut and the numbers of the region up to date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from skyframe_gui.app.model.cuts import (
    Profile,
    RegionNumbers,
    ends_of,
    step_of,
)
from skyframe_gui.app.model.problems import clear_problem, report
from skyframe_gui.app.model.profile_curves import models_of
from skyframe_gui.app.model.remembered import same
from skyframe_gui.app.work.lane import Lane, track

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from skyframe_gui.app.model.cuts import Cut, Region
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.engine import Exposure


@dataclass(frozen=True, eq=False, kw_only=True)
class Layers:
    """What profiles and numbers are measured on.

    Attributes
    ----------
    key : str
    exposure : Exposure
    planes : tuple of str
        Pixels with one of these are not good.
    names : tuple of str
        Whose models these are.
    models : tuple of float32 [H, W]
    scales : tuple of float or None
        What each model is taken times; None: not known (yet).
    """

    key: str
    exposure: Exposure
    planes: tuple[str, ...]
    names: tuple[str, ...]
    models: tuple[NDArray[np.float32], ...]
    scales: tuple[float | None, ...]

    @property
    def bits(self) -> int:
        """The mask pattern of what is not good."""
        return self.exposure.planes.left_out(self.planes) if self.exposure.has_mask else 0

    @property
    def mask(self) -> NDArray[np.int32] | None:
        """The exposure's mask."""
        return self.exposure.mask if self.exposure.has_mask else None


def layers_of(state: State) -> Layers | None:
    """Return what is measured on in a state; None without an exposure."""
    shown = state.results.shown
    if shown is None or shown.exposure is None:
        return None
    models = models_of(state)
    return Layers(
        key=shown.key,
        exposure=shown.exposure,
        planes=tuple(state.config.stats.mask),
        names=tuple(name for name, _, _ in models),
        models=tuple(model.levels[0] for _, model, _ in models),
        scales=tuple(scale for _, _, scale in models),
    )


def profile_of(layers: Layers, cut: Cut) -> Profile:
    """Return the profile of all layers along a cut; a scale does not change what is measured.

    Raises
    ------
    SkyFrameError
        The cut cannot be measured.
    """
    from skyframe_gui.engine.cuts import measure_profile

    one = layers.exposure
    size = (one.width, one.height)
    found = measure_profile(
        one.image,
        layers.mask,
        layers.bits,
        ends_of(cut, size),
        cut.width,
        step_of(cut, size),
        layers.models,
    )
    return Profile(key=layers.key, cut=cut, names=layers.names, found=found)


def numbers_of(layers: Layers, region: Region) -> RegionNumbers:
    """Return the numbers of every layer in a region; without a scale only of the exposure."""
    from skyframe_gui.engine.cuts import measure_region

    one = layers.exposure
    known = [
        (name, model, scale)
        for name, model, scale in zip(layers.names, layers.models, layers.scales, strict=True)
        if scale is not None
    ]
    found = measure_region(
        one.image,
        layers.mask,
        layers.bits,
        (region.x0, region.y0, region.x1, region.y1),
        region.shape,
        [(model, scale) for _, model, scale in known],
    )
    names = ["exposure"]
    for name, _, _ in known:
        names += [f"{layer} {name}".strip() for layer in ("model", "subtracted")]
    numbers = dict(zip(names, found, strict=True))
    return RegionNumbers(key=layers.key, region=region, layers=MappingProxyType(numbers))


class LiveCuts(QObject):
    """Measures what a person has drawn, each in a lane of its own: one that was just moved first.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._closed = False
        self._asked: dict[str, tuple[object, ...]] = {}
        self.profile = Lane("profile")
        self.region = Lane("region")
        for lane in self.lanes:
            track(store, lane)
        store.changed.connect(self._on_changed)

    @property
    def lanes(self) -> tuple[Lane, Lane]:
        """Where they are measured."""
        return self.profile, self.region

    @property
    def busy(self) -> bool:
        """Whether anything is measured."""
        return any(lane.busy for lane in self.lanes)

    def close(self, seconds: float = 1.0) -> bool:
        """Stop; return whether that was in time."""
        self._closed = True
        ended = [lane.close(seconds / 2) for lane in self.lanes]
        return all(ended)

    def _on_changed(self, old: State, new: State) -> None:
        if self._closed or same(_inputs(old), _inputs(new)):
            return
        view = new.view
        layers = None if view.cut is None and view.region is None else layers_of(new)
        self._follow_cut(new, layers)
        self._follow_region(new, layers)

    def _follow_cut(self, state: State, layers: Layers | None) -> None:
        cut = state.view.cut
        if cut is None or state.results.shown is None:
            self._drop("profile")
            return
        if layers is None:
            return  # the image is here before its mask
        made_of = (layers.exposure, cut, *layers.models, *layers.names, *layers.planes)
        if self._is_asked("profile", made_of):
            return
        self.profile.submit(
            "Profile along the cut",
            lambda watch: profile_of(layers, cut),
            self._on_profile,
            failed=partial(report, self._store),
        )

    def _follow_region(self, state: State, layers: Layers | None) -> None:
        region = state.view.region
        if region is None or state.results.shown is None:
            self._drop("region")
            return
        if layers is None:
            return
        made_of = (layers.exposure, region, *layers.models, *layers.names, *layers.planes)
        if self._is_asked("region", (*made_of, *map(str, layers.scales))):
            return
        self.region.submit(
            "Numbers of the region",
            lambda watch: numbers_of(layers, region),
            self._on_numbers,
            failed=partial(report, self._store),
        )

    def _is_asked(self, name: str, made_of: tuple[object, ...]) -> bool:
        """Whether that is what was asked for last; from now on it is."""
        if same(self._asked.get(name, ()), made_of):
            return True
        self._asked[name] = made_of
        clear_problem(self._store, name)
        return False

    def _drop(self, name: str) -> None:
        """Take away what was measured: there is nothing to measure any more."""
        self._asked.pop(name, None)
        results = self._store.state.results
        if name == "profile" and results.profile is not None:
            self._store.set(results=replace(results, profile=None))
        elif name == "region" and results.region is not None:
            self._store.set(results=replace(results, region=None))

    def _on_profile(self, found: Profile) -> None:
        state = self._store.state
        if state.view.cut is not None:
            self._store.set(results=replace(state.results, profile=found))

    def _on_numbers(self, found: RegionNumbers) -> None:
        state = self._store.state
        if state.view.region is not None:
            self._store.set(results=replace(state.results, region=found))


def _inputs(state: State) -> tuple[object, ...]:
    """Return all that a profile and the numbers of a region are made of."""
    view, results = state.view, state.results
    return (
        view.cut,
        view.region,
        view.workspace,
        str(view.trial),
        results.shown,
        results.fit,
        results.compare,
        state.config.stats.mask,
    )
