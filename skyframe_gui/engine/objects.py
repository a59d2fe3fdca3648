"""Object masks for exposures whose file brings none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.bins import measure_background
from skyframe_gui.engine.config import BackgroundConfig
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import Exposure, MaskPlanes
from skyframe_gui.engine.footprints import Strips, grown, significant, with_margin
from skyframe_gui.engine.model import BackgroundModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.engine.progress import Watch

ROUNDS = 3
SMOOTHING = 5.0
"""Pixels: sigma of the Gaussian."""
THRESHOLD = 2.5
"""Sigma of the smoothed noise above which a pixel belongs to an object."""
PEAK = 4.0
"""Sigma that an object's brightest pixel must reach."""
GROWTH = 2.4
"""Radius by which objects are grown, in units of the smoothing."""
MOST_COVERED, LEAST_GROWTH = 0.5, 0.6
"""Part of the good pixels that objects may take before they are grown less, and the least."""
LARGEST_BIN, SMALLEST_BIN, BINS_PER_SIDE = 1024, 64, 8
"""The background's bins in pixels, and how many a side should have where they may be smaller."""
NEVER_SKY = ("BAD", "SAT", "CR", "EDGE", "NO_DATA")
"""Planes left out in any case: what is in them would be smeared over the sky around."""
REACH = 4.0
"""The Gaussian is cut off at this many sigma."""
SAMPLES = 1 << 18
"""Pixels that the noise is measured from."""


def find_objects(
    exposure: Exposure, config: BackgroundConfig | None = None, watch: Watch | None = None
) -> NDArray[np.bool_]:
    """Return which pixels of an exposure belong to stars, galaxies and other things on the sky.

    As LSST's cp_pipe does it: three times subtract a background, smooth with a Gaussian of 5
    pixels, take what is above 2.5 sigma of the smoothed noise, and grow it by 12 pixels; each round
    leaves the objects of the round before out of its background. What differs from cp_pipe:

    - An object counts only where its peak reaches 4 sigma. Noise alone passes 2.5 sigma of an
      image smoothed like this so often that, grown, it covers a seventh of an empty sky.
    - The bins of the background are an eighth of the detector's side, from 64 to 1024 pixels: with
      bins of 1024 pixels on a detector of 2048 a sky pattern of a few per cent is left in, and its
      bright parts would count as objects.
    - Where more than half of the good pixels would be covered, objects are grown less (down to 3
      pixels), and where that is not enough the thresholds are raised: in a crowded field the few
      pixels left between grown objects would make a worse sky than the faint wings do.
    - A round subtracts from what the round before has left: on a slope, the mean of a bin half
      hidden by an object is not the value at the bin's centre.
    - Pixels are left out of the smoothing (a normalised convolution) where they are masked or not
      finite, and the noise is that of what is left in.

    The noise is one number for the detector, measured in the smoothed image outside of objects; the
    variance plane is not looked at.

    Parameters
    ----------
    exposure : Exposure
        Not changed. A plane DETECTED that it may have is not looked at.
    config : BackgroundConfig, optional
        Its ``mask`` planes, but for DETECTED and DETECTED_NEGATIVE, are left out besides BAD, SAT,
        CR, EDGE and NO_DATA. Nothing else of it plays a part.
    watch : Watch, optional
        Told of every strip of rows.

    Returns
    -------
    objects : bool [H, W]
        True on objects, grown also over pixels that are masked otherwise. An exposure without a
        good pixel has no objects.

    Raises
    ------
    Cancelled
        The watch said so.
    """
    names = [*NEVER_SKY, *(config or BackgroundConfig()).mask]
    bits = exposure.planes.bits([name for name in names if not name.startswith("DETECTED")])
    good = np.isfinite(exposure.image)
    if exposure.has_mask:
        good &= (exposure.mask & np.int32(bits)) == 0
    strips = Strips(watch, f"Finding objects {exposure.name}".strip(), 1 + 5 * ROUNDS)
    noise = _noise_shape(good, strips)
    objects = np.zeros(good.shape, np.bool_)
    flat = np.where(good, exposure.image, np.float32(0))
    for _ in range(ROUNDS):
        _subtract_background(flat, good, objects, strips)
        smoothed = _smoothed(flat, noise, strips)
        if not _to_sigma(smoothed, good & ~objects):
            return np.zeros(good.shape, np.bool_)
        objects = _covered(smoothed, good, strips)
    return objects


def mask_objects(
    exposure: Exposure, config: BackgroundConfig | None = None, watch: Watch | None = None
) -> Exposure:
    """Return a copy of an exposure whose mask has DETECTED set on what `find_objects` finds.

    Where the planes lack DETECTED it gets their lowest free bit (LSST's own, 5, if that is free);
    where they have it, what was set stays set.

    Raises
    ------
    SkyFrameError
        All 32 bits of the mask are taken.
    Cancelled
        The watch said so.
    """
    planes = _planes_with_detected(exposure)
    objects = find_objects(exposure, config, watch)
    mask = exposure.mask.copy()
    mask[objects] |= np.int32(planes.bits(["DETECTED"]))
    return exposure.with_planes(mask=mask, planes=planes)


def _planes_with_detected(exposure: Exposure) -> MaskPlanes:
    planes = exposure.planes
    if "DETECTED" in planes:
        return planes
    taken = set(planes.values())
    usual = MaskPlanes.LSST_DEFAULT["DETECTED"]
    free = [bit for bit in (usual, *range(32)) if bit not in taken]
    if not free:
        raise SkyFrameError(
            f"{exposure.name or 'The exposure'}: all 32 bits of the mask are taken, so there is "
            "none left for DETECTED; drop a mask plane or do without object masks."
        )
    return MaskPlanes({**planes, "DETECTED": free[0]})


def _gaussian() -> NDArray[np.float64]:
    radius = round(REACH * SMOOTHING)
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / SMOOTHING) ** 2)
    return np.asarray(kernel / kernel.sum())


def _convolved(pixels: NDArray[np.float32], kernel: NDArray[np.float64]) -> NDArray[np.float32]:
    # Takes 0.3 s to import; a program that only shows files must not wait for it.
    from scipy import ndimage

    for axis in (0, 1):
        pixels = ndimage.correlate1d(pixels, kernel, axis=axis, mode="constant", output=np.float32)
    return pixels


def _noise_shape(good: NDArray[np.bool_], strips: Strips) -> NDArray[np.float32]:
    """Return the noise of the smoothed image for pixels of noise 1; 0 where too few are good."""
    noise = np.empty(good.shape, np.float32)
    kernel = _gaussian() ** 2
    # A tenth of what a pixel far from masks and borders has around it: a corner has a quarter.
    least = np.float32(0.1 * kernel.sum() ** 2)
    for rows in strips.of(good):
        wide, inner = with_margin(rows, good.shape[0], len(kernel) // 2)
        variance = _convolved(good[wide].astype(np.float32), kernel)[inner]
        noise[rows] = np.sqrt(np.where(variance < least, 0, variance))
    return noise


def _subtract_background(
    image: NDArray[np.float32],
    good: NDArray[np.bool_],
    objects: NDArray[np.bool_],
    strips: Strips,
) -> None:
    """Subtract, in place, from the ``good`` pixels the background of those without ``objects``."""
    height, width = image.shape
    config = BackgroundConfig(xBinSize=_bin_size(width), yBinSize=_bin_size(height))
    binned = np.empty_like(image)
    for rows in strips.of(image):
        binned[rows] = np.where(good[rows] & ~objects[rows], image[rows], np.float32(np.nan))
    watch = strips.watch and strips.watch.part("Finding objects")
    model = BackgroundModel(measure_background(Exposure(binned), config, watch), "NATURAL_SPLINE")
    for rows in strips.of(image):
        # Pixels near float32's limits overflow; they end as 0, as the other bad ones do.
        with np.errstate(over="ignore", invalid="ignore"):
            rest = image[rows] - model.image((0, rows.start, width, rows.stop))
        image[rows] = np.where(good[rows] & np.isfinite(rest), rest, np.float32(0))


def _smoothed(
    image: NDArray[np.float32], noise: NDArray[np.float32], strips: Strips
) -> NDArray[np.float32]:
    """Return the smoothed image over the noise of pixels of noise 1; 0 where too few are good."""
    kernel = _gaussian()
    smoothed = np.zeros_like(image)
    for rows in strips.of(image):
        wide, inner = with_margin(rows, len(image), len(kernel) // 2)
        part = _convolved(image[wide], kernel)[inner]
        np.divide(part, noise[rows], out=smoothed[rows], where=noise[rows] > 0)
    return smoothed


def _covered(
    smoothed: NDArray[np.float32], good: NDArray[np.bool_], strips: Strips
) -> NDArray[np.bool_]:
    """Return the grown objects, in a crowded field so that they leave enough of the sky."""
    most = MOST_COVERED * np.count_nonzero(good)
    higher, growth = 1.0, GROWTH
    found = significant(smoothed, THRESHOLD, PEAK, strips)
    while True:
        objects = grown(found, growth * SMOOTHING, strips)
        if np.count_nonzero(objects & good) <= most or not found.any():
            return objects
        strips.passes += 1
        if growth > LEAST_GROWTH:
            growth = max(growth / 1.5, LEAST_GROWTH)
        else:
            higher *= 1.25
            strips.passes += 1
            found = significant(smoothed, higher * THRESHOLD, higher * PEAK, strips)


def _bin_size(side: int) -> int:
    return min(max(side // BINS_PER_SIDE, SMALLEST_BIN), LARGEST_BIN)


def _to_sigma(smoothed: NDArray[np.float32], sky: NDArray[np.bool_]) -> bool:
    """Turn ``smoothed`` into units of its noise, in place; False where it has none to tell."""
    every = max(int((smoothed.size / SAMPLES) ** 0.5), 1)
    sample = smoothed[::every, ::every][sky[::every, ::every]]
    if not sample.size:
        return False
    # From the faint side, which objects below the threshold hardly touch.
    low, middle = np.percentile(sample, (15.865525393145708, 50))
    sigma = middle - low
    if not sigma > 0:
        # No noise to speak of, as in a simulated or a digitised sky that is constant.
        sigma = float(np.std(sample, dtype=np.float64))
    if not (sigma > 0 and np.isfinite(sigma)):
        return False
    smoothed -= np.float32(middle)
    smoothed /= np.float32(sigma)
    return True
