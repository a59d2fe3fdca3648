"""Visits corrected over the focal plane: LSST's SkyCorrectionTask from files to files."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from skyframe_gui.engine import SkyFrameError
from skyframe_gui.files import ensure_folder
from skyframe_gui.files.atomic import write_text
from skyframe_gui.files.recovery import recover
from skyframe_gui.files.transaction import Transaction
from skyframe_gui.workflow import names
from skyframe_gui.workflow.correction_notes import camera_notes
from skyframe_gui.workflow.earlier_lists import find_lists, key_of
from skyframe_gui.workflow.exposures import over_exposures, scan_files
from skyframe_gui.workflow.grouping import group_by_visit, repeated_detectors
from skyframe_gui.workflow.inputs import Inputs
from skyframe_gui.workflow.jobs import Failure, WorkersError
from skyframe_gui.workflow.notes import cautions_of, first_of, subtracted_before
from skyframe_gui.workflow.serving import without_leftovers
from skyframe_gui.workflow.targets import Targets, VisitTargets, not_made_here
from skyframe_gui.workflow.visit_correction import VisitAtWork, VisitCorrection
from skyframe_gui.workflow.visit_outputs import CorrectedWriter, write_task, write_visit_samples

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Executor

    from skyframe_gui.engine import Watch
    from skyframe_gui.files import ExposureSource, MaskReading
    from skyframe_gui.files.config.correction import CorrectionChanges
    from skyframe_gui.workflow.cache import Cache
    from skyframe_gui.workflow.earlier_lists import EarlierLists
    from skyframe_gui.workflow.outputs import LoadedSkyFrame


@dataclass(frozen=True, eq=False)
class Corrected:
    """All visits, the files that were left out, and what the user should know of the others."""

    visits: tuple[VisitCorrection, ...]
    failed: tuple[Failure, ...]
    notes: tuple[str, ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """Every file that was written."""
        return tuple(path for visit in self.visits for path in visit.outputs)


def correct_visits(
    paths: Sequence[str | Path],
    sky_frames: Sequence[LoadedSkyFrame],
    changes: CorrectionChanges,
    folder: Path,
    *,
    background_lists: Sequence[str | Path] = (),
    camera: str | None = None,
    mask_reading: MaskReading | None = None,
    overwrite: bool = False,
    threads: int | None = None,
    executor: Executor | None = None,
    watch: Watch | None = None,
    identity: Mapping[str, str] | None = None,
    cache: Cache | None = None,
) -> Corrected:
    """Correct visits and write exposures, lists of backgrounds and samples to ``folder``.

    The files of a visit appear together or not at all. Exposures are read anew in each stage, so
    that a visit of any number of detectors takes the memory of one exposure a thread. What cannot
    be used is left out of its visit and told.

    Parameters
    ----------
    paths : sequence of path
        Files of exposures, of any number of visits, detectors and cameras.
    sky_frames : sequence of LoadedSkyFrame
        Needed with ``doSky``.
    changes : CorrectionChanges
        Laid over what the camera's own pipeline sets.
    folder : Path
    background_lists : sequence of path
        What was subtracted from the exposures before, see `find_lists`.
    camera : str, optional
        See `camera_of`.
    threads : int, optional
        How many; by default one for each processor. The result is the same for any number.
    executor : concurrent.futures.Executor, optional
        Who works instead of threads: processes or a cluster; again with the same result.
    cache : Cache, optional
        What was measured of an exposure in some stage is not measured again; what was not is kept.
    mask_reading, overwrite, watch, identity
        See `build_sky_frames`.

    Raises
    ------
    SkyFrameError
        No file is given, or the folder cannot be made.
    Cancelled
        The watch said so; visits that were finished stay.
    """
    if not paths:
        raise SkyFrameError("No exposures are given; there is nothing to correct.")
    notes = [*recover(ensure_folder(folder)), *changes.notes]
    inputs = [*not_made_here(Inputs.of(paths)), *not_made_here(Inputs.of(background_lists))]
    inputs += [Path(loaded.path) for loaded in sky_frames]
    targets = VisitTargets(Targets(folder, tuple(inputs), overwrite), True, names.CORRECTED)
    chosen = without_leftovers(Inputs.of(paths), notes, targets)
    sources, failed = scan_files(None, paths, watch, mask_reading, chosen, notes, identity)
    visits = group_by_visit(sources)
    lists = find_lists(sources, background_lists)
    failed += Inputs.of(background_lists).failed
    notes += notes_of_inputs(sources, lists, camera)
    notes += [
        f"{Path(one.path).name}: {note}" for one in sky_frames for note in one.sky_frame.notes
    ]
    choices = {"mask_reading": str(mask_reading or "auto"), "camera": camera or ""}
    choices |= {f"identity {name}": text for name, text in (identity or {}).items()}
    done, frames = [], [loaded.sky_frame for loaded in sky_frames]
    files = {id(loaded.sky_frame): os.path.abspath(loaded.path) for loaded in sky_frames}
    for visit, members in visits.items():
        work = VisitAtWork(visit, members, frames, lists, notes, failed, files)
        try:
            keep_lists(members, lists, targets.subtracted, folder)
            corrected = work.correct(changes, camera, watch, threads, executor, cache)
            writer = CorrectedWriter(
                folder=folder,
                targets=targets.subtracted,
                sky_frames=sky_frames,
                visit=corrected,
                lists=lists.by_detector(corrected.sources),
                choices={name: text for name, text in choices.items() if text},
            )
            outputs, unwritten = write_corrected(
                writer, overwrite, threads, watch, notes, executor=executor
            )
            failed += unwritten
        except WorkersError:
            raise  # they are gone for the visits behind it, too
        except SkyFrameError as error:
            why = f"Visit {visit}: {error}"
            failed.extend(Failure(str(source.path), why, visit) for source in work.left)
            continue
        done.append(replace(corrected, outputs=outputs))
    return Corrected(tuple(done), tuple(failed), tuple(dict.fromkeys(notes)))


def notes_of_inputs(
    sources: Sequence[ExposureSource], lists: EarlierLists, camera: str | None
) -> list[str]:
    """Return sentences on exposures and earlier lists before anything is corrected."""
    notes = [*cautions_of(sources), *repeated_detectors(sources), *subtracted_before(sources)]
    notes += [
        f"{path.name} was not used: by its name it belongs to no exposure that is corrected."
        for path in lists.unused
    ]
    if lists.of_others:
        one = len(lists.of_others) == 1
        names_tell = "was not used: by its name it is" if one else "were not used: by name they are"
        notes.append(
            f"{first_of([path.name for path in lists.of_others])} {names_tell} of another visit, "
            "detector or camera than the exposures."
        )
    return [*notes, *camera_notes(group_by_visit(sources), camera)]


def keep_lists(
    members: Sequence[ExposureSource],
    lists: EarlierLists,
    targets: Mapping[tuple[str, str], str],
    folder: Path,
) -> None:
    """Refuse to write a list of backgrounds over one that is read.

    Raises
    ------
    SkyFrameError
        It would be so.
    """
    read = {path.resolve() for path in lists.paths.values()}
    for source in members:
        corrected = targets[str(source.path), source.detector]
        target = folder / names.background_name(corrected)
        if target.resolve() in read:
            raise SkyFrameError(
                f"{target} is a list of backgrounds that is read, and would be written anew; "
                "choose another folder."
            )


def write_corrected(
    writer: CorrectedWriter,
    overwrite: bool,
    threads: int | None = None,
    watch: Watch | None = None,
    notes: list[str] | None = None,
    texts: Mapping[str, str] | None = None,
    executor: Executor | None = None,
    still: Callable[[], None] | None = None,
) -> tuple[tuple[str, ...], list[Failure]]:
    """Write the files of a visit, all or none.

    Parameters
    ----------
    writer : CorrectedWriter
        Exposures without a target are not written.
    overwrite : bool
        Whether existing files give way.
    threads, watch, executor : optional
        As of `correct_visits`.
    notes : list of str, optional
        Gets what could not be kept as it was.
    texts : mapping of str to str, optional
        What is written beside them, by name of file.
    still : callable, optional
        Called when all is written and before it appears: refuses it where the input is another.

    Returns
    -------
    tuple of (str, ...) and list of Failure
        The paths in the detectors' order, and why there are none.

    Raises
    ------
    SkyFrameError
        A file may not be written.
    Cancelled
        The watch said so.
    """
    visit = writer.visit
    detectors = {key_of(source): name for name, source in visit.sources.items()}
    wanted = [one for one in visit.sources.values() if key_of(one) in writer.targets]
    beside: list[str] = []
    # The pool is the inner one: its workers have ended when the folder that they write to goes.
    with (
        Transaction(writer.folder, overwrite) as transaction,
        nullcontext(executor)
        if executor
        else ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool,
    ):
        # Workers elsewhere stand in another folder.
        stage = Path(os.path.abspath(transaction.stage))
        keep = replace(writer, folder=stage)
        tasks = [keep.task(one, detectors[key_of(one)]) for one in wanted]
        written, unwritten = over_exposures(
            pool, write_task, wanted, watch, f"Writing visit {visit.visit}", tasks
        )
        if unwritten:
            nothing = f"Nothing of visit {visit.visit} is written."
            whys = [one.why.replace(str(stage), str(writer.folder)) for one in unwritten]
            return (), [
                Failure(one.path, f"{why} {nothing}")
                for one, why in zip(unwritten, whys, strict=True)
            ]
        if visit.fit is not None:
            beside.append(write_visit_samples(visit.fit, stage, visit.config.sky, False))
        for name, text in (texts or {}).items():
            write_text(stage / name, text)
            beside.append(name)
        if still is not None:
            still()
        transaction.commit()
    if notes is not None:
        notes.extend(note for _, one in written for note in one.notes)
    paths = [*(path for _, one in written for path in one.paths), *beside]
    return tuple(str(writer.folder / Path(path).name) for path in paths), []
