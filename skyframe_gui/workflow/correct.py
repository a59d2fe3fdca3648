"""A night of visits corrected: fit, subtract and write, visit by visit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skyframe_gui.engine import SkyFrameError
from skyframe_gui.engine.identity import made_of
from skyframe_gui.files import ensure_folder
from skyframe_gui.workflow.findings import ANOTHER, findings_of_visit
from skyframe_gui.workflow.jobs import Failure
from skyframe_gui.workflow.options import MaskObjects
from skyframe_gui.workflow.outputs import (
    LoadedSkyFrame,
    SubtractedWriter,
    write_visit_samples,
)
from skyframe_gui.workflow.targets import Targets, VisitTargets
from skyframe_gui.workflow.visit import solve_visits, subtract_visit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from skyframe_gui.engine import SkyMeasurementConfig, Watch
    from skyframe_gui.engine.identity import Identity
    from skyframe_gui.files import MaskReading
    from skyframe_gui.workflow.solution import VisitSolution


@dataclass(frozen=True, eq=False)
class CorrectedVisit:
    """A visit's fit with what is to be said of it, and the files written."""

    fit: VisitSolution
    outputs: tuple[str, ...]

    @property
    def identity(self) -> Identity:
        """What the visit is of."""
        return made_of([source.identity for source in self.fit.sources])

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
            "findings": [
                {
                    "kind": one.kind,
                    "severity": one.severity,
                    "title": one.title,
                    "text": one.text,
                    "detectors": list(one.detectors),
                    "numbers": dict(one.numbers),
                }
                for one in self.fit.findings
            ],
            "outputs": list(self.outputs),
        }


@dataclass(frozen=True, eq=False)
class Corrected:
    """All visits, the files that were left out, and what the user should know of the others."""

    visits: tuple[CorrectedVisit, ...]
    failed: tuple[Failure, ...]
    notes: tuple[str, ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """Every file that was written."""
        return tuple(path for visit in self.visits for path in visit.outputs)


def correct_visits(
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
) -> Corrected:
    """Fit one scale a visit and write subtracted exposures and samples to ``folder``.

    Exposures are read twice, once to sample and once to subtract, so that a visit of any number
    of detectors takes the memory of one exposure per worker.

    Raises
    ------
    SkyFrameError
        The folder cannot be made.
    Cancelled
        The watch said so; what was finished stays.
    """
    ensure_folder(folder)
    inputs = [*paths, *(loaded.path for loaded in sky_frames)]
    targets = VisitTargets(
        Targets(folder, tuple(Path(path) for path in inputs), overwrite), background_list
    )
    choices = {"mask_objects": str(mask_objects), "mask_reading": str(mask_reading or "auto")}
    frames = [loaded.sky_frame for loaded in sky_frames]
    result = solve_visits(
        paths,
        frames,
        config,
        mask_objects=mask_objects,
        mask_reading=mask_reading,
        executor=executor,
        watch=watch,
        ready=targets,
    )
    failed = list(result.failed)
    notes = [
        f"{Path(loaded.path).name}: {note}"
        for loaded in sky_frames
        for note in loaded.sky_frame.notes
    ]
    notes += result.notes
    visits: list[CorrectedVisit] = []
    for solved in result.visits:
        outputs: list[str] = []
        findings = findings_of_visit(solved, frames, config, mask_objects)
        fit = replace(solved, findings=findings)
        notes += [
            f"Visit {fit.visit}: {one.title} {one.text}"
            for one in findings
            if one.kind != ANOTHER  # told of each exposure above
        ]
        if not fit.why:
            writer = SubtractedWriter(
                folder=folder,
                targets=targets.subtracted,
                sky_frames=sky_frames,
                config=config,
                visit=fit,
                overwrite=overwrite,
                background_list=background_list,
                choices=choices,
            )
            written, unwritten = subtract_visit(fit, frames, writer, executor=executor, watch=watch)
            failed.extend(unwritten)
            for one in written:
                outputs.extend(one.paths)
                notes.extend(one.notes)
        try:
            outputs.append(write_visit_samples(fit, folder, config, overwrite))
        except SkyFrameError as error:
            failed.append(Failure(f"visit {fit.visit}", str(error)))
        visits.append(CorrectedVisit(fit, tuple(outputs)))
    return Corrected(tuple(visits), tuple(failed), tuple(notes))
