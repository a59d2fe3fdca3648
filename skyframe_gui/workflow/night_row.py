"""One visit of a night as a row of numbers, with what is to be said of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.engine.diagnostics import level_of_sky, wanted_offset
from skyframe_gui.engine.identity import common_identity
from skyframe_gui.files.fits.conditions import Conditions
from skyframe_gui.numbers import plural
from skyframe_gui.text import natural_order
from skyframe_gui.workflow.findings import finding_as_dict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.engine import SkyMeasurementConfig
    from skyframe_gui.engine.diagnostics import Finding
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.workflow.solution import VisitSolution

NAN = float("nan")
LEVEL_ONLY = "level only"
"""The state of a visit that no sky frame is given for."""


@dataclass(frozen=True, kw_only=True)
class NightRow:
    """One visit of a night, in numbers; NaN and "" where there is none.

    Attributes
    ----------
    visit, night, instrument, filter : str
    start : str
        Of its first exposure, UTC, ISO 8601.
    exposure_time : float
        Seconds.
    conditions : Conditions
        Of its first exposure.
    n_exposures, n_failed : int
        Exposures that the numbers are of, and those of the visit that could not be used.
    level : float
        Sky level: the median of its exposures' levels, each the median of its bins.
    unit : str
    scale, error : float
    ratio : float
        What the scale makes of the sky frame's own level, by the level: 1 where the sky is the sky
        frame's. A sky frame whose level has been taken off counts as one of level 1.
    sigma : float
        Of the residuals in the last round of the fit.
    n_used, n_rejected : int
        Samples in the last solve, and those that a round dropped.
    intercept, intercept_error : float
        The offset that the samples want beside the scale.
    findings : tuple of Finding
    why : str
        Why it has no scale, a sentence; "" where it has one or none was asked for.
    """

    visit: str
    night: str = ""
    instrument: str = ""
    filter: str = ""
    start: str = ""
    exposure_time: float = NAN
    conditions: Conditions = field(default_factory=Conditions)
    n_exposures: int = 0
    n_failed: int = 0
    level: float = NAN
    unit: str = ""
    scale: float = NAN
    error: float = NAN
    ratio: float = NAN
    sigma: float = NAN
    n_used: int = 0
    n_rejected: int = 0
    intercept: float = NAN
    intercept_error: float = NAN
    findings: tuple[Finding, ...] = ()
    why: str = ""

    @property
    def share(self) -> float:
        """Which part of the samples with data the rounds dropped."""
        n = self.n_counted
        return self.n_rejected / n if n else NAN

    @property
    def n_counted(self) -> int:
        """Samples with data of its fit, even of one that a round left without any; 0: no fit."""
        return self.n_used + self.n_rejected

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know of it, a title and sentences each, the gravest first."""
        return tuple(f"{one.title} {one.text}" for one in self.findings)

    @property
    def state(self) -> str:
        """In a word: ok, how many notes, the gravest warning, or why there is no scale."""
        if self.why:
            return self.why
        grave = [one.title for one in self.findings if one.severity == "warning"]
        more = f" (and {len(grave) - 1} more)" if len(grave) > 1 else ""
        if grave:
            return f"{grave[0].rstrip('.')}{more}"
        if not math.isfinite(self.scale):
            return LEVEL_ONLY
        return plural(len(self.findings), "note") if self.findings else "ok"

    def as_dict(self) -> dict[str, Any]:
        """Return what a program wants to know of it."""
        about = self.conditions
        return {
            "visit": self.visit,
            "night": self.night,
            "instrument": self.instrument,
            "filter": self.filter,
            "start": self.start,
            "exposure_time": self.exposure_time,
            "airmass": _number(about.airmass),
            "moon_altitude": _number(about.moon_altitude),
            "moon_phase": _number(about.moon_phase),
            "moon_separation": _number(about.moon_separation),
            "n_exposures": self.n_exposures,
            "n_failed": self.n_failed,
            "level": self.level,
            "unit": self.unit,
            "scale": self.scale,
            "error": self.error,
            "scale_over_level": self.ratio,
            "sigma": self.sigma,
            "n_used": self.n_used,
            "n_rejected": self.n_rejected,
            "share": self.share,
            "intercept": self.intercept,
            "intercept_error": self.intercept_error,
            "state": self.state,
            "findings": [finding_as_dict(one) for one in self.findings],
        }


def _number(value: float | None) -> float:
    return NAN if value is None else value


def night_row(
    visit: str,
    sources: Sequence[ExposureSource],
    levels: Sequence[float],
    conditions: Conditions,
    *,
    fit: VisitSolution | None,
    config: SkyMeasurementConfig,
    n_failed: int = 0,
    why: str = "",
) -> NightRow:
    """Return the row of a visit.

    Parameters
    ----------
    visit : str
    sources : sequence of ExposureSource
        At least one.
    levels : sequence of float
        Of those of them that could be read; NaN without a good pixel.
    conditions : Conditions
    fit : VisitSolution, optional
    config : SkyMeasurementConfig
        What the fit was made with.
    n_failed : int
        Exposures that could not be used.
    why : str
        Why there is no fit.
    """
    about = common_identity([source.identity for source in sources])
    finite = [level for level in levels if math.isfinite(level)]
    level = float(np.median(finite)) if finite else NAN
    times = [source.exposure_time for source in sources if source.exposure_time is not None]
    row = NightRow(
        visit=visit,
        night=next(filter(None, (source.night for source in sources)), ""),
        instrument=about.instrument,
        filter=about.filter,
        start=min(filter(None, (source.date for source in sources)), default=""),
        exposure_time=times[0] if times else NAN,
        conditions=conditions,
        n_exposures=len(finite),
        # One without a good pixel is in none of the numbers.
        n_failed=n_failed + len(levels) - len(finite),
        level=level,
        unit=about.unit,
        why=why,
    )
    if fit is None:
        return row
    solution = fit.solution
    offset = wanted_offset(fit.samples, solution, config)
    return replace(
        row,
        scale=solution.scale,
        error=solution.error,
        ratio=_over_level(fit, level),
        sigma=solution.iterations[-1].sigma if len(solution.iterations) else NAN,
        n_used=solution.n_used,
        n_rejected=int((solution.rejected_at >= 0).sum()),
        intercept=offset[0],
        intercept_error=offset[1],
        findings=fit.findings,
        why=why or fit.why,
    )


def _over_level(fit: VisitSolution, level: float) -> float:
    """Return what the scale makes of the sky frame's level, by the sky level."""
    sky = np.concatenate([one.sky for one in fit.samples])
    image = np.concatenate([one.image for one in fit.samples])
    sky = sky[np.isfinite(sky) & np.isfinite(image)]
    if not sky.size or not level:
        return NAN
    own = level_of_sky(sky)
    return fit.solution.scale * (1.0 if own is None else own) / level


def by_time(row: NightRow) -> tuple[str, str, str, list[tuple[int, str]]]:
    """Sort rows by instrument and filter, then by time; without a known time by their numbers."""
    return row.instrument, row.filter, row.start or "9", natural_order(row.visit)
