"""Where the detectors of a camera lie in its focal plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.errors import SkyFrameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

Affine = tuple[float, float, float, float, float, float]
Bounds = tuple[float, float, float, float]
EPSILON = 2 * float(np.finfo(np.float64).eps)
"""By so much the upper corner of the camera's box lies beyond the last corner of a detector."""


@dataclass(frozen=True)
class Detector:
    """One detector: its size and its place in the focal plane.

    Parameters
    ----------
    name : str
        As the camera calls it.
    width, height : int
        In pixels.
    affine : (a, b, c, e, tx, ty)
        Pixel (x, y) lies at (a x + b y + tx, c x + e y + ty), in the camera's units (mm).
    kind : str
        Physical type, as "E2V" and "ITL" of LSSTCam.
    id : int, optional
        Number of the detector.
    science : bool
        Whether it takes images; guiders, focus and wavefront sensors do not.
    amplifiers : (across, up)
        How many equal areas it is read out in; (1, 1) where that is not known.

    Raises
    ------
    SkyFrameError
        A size is not a positive whole number, or the mapping is not finite or cannot be inverted.
    """

    name: str
    width: int
    height: int
    affine: Affine
    kind: str = ""
    id: int | None = None
    science: bool = True
    amplifiers: tuple[int, int] = (1, 1)

    def __post_init__(self) -> None:
        for what, size in (("width", self.width), ("height", self.height)):
            if isinstance(size, bool) or not np.isfinite(size) or int(size) != size or size < 1:
                raise SkyFrameError(
                    f"Detector {self.name or '(no name)'} has the {what} {size}; "
                    "a whole number of pixels, 1 or more, is needed."
                )
            object.__setattr__(self, what, int(size))
        affine = tuple(float(number) for number in self.affine)
        if len(affine) != 6 or not np.isfinite(affine).all() or not _area(affine):
            raise SkyFrameError(
                f"Detector {self.name or '(no name)'} cannot be placed in the focal plane by "
                f"{affine}; six finite numbers (a, b, c, e, tx, ty) with a e - b c other than 0 "
                "are needed."
            )
        object.__setattr__(self, "affine", affine)

    @property
    def pixel_size(self) -> float:
        """Edge of a square as large as a pixel, in the camera's units."""
        return float(np.sqrt(abs(_area(self.affine))))

    def corners(self) -> NDArray[np.float64]:
        """Return the outer corners of the detector in the focal plane, float64 [4, 2]."""
        found: NDArray[np.float64] = corners_of([self])[0]
        return found


def corners_of(detectors: Sequence[Detector]) -> NDArray[np.float64]:
    """Return the outer corners of detectors in the focal plane, float64 [n, 4, 2]."""
    a, b, c, e, tx, ty = np.array([one.affine for one in detectors]).T[:, :, None]
    ends = np.array([(one.width, one.height) for one in detectors]) - 0.5
    x, y = np.full((2, len(detectors), 4), -0.5)
    x[:, 1:3], y[:, 2:] = ends[:, :1], ends[:, 1:]
    return np.stack([a * x + b * y + tx, c * x + e * y + ty], axis=2)


def amplifier_edges(detectors: Iterable[Detector]) -> NDArray[np.float64]:
    """Return the lines between amplifiers in the focal plane, float64 [n, 2, 2]: their ends."""
    found = [np.empty((0, 2, 2))]
    for one in detectors:
        across, up = one.amplifiers
        corners = one.corners()
        for n, start, ahead, aside in ((across, 0, 1, 3), (up, 0, 3, 1)):
            if n > 1:
                share = np.arange(1, n)[:, None] / n
                low = corners[start] + share * (corners[ahead] - corners[start])
                ends = np.stack([low, low + (corners[aside] - corners[start])], axis=1)
                found.append(ends)
    return np.concatenate(found)


def _area(affine: tuple[float, ...]) -> float:
    """Return what a pixel covers, with the sign of the handedness."""
    return affine[0] * affine[3] - affine[1] * affine[2]


@dataclass(frozen=True)
class Camera:
    """All detectors of a camera, whether anything of them is measured or not.

    Superpixels are laid over the box of all of them, so a camera of which some are left out has
    another grid.

    Parameters
    ----------
    name : str
    detectors : iterable of Detector
        All of the camera.

    Raises
    ------
    SkyFrameError
        There is no detector, or two have one name.
    """

    name: str
    detectors: tuple[Detector, ...]

    def __post_init__(self) -> None:
        given: Iterable[Detector] = self.detectors
        object.__setattr__(self, "detectors", tuple(given))
        if not self.detectors:
            raise SkyFrameError(
                f"The camera {self.name or '(no name)'} has no detector; it needs at least one."
            )
        names = [detector.name for detector in self.detectors]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise SkyFrameError(
                f"The camera {self.name or '(no name)'} has two detectors with the name "
                f"{twice or '(none)'}; names must differ."
            )

    def __getitem__(self, name: str) -> Detector:
        for detector in self.detectors:
            if detector.name == name:
                return detector
        known = [detector.name for detector in self.detectors]
        some = ", ".join(known[:8]) + (", ..." if len(known) > 8 else "")
        raise SkyFrameError(
            f"The camera {self.name or '(no name)'} has no detector {name or '(no name)'}; "
            f"it has {some}."
        )

    def __contains__(self, name: object) -> bool:
        return any(detector.name == name for detector in self.detectors)

    @property
    def bounds(self) -> Bounds:
        """(min_x, min_y, max_x, max_y) of all corners; the box is half open."""
        corners = corners_of(self.detectors).reshape(-1, 2)
        min_x, min_y = (float(edge) for edge in corners.min(axis=0))
        max_x, max_y = (_beyond(float(edge)) for edge in corners.max(axis=0))
        return min_x, min_y, max_x, max_y

    @property
    def kinds(self) -> tuple[str, ...]:
        """Physical types of the detectors that take images, by name."""
        return tuple(sorted({detector.kind for detector in self.detectors if detector.science}))

    @property
    def pixel_size(self) -> float:
        """Median edge of the detectors' pixels, in the camera's units."""
        return float(np.median([detector.pixel_size for detector in self.detectors]))


def _beyond(edge: float) -> float:
    """Return a number just above ``edge``, so that the last corner is inside a half-open box."""
    if edge == 0:
        return EPSILON
    return edge * (1 + EPSILON) if edge > 0 else edge * (1 - EPSILON)
