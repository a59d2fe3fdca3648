"""The chain over a visit: backgrounds over the focal plane around the sky frame."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from skyframe_gui.engine import styles
from skyframe_gui.engine.background_list import BackgroundList
from skyframe_gui.engine.correction_steps import (
    CountStep,
    MeasureStep,
    SampleStep,
    SubtractStep,
)
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import read_only
from skyframe_gui.engine.focal_plane import FocalPlaneBackground, Layout
from skyframe_gui.engine.parallel import run_pieces
from skyframe_gui.engine.scale import solve_scales
from skyframe_gui.numbers import percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from skyframe_gui.engine.camera import Camera
    from skyframe_gui.engine.correction_steps import ChangedMask, Step
    from skyframe_gui.engine.exposure import BBox, Exposure
    from skyframe_gui.engine.focal_config import FocalPlaneBackgroundConfig, SkyCorrectionConfig
    from skyframe_gui.engine.model import BackgroundModel, GridModel
    from skyframe_gui.engine.progress import Watch
    from skyframe_gui.engine.samples import Samples
    from skyframe_gui.engine.scale import ScaleSolution

MOST = 0.5
"""Part of the pixels from which masks of objects are named as the cause of missing sky."""


@dataclass(frozen=True, eq=False)
class CorrectionStage:
    """What is subtracted from each detector after one stage of the chain."""

    name: str
    """"restored", "background 1", "sky", "background 1 undone" or "background 2"."""
    backgrounds: dict[str, BackgroundList]
    """By detector: the list so far, of which the stage added (or took out) one member."""
    focal_plane: FocalPlaneBackground | None = None
    """What the stage measured over the focal plane, where it did."""
    solution: ScaleSolution | None = None
    """Of the sky frame's scale, where the stage fitted it."""


@dataclass(frozen=True, eq=False, kw_only=True)
class CorrectedVisit:
    """A visit after LSST's sky correction.

    Attributes
    ----------
    solution : ScaleSolution or None
        Of the sky frame's scale; None where it was not subtracted.
    backgrounds : dict of str to BackgroundList
        By detector, all members to be subtracted: the earlier ones inverted, background 1, the
        scaled sky frame, background 2, as far as they are on.
    corrected : dict of str to Exposure
        By detector: the exposure minus the sum of its list. Empty where it was not asked for.
    stages : tuple of CorrectionStage
        The lists as they grew.
    samples : dict of str to Samples
        By detector: what the scale was fitted to; empty where it was not.
    """

    solution: ScaleSolution | None
    backgrounds: dict[str, BackgroundList]
    corrected: dict[str, Exposure]
    stages: tuple[CorrectionStage, ...]
    samples: dict[str, Samples] = field(default_factory=dict)


def correct_sky(
    exposures: Mapping[str, Exposure],
    before: Mapping[str, Iterable[GridModel]],
    sky: Mapping[str, BackgroundModel],
    camera: Camera,
    config: SkyCorrectionConfig,
    watch: Watch | None = None,
    *,
    threads: int | None = None,
    images: bool = True,
    over: Over | None = None,
) -> CorrectedVisit:
    """Return a visit corrected as LSST's ``SkyCorrectionTask`` does it.

    Each stage starts from the exposure as it was given and subtracts the sum of the list so far
    once, in float32. An exposure is looked up when a stage needs it and let go afterwards: with a
    mapping that reads its exposures when they are asked for, and without ``images``, one exposure a
    thread is in memory, whatever the number of detectors. Detectors are worked on at the same time
    and merged in the camera's order, so that the result is the same for any number of threads.

    Parameters
    ----------
    exposures : mapping of str to Exposure
        By detector, with the earlier background subtracted already. Asked in several threads.
    before : mapping of str to BackgroundList
        The earlier background of each; () where nothing was subtracted.
    sky : mapping of str to BackgroundModel
        The sky frame's model of each; may be empty without ``doSky``.
    camera : Camera
        With all of its detectors, whether they take part or not.
    config : SkyCorrectionConfig
    watch : Watch, optional
        Told of each detector in each stage; the stages are published to it as they are finished.
    threads : int, optional
        How many; by default one for each processor.
    images : bool, optional
        Whether the corrected images are returned, all of them in memory; see
        `subtract_backgrounds` for one at a time.
    over : callable, optional
        Who works on the steps of a stage instead of threads of this process, which are handed over
        by detector with a label; ``exposures`` are then only asked which they are, and ``watch``
        is told of finished stages alone.

    Returns
    -------
    CorrectedVisit
        Of the detectors that are in ``exposures``, ``before`` and, with ``doSky``, ``sky``, in
        the camera's order.

    Raises
    ------
    SkyFrameError
        The camera lacks a detector or has it in another size, no detector has all that is
        needed, the boxes of one detector differ, the focal plane is empty, or no sample is left.
    Cancelled
        The watch said so.
    """
    for name in exposures:
        _ = camera[name]
    names = [
        detector.name
        for detector in camera.detectors
        if detector.name in exposures
        and detector.name in before
        and (not config.doSky or detector.name in sky)
    ]
    if not names:
        needed = "an earlier background" + (" and a sky frame" if config.doSky else "")
        raise SkyFrameError(
            f"Of {len(exposures)} exposures none has {needed} of the same detector, so that there "
            "is nothing to correct; look at the names of the detectors."
        )
    chain = _Chain(exposures, names, camera, config, watch, threads, over)
    return chain.run(before, sky, images)


def scaled_model(model: BackgroundModel, scale: float) -> BackgroundModel:
    """Return a sky frame's model times a scale, as it stands in a list of backgrounds."""
    times = np.float32(scale)
    grid = replace(
        model.grid,
        values=read_only(model.grid.values * times, np.float32),
        errors=read_only(model.grid.errors * abs(times), np.float32),
    )
    return model.with_grid(grid)


class Over(Protocol):
    """Works on the steps of a stage and returns what came of each, by detector."""

    def __call__(self, steps: Mapping[str, Step], label: str) -> Mapping[str, Any]:
        """Return the results of all steps."""


class _Chain:
    """The stages of one visit, one after the other."""

    def __init__(
        self,
        exposures: Mapping[str, Exposure],
        names: list[str],
        camera: Camera,
        config: SkyCorrectionConfig,
        watch: Watch | None,
        threads: int | None,
        over: Over | None,
    ) -> None:
        self._over = over or self._in_threads
        self._exposures = exposures
        self._camera = camera
        self._config = config
        self._watch = watch
        self._threads = threads
        self._members: dict[str, list[GridModel]] = {name: [] for name in names}
        self._masks: dict[str, ChangedMask] = {}
        self._boxes: dict[str, BBox] = {}
        self._samples: dict[str, Samples] = {}
        self._stages: list[CorrectionStage] = []

    def run(
        self,
        before: Mapping[str, Iterable[GridModel]],
        sky: Mapping[str, BackgroundModel],
        images: bool,
    ) -> CorrectedVisit:
        config = self._config
        for name, members in self._members.items():
            members.extend(
                model.with_grid(
                    replace(model.grid, values=read_only(-model.grid.values, np.float32))
                )
                for model in before[name]
            )
        n_before = {name: len(members) for name, members in self._members.items()}
        self._finish("restored")
        self._add_background("bgModel1", "background 1", config.bgModel1, config.doMaskObjects)
        solution = self._add_sky(sky) if config.doSky else None
        if config.undoBgModel1:
            for name, members in self._members.items():
                del members[n_before[name]]
            self._finish("background 1 undone")
        if config.doBgModel2 and config.bgModel2 is not None:
            self._add_background("bgModel2", "background 2", config.bgModel2, False)
        lists = self._stages[-1].backgrounds
        corrected: Mapping[str, Exposure] = {}
        if images:
            steps = {
                name: SubtractStep(name=name, members=tuple(members), mask=None)
                for name, members in self._members.items()
            }
            corrected = self._in_threads(steps, "Correcting")
        return CorrectedVisit(
            solution=solution,
            backgrounds=lists,
            corrected=dict(corrected),
            stages=tuple(self._stages),
            samples=self._samples,
        )

    def _in_threads(self, steps: Mapping[str, Step], label: str) -> dict[str, Any]:
        """Return what comes of each detector, in the camera's order."""
        names = list(steps)
        found: dict[str, Any] = {}
        part = None if self._watch is None else self._watch.part(label)
        # One detector alone has all threads for itself.
        threads = self._threads if len(names) == 1 else 1

        def run(name: str) -> None:
            found[name] = steps[name].work(self._exposures[name], part, threads)

        run_pieces(run, names, self._watch, label, self._threads)
        return {name: found[name] for name in names}

    def _finish(
        self,
        name: str,
        focal_plane: FocalPlaneBackground | None = None,
        solution: ScaleSolution | None = None,
    ) -> None:
        lists = {detector: BackgroundList(models) for detector, models in self._members.items()}
        stage = CorrectionStage(name, lists, focal_plane, solution)
        self._stages.append(stage)
        if self._watch is not None:
            self._watch.publish(stage)

    def _add_background(
        self, field: str, stage: str, config: FocalPlaneBackgroundConfig, objects: bool
    ) -> None:
        label = f"Finding objects, measuring {stage}" if objects else f"Measuring {stage}"
        with self._told_of(field):
            # Mistakes in sizes and styles are told before an exposure is read.
            Layout.of(self._camera, config)
            styles.get(config.interpolation)
        steps = {
            name: MeasureStep(
                name=name,
                members=tuple(members),
                mask=self._masks.get(name),
                camera=self._camera,
                config=config,
                chain=self._config if objects else None,
            )
            for name, members in self._members.items()
        }
        merged: FocalPlaneBackground | None = None
        for name, part in self._over(steps, label).items():
            self._boxes[name] = part.bbox
            if part.mask is not None:
                self._masks[name] = part.mask
            own = FocalPlaneBackground(self._camera, config, part.sums, part.counts)
            merged = own if merged is None else merged + own
        assert merged is not None
        with self._told_of(field):
            for name, members in self._members.items():
                model = merged.model(name)
                members.append(model.with_grid(replace(model.grid, bbox=self._boxes[name])))
        self._finish(stage, merged)

    @contextmanager
    def _told_of(self, field: str) -> Iterator[None]:
        """Say of an error in which part of the config it is, and where masks leave little sky."""
        try:
            yield
        except SkyFrameError as error:
            raise SkyFrameError(f"{field}: {error}{self._why_masked()}") from error

    def _why_masked(self) -> str:
        """Return a sentence where objects that were found and borders cover most pixels."""
        if not self._masks:
            return ""

        steps = {
            name: CountStep(name=name, members=(), mask=self._masks.get(name))
            for name in self._members
        }
        counted = self._over(steps, "Counting masked pixels").values()
        part = sum(n for n, _ in counted) / sum(size for _, size in counted)
        if part < MOST:
            return ""
        return (
            f" What doMaskObjects masks, objects and borders, covers {percent(part)} of the "
            "pixels, as happens on small detectors and on a sky that is not flat; say "
            "doMaskObjects=false to use the masks of the files, or raise "
            "maskObjects.detection.thresholdValue."
        )

    def _add_sky(self, sky: Mapping[str, BackgroundModel]) -> ScaleSolution:
        config = self._config.sky

        steps = {
            name: SampleStep(
                name=name,
                members=tuple(members),
                mask=self._masks.get(name),
                sky=sky[name],
                config=config,
            )
            for name, members in self._members.items()
        }
        self._samples = dict(self._over(steps, "Sampling"))
        solution = solve_scales(list(self._samples.values()), config)
        for name, members in self._members.items():
            members.append(scaled_model(sky[name], solution.scale))
        self._finish("sky", solution=solution)
        return solution
