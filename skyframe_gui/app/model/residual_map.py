"""The residual map: what is left of the sky in bins, exact for one scale and at once for others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.app.model import display_limits

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from numpy.typing import NDArray

    from skyframe_gui.app.model.looks import Layer
    from skyframe_gui.app.model.shown import Histogram
    from skyframe_gui.engine import BackgroundConfig, BinGrid, SkyMeasurementConfig

LAYER: Layer = "residual"
LANE = "map"
"""The lane in which it is measured, and the origin of what hinders it."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ResidualMap:
    """The subtracted exposure in bins.

    Attributes
    ----------
    key : str
        Of the exposure.
    exact : BinGrid
        What `measure_residual` gives for ``scale``.
    scale : float
    model_means : float64 [ny, nx]
        Mean of the model over each bin's good pixels: so much less has a bin where the scale is
        greater by one.
    background : BackgroundConfig
        What its bins were measured with.
    inputs : hashable
        All that it depends on besides the scale.
    limits : mapping of preset to (low, high)
        As measured on it.
    histogram : (counts, edges) or None
    quantiles : float64 [m] or None
        For the histogram stretch.
    """

    key: str
    exact: BinGrid
    scale: float
    model_means: NDArray[np.float64]
    background: BackgroundConfig
    inputs: Hashable
    limits: Mapping[str, tuple[float, float]]
    histogram: Histogram | None = None
    quantiles: NDArray[np.float64] | None = None

    def at(self, scale: float, offset: float = 0.0) -> BinGrid:
        """Return the map for another scale, less an offset.

        Every good pixel changes by the model times the change of scale, so a mean changes by that
        times the model's mean. For MEAN that is all; MEANCLIP and MEDIAN differ from what they
        would be by a small part of their errors, as other pixels may be the outer ones.
        """
        if scale == self.scale and not offset:
            return self.exact
        changed = self.exact.values - (scale - self.scale) * self.model_means - offset
        values: NDArray[np.float32] = changed.astype(np.float32)
        values.flags.writeable = False
        return replace(self.exact, values=values)

    @property
    def without_data(self) -> NDArray[np.bool_]:
        """[ny, nx]: bins without a value."""
        return ~np.isfinite(self.exact.values)

    @property
    def nbytes(self) -> int:
        """Bytes of its planes."""
        grid = self.exact
        planes = (grid.values, grid.errors, grid.mask, grid.n_good, grid.n_clipped)
        return sum(plane.nbytes for plane in planes) + self.model_means.nbytes


def residual_map(
    key: str,
    exact: BinGrid,
    scale: float,
    model_means: NDArray[np.float64],
    background: BackgroundConfig,
    inputs: Hashable,
) -> ResidualMap:
    """Return a map with limits, histogram and quantiles measured on it."""
    finite = display_limits.finite_of(exact.values)
    return ResidualMap(
        key=key,
        exact=exact,
        scale=scale,
        model_means=model_means,
        background=background,
        inputs=inputs,
        limits=display_limits.symmetric_presets(exact.values),
        histogram=display_limits.histogram_of(finite) if finite.size else None,
        quantiles=display_limits.quantiles_of(finite) if finite.size else None,
    )


def binned(config: SkyMeasurementConfig, bins: tuple[int, int]) -> BackgroundConfig:
    """Return what bins of a size are measured with; the style does not matter to them."""
    sizes = {"xBinSize": bins[0], "yBinSize": bins[1], "algorithm": "CONSTANT"}
    return config.background.model_copy(update=sizes)
