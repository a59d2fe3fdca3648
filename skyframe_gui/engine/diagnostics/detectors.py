"""The detectors' own scales against each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.diagnostics.chance import ALPHA, two_sided
from skyframe_gui.engine.diagnostics.robust import MAD_TO_SIGMA

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.engine.diagnostics.robust import Slopes

ENOUGH_TO_SCATTER = 6
"""Detectors from which their scatter about each other can be told from one that stands out."""
MAD_EFFICIENCY = 0.37
"""Of n values the median deviation is as good as the standard deviation of 0.37 n."""


@dataclass(frozen=True, eq=False, kw_only=True)
class OwnScales:
    """The own scales of those detectors that have enough samples."""

    place: NDArray[np.int64]
    """[k] where the detector stands among the visit's."""
    scale: NDArray[np.float64]
    error: NDArray[np.float64]
    dof: NDArray[np.float64]
    centre: float
    """What they are compared with."""
    scatter: float
    """About the centre beyond the errors; 0 where there are too few detectors to tell."""
    odd: NDArray[np.bool_]
    """[k] farther from the centre than errors, scatter and chance allow."""


def compare(slopes: Slopes) -> OwnScales | None:
    """Compare the detectors' own scales, as many comparisons as detectors.

    Returns
    -------
    own : OwnScales or None
        None where fewer than two detectors have a scale of their own.
    """
    ok = np.isfinite(slopes.slope) & (slopes.error > 0)
    place, scale, error, dof = (
        np.flatnonzero(ok),
        slopes.slope[ok],
        slopes.error[ok],
        slopes.dof[ok],
    )
    n = len(place)
    if n < 2:
        return None
    centre = _centre(scale, error)
    apart = scale - centre
    scatter, whole, freedom = 0.0, error, dof
    if n == 2:  # both are half their difference from the middle
        whole, freedom = np.full(2, np.hypot(*error) / 2), np.full(2, dof.min())
    elif n >= ENOUGH_TO_SCATTER:
        spread = MAD_TO_SIGMA * float(np.median(np.abs(apart)))
        square = max(spread**2 - float(np.median(error**2)), 0.0)
        scatter, whole = float(np.sqrt(square)), np.sqrt(error**2 + square)
        # Welch and Satterthwaite, of own error and scatter.
        freedom = whole**4 / (error**4 / dof + square**2 / (MAD_EFFICIENCY * (n - 1)))
    odd = two_sided(apart / whole, freedom) < ALPHA / n
    return OwnScales(
        place=place,
        scale=scale,
        error=error,
        dof=dof,
        centre=centre,
        scatter=scatter,
        odd=odd,
    )


def _centre(scale: NDArray[np.float64], error: NDArray[np.float64]) -> float:
    """Return the scale to compare with: the middle of two, the weighted median of more.

    The visit's own scale would not do: a detector that is far off pulls it, and all others would
    then disagree as well.
    """
    if len(scale) == 2:
        return float(scale.mean())
    order = np.argsort(scale, kind="stable")
    share = np.cumsum(error[order] ** -2.0)
    return float(scale[order][np.searchsorted(share, share[-1] / 2)])
