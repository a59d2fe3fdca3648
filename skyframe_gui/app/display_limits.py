"""Where a layer's colours begin and end, measured once from a sample of its pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from skyframe_gui.app.pictures import Pyramid
    from skyframe_gui.app.state import SkyFrameItem
    from skyframe_gui.engine import BinGrid, Exposure

MODES = ("zscale", "min-max", "99.9 %", "99.5 %", "99 %", "98 %", "95 %", "90 %")
"""How the exposure's limits are chosen."""
SAMPLE = 1 << 16
"""Pixels that are looked at."""
BINS = 128
RESIDUAL_SIGMAS = 3.0


@dataclass(frozen=True)
class Measured:
    """What `Shown` tells of the layers; see there."""

    limits: dict[str, dict[str, tuple[float, float]]]
    histograms: dict[str, tuple[NDArray[Any], NDArray[np.float64]]]
    quantiles: NDArray[np.float64] | None
    level: float = float("nan")


def measure(
    exposure: Exposure | None,
    left_out: Iterable[str],
    grid: BinGrid | None,
    frame: SkyFrameItem | None,
    model: Pyramid,
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
    model : Pyramid
        Its smallest level is looked at.
    """
    limits: dict[str, dict[str, tuple[float, float]]] = {}
    histograms: dict[str, tuple[NDArray[Any], NDArray[np.float64]]] = {}
    quantiles = None
    level = float("nan")

    def put(layer: str, values: NDArray[Any], **modes: tuple[float, float]) -> None:
        limits[layer] = modes
        finite = values[np.isfinite(values)].astype(np.float64)
        if finite.size:
            low, high = np.percentile(finite, (0.25, 99.75))
            spread = (high - low) or abs(high) or 1.0
            span = (low - 0.3 * spread, high + 0.3 * spread)
            histograms[layer] = np.histogram(finite, BINS, span)

    if exposure is not None:
        pixels, good = _sampled(exposure, left_out)
        finite = pixels[np.isfinite(pixels)].astype(np.float64)
        modes = {mode: _limits(finite, mode) for mode in MODES}
        put("exposure", finite)
        limits["exposure"] = modes
        if finite.size:
            quantiles = np.quantile(finite, np.linspace(0, 1, 257))
        sky = pixels[good & np.isfinite(pixels)].astype(np.float64)
        sky = sky if sky.size > 16 else finite
        half = 1.0
        if sky.size:
            low, middle, high = np.percentile(sky, (15.9, 50, 84.1))
            level = float(middle)
            half = RESIDUAL_SIGMAS * float(high - low) / 2 or 1.0
            put("subtracted", sky - middle)
        limits["subtracted"] = {"auto": (-half, half)}
    if grid is not None:
        put("own grid", grid.values)
        limits["own grid"] = {"auto": _robust(grid.values)}
    small = model.levels[-1]
    if frame is not None:
        values = frame.sky_frame.grid.values
        put("grid", values)
        limits["grid"] = {"auto": _robust(values)}
    elif grid is not None:
        histograms["grid"] = histograms.get("own grid", _NOTHING)
        limits["grid"] = limits["own grid"]
    put("model", small)
    # The same colours for grid and model, in its units.
    limits["model"] = dict(limits.get("grid", {"auto": _robust(small)}))
    return Measured(limits, histograms, quantiles, level)


_NOTHING = (np.zeros(1), np.array([0.0, 1.0]))


def _sampled(
    exposure: Exposure, left_out: Iterable[str]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return every so many-th pixel, and which of them are not masked."""
    every = max(int((exposure.image.size / SAMPLE) ** 0.5), 1)
    pixels = exposure.image[::every, ::every].ravel()
    if not exposure.has_mask:
        return pixels, np.ones(pixels.shape, np.bool_)
    bits = np.int32(exposure.planes.bits(left_out))
    return pixels, (exposure.mask[::every, ::every].ravel() & bits) == 0


def _limits(values: NDArray[np.float64], mode: str) -> tuple[float, float]:
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


def _robust(values: NDArray[Any]) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return (0.0, 1.0)
    low, high = np.percentile(finite.astype(np.float64), (1, 99))
    return _apart(float(low), float(high))


def _apart(low: float, high: float) -> tuple[float, float]:
    if high > low:
        return low, high
    return low - (abs(low) * 1e-3 or 0.5), high + (abs(high) * 1e-3 or 0.5)
