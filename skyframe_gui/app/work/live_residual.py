"""Keeps the residual map up to date: at once for other inputs, after a rest for another scale."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer

from skyframe_gui.app.model.limits import with_map_limits
from skyframe_gui.app.model.problems import clear_problem, report
from skyframe_gui.app.model.queries import bins_of, scale_of, shown_exposure, sky_frame_of
from skyframe_gui.app.model.requests import fit_is_stale
from skyframe_gui.app.model.residual_map import LANE, LAYER
from skyframe_gui.app.work.lane import Lane, track
from skyframe_gui.app.work.residual_stages import residual_inputs, residual_of

if TYPE_CHECKING:
    from collections.abc import Hashable

    from skyframe_gui.app.model.items import ExposureItem, Options, SkyFrameItem
    from skyframe_gui.app.model.residual_map import ResidualMap
    from skyframe_gui.app.model.results import Problem
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.work.stages import Stages
    from skyframe_gui.engine import SkyMeasurementConfig, Watch

REST_MS = 150
"""So long must the scale rest before the map is measured for it; till then it is worked out."""
INPUTS = (
    "results",
    "config",
    "options",
    "looks",
    "exposures",
    "sky_frames",
    "built_sets",
    "chosen_sets",
    "removed",
    "assigned",
)
"""Fields of the state that a map is made of, besides what is selected, shown and tried."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Wanted:
    """The map that a state asks for."""

    item: ExposureItem
    frame: SkyFrameItem | None
    config: SkyMeasurementConfig
    options: Options
    scale: float
    bins: tuple[int, int]
    inputs: Hashable


class LiveMap(QObject):
    """Measures the residual map in a lane of its own, while a pane shows it.

    The preview makes the map of another exposure together with all else of it; so that the lane of
    the previews never waits for a map, whatever changes after that is measured here.

    Parameters
    ----------
    store : Store
    stages : Stages
    rest_ms : int
        See `REST_MS`.
    """

    def __init__(self, store: Store, stages: Stages, rest_ms: int = REST_MS) -> None:
        super().__init__()
        self._store = store
        self._stages = stages
        self._closed = False
        self._asked: tuple[Hashable, float] | None = None
        self._measured_of: tuple[Hashable, ...] | None = None
        self._settled_of = 0
        self.lane = Lane(LANE)
        track(store, self.lane)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(rest_ms)
        self._rest.timeout.connect(self._measure)
        store.changed.connect(self._on_changed)

    @property
    def busy(self) -> bool:
        """Whether a map is measured, or will be after the rest."""
        return self._rest.isActive() or self.lane.busy

    def close(self, seconds: float = 1.0) -> bool:
        """Stop; return whether that was in time."""
        self._closed = True
        self._rest.stop()
        return self.lane.close(seconds)

    def wanted(self, state: State) -> Wanted | None:
        """Return the map that a state asks for; None where there is none to be made."""
        shown = state.results.shown
        if LAYER not in state.view.panes or shown is None or shown.exposure is None:
            return None
        item = shown_exposure(state)
        if item is None or item.key != shown.key:
            return None  # another one is on its way, and its map with it
        frame = sky_frame_of(state, item.source)
        if frame is None:
            scale = 1.0
        else:
            found = scale_of(state)
            if found is None:
                return None
            scale = found[0]
        bins = bins_of(state)
        inputs = residual_inputs(item, frame, state.config, state.options, bins)
        return Wanted(
            item=item,
            frame=frame,
            config=state.config,
            options=state.options,
            scale=scale,
            bins=bins,
            inputs=inputs,
        )

    def _on_changed(self, old: State, new: State) -> None:
        if self._closed or _same_inputs(old, new):
            return
        wanted = self.wanted(new)
        self._settle(new, wanted)
        if wanted is not None and self._asked == (wanted.inputs, wanted.scale):
            return
        # What hindered another map hinders this one no longer, or will be told again.
        clear_problem(self._store, self.lane.name)
        if wanted is None:
            return
        self._rest.stop()
        there = new.results.residual
        if there is not None and there.inputs == wanted.inputs:
            if there.scale != wanted.scale:
                self._rest.start()
            return
        self._submit(wanted)

    def _settle(self, state: State, wanted: Wanted | None) -> None:
        """Measure the limits for another sky frame, and when the whole visit is fitted to it.

        The first map of an exposure has the scale that fits this exposure alone: there the middle
        of a gradient over the camera is near 0, and limits of that map would cut the visit's off.
        While files are opened a visit grows, and counts as another one. A frame from which an
        exposure is left out is the same one: what changes on screen is the map, not its colours.
        """
        fit, there = state.results.fit, state.results.residual
        stale = fit_is_stale(state)  # always asked, as the answer keeps what it was asked about
        if state.results.shown is None:
            self._measured_of = None
        if wanted is None or there is None or there.inputs != wanted.inputs:
            return
        n, whole = 1, there.scale == 1.0
        if wanted.frame is not None:
            if stale:
                return  # the scale is that of another sky frame
            n = 0 if fit is None else fit.n_members
            whole = fit is not None and fit.is_final and there.scale == fit.solution.scale
        of = (wanted.item.key, *_which(wanted.frame))
        new = of != self._measured_of
        if new:
            self._measured_of, self._settled_of = of, 0
        if whole and n > self._settled_of:
            self._settled_of = n
        elif not new:
            return
        self._store.set(view=with_map_limits(state.view, there, again=True))

    def _measure(self) -> None:
        wanted = self.wanted(self._store.state)
        if wanted is not None:
            self._submit(wanted)

    def _submit(self, wanted: Wanted) -> None:
        self._asked = (wanted.inputs, wanted.scale)
        self.lane.submit(
            "Residual map",
            partial(self._work, wanted),
            self._on_map,
            failed=self._on_failed,
            cancelled=self._forget,
        )

    def _work(self, wanted: Wanted, watch: Watch) -> ResidualMap:
        one = wanted
        return residual_of(
            self._stages, one.item, one.frame, one.config, one.options, one.scale, one.bins, watch
        )

    def _on_map(self, found: ResidualMap) -> None:
        self._forget()
        state = self._store.state
        shown = state.results.shown
        if shown is not None and shown.key == found.key:
            self._store.set(
                results=replace(state.results, residual=found),
                view=with_map_limits(state.view, found),
            )

    def _on_failed(self, problem: Problem) -> None:
        # What was asked is kept: it would fail again, and again. What hinders the preview, too, is
        # told there already.
        if all(one.text != problem.text for one in self._store.state.problems):
            report(self._store, problem)

    def _forget(self) -> None:
        self._asked = None


def _which(frame: SkyFrameItem | None) -> tuple[Hashable, ...]:
    """Return what tells a sky frame from others, and not what leaving exposures out changes."""
    if frame is None:
        return ()
    return (frame.key,) if frame.built is not None else (frame.key, frame.sky_frame)


def _same_inputs(old: State, new: State) -> bool:
    """Whether nothing that a map is made of was even touched, as when the mouse moves."""
    return (
        all(getattr(old, name) is getattr(new, name) for name in INPUTS)
        and old.selection.exposure == new.selection.exposure
        and old.selection.sky_frame == new.selection.sky_frame
        and old.view.panes == new.view.panes
        and old.view.trial == new.view.trial
    )
