"""The fit of one visit, whoever has made it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skyframe_gui.engine import Samples, ScaleSolution, SkyFrame
    from skyframe_gui.engine.diagnostics import Finding
    from skyframe_gui.files import ExposureSource


@dataclass(frozen=True, eq=False, kw_only=True)
class VisitSolution:
    """The fit of one visit.

    Attributes
    ----------
    visit : str
    sources : tuple of ExposureSource
        One a detector, in the order of the samples.
    samples : tuple of Samples
    solution : ScaleSolution
        Where the fit failed: the history so far, and the scale NaN.
    sky_frames : tuple of SkyFrame
        Of each source; empty where whoever made the fit holds them elsewhere.
    why : str
        Why the fit failed; empty where it did not.
    findings : tuple of Finding
        What the user should be warned of, the gravest first; none of a fit that nobody looked at.
    """

    visit: str
    sources: tuple[ExposureSource, ...]
    samples: tuple[Samples, ...]
    solution: ScaleSolution
    sky_frames: tuple[SkyFrame, ...] = ()
    why: str = ""
    findings: tuple[Finding, ...] = ()
