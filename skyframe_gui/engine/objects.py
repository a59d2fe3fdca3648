"""Objects found, masked and filled, as LSST's MaskObjectsTask does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.bins import CLIP, N_ITER, BinGrid, bin_edges
from skyframe_gui.engine.config import MaskObjectsConfig
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import Exposure, MaskPlanes, read_only
from skyframe_gui.engine.footprints import gaussian, half_widths, mark_grown, smooth
from skyframe_gui.engine.given import as_exposure
from skyframe_gui.engine.model import BackgroundModel
from skyframe_gui.engine.progress import step
from skyframe_gui.engine.statistics import box_statistics, compute_statistic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from skyframe_gui.engine.config import DetectionConfig
    from skyframe_gui.engine.given import ExposureLike
    from skyframe_gui.engine.progress import Watch

DETECTED = ("DETECTED", "DETECTED_NEGATIVE")
NOT_BACKGROUND = ("BAD", "EDGE", *DETECTED, "NO_DATA")
"""Planes left out of both backgrounds; SAT is not among them."""
NOT_NOISE = ("BAD", "SAT", "EDGE", "NO_DATA")
"""Planes left out where the noise is measured in the smoothed image."""
LEAST_BINS = 4
"""Bins of the background on the longer side of a detector, for LSST's method to be the better."""


def find_objects(
    exposure: ExposureLike,
    config: MaskObjectsConfig = MaskObjectsConfig(),  # noqa: B008  frozen
    watch: Watch | None = None,
    threads: int | None = None,
) -> Exposure:
    """Return the exposure with DETECTED on its objects, and EDGE where none can be found.

    ``nIter`` times: a background is taken off, the rest smoothed with a Gaussian, what reaches the
    threshold grown, and the background added again; each round leaves the objects of the round
    before out of its background. There is no least size of an object and none of its peak.

    Parameters
    ----------
    exposure : Exposure, or what `as_exposure` takes
        Not changed. Objects that it has masked DETECTED or DETECTED_NEGATIVE play a part in the
        first background only. Pixels that are not finite are left out of the backgrounds; in the
        smoothing they spread over all that the kernel reaches, and nothing is found there.
    config : MaskObjectsConfig, optional
        With the threshold type "pixel_stdev" the noise is that of the variance plane. Where the
        exposure has none, and with "stdev", it is the clipped standard deviation of the smoothed
        image without BAD, SAT, EDGE and NO_DATA.
    watch : Watch, optional
        Told of every stage of every round.
    threads : int, optional
        How many; by default one for each processor. The result is the same for any number.

    Returns
    -------
    exposure : Exposure
        EDGE is set where the kernel does not fit: with the default smoothing on the 17 pixels along
        each border. Pixels may have changed in their last digit, by the background taken off and
        added. Where the planes lack DETECTED or EDGE they get the lowest free bit (LSST's own, if
        that is free). An exposure without a good pixel has no objects.

    Raises
    ------
    SkyFrameError
        The mask has no bit left for a plane, or an image of numbers near float32's limits cannot be
        interpolated.
    Cancelled
        The watch said so.
    """
    return _find(as_exposure(exposure), config, watch, threads)


def fill_objects(
    exposure: ExposureLike,
    planes: Iterable[str] | None,
    config: MaskObjectsConfig = MaskObjectsConfig(),  # noqa: B008  frozen
    interpolate: bool | None = None,
    watch: Watch | None = None,
    threads: int | None = None,
) -> Exposure:
    """Return the exposure with its objects replaced by sky: LSST's ``removeObjects``.

    Parameters
    ----------
    exposure : Exposure, or what `as_exposure` takes
        Not changed. As `find_objects` leaves it, or with any other mask.
    planes : iterable of str or None
        Planes besides DETECTED whose pixels are replaced.
    config : MaskObjectsConfig, optional
        ``interpolate.binSize`` and ``doInterpolate``.
    interpolate : bool, optional
        By a background of the pixels without BAD, EDGE, DETECTED, DETECTED_NEGATIVE and NO_DATA;
        DETECTED is cleared everywhere then. Else by the median of the pixels that are not replaced,
        NaN where one of them is, and DETECTED stays. By default as the config says.
    watch, threads : optional
        As of `find_objects`.

    Raises
    ------
    SkyFrameError
        There are pixels to replace and none to tell by what.
    """
    exposure = as_exposure(exposure)
    bits = exposure.planes.left_out(["DETECTED", *(planes or ())])
    bad = (exposure.mask & np.int32(bits)) != 0
    by_background = config.doInterpolate if interpolate is None else interpolate
    mask = None
    if by_background and exposure.has_mask:
        mask = exposure.mask & ~np.int32(exposure.planes.bits(["DETECTED"]))
    image = exposure.image
    if bad.any():
        image = image.copy()
        if by_background:
            cells = _cells(exposure, config.interpolate.binSize, watch, threads)
            known = bool(np.isfinite(cells.values).any())
            if known:
                model = BackgroundModel(cells, "AKIMA_SPLINE")
                image[bad] = model.image(None, watch, threads)[bad]
        else:
            known = not bad.all()
            if known:
                image[bad] = np.median(image[~bad])
        if not known:
            raise SkyFrameError(
                f"{exposure.name or 'The exposure'} has no good pixel to fill its objects from; "
                "look at its mask."
            )
    return exposure.with_planes(image=image, mask=mask)


def mask_objects(
    exposure: Exposure,
    config: MaskObjectsConfig | None = None,
    watch: Watch | None = None,
    threads: int | None = None,
) -> Exposure:
    """Return a copy of an exposure that differs in its mask only: DETECTED is set on its objects.

    Where the longer side has at least four bins of LSST's background, 4096 pixels, as those of the
    large mosaics have, it is LSST's method: `find_objects`, EDGE included. On smaller detectors the
    bins cannot follow the sky, and what `find_on_uneven_sky` finds is masked. With a config it is
    LSST's method on any detector.

    Two things are done for files that are not LSST's. Pixels that are BAD, NO_DATA or not finite
    and not INTRP are replaced by a background while objects are looked for: LSST's own are mended
    before, and others would be smeared over the sky beside them. And a variance plane without any
    variance is not looked at.

    Parameters
    ----------
    exposure : Exposure, or what `as_exposure` takes
        Not changed. What it has masked DETECTED stays so.
    config, watch, threads : optional
        As of `find_objects`.

    Raises
    ------
    SkyFrameError, Cancelled
        As of `find_objects`.
    """
    longer = max(exposure.width, exposure.height)
    if config is None and longer < LEAST_BINS * MaskObjectsConfig().subtractBackground.binSize:
        from skyframe_gui.engine.uneven_objects import find_on_uneven_sky

        planes = _planes_with(exposure, ("DETECTED",))
        objects = find_on_uneven_sky(exposure, None, watch, threads)
        mask = exposure.mask.copy()
        mask[objects] |= np.int32(planes.bits(["DETECTED"]))
        return exposure.with_planes(mask=mask, planes=planes)
    config = config or MaskObjectsConfig()
    if exposure.has_variance and not (exposure.variance > 0).any():
        detection = config.detection.model_copy(update={"thresholdType": "stdev"})
        config = config.model_copy(update={"detection": detection})
    found = _find(_mended(exposure, config, watch, threads), config, watch, threads)
    return exposure.with_planes(mask=exposure.mask | found.mask, planes=found.planes)


def _mended(
    exposure: Exposure, config: MaskObjectsConfig, watch: Watch | None, threads: int | None
) -> Exposure:
    """Return the exposure with a background in the pixels that nobody has mended."""
    pixels = exposure.mask & np.int32(exposure.planes.bits(["BAD", "NO_DATA", "INTRP"]))
    bad = (pixels != 0) & (pixels & np.int32(exposure.planes.bits(["INTRP"])) == 0)
    bad |= ~np.isfinite(exposure.image)
    if not bad.any():
        return exposure
    part = watch and watch.part("Finding objects")
    cells = _cells(exposure, config.interpolate.binSize, part, threads)
    if np.isnan(cells.values).all():
        return exposure
    image = exposure.image.copy()
    image[bad] = BackgroundModel(cells, "AKIMA_SPLINE").image(None, part, threads)[bad]
    return exposure.with_planes(image=image)


def _find(
    exposure: Exposure, config: MaskObjectsConfig, watch: Watch | None, threads: int | None
) -> Exposure:
    """Return what `find_objects` does."""
    label = f"Finding objects {exposure.name}".strip()
    part = watch and watch.part(label)
    n_steps = 3 * config.nIter
    planes = _planes_with(exposure, ("DETECTED", "EDGE"))
    detected, either = planes.bits(["DETECTED"]), np.int32(planes.bits(DETECTED))
    reach = int(7 * config.detectSigma + 0.5) // 2
    taps = gaussian(config.detectSigma, reach)
    widths = _half_widths(config)
    image, mask = exposure.image, exposure.mask.copy()
    noise = None
    if exposure.has_variance and config.detection.thresholdType == "pixel_stdev":
        step(watch, 0, n_steps, label)
        noise = np.empty(image.shape, np.float32)
        smooth(exposure.variance, None, taps**2, noise, part, threads)
        with np.errstate(invalid="ignore"):
            np.sqrt(noise, out=noise)
            noise *= np.float32(config.detection.thresholdValue)
    smoothed = np.empty(image.shape, np.float32)
    for done in range(0, n_steps, 3):
        step(watch, done, n_steps, label)
        now = Exposure(image, mask, planes=planes, xy0=exposure.xy0, name=exposure.name)
        cells = _cells(now, config.subtractBackground.binSize, part, threads)
        mask &= ~either
        _set_border(mask, reach, np.int32(planes.bits(["EDGE"])))
        if np.isnan(cells.values).all():
            break
        step(watch, done + 1, n_steps, label)
        model = BackgroundModel(cells, "AKIMA_SPLINE").image(None, part, threads)
        image = smooth(image, read_only(model, np.float32), taps, smoothed, part, threads)
        step(watch, done + 2, n_steps, label)
        limit = noise
        if limit is None:
            limit = _measured_limit(smoothed, mask, planes, config.detection)
        mark_grown(smoothed, limit, widths, detected, mask, part, threads)
    step(watch, n_steps, n_steps, label)
    return exposure.with_planes(image=image, mask=mask, planes=planes)


def _cells(
    exposure: Exposure, size: int, watch: Watch | None = None, threads: int | None = None
) -> BinGrid:
    """Return the bins of a background: as many as it takes for none to be larger than ``size``."""
    found = box_statistics(
        exposure.image,
        exposure.mask,
        exposure.planes.left_out(NOT_BACKGROUND) if exposure.has_mask else 0,
        bin_edges(exposure.width, -(-exposure.width // size)),
        bin_edges(exposure.height, -(-exposure.height // size)),
        "MEANCLIP",
        CLIP,
        N_ITER,
        watch,
        threads=threads,
    )
    return BinGrid.from_values(found.value, exposure.bbox)


def _measured_limit(
    smoothed: NDArray[np.float32],
    mask: NDArray[np.int32],
    planes: MaskPlanes,
    config: DetectionConfig,
) -> NDArray[np.float32]:
    """Return the threshold [1, 1] by the clipped standard deviation of the smoothed image."""
    seen, flags = read_only(smoothed, np.float32), read_only(mask, np.int32)
    found = compute_statistic(seen, flags, planes.left_out(NOT_NOISE), "MEANCLIP", CLIP, N_ITER)
    limit = np.full((1, 1), config.thresholdValue * found.error * found.n_used**0.5, np.float32)
    # A sky without any noise, as in a simulation: what is above it.
    return np.where(limit == 0, np.finfo(np.float32).tiny, limit)


def _set_border(mask: NDArray[np.int32], reach: int, edge: np.int32) -> None:
    mask[:reach] |= edge
    mask[max(mask.shape[0] - reach, 0) :] |= edge
    mask[:, :reach] |= edge
    mask[:, max(mask.shape[1] - reach, 0) :] |= edge


def _half_widths(config: MaskObjectsConfig) -> NDArray[np.int64]:
    """Return how far to either side a detected pixel reaches, by the number of rows away."""
    radius = int(config.detection.nSigmaToGrow * config.detectSigma + 0.5)
    return half_widths(radius) if config.detection.isotropicGrow else np.arange(radius, -1, -1)


def _planes_with(exposure: Exposure, names: tuple[str, ...]) -> MaskPlanes:
    """Return the planes of an exposure, the missing of ``names`` among them on free bits."""
    planes = dict(exposure.planes)
    for name in exposure.planes.missing(names):
        usual = MaskPlanes.LSST_DEFAULT[name]
        free = [bit for bit in (usual, *range(32)) if bit not in planes.values()]
        if not free:
            raise SkyFrameError(
                f"{exposure.name or 'The exposure'}: all 32 bits of the mask are taken, so there "
                f"is none left for {name}; drop a mask plane or do without object masks."
            )
        planes[name] = free[0]
    return MaskPlanes(planes)
