"""Questions about a state that several parts of the program ask."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from skyframe_gui.app.model.remembered import Remembered
from skyframe_gui.app.model.residual_map import binned
from skyframe_gui.workflow.grouping import group_by_visit

if TYPE_CHECKING:
    from skyframe_gui.app.model.items import ExposureItem, Options, SampleId, SkyFrameItem, Stamp
    from skyframe_gui.app.model.state import State
    from skyframe_gui.engine import BackgroundConfig, SkyMeasurementConfig
    from skyframe_gui.files import ExposureSource

WARM_UP = "warm-up"
"""The lane of the job that prepares the engine at the first start."""


def engine_is_prepared(state: State) -> bool:
    """Return whether the engine is being prepared just now, so that results have to wait."""
    return any(job.lane == WARM_UP for job in state.jobs)


def open_exposures(state: State) -> tuple[ExposureItem, ...]:
    """Return the exposures that are on the list, visit and detector as the user has them."""
    items = []
    for item in state.exposures:
        if item.key in state.closed:
            continue
        if item.key in state.assigned:
            visit, detector = state.assigned[item.key]
            item = replace(item, source=replace(item.source, visit=visit, detector=detector))
        items.append(item)
    return tuple(items)


def open_sky_frames(state: State) -> tuple[SkyFrameItem, ...]:
    """Return the sky frames that are on the list."""
    return tuple(item for item in state.sky_frames if item.key not in state.closed)


def included(state: State) -> tuple[ExposureItem, ...]:
    """Return the exposures that are used: on the list, not left out, not known to be unusable."""
    return tuple(
        item
        for item in open_exposures(state)
        if item.key not in state.left_out
        and not (item.key in state.facts and state.facts[item.key].problem)
    )


def visits(items: tuple[ExposureItem, ...]) -> dict[str, tuple[ExposureItem, ...]]:
    """Return exposures by visit; where the files do not tell, each file is a visit of its own."""
    by_source: dict[int, ExposureItem] = {id(item.source): item for item in items}
    sources: list[ExposureSource] = [item.source for item in items]
    return {
        visit: tuple(by_source[id(source)] for source in members)
        for visit, members in group_by_visit(sources).items()
    }


def shown_exposure(state: State) -> ExposureItem | None:
    """Return the exposure that is looked at."""
    return next(
        (item for item in open_exposures(state) if item.key == state.selection.exposure), None
    )


def shown_visit(state: State) -> tuple[str, tuple[ExposureItem, ...]]:
    """Return the visit of the shown exposure and its exposures; "" and none without one."""
    key = state.selection.exposure
    for visit, members in visits(open_exposures(state)).items():
        if any(item.key == key for item in members):
            return visit, members
    return "", ()


def sky_frames_for(state: State, detector: str) -> tuple[SkyFrameItem, ...]:
    """Return the sky frames that an exposure of that detector can be corrected with.

    Those of the detector; where there is none, the nameless ones, if no sky frame has a name.
    """
    candidates = open_sky_frames(state)
    own = tuple(item for item in candidates if item.detector == detector)
    return own if own or any(item.detector for item in candidates) else candidates


def sky_frame_of(state: State, detector: str) -> SkyFrameItem | None:
    """Return the sky frame that an exposure of that detector is corrected with.

    The selected one where it is of this detector, else the newest that is; where there is none, a
    nameless one serves, if no sky frame has a name.
    """
    own = sky_frames_for(state, detector)
    for item in own:
        if item.key == state.selection.sky_frame:
            return item
    return own[-1] if own else None


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the engine is asked: the part of a state that its results depend on.

    Attributes
    ----------
    shown : ExposureItem or None
        The exposure on screen.
    sky_frame : SkyFrameItem or None
        The sky frame on screen: of the shown exposure, or one that is looked at by itself.
    visit : str
    members : tuple of ExposureItem
        The visit's used exposures that have a sky frame.
    frames : tuple of SkyFrameItem
        Of each member.
    config, options, by_hand : as in the state
    """

    shown: ExposureItem | None
    sky_frame: SkyFrameItem | None
    visit: str
    members: tuple[ExposureItem, ...]
    frames: tuple[SkyFrameItem, ...]
    config: SkyMeasurementConfig
    options: Options
    by_hand: frozenset[SampleId]


def request_of(state: State) -> Request:
    """Return what the engine is to be asked for a state."""
    shown = shown_exposure(state)
    if shown is None:
        frame = next(
            (i for i in open_sky_frames(state) if i.key == state.selection.sky_frame), None
        )
    else:
        frame = sky_frame_of(state, shown.source.detector)
    visit, everyone = shown_visit(state)
    usable = {item.key for item in included(state)}
    members, frames = [], []
    for item in everyone:
        own = sky_frame_of(state, item.source.detector)
        if item.key in usable and own is not None:
            members.append(item)
            frames.append(own)
    return Request(
        shown=shown,
        sky_frame=frame,
        visit=visit,
        members=tuple(members),
        frames=tuple(frames),
        config=state.config,
        options=state.options,
        by_hand=state.by_hand,
    )


def parts_of_request(state: State) -> tuple[object, ...]:
    """Return all of a state that `request_of` reads: with the same parts it is the same request."""
    return (
        state.exposures,
        state.sky_frames,
        state.facts,
        state.config,
        state.options,
        state.left_out,
        state.by_hand,
        state.assigned,
        state.closed,
        state.selection.exposure,
        state.selection.sky_frame,
    )


def fit_inputs(request: Request) -> object:
    """Return what a fit depends on; compared with ``==``."""
    config = request.config
    return (
        request.visit,
        tuple((item.key, item.stamp, item.source.detector) for item in request.members),
        tuple((frame.key, id(frame.sky_frame)) for frame in request.frames),
        tuple(algorithm_of(frame, config) for frame in request.frames),
        config.skyIter,
        config.skyRej,
        config.xNumSamples,
        config.yNumSamples,
        config.stats,
        request.options.mask_objects,
        request.by_hand,
    )


def algorithm_of(frame: SkyFrameItem, config: SkyMeasurementConfig) -> str:
    """Return the style a sky frame is interpolated in.

    A file's own, as the pipeline has it; the config's for one that was built here, as that is what
    it will be saved with.
    """
    if frame.built is None or config.background.algorithm in (None, "NONE"):
        return frame.sky_frame.algorithm
    return str(config.background.algorithm)


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


def fit_is_stale(state: State) -> bool:
    """Whether the fit on screen is not (or not yet) of the newest state."""
    # Each panel asks at every move of the mouse.
    fit = state.results.fit
    return _fit_is_stale.of(
        (fit, *parts_of_request(state)),
        lambda: fit is not None and fit.made_from != fit_inputs(request_of(state)),
    )


_fit_is_stale = Remembered[bool]()


def stamp_of(path: object) -> Stamp:
    """Return a file's size and time of change; zeros where it is gone."""
    import os

    try:
        found = os.stat(str(path))
    except OSError:
        return (0, 0)
    return (found.st_size, found.st_mtime_ns)


def frame_on_screen(state: State) -> SkyFrameItem | None:
    """Return the sky frame that is looked at, as it is now; built here or from a file."""
    shown = state.results.shown
    frame = None if shown is None else shown.sky_frame
    for item in open_sky_frames(state):
        if frame is not None and item.key == frame.key:
            return item
    return frame


def inspected(state: State) -> SkyFrameItem | None:
    """Return the sky frame whose stack is looked at: the one on screen, where it was built here."""
    frame = frame_on_screen(state)
    return frame if frame is not None and frame.built is not None else None


def bins_of(state: State) -> tuple[int, int]:
    """Return width and height in pixels of the bins that the map is to have."""
    size = state.looks["residual"].bins
    background = state.config.background
    return (background.xBinSize, background.yBinSize) if size is None else (size, size)


def background_of(state: State) -> BackgroundConfig:
    """Return what the bins of the map are to be measured with."""
    return binned(state.config, bins_of(state))


def inputs_of(state: State) -> tuple[str, ...]:
    """Return every file that the session reads; none of them is ever written to."""
    found: dict[str, None] = {}
    for item in state.exposures:
        source = item.source
        for plane in (source.image, source.mask, source.variance):
            if plane is not None:
                found[str(plane.path)] = None
        found[str(source.path)] = None
    # What was built here and saved may be saved again, in another style.
    found.update({item.path: None for item in state.sky_frames if item.path and not item.built})
    return tuple(found)
