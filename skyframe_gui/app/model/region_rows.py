"""The numbers of the region as words: a row a layer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from skyframe_gui.numbers import (
    NONE,
    SIGMA,
    area,
    decimals_for,
    decimals_with_error,
    fixed,
    percent_to,
    value_and_error,
)

if TYPE_CHECKING:
    from skyframe_gui.app.model.cuts import Region, RegionNumbers
    from skyframe_gui.engine.cuts import RegionStatistic

HEADS = ("layer", "mean", "±", "median", SIGMA, "n", "masked")


class Row(NamedTuple):
    """The numbers of one layer, as they are written."""

    layer: str
    mean: str
    error: str
    median: str
    sigma: str
    n: str
    masked: str


def row_of(layer: str, one: RegionStatistic) -> Row:
    """Return one layer's numbers with as many digits as their errors allow."""
    mean, error = value_and_error(one.mean, one.error)
    decimals = decimals_with_error(one.mean, one.error)
    spread = decimals_for(one.sigma / math.sqrt(2 * one.n_good)) if one.n_good else 0
    masked = NONE if math.isnan(one.masked) else percent_to(one.masked, 1)
    return Row(
        layer,
        mean,
        error if math.isfinite(one.error) else NONE,
        fixed(one.median, decimals),
        fixed(one.sigma, spread),
        str(one.n_good),
        masked,
    )


def rows_of(found: RegionNumbers) -> list[Row]:
    """Return the numbers of every layer."""
    return [row_of(layer, one) for layer, one in found.layers.items()]


def text_of(found: RegionNumbers, unit: str) -> str:
    """Return the numbers as text, columns parted by tabulators; with all their digits."""
    region = found.region
    lines = [
        f"# {words_of(region)}, x {region.x0:.6g} to {region.x1:.6g}, "
        f"y {region.y0:.6g} to {region.y1:.6g}, in {unit}",
        "\t".join(("layer", "mean", "error", "median", "sigma", "n", "masked")),
    ]
    for layer, one in found.layers.items():
        numbers = (one.mean, one.error, one.median, one.sigma, one.n_good, one.masked)
        lines.append("\t".join((layer, *(f"{value:.9g}" for value in numbers))))
    return "\n".join(lines)


def words_of(region: Region) -> str:
    """Return what a region is called: a box with its sides, a circle with its radius."""
    width, height = region.sides
    if region.shape == "circle":
        return f"circle, radius {width / 2:.1f} px"
    return f"box {area(round(width) + 1, round(height) + 1)}"


def shown_layer(found: RegionNumbers) -> str:
    """Return the layer that the status line speaks of: what is left, else the exposure."""
    left = [name for name in found.layers if name.startswith("subtracted")]
    return left[-1] if left else "exposure"
