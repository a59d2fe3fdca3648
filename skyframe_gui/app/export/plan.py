"""What can be exported of a state: which files that makes, and what stands in the way."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from skyframe_gui.app.export.values import (
    CONFIG_NAMES,
    CONFIG_WORDS,
    CorrectedPart,
    Plan,
    PlannedFile,
    SkyFramePart,
    VisitPart,
)
from skyframe_gui.app.model.correction_request import correction_inputs
from skyframe_gui.app.model.queries import (
    bins_of,
    exposures_for,
    inputs_of,
    open_exposures,
    open_sky_frames,
    shown_exposure,
    shown_visit,
    sky_frame_of,
    sky_frames_in_use,
    visits,
    why_none_for,
)
from skyframe_gui.app.model.requests import Request, algorithm_of
from skyframe_gui.engine import SkyFrameError
from skyframe_gui.numbers import plural
from skyframe_gui.workflow import names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from skyframe_gui.app.export.values import Scope, Wishes
    from skyframe_gui.app.model.items import ExposureItem, SkyFrameItem
    from skyframe_gui.app.model.state import State
    from skyframe_gui.files.butler.ingest import Destination


@dataclass
class _Draft:
    files: list[PlannedFile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def make_plan(state: State, wishes: Wishes) -> Plan:
    """Return what an export of a state will do; quick, and nothing is written."""
    draft = _Draft()
    parts: tuple[VisitPart, ...] = ()
    corrected: tuple[CorrectedPart, ...] = ()
    fitted = wishes.subtracted or wishes.samples or wishes.residual_maps
    if fitted or wishes.corrected:
        found = _requests(state, wishes.scope, draft)
        parts = _visit_parts(state, wishes, found, draft) if fitted else ()
        corrected = _corrected_parts(state, wishes, found, draft) if wishes.corrected else ()
    frames: list[SkyFramePart] = []
    if wishes.sky_frames:
        own = built_frames(state)
        called = names.sky_frame_names([item.identity for item in own])
        for item, name in zip(own, called, strict=True):
            frames.append(SkyFramePart(item, algorithm_of(item, state.config), name))
            what = ", ".join(filter(None, (_detector(item.detector), item.identity.filter)))
            draft.files.append(PlannedFile(name, f"sky frame, {what}"))
        if not own:
            draft.notes.append("No sky frame in use was built here; build one first.")
    destination, wrong = _destination(wishes, len(frames), draft)
    for config in wishes.configs:
        draft.files.append(PlannedFile(CONFIG_NAMES[config], f"config, {CONFIG_WORDS[config]}"))
    draft.files.extend(PlannedFile(name, "picture of a panel") for name in wishes.plots)
    return Plan(
        folder=wishes.folder,
        replace=wishes.replace,
        files=tuple(_checked(draft.files, wishes, inputs_of(state))),
        notes=tuple(draft.notes),
        visits=parts,
        sky_frames=tuple(frames),
        configs=wishes.configs,
        config=state.config,
        corrected=corrected,
        destination=destination,
        wrong=wrong,
    )


def _destination(wishes: Wishes, count: int, draft: _Draft) -> tuple[Destination | None, str]:
    """Return where in a repository sky frames go, or why they cannot."""
    if wishes.put_into is None or not count:
        return None, ""
    from skyframe_gui.files.butler.ingest import Destination, own_run  # late: few ever ask for it

    asked = asdict(wishes.put_into)
    if not asked["repo"]:
        return None, "Name the repository that the sky frames go into."
    try:
        found = Destination(**{**asked, "run": asked["run"] or own_run()})
    except SkyFrameError as error:
        return None, str(error)
    where = asked["run"] or "a new RUN collection"
    draft.notes.append(f"{plural(count, 'sky frame')} will go into {where} of {found.repo}, too.")
    return found, ""


def built_frames(state: State) -> tuple[SkyFrameItem, ...]:
    """Return the sky frames in use that were built here, one an instrument, detector and filter."""
    return tuple(item for item in sky_frames_in_use(state) if item.built is not None)


def why_no_built_frames(state: State) -> str:
    """Return why no sky frame that was built here can be exported; "" where one can."""
    if built_frames(state):
        return ""
    if any(item.built is not None for item in open_sky_frames(state)):
        return "those in use are from files; use a built set first"
    return "none is built yet (Ctrl+B)"


def requests(state: State, scope: Scope) -> tuple[Request, ...]:
    """Return what is to be fitted, a visit each; visits that cannot be are left out."""
    usable = {item.key for item in exposures_for(state, "science")}
    if scope == "all":
        groups: Mapping[str, tuple[ExposureItem, ...]] = visits(open_exposures(state))
    else:
        visit, members = shown_visit(state)
        groups = {visit: members} if members else {}
    found = []
    for visit, members in groups.items():
        kept, own = [], []
        for item in members:
            frame = sky_frame_of(state, item.source)
            if item.key in usable and frame is not None:
                kept.append(item)
                own.append(frame)
        if kept:
            config, options = state.config, state.options
            found.append(
                Request(
                    shown=None,
                    sky_frame=None,
                    visit=visit,
                    members=tuple(kept),
                    frames=tuple(own),
                    config=config,
                    options=options,
                    excluded_samples=state.excluded_samples,
                )
            )
    return tuple(found)


def _requests(state: State, scope: Scope, draft: _Draft) -> tuple[Request, ...]:
    """Return what is to be fitted or corrected; what cannot be is told."""
    shown = shown_exposure(state)
    if scope != "all" and shown is None:
        draft.notes.append("No exposure is shown; open one first.")
        return ()
    found = requests(state, scope)
    members = {item.key for request in found for item in request.members}
    if scope == "shown" and shown is not None and shown.key not in members:
        draft.notes.append(
            f"{shown.source.name} is no science or has no sky frame; tick sci at it, and open or "
            "build the sky frame of its detector."
        )
        return ()
    wanted = {item.key for item in exposures_for(state, "science")}
    if scope != "all":
        wanted &= {item.key for item in shown_visit(state)[1]}
    without = len(wanted - members)
    if without:
        is_are = "exposure has" if without == 1 else "exposures have"
        draft.notes.append(
            f"{without} {is_are} no sky frame and will not be written; open or build it."
        )
    elif not found:
        draft.notes.append(why_none_for(state, "science") or "No exposure of it is science.")
    return found


def _written(
    state: State, request: Request, scope: Scope, ending: str = names.SUBTRACTED
) -> tuple[tuple[ExposureItem, str], ...]:
    """Return which of a visit's exposures are written, and under which names."""
    shown = shown_exposure(state)
    everything = open_exposures(state)
    owners = [(str(item.source.path), item.source.detector) for item in everything]
    called = names.subtracted_names(owners, ending)
    name_of = {item.key: name for item, name in zip(everything, called, strict=True)}
    return tuple(
        (item, name_of[item.key])
        for item in request.members
        if scope != "shown" or (shown is not None and item.key == shown.key)
    )


def _visit_parts(
    state: State, wishes: Wishes, found: tuple[Request, ...], draft: _Draft
) -> tuple[VisitPart, ...]:
    parts = []
    for request in found:
        written, maps = [], []
        for item, name in (
            _written(state, request, wishes.scope)
            if wishes.subtracted or wishes.residual_maps
            else ()
        ):
            what = f"{request.visit}, {_detector(item.source.detector)}"
            if wishes.subtracted:
                written.append((item, name))
                draft.files.append(PlannedFile(name, f"subtracted exposure, {what}"))
            if wishes.subtracted and wishes.background_list:
                background = names.background_name(name)
                draft.files.append(PlannedFile(background, f"background list, {what}"))
            if wishes.residual_maps:
                residual = names.residual_name(name)
                maps.append((item, residual))
                draft.files.append(PlannedFile(residual, f"residual map, {what}"))
        if wishes.samples:
            name = names.samples_name(request.visit)
            draft.files.append(PlannedFile(name, f"samples, {request.visit}"))
        parts.append(
            VisitPart(
                request=request,
                subtracted=tuple(written),
                background_list=wishes.background_list,
                samples=wishes.samples,
                residual_maps=tuple(maps),
                bins=bins_of(state),
            )
        )
    return tuple(parts)


def _corrected_parts(
    state: State, wishes: Wishes, found: tuple[Request, ...], draft: _Draft
) -> tuple[CorrectedPart, ...]:
    run, config = state.results.correction, state.correction.config
    parts = []
    for request in found:
        written = _written(state, request, wishes.scope, names.CORRECTED)
        for item, name in written:
            what = f"{request.visit}, {_detector(item.source.detector)}"
            background = names.background_name(name)
            draft.files.append(PlannedFile(name, f"corrected exposure, {what}"))
            draft.files.append(PlannedFile(background, f"background list, {what}"))
        if config is None or config.doSky:
            samples = names.samples_name(request.visit)
            draft.files.append(PlannedFile(samples, f"samples of the correction, {request.visit}"))
        name = names.correction_config_name(request.visit)
        draft.files.append(PlannedFile(name, f"config of the correction, {request.visit}"))
        is_shown = run is not None and run.made_from == correction_inputs(state, request)
        parts.append(
            CorrectedPart(
                request=request,
                correction=state.correction,
                written=written,
                config_name=name,
                run=run if is_shown else None,
            )
        )
    return tuple(parts)


def _checked(
    files: list[PlannedFile], wishes: Wishes, inputs: Iterable[str]
) -> Iterable[PlannedFile]:
    counts = Counter(file.name for file in files)
    read: set[str] = set()
    for file in files:
        target = wishes.folder / file.name
        exists, why = os.path.lexists(target), ""
        if exists and not read:
            read = {os.path.realpath(path) for path in inputs}
        if counts[file.name] > 1:
            what = "export fewer exposures at a time, into folders of their own."
            if wishes.corrected and (wishes.samples or wishes.background_list):
                what = (
                    "export what is subtracted and what is corrected one after the other, into "
                    "folders of their own."
                )
            why = f"{counts[file.name]} files would be called {file.name}; {what}"
        elif exists and os.path.realpath(target) in read:
            why = f"{target} is one of the files that are open; choose another folder."
        elif exists and target.is_dir():
            why = f"{target} is a folder; choose another folder to write to."
        elif exists and not wishes.replace:
            why = f"{target} exists; allow replacing existing files, or choose another folder."
        yield PlannedFile(file.name, file.what, exists, why)


def _detector(name: str) -> str:
    return f"detector {name}" if name else "no detector name"
