"""The scale against the level of the exposure, and whether it is a scale at all."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.diagnostics.chance import ALPHA, two_sided
from skyframe_gui.engine.diagnostics.finding import Finding
from skyframe_gui.numbers import digits, percent, with_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from skyframe_gui.engine.diagnostics.context import FitContext

ORDER = 50
FAR = 0.1
"""What scale and level may differ by: a level is a median over a pattern of some per cent, of which
the samples see another part than the median does."""
ABOUT_ZERO = 3.0
"""A sky frame with a level below so many of its own standard deviations has its level taken off."""


def fit(context: FitContext) -> Iterator[Finding]:
    """Compare scale times sky frame with the levels; look for a scale that is 0 or negative."""
    scale, error = context.solution.scale, context.solution.error
    if not math.isfinite(scale):
        return
    dof = max(context.solution.n_used - 1, 1)
    if error > 0 and not (scale > 0 and two_sided(scale / error, dof) < ALPHA):
        certainly = scale < 0 and two_sided(scale / error, dof) < ALPHA
        yield Finding(
            kind="scale-negative" if certainly else "scale-zero",
            severity="warning",
            title="The scale is negative."
            if certainly
            else "The samples do not show the sky frame.",
            text=f"The scale is {with_error(scale, error)}"
            + (
                ": the image is dark where the sky frame is bright."
                if certainly
                else ", no more than chance: subtracting the sky frame adds its noise and nothing "
                "else."
            ),
            numbers={"scale": scale, "error": error},
            short=f"{with_error(scale, error)}.",
        )
        return
    yield from _against_levels(context, scale, error, dof)


def level_of_sky(sky: NDArray[np.float64]) -> float | None:
    """Return the level of a sky frame by its samples; None where it has been taken off.

    Parameters
    ----------
    sky : array, float64 [n]
        Finite, at least one.
    """
    level = float(np.median(sky))
    return None if abs(level) < ABOUT_ZERO * float(np.std(sky)) else level


def _against_levels(
    context: FitContext, scale: float, error: float, dof: float
) -> Iterator[Finding]:
    use = context.usable
    sky = context.sky[use]
    about_zero = level_of_sky(sky) is None
    if about_zero and not context.levels:
        return
    if context.levels:
        levels = np.array([context.levels.get(one, math.nan) for one in context.detectors])
        level = levels[context.group[use]]
    else:
        level = context.image[use]
    reference = np.ones(len(sky)) if about_zero else sky
    ok = np.isfinite(level) & (level != 0)
    if not ok.any():
        return
    ratio = scale * float(np.median(reference[ok] / level[ok]))
    level_seen, sky_seen = float(np.median(level[ok])), float(np.median(reference[ok]))
    # Image samples and scale come from the same values, whose errors nearly cancel; and outliers
    # that pull the scale make its error large as well.
    uncertain = abs(ratio * error / scale) if error > 0 and context.levels else 0.0
    beyond = abs(ratio - 1) - FAR
    if beyond <= 0 or (uncertain and two_sided(beyond / uncertain, dof) >= ALPHA):
        return
    source = "the exposure's level" if context.levels else "the level of the image samples"
    of = (
        ""
        if about_zero
        else f" times the sky frame's level {digits(sky_seen, unit=context.sky_unit)}"
    )
    yield Finding(
        kind="scale-level",
        severity="warning",
        title="The scale is far from the level.",
        text=f"The scale {with_error(scale, error)}{of} makes "
        f"{digits(scale * sky_seen, unit=context.unit)}, "
        f"but {source} is {digits(level_seen, unit=context.unit)}: {percent(ratio)} of it.",
        numbers={
            "ratio": ratio,
            "ratio_error": uncertain,
            "level": level_seen,
            "scale": scale,
            "sky_level": sky_seen,
        },
        short=f"{percent(ratio)} of {digits(level_seen, unit=context.unit)}.",
    )
