"""Whether what was measured over the focal plane is a sky that a visit can be divided by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.numbers import digits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from skyframe_gui.engine.focal_plane import FocalPlaneBackground

LEAST_SKY = 0.25
"""Of a pixel's noise: a sky that is still there has more, by its own photons, down to a few counts
under a read noise of ten; what a subtraction leaves over has less, by how sky and noise go."""
DEAD = 0.01
"""Of the usual level of a visit's detectors; a dead one has less, vignetting leaves far more."""
_ROWS = 64
_SIGMA = 1.4826  # of a normal distribution, by the median of absolute deviations


class NoSkyError(SkyFrameError):
    """The sky was subtracted from a visit before."""


def pixel_noise(image: NDArray[np.float32]) -> float:
    """Return by how much a pixel scatters around its neighbour, whatever lies beneath; 0 if none.

    Parameters
    ----------
    image : array, float32 [height, width]
    """
    rows = image[:: max(1, image.shape[0] // _ROWS)]
    pairs = rows.shape[1] // 2
    with np.errstate(invalid="ignore"):
        steps = np.abs(rows[:, 1 : 2 * pairs : 2] - rows[:, 0 : 2 * pairs : 2])
    steps = steps[np.isfinite(steps)]
    return float(_SIGMA * np.median(steps) / np.sqrt(2)) if steps.size else 0.0


def dead_detectors(
    parts: Mapping[str, FocalPlaneBackground], noise: float
) -> dict[str, tuple[float, float]]:
    """Return the level of each detector that sees no sky where the others do, and that of these.

    Parameters
    ----------
    parts : mapping of str to FocalPlaneBackground
        Of a visit, by detector.
    noise : float
        Of a pixel.
    """
    levels = {name: float(part.sums.sum() / part.counts.sum()) for name, part in parts.items()}
    usual = float(np.median(list(levels.values())))
    if not usual > LEAST_SKY * noise:
        return {}
    return {name: (level, usual) for name, level in levels.items() if level < DEAD * usual}


def check_sky(background: FocalPlaneBackground, noise: float) -> None:
    """See that a background is a sky: above the noise of a pixel and above its own scatter.

    Parameters
    ----------
    background : FocalPlaneBackground
        Of a whole visit.
    noise : float
        Of a pixel.

    Raises
    ------
    NoSkyError
        It is not above the noise.
    SkyFrameError
        It is as uneven as it is high.
    """
    level = background.level
    if not level > LEAST_SKY * noise:
        raise NoSkyError(
            f"the level of the background over the focal plane is {digits(level, 3)}, but a pixel "
            f"scatters by {digits(noise, 3)}"
        )
    enough = (background.counts > 0) & (background.counts >= background.least_count)
    values = background.sums[enough] / background.counts[enough]
    scatter = float(_SIGMA * np.median(np.abs(values - np.median(values)))) if values.size else 0.0
    if not level > scatter:
        raise SkyFrameError(
            f"The level of the background over the focal plane is {digits(level, 3)}, and "
            f"superpixels scatter around it by {digits(scatter, 3)}: so uneven a background has no "
            "level to divide by; --normalise level divides each exposure by its own."
        )
