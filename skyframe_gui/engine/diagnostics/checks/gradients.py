"""A gradient over the detectors that the samples show and no scale can take out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skyframe_gui.engine.diagnostics.chance import ALPHA, two_sided
from skyframe_gui.engine.diagnostics.finding import Finding
from skyframe_gui.engine.diagnostics.robust import MAD_TO_SIGMA, inflation
from skyframe_gui.numbers import with_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from skyframe_gui.engine.diagnostics.context import FitContext

ORDER = 45
ENOUGH = 12
"""Samples for four numbers and an error."""
FAR = 4.0
"""Sigma at which residuals are cut off: outliers would tilt the plane."""


class Rise(NamedTuple):
    """By how much the residuals rise over a detector, and whether that is more than chance."""

    value: float
    error: float
    is_found: bool


def fit(context: FitContext) -> Iterator[Finding]:
    """Tell of a gradient that is more than chance."""
    found = rises_of(context)
    words: list[str] = []
    short: list[str] = []
    numbers: dict[str, float] = {}
    for name, low, high in (("x", "left", "right"), ("y", "bottom", "top")):
        if name not in found:
            continue
        rise = found[name]
        numbers |= {f"rise_{name}": rise.value, f"error_{name}": rise.error}
        if rise.is_found:
            start, end = (low, high) if rise.value > 0 else (high, low)
            sized = f"{with_error(abs(rise.value), rise.error, context.unit)} from {start} to {end}"
            words.append(f"by {sized}")
            short.append(sized)
    if words:
        yield Finding(
            kind="gradient",
            severity="note",
            title="The residuals have a gradient.",
            text=f"Over a detector the residuals rise {' and '.join(words)}: a gradient of this "
            "visit's sky, or one that is left in the sky frame, which no scale takes out.",
            numbers=numbers,
            short=f"{', '.join(short)}.",
        )


def rises_of(context: FitContext) -> dict[str, Rise]:
    """Fit one plane to the residuals of all detectors, by the place of the box in its detector.

    Each detector's own mean is taken out first, and the sky sample goes into the fit, so that
    neither a detector that differs nor a wrong scale counts as a gradient. Along "x" and "y"; a
    direction that cannot be told is missing.
    """
    use = context.usable
    boxes, group = context.boxes[use], context.group[use]
    if len(group) < ENOUGH or not math.isfinite(context.solution.scale):
        return {}
    corners = boxes[:, 2:].max(axis=0)
    if not corners.min() > 0:
        return {}  # the boxes are not known
    place = (boxes[:, :2] + boxes[:, 2:]) / (2 * corners)
    columns = np.stack([*place.T, context.sky[use]])
    sizes = np.maximum(np.bincount(group), 1)

    def centred(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(values - (np.bincount(group, values) / sizes)[group], np.float64)

    raw = context.image[use] - context.solution.scale * context.sky[use]
    raw -= float(np.median(raw))
    limit = FAR * MAD_TO_SIGMA * float(np.median(np.abs(raw)))
    residual = centred(np.clip(raw, -limit, limit))
    design = np.stack([centred(column) for column in columns])
    unit = np.sqrt(np.einsum("ij,ij->i", design, design))
    varies = unit > 1e-9 * np.abs(columns).max(axis=1) * math.sqrt(len(group))
    design = design[varies] / unit[varies, np.newaxis]
    dof = float(len(group) - len(np.unique(group)) - len(design))
    if dof < 1 or not varies[:2].any():
        return {}
    normal = design @ design.T
    if np.linalg.cond(normal) > 1e6:
        return {}  # the sky frame is itself a plane: a gradient and a scale are the same then
    inverse = np.linalg.inv(normal)
    solved = inverse @ (design @ residual)
    left = residual - solved @ design
    larger, fewer = inflation(left, context.groups)
    errors = np.sqrt(np.diag(inverse) * float(left @ left) / dof * larger)
    if not errors.min() > 1e-9 * float(np.abs(context.image[use]).max()):
        return {}
    dof = max(dof / fewer, 1.0)
    found: dict[str, Rise] = {}
    for index, name in enumerate("xy"):
        if varies[index]:
            at = int(varies[:index].sum())
            rise, error = float(solved[at] / unit[index]), float(errors[at] / unit[index])
            found[name] = Rise(rise, error, bool(two_sided(rise / error, dof) < ALPHA / 2))
    return found
