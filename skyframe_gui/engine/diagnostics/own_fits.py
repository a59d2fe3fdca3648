"""Each detector of a visit fitted by itself, beside the fit of all together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.diagnostics.context import FitContext, FrameContext
from skyframe_gui.engine.diagnostics.detectors import compare
from skyframe_gui.engine.diagnostics.robust import MAD_TO_SIGMA, Groups, fit_line, fit_slopes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skyframe_gui.engine.config import SkyMeasurementConfig
    from skyframe_gui.engine.samples import Samples
    from skyframe_gui.engine.scale import ScaleSolution

LEAST_SAMPLES = 4
"""Of a detector, without which it has no fit of its own."""
N_AROUND, LEAST_AROUND = 8, 16
"""Neighbours that a detector is compared with, and the detectors that it takes to do so."""


@dataclass(frozen=True, eq=False, kw_only=True)
class OwnFits:
    """What the samples of each detector say alone; NaN where they are too few.

    Attributes
    ----------
    scale, error : float64 [n]
        Of the line through the origin that fits the detector's usable samples.
    sigma : float64 [n]
        Scatter of the detector's kept samples about its own line, in the image's unit.
    usable, rejected : int64 [n]
        Samples with data that no person excluded; those of them that the visit's fit dropped.
    intercept, intercept_error : float64 [n]
        Of the line with an offset through the usable samples, in the image's unit.
    odd : bool [n]
        Whether the detector's own scale disagrees with those of the others, as the warnings say.
    visit : float
        The visit's scale.
    apart : float64 [n]
        How far each own scale is from what most have, by its error and by how the detectors scatter
        beyond their errors.
    """

    scale: NDArray[np.float64]
    error: NDArray[np.float64]
    sigma: NDArray[np.float64]
    usable: NDArray[np.int64]
    rejected: NDArray[np.int64]
    intercept: NDArray[np.float64]
    intercept_error: NDArray[np.float64]
    odd: NDArray[np.bool_]
    visit: float
    apart: NDArray[np.float64]

    @property
    def deviation(self) -> NDArray[np.float64]:
        """Own scale against the visit's, as a part of the visit's."""
        return (self.scale - self.visit) / self.visit

    @property
    def pull(self) -> NDArray[np.float64]:
        """Own scale less the visit's, by its own error."""
        return _over(self.scale - self.visit, self.error)

    @property
    def intercept_pull(self) -> NDArray[np.float64]:
        """The intercept by its error."""
        return _over(self.intercept, self.intercept_error)

    @property
    def sigma_pull(self) -> NDArray[np.float64]:
        """How far each scatter is from the median one, by the error of a standard deviation."""
        known = self.sigma[np.isfinite(self.sigma)]
        middle = float(np.median(known)) if known.size else np.nan
        kept = np.maximum(self.usable - self.rejected - 1, 1)
        return _over(self.sigma - middle, middle / np.sqrt(2.0 * kept))

    @property
    def rejected_pull(self) -> NDArray[np.float64]:
        """How far each number of rejected samples is from the visit's share, by chance's width."""
        total = int(self.usable.sum())
        share = float(self.rejected.sum()) / total if total else 0.0
        width = np.sqrt(np.maximum(self.usable * share * (1 - share), 0.25))
        return np.where(self.usable > 0, (self.rejected - self.usable * share) / width, np.nan)


def own_fits(
    samples: Sequence[Samples], solution: ScaleSolution, config: SkyMeasurementConfig
) -> OwnFits:
    """Fit each detector's samples alone, outliers weighed down, as the warnings do it.

    Unlike there, an offset that the visit wants is not taken off: what is seen is each detector's
    own fit as it would come out.

    Parameters
    ----------
    samples : sequence of Samples
        What the solution was made from, in the same order.
    solution : ScaleSolution
    config : SkyMeasurementConfig
        What both were made with.
    """
    context = FitContext(
        samples=samples,
        solution=solution,
        config=config,
        levels={},
        planes={},
        sky_frames=FrameContext(frames={}, n_exposures={}, config=config),
        unit="",
        sky_unit="",
    )
    n, use, kept = len(samples), context.usable, context.kept
    slopes = fit_slopes(context.sky[use], context.image[use], context.groups)
    own = context.own_scales
    odd = np.zeros(n, np.bool_)
    if own is not None:
        odd[own.place[own.odd]] = True
    apart = np.full(n, np.nan)
    among = compare(slopes)
    if among is not None:
        width = np.hypot(among.error, among.scatter)
        apart[among.place] = (among.scale - among.centre) / width
    intercept, intercept_error = np.full(n, np.nan), np.full(n, np.nan)
    sigma = np.full(n, np.nan)
    for k in range(n):
        mine = context.group == k
        line = _line(context, k)
        if line is not None:
            intercept[k], intercept_error[k] = line
        some = mine & kept
        if np.isfinite(slopes.slope[k]) and int(some.sum()) > 1:
            rest = context.image[some] - slopes.slope[k] * context.sky[some]
            sigma[k] = float(np.sqrt(rest @ rest / (int(some.sum()) - 1)))
    return OwnFits(
        scale=slopes.slope,
        error=slopes.error,
        sigma=sigma,
        usable=np.bincount(context.group[use], minlength=n),
        rejected=np.bincount(context.group[use & ~kept], minlength=n),
        intercept=intercept,
        intercept_error=intercept_error,
        odd=odd,
        visit=solution.scale,
        apart=apart,
    )


def from_neighbours(own: OwnFits, positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far each own scale is from those around it, where a camera has enough detectors.

    A sky that is brighter in the middle moves all scales there: what stands out of its neighbours
    is a detector's own fault.

    Parameters
    ----------
    own : OwnFits
    positions : float64 [n, 2]
        Of the detectors' middles, in any unit.

    Returns
    -------
    float64 [n]
        By each one's error and by how the differences scatter beyond the errors; NaN where there
        are fewer than `LEAST_AROUND` detectors with a scale.
    """
    found = np.full(len(own.scale), np.nan)
    known = np.flatnonzero(np.isfinite(own.scale) & (own.error > 0))
    if len(known) < LEAST_AROUND:
        return found
    scale, error, at = own.scale[known], own.error[known], positions[known]
    away = np.linalg.norm(at[:, np.newaxis] - at, axis=2)
    np.fill_diagonal(away, np.inf)
    around = np.argsort(away, axis=1, kind="stable")[:, :N_AROUND]
    apart = scale - np.median(scale[around], axis=1)
    spread = MAD_TO_SIGMA * float(np.median(np.abs(apart - np.median(apart))))
    square = max(spread**2 - float(np.median(error**2)), 0.0)
    found[known] = apart / np.sqrt(error**2 + square)
    return found


def _line(context: FitContext, number: int) -> tuple[float, float] | None:
    """Return the intercept of a detector's own line with its error."""
    use, groups = context.usable, context.groups
    mine = groups.group == number
    if int(mine.sum()) < LEAST_SAMPLES:
        return None
    place = np.cumsum(mine) - 1
    pairs = groups.neighbours[mine[groups.neighbours[:, 0]]]
    alone = Groups(np.zeros(int(mine.sum()), np.int64), 1, place[pairs])
    line = fit_line(context.sky[use][mine], context.image[use][mine], alone)
    return None if line is None else (line.offset, line.offset_error)


def _over(value: NDArray[np.float64], error: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore", invalid="ignore"):
        found: NDArray[np.float64] = np.where(error > 0, value / error, np.nan)
    return found
