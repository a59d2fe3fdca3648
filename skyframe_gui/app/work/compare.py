"""Two configs side by side on one visit."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from PyQt6.QtCore import QObject

from skyframe_gui.app.model import display_limits
from skyframe_gui.app.model.comparison import PINS, Comparison, Difference, Pictures
from skyframe_gui.app.model.limits import with_difference_limits, with_map_limits
from skyframe_gui.app.model.pins import pinned_request, sides_of
from skyframe_gui.app.model.problems import clear_problem, report
from skyframe_gui.app.model.requests import fit_inputs
from skyframe_gui.app.model.visit_fit import sample_ids
from skyframe_gui.app.work.lane import Lane, track
from skyframe_gui.app.work.residual_stages import residual_of
from skyframe_gui.app.work.sample_visit import fit_whole_visit
from skyframe_gui.workflow.jobs import workers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from skyframe_gui.app.model.comparison import Pin, Rises
    from skyframe_gui.app.model.items import SampleId
    from skyframe_gui.app.model.looks import CompareLayer
    from skyframe_gui.app.model.requests import Request
    from skyframe_gui.app.model.residual_map import ResidualMap
    from skyframe_gui.app.model.shown import Pyramid
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.app.work.stages import Stages
    from skyframe_gui.engine import Watch

LANE = "compare"
ENOUGH = 1 << 16
"""Pixels of the smaller level that limits of a difference are measured on."""


class Compare(QObject):
    """Keeps the comparison of A and B up to date.

    Parameters
    ----------
    store : Store
    stages : Stages
    """

    def __init__(self, store: Store, stages: Stages) -> None:
        super().__init__()
        self._store = store
        self._stages = stages
        self._asked: object = None
        self.lane = Lane(LANE, interrupts=True)
        track(store, self.lane)
        store.changed.connect(self._on_changed)

    def close(self, seconds: float = 1.0) -> bool:
        """Stop everything; return whether it has ended in time."""
        return self.lane.close(seconds)

    def _on_changed(self, old: State, new: State) -> None:
        sides = sides_of(new)
        if sides is None:
            if self.lane.busy:
                self.lane.cancel()  # nobody waits for it any more
            if new.results.compare is not None:
                self._store.set(results=replace(new.results, compare=None))
            if self._asked is not None:
                clear_problem(self._store, LANE)
            self._asked = None
            return
        if self._asked is not None and not _may_differ(old, new):
            return
        requests = (pinned_request(new, sides[0]), pinned_request(new, sides[1]))
        key, bins = new.selection.exposure, _map_bins(new, sides)
        # The pins, too: what differs between them is told even of fields that no fit depends on.
        asked = (sides, *(fit_inputs(request) for request in requests), key, bins)
        if asked == self._asked or not requests[0].members:
            return
        self._asked = asked
        clear_problem(self._store, LANE)  # it was of what is no longer compared
        self.lane.submit(
            "Compare A and B",
            lambda watch: compare(self._stages, requests, sides, watch, key, bins),
            self._on_compared,
            failed=partial(report, self._store),
        )

    def _on_compared(self, comparison: Comparison) -> None:
        state, view = self._store.state, self._store.state.view
        pictures, shown = comparison.pictures, state.results.shown
        if pictures is not None and shown is not None and shown.key == pictures.key:
            # Where no pane shows a residual map nobody else has measured limits for one.
            view = with_map_limits(view, pictures.maps[1])
            found = {layer: one.limits for layer, one in pictures.differences.items()}
            view = with_difference_limits(view, found)
        self._store.set(results=replace(state.results, compare=comparison), view=view)


def _may_differ(old: State, new: State) -> bool:
    """Whether a change of the state can be one of what is compared."""
    return (
        old.pins is not new.pins
        or old.results.fit is not new.results.fit
        or old.config is not new.config
        or old.options is not new.options
        or old.excluded_samples is not new.excluded_samples
        or old.hand_masks is not new.hand_masks
        or old.looks is not new.looks
        or old.selection.exposure != new.selection.exposure
        or old.selection.sky_frame != new.selection.sky_frame
        or old.chosen_sets is not new.chosen_sets
        or old.built_sets is not new.built_sets
    )


def _map_bins(state: State, sides: tuple[Pin, Pin]) -> tuple[int, int]:
    """Return the bins of both residual maps: of a chosen size, else as the config of B has them."""
    size = state.looks["residual"].bins
    background = sides[1].config.background
    return (background.xBinSize, background.yBinSize) if size is None else (size, size)


def compare(
    stages: Stages,
    requests: tuple[Request, Request],
    pins: tuple[Pin, Pin],
    watch: Watch,
    key: str = "",
    bins: tuple[int, int] | None = None,
) -> Comparison:
    """Fit the visit with A and with B and tell them apart.

    Parameters
    ----------
    stages : Stages
    requests : (Request, Request)
    pins : (Pin, Pin)
    watch : Watch
    key : str
        The exposure whose pictures are made; "" for none.
    bins : (width, height), optional
        Of the residual maps.

    Raises
    ------
    SkyFrameError
        A file cannot be read, or a sky frame does not fit.
    Cancelled
        The watch said so.
    """
    with workers(None) as pool:
        a, b = (
            fit_whole_visit(stages, request, pool, watch, f"Compare A and B: {side}")
            for side, request in zip(PINS, requests, strict=True)
        )
    found = Comparison(
        a=a,
        b=b,
        pins=pins,
        fields=fields_of(*pins),
        same_boxes=_same_boxes(a, b),
        rises=(_rises(a, pins[0]), _rises(b, pins[1])),
        pictures=_pictures(stages, requests, (a, b), key, bins, watch),
    )
    if not found.same_boxes:
        return found
    in_a, in_b = a.solution.rejected_at >= 0, b.solution.rejected_at >= 0

    def chosen(where: NDArray[np.bool_]) -> tuple[SampleId, ...]:
        return sample_ids(a, where)

    return replace(
        found,
        only_a=chosen(in_a & ~in_b),
        only_b=chosen(in_b & ~in_a),
        both=chosen(in_a & in_b),
    )


def _rises(fit: VisitFit, pin: Pin) -> Rises:
    from skyframe_gui.engine.diagnostics import residual_rises

    return residual_rises(fit.samples, fit.solution, pin.config)


def _pictures(
    stages: Stages,
    requests: tuple[Request, Request],
    fits: tuple[VisitFit, VisitFit],
    key: str,
    bins: tuple[int, int] | None,
    watch: Watch,
) -> Pictures | None:
    """Return one exposure as A and as B have it."""
    maps, models = [], []
    for request, fit in zip(requests, fits, strict=True):
        keys = [item.key for item in request.members]
        if key not in keys or not np.isfinite(fit.solution.scale):
            return None
        item, frame = request.members[keys.index(key)], request.frames[keys.index(key)]
        config, options = request.config, request.options
        scale = fit.solution.scale
        maps.append(residual_of(stages, item, frame, config, options, scale, bins, watch))
        models.append(stages.model(item, frame, config, options, watch))
    scales = tuple(fit.solution.scale for fit in fits)
    differences = _differences((maps[0], maps[1]), (models[0], models[1]), (scales[0], scales[1]))
    return Pictures(key, (maps[0], maps[1]), (models[0], models[1]), differences)


def _differences(
    maps: tuple[ResidualMap, ResidualMap],
    models: tuple[Pyramid[np.float32], Pyramid[np.float32]],
    scales: tuple[float, float],
) -> Mapping[CompareLayer, Difference]:
    """Return what A minus B of each layer is coloured by; what is subtracted differs as models."""
    (a, b), (map_a, map_b) = models, (one.exact.values for one in maps)
    at = next((n for n, one in enumerate(a.levels) if one.size <= ENOUGH), len(a.levels) - 1)
    of_models = scales[0] * a.levels[at] - scales[1] * b.levels[at + a.first - b.first]
    found: dict[CompareLayer, Difference] = {
        "model": _difference(of_models),
        "subtracted": _difference(-of_models),
    }
    if map_a.shape == map_b.shape:
        found["residual"] = _difference(map_a - map_b)
    return MappingProxyType(found)


def _difference(values: NDArray[np.floating]) -> Difference:
    finite = display_limits.finite_of(values)
    quantiles = display_limits.quantiles_of(finite) if finite.size else None
    return Difference(display_limits.symmetric_presets(values), quantiles)


def fields_of(a: Pin, b: Pin) -> tuple[tuple[str, str, str], ...]:
    """Return all that may differ between two pins: name, value of A, value of B, as text."""
    from skyframe_gui.engine.config import field_values

    one, other = field_values(a.config), field_values(b.config)
    rows = [(name, _shown(one[name]), _shown(other[name])) for name in one]
    rows += [
        ("mask objects", str(a.options.mask_objects), str(b.options.mask_objects)),
        ("sky frame", a.sky_frame or "newest", b.sky_frame or "newest"),
        ("excluded by hand", str(len(a.excluded_samples)), str(len(b.excluded_samples))),
    ]
    return tuple(rows)


def _same_boxes(a: VisitFit, b: VisitFit) -> bool:
    return a.keys == b.keys and all(
        np.array_equal(one.boxes, other.boxes)
        for one, other in zip(a.samples, b.samples, strict=True)
    )


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
