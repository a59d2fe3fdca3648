"""The visits of a night side by side: every exposure measured once, a row for each visit."""

from __future__ import annotations

import math
import os
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from skyframe_gui.engine import SkyFrameError
from skyframe_gui.files.fits.conditions import Conditions, read_conditions
from skyframe_gui.workflow.exposures import over_files
from skyframe_gui.workflow.findings import OF_HEADERS, findings_of_visit
from skyframe_gui.workflow.grouping import group_by_visit, repeated_detectors
from skyframe_gui.workflow.inputs import Inputs
from skyframe_gui.workflow.jobs import Failure, run_all, workers
from skyframe_gui.workflow.measuring import LABEL, MeasuringTask, measure_exposure
from skyframe_gui.workflow.night_row import NightRow, by_time, night_row
from skyframe_gui.workflow.notes import cautions_of, first_of, undefined_planes
from skyframe_gui.workflow.options import MaskObjects
from skyframe_gui.workflow.sampling import sampling_tasks
from skyframe_gui.workflow.serving import without_leftovers
from skyframe_gui.workflow.visit import VisitResult, solve_sampled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from skyframe_gui.engine import Samples, SkyFrame, SkyMeasurementConfig, Watch
    from skyframe_gui.files import ExposureSource, MaskReading
    from skyframe_gui.workflow.cache import Cache
    from skyframe_gui.workflow.measuring import Measurement
    from skyframe_gui.workflow.outputs import LoadedSkyFrame
    from skyframe_gui.workflow.solution import VisitSolution


@dataclass(frozen=True, eq=False)
class Night:
    """The visits, by instrument, filter and time; what failed, and what the user should know."""

    rows: tuple[NightRow, ...]
    failed: tuple[Failure, ...]
    notes: tuple[str, ...] = ()


def measure_night(
    paths: Sequence[str | Path],
    sky_frames: Sequence[LoadedSkyFrame],
    config: SkyMeasurementConfig,
    *,
    mask_objects: MaskObjects = MaskObjects.AUTO,
    mask_reading: MaskReading | None = None,
    executor: Executor | None = None,
    watch: Watch | None = None,
    identity: Mapping[str, str] | None = None,
    cache: Cache | None = None,
) -> Night:
    """Return a row for each visit among the exposures; every exposure is read once.

    Scales and all that belongs to them are those of `solve_visits`. Without sky frames the rows
    have levels only.

    Parameters
    ----------
    paths : sequence of path
        Files of exposures, of any number of visits and detectors.
    sky_frames : sequence of LoadedSkyFrame
        Also none.
    config, mask_objects, mask_reading, executor, watch, identity
        See `solve_visits`.
    cache : Cache, optional
        What it has of an exposure is not read again; what it has not is kept in it.

    Raises
    ------
    SkyFrameError
        No file is given.
    Cancelled
        The watch said so.
    """
    if not paths:
        raise SkyFrameError("No exposures are given; there is no night to look at.")
    frames = [loaded.sky_frame for loaded in sky_frames]
    files = {id(loaded.sky_frame): os.path.abspath(loaded.path) for loaded in sky_frames}
    notes: list[str] = []
    everyone: list[ExposureSource] = []
    without_frame: list[Failure] = []

    def tasks(sources: list[ExposureSource]) -> list[MeasuringTask]:
        everyone.extend(sources)
        if not frames:
            return [MeasuringTask(source, None) for source in sources]
        found = sampling_tasks(sources, frames, files)
        without_frame.extend(
            Failure(str(source.path), task)
            for source, task in zip(sources, found, strict=True)
            if isinstance(task, str)
        )
        return [
            MeasuringTask(source, None if isinstance(task, str) else task.sky)
            for source, task in zip(sources, found, strict=True)
        ]

    job = partial(measure_exposure, config=config, mask_objects=mask_objects, cache=cache)
    chosen = without_leftovers(Inputs.of(paths), notes)
    with workers(executor) as pool:
        measured, failed = over_files(
            pool, job, paths, watch, LABEL, mask_reading, chosen, notes, identity, tasks
        )
        found = _solved(measured, [*failed, *without_frame], notes, frames, config, mask_objects)
        visits = _visits(found, [one for one, _ in measured], everyone)
        firsts = [visit.members[0] for visit in visits]
        outcomes = run_all(pool, _conditions, firsts, watch, "Reading conditions")
    levels = {id(source): one.level for source, one in measured}
    rows = [
        night_row(
            visit.name,
            visit.members,
            [levels[id(one)] for one in visit.members if id(one) in levels],
            outcome.value or Conditions(),
            fit=visit.fit,
            config=config,
            n_failed=visit.n_failed,
            why=visit.why,
        )
        for visit, outcome in zip(visits, outcomes, strict=True)
    ]
    told = [
        f"Visit {row.visit}: {text}"
        for row in rows
        for one, text in zip(row.findings, row.warnings, strict=True)
        if one.kind not in OF_HEADERS
    ]
    dead = [
        f"{source.name} has no good pixel in any bin; it has no level."
        for source, one in measured
        if not math.isfinite(one.level)
    ]
    rows.sort(key=by_time)
    return Night(tuple(rows), found.failed, (*found.notes, *dead, *_incomplete(rows), *told))


def _incomplete(rows: Sequence[NightRow]) -> list[str]:
    """Return a sentence on the visits that have fewer detectors than others of their kind."""
    most: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        kind = row.instrument, row.filter
        most[kind] = max(most[kind], row.n_exposures)
    fewer = [
        f"{row.visit} ({row.n_exposures} of {most[row.instrument, row.filter]})"
        for row in rows
        if row.n_exposures < most[row.instrument, row.filter]
    ]
    if not fewer:
        return []
    have = "has" if len(fewer) == 1 else "have"
    visits = "Visit" if len(fewer) == 1 else "Visits"
    return [
        f"{visits} {first_of(fewer)} {have} fewer detectors than others; level and scale are those "
        "of the ones that are there."
    ]


def _solved(
    measured: Sequence[tuple[ExposureSource, Measurement]],
    failed: Sequence[Failure],
    notes: Sequence[str],
    frames: Sequence[SkyFrame],
    config: SkyMeasurementConfig,
    mask_objects: MaskObjects,
) -> VisitResult:
    """Return the fits of the exposures that have samples, with their findings."""
    if not frames:
        used = [source for source, _ in measured]
        found = [*notes, *cautions_of(used)]
        found += [*undefined_planes(used, config.background.mask, "background.mask", mask_objects)]
        found += [*repeated_detectors(used), *(note for _, one in measured for note in one.notes)]
        return VisitResult((), tuple(failed), tuple(found))
    sampled: list[tuple[ExposureSource, tuple[Samples, tuple[str, ...]]]] = [
        (source, (one.samples, one.notes)) for source, one in measured if one.samples is not None
    ]
    result = solve_sampled(sampled, failed, notes, frames, config, mask_objects)
    visits = tuple(
        replace(fit, findings=findings_of_visit(fit, config, mask_objects)) for fit in result.visits
    )
    return replace(result, visits=visits)


@dataclass(frozen=True, eq=False)
class _Visit:
    name: str
    members: tuple[ExposureSource, ...]
    fit: VisitSolution | None = None
    n_failed: int = 0
    why: str = ""


def _visits(
    found: VisitResult, measured: Sequence[ExposureSource], everyone: Sequence[ExposureSource]
) -> list[_Visit]:
    """Return the visits with a fit, those with a level, and those of which nothing could be used.

    An exposure that is of a visit with a fit and not in it counts as one that failed.
    """
    visits = {fit.visit: _Visit(fit.visit, fit.sources, fit, why=fit.why) for fit in found.visits}
    fitted = {id(source) for fit in found.visits for source in fit.sources}
    reasons = {one.path: one.why for one in reversed(found.failed)}
    read = {id(source) for source in measured}
    # Those that were read come first: a visit of several gets its name from them.
    rest = [one for one in everyone if id(one) not in fitted]
    for part in (
        [one for one in rest if id(one) in read],
        [one for one in rest if id(one) not in read],
    ):
        for name, members in group_by_visit(part).items():
            known = visits.get(name)
            if known is not None:
                n_failed = known.n_failed + len(members)
                visits[name] = replace(known, n_failed=n_failed)
                continue
            why = next(filter(None, (reasons.get(str(one.path)) for one in members)), "")
            n_failed = sum(str(one.path) in reasons for one in members)
            visits[name] = _Visit(name, tuple(members), None, n_failed, why)
    return list(visits.values())


def _conditions(source: ExposureSource, watch: Watch | None) -> Conditions:
    if watch is not None:
        watch.step(0, 1, "Reading conditions")
    return read_conditions(source)
