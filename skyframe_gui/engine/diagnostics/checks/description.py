"""A sky frame whose pattern is not in the image: a constant would leave less of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.diagnostics.chance import two_sided
from skyframe_gui.engine.diagnostics.finding import Finding
from skyframe_gui.numbers import digits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skyframe_gui.engine.diagnostics.context import FitContext

ORDER = 5
FEWEST = 6
"""Samples for a slope, an offset and an error."""
CHANCE = 0.01
"""How often a sky frame that does describe the image, but hardly rises out of the noise, may be
found to leave more than a constant, and a slope so far from the scale."""


def fit(context: FitContext) -> Iterator[Finding]:
    """Compare what is left about ``scale * sky`` with what is left about a constant.

    Noise alone makes the constant win where the sky frame is flat within the noise; so the slope of
    the samples must also be below the scale by more than their own scatter lets it be.
    """
    every = context.sky[np.isfinite(context.sky)]
    if every.size and not every.any():
        yield Finding(
            kind="no-description",
            severity="warning",
            title="This sky frame is zero.",
            text="The sky frame is 0 at all samples, so no scale of it is a sky and nothing is "
            "subtracted. The exposures that it was made of may be empty, or their sky subtracted.",
            short="Zero at all samples.",
        )
        return
    kept, scale = context.kept, context.solution.scale
    image, sky = context.image[kept], context.sky[kept]
    if len(image) < FEWEST or not (math.isfinite(scale) and scale > 0):
        return
    left = float(np.sqrt(np.mean(np.square(image - scale * sky))))
    constant = float(np.std(image))
    pattern = float(np.sum(np.square(sky - sky.mean())))
    if not (left > constant and pattern > 0):
        return
    slope = float(np.sum((sky - sky.mean()) * image) / pattern)
    about_line = image - image.mean() - slope * (sky - sky.mean())
    dof = len(image) - 2
    error = float(np.sqrt(np.sum(np.square(about_line)) / dof / pattern))
    if slope > scale or not (error == 0 or two_sided((scale - slope) / error, dof) < 2 * CHANCE):
        return
    yield Finding(
        kind="no-description",
        severity="warning",
        title="This sky frame does not describe the image.",
        text=f"The samples scatter by {digits(left, 3, context.unit)} about the sky frame times "
        f"its scale and by {digits(constant, 3, context.unit)} about a constant. The sky frame may "
        "be of another filter, detector or sky, mirrored, turned or binned, or the image constant "
        "or saturated: choose or build the sky frame that belongs to it.",
        numbers={"rms": left, "rms_of_constant": constant, "slope": slope, "slope_error": error},
        short=f"{digits(left, 3, context.unit)} rms, a constant {digits(constant, 3)}.",
    )
