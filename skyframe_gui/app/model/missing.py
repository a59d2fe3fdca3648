"""What is missing where a panel is empty, in sentences that are true of what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.app.model.queries import (
    is_for,
    open_exposures,
    open_sky_frames,
    shown_detector,
    shown_visit,
    sky_frame_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from skyframe_gui.app.model.items import ExposureItem
    from skyframe_gui.app.model.state import State

MOST_NAMED = 4
"""So many detectors are named one by one."""


def what_opens(state: State) -> tuple[str, str]:
    """Return why there is no image at all, a title and a sentence."""
    if any(job.lane == "open" for job in state.jobs):
        return "Files are being opened", "The images appear by themselves."
    if open_exposures(state) or open_sky_frames(state):
        return (
            "Nothing to show yet",
            "Choose an exposure or a sky set in the Data panel; a large file takes a moment.",
        )
    if any(one.path not in state.removed for one in state.bad_files):
        return "No exposure and no sky frame is open", "The Data panel says why of each file."
    return "Nothing is open", "Open exposures, or drop their files or folder here."


def why_no_exposure(state: State) -> str:
    """Return why a sky frame is shown without an exposure, and what to do, as a sentence."""
    detector, items = shown_detector(state), open_exposures(state)
    of_it = _named([detector]) or "its detector"
    if not items:
        return f"Only sky frames are open: open an exposure of {of_it}."
    if not detector or any(item.source.detector == detector for item in items):
        return f"A sky frame is looked at by itself: choose an exposure of {of_it} in the list."
    others = _named(item.source.detector for item in items) or "other detectors"
    return f"The sky frame is of {of_it}, but the open exposures are of {others}."


def why_no_fit(state: State) -> str:
    """Return why there is no fit, and what to do, as a sentence."""
    frames, items = open_sky_frames(state), open_exposures(state)
    visit, members = shown_visit(state)
    if not items:
        if not frames:
            return "A fit needs an exposure and the sky frame of the same detector: open them."
        return why_no_exposure(state)
    if not frames:
        return "There is no sky frame yet: build one from the exposures (Ctrl+B), or open one."
    if not members:
        return why_no_exposure(state)
    of_visit = f"visit {visit}" if members[0].source.visit else visit
    if all(item.key in state.excluded_exposures for item in members):
        return f"No exposure of {of_visit} is science: tick sci in the Data panel to fit it."
    usable = [item for item in members if is_for(state, item, "science")]
    if not usable:
        return f"No exposure of {of_visit} can be used: the Data panel says why at each."
    if all(sky_frame_of(state, item.source) is None for item in usable):
        return _no_frame_of(state, of_visit, usable)
    return f"The fit of {of_visit} comes as soon as it is ready."


def _no_frame_of(state: State, of_visit: str, usable: Iterable[ExposureItem]) -> str:
    """Return in what the sky frames differ from the exposures of a visit."""
    frames, sources = open_sky_frames(state), [item.source for item in usable]
    ours = {source.detector for source in sources}
    theirs = {frame.detector for frame in frames}
    if not ours & theirs:
        return (
            f"The sky frames are of {_named(theirs) or 'no named detector'}, but {of_visit} is of "
            f"{_named(ours) or 'no named detector'}: build or open its own."
        )
    filters = sorted({source.filter for source in sources if source.filter})
    others = sorted({frame.identity.filter for frame in frames if frame.identity.filter})
    if filters and others and not set(filters) & set(others):
        return (
            f"The sky frames are of filter {', '.join(others)}, but {of_visit} is of filter "
            f"{', '.join(filters)}: build or open its own."
        )
    return f"No sky frame is of instrument, filter and detector of {of_visit}: build or open one."


def _named(detectors: Iterable[str]) -> str:
    """Return detectors by their names: "det 1, 2"; "" where none has a name."""
    found = {one.removeprefix("det").strip() or one for one in detectors if one}
    names = sorted(found, key=lambda name: (len(name), name))
    if len(names) > MOST_NAMED:
        return f"{len(names)} other detectors"
    return f"det {', '.join(names)}" if names else ""
