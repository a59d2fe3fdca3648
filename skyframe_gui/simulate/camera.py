"""The simulated camera: its layout, its celestial coordinates, its sky pattern, its bad columns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from astropy.wcs import WCS

from skyframe_gui.engine.errors import SkyFrameError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.engine.exposure import BBox

PATTERN_ORDER = 3
"""Half waves per side of the finest term of a sky pattern: large-scale against any usual bin."""


@dataclass(frozen=True, kw_only=True)
class Camera:
    """A mosaic of equal detectors that lie on a grid, as square as their number allows.

    Parameters
    ----------
    n_detectors : int
        Number of detectors; they are called "1", "2", ...
    width, height : int
        Size of a detector in pixels.
    gap : int
        Pixels between neighbouring detectors.
    pixel_scale : float
        Arcseconds per pixel.
    fwhm : float
        Seeing in arcseconds.
    read_noise : float
        Electrons; images are in electrons, one count is one electron.
    saturation : float
        Electrons at which a pixel is full.
    pattern_rms : float
        RMS of a detector's sky pattern about its mean, relative to the mean sky.
    detector_spread : float
        RMS of the detectors' mean response to the sky, relative to the mean sky.
    n_bad_columns : int
        Bad columns of each detector.
    stars, galaxies, cosmic_rays : float
        Expected number in a million pixels.
    saturated_stars : int
        Stars of each exposure of each detector that saturate.
    seed : int
        What makes this camera differ from another: its patterns and bad columns.
    name, band : str
        What the headers call the instrument and the filter.
    kinds : tuple of (str, float)
        Physical types, which the detectors have in turn, and the response of each to the sky.

    Raises
    ------
    SkyFrameError
        A number that no camera can have.
    """

    n_detectors: int = 3
    width: int = 600
    height: int = 500
    gap: int = 40
    pixel_scale: float = 0.2
    fwhm: float = 0.8
    read_noise: float = 5.0
    saturation: float = 60000.0
    pattern_rms: float = 0.02
    detector_spread: float = 0.01
    n_bad_columns: int = 2
    stars: float = 120.0
    galaxies: float = 80.0
    cosmic_rays: float = 20.0
    saturated_stars: int = 1
    seed: int = 0
    name: str = "SkySim"
    band: str = "r"
    kinds: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        for field in ("n_detectors", "width", "height", "pixel_scale", "fwhm", "saturation"):
            if not getattr(self, field) > 0:
                raise SkyFrameError(
                    f"The simulated camera has {field} = {getattr(self, field)!r}; "
                    "a number above 0 is needed."
                )
        for field in (
            "gap",
            "read_noise",
            "pattern_rms",
            "detector_spread",
            "n_bad_columns",
            "stars",
            "galaxies",
            "cosmic_rays",
            "saturated_stars",
            "seed",
        ):
            if not getattr(self, field) >= 0:
                raise SkyFrameError(
                    f"The simulated camera has {field} = {getattr(self, field)!r}; "
                    "a number from 0 up is needed."
                )
        for kind, response in self.kinds:
            if not response > 0:
                raise SkyFrameError(
                    f"The simulated camera has {kind} detectors with the response {response!r}; "
                    "a number above 0 is needed."
                )

    def kind(self, detector: str) -> tuple[str, float]:
        """Return the physical type of a detector and its response; ("", 1) without types."""
        kinds = self.kinds or (("", 1.0),)
        return kinds[self.index(detector) % len(kinds)]

    @property
    def detectors(self) -> tuple[str, ...]:
        """Names of the detectors."""
        return tuple(str(number + 1) for number in range(self.n_detectors))

    def index(self, detector: str) -> int:
        """Return the place of ``detector`` in `detectors`.

        Raises
        ------
        SkyFrameError
            The camera has no such detector.
        """
        if detector not in self.detectors:
            raise SkyFrameError(
                f"The simulated camera has no detector {detector!r}; "
                f"it has {', '.join(self.detectors)}."
            )
        return self.detectors.index(detector)

    @property
    def bbox(self) -> BBox:
        """(min_x, min_y, max_x, max_y) of a detector in its own pixels, inclusive."""
        return 0, 0, self.width - 1, self.height - 1

    def lower_left(self, detector: str) -> tuple[float, float]:
        """Return where the detector's lower left pixel is, in pixels from the camera's centre."""
        columns = math.ceil(math.sqrt(self.n_detectors))
        rows = math.ceil(self.n_detectors / columns)
        row, column = divmod(self.index(detector), columns)
        return (
            (column - columns / 2) * (self.width + self.gap) + (self.gap + 1) / 2,
            (row - rows / 2) * (self.height + self.gap) + (self.gap + 1) / 2,
        )

    @property
    def radius(self) -> float:
        """Pixels from the camera's centre to its farthest corner."""
        corners = [
            math.hypot(x0 + dx, y0 + dy)
            for x0, y0 in map(self.lower_left, self.detectors)
            for dx in (0, self.width - 1)
            for dy in (0, self.height - 1)
        ]
        return max(corners)

    def wcs(self, detector: str, ra: float, dec: float) -> WCS:
        """Return the tangential projection of ``detector`` when the centre is at ``ra``, ``dec``.

        Parameters
        ----------
        detector : str
            Name of the detector.
        ra, dec : float
            Where the camera's centre points, degrees (ICRS); north is up, east is left.
        """
        x0, y0 = self.lower_left(detector)
        wcs = WCS(naxis=2)
        wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
        wcs.wcs.cunit = ["deg", "deg"]
        wcs.wcs.crval = [ra, dec]
        wcs.wcs.crpix = [1 - x0, 1 - y0]
        wcs.wcs.cdelt = [-self.pixel_scale / 3600, self.pixel_scale / 3600]
        wcs.wcs.radesys = "ICRS"
        wcs.array_shape = (self.height, self.width)
        wcs.wcs.set()
        return wcs

    def pattern(self, detector: str) -> NDArray[np.float32]:
        """Return the sky pattern of ``detector``: what a sky of 1 looks like through the camera.

        Returns
        -------
        pattern : float32 [H, W]
            The same for every exposure; the mean over all detectors is close to 1. A cosine series
            of at most 3 half waves per side, so the mean over a detector is its response exactly.
        """
        rng = np.random.default_rng((self.seed, self.index(detector), 1))
        response = self.kind(detector)[1] * (1 + self.detector_spread * rng.standard_normal())
        order = np.arange(PATTERN_ORDER + 1)
        weight = 1 / (1 + order[:, np.newaxis] ** 2 + order**2)
        weight[0, 0] = 0
        weight[np.add.outer(order, order) > PATTERN_ORDER] = 0
        terms = weight * rng.standard_normal(weight.shape)
        # A cosine has the mean square 1/2 over whole half waves, a constant has 1.
        power = np.where(order > 0, 0.5, 1.0)
        rms = math.sqrt(float(power @ terms**2 @ power))
        terms *= self.pattern_rms / rms
        terms[0, 0] = response
        waves_y = np.cos(np.pi * np.outer((np.arange(self.height) + 0.5) / self.height, order))
        waves_x = np.cos(np.pi * np.outer(order, (np.arange(self.width) + 0.5) / self.width))
        return ((waves_y @ terms).astype(np.float32) @ waves_x.astype(np.float32)).astype(
            np.float32, copy=False
        )

    def bad_columns(self, detector: str) -> NDArray[np.int64]:
        """Return the x of the bad columns of ``detector``, the same in every exposure."""
        rng = np.random.default_rng((self.seed, self.index(detector), 2))
        count = min(self.n_bad_columns, self.width)
        return np.sort(rng.choice(self.width, count, replace=False))
