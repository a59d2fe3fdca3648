"""Sky frames subtracted from a night of visits: fit, subtract and write, visit by visit."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skyframe_gui.engine import SkyFrameError
from skyframe_gui.engine.identity import common_identity
from skyframe_gui.files import ensure_folder
from skyframe_gui.files.recovery import recover
from skyframe_gui.files.transaction import Transaction
from skyframe_gui.workflow.findings import OF_HEADERS, finding_as_dict, findings_of_visit
from skyframe_gui.workflow.inputs import Inputs
from skyframe_gui.workflow.jobs import Failure, WorkersError
from skyframe_gui.workflow.options import MaskObjects
from skyframe_gui.workflow.targets import Targets, VisitTargets, not_made_here
from skyframe_gui.workflow.visit import solve_visits, subtract_visit
from skyframe_gui.workflow.visit_outputs import SubtractedWriter, Written, write_visit_samples

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor

    from skyframe_gui.engine import SkyMeasurementConfig, Watch
    from skyframe_gui.engine.identity import Identity
    from skyframe_gui.files import MaskReading
    from skyframe_gui.workflow.cache import Cache
    from skyframe_gui.workflow.outputs import LoadedSkyFrame
    from skyframe_gui.workflow.solution import VisitSolution


@dataclass(frozen=True, eq=False)
class SubtractedVisit:
    """A visit's fit with what is to be said of it, and the files written."""

    fit: VisitSolution
    outputs: tuple[str, ...]

    @property
    def identity(self) -> Identity:
        """What the visit is of."""
        return common_identity([source.identity for source in self.fit.sources])

    def as_dict(self) -> dict[str, Any]:
        """Return what a program wants to know of it."""
        solution = self.fit.solution
        return {
            "visit": self.fit.visit,
            "filter": self.identity.filter,
            "instrument": self.identity.instrument,
            "night": next(filter(None, (source.night for source in self.fit.sources)), ""),
            "scale": solution.scale,
            "error": solution.error,
            "n_used": solution.n_used,
            "n_samples": len(solution.rejected_at),
            "iterations": [iteration._asdict() for iteration in solution.listed],
            "detectors": [source.detector for source in self.fit.sources],
            "findings": [finding_as_dict(one) for one in self.fit.findings],
            "outputs": list(self.outputs),
        }


@dataclass(frozen=True, eq=False)
class Subtracted:
    """All visits, the files that were left out, and what the user should know of the others."""

    visits: tuple[SubtractedVisit, ...]
    failed: tuple[Failure, ...]
    notes: tuple[str, ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """Every file that was written."""
        return tuple(path for visit in self.visits for path in visit.outputs)


def subtract_visits(
    paths: Sequence[str | Path],
    sky_frames: Sequence[LoadedSkyFrame],
    config: SkyMeasurementConfig,
    folder: Path,
    *,
    mask_objects: MaskObjects = MaskObjects.AUTO,
    mask_reading: MaskReading | None = None,
    background_list: bool = False,
    overwrite: bool = False,
    executor: Executor | None = None,
    watch: Watch | None = None,
    identity: Mapping[str, str] | None = None,
    cache: Cache | None = None,
) -> Subtracted:
    """Fit one scale a visit and write subtracted exposures and samples to ``folder``.

    The files of a visit appear together or not at all. What a run that was killed has left in the
    folder is finished or removed first; that is a note.

    Exposures are read twice, once to sample and once to subtract, so that a visit of any number
    of detectors takes the memory of one exposure per worker; where ``cache`` has the samples, once.
    For ``identity`` and ``cache`` see `build_sky_frames`.

    Raises
    ------
    SkyFrameError
        The folder cannot be made.
    Cancelled
        The watch said so; visits that were finished stay.
    """
    notes = list(recover(ensure_folder(folder)))
    inputs = [*not_made_here(Inputs.of(paths)), *(Path(loaded.path) for loaded in sky_frames)]
    targets = VisitTargets(Targets(folder, tuple(inputs), overwrite), background_list)
    choices = {"mask_objects": str(mask_objects), "mask_reading": str(mask_reading or "auto")}
    choices |= {f"identity {name}": text for name, text in (identity or {}).items()}
    frames = [loaded.sky_frame for loaded in sky_frames]
    files = {id(loaded.sky_frame): os.path.abspath(loaded.path) for loaded in sky_frames}
    result = solve_visits(
        paths,
        frames,
        config,
        mask_objects=mask_objects,
        mask_reading=mask_reading,
        executor=executor,
        watch=watch,
        ready=targets,
        identity=identity,
        cache=cache,
        files=files,
    )
    failed = list(result.failed)
    notes += [
        f"{Path(loaded.path).name}: {note}"
        for loaded in sky_frames
        for note in loaded.sky_frame.notes
    ]
    notes += result.notes
    visits: list[SubtractedVisit] = []
    for solved in result.visits:
        findings = findings_of_visit(solved, config, mask_objects)
        fit = replace(solved, findings=findings)
        notes += [
            f"Visit {fit.visit}: {one.title} {one.text}"
            for one in findings
            if one.kind not in OF_HEADERS
        ]
        writer = SubtractedWriter(
            folder=folder,
            targets=targets.subtracted,
            sky_frames=sky_frames,
            config=config,
            visit=fit,
            background_list=background_list,
            choices=choices,
        )
        outputs: tuple[str, ...] = ()
        try:
            outputs = _write(writer, overwrite, executor, watch, notes, failed)
        except WorkersError:
            raise  # they are gone for the visits behind it, too
        except SkyFrameError as error:
            failed.append(Failure(f"visit {fit.visit}", str(error)))
        visits.append(SubtractedVisit(fit, outputs))
    return Subtracted(tuple(visits), tuple(failed), tuple(notes))


def _write(
    writer: SubtractedWriter,
    overwrite: bool,
    executor: Executor | None,
    watch: Watch | None,
    notes: list[str],
    failed: list[Failure],
) -> tuple[str, ...]:
    """Write the files of a visit, all or none; return their paths, in the exposures' order."""
    fit, folder = writer.visit, writer.folder
    written: list[Written] = []
    # The pool is the inner one: its workers have ended when the folder that they write to goes.
    with (
        Transaction(folder, overwrite) as transaction,
        nullcontext(executor) if executor else ThreadPoolExecutor(os.cpu_count() or 1) as pool,
    ):
        # Workers elsewhere stand in another folder.
        stage = Path(os.path.abspath(transaction.stage))
        if not fit.why:
            keep = replace(writer, folder=stage)
            written, unwritten = subtract_visit(keep, fit.sources, executor=pool, watch=watch)
            if unwritten:
                nothing = f"Nothing of visit {fit.visit} is written."
                for one in unwritten:
                    why = one.why.replace(str(stage), str(folder))
                    failed.append(Failure(one.path, f"{why} {nothing}"))
                return ()
        samples = write_visit_samples(fit, stage, writer.config, False)
        transaction.commit()
    notes.extend(note for one in written for note in one.notes)
    paths = [*(path for one in written for path in one.paths), samples]
    return tuple(str(folder / Path(path).name) for path in paths)
