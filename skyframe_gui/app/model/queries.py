"""Questions about a state that several parts of the program ask."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from skyframe_gui.app.model.hand_masks import with_masks
from skyframe_gui.app.model.items import EMPTY
from skyframe_gui.app.model.remembered import Remembered
from skyframe_gui.app.model.residual_map import binned
from skyframe_gui.engine.identity import FrameIndex, FrameKey
from skyframe_gui.workflow.grouping import group_by_visit
from skyframe_gui.workflow.serving import left_out

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skyframe_gui.app.model.items import (
        ExposureItem,
        Role,
        SkyFrameItem,
        Stamp,
    )
    from skyframe_gui.app.model.state import State
    from skyframe_gui.engine import BackgroundConfig
    from skyframe_gui.files import ExposureSource

WARM_UP = "warm-up"
"""The lane of the job that prepares the engine at the first start."""


def engine_is_prepared(state: State) -> bool:
    """Return whether the engine is being prepared just now, so that results have to wait."""
    return any(job.lane == WARM_UP for job in state.jobs)


def open_exposures(state: State) -> tuple[ExposureItem, ...]:
    """Return the exposures that are on the list as the user has them: visit, detector, masks."""
    return _open_exposures.of(
        (state.exposures, state.removed, state.assigned, state.hand_masks),
        lambda: _exposures_on_list(state),
    )


_open_exposures = Remembered["tuple[ExposureItem, ...]"]()


def _exposures_on_list(state: State) -> tuple[ExposureItem, ...]:
    items = _exposures_as_assigned(state)
    return with_masks(state.hand_masks, items, visits(items)) if state.hand_masks else items


def _exposures_as_assigned(state: State) -> tuple[ExposureItem, ...]:
    if not state.removed and not state.assigned:
        return state.exposures
    items = []
    for item in state.exposures:
        if item.key in state.removed:
            continue
        if item.key in state.assigned:
            item = replace(item, source=state.assigned[item.key].source(item.source))
        items.append(item)
    return tuple(items)


def keys_left_out(state: State) -> frozenset[str]:
    """Return the exposures on the list that serve no sky frame while others do."""
    items = open_exposures(state)
    return _left_out.of((items,), lambda: _keys_left_out(items))


_left_out = Remembered[frozenset[str]]()


def _keys_left_out(items: tuple[ExposureItem, ...]) -> frozenset[str]:
    places = left_out([item.source for item in items]).places
    return frozenset(items[place].key for place in places)


def open_exposure(state: State, key: str) -> ExposureItem | None:
    """Return the exposure of a key, None where it is not on the list."""
    items = open_exposures(state)
    return _by_key.of((items,), lambda: {item.key: item for item in items}).get(key)


_by_key = Remembered["dict[str, ExposureItem]"]()


def excluded_from(state: State, item: SkyFrameItem) -> frozenset[str]:
    """Return which members of a built sky frame are to be left out of it."""
    out = state.set_exclusions.get(item.set_key, state.excluded_members)
    return out.intersection(item.members)


def open_sky_frames(state: State) -> tuple[SkyFrameItem, ...]:
    """Return the sky frames that are on the list."""
    return _open_sky_frames.of(
        (state.sky_frames, state.removed, state.built_sets),
        lambda: tuple(
            item
            for item in state.sky_frames
            if item.key not in state.removed and (not item.set or item.set in state.built_sets)
        ),
    )


_open_sky_frames = Remembered["tuple[SkyFrameItem, ...]"]()


def excluded(state: State, role: Role) -> frozenset[str]:
    """Return the keys of the exposures that do not have a role.

    That of serving sky frames is shown, and switched, as the set in use has it: where that is not
    the newest of its kind, by what is left out of it (`own_ticks`).
    """
    if role == "science":
        return state.excluded_exposures
    own = own_ticks(state)
    if not own:
        return state.excluded_members
    return _unticked.of(
        (own, state.excluded_members, state.set_exclusions),
        lambda: frozenset(
            {key for key in state.excluded_members if key not in own}
            | {key for key, one in own.items() if key in state.set_exclusions[one]}
        ),
    )


_unticked = Remembered["frozenset[str]"]()


def own_ticks(state: State) -> Mapping[str, str]:
    """Return the exposures whose set in use has exclusions of its own, with that set's key."""
    if not state.set_exclusions:
        return EMPTY
    items = open_exposures(state)
    return _own_ticks.of(
        (
            items,
            open_sky_frames(state),
            state.selection.sky_frame,
            state.chosen_sets,
            state.set_exclusions,
        ),
        lambda: {
            item.key: frame.set_key
            for item in items
            if (frame := sky_frame_of(state, item.source)) is not None
            and frame.set_key in state.set_exclusions
        },
    )


_own_ticks = Remembered["Mapping[str, str]"]()


def exposures_for(state: State, role: Role) -> tuple[ExposureItem, ...]:
    """Return the exposures of the list that have a role and are not known to be unusable."""
    return tuple(item for item in open_exposures(state) if is_for(state, item, role))


def why_none_for(state: State, role: Role) -> str:
    """Return why no exposure can be used in a role, as a sentence; "" where one can."""
    items = open_exposures(state)
    if not items:
        return "No exposure is open; open one first."
    if exposures_for(state, role):
        return ""
    if any(item.key not in excluded(state, role) for item in items):
        return "No exposure can be used; the Data panel says why at each."
    if role == "sky":
        return "Every exposure is left out of sky frames; tick sky at one in the Data panel first."
    return "No exposure is science; tick sci at one in the Data panel first."


def is_for(state: State, item: ExposureItem, role: Role) -> bool:
    """Whether an exposure has a role and is not known to be unusable."""
    facts = state.facts.get(item.key)
    return item.key not in excluded(state, role) and not (facts is not None and facts.problem)


def visits(items: tuple[ExposureItem, ...]) -> dict[str, tuple[ExposureItem, ...]]:
    """Return exposures by visit; where the files do not tell, each file is a visit of its own."""
    return _visits.of((items,), lambda: _grouped(items))


_visits = Remembered["dict[str, tuple[ExposureItem, ...]]"]()


def _grouped(items: tuple[ExposureItem, ...]) -> dict[str, tuple[ExposureItem, ...]]:
    by_source: dict[int, ExposureItem] = {id(item.source): item for item in items}
    sources: list[ExposureSource] = [item.source for item in items]
    return {
        visit: tuple(by_source[id(source)] for source in members)
        for visit, members in group_by_visit(sources).items()
    }


def visits_by_night(state: State) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the visits of the list by night and filter, the nights in their order."""
    groups = visits(open_exposures(state))
    return _by_night.of((groups,), lambda: _nights(groups))


_by_night = Remembered["dict[tuple[str, str], tuple[str, ...]]"]()


def _nights(groups: dict[str, tuple[ExposureItem, ...]]) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], list[str]] = {}
    for visit, members in groups.items():
        source = members[0].source
        found.setdefault((source.night, source.filter), []).append(visit)
    nights = {night: n for n, night in enumerate(sorted({night for night, _ in found if night}))}
    # Within a night the filters as they were opened; what is of no known night comes last.
    order = sorted(found, key=lambda pair: nights.get(pair[0], len(nights)))
    return {pair: tuple(found[pair]) for pair in order}


def shown_exposure(state: State) -> ExposureItem | None:
    """Return the exposure that is looked at."""
    return open_exposure(state, state.selection.exposure)


def visit_of(state: State, key: str) -> str:
    """Return the name of an exposure's visit; "" where it is not on the list."""
    groups = visits(open_exposures(state))
    names = _visit_names.of(
        (groups,),
        lambda: {item.key: visit for visit, members in groups.items() for item in members},
    )
    return names.get(key, "")


_visit_names = Remembered["dict[str, str]"]()


def shown_detector(state: State) -> str:
    """Return the detector of the shown exposure, or of the sky frame that is looked at."""
    item = shown_exposure(state)
    if item is not None:
        return item.source.detector
    selected = state.selection.sky_frame
    return next((one.detector for one in open_sky_frames(state) if one.key == selected), "")


def shown_visit(state: State) -> tuple[str, tuple[ExposureItem, ...]]:
    """Return the visit of the shown exposure and its exposures; "" and none without one."""
    visit = visit_of(state, state.selection.exposure)
    return visit, visits(open_exposures(state))[visit] if visit else ()


def sky_frames_for(state: State, source: ExposureSource) -> tuple[SkyFrameItem, ...]:
    """Return the sky frames that an exposure can be corrected with, see `FrameIndex`.

    Those of its detector and, as far as that is known, of its filter and instrument; where no sky
    frame has a detector's name, each serves all. Where none matches and all are of one kind, these.
    """
    return _frames_for(state, source)[0]


def _frames_for(
    state: State, source: ExposureSource
) -> tuple[tuple[SkyFrameItem, ...], tuple[SkyFrameItem, ...]]:
    """Return the sky frames that an exposure can be corrected with, and those that fit best."""
    items = open_sky_frames(state)
    found = _by_identity.of((items,), dict)
    identity = source.identity
    if identity.frame not in found:
        index = _frame_index.of((items,), lambda: FrameIndex([item.identity for item in items]))
        found[identity.frame] = (
            tuple(items[place] for place in index.offered_to(identity)),
            tuple(items[place] for place in index.places_for(identity)),
        )
    return found[identity.frame]


_by_identity = Remembered[
    "dict[FrameKey, tuple[tuple[SkyFrameItem, ...], tuple[SkyFrameItem, ...]]]"
]()
_frame_index = Remembered["FrameIndex"]()


def sky_frame_of(state: State, source: ExposureSource) -> SkyFrameItem | None:
    """Return the sky frame that an exposure is corrected with.

    Of those that it can be (`sky_frames_for`) the selected one, else that of the selected or of a
    chosen set, else the newest of those that fit best.
    """
    offered, best = _frames_for(state, source)
    return _chosen(offered, best, state.selection.sky_frame, _chosen_sets(state))


def sky_frames_in_use(state: State) -> tuple[SkyFrameItem, ...]:
    """Return the sky frames that are subtracted from exposures, see `sky_frame_of`.

    Of those that no open exposure can have: the one for each instrument, detector and filter.
    """
    frames = open_sky_frames(state)
    sources = {item.source.identity.frame: item.source for item in open_exposures(state)}
    used = {one.key for source in sources.values() if (one := sky_frame_of(state, source))}
    served = {one.key for source in sources.values() for one in sky_frames_for(state, source)}
    groups: dict[FrameKey, tuple[SkyFrameItem, ...]] = {}
    for item in frames:
        if item.key not in served:
            key = item.identity.frame
            groups[key] = (*groups.get(key, ()), item)
    selected, sets = state.selection.sky_frame, _chosen_sets(state)
    chosen = (_chosen(items, items, selected, sets) for items in groups.values())
    used |= {item.key for item in chosen if item is not None}
    return tuple(item for item in frames if item.key in used)


def _chosen(
    items: tuple[SkyFrameItem, ...],
    best: tuple[SkyFrameItem, ...],
    selected: str,
    sets: tuple[str, ...],
) -> SkyFrameItem | None:
    if len(items) > 1:
        for item in items:
            if item.key == selected:
                return item
        for one in sets[:1]:
            for item in reversed(items):
                if item.set_key == one:
                    return item
        # A set that tells its filter was chosen for that; one that does not, for all others.
        wanted = [item for item in items if item.set_key in sets]
        if wanted:
            return max(reversed(wanted), key=lambda item: sum(map(bool, item.identity.frame)))
    return best[-1] if best else None


def _chosen_sets(state: State) -> tuple[str, ...]:
    """Return the keys of the sets before newer ones; first the selected sky frame's, or ""."""
    frames, selected = open_sky_frames(state), state.selection.sky_frame
    first = _selected_set.of(
        (frames, selected),
        lambda: next((item.set_key for item in frames if item.key == selected), ""),
    )
    return (first, *state.chosen_sets)


_selected_set = Remembered[str]()


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


def stamp_of(path: object) -> Stamp:
    """Return a file's size and time of change; zeros where it is gone."""
    import os

    try:
        found = os.stat(str(path))
    except OSError:
        return (0, 0)
    return (found.st_size, found.st_mtime_ns)


def on_disk_of(state: State) -> str:
    """Return what has become of the shown exposure's file since it was read; "" for nothing."""
    shown = state.results.shown
    facts = None if shown is None else state.facts.get(shown.key)
    return "" if facts is None else facts.on_disk


def frame_on_screen(state: State) -> SkyFrameItem | None:
    """Return the sky frame that is looked at, as it is now; built here or from a file."""
    shown = state.results.shown
    frame = None if shown is None else shown.sky_frame
    if frame is None:
        return None
    items = open_sky_frames(state)
    by_key = _sky_frames_by_key.of((items,), lambda: {item.key: item for item in items})
    return by_key.get(frame.key, frame)


_sky_frames_by_key = Remembered["dict[str, SkyFrameItem]"]()


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
        for plane in (source.image, source.mask, source.variance, *source.more_masks):
            if plane is not None:
                found[str(plane.path)] = None
        found[str(source.path)] = None
    # What was built here and saved may be saved again, in another style.
    found.update({item.path: None for item in state.sky_frames if item.path and not item.built})
    return tuple(found)
