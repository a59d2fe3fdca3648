"""Build sky frames from any number of exposures, one exposure per worker in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from skyframe_gui.engine import (
    BinGrid,
    SkyFrame,
    SkyFrameError,
    SkyMeasurementConfig,
    average_backgrounds,
    styles,
)
from skyframe_gui.engine.identity import (
    SKY_LEVEL,
    STRAIGHT,
    common_identity,
    group_by_frame,
    oriented,
)
from skyframe_gui.engine.units import same_unit
from skyframe_gui.workflow.binning import Binned, bin_exposure
from skyframe_gui.workflow.exposures import over_exposures, scan_files
from skyframe_gui.workflow.jobs import Failure, workers
from skyframe_gui.workflow.normalising import decide
from skyframe_gui.workflow.notes import (
    cautions_of,
    subtracted_before,
    undefined_planes,
    uneven_notes,
    unnamed_filters,
)
from skyframe_gui.workflow.options import MaskObjects, Normalise
from skyframe_gui.workflow.serving import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from skyframe_gui.engine import Watch
    from skyframe_gui.files import ExposureSource, MaskReading
    from skyframe_gui.workflow.cache import Cache
    from skyframe_gui.workflow.exposures import Ready
    from skyframe_gui.workflow.normalising import Adjust, Decision


@dataclass(frozen=True, eq=False, kw_only=True)
class BuiltSkyFrame:
    """The sky frame of one instrument, detector and filter, and what it was made from.

    Attributes
    ----------
    detector : str
    sky_frame : SkyFrame
    sources : tuple of ExposureSource
        The exposures in it.
    grids : tuple of BinGrid
        Their grids as averaged.
    levels : tuple of float
        The median bin of each exposure, before any division by it.
    """

    detector: str
    sky_frame: SkyFrame
    sources: tuple[ExposureSource, ...]
    grids: tuple[BinGrid, ...]
    levels: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class BuildResult:
    """Sky frames by instrument, detector and filter, and the files that were left out."""

    sky_frames: tuple[BuiltSkyFrame, ...]
    failed: tuple[Failure, ...]
    notes: tuple[str, ...] = ()
    """What the user should know of exposures that were used all the same."""
    warnings: tuple[str, ...] = ()
    """Those of the notes that tell of an average that is hardly what was meant."""
    normalise: Normalise = Normalise.NONE
    """How the exposures were normalised."""
    choices: dict[str, str] = field(default_factory=dict)
    """What that was done with, for the headers."""


class NothingBuiltError(SkyFrameError):
    """No exposure could be used; ``failed`` says why of each."""

    def __init__(self, message: str, failed: tuple[Failure, ...]) -> None:
        super().__init__(message)
        self.failed = failed


def build_sky_frames(
    paths: Sequence[str | Path],
    config: SkyMeasurementConfig,
    *,
    normalise: Normalise = Normalise.NONE,
    mask_objects: MaskObjects = MaskObjects.AUTO,
    mask_reading: MaskReading | None = None,
    executor: Executor | None = None,
    watch: Watch | None = None,
    ready: Ready | None = None,
    identity: Mapping[str, str] | None = None,
    camera: str | None = None,
    adjust: Adjust | None = None,
    cache: Cache | None = None,
) -> BuildResult:
    """Return a sky frame for each instrument, detector and filter of a night of exposures.

    Each exposure is loaded, its objects masked, binned and dropped again; only the grids stay.
    Exposures that a sky frame was subtracted from before, calibrations and copies are left out, see
    `serving`.

    Parameters
    ----------
    paths : sequence of path
        Files of exposures, of any number of detectors.
    config : SkyMeasurementConfig
        Its ``background`` part.
    normalise : Normalise
        ``LEVEL`` divides each exposure's grid by its median bin; ``FOCAL_PLANE`` takes the visit's
        background over the focal plane off each and divides by its level, see `bin_visits`;
        ``AUTO`` does that where visits have several detectors of a known camera.
    mask_objects : MaskObjects
        When objects are found and masked.
    mask_reading : MaskReading, optional
        How to read masks that are not LSST's bit planes.
    executor : concurrent.futures.Executor, optional
        By default a thread for each processor.
    watch : Watch, optional
        Told of every file.
    ready : callable, optional
        Called with what the headers tell, before any pixel is read; see `Ready`.
    identity : mapping of str to str, optional
        What all exposures are of, whatever their headers tell, by the names of `Identity`.
    camera : str, optional
        The camera, by its name or the path of its table, where it is not to be found out.
    adjust : callable, optional
        Changes the config of the background over the focal plane from what its camera's is.
    cache : Cache, optional
        What it has of an exposure is not read again; what it has not is kept in it.

    Raises
    ------
    NothingBuiltError
        No exposure could be used; a `SkyFrameError` that says why of each file.
    SkyFrameError
        The config's algorithm makes no image, or no file is given.
    Cancelled
        The watch said so.
    """
    try:
        styles.get(config.background.algorithm)
    except SkyFrameError as error:
        raise SkyFrameError(f"background.algorithm cannot be used. {error}") from error
    if not paths:
        raise SkyFrameError("No exposures are given; a sky frame needs at least one.")
    notes: list[str] = []

    def originals(sources: list[ExposureSource]) -> tuple[list[ExposureSource], list[Failure]]:
        kept = serving(sources, "give none but such files to build from them all the same")
        notes.extend(kept.notes)
        sources = kept.sources
        return (sources, []) if ready is None else ready(sources)

    with workers(executor) as pool:
        sources, failed = scan_files(pool, paths, watch, mask_reading, originals, notes, identity)
        decision = decide(sources, normalise, camera, adjust)
        built = build_from(
            pool, sources, config, decision, mask_objects, watch, failed, cache=cache
        )
    return replace(built, notes=(*notes, *built.notes))


def build_from(
    executor: Executor | None,
    sources: Sequence[ExposureSource],
    config: SkyMeasurementConfig,
    decision: Decision,
    mask_objects: MaskObjects,
    watch: Watch | None,
    failed: Sequence[Failure] = (),
    job: Callable[[ExposureSource, Watch | None], Binned] | None = None,
    cache: Cache | None = None,
) -> BuildResult:
    """Return the sky frames of exposures whose headers are read; see `build_sky_frames`.

    Parameters
    ----------
    decision : Decision
        How they are normalised.
    failed : sequence of Failure
        What went wrong so far.
    job : callable, optional
        Bins an exposure where nothing is taken off over the focal plane: `bin_exposure`.
    cache : Cache, optional
        See `build_sky_frames`.
    """
    with workers(executor) as pool:
        if decision.normalise is Normalise.FOCAL_PLANE:
            binned, undone = decision.bin(
                pool, config.background, mask_objects, watch, cache, config.stats.mask
            )
        else:
            job = job or partial(
                bin_exposure,
                config=config,
                mask_objects=mask_objects,
                normalise=decision.normalise,
                cache=cache,
            )
            binned, undone = over_exposures(pool, job, sources, watch, "Binning exposures")
    failed = [*failed, *undone]
    unknown = decision.unknown_planes(mask_objects)
    built = combine(binned, failed, config, mask_objects, watch, decision.normalise)
    return replace(
        built,
        notes=tuple(dict.fromkeys((*decision.notes, *unknown, *built.notes))),
        warnings=(*decision.warnings, *built.warnings),
        choices=decision.choices,
    )


def combine(
    binned: Sequence[tuple[ExposureSource, Binned]],
    failed: Sequence[Failure],
    config: SkyMeasurementConfig,
    mask_objects: MaskObjects = MaskObjects.AUTO,
    watch: Watch | None = None,
    normalise: Normalise = Normalise.NONE,
) -> BuildResult:
    """Average what `bin_exposure` made of the exposures, by instrument, detector and filter.

    Parameters
    ----------
    binned : sequence of (ExposureSource, Binned)
    failed : sequence of Failure
        What went wrong so far.
    config, mask_objects, watch, normalise
        As for `build_sky_frames`.

    Raises
    ------
    NothingBuiltError, Cancelled
        As `build_sky_frames`.
    """
    failures = list(failed)
    used = [source for source, _ in binned]
    notes = [*cautions_of(used)]
    notes += [*undefined_planes(used, config.background.mask, "background.mask", mask_objects)]
    groups = group_by_frame([source.identity for source in used])
    warnings = [*subtracted_before(used)]
    notes += [*warnings, *unnamed_filters(used, groups)]
    for _, (_, _, found) in binned:
        notes.extend(found)
    built: list[BuiltSkyFrame] = []
    for key, places in groups.items():
        candidates = [(used[place], *binned[place][1][:2]) for place in places]
        group, odd = _alike(candidates)
        failures.extend(odd)
        if normalise is Normalise.NONE:
            group, odd = _of_one_unit(group)
            failures.extend(odd)
            uneven = uneven_notes(
                [source.identity for source, _, _ in group], [one[2] for one in group]
            )
            notes += uneven
            warnings += uneven
        identity = common_identity([source.identity for source, _, _ in group])
        if normalise is not Normalise.NONE:
            identity = replace(identity, unit=SKY_LEVEL)
        try:
            sky_frame = average_backgrounds(
                [grid for _, grid, _ in group],
                str(config.background.algorithm),
                watch,
                [source.name for source, _, _ in group],
            )
        except SkyFrameError as error:
            failures.extend(Failure(str(source.path), str(error)) for source, _, _ in group)
            continue
        sources_used, grids, levels = zip(*group, strict=True)
        built.append(
            BuiltSkyFrame(
                detector=key.detector,
                sky_frame=replace(sky_frame, identity=identity),
                sources=sources_used,
                grids=grids,
                levels=levels,
            )
        )
    if not built:
        first = failures[0].why if failures else "The files hold no exposure."
        files = {str(source.path) for source in used} | {one.path for one in failures}
        n_files = sum(not file.startswith("--") for file in files)  # options fail by their names
        which = f"None of the {n_files} files" if n_files > 1 else "No file"
        told = f"{which} could be used for a sky frame. {first}"
        raise NothingBuiltError(told, tuple(failures))
    return BuildResult(tuple(built), tuple(failures), tuple(notes), tuple(warnings), normalise)


def _of_one_unit(
    members: list[tuple[ExposureSource, BinGrid, float]],
) -> tuple[list[tuple[ExposureSource, BinGrid, float]], list[Failure]]:
    """Part the exposures of the usual unit from those of another one, each with its reason."""
    units = [same_unit(source.unit) for source, _, _ in members]
    known = [unit for unit in units if unit]
    usual = max(known, key=known.count, default="")
    shown = next(
        (one.unit for (one, _, _), unit in zip(members, units, strict=True) if unit == usual), ""
    )
    group, odd = [], []
    for member, unit in zip(members, units, strict=True):
        if unit in ("", usual):
            group.append(member)
            continue
        source = member[0]
        odd.append(
            Failure(
                str(source.path),
                f"{source.name} is in {source.unit}, but most exposures of this detector are in "
                f"{shown}; it was left out. --normalise level divides each by its level.",
            )
        )
    return group, odd


def _of_one_orientation(
    members: list[tuple[ExposureSource, BinGrid, float]],
) -> tuple[list[tuple[ExposureSource, BinGrid, float]], list[Failure]]:
    """Part exposures that lie on the detector as most do from others; without a word: straight."""
    kinds = [source.orientation or STRAIGHT for source, _, _ in members]
    usual = max(kinds, key=kinds.count)
    group, odd = [], []
    for member, kind in zip(members, kinds, strict=True):
        if kind == usual:
            group.append(member)
            continue
        source = member[0]
        told = f"was read out {oriented(kind)}"
        if not source.orientation:
            told = "does not tell how it was read out"
        odd.append(
            Failure(
                str(source.path),
                f"{source.name} {told}, but most exposures of this detector were read out "
                f"{oriented(usual)}; it was left out.",
            )
        )
    return group, odd


def _alike(
    candidates: Iterable[tuple[ExposureSource, BinGrid, float]],
) -> tuple[list[tuple[ExposureSource, BinGrid, float]], list[Failure]]:
    """Part the exposures of the usual size, place and orientation from the odd ones."""
    members, turned = _of_one_orientation(list(candidates))
    kinds = [(grid.values.shape, grid.bbox, source.binning) for source, grid, _ in members]
    usual = max(kinds, key=kinds.count)
    group, odd = [], turned
    for member, kind in zip(members, kinds, strict=True):
        if kind == usual:
            group.append(member)
            continue
        source, grid, _ = member
        if kind[:2] == usual[:2]:
            ours, theirs = ("{} x {}".format(*one[2]) for one in (kind, usual))
            odd.append(
                Failure(
                    str(source.path),
                    f"{source.name} is binned {ours}, but most exposures of this detector "
                    f"{theirs}; it was left out.",
                )
            )
            continue
        odd.append(
            Failure(
                str(source.path),
                f"{source.name} covers {grid.width} x {grid.height} pixels from "
                f"{grid.bbox[:2]} on, but most exposures of this detector "
                f"{usual[1][2] - usual[1][0] + 1} x {usual[1][3] - usual[1][1] + 1} from "
                f"{usual[1][:2]} on; it was left out.",
            )
        )
    return group, odd
