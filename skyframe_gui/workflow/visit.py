"""Fit one scale for each visit and subtract the sky frames times it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from skyframe_gui.engine import (
    ScaleError,
    SkyFrameError,
    SkyMeasurementConfig,
    solve_scales,
)
from skyframe_gui.workflow.exposures import over_exposures, over_files
from skyframe_gui.workflow.frames import (
    choose_sky_frame,
    frames_without_filter,
    mismatch_notes,
)
from skyframe_gui.workflow.grouping import group_by_visit, mixed_units, repeated_detectors
from skyframe_gui.workflow.inputs import Inputs
from skyframe_gui.workflow.jobs import Failure
from skyframe_gui.workflow.notes import cautions_of, subtracted_before, undefined_planes
from skyframe_gui.workflow.options import MaskObjects
from skyframe_gui.workflow.sampling import sample_exposure, sampling_tasks
from skyframe_gui.workflow.serving import without_leftovers
from skyframe_gui.workflow.solution import VisitSolution
from skyframe_gui.workflow.visit_outputs import write_task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from skyframe_gui.engine import Samples, SkyFrame, Watch
    from skyframe_gui.files import ExposureSource, MaskReading
    from skyframe_gui.workflow.cache import Cache
    from skyframe_gui.workflow.exposures import Ready
    from skyframe_gui.workflow.visit_outputs import SubtractedTask, SubtractedWriter, Written


@dataclass(frozen=True, eq=False)
class VisitResult:
    """The visits' fits, and the files that were left out."""

    visits: tuple[VisitSolution, ...]
    failed: tuple[Failure, ...]
    notes: tuple[str, ...] = ()
    """What the user should know of exposures that were used all the same."""


def solve_visits(
    paths: Sequence[str | Path],
    sky_frames: Sequence[SkyFrame],
    config: SkyMeasurementConfig,
    *,
    mask_objects: MaskObjects = MaskObjects.AUTO,
    mask_reading: MaskReading | None = None,
    executor: Executor | None = None,
    watch: Watch | None = None,
    ready: Ready | None = None,
    identity: Mapping[str, str] | None = None,
    cache: Cache | None = None,
    files: Mapping[int, str] | None = None,
) -> VisitResult:
    """Sample every exposure against its own sky frame and fit one scale a visit.

    Parameters
    ----------
    paths : sequence of path
        Files of exposures, of any number of visits and detectors.
    sky_frames : sequence of SkyFrame
        See `choose_sky_frame`.
    config : SkyMeasurementConfig
        Samples and fit.
    mask_objects, mask_reading, executor, watch, ready, identity
        See `build_sky_frames`.
    cache : Cache, optional
        What it has of an exposure's samples is not read again; what it has not is kept in it.
    files : mapping of int to str, optional
        The sky frames' files by their `id`, for workers elsewhere.

    Returns
    -------
    VisitResult
        A visit whose fit failed is in it with its history, and its files are among the failed.

    Raises
    ------
    SkyFrameError
        No file or no sky frame is given.
    Cancelled
        The watch said so.
    """
    if not paths:
        raise SkyFrameError("No exposures are given; there is nothing to subtract from.")
    if not sky_frames:
        raise SkyFrameError("No sky frame is given; build one first.")
    job = partial(sample_exposure, config=config, mask_objects=mask_objects, cache=cache)
    tasks = partial(sampling_tasks, sky_frames=sky_frames, paths=files)
    file_notes: list[str] = []
    label = "Sampling exposures"
    chosen = without_leftovers(Inputs.of(paths), file_notes, ready)
    sampled, failed = over_files(
        executor, job, paths, watch, label, mask_reading, chosen, file_notes, identity, tasks
    )
    return solve_sampled(sampled, failed, file_notes, sky_frames, config, mask_objects)


def solve_sampled(
    sampled: Sequence[tuple[ExposureSource, tuple[Samples, tuple[str, ...]]]],
    failed: Sequence[Failure],
    file_notes: Sequence[str],
    sky_frames: Sequence[SkyFrame],
    config: SkyMeasurementConfig,
    mask_objects: MaskObjects,
) -> VisitResult:
    """Fit one scale for each visit of what `sample_exposure` made of the exposures.

    Parameters
    ----------
    sampled : sequence of (ExposureSource, (Samples, notes))
    failed, file_notes
        What went wrong, and was to be said, so far.
    sky_frames, config, mask_objects
        As of `solve_visits`.
    """
    failed = list(failed)
    used = [source for source, _ in sampled]
    notes = [*file_notes, *cautions_of(used)]
    notes += [*undefined_planes(used, config.stats.mask, "stats.mask", mask_objects)]
    notes += [*repeated_detectors(used), *subtracted_before(used)]
    pairs = [(one, choose_sky_frame(sky_frames, one.identity)) for one in used]
    notes += [*mismatch_notes(pairs), *frames_without_filter(pairs)]
    frame_of = {id(source): frame for source, frame in pairs}
    samples_of: dict[int, Samples] = {}
    for source, (of_one, found) in sampled:
        samples_of[id(source)] = of_one
        notes.extend(found)
    visits = []
    for visit, members in group_by_visit(used).items():
        samples = tuple(samples_of[id(source)] for source in members)
        mixed = mixed_units(members)
        if mixed:
            why = f"Visit {visit}: {mixed}"
            failed.extend(Failure(str(one.path), why, visit) for one in members)
            continue
        try:
            solution, why = solve_scales(samples, config), ""
        except ScaleError as error:
            solution, why = error.solution, f"Visit {visit}: {error}"
            failed.extend(Failure(str(source.path), why, visit) for source in members)
        visits.append(
            VisitSolution(
                visit=visit,
                sources=tuple(members),
                samples=samples,
                solution=solution,
                sky_frames=tuple(frame_of[id(source)] for source in members),
                why=why,
            )
        )
    return VisitResult(tuple(visits), tuple(failed), tuple(notes))


def subtract_visit(
    writer: SubtractedWriter,
    sources: Sequence[ExposureSource],
    *,
    executor: Executor | None = None,
    watch: Watch | None = None,
) -> tuple[list[Written], list[Failure]]:
    """Subtract the scaled sky frames from exposures of a visit and write each.

    Parameters
    ----------
    writer : SubtractedWriter
        Of a visit with a scale.
    sources : sequence of ExposureSource
        Of that visit.
    executor, watch
        See `build_sky_frames`.

    Returns
    -------
    written : list of Written
    failed : list of Failure

    Raises
    ------
    Cancelled
        The watch said so.
    """
    tasks: list[SubtractedTask | str] = []
    for source in sources:
        try:
            tasks.append(writer.task(source))
        except SkyFrameError as error:
            tasks.append(str(error))
    label = f"Subtracting visit {writer.visit.visit}"
    done, failed = over_exposures(executor, write_task, sources, watch, label, tasks)
    return [written for _, written in done], failed
