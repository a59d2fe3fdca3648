"""What is to be said of a visit's fit: the engine's diagnostics with what the window knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.engine.diagnostics import Finding
from skyframe_gui.workflow.findings import findings_of_fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.app.model.requests import Request
    from skyframe_gui.engine import Samples, ScaleSolution


def findings_of(
    request: Request, samples: Sequence[Samples], solution: ScaleSolution
) -> tuple[Finding, ...]:
    """Return the findings, first whether the visit is fitted to itself."""
    members = zip(request.members, request.frames, strict=True)
    diagnosed = findings_of_fit(
        [(item.source, frame.sky_frame) for item, frame in members],
        samples,
        solution,
        request.config,
        request.options.mask_objects,
        request.frames[0].unit,
    )
    return (*_in_its_sky_frame(request), *diagnosed)


def _in_its_sky_frame(request: Request) -> tuple[Finding, ...]:
    """Tell of exposures that are in the very sky frame that they are fitted to."""
    inside = [
        item.source.detector
        for item, frame in zip(request.members, request.frames, strict=True)
        if item.key in frame.members and item.key not in frame.excluded_members
    ]
    if not inside:
        return ()
    which = "One exposure is" if len(inside) == 1 else f"{len(inside)} exposures are"
    text = (
        f"{which} in the sky frame that is fitted: what is peculiar to them is in the frame, too, "
        "and residuals and error come out too small. Leave the visit out of the sky frame to judge "
        "it."
    )
    return (
        Finding(
            kind="in-its-sky-frame",
            severity="note",
            title="This visit is in its own sky frame.",
            text=text,
            detectors=tuple(inside),
            short=f"{which.removesuffix(' is').removesuffix(' are')} of {len(request.members)}.",
        ),
    )
