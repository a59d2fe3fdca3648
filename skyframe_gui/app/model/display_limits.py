"""Where a layer's colours begin and end, by every preset, from a sample of its pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.app.model.looks import MODES, SYMMETRIC_MODES
from skyframe_gui.numbers import SIGMA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.app.model.shown import Histogram, Pyramid
    from skyframe_gui.engine import BinGrid, Exposure

    Pair = tuple[float, float]

SAMPLE = 1 << 16
"""Pixels that are looked at."""
BINS = 128
ONE_SIGMA = 68.27
"""Per cent of a normal distribution within one sigma."""
N_QUANTILES = 257


@dataclass(frozen=True)
class Measured:
    """What `Shown` tells of the layers; see there."""

    limits: dict[str, dict[str, Pair]]
    histograms: dict[str, Histogram]
    quantiles: dict[str, NDArray[np.float64]]
    level: float = float("nan")

    def put(self, layer: str, values: NDArray[Any], limits: dict[str, Pair]) -> None:
        """Add a layer: limits by each preset, and how its values are spread."""
        self.limits[layer] = limits
        finite = finite_of(values)
        if finite.size:
            self.histograms[layer] = histogram_of(finite)
            self.quantiles[layer] = quantiles_of(finite)


def measure(
    exposure: Exposure | None,
    left_out: Iterable[str],
    grid: BinGrid | None,
    frame: SkyFrameItem | None,
    model: Pyramid[np.float32] | None,
) -> Measured:
    """Return limits and histograms of all layers.

    Parameters
    ----------
    exposure : Exposure or None
    left_out : mask planes
        Pixels in them do not count for the subtracted layer's limits.
    grid : BinGrid or None
        The exposure's own bins.
    frame : SkyFrameItem or None
    model : Pyramid or None
        Its smallest level is looked at. Without it there is nothing to subtract yet, either.
    """
    found = Measured({}, {}, {})
    level = float("nan")
    if exposure is not None:
        pixels, good = _sampled(exposure, left_out)
        found.put("exposure", pixels, presets(pixels))
        sky = finite_of(pixels[good])
        sky = sky if sky.size > 16 else finite_of(pixels)
        sigma = 1.0
        if sky.size:
            low, middle, high = np.percentile(sky, (15.9, 50, 84.1))
            level = float(middle)
            sigma = float(high - low) / 2
            sky = sky - middle
        if model is not None:
            found.put("subtracted", sky, symmetric_presets(sky, sigma))
    if grid is not None:
        found.put("own grid", grid.values, presets(grid.values))
    if frame is not None:
        values = frame.sky_frame.grid.values
        found.put("grid", values, presets(values))
    elif grid is not None:
        found.put("grid", grid.values, found.limits["own grid"])
    if model is not None:
        small = model.levels[-1]
        # The same colours for grid and model, in its units.
        found.put("model", small, found.limits.get("grid") or presets(small))
    return replace(found, level=level)


def finite_of(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return the finite ones of some values."""
    return np.asarray(values[np.isfinite(values)], np.float64)


def presets(values: NDArray[Any]) -> dict[str, Pair]:
    """Return limits by each of `MODES`."""
    finite = finite_of(values)
    return {mode: limits_by(finite, mode) for mode in MODES}


def symmetric_presets(values: NDArray[Any], sigma: float | None = None) -> dict[str, Pair]:
    """Return limits about 0 by each of `SYMMETRIC_MODES`.

    Parameters
    ----------
    values : array
    sigma : float, optional
        Their scatter; without it the width about 0 in which 68 % of them are.
    """
    sizes = np.abs(finite_of(values))
    if sigma is None:
        sigma = float(np.percentile(sizes, ONE_SIGMA)) if sizes.size else 0.0
    return {mode: _limits_about_zero(sizes, mode, sigma) for mode in SYMMETRIC_MODES}


def symmetric_limits(finite: NDArray[np.float64], share: float) -> Pair:
    """Return limits about 0 between which so many per cent of some values are."""
    return _limits_about_zero(np.abs(finite), f"{share} %", 0.0)


def _limits_about_zero(sizes: NDArray[np.float64], mode: str, sigma: float) -> Pair:
    if mode.endswith(SIGMA):
        half = float(mode.removesuffix(SIGMA)) * sigma
    elif not sizes.size:
        half = 0.0
    elif mode == "min-max":
        half = float(sizes.max())
    else:
        half = float(np.percentile(sizes, float(mode.removesuffix("%"))))
    half = half or 1.0
    return (-half, half)


def histogram_of(finite: NDArray[np.float64]) -> Histogram:
    """Return counts and edges about the middle of some values."""
    low, high = np.percentile(finite, (0.25, 99.75))
    spread = (high - low) or abs(high) or 1.0
    return np.histogram(finite, BINS, (low - 0.3 * spread, high + 0.3 * spread))


def quantiles_of(finite: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values at evenly spaced shares, for the histogram stretch."""
    return np.asarray(np.quantile(finite, np.linspace(0, 1, N_QUANTILES)))


def _sampled(
    exposure: Exposure, left_out: Iterable[str]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return every so many-th pixel, and which of them are not masked."""
    every = max(int((exposure.image.size / SAMPLE) ** 0.5), 1)
    pixels = exposure.image[::every, ::every].ravel()
    if not exposure.has_mask:
        return pixels, np.ones(pixels.shape, np.bool_)
    bits = np.int32(exposure.planes.left_out(left_out))
    return pixels, (exposure.mask[::every, ::every].ravel() & bits) == 0


def limits_by(values: NDArray[np.float64], mode: str) -> Pair:
    """Return limits of finite values by one of `MODES`."""
    if not values.size:
        return (0.0, 1.0)
    if mode == "zscale":
        from astropy.visualization import ZScaleInterval

        low, high = ZScaleInterval(n_samples=4000).get_limits(values)
    elif mode == "min-max":
        low, high = values.min(), values.max()
    else:
        share = float(mode.removesuffix(" %"))
        low, high = np.percentile(values, ((100 - share) / 2, (100 + share) / 2))
    return _apart(float(low), float(high))


def _apart(low: float, high: float) -> tuple[float, float]:
    if high > low:
        return low, high
    return low - (abs(low) * 1e-3 or 0.5), high + (abs(high) * 1e-3 or 0.5)
