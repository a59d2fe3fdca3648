"""A scale that outliers pull, because the rejection could not tell them from the rest."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.diagnostics.finding import Finding
from skyframe_gui.engine.diagnostics.robust import Groups, fit_slopes
from skyframe_gui.numbers import with_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skyframe_gui.engine.diagnostics.context import FitContext

ORDER = 25
FAR = 2.0
"""Errors between the two scales. They see the same noise: of Gaussian samples they differ by 0.2
errors, and by more than 2 once in a thousand visits even where there are 16 samples."""


def fit(context: FitContext) -> Iterator[Finding]:
    """Compare the scale with that of a fit which outliers cannot pull.

    Where a quarter of the samples are outliers the interquartile range takes them for scatter, and
    nothing is rejected. An offset and detectors of another scale pull as well, and are said
    elsewhere.
    """
    scale = context.solution.scale
    if not math.isfinite(scale) or context.offset is not None or context.odd.any():
        return
    use = context.usable
    everything = Groups(np.zeros(int(use.sum()), np.int64), 1, context.groups.neighbours)
    slopes = fit_slopes(context.sky[use], context.image[use], everything)
    robust, error = float(slopes.slope[0]), float(slopes.error[0])
    # Not a number where there are too few samples to tell.
    if not abs(scale - robust) > FAR * error > 0:
        return
    pull = (scale - robust) / error
    unit, sky_unit = context.unit, context.sky_unit
    per = f"{unit} / {sky_unit}" if unit and sky_unit else ""
    yield Finding(
        kind="scale-pulled",
        severity="warning",
        title="Outliers pull the scale.",
        text=f"The scale is {with_error(scale, context.solution.error, per)}, but a fit that "
        f"weighs outliers down gives {with_error(robust, error, per)}. Where a quarter of "
        "the samples are off, the rejection takes them for scatter; a lower skyRej, better masks "
        "or samples excluded by hand help.",
        numbers={"scale": scale, "robust_scale": robust, "robust_error": error, "pull": pull},
        short=f"{with_error(robust, error)} with outliers weighed down.",
    )
