"""Simulated nights, and the scale that a sky frame made from one should be fitted with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.simulate.exposures import LEVEL, simulate_exposure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from skyframe_gui.engine.exposure import Exposure
    from skyframe_gui.simulate.camera import Camera

DRIFT = 0.06
"""By how much the sky is brighter at the ends of a night than in its middle."""
FIRST_VISIT = 1001


def night_levels(
    n_exposures: int, seed: int, level: float = LEVEL, drift: float = DRIFT
) -> NDArray[np.float64]:
    """Return ``scale_truth`` of each exposure of `simulate_night`, without simulating any.

    The sky falls from dusk to the middle of the night and rises to dawn by ``drift`` of ``level``,
    in a straight line: no level stands out, since what the clip over exposures drops from a bin
    moves its mean away from the mean of the levels, the truth.

    Returns
    -------
    levels : float64 [n_exposures]
        Electrons per unit of the camera's sky pattern.
    """
    if n_exposures < 1:
        raise SkyFrameError(f"A night of {n_exposures} exposures cannot be simulated; take 1 up.")
    hour = np.linspace(-1, 1, n_exposures) if n_exposures > 1 else np.zeros(1)
    jitter = np.random.default_rng((seed, 3)).uniform(-0.1, 0.1, n_exposures)
    return np.asarray(level * (1 + drift * (np.abs(hour) + jitter)), np.float64)


def simulate_night(
    camera: Camera,
    n_exposures: int,
    seed: int,
    mask_objects: bool = False,
    *,
    level: float = LEVEL,
    drift: float = DRIFT,
    gradient: float | None = None,
    objects: bool = True,
) -> Iterator[Exposure]:
    """Yield the exposures of a night, one detector after the other, then the next visit.

    Nothing is kept, so a night of any length takes the memory of one exposure. Visits are numbered
    from 1001.

    Parameters
    ----------
    camera, seed, mask_objects, objects
        As of `simulate_exposure`.
    n_exposures : int
        Number of visits; ``n_exposures * camera.n_detectors`` exposures are yielded.
    level, drift : float
        The sky's level and how it goes through the night: see `night_levels`.
    gradient : float, optional
        Size of every exposure's gradient in electrons, by default 2 % of ``level``. Its direction
        turns evenly, as that of the Moon's or a town's light does on a field that rotates, once
        round in the night: the gradients of the whole night (three visits or more) add up to zero.
    """
    size = 0.02 * level if gradient is None else gradient
    start = float(np.random.default_rng((seed, 4)).uniform(0, 360))
    for number, scale in enumerate(night_levels(n_exposures, seed, level, drift)):
        for detector in camera.detectors:
            yield simulate_exposure(
                camera,
                seed,
                FIRST_VISIT + number,
                float(scale),
                detector,
                gradient=size,
                gradient_angle=start + 360 * number / n_exposures,
                mask_objects=mask_objects,
                objects=objects,
            ).exposure


def expected_scale(scale_truth: float, levels: Sequence[float] | NDArray[np.float64]) -> float:
    """Return the scale that a fit should find for a visit, given the night behind the sky frame.

    A sky frame that is the plain average over exposures with these levels (no normalisation) is
    ``mean(levels) * pattern`` plus its noise, the gradients of a whole night of `simulate_night`
    adding up to zero. A visit without a gradient is ``scale_truth * pattern`` plus objects and
    noise, so the scale is ``scale_truth / mean(levels)``.

    A sky frame made from exposures that were each divided by a level is ``pattern`` over what the
    pattern's own level is (its median bin, say); the scale then is ``scale_truth`` times that, and
    it is one number for the visit only where all detectors were divided by the same level.

    Parameters
    ----------
    scale_truth : float
        `SimulatedExposure.scale_truth` of the visit.
    levels : array [n_exposures]
        `night_levels` of the night.
    """
    return float(scale_truth) / float(np.mean(np.asarray(levels, np.float64)))
