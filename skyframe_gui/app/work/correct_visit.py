"""A visit corrected over its focal plane, as the command ``correct`` does it; called in lanes."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from skyframe_gui.app.model.correction import CorrectionRun, FinishedCorrection
from skyframe_gui.app.model.queries import stamp_of
from skyframe_gui.app.model.requests import algorithm_of
from skyframe_gui.app.work.stages import check_unchanged
from skyframe_gui.engine import SkyFrameError

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from pathlib import Path

    from skyframe_gui.app.model.items import Correction, SkyFrameItem, Stamp
    from skyframe_gui.app.model.requests import Request
    from skyframe_gui.engine import BackgroundConfig, SkyMeasurementConfig, Watch
    from skyframe_gui.engine.correction import CorrectionStage
    from skyframe_gui.files.config.correction import CorrectionChanges
    from skyframe_gui.workflow.earlier_lists import EarlierLists
    from skyframe_gui.workflow.jobs import Failure
    from skyframe_gui.workflow.outputs import LoadedSkyFrame


def correct_visit(
    request: Request, correction: Correction, made_from: Hashable, watch: Watch
) -> CorrectionRun:
    """Correct a visit; it is published to the watch after each stage.

    Raises
    ------
    SkyFrameError
        Nothing of it can be corrected.
    Cancelled
        The watch said so.
    """
    from skyframe_gui.workflow.earlier_lists import find_lists, key_of
    from skyframe_gui.workflow.grouping import mixed_units
    from skyframe_gui.workflow.visit_correction import VisitAtWork

    if not request.members:
        raise SkyFrameError(
            "There is no visit to correct; show an exposure whose detector has a sky frame."
        )
    for item in request.members:
        check_unchanged(item)
    sources = [item.source for item in request.members]
    why = mixed_units(sources)
    if why:
        raise SkyFrameError(why)
    keys = {key_of(item.source): item.key for item in request.members}
    used = {frame.key: frame for frame in request.frames}
    frames = {key: loaded_frame(frame, request.config) for key, frame in used.items()}
    notes: list[str] = []
    failed: list[Failure] = []
    lists = find_lists(sources, ())
    stamps = stamps_of(lists)
    models = [loaded.sky_frame for loaded in frames.values()]
    work = VisitAtWork(request.visit, sources, models, lists, notes, failed)
    begun = CorrectionRun(visit=request.visit, made_from=made_from)
    stages: list[CorrectionStage] = []

    def so_far() -> CorrectionRun:
        told = (*(f"{one.why} It was left out." for one in failed), *notes)
        return replace(
            begun,
            detectors=MappingProxyType({keys[key_of(one)]: n for n, one in work.sources.items()}),
            stages=tuple(stages),
            notes=tuple(dict.fromkeys(told)),
        )

    def publish(stage: object) -> None:
        if stage.name == "restored":  # type: ignore[attr-defined]
            stages.clear()  # an exposure could not be read, and all begins again without it
        stages.append(stage)  # type: ignore[arg-type]
        watch.publish(so_far())

    changes = changes_of(correction, request.config)
    done = work.correct(changes, correction.camera or None, watch.heard_by(publish), None)
    finished = FinishedCorrection(
        visit=done,
        frames=MappingProxyType(frames),
        lists=lists,
        list_stamps=stamps,
        failed=tuple(failed),
        notes=tuple(dict.fromkeys(notes)),
    )
    return replace(so_far(), camera=done.camera.name, finished=finished)


def changes_of(correction: Correction, config: SkyMeasurementConfig) -> CorrectionChanges:
    """Return what is laid over the camera's own config: the scale's part is the window's config."""
    from skyframe_gui.engine.config import field_values
    from skyframe_gui.files.config.correction import CorrectionChanges

    values = {} if correction.config is None else field_values(correction.config)
    before = {} if correction.base is None else field_values(correction.base)
    values = {
        name: value
        for name, value in values.items()
        if not name.startswith("sky.") and (name not in before or value != before[name])
    }
    values |= {f"sky.{name}": value for name, value in field_values(config).items()}
    return CorrectionChanges(values)


def stamps_of(lists: EarlierLists) -> Mapping[Path, Stamp]:
    """Return size and time of each list of backgrounds that was found."""
    return MappingProxyType({path: stamp_of(path) for path in lists.paths.values()})


def is_still_so(finished: FinishedCorrection, request: Request) -> bool:
    """Whether files are what they were when a visit was corrected: exposures and earlier lists."""
    from skyframe_gui.workflow.earlier_lists import find_lists

    for item in request.members:
        check_unchanged(item)
    lists = find_lists([item.source for item in request.members], ())
    return (
        lists.paths == finished.lists.paths
        and lists.refused == finished.lists.refused
        and stamps_of(lists) == finished.list_stamps
    )


def loaded_frame(item: SkyFrameItem, config: SkyMeasurementConfig) -> LoadedSkyFrame:
    """Return a sky frame as the workflow has it, in the style that it is used in."""
    from skyframe_gui.workflow.outputs import LoadedSkyFrame, binned_with

    made_with: BackgroundConfig | None = None
    if item.made_with is not None:
        made_with = item.made_with.background
    elif item.path:
        made_with = binned_with(item.path)
    algorithm = algorithm_of(item, config)
    frame = replace(item.sky_frame, algorithm=algorithm, identity=item.identity)
    if item.path and item.sky_frame.algorithm == algorithm:
        return LoadedSkyFrame(item.path, item.sha256, frame, made_with)
    return LoadedSkyFrame(f"{item.name} (not saved)", "", frame, made_with)
