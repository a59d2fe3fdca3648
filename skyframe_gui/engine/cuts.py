"""What an observer measures by hand: the profile along a band, and the numbers of a region."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import read_only
from skyframe_gui.engine.statistics import compute_statistic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

MOST_STEPS = 1_000_000
"""Of one profile: no detector is so long."""
ROUNDING = 1e-9
"""Pixels by which a centre on the border of a thin line may be computed to lie beside it."""


@dataclass(frozen=True, eq=False, kw_only=True)
class BandProfile:
    """Means along a band, a value for each step.

    Attributes
    ----------
    along : float64 [n]
        Middle of each step, in pixels from the band's beginning.
    x, y : float64 [n]
        The same place on the image.
    n_pixels, n_good : int64 [n]
        Pixels of the image in each step, and the good ones.
    image : float64 [n]
        Mean of the good pixels; NaN where there is none.
    models : tuple of float64 [n]
        Mean of each model over the good pixels of the image, so that ``image - scale * model`` is
        the profile of the subtracted image.
    """

    along: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    n_pixels: NDArray[np.int64]
    n_good: NDArray[np.int64]
    image: NDArray[np.float64]
    models: tuple[NDArray[np.float64], ...] = ()


@dataclass(frozen=True, kw_only=True)
class RegionStatistic:
    """The numbers of one image in a region.

    Attributes
    ----------
    mean, error : float
        Of the good pixels; NaN where there is none.
    median : float
    clipped_mean, sigma : float
        Mean and standard deviation of the pixels that MEANCLIP keeps (3 sigma, 3 iterations).
    n_pixels, n_good : int
        Pixels of the image in the region, and the good ones.
    """

    mean: float
    error: float
    median: float
    clipped_mean: float
    sigma: float
    n_pixels: int
    n_good: int

    @property
    def masked(self) -> float:
        """The part of the pixels that is not good, 0 to 1; NaN for a region beside the image."""
        return 1.0 - self.n_good / self.n_pixels if self.n_pixels else math.nan


def measure_profile(
    image: ArrayLike,
    mask: ArrayLike | None,
    bits: int,
    ends: tuple[float, float, float, float],
    width: float = 1.0,
    step: float = 1.0,
    models: Sequence[ArrayLike] = (),
) -> BandProfile:
    """Return the means of the good pixels along a band.

    A pixel is in the band when its centre is: within half of the width of the line between the
    ends, and within half a pixel of its ends. A band is at least as wide as a pixel is across its
    direction, so that a thin line has no holes.

    Parameters
    ----------
    image : array [H, W]
        Taken as float32.
    mask : array [H, W], optional
    bits : int
        Mask pattern that makes a pixel bad; one that is not finite is bad, too.
    ends : (x0, y0, x1, y1)
        Pixel centres are whole numbers. What lies beside the image is left out.
    width, step : float
        Of the band, and of what is averaged along it, in pixels; the last step has the rest.
    models : sequence of arrays [H, W], optional

    Raises
    ------
    SkyFrameError
        The ends are one point, width or step are not above 0, or shapes differ.
    """
    from skyframe_gui.engine import kernels

    x0, y0, x1, y1 = ends
    length = math.hypot(x1 - x0, y1 - y0)
    if not (0 < length < math.inf and 0 < width < math.inf and 0 < step < math.inf):
        raise SkyFrameError(
            f"A cut of {length:.6g} pixels, {width:.6g} wide in steps of {step:.6g}, cannot be "
            "measured; all three are above 0."
        )
    n = max(round((length + 1) / step), 1)
    if n > MOST_STEPS:
        raise SkyFrameError(f"A cut of {n} steps is too long; choose a larger step.")
    pixels, flags = _planes(image, mask, bits)
    cosine, sine = (x1 - x0) / length, (y1 - y0) / length
    half = max(width, abs(cosine) + abs(sine) + ROUNDING) / 2
    band = np.array([x0, y0, cosine, sine, length, half])
    means = []
    counts = np.zeros((n, 2), np.int64)
    for layer in (pixels, *(read_only(one, np.float32) for one in models)):
        _alike("model", layer.shape, pixels.shape)
        counts[:], sums = 0, np.zeros(n)
        kernels.add_along(layer, pixels, flags, bits, band, float(step), counts, sums)
        with np.errstate(invalid="ignore"):
            means.append(sums / np.where(counts[:, 1] > 0, counts[:, 1], np.nan))
    first = np.arange(n) * step - 0.5
    along = (first + np.append(first[1:], length + 0.5)) / 2
    return BandProfile(
        along=along,
        x=x0 + along * cosine,
        y=y0 + along * sine,
        n_pixels=counts[:, 0],
        n_good=counts[:, 1],
        image=means[0],
        models=tuple(means[1:]),
    )


def measure_region(
    image: ArrayLike,
    mask: ArrayLike | None,
    bits: int,
    box: tuple[float, float, float, float],
    shape: Literal["box", "circle"] = "box",
    models: Sequence[tuple[ArrayLike, float]] = (),
) -> tuple[RegionStatistic, ...]:
    """Return the numbers of the pixels whose centres lie in a box, or in the ellipse inside it.

    Parameters
    ----------
    image, mask, bits
        As of `measure_profile`.
    box : (x0, y0, x1, y1)
        Corners, with them; pixel centres are whole numbers. What lies beside the image is left out.
    shape : {"box", "circle"}
    models : sequence of (array [H, W], scale), optional

    Returns
    -------
    tuple of RegionStatistic
        Of the image; then for each model of it, times its scale, and of the image less that, over
        the same pixels.

    Raises
    ------
    SkyFrameError
        Image, mask and models differ in shape.
    """
    pixels, flags = _planes(image, mask, bits)
    x, y = (sorted((box[at], box[at + 2])) for at in (0, 1))
    left, right = _within(x, pixels.shape[1])
    below, above = _within(y, pixels.shape[0])
    part = np.s_[below:above, left:right]
    cut = pixels[part]
    inside = np.ones(cut.shape, bool)
    if shape == "circle":
        dx = (np.arange(left, right) - sum(x) / 2) / max((x[1] - x[0]) / 2, 1e-9)
        dy = (np.arange(below, above) - sum(y) / 2) / max((y[1] - y[0]) / 2, 1e-9)
        inside = dx**2 + dy[:, None] ** 2 <= 1.0
    good = inside & np.isfinite(cut)
    if flags.size:
        good &= (flags[part] & bits) == 0
    n_pixels = int(np.count_nonzero(inside))
    chosen = cut[good]
    found = [_statistic(chosen, n_pixels)]
    for model, scale in models:
        sky = read_only(model, np.float32)
        _alike("model", sky.shape, pixels.shape)
        # As `subtract_sky_frame` does it: product and difference are each rounded to float32.
        taken = np.float32(scale) * sky[part][good]
        found += [_statistic(taken, n_pixels), _statistic(chosen - taken, n_pixels)]
    return tuple(found)


def _within(ends: Sequence[float], size: int) -> tuple[int, int]:
    """Return the pixels of an axis between two places, half-open."""
    first = min(max(math.ceil(ends[0]), 0), size)
    return first, max(min(math.floor(ends[1]) + 1, size), first)


def _statistic(chosen: NDArray[np.float32], n_pixels: int) -> RegionStatistic:
    mean = compute_statistic(chosen, statistic="MEAN")
    clipped = compute_statistic(chosen, statistic="MEANCLIP")
    return RegionStatistic(
        mean=mean.value,
        error=mean.error,
        median=compute_statistic(chosen, statistic="MEDIAN").value,
        clipped_mean=clipped.value,
        sigma=clipped.error * math.sqrt(clipped.n_used),
        n_pixels=n_pixels,
        n_good=int(chosen.size),
    )


def _alike(name: str, shape: tuple[int, ...], image: tuple[int, ...]) -> None:
    if shape != image:
        raise SkyFrameError(
            f"The {name} has the shape {shape} but the image {image}; they must be alike."
        )


def _planes(
    image: ArrayLike, mask: ArrayLike | None, bits: int
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return image and mask as kernels take them; an empty mask where none is looked at."""
    pixels = read_only(image, np.float32)
    flags = read_only(np.empty((0, 0)) if mask is None or not bits else mask, np.int32)
    if flags.size:
        _alike("mask", flags.shape, pixels.shape)
    return pixels, flags
