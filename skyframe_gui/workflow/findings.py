"""What is to be said of a visit's fit: the engine's diagnostics with what the headers tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skyframe_gui.engine import MaskPlanes
from skyframe_gui.engine.diagnostics import Finding, diagnose_fit
from skyframe_gui.numbers import plural, unit_of
from skyframe_gui.workflow.frames import brought_to, mismatched
from skyframe_gui.workflow.options import MaskObjects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.engine import Samples, ScaleSolution, SkyFrame, SkyMeasurementConfig
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.workflow.solution import VisitSolution

ANOTHER, BEFORE = "another-sky-frame", "subtracted-before"
OF_HEADERS = (ANOTHER, BEFORE)
"""Findings that the notes on the files tell, too, with the exposures' names."""


def findings_of_visit(
    visit: VisitSolution, config: SkyMeasurementConfig, mask_objects: MaskObjects
) -> tuple[Finding, ...]:
    """Return the findings on a visit that `solve_visits` has fitted, the gravest first."""
    pairs = list(zip(visit.sources, visit.sky_frames, strict=True))
    unit = pairs[0][1].identity.unit
    return findings_of_fit(pairs, visit.samples, visit.solution, config, mask_objects, unit)


def findings_of_fit(
    pairs: Sequence[tuple[ExposureSource, SkyFrame]],
    samples: Sequence[Samples],
    solution: ScaleSolution,
    config: SkyMeasurementConfig,
    mask_objects: MaskObjects,
    sky_unit: str,
) -> tuple[Finding, ...]:
    """Return the findings on a fit of exposures, each with its sky frame, the gravest first."""
    planes, frames = {}, {}
    for source, sky_frame in pairs:
        frames[source.detector] = brought_to(sky_frame, source)
        if source.has_mask:
            # Where the file has no DETECTED the objects are found here, and none is negative.
            finds = mask_objects is not MaskObjects.NEVER and "DETECTED" not in source.planes
            made = {"DETECTED": 31, "DETECTED_NEGATIVE": 30} if finds else {}
            planes[source.detector] = MaskPlanes({**source.planes, **made})
    diagnosed = diagnose_fit(
        samples,
        solution,
        config,
        planes=planes,
        sky_frames=frames,
        unit=unit_of(pairs[0][0].unit),
        sky_unit=sky_unit,
    )
    sources = [source for source, _ in pairs]
    return (*_subtracted_before(sources), *_of_another(pairs), *diagnosed)


def finding_as_dict(one: Finding) -> dict[str, Any]:
    """Return what a program wants to know of a finding."""
    return {
        "kind": one.kind,
        "severity": one.severity,
        "title": one.title,
        "text": one.text,
        "detectors": list(one.detectors),
        "numbers": dict(one.numbers),
    }


def _subtracted_before(sources: Sequence[ExposureSource]) -> tuple[Finding, ...]:
    """Tell of exposures that a sky frame was subtracted from before: no sky is left there."""
    again = [source for source in sources if source.subtracted]
    if not again:
        return ()
    first, more = again[0], len(again) - 1
    others = f" So it is with {more} more of this visit." if more else ""
    return (
        Finding(
            kind=BEFORE,
            severity="warning",
            title="A sky frame was subtracted before.",
            text=f"{first.name}: {first.subtracted}{others} The scale is that of what was left, "
            "not of a sky.",
            detectors=tuple(source.detector for source in again if source.detector),
            numbers={"n_subtracted": len(again), "n_exposures": len(sources)},
            short=f"{plural(len(again), 'exposure')} of {len(sources)}.",
        ),
    )


def _of_another(pairs: Sequence[tuple[ExposureSource, SkyFrame]]) -> tuple[Finding, ...]:
    """Tell of exposures that are corrected with a sky frame of another filter or instrument."""
    clauses = mismatched(pairs)
    if not clauses:
        return ()
    first = next(iter(clauses))
    return (
        Finding(
            kind=ANOTHER,
            severity="warning",
            title="The sky frame is of something else.",
            text=f"Of this visit {'; '.join(clauses)}. Its pattern is not that of this sky; build "
            "or open the sky frame that belongs to it.",
            detectors=tuple(source.detector for source in clauses[first] if source.detector),
            short=f"{first[0].upper()}{first[1:]}.",
        ),
    )
