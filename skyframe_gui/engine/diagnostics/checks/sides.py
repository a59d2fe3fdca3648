"""Samples that lie too far from the line on one side: objects, glows, dark pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.diagnostics.chance import one_sided
from skyframe_gui.engine.diagnostics.finding import Finding
from skyframe_gui.engine.diagnostics.tails import one_side
from skyframe_gui.numbers import fixed, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skyframe_gui.engine.diagnostics.context import FitContext

ORDER = 12
TOO_BRIGHT, TOO_DARK = 4.5, 6.5
"""Surprise from which a side is told. Gaussian noise would allow less, but scatter has longer
tails: simulated visits without a fault have set them; bright skies have some dark boxes."""
ABOUT = 0.75
"""How far away, by the one side, samples of the other are asked for."""
FAIR = 0.01
"""Probability of so uneven sides where both have some: long tails have about as many on either."""
ROUNDING = 1 - 1e-9


def fit(context: FitContext) -> Iterator[Finding]:
    """Look at the brighter and at the darker side, where an offset does not explain them."""
    if context.offset is not None:
        return
    sigmas = context.deviations[np.isfinite(context.deviations)]
    for bright, least in ((True, TOO_BRIGHT), (False, TOO_DARK)):
        signed = sigmas if bright else -sigmas
        tail = one_side(signed)
        beyond = ROUNDING * tail.beyond
        far, other = int((signed >= beyond).sum()), int((signed <= -ABOUT * beyond).sum())
        uneven = not other or one_sided(far, far + other) < FAIR
        if tail.surprise > least and uneven:
            yield _told(context, beyond, bright)
            return


def _told(context: FitContext, beyond: float, bright: bool) -> Finding:
    sigmas = context.deviations
    above, below = sigmas >= beyond, sigmas <= -beyond
    far, n_above, n_below = above if bright else below, int(above.sum()), int(below.sum())
    most, least = (n_above, n_below) if bright else (n_below, n_above)
    side, other, word = ("above", "below", "bright") if bright else ("below", "above", "dark")
    n = int(np.isfinite(sigmas).sum())
    cause = (
        "Objects or a glow that the mask leaves in are the usual cause: mask them, or exclude "
        "these samples by hand."
        if bright
        else "Dark pixels or vignetting that the mask leaves in, or light that is in the sky frame "
        "only, may be the cause: mask them, or exclude these samples by hand."
    )
    lie = "lies" if most == 1 else "lie"
    return Finding(
        kind="one-sided",
        severity="warning",
        title=f"Samples are too {word}.",
        text=f"{most} of {plural(n, 'sample')} {lie} {fixed(beyond, 1)} sigma or more {side} the "
        f"line and {least or 'none'} {other} it; noise would put as many on either side. {cause} "
        "What is not rejected of it pulls the scale.",
        samples=context.numbers_of(far),
        detectors=context.detectors_of(far),
        numbers={"n_above": n_above, "n_below": n_below, "n_samples": n, "sigmas": beyond},
        short=f"{most} of {plural(n, 'sample')} {side} the line, {least or 'none'} {other} it.",
    )
