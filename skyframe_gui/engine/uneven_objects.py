"""Objects on a sky that is uneven over the detector, in crowded fields and along the borders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.bins import measure_background
from skyframe_gui.engine.config import BackgroundConfig
from skyframe_gui.engine.exposure import Exposure, read_only
from skyframe_gui.engine.footprints import gaussian, half_widths, mark_grown, smooth, strips
from skyframe_gui.engine.model import BackgroundModel
from skyframe_gui.engine.progress import step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.engine.progress import Watch

ROUNDS = 3
SMOOTHING, REACH = 5.0, 20
"""Pixels: sigma of the Gaussian, and where it is cut off."""
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
SAMPLES = 1 << 18
"""Pixels that the noise is measured from."""


def find_on_uneven_sky(
    exposure: Exposure,
    config: BackgroundConfig | None = None,
    watch: Watch | None = None,
    threads: int | None = None,
) -> NDArray[np.bool_]:
    """Return which pixels of an exposure belong to stars, galaxies and other things on the sky.

    As `find_objects` does it, three rounds of a background, a Gaussian of 5 pixels, 2.5 sigma and a
    growth by 12 pixels. What differs:

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
      finite, and the noise is that of what is left in; the border is looked at like the rest.

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
        Told of every stage of every round.
    threads : int, optional
        How many; by default one for each processor. The result is the same for any number.

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
    bits = exposure.planes.left_out([name for name in names if not name.startswith("DETECTED")])
    good = np.isfinite(exposure.image)
    if exposure.has_mask:
        good &= (exposure.mask & np.int32(bits)) == 0
    label = f"Finding objects {exposure.name}".strip()
    part = watch and watch.part(label)
    n_steps = 3 * ROUNDS
    step(watch, 0, n_steps, label)
    noise = _noise_shape(good, part, threads)
    objects = np.zeros(good.shape, np.bool_)
    flat = np.where(good, exposure.image, np.float32(0))
    for done in range(0, n_steps, 3):
        step(watch, done, n_steps, label)
        _subtract_background(flat, good, objects, part, threads)
        step(watch, done + 1, n_steps, label)
        smoothed = _convolved(flat, gaussian(SMOOTHING, REACH), part, threads)
        np.divide(smoothed, noise, out=smoothed, where=noise > 0)
        smoothed[noise == 0] = 0
        if not _to_sigma(smoothed, good & ~objects):
            objects = np.zeros(good.shape, np.bool_)
            break
        step(watch, done + 2, n_steps, label)
        objects = _covered(smoothed, good, part, threads)
    step(watch, n_steps, n_steps, label)
    return objects


def _convolved(
    pixels: NDArray[np.float32],
    taps: NDArray[np.float64],
    watch: Watch | None,
    threads: int | None,
) -> NDArray[np.float32]:
    """Return an image smoothed up to its borders, with nothing beyond them."""
    wide = np.pad(pixels, REACH)
    smoothed = np.empty_like(wide)
    smooth(read_only(wide, np.float32), None, taps, smoothed, watch, threads)
    return smoothed[REACH:-REACH, REACH:-REACH].copy()


def _noise_shape(
    good: NDArray[np.bool_], watch: Watch | None, threads: int | None
) -> NDArray[np.float32]:
    """Return the noise of the smoothed image for pixels of noise 1; 0 where too few are good."""
    kernel = gaussian(SMOOTHING, REACH) ** 2
    variance = _convolved(good.astype(np.float32), kernel, watch, threads)
    # A tenth of what a pixel far from masks and borders has around it: a corner has a quarter.
    least = np.float32(0.1 * kernel.sum() ** 2)
    return np.sqrt(np.where(variance < least, 0, variance))


def _subtract_background(
    image: NDArray[np.float32],
    good: NDArray[np.bool_],
    objects: NDArray[np.bool_],
    watch: Watch | None,
    threads: int | None,
) -> None:
    """Subtract, in place, from the ``good`` pixels the background of those without ``objects``."""
    height, width = image.shape
    config = BackgroundConfig(xBinSize=_bin_size(width), yBinSize=_bin_size(height))
    binned = Exposure(np.where(good & ~objects, image, np.float32(np.nan)))
    model = BackgroundModel(measure_background(binned, config, watch, threads), "NATURAL_SPLINE")
    for rows in strips(image):
        # Pixels near float32's limits overflow; they end as 0, as the other bad ones do.
        with np.errstate(over="ignore", invalid="ignore"):
            rest = image[rows] - model.image((0, rows.start, width, rows.stop), watch, threads)
        image[rows] = np.where(good[rows] & np.isfinite(rest), rest, np.float32(0))


def _covered(
    smoothed: NDArray[np.float32],
    good: NDArray[np.bool_],
    watch: Watch | None,
    threads: int | None,
) -> NDArray[np.bool_]:
    """Return the grown objects, in a crowded field so that they leave enough of the sky."""
    most = MOST_COVERED * np.count_nonzero(good)
    higher, growth = 1.0, GROWTH
    found = _significant(smoothed, THRESHOLD, PEAK)
    while True:
        objects = grown(found, growth * SMOOTHING, watch, threads)
        if np.count_nonzero(objects & good) <= most or not found.any():
            return objects
        if growth > LEAST_GROWTH:
            growth = max(growth / 1.5, LEAST_GROWTH)
        else:
            higher *= 1.25
            found = _significant(smoothed, higher * THRESHOLD, higher * PEAK)


def _significant(smoothed: NDArray[np.float32], threshold: float, peak: float) -> NDArray[np.bool_]:
    """Return the pixels above the threshold that hang together with one that reaches the peak."""
    # Takes 0.3 s to import; a program that only shows files must not wait for it.
    from scipy import ndimage

    labels, count = ndimage.label(smoothed > threshold, np.ones((3, 3)))
    keep = np.zeros(count + 1, np.bool_)
    keep[labels[smoothed >= peak]] = True
    keep[0] = False
    return np.asarray(keep[labels])


def grown(
    objects: NDArray[np.bool_],
    radius: float,
    watch: Watch | None = None,
    threads: int | None = None,
) -> NDArray[np.bool_]:
    """Return the pixels within ``radius`` of one that is set."""
    mask = np.zeros(objects.shape, np.int32)
    limit = np.ones((1, 1), np.float32)
    widths = half_widths(radius)
    mark_grown(objects.astype(np.float32), limit, widths, 1, mask, watch, threads)
    return np.asarray(mask, np.bool_)


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
