"""Write what was made of a visit: subtracted and corrected exposures, lists, samples."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine import (
    BackgroundModel,
    BinGrid,
    subtract_backgrounds,
    subtract_sky_frame,
)
from skyframe_gui.engine.background_list import BackgroundList
from skyframe_gui.engine.config import field_values
from skyframe_gui.engine.correction import scaled_model
from skyframe_gui.engine.identity import mismatches
from skyframe_gui.files import (
    Provenance,
    sha256_of,
    write_background_list,
    write_exposure,
    write_samples,
)
from skyframe_gui.numbers import unit_of
from skyframe_gui.workflow import names
from skyframe_gui.workflow.frames import brought_to, choose_sky_frame
from skyframe_gui.workflow.outputs import CarriedFrame, config_on_record, masks_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from skyframe_gui.engine import ScaleSolution, SkyFrame, SkyMeasurementConfig, Watch
    from skyframe_gui.engine.model import GridModel
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.workflow.outputs import LoadedSkyFrame
    from skyframe_gui.workflow.solution import VisitSolution
    from skyframe_gui.workflow.visit_correction import VisitCorrection


@dataclass(frozen=True)
class Written:
    """What became of one exposure: its files, and what could not be kept as it was."""

    paths: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class SubtractedTask:
    """One exposure to read, subtract from and write, with all that a worker needs for it."""

    source: ExposureSource
    target: Path
    frame: CarriedFrame
    scale: float
    background_list: bool
    provenance: Provenance
    """But for the checksum of the exposure's file, which is worked out where that is read."""

    def write(self, watch: Watch | None) -> Written:
        """Write the exposure, and its background list."""
        source, chosen = self.source, self.frame.sky_frame()
        model = brought_to(chosen, source).model()
        subtracted = subtract_sky_frame(source.read(), model, self.scale, watch)
        provenance = replace(
            self.provenance,
            input_sha256=_checksum(source.path),
            hand_masks=masks_in_words(source),
        )
        notes = write_exposure(
            self.target, subtracted, provenance, archive_from=source.path, watch=watch
        )
        written = [str(self.target)]
        if self.background_list:
            background = self.target.parent / names.background_name(self.target)
            # A true variance here, as where LSST appends the sky frame to an exposure's list.
            variance = chosen.variance * np.float32(self.scale) ** 2
            write_background_list(
                background,
                [scaled(brought_to(chosen, source), self.scale)],
                variances=[variance],
                provenance=provenance,
            )
            written.append(str(background))
        return Written(tuple(written), tuple(f"{source.name}: {note}" for note in notes))


@dataclass(frozen=True, kw_only=True)
class SubtractedWriter:
    """How the subtracted exposures of a visit are written.

    Attributes
    ----------
    folder : Path
    targets : mapping
        See `VisitTargets`.
    sky_frames : sequence of LoadedSkyFrame
    config : SkyMeasurementConfig
    visit : VisitSolution
    background_list : bool
        Whether the subtracted background is written too.
    choices : mapping of str to str
        The options besides the config that made the numbers what they are.
    """

    folder: Path
    targets: dict[tuple[str, str], str]
    sky_frames: Sequence[LoadedSkyFrame]
    config: SkyMeasurementConfig
    visit: VisitSolution
    background_list: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)

    def task(self, source: ExposureSource) -> SubtractedTask:
        """Return what is to be done with one exposure.

        Raises
        ------
        SkyFrameError
            It has no sky frame.
        """
        solution = self.visit.solution
        chosen = choose_sky_frame([one.sky_frame for one in self.sky_frames], source.identity)
        frame = next(one for one in self.sky_frames if one.sky_frame is chosen)
        provenance = _of_fit(
            source,
            frame,
            self.config,
            solution,
            n_findings=len(self.visit.findings),
            extra={**self.choices, **_made_of(chosen), **_mismatch(source, chosen)},
        )
        return SubtractedTask(
            source=source,
            target=self.folder / self.targets[str(source.path), source.detector],
            frame=CarriedFrame.of(frame),
            scale=solution.scale,
            background_list=self.background_list,
            provenance=provenance,
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class CorrectedTask:
    """One exposure to read, correct and write, with all that a worker needs for it.

    Attributes
    ----------
    source : ExposureSource
    target : Path
    members : tuple of (GridModel or None)
        What is subtracted; None stands for the scaled sky frame.
    frame : CarriedFrame, optional
    scale : float
    provenance : Provenance
        But for the checksum of the exposure's file.
    """

    source: ExposureSource
    target: Path
    members: tuple[GridModel | None, ...]
    frame: CarriedFrame | None
    scale: float
    provenance: Provenance

    def write(self, watch: Watch | None) -> Written:
        """Write the exposure, and what was subtracted from it."""
        source, target = self.source, self.target
        models: list[GridModel] = []
        variances: list[NDArray[np.float32] | None] = []
        for one in self.members:
            if one is None:
                assert self.frame is not None
                chosen = self.frame.sky_frame()
                models.append(scaled_model(brought_to(chosen, source).model(), self.scale))
                # A true variance, as where LSST appends the sky frame to an exposure's list.
                variances.append(chosen.variance * np.float32(self.scale) ** 2)
            else:
                models.append(one)
                variances.append(None)
        backgrounds = BackgroundList(models)
        exposure = source.read(watch=watch)
        corrected = subtract_backgrounds(exposure, backgrounds, watch, threads=1)
        provenance = replace(
            self.provenance,
            input_sha256=_checksum(source.path),
            hand_masks=masks_in_words(source),
        )
        notes = write_exposure(target, corrected, provenance, archive_from=source.path, watch=watch)
        path = target.parent / names.background_name(target)
        write_background_list(path, backgrounds, variances=variances, provenance=provenance)
        return Written((str(target), str(path)), tuple(f"{source.name}: {one}" for one in notes))


def write_task(task: SubtractedTask | CorrectedTask, watch: Watch | None) -> Written:
    """Write one exposure; this is what a worker does."""
    if watch is not None:
        watch.step(0, 1, "Writing")
    return task.write(watch)


@dataclass(frozen=True, kw_only=True)
class CorrectedWriter:
    """How the corrected exposures of a visit are written.

    Attributes
    ----------
    folder, targets, sky_frames, choices
        See `SubtractedWriter`.
    visit : VisitCorrection
    lists : mapping of str to (Path or None)
        The earlier list of backgrounds of each detector.
    """

    folder: Path
    targets: dict[tuple[str, str], str]
    sky_frames: Sequence[LoadedSkyFrame]
    visit: VisitCorrection
    lists: Mapping[str, Path | None]
    choices: Mapping[str, str] = field(default_factory=dict)

    def task(self, source: ExposureSource, name: str) -> CorrectedTask:
        """Return what is to be done with one exposure; ``name`` is the camera's of its detector."""
        solution = self.visit.result.solution
        provenance, frame = self._provenance(source, name)
        members: list[GridModel | None] = [*self.visit.result.backgrounds[name]]
        if frame is not None:
            members[self.visit.place_of_sky(name)] = None
        return CorrectedTask(
            source=source,
            target=self.folder / self.targets[str(source.path), source.detector],
            members=tuple(members),
            frame=None if frame is None else CarriedFrame.of(frame),
            scale=float("nan") if solution is None else solution.scale,
            provenance=provenance,
        )

    def _provenance(
        self, source: ExposureSource, name: str
    ) -> tuple[Provenance, LoadedSkyFrame | None]:
        """Return how it came about, and the sky frame that was used."""
        config, solution = self.visit.config, self.visit.result.solution
        extra = {
            f"config {field}": _as_text(value)
            for field, value in field_values(config).items()
            if not field.startswith("sky.")
        }
        before = self.lists.get(name)
        extra |= {"corrected camera": self.visit.camera.name}
        extra |= {"earlier backgrounds": "none" if before is None else before.name}
        if solution is None:
            provenance = Provenance(
                config=config.sky,
                input_file=names.file_name(source.path),
                extra={**self.choices, **extra},
            )
            return provenance, None
        chosen = self.visit.frames[name]
        frame = next(one for one in self.sky_frames if one.sky_frame is chosen)
        mismatch = _mismatch(source, chosen, False)
        provenance = _of_fit(
            source,
            frame,
            config.sky,
            solution,
            n_findings=len(self.visit.findings),
            extra={**self.choices, **extra, **_made_of(chosen), **mismatch},
        )
        return provenance, frame


def _of_fit(
    source: ExposureSource,
    frame: LoadedSkyFrame,
    config: SkyMeasurementConfig,
    solution: ScaleSolution,
    *,
    n_findings: int,
    extra: Mapping[str, str],
) -> Provenance:
    """Return what made an exposure of which a fitted sky frame was taken."""
    on_record, unknown = config_on_record(config, frame)
    return Provenance(
        config=on_record,
        unknown=unknown,
        sky_frame=names.file_name(frame.path),
        sky_frame_sha256=frame.sha256,
        scale=solution.scale,
        error=solution.error,
        n_used=solution.n_used,
        n_rejected=int((solution.rejected_at >= 0).sum()),
        n_samples=len(solution.rejected_at),
        n_findings=n_findings,
        input_file=names.file_name(source.path),
        extra=extra,
    )


def _made_of(sky_frame: SkyFrame) -> dict[str, str]:
    """Return cards that name the exposures in a sky frame."""
    return {f"SKYIN{i:04d}": name for i, name in enumerate(sky_frame.inputs, 1)}


def _as_text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _checksum(path: Path) -> str:
    """Return the checksum of an exposure's file, of a camera's not for each of its detectors."""
    return _sha256_of_version(str(path), _version(path))


def _version(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:  # which whoever reads it tells
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


@lru_cache(maxsize=64)
def _sha256_of_version(path: str, version: tuple[int, ...]) -> str:
    return sha256_of(path)


def _mismatch(
    source: ExposureSource, sky_frame: SkyFrame, of_detector: bool = True
) -> dict[str, str]:
    """Return what does not match; ``of_detector``: whether its name counts."""
    theirs = sky_frame.identity
    if not of_detector:
        theirs = replace(theirs, detector=source.detector)
    clauses = mismatches(source.identity, theirs)
    return {"mismatch": "; ".join(clauses)} if clauses else {}


def scaled(sky_frame: SkyFrame, scale: float) -> BackgroundModel:
    """Return the background that was subtracted: the grid times scale, its errors alike."""
    grid = sky_frame.grid
    times = BinGrid.from_values(
        grid.values * scale, grid.bbox, errors=grid.errors * abs(scale), mask=grid.mask
    )
    return BackgroundModel(times, sky_frame.algorithm)


def write_visit_samples(
    visit: VisitSolution, folder: Path, config: SkyMeasurementConfig, overwrite: bool
) -> str:
    """Write the samples of a visit with their rejection history; return the path.

    Written for a failed fit, too: there it says what went wrong.
    """
    target = folder / names.samples_name(visit.visit)
    write_samples(
        target,
        visit.samples,
        visit.solution,
        config,
        visit=visit.visit,
        unit=unit_of(visit.sources[0].unit),
        overwrite=overwrite,
        n_findings=len(visit.findings),
    )
    return str(target)
