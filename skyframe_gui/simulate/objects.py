"""Stars, galaxies and cosmic rays of a simulated exposure, each drawn in a small stamp."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from skyframe_gui.simulate.camera import Camera

MOFFAT_BETA = 3.5
FAINTEST = 0.002
"""Electrons per pixel at which a profile is cut off."""
RIM = 40.0
"""Pixels around the detector in which objects may have their centres and still reach in.

With fewer, the sky along the borders would be the emptier one; objects then hide the middle of a
pattern more than its borders, and what is left has another mean than the whole.
"""

# Fluxes in electrons. The lower ends are what the detection of `find_objects` reaches on a sky of
# 1000 electrons: a camera with still fainter objects has them in every sky, and what cannot be
# masked would be counted as sky, more so where the sky is dark.
STAR_FLUX = (2.5e3, 1e6)
GALAXY_FLUX = (5e3, 2e5)
SATURATED_FLUX = (3e6, 1e7)
STAR_SLOPE = 0.75
"""N(>F) goes as F to minus this: 0.3 dex per magnitude, the Galaxy at middle latitudes."""
GALAXY_SLOPE = 1.0
"""0.4 dex per magnitude."""


def draw_objects(camera: Camera, rng: Generator) -> NDArray[np.float32]:
    """Return a noiseless image [H, W] of the stars and galaxies of one exposure, in electrons."""
    image = np.zeros((camera.height, camera.width), np.float32)
    megapixels = (camera.width + 2 * RIM) * (camera.height + 2 * RIM) / 1e6
    n_stars, n_galaxies = rng.poisson((camera.stars * megapixels, camera.galaxies * megapixels))
    alpha = camera.fwhm / camera.pixel_scale / (2 * math.sqrt(2 ** (1 / MOFFAT_BETA) - 1))
    for count, rim, limits in (
        (n_stars, RIM, STAR_FLUX),
        (camera.saturated_stars, 0.0, SATURATED_FLUX),
    ):
        fluxes = _power_law(rng, count, *limits, STAR_SLOPE)
        for flux, x, y in zip(fluxes, *_places(camera, rng, count, rim), strict=True):
            _add_star(image, x, y, flux, alpha)
    fluxes = _power_law(rng, n_galaxies, *GALAXY_FLUX, GALAXY_SLOPE)
    lengths = 1.7 * (fluxes / 1e4) ** 0.3 * rng.lognormal(0, 0.2, n_galaxies)
    ratios = rng.uniform(0.4, 1, n_galaxies)
    angles = rng.uniform(0, math.pi, n_galaxies)
    places = _places(camera, rng, n_galaxies, RIM)
    for flux, x, y, length, ratio, angle in zip(
        fluxes, *places, lengths, ratios, angles, strict=True
    ):
        _add_galaxy(image, x, y, flux, (length, ratio, angle), alpha)
    return image


def draw_cosmic_rays(camera: Camera, rng: Generator) -> NDArray[np.float32]:
    """Return an image [H, W] of the charge, in electrons, that cosmic rays leave on a detector."""
    image = np.zeros((camera.height, camera.width), np.float32)
    count = rng.poisson(camera.cosmic_rays * image.size / 1e6)
    lengths = 2 + rng.exponential(6, count)
    angles = rng.uniform(0, math.pi, count)
    charges = rng.lognormal(math.log(800), 0.7, count)
    for x, y, length, angle, charge in zip(
        *_places(camera, rng, count, 0.0), lengths, angles, charges, strict=True
    ):
        along = np.arange(0, length, 0.7)
        columns = np.rint(x + along * math.cos(angle)).astype(int)
        rows = np.rint(y + along * math.sin(angle)).astype(int)
        inside = (columns >= 0) & (columns < camera.width) & (rows >= 0) & (rows < camera.height)
        image[rows[inside], columns[inside]] = charge
    return image


def _power_law(
    rng: Generator, count: int, low: float, high: float, slope: float
) -> NDArray[np.float64]:
    """Return ``count`` fluxes of which the number above F goes as F**-slope from low to high."""
    part = rng.random(count) * (1 - (low / high) ** slope)
    return np.asarray(low * (1 - part) ** (-1 / slope), np.float64)


def _places(
    camera: Camera, rng: Generator, count: int, rim: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return (
        rng.uniform(-rim - 0.5, camera.width + rim - 0.5, count),
        rng.uniform(-rim - 0.5, camera.height + rim - 0.5, count),
    )


def _add_star(image: NDArray[np.float32], x: float, y: float, flux: float, alpha: float) -> None:
    peak = flux * (MOFFAT_BETA - 1) / (math.pi * alpha**2)
    radius = alpha * math.sqrt(max((peak / FAINTEST) ** (1 / MOFFAT_BETA) - 1, 1))
    stamp = _stamp(image, x, y, radius)
    if stamp is not None:
        pixels, dy, dx = stamp
        pixels += peak * (1 + (dx**2 + dy**2) / np.float32(alpha**2)) ** np.float32(-MOFFAT_BETA)


def _add_galaxy(
    image: NDArray[np.float32],
    x: float,
    y: float,
    flux: float,
    shape: tuple[float, float, float],
    alpha: float,
) -> None:
    """Add an exponential disc; its core is softened by the seeing, as a convolution would."""
    length, ratio, angle = shape
    core = alpha / 2
    major, minor = math.hypot(length, core / 2), math.hypot(length * ratio, core / 2)
    radius = major * math.log(max(flux / (2 * math.pi * major * minor * FAINTEST), math.e))
    stamp = _stamp(image, x, y, radius)
    if stamp is None:
        return
    pixels, dy, dx = stamp
    cosine, sine = np.float32(math.cos(angle)), np.float32(math.sin(angle))
    along = (dx * cosine + dy * sine) / np.float32(major)
    across = (dy * cosine - dx * sine) / np.float32(minor)
    soft = core / major
    distance = np.sqrt(along**2 + across**2 + np.float32(soft**2)) - np.float32(soft)
    # The integral of exp(-distance) over the plane is 2 pi (1 + soft) in units of the axes.
    pixels += flux / (2 * math.pi * major * minor * (1 + soft)) * np.exp(-distance)


def _stamp(
    image: NDArray[np.float32], x: float, y: float, radius: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]] | None:
    """Return the part of ``image`` around a place, and the offsets of its rows and columns."""
    left, right = max(math.ceil(x - radius), 0), min(math.floor(x + radius) + 1, image.shape[1])
    low, high = max(math.ceil(y - radius), 0), min(math.floor(y + radius) + 1, image.shape[0])
    if left >= right or low >= high:
        return None
    dy = (np.arange(low, high) - y).astype(np.float32)[:, np.newaxis]
    dx = (np.arange(left, right) - x).astype(np.float32)
    return image[low:high, left:right], dy, dx
