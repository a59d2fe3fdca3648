"""Write what a stage made: sky frames, subtracted exposures, samples, background lists."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine import (
    BackgroundModel,
    BinGrid,
    SkyFrame,
    SkyFrameError,
    subtract_backgrounds,
)
from skyframe_gui.engine.config import field_values
from skyframe_gui.engine.identity import mismatches
from skyframe_gui.files import (
    Provenance,
    input_cards,
    kind_of,
    read_sky_frame,
    sha256_of,
    write_background_list,
    write_exposure,
    write_samples,
    write_sky_frame,
)
from skyframe_gui.files.sky_frames import read_provenance
from skyframe_gui.files.transaction import Transaction
from skyframe_gui.numbers import unit_of
from skyframe_gui.text import on_one_line
from skyframe_gui.workflow import names
from skyframe_gui.workflow.frames import brought_to, choose_sky_frame
from skyframe_gui.workflow.inputs import Inputs
from skyframe_gui.workflow.jobs import Failure
from skyframe_gui.workflow.notes import first_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from skyframe_gui.engine import (
        BackgroundConfig,
        Exposure,
        ScaleSolution,
        SkyMeasurementConfig,
        Watch,
    )
    from skyframe_gui.engine.identity import FrameKey, Identity
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.workflow.build import BuildResult, BuiltSkyFrame
    from skyframe_gui.workflow.solution import VisitSolution
    from skyframe_gui.workflow.visit_correction import VisitCorrection


@dataclass(frozen=True, eq=False)
class LoadedSkyFrame:
    """A sky frame with the file it came from.

    Attributes
    ----------
    path, sha256 : str
    sky_frame : SkyFrame
    made_with : BackgroundConfig or None
        How it was binned; None where nothing tells.
    """

    path: str
    sha256: str
    sky_frame: SkyFrame
    made_with: BackgroundConfig | None = None


def load_sky_frames(
    paths: Sequence[str | Path], notes: list[str] | None = None
) -> tuple[LoadedSkyFrame, ...]:
    """Return the sky frames.

    Parameters
    ----------
    paths : sequence of path
        Of `Inputs`, files that a folder was searched for may be something else, and sky frames
        of other detectors than the wanted ones are left out.
    notes : list of str, optional
        Gets a sentence on what folders hold besides.

    Raises
    ------
    SkyFrameError
        A file is no sky frame, or two are of the same instrument, detector and filter.
    """
    inputs = Inputs.of(paths)
    for failure in inputs.failed:
        raise SkyFrameError(failure.why)
    loaded: dict[FrameKey, LoadedSkyFrame] = {}
    others: list[str] = []
    unwanted: list[Identity] = []
    for path in inputs:
        if path in inputs.searched and kind_of(path) != "sky frame":
            others.append(on_one_line(path.name))
            continue
        sky_frame = read_sky_frame(path)
        identity = sky_frame.identity
        if inputs.detectors and identity.detector and not inputs.detectors.takes(identity):
            unwanted.append(identity)
            continue
        key = identity.frame
        if key in loaded:
            band = f" and filter {sky_frame.identity.filter}" if key.filter else ""
            raise SkyFrameError(
                f"{loaded[key].path} and {path} are both sky frames of detector "
                f"{key.detector or '(no name)'}{band}; give one of them."
            )
        loaded[key] = LoadedSkyFrame(str(path), sha256_of(path), sky_frame, binned_with(path))
    if not loaded and inputs.detectors and unwanted:
        raise SkyFrameError(inputs.detectors.missing(unwanted, "sky frame")[0].why)
    if not loaded and others:
        raise SkyFrameError(
            f"There is no sky frame among {first_of(others)}; give the folder that has them."
        )
    if others and notes is not None:
        are = "is no sky frame and was" if len(others) == 1 else "are no sky frames and were"
        notes.append(f"In the folders given, {first_of(others)} {are} left out.")
    return tuple(loaded.values())


def write_built(
    result: BuildResult,
    folder: Path,
    config: SkyMeasurementConfig,
    overwrite: bool,
    choices: Mapping[str, str] | None = None,
    planned: Mapping[FrameKey, str] | None = None,
) -> tuple[list[tuple[BuiltSkyFrame, str]], list[Failure]]:
    """Write the sky frames to ``folder``, all or none; return what is where, and why nothing is.

    ``choices`` are the options besides the config that made the numbers what they are; they go into
    the headers with the names of the exposures. ``planned`` are the files' names where these are
    settled already, see `SkyFrameTargets`.
    """
    of_each = [built.sky_frame.identity for built in result.sky_frames]
    written: list[tuple[BuiltSkyFrame, str]] = []
    target = folder
    try:
        with Transaction(folder, overwrite) as transaction:
            for built, name in zip(result.sky_frames, names.sky_frame_names(of_each), strict=True):
                target = folder / (planned or {}).get(built.sky_frame.identity.frame, name)
                write_sky_frame(
                    transaction.stage / target.name,
                    built.sky_frame,
                    detector=built.detector,
                    provenance=provenance_of(built, config, choices or {}),
                    header=input_cards([source.identity for source in built.sources]),
                )
                written.append((built, str(target)))
            target = folder
            transaction.commit()
    except SkyFrameError as error:
        return [], [Failure(str(target), str(error))]
    return written, []


def provenance_of(
    built: BuiltSkyFrame, config: SkyMeasurementConfig, choices: Mapping[str, str]
) -> Provenance:
    """Return what a sky frame's file says of its making: see `write_built`."""
    inputs = {f"IN{i:04d}": source.name for i, source in enumerate(built.sources, 1)}
    return Provenance(config=config, extra={**choices, **inputs})


def binned_with(path: str | Path) -> BackgroundConfig | None:
    """Return how the sky frame of a file was binned; None where the file does not tell."""
    try:
        found = read_provenance(path)
    except SkyFrameError:  # what is damaged there makes the sky frame no worse
        return None
    return None if found is None or found.config is None else found.config.background


def config_on_record(
    config: SkyMeasurementConfig, loaded: LoadedSkyFrame
) -> tuple[SkyMeasurementConfig, frozenset[str]]:
    """Return the config as it made what is written, and the fields of which nothing is known.

    The ``background`` part is the sky frame's own: what a config says of it while a finished sky
    frame is used has made nothing.
    """
    known = loaded.made_with
    background = (known or config.background).model_copy(
        update={"algorithm": loaded.sky_frame.algorithm}
    )
    unknown = frozenset(() if known else _OF_BINNING)
    return config.model_copy(update={"background": background}), unknown


_OF_BINNING = tuple(f"background.{name}" for name in ("statistic", "xBinSize", "yBinSize", "mask"))


@dataclass(frozen=True)
class Written:
    """What became of one exposure: its files, and what could not be kept as it was."""

    paths: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SubtractedWriter:
    """Writes the subtracted exposures of a visit; called in the workers, one exposure at a time.

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
    watch : Watch, optional
        Stops it in the middle of a file, of which then nothing is left.
    """

    folder: Path
    targets: dict[tuple[str, str], str]
    sky_frames: Sequence[LoadedSkyFrame]
    config: SkyMeasurementConfig
    visit: VisitSolution
    background_list: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    watch: Watch | None = None

    def __call__(self, source: ExposureSource, subtracted: Exposure) -> Written:
        """Write one exposure, and its background list."""
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
        target = self.folder / self.targets[str(source.path), source.detector]
        notes = write_exposure(
            target,
            subtracted,
            provenance,
            archive_from=source.path,
            watch=self.watch,
        )
        written = [str(target)]
        if self.background_list:
            model = scaled(brought_to(chosen, source), solution.scale)
            background = self.folder / names.background_name(target)
            # A true variance here, as where LSST appends the sky frame to an exposure's list.
            variance = chosen.variance * np.float32(solution.scale) ** 2
            write_background_list(
                background,
                [model],
                variances=[variance],
                provenance=provenance,
            )
            written.append(str(background))
        return Written(tuple(written), tuple(f"{source.name}: {note}" for note in notes))


@dataclass(frozen=True, kw_only=True)
class CorrectedWriter:
    """Writes the corrected exposures of a visit; called in the workers, one exposure at a time.

    Attributes
    ----------
    folder, targets, sky_frames, choices, watch
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
    watch: Watch | None = None

    def write(
        self, source: ExposureSource, watch: Watch | None, *, detectors: Mapping[Hashable, str]
    ) -> Written:
        """Read, correct and write one exposure, and what was subtracted from it."""
        name = detectors[str(source.path), source.detector]
        backgrounds = self.visit.result.backgrounds[name]
        corrected = subtract_backgrounds(
            source.read(watch=self.watch), backgrounds, watch, threads=1
        )
        provenance, chosen = self._provenance(source, name)
        target = self.folder / self.targets[str(source.path), source.detector]
        notes = write_exposure(
            target, corrected, provenance, archive_from=source.path, watch=self.watch
        )
        path = self.folder / names.background_name(target)
        variances: list[NDArray[np.float32] | None] = [None] * len(backgrounds)
        solution = self.visit.result.solution
        if chosen is not None and solution is not None:
            # A true variance there, as where LSST appends the sky frame to an exposure's list.
            place = self.visit.place_of_sky(name)
            variances[place] = chosen.variance * np.float32(solution.scale) ** 2
        write_background_list(path, backgrounds, variances=variances, provenance=provenance)
        return Written((str(target), str(path)), tuple(f"{source.name}: {one}" for one in notes))

    def _provenance(self, source: ExposureSource, name: str) -> tuple[Provenance, SkyFrame | None]:
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
                input_sha256=_checksum(source.path),
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
        return provenance, chosen


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
        input_sha256=_checksum(source.path),
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
