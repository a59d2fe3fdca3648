"""What a visit is divided by: its level over the focal plane, where that is a sky's."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.focal_plane import FocalPlaneBackground
from skyframe_gui.engine.normalise import kinds_taken, merge_visit
from skyframe_gui.numbers import digits
from skyframe_gui.workflow.jobs import Failure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from skyframe_gui.files import ExposureSource
    from skyframe_gui.workflow.focal_plane import FocalPlane

LEAST_SKY = 0.25
"""Of a pixel's noise: a sky that is still there has more, by its own photons, down to a few counts
under a read noise of ten; what a subtraction leaves over has less, by how sky and noise go."""
DEAD = 0.01
"""Of the usual level of a visit's detectors; a dead one has less, vignetting leaves far more."""
HOT = 3.0
"""Times the usual level of a visit's detectors, from which one is worth a word."""
_ROWS = 64
_SIGMA = 1.4826  # of a normal distribution, by the median of absolute deviations


class NoSkyError(SkyFrameError):
    """The sky was subtracted from a visit before."""


class Measured(NamedTuple):
    """An exposure's part of the background: the sums and counts of its superpixels, and notes."""

    sums: NDArray[np.float32]
    counts: NDArray[np.float32]
    noise: float
    """Of a pixel."""
    notes: tuple[str, ...]


class Rest(NamedTuple):
    """An exposure to take the background from: a detector's grid of it, and the visit's level."""

    source: ExposureSource
    background: NDArray[np.float32]
    level: float
    notes: tuple[str, ...]


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


def rests_of(
    measured: Sequence[tuple[ExposureSource, str, Measured]],
    plane: FocalPlane,
    visit: str,
    without: dict[str, NoSkyError],
) -> tuple[list[Rest], list[Failure]]:
    """Return what is to be taken from each exposure of a visit, and why not from others.

    Each detector type is by itself: where one has no sky, the other's exposures are used.
    """
    camera, config = plane.camera, plane.config.largeScaleBackground
    kinds = kinds_taken([name for _, name, _ in measured], camera, plane.by_kind)
    rests: list[Rest] = []
    failed: list[Failure] = []
    for kind in sorted(set(kinds.values())):
        group = {name: (one, part) for one, name, part in measured if kinds[name] == kind}
        noise = float(np.median([part.noise for _, part in group.values()]))
        parts = {
            name: FocalPlaneBackground(camera, config, part.sums, part.counts)
            for name, (_, part) in group.items()
        }
        hot: dict[str, tuple[str, ...]] = {}
        levels, usual = _detector_levels(parts)
        for name, level in levels.items() if usual > LEAST_SKY * noise else ():
            if level < DEAD * usual:
                source, _ = group.pop(name)
                del parts[name]
                why = (
                    f"{source.name} has a background of {digits(level, 4)} where visit {visit} has "
                    f"{digits(usual, 4)}, as a dead detector has; it was left out."
                )
                failed.append(Failure(str(source.path), why))
            elif level > HOT * usual:
                hot[name] = (
                    f"Detector {name} has a background more than {digits(HOT, 2)} times as high as "
                    "others of its visit; leave it out (--detectors) if it is faulty.",
                )
        try:
            background = merge_visit(parts, camera, plane.by_kind)
            for merged in background.merged.values():
                _check_sky(merged, noise)
        except SkyFrameError as error:
            which = f"detectors of type {kind or '(no name)'}: " if plane.by_kind else ""
            why = f"Visit {visit}: {which}{error}"
            if isinstance(error, NoSkyError):
                without.setdefault(visit, error)
                why += ", as where the sky was subtracted before; --normalise none averages such."
            failed += [Failure(str(source.path), why, visit) for source, _ in group.values()]
            continue
        rests += [
            Rest(
                source,
                background.model(name).grid.values,
                background.level(name),
                (*part.notes, *hot.get(name, ())),
            )
            for name, (source, part) in group.items()
        ]
    return rests, failed


def _detector_levels(parts: Mapping[str, FocalPlaneBackground]) -> tuple[dict[str, float], float]:
    """Return the mean background of each detector of a visit, and the median of them."""
    levels = {name: float(part.sums.sum() / part.counts.sum()) for name, part in parts.items()}
    return levels, float(np.median(list(levels.values())))


def _check_sky(background: FocalPlaneBackground, noise: float) -> None:
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
