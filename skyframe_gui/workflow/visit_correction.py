"""One visit corrected over the focal plane, from its files to its lists of backgrounds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from skyframe_gui.engine import SkyFrameError, correct_sky
from skyframe_gui.engine.config import field_values
from skyframe_gui.engine.identity import common_identity
from skyframe_gui.workflow.cameras import camera_of, detector_of
from skyframe_gui.workflow.correction_notes import (
    list_notes,
    missing_notes,
    refuse_empty,
    refuse_turned,
    size_notes,
)
from skyframe_gui.workflow.correction_work import StepRunner
from skyframe_gui.workflow.earlier_lists import EarlierLists, key_of, read_list
from skyframe_gui.workflow.findings import OF_HEADERS, finding_as_dict, findings_of_fit
from skyframe_gui.workflow.frames import (
    brought_to,
    choose_sky_frame,
    frames_without_filter,
    mismatch_notes,
)
from skyframe_gui.workflow.jobs import Failure, WorkersError
from skyframe_gui.workflow.notes import undefined_planes
from skyframe_gui.workflow.options import MaskObjects
from skyframe_gui.workflow.sampling import Sky
from skyframe_gui.workflow.solution import VisitSolution
from skyframe_gui.workflow.visit_exposures import ReadExposures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor

    from skyframe_gui.engine import (
        BackgroundList,
        BackgroundModel,
        Camera,
        CorrectedVisit,
        SkyCorrectionConfig,
        SkyFrame,
        Watch,
    )
    from skyframe_gui.engine.camera import Detector
    from skyframe_gui.engine.correction import CorrectionStage
    from skyframe_gui.engine.diagnostics import Finding
    from skyframe_gui.engine.identity import Identity
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.files.config.correction import CorrectionChanges
    from skyframe_gui.workflow.cache import Cache

NONE_LEFT = "None of its exposures can be corrected."


@dataclass(frozen=True, eq=False, kw_only=True)
class VisitCorrection:
    """A visit corrected, and the files written.

    Attributes
    ----------
    visit : str
    sources : dict of str to ExposureSource
        By the camera's name of the detector, in the camera's order.
    camera : Camera
    config : SkyCorrectionConfig
    result : CorrectedVisit
        Without images.
    without_list : tuple of str
        Detectors that no earlier list of backgrounds is known of.
    frames : dict of str to SkyFrame
        The sky frame of each detector, as it was given; none where none was subtracted.
    findings : tuple of Finding
        What the user should be warned of in the fit of the sky frame's scale.
    outputs : tuple of str
    """

    visit: str
    sources: dict[str, ExposureSource]
    camera: Camera
    config: SkyCorrectionConfig
    result: CorrectedVisit
    without_list: tuple[str, ...]
    frames: dict[str, SkyFrame] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    outputs: tuple[str, ...] = ()

    @property
    def identity(self) -> Identity:
        """What the visit is of."""
        return common_identity([source.identity for source in self.sources.values()])

    @property
    def fit(self) -> VisitSolution | None:
        """The fit of the sky frame's scale; None where none was subtracted."""
        solution, samples = self.result.solution, self.result.samples
        if solution is None:
            return None
        return VisitSolution(
            visit=self.visit,
            sources=tuple(self.sources.values()),
            samples=tuple(samples[name] for name in self.sources),
            solution=solution,
            findings=self.findings,
        )

    def place_of_sky(self, detector: str) -> int:
        """Return which member of a detector's list is the scaled sky frame."""
        stage = next(stage for stage in self.result.stages if stage.name == "sky")
        return len(stage.backgrounds[detector]) - 1 - self.config.undoBgModel1

    def as_dict(self) -> dict[str, Any]:
        """Return what a program wants to know of it."""
        solution = self.result.solution
        return {
            "visit": self.visit,
            "filter": self.identity.filter,
            "instrument": self.identity.instrument,
            "night": next(filter(None, (one.night for one in self.sources.values())), ""),
            "camera": self.camera.name,
            "n_camera_detectors": len(self.camera.detectors),
            "detectors": list(self.sources),
            "without_background_list": list(self.without_list),
            "scale": None if solution is None else solution.scale,
            "error": None if solution is None else solution.error,
            "n_used": 0 if solution is None else solution.n_used,
            "n_samples": 0 if solution is None else len(solution.rejected_at),
            "iterations": [] if solution is None else [one._asdict() for one in solution.listed],
            "findings": [finding_as_dict(one) for one in self.findings],
            "stages": [_stage_as_dict(stage) for stage in self.result.stages],
            "config": field_values(self.config),
            "outputs": list(self.outputs),
        }


def _stage_as_dict(stage: CorrectionStage) -> dict[str, Any]:
    told: dict[str, Any] = {"name": stage.name}
    if stage.focal_plane is not None:
        counts = stage.focal_plane.counts
        told["superpixels"] = list(counts.shape)
        told["n_measured"] = int((counts >= stage.focal_plane.least_count).sum())
        told["least_pixels"] = float(stage.focal_plane.least_count)
        told["level"] = stage.focal_plane.level
    if stage.solution is not None:
        told["scale"] = stage.solution.scale
    return told


class VisitAtWork:
    """One visit on its way from files to lists of backgrounds."""

    def __init__(
        self,
        visit: str,
        members: Sequence[ExposureSource],
        sky_frames: Sequence[SkyFrame],
        lists: EarlierLists,
        notes: list[str],
        failed: list[Failure],
        files: Mapping[int, str] | None = None,
    ) -> None:
        self._files = files or {}
        self._visit = visit
        self._frames = sky_frames
        self._lists = lists
        self._notes = notes
        self._failed = failed
        self.left = list(members)
        self.sources: dict[str, ExposureSource] = {}
        self._before: dict[str, BackgroundList | tuple[()]] = {}
        self._sky: dict[str, BackgroundModel] = {}
        self._chosen: dict[str, SkyFrame] = {}

    def correct(
        self,
        changes: CorrectionChanges,
        given: str | None,
        watch: Watch | None,
        threads: int | None,
        executor: Executor | None = None,
        cache: Cache | None = None,
    ) -> VisitCorrection:
        """Return the visit corrected, without images; see `correct_visits`.

        Raises
        ------
        SkyFrameError
            Nothing of it can be corrected.
        """
        table = camera_of(self.left, given)
        camera = table.camera
        config = changes.over(table.configs, camera.name)
        by_table = not table.own_pixels
        for source in tuple(self.left):
            try:
                self._take(source, camera, config, by_table)
            except SkyFrameError as error:
                self._leave_out(source, str(error))
        if not self.left:
            raise SkyFrameError(NONE_LEFT)
        self.sources = {
            one.name: self.sources[one.name] for one in camera.detectors if one.name in self.sources
        }
        self._tell(config, table.notes, camera)
        result = self._corrected(camera, config, watch, threads, executor, cache)
        refuse_empty(result)
        self._notes += missing_notes(self._visit, self.sources, camera)
        corrected = VisitCorrection(
            visit=self._visit,
            sources=self.sources,
            camera=camera,
            config=config,
            result=result,
            without_list=tuple(name for name in self.sources if not self._before[name]),
            frames={name: self._chosen[name] for name in self.sources if name in self._chosen},
        )
        findings = self._findings(corrected)
        self._notes += [
            f"Visit {self._visit}: {one.title} {one.text}"
            for one in findings
            if one.kind not in OF_HEADERS
        ]
        return replace(corrected, findings=findings)

    def _findings(self, corrected: VisitCorrection) -> tuple[Finding, ...]:
        fit, config = corrected.fit, corrected.config
        if fit is None:
            return ()
        pairs = self._pairs()
        objects = MaskObjects.ALWAYS if config.doMaskObjects else MaskObjects.NEVER
        unit = pairs[0][1].identity.unit
        return findings_of_fit(pairs, fit.samples, fit.solution, config.sky, objects, unit)

    def _pairs(self) -> list[tuple[ExposureSource, SkyFrame]]:
        """Return the exposures with their sky frames, which are called as the detectors there."""
        pairs = []
        for name, source in self.sources.items():
            if (frame := self._chosen.get(name)) is not None:
                pairs.append((source, _called(frame, source.detector)))
        return pairs

    def _take(
        self,
        source: ExposureSource,
        camera: Camera,
        config: SkyCorrectionConfig,
        by_table: bool,
    ) -> None:
        detector = detector_of(camera, source)
        name = detector.name
        if name in self.sources:
            raise SkyFrameError(
                f"{source.name} is of detector {name}, as {self.sources[name].name} is; give one "
                "exposure of each detector."
            )
        if (source.width, source.height) != (detector.width, detector.height):
            raise SkyFrameError(
                f"{source.name} has {source.width} x {source.height} pixels, but detector {name} "
                f"of {camera.name or 'the camera'} has {detector.width} x {detector.height}; a "
                "background over the focal plane needs whole detectors, not binned."
            )
        if by_table:
            refuse_turned(source, detector)
        if config.doSky:
            frame = self._frame_of(source, detector, camera)
            self._sky[name] = brought_to(frame, source).model()
            self._chosen[name] = frame
        key = key_of(source)
        if key in self._lists.refused:
            raise SkyFrameError(self._lists.refused[key])
        path = self._lists.paths.get(key)
        self._before[name] = () if path is None else read_list(path, source)
        self.sources[name] = source

    def _frame_of(self, source: ExposureSource, detector: Detector, camera: Camera) -> SkyFrame:
        """Return an exposure's sky frame, by any name that the camera has for its detector."""
        there = {frame.identity.detector for frame in self._frames}
        called = [source.detector, detector.name]
        # A number that is another detector's name means that one.
        called += [] if detector.id is None or str(detector.id) in camera else [str(detector.id)]
        for name in called:
            if name in there:
                identity = replace(source.identity, detector=name)
                return choose_sky_frame(self._frames, identity)
        return choose_sky_frame(self._frames, source.identity)

    def _leave_out(self, source: ExposureSource, why: str) -> None:
        self._failed.append(Failure(str(source.path), why))
        self.left.remove(source)

    def _tell(
        self,
        config: SkyCorrectionConfig,
        of_camera: Sequence[str],
        camera: Camera,
    ) -> None:
        used = list(self.sources.values())
        without = [source for name, source in self.sources.items() if not self._before[name]]
        notes = [*of_camera, *size_notes(config, camera)]
        notes += list_notes(self._visit, without, len(used) - len(without))
        for name, source in self.sources.items():
            before = self._before[name]
            if not isinstance(before, tuple):
                notes += [f"{source.name}: {note}" for note in before.notes]
        found = MaskObjects.ALWAYS if config.doMaskObjects else MaskObjects.NEVER
        masks = {"bgModel1.mask": config.bgModel1.mask}
        if config.doSky:
            masks["sky.stats.mask"] = config.sky.stats.mask
        if config.doBgModel2 and config.bgModel2 is not None:
            masks["bgModel2.mask"] = config.bgModel2.mask
        said: dict[str, list[str]] = {}
        for name, planes in masks.items():
            # EDGE and DETECTED are set where objects are found anew, and none is negative.
            made = ("EDGE", "DETECTED_NEGATIVE") if config.doMaskObjects else ()
            asked = [plane for plane in planes if plane not in made]
            for sentence in undefined_planes(used, asked, "{fields}", found):
                said.setdefault(sentence, []).append(name)
        notes += [
            sentence.replace("{fields}", ", ".join(names)) for sentence, names in said.items()
        ]
        pairs = self._pairs()
        self._notes += [*notes, *mismatch_notes(pairs), *frames_without_filter(pairs)]

    def _corrected(
        self,
        camera: Camera,
        config: SkyCorrectionConfig,
        watch: Watch | None,
        threads: int | None,
        executor: Executor | None,
        cache: Cache | None,
    ) -> CorrectedVisit:
        """Correct what can be read: an exposure that cannot is left out of the focal plane, too."""
        while True:
            exposures = ReadExposures(self.sources, config, watch)
            found: ReadExposures | StepRunner = exposures
            over: StepRunner | None = None
            if executor is not None or cache is not None:
                found = over = StepRunner(
                    self.sources, config, self._skies(), executor, cache, watch
                )
            try:
                result = correct_sky(
                    exposures,
                    self._before,
                    self._sky,
                    camera,
                    config,
                    watch,
                    threads=threads,
                    images=False,
                    over=over,
                )
            except WorkersError:
                raise  # they are gone for all exposures
            except SkyFrameError:
                if not found.failed:
                    raise
                for name in [name for name in self.sources if name in found.failed]:
                    self._leave_out(self.sources.pop(name), found.failed[name])
                if not self.sources:
                    raise SkyFrameError(NONE_LEFT) from None
                continue
            self._notes += sorted(found.notes)
            return result

    def _skies(self) -> dict[str, Sky]:
        """Return the sky frames as they go to other processes."""
        return {
            name: Sky.of(brought_to(frame, self.sources[name]), self._files.get(id(frame), ""))
            for name, frame in self._chosen.items()
            if name in self.sources
        }


def _called(frame: SkyFrame, detector: str) -> SkyFrame:
    """Return a sky frame under its detector's name in an exposure's headers; a nameless stays."""
    identity = frame.identity
    if identity.detector in ("", detector):
        return frame
    return replace(frame, identity=replace(identity, detector=detector))
