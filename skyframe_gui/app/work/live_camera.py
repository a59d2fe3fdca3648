"""Keeps the view of the focal plane up to date, while the workspace Camera is open."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QObject

from skyframe_gui.app.model.camera_view import LANE, CameraView
from skyframe_gui.app.model.problems import clear_problem, report
from skyframe_gui.app.model.queries import engine_is_prepared, shown_visit
from skyframe_gui.app.model.remembered import Same, same
from skyframe_gui.app.model.requests import algorithm_of, request_of
from skyframe_gui.app.work.lane import Lane, track
from skyframe_gui.app.work.stages import sky_model
from skyframe_gui.app.work.thumbnails import (
    bins_of,
    middles,
)
from skyframe_gui.engine import SkyFrameError
from skyframe_gui.engine.thumbnail import block_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.app.model.items import ExposureItem, SkyFrameItem
    from skyframe_gui.app.model.requests import Request
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.app.work.cache import Memory
    from skyframe_gui.app.work.stages import Stages
    from skyframe_gui.engine import SkyMeasurementConfig, Watch
    from skyframe_gui.engine.diagnostics.own_fits import OwnFits
    from skyframe_gui.engine.thumbnail import Thumbnail
    from skyframe_gui.workflow.detector_places import Layout

READERS = frozenset({"open", "survey", "full", "preview"})
"""Lanes that read exposures anyway, and leave thumbnails behind."""
BATCH_SECONDS = 0.3
"""Thumbnails that had to be read for are told of so often."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Wanted:
    """What the view is made of."""

    visit: str
    members: tuple[ExposureItem, ...]
    request: Request
    fit: VisitFit | None
    camera: str
    reads: bool


class LiveCamera(QObject):
    """Puts the view together in a lane of its own, from what other lanes have read.

    What nobody has read, or was dropped from memory since, is read here when the others rest.

    Parameters
    ----------
    store : Store
    stages : Stages
    """

    def __init__(self, store: Store, stages: Stages) -> None:
        super().__init__()
        self._store = store
        self._stages = stages
        self._asked: tuple[object, ...] = ()
        self._closed = False
        self.lane = Lane(LANE)
        track(store, self.lane)
        store.changed.connect(self._on_changed)

    def close(self, seconds: float = 1.0) -> bool:
        """Stop; return whether that was in time."""
        self._closed = True
        return self.lane.close(seconds)

    def _on_changed(self, old: State, new: State) -> None:
        if self._closed or new.view.workspace != "camera" or engine_is_prepared(new):
            return
        visit, members = shown_visit(new)
        request = request_of(new)
        fit = self._whole_fit(new, visit)
        reads = not any(job.lane in READERS for job in new.jobs)
        camera = new.correction.camera or new.options.camera
        asked = (members, request, fit, new.facts, camera, "reads" if reads else "")
        if same(asked, self._asked):
            return
        self._asked = asked
        if not members:
            if new.results.camera is not None:
                self._store.set(results=replace(new.results, camera=None))
            return
        clear_problem(self._store, LANE)
        wanted = Wanted(
            visit=visit, members=members, request=request, fit=fit, camera=camera, reads=reads
        )
        self.lane.submit(
            "Focal plane",
            partial(camera_view, self._stages, wanted),
            self._on_view,
            published=self._on_view,
            failed=partial(report, self._store),
        )

    def _whole_fit(self, state: State, visit: str) -> VisitFit | None:
        """Return the fit that is told of: while another one is made, the one before it."""
        fit, before = state.results.fit, state.results.camera
        if fit is None or fit.visit != visit or fit.is_final:
            return fit if fit is not None and fit.visit == visit else None
        return before.fit if before is not None and before.visit == visit else None

    def _on_view(self, view: CameraView) -> None:
        state = self._store.state
        if shown_visit(state)[0] == view.visit:
            self._store.set(results=replace(state.results, camera=view))


def camera_view(stages: Stages, wanted: Wanted, watch: Watch) -> CameraView:
    """Put the view of a visit together; in the lane."""
    from skyframe_gui.app.work.pyramids import prepare
    from skyframe_gui.workflow.detector_places import layout_of_visit

    prepare()
    members, request = wanted.members, wanted.request
    layout = stages.memory.get(
        "layout",
        (tuple((one.key, one.stamps, one.source.identity) for one in members), wanted.camera),
        lambda: layout_of_visit([one.source for one in members], wanted.camera),
    )
    frames = {item.key: own for item, own in zip(request.members, request.frames, strict=True)}
    models = {}
    for item in members:
        if item.key in frames:
            watch.step(0, 0, "Focal plane")
            model = _model(stages, item, frames[item.key], request)
            if model is not None:
                models[item.key] = model
    own, fit = None, wanted.fit
    if fit is not None and len(fit.keys):
        own = stages.memory.get(
            "own fits", (fit.solution, tuple(fit.samples)), lambda: _own(fit, request)
        )
    view = CameraView(
        visit=wanted.visit,
        keys=tuple(item.key for item in members),
        layout=layout,
        models=MappingProxyType(models),
        fit=fit,
        own=own,
        beside=None if own is None or fit is None else _beside(own, fit, members, layout),
    )
    found: dict[str, Thumbnail] = {}
    missing: list[ExposureItem] = []
    left_out, options = request.config.stats.mask, request.options
    for item in members:
        one = stages.find_thumbnail(item, left_out, options)
        if one is None:
            missing.append(item)
        else:
            found[item.key] = one
    background = request.config.background
    size = min(background.xBinSize, background.yBinSize)

    def with_found() -> CameraView:
        bins = {
            key: stages.memory.get(
                "bins of the thumbnail",
                (one, Same(models[key]), size),
                partial(bins_of, one, models[key], size),
            )
            for key, one in found.items()
            if key in models
        }
        return replace(
            view,
            thumbnails=MappingProxyType(dict(found)),
            bins=MappingProxyType(bins),
            missing=len(view.keys) - len(found),
        )

    published = time.monotonic()
    for number, item in enumerate(missing if wanted.reads else ()):
        watch.step(number, len(missing), f"Look at {item.source.name}")
        try:
            one = stages.look(item, left_out).thumbnail
        except SkyFrameError:
            continue  # said by those who need it
        if one is not None:
            found[item.key] = one
        if time.monotonic() - published > BATCH_SECONDS:
            watch.publish(with_found())
            published = time.monotonic()
    return with_found()


def _model(
    stages: Stages, item: ExposureItem, frame: SkyFrameItem, request: Request
) -> NDArray[np.float32] | None:
    """Return a sky model's thumbnail; None where it does not serve the exposure."""
    try:
        return model_thumbnail(stages.memory, frame, request.config, item)
    except SkyFrameError:
        return None  # said by the fit


def model_thumbnail(
    memory: Memory, frame: SkyFrameItem, config: SkyMeasurementConfig, item: ExposureItem
) -> NDArray[np.float32]:
    """Return a sky frame's model at the middles of an exposure's blocks, float32 [h, w].

    A model bends so little within a block that this is its mean there.

    Raises
    ------
    SkyFrameError
        The sky frame does not serve the exposure.
    """
    source = item.source
    box = source.bbox
    block = block_of(source.width, source.height)

    def make() -> NDArray[np.float32]:
        model = sky_model(frame, config, item)
        x, y, _, _ = model.box_of(box, source.name)
        made = model.sampled(x + middles(source.width, block), y + middles(source.height, block))
        made.flags.writeable = False
        return made

    key = (frame.key, frame.sky_frame, algorithm_of(frame, config), source.identity, box)
    return memory.get("thumbnail of the model", key, make)


def _own(fit: VisitFit, request: Request) -> OwnFits:
    from skyframe_gui.engine.diagnostics.own_fits import own_fits

    return own_fits(fit.samples, fit.solution, request.config)


def _beside(
    own: OwnFits, fit: VisitFit, members: tuple[ExposureItem, ...], layout: Layout
) -> NDArray[np.float64]:
    """Return how far the fitted detectors' scales are from those of their neighbours."""
    from skyframe_gui.engine.diagnostics.own_fits import from_neighbours

    middles = {
        members[place.number].key: place.corners().mean(axis=0)
        for place in layout.places
        if place.number is not None
    }
    return from_neighbours(own, np.array([middles[key] for key in fit.keys]))
