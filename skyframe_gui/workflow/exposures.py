"""One small function over the exposures of many files: what came of each, and why not the rest."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from skyframe_gui.files import (
    CompanionError,
    ExposureSource,
    MaskReading,
    NoExposureError,
    scan,
)
from skyframe_gui.files.butler.address import exposures_of
from skyframe_gui.workflow.inputs import Inputs
from skyframe_gui.workflow.jobs import Failure, Outcome, run_all, workers
from skyframe_gui.workflow.notes import companion_notes, others_in_folders

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from skyframe_gui.engine import Watch

R = TypeVar("R")
T = TypeVar("T")

Ready = Callable[[list[ExposureSource]], tuple[list[ExposureSource], list[Failure]]]
"""Looks at exposures before their pixels are read: which to go on with, and why not the rest."""
Done = tuple[list[tuple[ExposureSource, R]], list[Failure]]
"""Exposures with what was made of each, and why not of the rest."""


def over_files(
    executor: Executor | None,
    job: Callable[[Any, Watch | None], R],
    paths: Sequence[str | Path],
    watch: Watch | None,
    label: str,
    mask_reading: MaskReading | None = None,
    ready: Ready | None = None,
    notes: list[str] | None = None,
    identity: Mapping[str, str] | None = None,
    prepare: Callable[[list[ExposureSource]], Sequence[T | str]] | None = None,
) -> Done[R]:
    """Return each exposure of the files with what ``job`` made of it, and the failures.

    Parameters
    ----------
    executor, watch, label
        See `run_all`; without an executor a thread for each processor.
    job : callable
        Called as ``job(source, watch)``; see `run_all`.
    paths : sequence of path
        Files, whose headers are read first; `Inputs` also tell which of them nobody named, and
        which detectors are wanted.
    mask_reading : MaskReading, optional
        How to read masks that are not LSST's bit planes.
    ready : callable, optional
        See `Ready`.
    notes : list of str, optional
        Gets a sentence on masks and weights among the files, and on whatever else folders hold:
        beside images they are no failures.
    identity : mapping of str to str, optional
        What all exposures are of, whatever their headers tell, see `ExposureSource.assigned`.
    prepare : callable, optional
        Returns what ``job`` gets of each exposure, or the sentence that says why it cannot be done;
        without it that is the exposure.

    Raises
    ------
    Cancelled
        The watch said so.
    """
    with workers(executor) as pool:
        sources, failed = scan_files(pool, paths, watch, mask_reading, ready, notes, identity)
        tasks = sources if prepare is None else prepare(sources)
        done, undone = over_exposures(pool, job, sources, watch, label, tasks)
    return done, [*failed, *undone]


def scan_files(
    executor: Executor | None,
    paths: Sequence[str | Path],
    watch: Watch | None,
    mask_reading: MaskReading | None = None,
    ready: Ready | None = None,
    notes: list[str] | None = None,
    identity: Mapping[str, str] | None = None,
) -> tuple[list[ExposureSource], list[Failure]]:
    """Return the exposures of the files, and the failures; see `over_files`."""
    inputs = Inputs.of(paths)
    with workers(executor) as pool:
        scanner = partial(_scan_one, mask_reading=mask_reading or MaskReading())
        outcomes = run_all(pool, scanner, [str(path) for path in inputs], watch, "Reading headers")
        sources: list[ExposureSource] = []
        failed = list(inputs.failed)
        companions: list[Failure] = []
        others: list[Failure] = []
        for path, outcome in zip(inputs, outcomes, strict=True):
            if outcome.value is None:
                failed.append(Failure(str(path), outcome.why))
            elif isinstance(outcome.value, list):
                sources.extend(exposures_of(outcome.value, inputs.datasets_of(path)))
            elif path in inputs.searched:
                others.append(Failure(str(path), outcome.value.why))
            elif outcome.value.companion:
                companions.append(Failure(str(path), outcome.value.why))
            else:
                failed.append(Failure(str(path), outcome.value.why))
        if identity:
            sources = [source.assigned(identity) for source in sources]
        if not sources:
            failed += [*companions, *others]
        elif notes is not None:
            notes.extend(companion_notes(companions, sources))
            notes.extend(others_in_folders(others, sources))
        if inputs.detectors is not None and sources:
            failed.extend(inputs.detectors.missing([source.identity for source in sources]))
            sources = [one for one in sources if inputs.detectors.takes(one.identity)]
        if ready is not None:
            sources, refused = ready(sources)
            failed.extend(refused)
    return sources, failed


def over_exposures(
    executor: Executor | None,
    job: Callable[[Any, Watch | None], R],
    sources: Sequence[ExposureSource],
    watch: Watch | None,
    label: str,
    tasks: Sequence[T | str] | None = None,
) -> Done[R]:
    """Return each exposure with what ``job`` made of it, and the failures; see `over_files`.

    ``tasks`` are what ``job`` gets of each, or why it cannot be done.
    """
    given = sources if tasks is None else tasks
    with workers(executor) as pool:
        todo = [task for task in given if not isinstance(task, str)]
        found = iter(run_all(pool, job, todo, watch, label))
    outcomes = [Outcome(why=task) if isinstance(task, str) else next(found) for task in given]
    done: list[tuple[ExposureSource, R]] = []
    failed: list[Failure] = []
    for source, outcome in zip(sources, outcomes, strict=True):
        if outcome.value is None:
            failed.append(Failure(str(source.path), outcome.why))
        else:
            done.append((source, outcome.value))
    return done, failed


class _Other(NamedTuple):
    """Why a file holds no exposures, and whether it belongs to an image."""

    why: str
    companion: bool


def _scan_one(
    path: str, watch: Watch | None, mask_reading: MaskReading
) -> list[ExposureSource] | _Other:
    """Return the exposures of a file, or what else it is."""
    if watch is not None:
        watch.step(0, 1, "Reading headers")
    try:
        return scan(path, mask_reading)
    except NoExposureError as error:
        return _Other(str(error), isinstance(error, CompanionError))
