"""Object masks for exposures whose file brings none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.bins import measure_background
from skyframe_gui.engine.config import BackgroundConfig
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import Exposure, MaskPlanes
from skyframe_gui.engine.model import BackgroundModel
from skyframe_gui.engine.progress import step

if TYPE_CHECKING:
    from collections.abc import Iterator

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
LARGEST_BIN, SMALLEST_BIN, BINS_PER_SIDE = 1024, 64, 8
"""The background's bins in pixels, and how many a side should have where they may be smaller."""
NEVER_SKY = ("BAD", "SAT", "CR", "EDGE", "NO_DATA")
"""Planes left out in any case: what is in them would be smeared over the sky around."""

STRIP_PIXELS = 1 << 20
"""Pixels worked on between two looks at the watch: some 50 ms."""
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
      image smoothed like this so often that, grown, it covers 9 % of an empty sky.
    - The bins of the background are 1024 pixels on large detectors; smaller detectors have 4 bins a
      side, not smaller than 128 pixels, for one bin could follow neither gradient nor pattern.
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
    progress = _Progress(watch, exposure.name)
    noise = _noise_shape(good, progress)
    objects = np.zeros(good.shape, np.bool_)
    flat = np.where(good, exposure.image, np.float32(0))
    for _ in range(ROUNDS):
        _subtract_background(flat, good, good & ~objects, progress)
        smoothed = _smoothed(flat, noise, progress)
        if not _to_sigma(smoothed, good & ~objects):
            return np.zeros(good.shape, np.bool_)
        objects = _grown(_significant(smoothed, progress), GROWTH * SMOOTHING, progress)
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


@dataclass
class _Progress:
    """Counts the strips of all rounds, so that the watch sees one number grow."""

    watch: Watch | None
    name: str
    done: int = 0

    def strips(self, height: int, width: int) -> Iterator[slice]:
        rows = max(STRIP_PIXELS // width, 1)
        for first in range(0, height, rows):
            total = height * (1 + 4 * ROUNDS)
            step(self.watch, self.done, total, f"Finding objects {self.name}".strip())
            yield slice(first, min(first + rows, height))
            self.done += min(rows, height - first)


def _around(rows: slice, height: int, margin: int) -> tuple[slice, slice]:
    """Return the rows with a margin, and where in those the rows themselves are."""
    first = max(rows.start - margin, 0)
    return (
        slice(first, min(rows.stop + margin, height)),
        slice(rows.start - first, rows.stop - first),
    )


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


def _noise_shape(good: NDArray[np.bool_], progress: _Progress) -> NDArray[np.float32]:
    """Return the noise of the smoothed image for pixels of noise 1; 0 where too few are good."""
    noise = np.empty(good.shape, np.float32)
    kernel = _gaussian() ** 2
    # A tenth of what a pixel far from masks and borders has around it: a corner has a quarter.
    least = np.float32(0.1 * kernel.sum() ** 2)
    for rows in progress.strips(*good.shape):
        wide, inner = _around(rows, good.shape[0], len(kernel) // 2)
        variance = _convolved(good[wide].astype(np.float32), kernel)[inner]
        noise[rows] = np.sqrt(np.where(variance < least, 0, variance))
    return noise


def _subtract_background(
    image: NDArray[np.float32],
    good: NDArray[np.bool_],
    sky: NDArray[np.bool_],
    progress: _Progress,
) -> None:
    """Subtract, in place, the background of the ``sky`` pixels from the ``good`` ones.

    What an earlier round has subtracted stays subtracted: on a slope, the mean of a bin half hidden
    by an object is not the value at the bin's centre, and the steeper, the worse.
    """
    height, width = image.shape
    config = BackgroundConfig(xBinSize=_bin_size(width), yBinSize=_bin_size(height), mask=("BAD",))
    watch = progress.watch and progress.watch.part("Finding objects")
    grid = measure_background(Exposure(image, ~sky, planes={"BAD": 0}), config, watch)
    model = BackgroundModel(grid, "NATURAL_SPLINE")
    for rows in progress.strips(height, width):
        # Pixels near float32's limits overflow; they end as 0, as the other bad ones do.
        with np.errstate(over="ignore", invalid="ignore"):
            rest = image[rows] - model.image((0, rows.start, width, rows.stop))
        image[rows] = np.where(good[rows] & np.isfinite(rest), rest, np.float32(0))


def _smoothed(
    image: NDArray[np.float32], noise: NDArray[np.float32], progress: _Progress
) -> NDArray[np.float32]:
    """Return the smoothed image over the noise of pixels of noise 1; 0 where too few are good."""
    kernel = _gaussian()
    smoothed = np.zeros_like(image)
    for rows in progress.strips(*image.shape):
        wide, inner = _around(rows, len(image), len(kernel) // 2)
        part = _convolved(image[wide], kernel)[inner]
        np.divide(part, noise[rows], out=smoothed[rows], where=noise[rows] > 0)
    return smoothed


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


def _significant(smoothed: NDArray[np.float32], progress: _Progress) -> NDArray[np.bool_]:
    """Return the pixels above the threshold that hang together with one that reaches the peak."""
    import sep  # not needed before the first object mask is
    from scipy import sparse

    # A buffer for as many pixels as there are: in a crowded field all may be above the threshold.
    needed = STRIP_PIXELS + smoothed.shape[1]
    if sep.get_extract_pixstack() < needed:
        sep.set_extract_pixstack(needed)
    labels = np.empty(smoothed.shape, np.int32)
    reached = [np.zeros(1, np.bool_)]
    pairs: list[NDArray[np.int64]] = []
    count = 0
    for rows in progress.strips(*smoothed.shape):
        found, part = sep.extract(
            smoothed[rows],
            THRESHOLD,
            minarea=1,
            filter_kernel=None,
            deblend_nthresh=1,
            deblend_cont=1.0,
            clean=False,
            segmentation_map=True,
        )
        labels[rows] = np.where(part > 0, part + count, 0)
        reached.append(found["peak"] >= PEAK)
        count += len(found)
        if rows.start:
            pairs.extend(_touching(labels[rows.start - 1], labels[rows.start]))
    # Objects that a seam between strips cuts are put together again.
    first, second = np.concatenate(pairs, axis=1) if pairs else np.zeros((2, 0), np.int64)
    graph = sparse.coo_array((np.ones(len(first)), (first, second)), (count + 1, count + 1))
    n_whole, whole = sparse.csgraph.connected_components(graph, directed=False)
    keep = np.zeros(n_whole, np.bool_)
    keep[whole[np.concatenate(reached)]] = True
    return keep[whole][labels]


def _touching(above: NDArray[np.int32], below: NDArray[np.int32]) -> Iterator[NDArray[np.int64]]:
    """Yield pairs [2, n] of the labels that meet between two rows, also across a corner."""
    width = len(above)
    for shift in (-1, 0, 1):
        a = above[max(shift, 0) : width + min(shift, 0)]
        b = below[max(-shift, 0) : width + min(-shift, 0)]
        both = (a > 0) & (b > 0)
        yield np.stack([a[both], b[both]]).astype(np.int64)


def _grown(objects: NDArray[np.bool_], radius: float, progress: _Progress) -> NDArray[np.bool_]:
    """Return the pixels within ``radius`` of one that is set."""
    reach = int(radius)
    half_widths = np.array([int((radius**2 - dy**2) ** 0.5) for dy in range(reach + 1)])
    grown = np.zeros_like(objects)
    width = objects.shape[1]
    for rows in progress.strips(*objects.shape):
        wide, inner = _around(rows, objects.shape[0], reach)
        distance = _rows_to_nearest(objects[wide], reach + 1)[inner]
        # Each pixel with something above or below it covers a run of its row: +1 where a run
        # begins, -1 behind its end, and what is inside of any run sums up to more than 0.
        near, x = np.nonzero(distance <= reach)
        half = half_widths[distance[near, x]]
        line = near * (width + 1)
        size = distance.shape[0] * (width + 1)
        runs = np.bincount(line + np.maximum(x - half, 0), minlength=size)
        runs -= np.bincount(line + np.minimum(x + half + 1, width), minlength=size)
        grown[rows] = (np.cumsum(runs).reshape(-1, width + 1) > 0)[:, :-1]
    return grown


def _rows_to_nearest(objects: NDArray[np.bool_], far: int) -> NDArray[np.int64]:
    """Return the rows from each pixel to the nearest set one in its column, ``far`` at most."""
    distance = np.where(objects, 0, far)
    for row in range(1, len(distance)):
        np.minimum(distance[row], distance[row - 1] + 1, out=distance[row])
    for row in range(len(distance) - 2, -1, -1):
        np.minimum(distance[row], distance[row + 1] + 1, out=distance[row])
    return distance
