"""Simulated exposures and visits, with the truth that went into them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from astropy.io.fits import Header

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import Exposure, MaskPlanes, read_only
from skyframe_gui.simulate.objects import draw_cosmic_rays, draw_objects

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.engine.progress import Watch
    from skyframe_gui.simulate.camera import Camera

LEVEL = 1000.0
"""Electrons per pixel of a usual sky."""
EXPTIME = 60.0
DETECTED_ABOVE = 0.02
"""A mask made from the truth takes what objects brighten by this many sigma of the sky's noise."""

PLANES_WITHOUT_DETECTED = MaskPlanes(
    {name: bit for name, bit in MaskPlanes.LSST_DEFAULT.items() if "DETECTED" not in name}
)


@dataclass(frozen=True, kw_only=True)
class SimulatedExposure:
    """One detector's exposure with the truth that went into it; all arrays read-only.

    Attributes
    ----------
    exposure : Exposure
        What a pipeline would be given, in electrons.
    scale_truth : float
        Electrons per unit of the camera's sky pattern: see `expected_scale`.
    sky_truth : float32 [H, W]
        ``scale_truth * camera.pattern(detector)`` plus the exposure's own gradient.
    objects_truth : float32 [H, W]
        Noiseless stars and galaxies. Neither cosmic rays nor bad columns nor saturation.
    sky_noise : float32 [H, W]
        Standard deviation of a pixel without any object.
    """

    exposure: Exposure
    scale_truth: float
    sky_truth: NDArray[np.float32]
    objects_truth: NDArray[np.float32]
    sky_noise: NDArray[np.float32]


def simulate_exposure(
    camera: Camera,
    seed: int,
    visit: int,
    scale: float = LEVEL,
    detector: str = "1",
    *,
    gradient: float = 0.0,
    gradient_angle: float = 0.0,
    mask_objects: bool = False,
    objects: bool = True,
) -> SimulatedExposure:
    """Return one detector of one visit.

    The image is ``scale * pattern + gradient + objects + cosmic rays + noise``; the noise is
    Poisson's in its Gaussian limit plus the read-out's. It depends on the camera, seed, visit and
    detector, and on nothing that was simulated before.

    Parameters
    ----------
    camera : Camera
        The camera.
    seed, visit : int
        What makes this exposure differ from others, 0 or more.
    scale : float
        Electrons per unit of the camera's sky pattern: the level of the sky, above 0.
    detector : str
        Name of the detector.
    gradient, gradient_angle : float
        Electrons that a plane over the whole camera, 0 at its centre, rises to at its farthest
        corner's distance; and to where it rises, degrees from +x towards +y.
    mask_objects : bool
        Whether the mask has a plane DETECTED, made from the truth. Without it the exposure defines
        neither DETECTED nor DETECTED_NEGATIVE.
    objects : bool
        Whether there are stars and galaxies.

    Raises
    ------
    SkyFrameError
        The camera has no such detector, or a number makes no sense.
    """
    if not (scale > 0 and math.isfinite(scale) and math.isfinite(gradient)):
        raise SkyFrameError(
            f"A sky with scale {scale!r} and gradient {gradient!r} cannot be simulated; "
            "the scale is above 0 and both are finite."
        )
    if seed < 0 or visit < 0:
        raise SkyFrameError(f"Seed {seed} and visit {visit} cannot be used; both are 0 or more.")
    rng = np.random.default_rng((camera.seed, seed, visit, camera.index(detector)))
    sky = np.float32(scale) * camera.pattern(detector)
    if gradient:
        sky += _gradient(camera, detector, gradient, gradient_angle)
    truth = draw_objects(camera, rng) if objects else np.zeros_like(sky)
    cosmic_rays = draw_cosmic_rays(camera, rng)

    image = sky + truth + cosmic_rays
    variance = np.maximum(image, 0) + np.float32(camera.read_noise**2)
    noise = rng.standard_normal(image.shape, np.float32)
    noise *= np.sqrt(variance)
    image += noise
    sky_noise = np.sqrt(np.maximum(sky, 0) + np.float32(camera.read_noise**2))

    planes = MaskPlanes.LSST_DEFAULT if mask_objects else PLANES_WITHOUT_DETECTED
    mask = np.zeros(image.shape, np.int32)
    mask[image >= camera.saturation] |= planes.bits(["SAT"])
    np.minimum(image, np.float32(camera.saturation), out=image)
    mask[cosmic_rays > 0] |= planes.bits(["CR"])
    if mask_objects:
        mask[truth > DETECTED_ABOVE * sky_noise] |= planes.bits(["DETECTED"])
    for number, column in enumerate(camera.bad_columns(detector)):
        # Dead and hot in turn, so that a mask that is not looked at shows in either direction.
        image[:, column] = 0 if number % 2 == 0 else 5 * scale
        mask[:, column] |= planes.bits(["BAD"])

    # Every visit of every seed looks at another field, so no object is in two of them.
    ra, dec = (10.0 + 7.3 * seed + 0.31 * visit) % 360, -30.0 + (0.17 * visit) % 60
    wcs = camera.wcs(detector, ra, dec)
    header = _header(camera, detector, visit, ra, dec)
    header.update(wcs.to_header())
    exposure = Exposure(
        image,
        mask,
        variance,
        planes,
        header=header,
        wcs=wcs,
        detector=detector,
        visit=str(visit),
        name=f"simulated visit {visit} detector {detector}",
    )
    return SimulatedExposure(
        exposure=exposure,
        scale_truth=float(scale),
        sky_truth=read_only(sky, np.float32),
        objects_truth=read_only(truth, np.float32),
        sky_noise=read_only(sky_noise, np.float32),
    )


def simulate_visit(
    camera: Camera,
    seed: int,
    visit: int,
    scale: float = LEVEL,
    *,
    gradient: float = 0.0,
    gradient_angle: float = 0.0,
    mask_objects: bool = False,
    objects: bool = True,
    watch: Watch | None = None,
) -> list[SimulatedExposure]:
    """Return all detectors of one visit; parameters as of `simulate_exposure`."""
    visited = []
    for number, detector in enumerate(camera.detectors):
        if watch is not None:
            watch.step(number, camera.n_detectors, "simulating")
        visited.append(
            simulate_exposure(
                camera,
                seed,
                visit,
                scale,
                detector,
                gradient=gradient,
                gradient_angle=gradient_angle,
                mask_objects=mask_objects,
                objects=objects,
            )
        )
    return visited


def _gradient(camera: Camera, detector: str, size: float, angle: float) -> NDArray[np.float32]:
    x0, y0 = camera.lower_left(detector)
    along = math.radians(angle)
    x = (x0 + np.arange(camera.width)) * math.cos(along)
    y = (y0 + np.arange(camera.height)) * math.sin(along)
    plane = (y[:, np.newaxis] + x) * (size / camera.radius)
    return plane.astype(np.float32)


def _header(camera: Camera, detector: str, visit: int, ra: float, dec: float) -> Header:
    begin = datetime(2026, 3, 14, 0, 30, tzinfo=UTC) + timedelta(seconds=visit % 1000 * 90)
    number = camera.index(detector) + 1
    return Header(
        [
            ("TELESCOP", "Simulated", "no telescope at all"),
            ("INSTRUME", camera.name, "simulated camera"),
            ("OBSTYPE", "object", "kind of exposure"),
            ("OBJECT", f"FIELD-{visit}", "name of the field"),
            ("EXPNUM", visit, "exposure number"),
            ("VISIT", visit, "visit"),
            ("DETECTOR", number, "detector"),
            ("CCDNUM", number, "detector"),
            ("FILTER", camera.band, "filter"),
            ("DATE-OBS", begin.strftime("%Y-%m-%dT%H:%M:%S.000"), "UTC at the start"),
            ("TIMESYS", "UTC", "time system"),
            ("EXPTIME", EXPTIME, "[s] exposure time"),
            ("RA", ra, "[deg] pointing of the camera's centre"),
            ("DEC", dec, "[deg] pointing of the camera's centre"),
            ("PIXSCALE", camera.pixel_scale, "[arcsec] size of a pixel"),
            ("GAIN", 1.0, "[electron/count]"),
            ("RDNOISE", camera.read_noise, "[electron] read-out noise"),
            ("SATURATE", camera.saturation, "[electron] full well"),
            ("BUNIT", "electron", "unit of the image"),
        ]
    )
