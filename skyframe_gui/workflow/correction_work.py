"""The steps of a sky correction in any executor, with what came of them kept on disk."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skyframe_gui.engine import (
    BackgroundModel,
    BinGrid,
    ChebyshevModel,
    MaskPlanes,
    Samples,
    SkyFrameError,
)
from skyframe_gui.engine.correction_steps import ChangedMask, Measured, MeasureStep, SampleStep
from skyframe_gui.workflow.cache import Product, Shelf
from skyframe_gui.workflow.focal_plane import around, corners_of
from skyframe_gui.workflow.jobs import run_all, workers
from skyframe_gui.workflow.reading import arrays_of_samples
from skyframe_gui.workflow.visit_exposures import read_for_correction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Executor

    from skyframe_gui.engine import SkyCorrectionConfig, Watch
    from skyframe_gui.engine.correction_steps import Step
    from skyframe_gui.engine.model import GridModel
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.workflow.cache import Cache
    from skyframe_gui.workflow.sampling import Sky

MEASURED, SAMPLED = "correction-focal-plane", "correction-samples"
"""Kinds of products."""


@dataclass(frozen=True, eq=False)
class StepTask:
    """A step with its exposure; it goes to another process without what nobody reads of grids.

    Attributes
    ----------
    step : Step
    source : ExposureSource
    sky : Sky, optional
        Of a step that samples.
    """

    step: Step
    source: ExposureSource
    sky: Sky | None = None

    def ready(self) -> Step:
        """Return the step with its sky frame, which in another process is read now.

        Raises
        ------
        SkyFrameError
            Its file cannot be read there, or is another one.
        """
        if self.sky is None or self.step.sky is not None:  # type: ignore[attr-defined]  # it samples
            return self.step
        return replace(self.step, sky=self.sky.model())  # type: ignore[call-arg]  # it samples

    def __reduce__(self) -> tuple[Callable[..., StepTask], tuple[Any, ...]]:
        step = self.step
        values = {one.name: getattr(step, one.name) for one in fields(step)}
        values["members"] = tuple(map(_lean, step.members))
        if self.sky is not None:
            values["sky"] = None
        return _task_again, (type(step), values, self.source, self.sky)


def _lean(model: GridModel) -> tuple[Any, ...]:
    grid = model.grid
    if isinstance(model, ChebyshevModel):
        errors = grid.errors if model.weighting else None
        return grid.values, errors, grid.bbox, (model.order, model.weighting, model.algorithm)
    return grid.values, None, grid.bbox, (model.algorithm,)


def _model_of(
    values: Any, errors: Any, bbox: tuple[int, int, int, int], how: tuple[Any, ...]
) -> GridModel:
    grid = BinGrid.from_values(values, bbox, errors=errors)
    return BackgroundModel(grid, *how) if len(how) == 1 else ChebyshevModel(grid, *how)


def _task_again(
    kind: type[Step], values: dict[str, Any], source: ExposureSource, sky: Sky | None
) -> StepTask:
    values["members"] = tuple(_model_of(*one) for one in values["members"])
    return StepTask(kind(**values), source, sky)


class StepDone(NamedTuple):
    """What came of a step, or why its exposure cannot be used; and notes."""

    result: Any
    notes: tuple[str, ...]
    why: str = ""


class StepRunner:
    """Works on the steps of one visit; see `correct_sky`.

    Parameters
    ----------
    sources : mapping of str to ExposureSource
        By detector.
    config : SkyCorrectionConfig
    skies : mapping of str to Sky
        The sky frames of those that are sampled.
    executor : Executor, optional
        By default threads.
    cache : Cache, optional
        Where results are looked for first, and kept.
    watch : Watch, optional

    Attributes
    ----------
    failed : dict of str to str
        Why an exposure cannot be used.
    notes : set of str
    """

    def __init__(
        self,
        sources: Mapping[str, ExposureSource],
        config: SkyCorrectionConfig,
        skies: Mapping[str, Sky],
        executor: Executor | None,
        cache: Cache | None,
        watch: Watch | None,
    ) -> None:
        self._sources = dict(sources)
        self._config = config
        self._skies = skies
        self._executor = executor
        self._cache = cache
        self._watch = watch
        self.failed: dict[str, str] = {}
        self.notes: set[str] = set()

    def __call__(self, steps: Mapping[str, Step], label: str) -> dict[str, Any]:
        """Return what comes of each detector.

        Raises
        ------
        SkyFrameError
            A step failed, or an exposure cannot be used: these are in ``failed``.
        Cancelled
            The watch said so.
        """
        tasks = [self._task(name, step) for name, step in steps.items()]
        job = partial(do_step, config=self._config, cache=self._cache)
        with workers(self._executor) as pool:
            outcomes = run_all(pool, job, tasks, self._watch, label)
        found: dict[str, Any] = {}
        whys: list[str] = []
        for name, outcome in zip(steps, outcomes, strict=True):
            done = outcome.value
            if done is None:
                whys.append(outcome.why)
                continue
            self.notes.update(done.notes)
            if done.why:
                self.failed[name] = done.why
            found[name] = done.result
        if self.failed or whys:
            raise SkyFrameError(next(iter([*self.failed.values(), *whys])))
        return found

    def _task(self, name: str, step: Step) -> StepTask:
        if isinstance(step, MeasureStep):
            step = replace(step, camera=around(step.camera, name, corners_of(step.camera)))
        sky = self._skies[name] if isinstance(step, SampleStep) else None
        return StepTask(step, self._sources[name], sky)


def do_step(
    task: StepTask, watch: Watch | None, *, config: SkyCorrectionConfig, cache: Cache | None
) -> StepDone:
    """Return what comes of a step, from the cache where it has that."""
    if watch is not None:
        watch.step(0, 1, "Correcting")
    step, source = task.ready(), task.source
    shelf = Shelf(cache, source)
    # What is read depends on them, too: see `read_for_correction`.
    dead = [config.doMaskObjects, sorted(config.bgModel1.mask)]
    depends = {**step.about(), "alive": dead}
    kind = {MeasureStep: MEASURED, SampleStep: SAMPLED}.get(type(step))
    known = None if kind is None else shelf.get(kind, depends)
    if known is not None:
        result = _measured(known.arrays) if kind == MEASURED else _samples(known.arrays, source)
        return StepDone(result, (*known.notes, *shelf.notes))
    try:
        exposure, notes = read_for_correction(source, config, watch)
    except SkyFrameError as error:
        return StepDone(None, (), str(error))
    result = step.work(exposure, watch, 1)
    if kind is not None and shelf.keeps:
        arrays = _arrays(result) if kind == MEASURED else arrays_of_samples(result)
        shelf.put(kind, depends, Product(arrays, notes))
    return StepDone(result, (*notes, *shelf.notes))


def _arrays(part: Measured) -> dict[str, Any]:
    arrays: dict[str, Any] = {"sums": part.sums, "counts": part.counts, "bbox": np.array(part.bbox)}
    if part.mask is not None:
        text = "\n".join(f"{name} {bit}" for name, bit in part.mask.planes.items())
        arrays["planes"] = np.frombuffer(text.encode(), np.uint8)
        for bit, packed in part.mask.bits.items():
            arrays[f"bit {bit}"] = np.frombuffer(packed, np.uint8)
    return arrays


def _measured(arrays: Mapping[str, Any]) -> Measured:
    mask = None
    if "planes" in arrays:
        lines = arrays["planes"].tobytes().decode().splitlines()
        planes = {name: int(bit) for name, _, bit in (line.rpartition(" ") for line in lines)}
        bits = {
            int(name.split()[1]): one.tobytes()
            for name, one in arrays.items()
            if name.startswith("bit ")
        }
        mask = ChangedMask(MaskPlanes(planes), bits)
    x0, y0, x1, y1 = arrays["bbox"].tolist()
    return Measured(arrays["sums"], arrays["counts"], mask, (x0, y0, x1, y1))


def _samples(arrays: Mapping[str, Any], source: ExposureSource) -> Samples:
    return Samples(**arrays, detector=source.detector)
