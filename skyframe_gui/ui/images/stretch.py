"""From values to colours: stretches and colour maps as lookup tables."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from skyframe_gui.app.model.limits import limits_of
from skyframe_gui.app.model.looks import BY_THEME, DIFFERENCES, DIVERGING
from skyframe_gui.resource import colour_map

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from skyframe_gui.app.model.looks import Layer
    from skyframe_gui.app.model.state import State

    Floats = NDArray[np.float64]
    Colours = NDArray[np.uint32]

RESIDUAL: Mapping[str, str] = {"dark": "CET-D4", "light": "CET-D1A"}
"""The diverging map of each theme: its middle is as dark, or as light, as the window."""
ENTRIES = 1024
FINE_ENTRIES = 16384
"""Of a curved stretch, which spends many colours on few values."""
LOG_RANGE = 1000.0
ASINH_SOFT = 0.05


def map_name(colours: str, theme: str) -> str:
    """Return the colour map that a choice stands for in a theme."""
    return RESIDUAL[theme] if colours == BY_THEME else colours


def colour_limits(state: State, layer: Layer, factor: float = 1.0) -> tuple[float, float]:
    """Return a layer's limits times a factor, the lower one first."""
    low, high = limits_of(state, layer)
    pair = low * factor, high * factor
    return pair if pair[0] <= pair[1] else (pair[1], pair[0])


def lut_of(state: State, layer: Layer, quantiles: Floats | None) -> Colours:
    """Return the colours of a layer as its look has them; see `lookup`."""
    look = state.looks[layer]
    return lookup(
        map_name(look.colours, state.view.theme),
        look.stretch,
        limits_of(state, layer),
        quantiles,
        about_zero=layer in DIFFERENCES,
    )


def lookup(
    colours: str,
    stretch: str = "linear",
    limits: tuple[float, float] = (0.0, 1.0),
    quantiles: Floats | None = None,
    about_zero: bool = False,
) -> Colours:
    """Return the colours of evenly spaced values, from the lower limit to the upper one.

    Parameters
    ----------
    colours : str
        A name that `colour_map` knows.
    stretch : str
        One of `skyframe_gui.app.model.looks.STRETCHES`.
    limits : (low, high)
        Only looked at for the histogram stretch and about 0.
    quantiles : float64 [m], optional
        Of the pixels at evenly spaced shares, for the histogram stretch; linear without them.
    about_zero : bool
        Of a layer of differences: a diverging map then has its middle at 0 whatever the limits, and
        every stretch goes both ways from there.

    Returns
    -------
    uint32 [n]
        0xffRRGGBB, read-only.
    """
    about_zero = about_zero and colours in DIVERGING
    if stretch == "histogram":
        if quantiles is None:
            stretch = "linear"
        elif about_zero:
            return _table(colours, _both_ways(limits, _shares_of_sizes(limits, quantiles)))
        else:
            return _table(colours, _share_of(limits, quantiles))
    if about_zero:
        most = max(abs(limits[0]), abs(limits[1])) or 1.0
        return _lookup_about_zero(colours, stretch, limits[0] / most, limits[1] / most)
    return _plain_lookup(colours, stretch)


def curve(stretch: str, n: int = FINE_ENTRIES) -> Floats:
    """Return how far up the colour map each of ``n`` evenly spaced values is, 0 to 1."""
    import numpy as np

    t = np.linspace(0.0, 1.0, n)
    if stretch == "log":
        return np.asarray(np.log1p(LOG_RANGE * t) / np.log1p(LOG_RANGE))
    if stretch == "sqrt":
        return np.asarray(np.sqrt(t))
    if stretch == "asinh":
        return np.asarray(np.arcsinh(t / ASINH_SOFT) / np.arcsinh(1.0 / ASINH_SOFT))
    return np.asarray(t)


@cache
def backward_lookup(colours: str) -> Colours:
    """Return the colours of `lookup` from the last to the first."""
    turned = lookup(colours)[::-1].copy()
    turned.flags.writeable = False
    return turned


@cache
def _plain_lookup(colours: str, stretch: str) -> Colours:
    return _table(colours, curve(stretch, ENTRIES if stretch == "linear" else FINE_ENTRIES))


@lru_cache(64)
def _lookup_about_zero(colours: str, stretch: str, low: float, high: float) -> Colours:
    n = ENTRIES if stretch == "linear" else FINE_ENTRIES
    return _table(colours, _both_ways((low, high), curve(stretch, n)))


def _both_ways(limits: tuple[float, float], up: Floats) -> Floats:
    """Return places on the colour map: its middle at 0, its ends at the limit farther from 0.

    ``up`` has how far from the middle evenly spaced sizes are, from 0 to the greatest one.
    """
    import numpy as np

    most = max(abs(limits[0]), abs(limits[1])) or 1.0
    values = np.linspace(limits[0] / most, limits[1] / most, len(up))
    places = np.interp(np.abs(values), np.linspace(0.0, 1.0, len(up)), up)
    return np.asarray(0.5 + 0.5 * np.sign(values) * places)


def _shares_of_sizes(limits: tuple[float, float], quantiles: Floats) -> Floats:
    import numpy as np

    most = max(abs(limits[0]), abs(limits[1])) or 1.0
    return _share_of((0.0, most), np.sort(np.abs(quantiles)))


def _share_of(limits: tuple[float, float], quantiles: Floats) -> Floats:
    """Return which share of the pixels between the limits is below each of many values."""
    import numpy as np

    values = np.linspace(*limits, FINE_ENTRIES)
    share = np.interp(values, quantiles, np.linspace(0.0, 1.0, len(quantiles)))
    spread = share[-1] - share[0]
    if not spread > 0:  # no pixel between the limits
        return np.linspace(0.0, 1.0, FINE_ENTRIES)
    return np.asarray(np.maximum.accumulate((share - share[0]) / spread))


def _table(colours: str, places: Floats) -> Colours:
    import numpy as np

    table = colour_map(colours)
    at = places * (len(table) - 1)
    steps = np.arange(len(table))
    red, green, blue = (
        np.interp(at, steps, table[:, channel]).round().astype(np.uint32) for channel in range(3)
    )
    packed = (np.uint32(0xFF000000) | (red << 16) | (green << 8) | blue).astype(
        np.uint32, copy=False
    )
    packed.flags.writeable = False
    return packed
