"""A sky frame whose pattern is not in the image: a constant would leave less of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.diagnostics.chance import ALPHA, two_sided
from skyframe_gui.engine.diagnostics.finding import Finding
from skyframe_gui.numbers import digits, with_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skyframe_gui.engine.diagnostics.context import FitContext

ORDER = 5


def fit(context: FitContext) -> Iterator[Finding]:
    """Compare the slope that the pattern of the samples has with the scale.

    The sum of squares about ``scale * sky`` is smaller than that about a constant where the slope
    of a line with an offset is more than half of the scale; a slope of less means that the image
    goes up and down with the sky frame less than half as much as it is bright.
    """
    line, scale = context.line, context.solution.scale
    if line is None or not (math.isfinite(scale) and scale > 0 and line.slope_error > 0):
        return
    short_of = (scale / 2 - line.slope) / line.slope_error
    if short_of <= 0 or two_sided(short_of, line.dof) >= ALPHA:
        return
    kept = context.kept
    left = float(np.sqrt(np.mean(np.square(context.residual[kept]))))
    constant = float(np.std(context.image[kept]))
    yield Finding(
        kind="no-description",
        severity="warning",
        title="This sky frame does not describe the image.",
        text=f"Where the sky frame is brighter by 1 the image is so by "
        f"{with_error(line.slope, line.slope_error)} instead of the scale {digits(scale, 4)}: the "
        f"samples scatter by {digits(left, 3, context.unit)} about the sky frame and by "
        f"{digits(constant, 3, context.unit)} about a constant. It may be of another filter, "
        "detector or orientation.",
        numbers={
            "slope": line.slope,
            "slope_error": line.slope_error,
            "rms": left,
            "rms_of_constant": constant,
        },
        short=f"{digits(left, 3, context.unit)} rms, a constant {digits(constant, 3)}.",
    )
