"""The chain over a visit: backgrounds over the focal plane around the sky frame."""

from __future__ import annotations

import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from skyframe_gui.engine import styles
from skyframe_gui.engine.background_list import BackgroundList
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import read_only
from skyframe_gui.engine.focal_plane import Layout, measure_focal_plane
from skyframe_gui.engine.objects import find_objects
from skyframe_gui.engine.parallel import run_pieces
from skyframe_gui.engine.samples import measure_scale
from skyframe_gui.engine.scale import solve_scales
from skyframe_gui.numbers import percent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from skyframe_gui.engine.camera import Camera
    from skyframe_gui.engine.exposure import BBox, Exposure, MaskPlanes
    from skyframe_gui.engine.focal_config import FocalPlaneBackgroundConfig, SkyCorrectionConfig
    from skyframe_gui.engine.focal_plane import FocalPlaneBackground
    from skyframe_gui.engine.model import BackgroundModel, GridModel
    from skyframe_gui.engine.progress import Watch
    from skyframe_gui.engine.samples import Samples
    from skyframe_gui.engine.scale import ScaleSolution

T = TypeVar("T")
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
    chain = _Chain(exposures, names, camera, config, watch, threads)
    return chain.run(before, sky, images)


def subtract_backgrounds(
    exposure: Exposure,
    backgrounds: BackgroundList,
    watch: Watch | None = None,
    threads: int | None = None,
) -> Exposure:
    """Return the exposure minus the sum of a list, one subtraction in float32.

    Raises
    ------
    SkyFrameError
        The exposure is not wholly inside the list's bounding box.
    Cancelled
        The watch said so.
    """
    if not backgrounds.models:
        return exposure
    box = backgrounds.models[0].box_of(exposure.bbox, exposure.name)
    total = backgrounds.image(box, watch, threads)
    return exposure.with_planes(image=np.subtract(exposure.image, total, out=total))


class _ChangedMask(NamedTuple):
    """How the mask of found objects differs from the file's own, in some 100 kB a detector."""

    planes: MaskPlanes
    bits: dict[int, bytes]

    @classmethod
    def between(cls, given: Exposure, found: Exposure) -> _ChangedMask:
        """Keep what is needed to make the one of the other."""
        changed = given.mask ^ found.mask
        some = int(np.bitwise_or.reduce(changed.ravel())) & 0xFFFFFFFF
        return cls(
            found.planes,
            {
                bit: zlib.compress(np.packbits(changed & _pattern(bit) != 0).tobytes(), 1)
                for bit in range(32)
                if some >> bit & 1
            },
        )

    def of(self, given: Exposure) -> Exposure:
        """Return the exposure with the mask of the objects found."""
        mask = given.mask.copy()
        for bit, packed in self.bits.items():
            flags = np.frombuffer(zlib.decompress(packed), np.uint8)
            changed = np.unpackbits(flags, count=mask.size).reshape(mask.shape)
            mask[changed.view(bool)] ^= _pattern(bit)
        return given.with_planes(mask=mask, planes=self.planes)


def _pattern(bit: int) -> np.int32:
    return np.int32((1 << bit) - (1 << 32 if bit == 31 else 0))


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
    ) -> None:
        self._exposures = exposures
        self._camera = camera
        self._config = config
        self._watch = watch
        self._threads = threads
        self._members: dict[str, list[GridModel]] = {name: [] for name in names}
        self._masks: dict[str, _ChangedMask] = {}
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

        def correct(name: str, watch: Watch | None, threads: int | None) -> Exposure:
            return subtract_backgrounds(self._exposures[name], lists[name], watch, threads)

        return CorrectedVisit(
            solution=solution,
            backgrounds=lists,
            corrected=self._over(correct, "Correcting") if images else {},
            stages=tuple(self._stages),
            samples=self._samples,
        )

    def _over(
        self, function: Callable[[str, Watch | None, int | None], T], label: str
    ) -> dict[str, T]:
        """Return what a function makes of each detector, in the camera's order."""
        names = list(self._members)
        found: dict[str, T] = {}
        part = None if self._watch is None else self._watch.part(label)
        # One detector alone has all threads for itself.
        threads = self._threads if len(names) == 1 else 1

        def run(name: str) -> None:
            found[name] = function(name, part, threads)

        run_pieces(run, names, self._watch, label, self._threads)
        return {name: found[name] for name in names}

    def _rest(
        self, name: str, exposure: Exposure, watch: Watch | None, threads: int | None
    ) -> Exposure:
        """Return an exposure minus the sum of its list so far."""
        return subtract_backgrounds(exposure, BackgroundList(self._members[name]), watch, threads)

    def _masked(self, name: str) -> Exposure:
        """Return the exposure as it was given, with the mask of the objects found anew."""
        exposure = self._exposures[name]
        changed = self._masks.get(name)
        return exposure if changed is None else changed.of(exposure)

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
        def measure(name: str, watch: Watch | None, threads: int | None) -> FocalPlaneBackground:
            exposure = self._masked(name)
            self._boxes[name] = exposure.bbox
            rest = self._rest(name, exposure, watch, threads)
            if objects:
                # Its pixels have two roundings more, as the original's have in this stage alone.
                rest = find_objects(rest, self._config.maskObjects, watch, threads)
                self._masks[name] = _ChangedMask.between(exposure, rest)
            return measure_focal_plane(rest, name, self._camera, config, watch, threads)

        label = f"Finding objects, measuring {stage}" if objects else f"Measuring {stage}"
        with self._told_of(field):
            # Mistakes in sizes and styles are told before an exposure is read.
            Layout.of(self._camera, config)
            styles.get(config.interpolation)
        merged: FocalPlaneBackground | None = None
        for part in self._over(measure, label).values():
            merged = part if merged is None else merged + part
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

        def count(name: str, watch: Watch | None, threads: int | None) -> tuple[int, int]:
            found = self._masked(name)
            objects = found.mask & np.int32(found.planes.bits(["DETECTED", "EDGE"])) != 0
            return int(objects.sum()), objects.size

        counted = self._over(count, "Counting masked pixels").values()
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

        def sample(name: str, watch: Watch | None, threads: int | None) -> Samples:
            rest = self._rest(name, self._masked(name), watch, threads)
            return measure_scale(rest, sky[name], config, watch, threads)

        self._samples = self._over(sample, "Sampling")
        solution = solve_scales(list(self._samples.values()), config)
        scale = np.float32(solution.scale)
        for name, members in self._members.items():
            model = sky[name]
            grid = replace(
                model.grid,
                values=read_only(model.grid.values * scale, np.float32),
                errors=read_only(model.grid.errors * abs(scale), np.float32),
            )
            members.append(model.with_grid(grid))
        self._finish("sky", solution=solution)
        return solution
