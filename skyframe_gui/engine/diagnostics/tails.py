"""How far samples lie from their line, in sigma of their own, and whether noise explains it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skyframe_gui.engine.diagnostics.detectors import MAD_EFFICIENCY
from skyframe_gui.engine.diagnostics.robust import MAD_TO_SIGMA

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.engine.diagnostics.robust import Groups

FEWEST = 6
"""Samples from which a scatter says anything."""
PARTIAL = 0.25
"""What a box of which all is masked would be off by, in steps of the sky from box to box. The image
is seen in what the mask leaves of a box, the sky model in all of it; from simulated visits."""
LEAST = 0.3
"""Part of the variance of the best covered half that is noise at least: few samples could all seem
to be explained by what their masks hide."""
ROUNDS = 6
BEYOND = 2.0
"""Sigma from which samples are looked at one by one."""
CUT = 2.5
"""Sigma of the other side at which a side is cut off, to take its sigma from what is left."""
_PART = 0.5 * (1 + math.erf(CUT / math.sqrt(2)))
_KEPT = 1 - CUT * math.exp(-(CUT**2) / 2) / math.sqrt(2 * math.pi) / _PART
"""Mean square of a Gaussian that is cut off there, by its own."""


class Tail(NamedTuple):
    """The part of some samples that noise explains the least."""

    surprise: float
    """Minus the decimal logarithm of how probable so many so far away are."""
    beyond: float
    """How many sigma away they are, at least; as the samples were given."""


def deviations(
    residual: NDArray[np.float64],
    sky: NDArray[np.float64],
    good_fraction: NDArray[np.float64],
    groups: Groups,
) -> NDArray[np.float64]:
    """Return residuals by what each may be: noise of the pixels that are left, and partial boxes.

    The variance of a sample is ``s^2 / f + (PARTIAL (1 - f) d)^2``, f its good fraction, d the root
    mean square of the steps of the sky to the boxes beside it, and s such that half of all samples
    lie within 0.67 sigma.

    Parameters
    ----------
    residual, sky, good_fraction : float64 [n]
        The sky in units of the residual.
    groups : Groups
        Of these n samples.
    """
    n = len(residual)
    if n < FEWEST:
        return np.zeros(n)
    pairs = groups.neighbours
    steps = np.square(sky[pairs[:, 0]] - sky[pairs[:, 1]])
    beside = np.bincount(pairs.ravel(), minlength=n)
    local = np.bincount(pairs.ravel(), np.repeat(steps, 2), n) / np.maximum(beside, 1)
    fraction = np.clip(good_fraction, 1e-3, 1.0)
    partial = np.square(PARTIAL * (1 - fraction)) * local
    square = np.square(residual)
    best = fraction >= np.median(fraction)
    usual = MAD_TO_SIGMA**2
    least = LEAST * usual * float(np.median((square * fraction)[best]))
    variance = usual * float(np.median(square * fraction))
    if not (least > 0 and variance > 0):
        return np.zeros(n)
    for _ in range(ROUNDS):
        share = float(np.median(square / (variance / fraction + partial)))
        variance = max(variance * usual * share, least)
    return np.asarray(residual / np.sqrt(variance / fraction + partial), np.float64)


def one_side(sigmas: NDArray[np.float64]) -> Tail:
    """Return the tail of positive deviations, of which the negative ones tell what noise is.

    Objects and glows are on one side only, so the other side's sigma is that of noise, however
    many samples they are in.
    """
    low = sigmas[sigmas < 0]
    if len(sigmas) < FEWEST or len(low) < 3:
        return Tail(0.0, math.inf)
    kept = sigmas[sigmas < CUT * math.sqrt(float(np.mean(np.square(low))))]
    sigma = math.sqrt(float(np.mean(np.square(kept))) / _KEPT)
    found = _farthest(sigmas / sigma, len(sigmas), len(kept) - 1.0, 1)
    return Tail(found.surprise, found.beyond * sigma)


def both_sides(sigmas: NDArray[np.float64]) -> Tail:
    """Return the tails of both sides together, for outliers that lie on either."""
    if len(sigmas) < FEWEST:
        return Tail(0.0, math.inf)
    return _farthest(np.abs(sigmas), len(sigmas), max(MAD_EFFICIENCY * len(sigmas), 1.0), 2)


def _farthest(away: NDArray[np.float64], n: int, dof: float, sides: int) -> Tail:
    """Return the least probable of: one so far away, two so far away, three ... (Berk, Jones)."""
    from scipy.special import bdtrc, stdtr  # only a fit that is looked at pays for its import

    far = np.sort(away[away > BEYOND])[::-1][: max(n // 2, 1)]
    if not len(far):
        return Tail(0.0, math.inf)
    chance = bdtrc(np.arange(len(far)), n, sides * stdtr(dof, -far))
    k = int(np.argmin(chance))
    return Tail(-math.log10(max(float(chance[k]), 1e-300)), float(far[k]))
