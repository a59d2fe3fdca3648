"""The chain over a visit: backgrounds over the focal plane around the sky frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import read_only
from skyframe_gui.engine.focal_plane import measure_focal_plane
from skyframe_gui.engine.model import BackgroundList
from skyframe_gui.engine.objects import find_objects
from skyframe_gui.engine.progress import step
from skyframe_gui.engine.scale import measure_scale, solve_scales

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skyframe_gui.engine.camera import Camera
    from skyframe_gui.engine.exposure import Exposure
    from skyframe_gui.engine.focal_config import FocalPlaneBackgroundConfig, SkyCorrectionConfig
    from skyframe_gui.engine.focal_plane import FocalPlaneBackground
    from skyframe_gui.engine.model import BackgroundModel, GridModel
    from skyframe_gui.engine.progress import Watch
    from skyframe_gui.engine.scale import ScaleSolution


@dataclass(frozen=True, eq=False)
class CorrectionStage:
    """What is subtracted from each detector after one stage of the chain."""

    name: str
    """"restored", "background 1", "sky", "background 1 undone" or "background 2"."""
    backgrounds: dict[str, BackgroundList]
    """By detector: the list so far, of which the stage added (or took out) one member."""


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
        By detector: the exposure minus the sum of its list.
    stages : tuple of CorrectionStage
        The lists as they grew.
    """

    solution: ScaleSolution | None
    backgrounds: dict[str, BackgroundList]
    corrected: dict[str, Exposure]
    stages: tuple[CorrectionStage, ...]


def correct_sky(
    exposures: Mapping[str, Exposure],
    before: Mapping[str, BackgroundList],
    sky: Mapping[str, BackgroundModel],
    camera: Camera,
    config: SkyCorrectionConfig,
    watch: Watch | None = None,
) -> CorrectedVisit:
    """Return a visit corrected as LSST's ``SkyCorrectionTask`` does it.

    Each stage starts from the exposure as it was given and subtracts the sum of the list so far
    once, in float32.

    Parameters
    ----------
    exposures : mapping of str to Exposure
        By detector, with the earlier background subtracted already.
    before : mapping of str to BackgroundList
        The earlier background of each.
    sky : mapping of str to BackgroundModel
        The sky frame's model of each; may be empty without ``doSky``.
    camera : Camera
        With all of its detectors, whether they take part or not.
    config : SkyCorrectionConfig
    watch : Watch, optional
        Told of each detector in each stage.

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
    return _Chain({name: exposures[name] for name in names}, camera, config, watch).run(before, sky)


class _Chain:
    """The stages of one visit, one after the other."""

    def __init__(
        self,
        exposures: dict[str, Exposure],
        camera: Camera,
        config: SkyCorrectionConfig,
        watch: Watch | None,
    ) -> None:
        self._given = exposures
        self._exposures = dict(exposures)
        self._camera = camera
        self._config = config
        self._watch = watch
        self._members: dict[str, list[GridModel]] = {}
        self._stages: list[CorrectionStage] = []
        n_measured = 2 + config.doSky + config.doBgModel2
        self._total = n_measured * len(exposures)
        self._done = 0

    def run(
        self, before: Mapping[str, BackgroundList], sky: Mapping[str, BackgroundModel]
    ) -> CorrectedVisit:
        config = self._config
        for name in self._exposures:
            self._members[name] = [
                model.with_grid(
                    replace(model.grid, values=read_only(-model.grid.values, np.float32))
                )
                for model in before[name]
            ]
        n_before = {name: len(members) for name, members in self._members.items()}
        self._finish("restored")
        self._add_background("background 1", config.bgModel1, self._restored())
        solution = None
        if config.doSky:
            solution = self._add_sky(sky)
        if config.undoBgModel1:
            for name, members in self._members.items():
                del members[n_before[name]]
            self._finish("background 1 undone")
        if config.doBgModel2 and config.bgModel2 is not None:
            self._add_background("background 2", config.bgModel2, {})
        self._exposures = self._given  # with the masks that they came with
        corrected = {name: self._rest(name, "Correcting") for name in self._given}
        step(self._watch, self._total, self._total, "Corrected")
        return CorrectedVisit(
            solution=solution,
            backgrounds=self._stages[-1].backgrounds,
            corrected=corrected,
            stages=tuple(self._stages),
        )

    def _restored(self) -> dict[str, Exposure]:
        """Put the earlier background back and mask the objects anew, if they shall be."""
        if not self._config.doMaskObjects:
            return {}
        found: dict[str, Exposure] = {}
        for name, exposure in list(self._exposures.items()):
            part = None if self._watch is None else self._watch.part()
            rest = self._rest(name, "Finding objects on")
            found[name] = find_objects(rest, self._config.maskObjects, part)
            self._exposures[name] = exposure.with_planes(
                mask=found[name].mask, planes=found[name].planes
            )
        return found

    def _rest(self, name: str, label: str) -> Exposure:
        """Return the exposure minus the sum of its list so far."""
        exposure = self._exposures[name]
        step(self._watch, self._done, self._total, f"{label} {name}")
        self._done += 1
        part = None if self._watch is None else self._watch.part(label)
        members = self._members[name]
        box = members[0].box_of(exposure.bbox, exposure.name)
        total = BackgroundList(members).image(box, part)
        return exposure.with_planes(image=np.subtract(exposure.image, total, out=total))

    def _finish(self, name: str) -> None:
        lists = {detector: BackgroundList(models) for detector, models in self._members.items()}
        self._stages.append(CorrectionStage(name, lists))

    def _add_background(
        self, stage: str, config: FocalPlaneBackgroundConfig, instead: dict[str, Exposure]
    ) -> None:
        merged: FocalPlaneBackground | None = None
        for name in self._exposures:
            rest = instead.get(name) or self._rest(name, f"Measuring {stage} on")
            part = measure_focal_plane(rest, name, self._camera, config)
            merged = part if merged is None else merged + part
        assert merged is not None
        for name, exposure in self._exposures.items():
            model = merged.model(name)
            grid = replace(model.grid, bbox=exposure.bbox)
            self._members[name].append(model.with_grid(grid))
        self._finish(stage)

    def _add_sky(self, sky: Mapping[str, BackgroundModel]) -> ScaleSolution:
        config = self._config.sky
        samples = [
            measure_scale(self._rest(name, "Sampling"), sky[name], config)
            for name in self._exposures
        ]
        solution = solve_scales(samples, config)
        scale = np.float32(solution.scale)
        for name in self._exposures:
            model = sky[name]
            grid = replace(
                model.grid,
                values=read_only(model.grid.values * scale, np.float32),
                errors=read_only(model.grid.errors * abs(scale), np.float32),
            )
            self._members[name].append(model.with_grid(grid))
        self._finish("sky")
        return solution
