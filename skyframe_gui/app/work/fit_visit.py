"""The fit of a visit's one scale, remembered under what it reads. Called in the lanes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.app.model.rejection_steps import steps_of
from skyframe_gui.app.model.requests import fit_inputs
from skyframe_gui.app.model.sample_rows import rows_in
from skyframe_gui.app.model.visit_fit import VisitFit
from skyframe_gui.app.work.stages import samples_key
from skyframe_gui.engine import ScaleError, SkyFrameError, solve_scales
from skyframe_gui.workflow.grouping import mixed_units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skyframe_gui.app.model.items import ExposureItem, SampleId
    from skyframe_gui.app.model.requests import Request
    from skyframe_gui.app.work.stages import Stages
    from skyframe_gui.engine import Samples, ScaleSolution, Watch
    from skyframe_gui.engine.diagnostics import Finding


def fit_visit(
    stages: Stages,
    request: Request,
    which: Sequence[int],
    watch: Watch | None,
    ended: bool = False,
) -> VisitFit:
    """Fit the visit's scale to some of its members, and once more without hand exclusions.

    ``ended``: the others cannot be used, and this is what is to be said of the visit.

    Raises
    ------
    SkyFrameError
        The members are in different units, or a file cannot be used.
    Cancelled
        The watch said so.
    """
    config, options = request.config, request.options
    members = [request.members[index] for index in which]
    mixed = mixed_units([item.source for item in members])
    if mixed:
        raise SkyFrameError(f"Visit {request.visit}: {mixed}")
    samples = [
        stages.samples(item, request.frames[index], config, options, watch)
        for index, item in zip(which, members, strict=True)
    ]
    keys = tuple(
        samples_key(item, request.frames[index], config, options)
        for index, item in zip(which, members, strict=True)
    )
    excluded = _excluded(request.excluded_samples, members, samples)

    final = ended or len(which) == len(request.members)

    def solve(excluded: NDArray[np.bool_]) -> tuple[ScaleSolution, str]:
        def make() -> tuple[ScaleSolution, str]:
            try:
                return solve_scales(samples, config, excluded), ""
            except ScaleError as error:
                return error.solution, str(error)

        if not final:
            return make()  # the next one has more exposures: nobody asks for this one again
        key = (keys, config.skyIter, config.skyRej, excluded.tobytes())
        return stages.memory.get("solution", key, make)

    alone, why_alone = solve(np.zeros(len(excluded), bool))
    solution, why = solve(excluded) if excluded.any() else (alone, why_alone)
    units = {item.source.unit for item in members}
    fit = VisitFit(
        visit=request.visit,
        sources=tuple(item.source for item in members),
        keys=tuple(item.key for item in members),
        samples=tuple(samples),
        solution=solution,
        alone=alone,
        why=why,
        n_members=len(request.members),
        made_from=fit_inputs(request),
        ended=ended,
        findings=_findings(stages, request, which, samples, solution) if final else (),
        unit=units.pop() if len(units) == 1 else "",
        frame_units=frozenset(request.frames[index].unit for index in which),
        frame_keys=frozenset(request.frames[index].key for index in which),
    )
    steps_of(fit)  # remembered, so that the window need not work them out
    return fit


def _findings(
    stages: Stages,
    request: Request,
    which: Sequence[int],
    samples: Sequence[Samples],
    solution: ScaleSolution,
) -> tuple[Finding, ...]:
    """Return what is to be said of a visit's fit; remembered with the solution."""
    from skyframe_gui.app.work.visit_findings import findings_of

    if len(which) < len(request.members):
        request = replace(
            request,
            members=tuple(request.members[index] for index in which),
            frames=tuple(request.frames[index] for index in which),
        )
    return stages.memory.get(
        "findings",
        (solution, fit_inputs(request)),
        lambda: findings_of(request, samples, solution),
    )


def _excluded(
    excluded_samples: frozenset[SampleId],
    members: Sequence[ExposureItem],
    samples: Sequence[Samples],
) -> NDArray[np.bool_]:
    """Return which of the samples, all in one row, are left out by hand."""
    boxes: dict[str, list[tuple[int, int, int, int]]] = {}
    for key, box in excluded_samples:
        boxes.setdefault(key, []).append(box)
    parts = [np.zeros(len(one), bool) for one in samples]
    for part, item, one in zip(parts, members, samples, strict=True):
        part[rows_in(one.boxes, boxes.get(item.key, []))] = True
    return np.concatenate(parts) if parts else np.zeros(0, bool)
