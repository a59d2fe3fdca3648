"""What the columns A, B and A minus B show: a layer as either has it, and their difference."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.numbers import MINUS
from skyframe_gui.ui.images.content import NAMES, Content, with_smoothing
from skyframe_gui.ui.images.facts import factor_of
from skyframe_gui.ui.images.stretch import colour_limits, lut_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.app.model.comparison import Comparison, Pictures
    from skyframe_gui.app.model.looks import CompareLayer
    from skyframe_gui.app.model.shown import Pyramid, Shown
    from skyframe_gui.app.model.state import State

TITLES = ("A", "B", f"A {MINUS} B")
AT_WORK = "A and B are being fitted."
NO_PICTURE = "This exposure is not in the visit, or a fit has no scale."
OTHER_BINS = f"The maps have different bins: no A {MINUS} B."


@dataclass(frozen=True, eq=False)
class Columns:
    """The three pictures, and what is told of their residual maps."""

    contents: tuple[Content, Content, Content]
    rms: tuple[float, float, float]
    """Of the residual map of A, of B and of their difference; NaN where there is none."""
    mean: float
    """Of the maps' difference."""


def columns_of(
    state: State, found: Comparison | None, layer: CompareLayer, unit: str
) -> Columns | None:
    """Return what the columns show; None without an exposure on screen."""
    shown = state.results.shown
    if shown is None or shown.exposure is None or shown.image is None:
        return None
    plain = Content(layer=layer, title=NAMES[layer], shown=shown, unit=unit)
    if found is None or found.pictures is None or found.pictures.key != shown.key:
        waits = found is None or found.pictures is None or state.jobs
        nothing = replace(plain, why=AT_WORK if waits else NO_PICTURE)
        nan = float("nan")
        return Columns((nothing, nothing, nothing), (nan, nan, nan), nan)
    pictures = found.pictures
    scales = tuple(fit.solution.scale for fit in found.fits)
    rms, mean, difference = _of_maps(pictures)
    if layer == "residual":
        a, b = _maps(state, plain, pictures)
        apart = _map_difference(state, plain, pictures, difference)
    else:
        a, b = (
            with_smoothing(_side(state, plain, shown, pictures.models[side], scales[side]), state)
            for side in (0, 1)
        )
        apart = _difference(plain, pictures, (scales[0], scales[1]))
    return Columns((a, b, _coloured(state, apart, pictures)), (*rms, _rms(difference)), mean)


def map_rms(found: Comparison) -> tuple[float, float]:
    """Return the rms of both residual maps; NaN without them."""
    if found.pictures is None:
        return float("nan"), float("nan")
    a, b = found.pictures.maps
    return _rms(a.exact.values), _rms(b.exact.values)


def _coloured(state: State, content: Content, pictures: Pictures) -> Content:
    """Return the difference with limits and colours of its own."""
    found = pictures.differences.get(state.view.compared)
    return replace(
        content,
        limits=colour_limits(state, "difference"),
        lut=lut_of(state, "difference", None if found is None else found.quantiles),
    )


def _maps(state: State, plain: Content, pictures: Pictures) -> tuple[Content, Content]:
    made = [
        replace(
            plain,
            grid=one.exact,
            limits=colour_limits(state, "residual"),
            lut=lut_of(state, "residual", one.quantiles),
            histogram=one.histogram,
            hatched=one.without_data,
        )
        for one in pictures.maps
    ]
    return made[0], made[1]


def _map_difference(
    state: State, plain: Content, pictures: Pictures, difference: NDArray[np.float32] | None
) -> Content:
    if difference is None:
        return replace(plain, why=OTHER_BINS)
    grid = replace(pictures.maps[0].exact, values=difference)
    return replace(plain, grid=grid, hatched=~np.isfinite(difference))


def _side(
    state: State, plain: Content, shown: Shown, model: Pyramid[np.float32], scale: float
) -> Content:
    if plain.layer == "subtracted":
        return replace(
            plain,
            image=shown.image,
            model=model,
            scale=scale,
            limits=colour_limits(state, "subtracted"),
            lut=lut_of(state, "subtracted", shown.quantiles.get("subtracted")),
            histogram=shown.histograms.get("subtracted"),
        )
    # Limits are those of the model on screen, in the exposure's unit: A and B have one scale.
    factor = factor_of(state, "model")
    low, high = colour_limits(state, "model", factor)
    return replace(
        plain,
        image=model,
        factor=scale,
        limits=(low, high),
        lut=lut_of(state, "model", shown.quantiles.get("model")),
    )


def _difference(plain: Content, pictures: Pictures, scales: tuple[float, float]) -> Content:
    """Return the difference of the models, or of what they leave, which is minus that."""
    (a, b), (scale_a, scale_b) = pictures.models, scales
    if plain.layer == "subtracted":
        a, b, scale_a, scale_b = b, a, scale_b, scale_a
    return replace(plain, layer="model", image=a, model=b, scale=scale_b / scale_a, factor=scale_a)


def _of_maps(
    pictures: Pictures,
) -> tuple[tuple[float, float], float, NDArray[np.float32] | None]:
    a, b = (one.exact for one in pictures.maps)
    difference, mean = None, float("nan")
    if a.values.shape == b.values.shape and np.array_equal(a.x_edges, b.x_edges):
        difference = np.asarray(a.values - b.values, np.float32)
        difference.flags.writeable = False
        finite = difference[np.isfinite(difference)]
        mean = float(np.mean(finite)) if finite.size else mean
    return (_rms(a.values), _rms(b.values)), mean, difference


def _rms(values: NDArray[np.float32] | None) -> float:
    if values is None:
        return float("nan")
    finite = values[np.isfinite(values)].astype(np.float64)
    return float(np.sqrt(np.mean(np.square(finite)))) if finite.size else float("nan")
