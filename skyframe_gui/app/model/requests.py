"""What the engine is asked for a state, and whether a fit is still the answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from skyframe_gui.app.model.queries import (
    is_for,
    open_sky_frames,
    shown_exposure,
    shown_visit,
    sky_frame_of,
)
from skyframe_gui.app.model.remembered import Remembered

if TYPE_CHECKING:
    from skyframe_gui.app.model.items import (
        ExposureItem,
        Options,
        SampleId,
        SkyFrameItem,
    )
    from skyframe_gui.app.model.state import State
    from skyframe_gui.engine import SkyMeasurementConfig


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
        The visit's science exposures that have a sky frame.
    frames : tuple of SkyFrameItem
        Of each member.
    config, options, excluded_samples : as in the state
    """

    shown: ExposureItem | None
    sky_frame: SkyFrameItem | None
    visit: str
    members: tuple[ExposureItem, ...]
    frames: tuple[SkyFrameItem, ...]
    config: SkyMeasurementConfig
    options: Options
    excluded_samples: frozenset[SampleId]

    @cached_property
    def inputs(self) -> object:
        """What a fit depends on; several ask, and there may be hundreds of members."""
        config = self.config
        return (
            self.visit,
            tuple(
                (item.key, item.stamps, item.source.identity, item.source.hand_masks)
                for item in self.members
            ),
            tuple((frame.key, frame.sky_frame) for frame in self.frames),
            tuple(algorithm_of(frame, config) for frame in self.frames),
            config.skyIter,
            config.skyRej,
            config.xNumSamples,
            config.yNumSamples,
            config.stats,
            self.options.mask_objects,
            self.excluded_samples,
        )


def request_of(state: State) -> Request:
    """Return what the engine is to be asked for a state."""
    return _request.of(parts_of_request(state), lambda: _request_of(state))


_request = Remembered["Request"]()


def _request_of(state: State) -> Request:
    shown = shown_exposure(state)
    if shown is None:
        frame = next(
            (i for i in open_sky_frames(state) if i.key == state.selection.sky_frame), None
        )
    else:
        frame = sky_frame_of(state, shown.source)
    visit, everyone = shown_visit(state)
    members, frames = _members.of(
        (
            everyone,
            open_sky_frames(state),
            state.selection.sky_frame,
            state.chosen_sets,
            state.facts,
            state.excluded_exposures,
        ),
        lambda: _used_of(state, everyone),
    )
    return Request(
        shown=shown,
        sky_frame=frame,
        visit=visit,
        members=members,
        frames=frames,
        config=state.config,
        options=state.options,
        excluded_samples=state.excluded_samples,
    )


def request_for(state: State, visit: str, everyone: tuple[ExposureItem, ...]) -> Request:
    """Return what the engine is to be asked for any visit of the list; nothing of it is shown."""
    members, frames = _used_of(state, everyone)
    return Request(
        shown=None,
        sky_frame=None,
        visit=visit,
        members=members,
        frames=frames,
        config=state.config,
        options=state.options,
        excluded_samples=state.excluded_samples,
    )


_members = Remembered["tuple[tuple[ExposureItem, ...], tuple[SkyFrameItem, ...]]"]()


def _used_of(
    state: State, everyone: tuple[ExposureItem, ...]
) -> tuple[tuple[ExposureItem, ...], tuple[SkyFrameItem, ...]]:
    """Return those of a visit's exposures that are fitted, and the sky frame of each."""
    pairs = [(item, sky_frame_of(state, item.source)) for item in everyone]
    used = [
        (item, own) for item, own in pairs if own is not None and is_for(state, item, "science")
    ]
    return tuple(item for item, _ in used), tuple(own for _, own in used)


def parts_of_request(state: State) -> tuple[object, ...]:
    """Return all of a state that `request_of` reads: with the same parts it is the same request."""
    return (
        state.exposures,
        state.sky_frames,
        state.facts,
        state.config,
        state.options,
        state.excluded_exposures,
        state.excluded_samples,
        state.assigned,
        state.hand_masks,
        state.removed,
        state.built_sets,
        state.chosen_sets,
        state.selection.exposure,
        state.selection.sky_frame,
    )


def fit_inputs(request: Request) -> object:
    """Return what a fit depends on; compared with ``==``."""
    return request.inputs


def algorithm_of(frame: SkyFrameItem, config: SkyMeasurementConfig) -> str:
    """Return the style a sky frame is interpolated in.

    A file's own, as the pipeline has it; the config's for one that was built here, as that is what
    it will be saved with.
    """
    if frame.built is None or config.background.algorithm in (None, "NONE"):
        return frame.sky_frame.algorithm
    return str(config.background.algorithm)


def fit_is_stale(state: State) -> bool:
    """Whether the fit on screen is not (or not yet) of the newest state."""
    # Each panel asks at every move of the mouse.
    fit = state.results.fit
    return _fit_is_stale.of(
        (fit, *parts_of_request(state)),
        lambda: fit is not None and fit.made_from != fit_inputs(request_of(state)),
    )


_fit_is_stale = Remembered[bool]()
